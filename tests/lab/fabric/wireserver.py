"""Port 80 of 168.63.129.16: goal state, certificates, health, telemetry, and the host's snapshot service."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import documents
from .names import DISK_HOST, DISK_PATH, MACHINE_NAME, VM_ID
from .web import Handler

_HOST_ERRORS: dict[Any, tuple[str, str]] = {
    403: ("403", "This request is not authorized to perform this operation."),
    404: ("404", "The specified blob does not exist."),
    409: ("409", "There is currently a lease on the blob and no lease ID was specified in the request."),
    "limit": ("409", "The snapshot count against this blob has been exceeded."),
    "rate": ("409", "The rate of snapshot blob calls is exceeded."),
}


class Wireserver(Handler):
    """What the agent and the extension ask of the wireserver."""

    def do_GET(self) -> None:
        """Versions, goal state, configuration documents, certificates."""
        asked = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(asked.query).items()}
        knobs, what = self.state.knobs, query.get("comp", "")
        if knobs["wireserver"] == "hang":
            self.hang()
        elif asked.path.startswith("/metadata/instance"):
            self.answer(404)
        elif what == "versions" or asked.path == "/":
            self.answer(200, documents.versions())
        elif what == "goalstate":
            self._document(knobs["goalstate"], documents.goal_state(self.state))
        elif what == "certificates":
            transport = self.headers.get("x-ms-guest-agent-public-x509-cert", "")
            self.answer(200, self.state.pki.certificates(transport, knobs["certificates"]))
        elif what == "config":
            status = knobs["extensions-config"] if query.get("type") == "extensionsConfig" else 200
            self._document(status, documents.configuration(query.get("type", ""), self.state))
        else:
            self.answer(404)

    def do_POST(self) -> None:
        """Telemetry and health are swallowed; snapshots are taken, or not."""
        sent = self.body()
        if self.state.knobs["wireserver"] == "hang":
            self.hang()
        elif self.path.startswith("/metadata/recsvc/snapshot/presnapshot"):
            self._presnapshot()
        elif self.path.startswith("/metadata/recsvc/snapshot/dosnapshot"):
            self._snapshot(len(json.loads(sent or b"{}").get("diskIds") or [-1]))
        else:
            self.answer(200)

    def _document(self, status: Any, text: str) -> None:
        if status == "malformed":
            self.answer(200, text[: len(text) * 2 // 3] + "<broken")
        else:
            self.answer(status, text if status == 200 else "")

    def _presnapshot(self) -> None:
        status = self.state.knobs["presnapshot"]
        self._json(status, {"responseTime": _now(), "bhsVersion": "1.0.0.2402", "result": "Success",
                            "nodeId": "6c1d4f0e-2a9b-4c57-8e10-9f3b7a5d2c84"} if status == 200 else {})

    def _snapshot(self, disks: int) -> None:
        outcome = self.state.knobs["host-snapshot"]
        uri = f"https://{DISK_HOST}{DISK_PATH}"
        if outcome == "hang":
            self.hang()
        elif outcome == "error":
            self.answer(500, "Internal Server Error", "text/plain")
        elif outcome == "ok":
            moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
            done = {"isSuccessful": "true", "snapshotUri": f"{uri}?snapshot={moment}", "errorMessage": "", "statusCode": "200"}
            self._json(200, {"snapshotInfo": [done] * disks, "responseTime": _now()})
        else:
            code, message = _HOST_ERRORS[outcome]
            failed = {"isSuccessful": "false", "snapshotUri": uri, "errorMessage": message, "statusCode": code}
            self._json(200, {"snapshotInfo": [failed] * disks, "responseTime": _now()})

    def _json(self, status: int, document: object) -> None:
        self.answer(status, json.dumps(document), "application/json")


class Metadata(Handler):
    """169.254.169.254: the instance metadata service."""

    def do_GET(self) -> None:
        """The compute part, alone as the agent wants it or in its place."""
        compute = {"location": "eastus2", "name": MACHINE_NAME, "osType": "Linux", "vmSize": "Standard_B2s", "vmId": VM_ID,
                   "resourceGroupName": "rg-app", "subscriptionId": "8f0a3c1e-5b7d-4e29-a6c4-2d9e1f7b3a50",
                   "offer": "debian-12", "publisher": "Debian", "sku": "12-gen2", "version": "0.20260901.1"}
        whole = compute if urlsplit(self.path).path.endswith("/compute") else {"compute": compute}
        self.answer(200, json.dumps(whole), "application/json")


def _now() -> dict[str, int]:
    now = datetime.now(UTC)
    return {part: getattr(now, part) for part in ("year", "month", "day", "hour", "minute", "second")}
