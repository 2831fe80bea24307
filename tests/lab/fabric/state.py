"""What the fabric currently serves: the goal state's numbers, and the knobs that faults turn."""

import base64
import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .names import DISK_HOST, DISK_PATH, SAS, VERSION, VM_ID
from .pki import Pki

KNOBS: dict[str, Any] = {
    "wireserver": "ok",  # ok, refuse, hang
    "goalstate": 200,  # an HTTP status, or "malformed"
    "extensions-config": 200,
    "certificates": "ok",  # ok, no-key, stranger, garbage
    "hostplugin": "ok",  # ok, refuse
    "vmsettings": 200,
    "artifact": 200,  # the host plugin's own answer to a download
    "storage": "ok",  # ok, refuse
    "manifest": 200,
    "zip": 200,  # an HTTP status, "html" (an error page with status 200) or "cut"
    "status-blob": 201,
    "dns": "ok",  # ok, nxdomain, silent
    "presnapshot": 200,
    "host-snapshot": "ok",  # ok, or an HTTP status per disk, "limit", "rate", "error" (status 500 and no JSON), "hang"
    "guest-snapshot": 201,  # an HTTP status, or "hang"
    "take-from": "onlyHost",  # how the service asks for the snapshot: onlyHost, onlyGuest, firstHostThenGuest
    "protected": "ok",  # ok, garbage
    "version": VERSION,  # of the extension in the goal state
    "agent-update": "none",  # what the newest agent on offer does: hangs, crashes
    "age": 0,  # seconds since the service made the request
    "same-task": False,  # the next request repeats the last task id
}


def ticks(moment: datetime) -> int:
    """100 ns steps since year 1, the clock of the fabric's documents."""
    return int((moment - datetime(1, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000 + moment.microsecond * 10


@dataclass
class Request:
    """One request for a backup, as the service puts it into the goal state."""

    sequence: int
    task: str
    made: datetime
    public: dict[str, Any]
    protected: str
    activity: str = field(default_factory=lambda: str(uuid.uuid4()))
    correlation: str = field(default_factory=lambda: str(uuid.uuid4()))


class State:
    """Knobs and the current request; changed by control commands, read by the servers."""

    def __init__(self, pki: Pki, package: bytes) -> None:
        self.pki, self.package = pki, package
        self.knobs = dict(KNOBS)
        self.lock = threading.Lock()
        self.incarnation = 0
        self.request: Request | None = None

    def turn(self, changes: dict[str, Any]) -> None:
        """Sets knobs; an unknown one is an error, not a silent healthy run."""
        unknown = set(changes) - set(self.knobs)
        if unknown:
            raise KeyError(f"no such knob: {sorted(unknown)}")
        self.knobs.update(changes)

    def ask_for_backup(self) -> int:
        """Publishes the next request; returns its sequence number."""
        last = self.request
        sequence = last.sequence + 1 if last else 0
        repeat = self.knobs["same-task"] and last
        made = datetime.now(UTC) - timedelta(seconds=self.knobs["age"])
        task = last.task if repeat and last else str(uuid.uuid4())
        request = Request(sequence, task, made, self._public(task, made), self._protected())
        with self.lock:
            self.request, self.incarnation = request, self.incarnation + 1
        return sequence

    def _public(self, task: str, made: datetime) -> dict[str, Any]:
        body = {
            "backupMetadata": [{"Key": "vmId", "Value": VM_ID}, {"Key": "snapshottype", "Value": "Full"}],
            "snapshotTaskToken": str(uuid.uuid4()),
            "includedDisks": {"isAnyDiskExcluded": False, "dataDiskLunList": [], "isOSDiskIncluded": True},
        }
        custom = {"takeSnapshotFrom": self.knobs["take-from"], "isManagedVm": True, "backupTaskId": task,
                  "canTakeCrashConsistentSnapshot": False, "backupRetryCount": 0}
        return {"taskId": task, "commandToExecute": "snapshot", "locale": "en-us", "vmType": "microsoft.compute/virtualmachines",
                "commandStartTimeUTCTicks": str(ticks(made)), "customSettings": json.dumps(custom),
                "objectStr": base64.b64encode(json.dumps(body).encode()).decode()}

    def _protected(self) -> str:
        blobs = [] if self.knobs["take-from"] == "onlyHost" else [f"https://{DISK_HOST}{DISK_PATH}?{SAS}"]
        inner = base64.b64encode(json.dumps({"blobSASUri": blobs}).encode()).decode()
        settings = {"objectStr": inner, "statusBlobUri": f"https://{DISK_HOST}/$system/{VM_ID}.status?{SAS}"}
        return self.pki.protect(json.dumps(settings).encode(), self.knobs["protected"])
