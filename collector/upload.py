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
from collector.isolate import Hung, Task, describe, pause

try:
    from urllib.error import HTTPError, URLError
    from urllib.parse import quote, urlsplit, urlunsplit  # novm: Python 3
    from urllib.request import HTTPRedirectHandler, Request, build_opener
except ImportError:
    from urllib import quote  # novm: Python 2.7
    from urllib2 import HTTPError, HTTPRedirectHandler, Request, URLError, build_opener  # novm: Python 2.7
    from urlparse import urlsplit, urlunsplit  # novm: Python 2.7

BLOCK = 4 * 1024 * 1024
_TRIES = 4
_SECONDS = 30       # without a sign of life
_LIMIT = 120.0      # for one block
_LARGEST = 1 << 20
_VERSION = "2019-12-12"
_AGAIN_LINE = "the upload to %s failed: %s. The bundle is at %s; try again: collector.pyz upload %s URL"
_AGAIN = (408, 429, 500, 502, 503, 504)


class Refused(Exception):
    """The service answered with an error: its number and its words."""

    def __init__(self, code, reason):
        Exception.__init__(self, reason)
        self.code, self.reason = code, reason


_FAILURES = (Refused, EnvironmentError)


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
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError("--upload: %s" % error)
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
    """The body of the answer, after a few tries; raises Refused or OSError. Each try runs in a process that can be given up."""
    for attempt in range(_TRIES):
        try:
            code, reason, body, plausible = Task(_ask, (str(blob + more), method, data), _LIMIT).result()
            if code == (201 if method == "PUT" else 200) and plausible:
                return body
            if code >= 300:
                raise Refused(code, reason)
            raise OSError("the answer is none of the blob service")
        except Refused as error:
            if error.code not in _AGAIN or attempt == _TRIES - 1:
                raise
        except (EnvironmentError, Hung) as error:
            if attempt == _TRIES - 1 or stop.requested():
                raise OSError("interrupted" if stop.requested() else describe(error))
        pause(0.5 * 2 ** attempt)


def _ask(url, method, data):
    """One request: (status, reason, the beginning of the body, whether the answer has headers)."""
    request = Request(url, data, {"x-ms-version": _VERSION, "Content-Type": "application/octet-stream"})
    request.get_method = lambda: method
    try:
        answer = build_opener(_NoDetours).open(request, timeout=_SECONDS)
    except HTTPError as error:
        return error.code, str(error.reason), b"", True
    except URLError as error:
        raise OSError(describe(error.reason) if isinstance(error.reason, Exception) else str(error.reason))
    try:
        return answer.getcode(), "", answer.read(_LARGEST), bool(answer.info().keys())
    finally:
        answer.close()


class _NoDetours(HTTPRedirectHandler):
    """The blob service sends nobody elsewhere."""

    def redirect_request(self, *_):
        return None


def _words(error):
    if isinstance(error, Refused):
        hint = {403: ": the SAS is expired, or does not allow to create and write", 404: ": there is no such container"}.get(error.code, "")
        return "HTTP %d %s%s" % (error.code, error.reason, hint)
    return re.sub(r"\?\S+", "?...", " ".join(describe(error).split()))  # some errors repeat the URL


def _without_query(url):
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
