"""status/N.status: an outer report whose only substatus holds the whole inner report as a JSON text."""

import json
import os
import platform
import time

from journal import NAME, now

NAMES = {
    0: "success_appconsistent", 1: "success", 2: "error", 4: "ExtensionTempTerminalState",
    76: "FailedRetryableSnapshotFailedNoNetwork", 121: "FailedRetryableFsFreezeFailed",
    122: "FailedRetryableFsFreezeTimeout", 123: "FailedRetryableUnableToOpenMount",
    300: "FailedPrepostPreScriptFailed", 301: "FailedPrepostPostScriptFailed", 302: "FailedPrepostPreScriptNotFound",
    308: "FailedPrepostPreScriptTimeout", 402: "FailedGuestAgentInvokedCommandTooLate",
}
# 556 (the host's snapshot service failed) is in no dictionary of the extension either: its final report cannot be built.
_HEALTH = {0: 0, 1: 0, 2: 0, 4: 0}


class Reporter:
    """Writes reports of one run."""

    def __init__(self, journal, base, sequence, public):
        self.journal, self.public = journal, public
        self.path = os.path.join(base, "status", "%s.status" % sequence)
        self.version = base.rsplit("-", 1)[1]
        self.telemetry = {"pythonVersion": platform.python_version(), "extensionVersion": self.version,
                          "osVersion": "Debian GNU/Linux-12", "kernelVersion": platform.release(), "workloads": "[]",
                          "prePostEnabled": "False", "platformArchitecture": "64bit"}
        self.snapshots = []

    def report(self, status, code, message=""):
        """One report; a code nobody knows leaves the last one in place, as in the real extension."""
        short = "Enable,%s,%s,%s,False" % (status, code, message)
        if code not in NAMES:
            self.journal.log("cannot get status report parameters , Exception %s, stack trace: KeyError: %s" % (code, code))
            return
        self.journal.direct(short)
        self.telemetry["extErrorCode"] = NAMES[code]
        tail = "".join("%s=%s, " % (key, self.telemetry[key]) for key in
                       ("snapshotCreator", "hostStatusCodePreSnapshot", "hostStatusCodeDoSnapshot") if key in self.telemetry)
        text = json.dumps({"messageStr": message + (tail if code != 4 else ""), "snapshotConsistency": int(code == 1),
                           "jobMessage": "", "isSizeComputationFailed": False})
        inner = self._body(status, code, text, "/Date(%d)/" % (time.time() * 1000), [])
        inner["status"].update({
            "telemetryData": [{"Key": key, "Value": value} for key, value in self.telemetry.items()],
            "snapshotInfo": self.snapshots or None,
            "vmHealthInfo": {"vmHealthState": _HEALTH.get(code, 256), "vmHealthStatusCode": code}})
        name = json.dumps([inner]).replace("/Date(", "\\/Date(").replace(")/", ")\\/")
        outer = self._body("success", code, text, now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                           [{"code": "0", "name": name, "status": "success", "formattedMessage": None}])
        outer["status"].update({"telemetryData": None, "snapshotInfo": None, "vmHealthInfo": None})
        self._write(json.dumps([outer]))

    def _body(self, status, code, text, stamp, substatus):
        return {"version": "1.0", "timestampUTC": stamp, "status": {
            "name": NAME, "operation": "Enable", "status": status, "substatus": substatus, "code": str(code),
            "taskId": self.public.get("taskId"), "formattedMessage": {"lang": "en-US", "message": text},
            "storageDetails": {"partitionCount": 1, "totalUsedSizeInBytes": 0, "isStoragespacePresent": False,
                               "isSizeComputationFailed": False},
            "commandStartTimeUTCTicks": self.public.get("commandStartTimeUTCTicks"), "uniqueMachineId": ""}}

    def _write(self, text):
        self.journal.log("file status report message:")
        self.journal.log(text)
        try:
            with open(self.path + ".new", "w") as status:
                status.write(text)
            os.rename(self.path + ".new", self.path)
        except OSError as failure:
            self.journal.log("Status file creation failed with error: %s" % failure)
