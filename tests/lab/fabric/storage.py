"""Blob storage over TLS, and the host plugin that hands out the same artifacts over plain HTTP."""

import json
from urllib.parse import urlsplit

from . import documents, names, update
from .state import State
from .web import Handler

_PAGE = "<html><head><title>Access denied</title></head><body><h1>Your organisation's web filter</h1></body></html>"
_ERRORS = {
    403: ("AuthorizationFailure", "This request is not authorized to perform this operation."),
    404: ("BlobNotFound", "The specified blob does not exist."),
    409: ("SnaphotOperationRateExceeded", "The rate of snapshot blob calls is exceeded."),
    429: ("TooManyRequests", "The request is being throttled."),
    500: ("InternalError", "Server encountered an internal error. Please try again after some time."),
    503: ("ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
}


def _error(status: int) -> str:
    code, message = _ERRORS.get(status, ("Error", "Error"))
    return (f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}\n'
            "RequestId:2b6d1f70-901e-0041-5c3a-7d1e4f000000\nTime:2026-01-01T00:00:00.0000000Z</Message></Error>")


def artifact(path: str, state: State) -> tuple[int, str | bytes, str]:
    """What a package host holds at a path: status, body, content type."""
    if path == names.MANIFEST_PATH:
        status = state.knobs["manifest"]
        return (200, documents.extension_manifest(), "text/xml") if status == 200 else (status, _error(status), "text/xml")
    if path in (update.MANIFEST, update.PACKAGE) and state.knobs["agent-update"] != "none":
        if path == update.MANIFEST:
            return 200, update.manifest(), "text/xml"
        return 200, update.package(state.knobs["agent-update"]), "application/zip"
    if path.endswith(".zip"):
        outcome = state.knobs["zip"]
        if outcome == "html":
            return 200, _PAGE, "text/html"
        if outcome == "cut":
            return 200, state.package[: len(state.package) // 2], "application/zip"
        return (200, state.package, "application/zip") if outcome == 200 else (outcome, _error(outcome), "text/xml")
    return 404, _error(404), "text/xml"


class Storage(Handler):
    """The blob endpoint: package hosts and the disk's host behind one address."""

    def do_GET(self) -> None:
        """Artifacts; for a blob under $system, its properties."""
        path = urlsplit(self.path).path
        if path.startswith("/$system/"):
            self.answer(200, b"", x_ms_blob_type="BlockBlob")
        else:
            status, body, kind = artifact(path, self.state)
            self.answer(status, body, kind)

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        """A snapshot of a disk's blob, or an upload."""
        self.body()
        asked = urlsplit(self.path)
        if "comp=snapshot" not in asked.query:
            status = self.state.knobs["status-blob"]
            self.answer(status, b"" if status == 201 else _error(status))
            return
        outcome = self.state.knobs["guest-snapshot"]
        if outcome == "hang":
            self.hang()
        elif outcome == 201:
            self.answer(201, b"", x_ms_snapshot="2026-11-24T00:00:00.0000000Z")
        else:
            self.answer(outcome, _error(outcome))


class HostPlugin(Handler):
    """Port 32526: versions, health, vmSettings with ETag, artifacts, status upload (agent hostplugin.py)."""

    def do_GET(self) -> None:
        """Everything but uploads."""
        path, knobs = urlsplit(self.path).path, self.state.knobs
        if path == "/versions":
            self.answer(200, json.dumps(["2015-09-01"]), "application/json")
        elif path == "/health":
            self.answer(200)
        elif path == "/vmSettings":
            self._settings(knobs["vmsettings"])
        elif path == "/extensionArtifact":
            wanted = urlsplit(self.headers.get("x-ms-artifact-location", ""))
            if knobs["artifact"] != 200:
                self.answer(knobs["artifact"], "Upstream failure", "text/plain")
            else:
                status, body, kind = artifact(wanted.path, self.state)
                self.answer(status if status == 200 else 502, body, kind)
        else:
            self.answer(404)

    def do_PUT(self) -> None:
        """Status and log uploads through the host."""
        self.body()
        status = self.state.knobs["status-blob"]
        self.answer(200 if status == 201 else 502)

    def _settings(self, status: int) -> None:
        tag = f"1{self.state.incarnation:018d}"
        if status != 200:
            self.answer(status)
        elif self.headers.get("if-none-match") == tag:
            self.answer(304, etag=tag)
        else:
            self.answer(200, documents.vm_settings(self.state), "application/json", etag=tag)
