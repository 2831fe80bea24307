"""Live probes of the network: name, TCP, TLS and HTTP, each as one plain result. They connect and ask; they send nothing of the VM.

Every function returns {"probe", "target", "ok", "error", ...}; `error` is null or the system's own words.
"""

import calendar
import email.utils
import json
import re
import socket
import time

from collector.isolate import describe

try:
    from http.client import HTTPConnection, HTTPException
except ImportError:
    from httplib import HTTPConnection, HTTPException  # novm: Python 2.7

try:
    import ssl
except Exception:  # a Python that was built without it, or whose libssl is gone
    ssl = None

SOCKET_SECONDS = 4.0
_TLS_ERRORS = (ssl.SSLError,) if ssl else ()
_IMDS_FIELDS = ("location", "name", "vmSize", "offer", "sku", "publisher", "osType", "vmId", "version", "vmScaleSetName", "zone",
                "provider", "azEnvironment", "resourceGroupName", "subscriptionId")
_ORGANISATION = b"\x06\x03\x55\x04\x0a"
_COMMON_NAME = b"\x06\x03\x55\x04\x03"


def tcp(target):
    """Connect to "host:port"."""
    host, port = _split(target)
    result = _result("tcp", target)
    began = time.time()
    try:
        connection = socket.create_connection((host, port), SOCKET_SECONDS)
        result["local_address"] = connection.getsockname()[0]
        connection.close()
        result["ok"] = True
    except (EnvironmentError, UnicodeError) as error:
        _failed(result, error)
    return _timed(result, began)


def http(target, headers=None):
    """GET an http:// URL without any proxy; keeps the status and the Date header, never the body, except chosen metadata fields."""
    match = re.match(r"http://([^/:]+)(?::(\d+))?(/.*)?$", target)
    host, port, path = match.group(1), int(match.group(2) or 80), match.group(3) or "/"
    result = _result("http", target)
    result["status"] = None
    began = time.time()
    try:
        connection = HTTPConnection(host, port, timeout=SOCKET_SECONDS)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        moment = time.time()
        result["status"], result["ok"] = answer.status, 200 <= answer.status < 400
        result["date"] = answer.getheader("Date")
        result["skew_seconds"] = _skew(result["date"], moment)
        if "/metadata/instance" in path:
            result["compute"] = _chosen_metadata(answer.read(65536))
        if not result["ok"]:
            result["error"] = "%d %s" % (answer.status, answer.reason)
        connection.close()
    except (EnvironmentError, HTTPException, UnicodeError) as error:
        _failed(result, error)
    return _timed(result, began)


def dns(target):
    """Resolve a host name."""
    result = _result("dns", target)
    began = time.time()
    try:
        found = sorted(set(entry[4][0] for entry in socket.getaddrinfo(target, 443, 0, socket.SOCK_STREAM)))
        result["ok"], result["addresses"] = True, found[:16]
        result["private"] = any(_private(address) for address in found)
    except (EnvironmentError, UnicodeError) as error:
        _failed(result, error)
    return _timed(result, began)


def tls(target, via=None):
    """TLS handshake with "host:port"; through the proxy `via` ("host:port") by CONNECT when given."""
    host, port = _split(target)
    result = _result("tls", target)
    if ssl is None:
        result.update({"ok": None, "error": "this Python has no ssl: not tried"})
        return result
    if via:
        result["via"] = via
    began = time.time()
    try:
        result.update(_handshake(host, port, via, True))
        result["ok"] = True
    except _TLS_ERRORS as error:
        _failed(result, error)
        try:
            result.update(_handshake(host, port, via, False))
        except (EnvironmentError, HTTPException, ValueError):
            pass
    except (EnvironmentError, HTTPException, UnicodeError) as error:
        _failed(result, error)
    return _timed(result, began)


def clock(target, answers):
    """The VM's clock against the Date header of the first answer that has one; positive: the VM is ahead."""
    result = _result("clock", target)
    for answer in answers:
        if answer.get("skew_seconds") is not None:
            result.update({"ok": abs(answer["skew_seconds"]) < 300, "skew_seconds": answer["skew_seconds"], "target": answer["target"]})
            return _timed(result, time.time())
    result["error"] = "no answer carried a Date header"
    return _timed(result, time.time())


def _handshake(host, port, via, verify):
    if via:
        connection = _through_proxy(host, port, via)
    else:
        connection = socket.create_connection((host, port), SOCKET_SECONDS / (1 if verify else 2))
    try:
        context = _context(verify)
        secured = context.wrap_socket(connection, server_hostname=host)
        found = {"version": secured.version() if hasattr(secured, "version") else None}
        raw = secured.getpeercert(True) or b""
        found["issuer"] = _issuer(raw)
        plain = secured.getpeercert() or {}
        found["not_after"] = plain.get("notAfter")
        return found
    finally:
        connection.close()


def _context(verify):
    if verify:
        return ssl.create_default_context()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _through_proxy(host, port, via):
    proxy_host, proxy_port = _split(via)
    connection = socket.create_connection((proxy_host, proxy_port), SOCKET_SECONDS)
    try:
        connection.sendall(("CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host, port, host, port)).encode("ascii"))
        answer = b""
        while b"\r\n\r\n" not in answer and len(answer) < 16384:
            data = connection.recv(4096)
            if not data:
                break
            answer += data
        status = answer.split(b"\r\n")[0].decode("latin-1")
        if not re.match(r"HTTP/1\.[01] 2\d\d", status):
            raise HTTPException("the proxy answered: " + (status[:120] or "nothing"))
        return connection
    except Exception:
        connection.close()
        raise


def _issuer(der):
    """Organisation or common name of who signed a certificate: the first such field in it (RFC 5280: issuer before subject)."""
    for marker in (_ORGANISATION, _COMMON_NAME):
        at = der.find(marker)
        if at >= 0 and len(der) > at + 7:
            length = bytearray(der)[at + 6]
            return der[at + 7:at + 7 + length].decode("utf-8", "replace")
    return None


def _chosen_metadata(body):
    """Only named fields: custom data, user data and keys are in the same answer."""
    try:
        compute = json.loads(body.decode("utf-8")).get("compute", {})
    except (ValueError, AttributeError, RuntimeError):  # RuntimeError: nested too deep
        return None
    if not isinstance(compute, dict):
        return None
    return dict((field, compute[field]) for field in _IMDS_FIELDS if compute.get(field) and hasattr(compute[field], "lower"))


def _skew(date, moment):
    try:
        parsed = email.utils.parsedate_tz(date) if date else None
        return round(moment - (calendar.timegm(parsed[:6] + (0, 0, 0)) - (parsed[9] or 0)), 1) if parsed else None
    except (ValueError, OverflowError, TypeError):  # a date that no calendar holds
        return None


def _private(address):
    match = re.match(r"(\d+)\.(\d+)\.", address)
    if not match:
        return address.lower().startswith(("fc", "fd", "fe80"))
    first, second = int(match.group(1)), int(match.group(2))
    return first == 10 or (first == 172 and 16 <= second < 32) or (first == 192 and second == 168)


def _split(target):
    host, _, port = target.rpartition(":")
    return host, int(port)


def _result(probe, target):
    return {"probe": probe, "target": target, "ok": False, "error": None}


def _failed(result, error):
    result["error"] = describe(error)
    if getattr(error, "errno", None):
        result["errno"] = error.errno


def _timed(result, began):
    result["seconds"] = round(max(0.0, time.time() - began), 3)
    return result
