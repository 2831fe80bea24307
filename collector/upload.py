"""Uploads a bundle to the blob service with a SAS URL that support gave: in blocks, resumable, nothing but the standard library.

Operations: Get Block List, Put Block, Put Block List (REST version 2019-12-12). A block's id holds its number and its hash, so
that a second try sends only what is not there yet.
"""

import base64
import hashlib
import os
import re

from collector import stop
from collector.errors import CollectorError, UsageError
from collector.isolate import describe, pause

try:
    from http.client import HTTPException  # novm: Python 3
    from urllib.error import HTTPError, URLError
    from urllib.parse import quote, urlsplit, urlunsplit  # novm: Python 3
    from urllib.request import Request, urlopen
except ImportError:
    from httplib import HTTPException  # novm: Python 2.7
    from urllib import quote  # novm: Python 2.7
    from urllib2 import HTTPError, Request, URLError, urlopen  # novm: Python 2.7
    from urlparse import urlsplit, urlunsplit  # novm: Python 2.7

BLOCK = 4 * 1024 * 1024
_TRIES = 4
_SECONDS = 60
_VERSION = "2019-12-12"
_AGAIN_LINE = "the upload to %s failed: %s. The bundle is at %s; try again: collector.pyz upload %s URL"
_FAILURES = (HTTPError, URLError, HTTPException, EnvironmentError, ValueError)
_AGAIN = (408, 429, 500, 502, 503, 504)


class UploadFailed(CollectorError):
    """The bundle is on the disk, but not in the blob service."""

    exit_code = 1


def check(url):
    """Raise UsageError for a URL that cannot be meant, before any work is done."""
    _blob_url(url, "")


def send(path, url):
    """Upload the file and return one line that says where it is now; raises UploadFailed or UsageError."""
    blob = _blob_url(url, os.path.basename(path))
    here = _without_query(blob)
    present, ids, sent = _blocks_there(blob), [], 0
    try:
        with open(path, "rb") as stream:
            data = stream.read(BLOCK)
            while data:
                if stop.requested():
                    raise UploadFailed(_AGAIN_LINE % (here, "interrupted", path, path))
                name = _block_id(len(ids), data)
                if name not in present:
                    _request(blob, "&comp=block&blockid=" + quote(name, safe=""), "PUT", data)
                    sent += len(data)
                ids.append(name)
                data = stream.read(BLOCK)
        listing = '<?xml version="1.0" encoding="utf-8"?><BlockList>%s</BlockList>' % "".join("<Latest>%s</Latest>" % name for name in ids)
        _request(blob, "&comp=blocklist", "PUT", listing.encode("ascii"))
    except _FAILURES as error:
        raise UploadFailed(_AGAIN_LINE % (here, _words(error), path, path))
    return "Uploaded to %s (%d bytes, %d of them now)." % (here, os.path.getsize(path), sent)


def _blob_url(url, name):
    """The URL of the blob: that of a container (sr=c) gets the file's name appended."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")):
        raise UsageError("--upload needs an https:// URL")
    if not re.search(r"(^|&)sig=", parts.query):
        raise UsageError("--upload needs a URL with a SAS (?sv=...&sig=...)")
    segments = [segment for segment in parts.path.split("/") if segment]
    if re.search(r"(^|&)sr=c(&|$)", parts.query) or len(segments) < 2:
        return urlunsplit((parts.scheme, parts.netloc, "/" + "/".join(segments + [quote(name)]), parts.query, ""))
    return url


def _blocks_there(blob):
    """Ids of blocks that an earlier try left uncommitted; empty when the SAS does not allow to look."""
    try:
        listing = _request(blob, "&comp=blocklist&blocklisttype=uncommitted", "GET", None)
    except _FAILURES:
        return frozenset()
    return frozenset(re.findall(r"<Name>([^<]+)</Name>", listing.decode("utf-8", "replace")))


def _block_id(number, data):
    return base64.b64encode(("%06d-%s" % (number, hashlib.sha256(data).hexdigest()[:32])).encode("ascii")).decode("ascii")


def _request(blob, more, method, data):
    for attempt in range(_TRIES):
        request = Request(str(blob + more), data, {"x-ms-version": _VERSION, "Content-Type": "application/octet-stream"})
        request.get_method = lambda: method
        try:
            answer = urlopen(request, timeout=_SECONDS)
            try:
                if answer.getcode() != (201 if method == "PUT" else 200) or not answer.info().keys():
                    raise IOError("the answer is none of the blob service")
                return answer.read()
            finally:
                answer.close()
        except HTTPError as error:
            if error.code not in _AGAIN or attempt == _TRIES - 1:
                raise
        except _FAILURES:
            if attempt == _TRIES - 1 or stop.requested():
                raise
        pause(0.5 * 2 ** attempt)


def _words(error):
    if isinstance(error, HTTPError):
        hint = {403: ": the SAS is expired, or does not allow to create and write", 404: ": there is no such container"}.get(error.code, "")
        return "HTTP %d %s%s" % (error.code, error.reason, hint)
    reason = getattr(error, "reason", error)
    words = describe(reason) if isinstance(reason, Exception) else str(reason)
    return re.sub(r"\?\S+", "?...", " ".join(words.split()))  # some errors repeat the URL


def _without_query(url):
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
