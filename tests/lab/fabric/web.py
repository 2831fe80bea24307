"""HTTP servers that can be closed and opened again: a closed one refuses connections, as a stopped service does."""

import contextlib
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .state import State

HANG = 75  # longer than any client here waits


class Handler(BaseHTTPRequestHandler):
    """A request handler that knows the fabric's state and can answer in one line."""

    state: State
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Microsoft-IIS/10.0", ""

    def answer(self, status: int, body: str | bytes = b"", kind: str = "text/xml; charset=utf-8", **headers: str) -> None:
        """Sends a whole response; underscores in header names stand for dashes."""
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    @staticmethod
    def hang() -> None:
        """Keeps the connection open and says nothing."""
        time.sleep(HANG)

    def log_message(self, format: str, *args: Any) -> None:
        """The fabric keeps no access log."""


class Server:
    """One listening address that follows a knob."""

    def __init__(self, state: State, handler: type[Handler], address: str, port: int, certificate: Path | None = None) -> None:
        self.handler = type("Bound" + handler.__name__, (handler,), {"state": state})
        self.address, self.port, self.certificate = address, port, certificate
        self.running: ThreadingHTTPServer | None = None

    def open(self, wanted: bool) -> None:
        """Listens, or stops listening; doing nothing if that is so already."""
        if wanted and not self.running:
            server = _Quiet((self.address, self.port), self.handler)
            if self.certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
            self.running = server
        elif not wanted and self.running:
            self.running.shutdown()
            self.running.server_close()
            self.running = None


class _Quiet(ThreadingHTTPServer):
    daemon_threads, allow_reuse_address, block_on_close = True, True, False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the game."""

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().shutdown_request(request)
