"""The two ways to a snapshot: the host's service on the wireserver, and storage itself with a shared access signature."""

import http.client
import json
import ssl
import traceback
from urllib.parse import urlsplit

from journal import now

HOST = "168.63.129.16"


def call(journal, method, url, body=b"", headers=None, timeout=10):
    """One HTTP call. Returns status and text, or None and the traceback, logged as the real extension logs it."""
    at = urlsplit(url)
    plain = at.scheme == "http"
    journal.log("Entered HttpCallGetResponse, isHostCall: %s" % plain)
    journal.log("Details of sas uri object  hostname: %s path: %s" % (at.hostname, at.path))
    try:
        if plain:
            connection = http.client.HTTPConnection(at.hostname, at.port or 80, timeout=timeout)
        else:
            connection = http.client.HTTPSConnection(at.hostname, timeout=timeout, context=ssl.create_default_context())
        connection.request(method, at.path + ("?" + at.query if at.query else ""), body, headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace"), response.getheaders()
    except Exception as failure:
        journal.log("%s Failed to call http with error: %s, stack trace: %s" % (now(), failure, traceback.format_exc()))
        return None, "", []


class Snapshotter:
    """Takes the snapshot of one request."""

    def __init__(self, journal, telemetry, public, body, blobs):
        self.journal, self.telemetry, self.public, self.body, self.blobs = journal, telemetry, public, body, blobs
        self.token = {"taskId": public.get("taskId"), "snapshotTaskToken": body.get("snapshotTaskToken", "")}
        self.snapshots, self.host_time = [], None

    def _post(self, step, document, timeout=40):
        headers = {"Backup": "true", "Content-type": "application/json", "UserAgent": "VMSnapshot"}
        self.journal.log("Headers : %s" % headers)
        self.journal.log("Host Request body : %s" % json.dumps(document))
        self.journal.log("start calling the %s rest api" % ("snapshot" if step == "dosnapshot" else step))
        if step == "dosnapshot":
            self.journal.log("****** 5. Snaphotting (Host) Started")
        return call(self.journal, "POST", "http://%s/metadata/recsvc/snapshot/%s" % (HOST, step),
                    json.dumps(document).encode(), headers, timeout)[:2]

    def presnapshot(self):
        """Asks the host whether it can; returns the status (555: no answer)."""
        status, text = self._post("presnapshot", self.token)
        if status is None:
            self.journal.log("presnapshot Hitting wrong WireServer IP")
            status = 555
        elif status == 200:
            answer = json.loads(text or "{}")
            for key in sorted(answer):
                self.journal.log("PreSnapshotResponse: %s: %s" % (key, answer[key]))
            self.host_time = answer.get("responseTime")
        self.journal.log("PreSnapshot: Status Code: %s" % status)
        self.telemetry["hostStatusCodePreSnapshot"] = str(status)
        return status

    def from_host(self):
        """True if all disks were snapshotted by the host."""
        log = self.journal.log
        self.telemetry["snapshotCreator"] = "backupHostService"
        status, text = self._post("dosnapshot", dict(self.token, diskIds=[-1]))
        log("****** 6. Snaphotting (Host) Completed")
        failed = True
        if status is None:
            log("dosnapshot Hitting wrong WireServer IP")
            status = 555
        else:
            log("dosnapshot responseBody: %s" % text)
            try:
                self.snapshots = json.loads(text)["snapshotInfo"]
                failed = any(disk["isSuccessful"] == "false" for disk in self.snapshots)
            except ValueError:
                status = 556 if status == 500 else status
        self.telemetry["hostStatusCodeDoSnapshot"] = str(status)
        return not failed

    def from_guest(self):
        """True if storage took a snapshot of every blob."""
        log = self.journal.log
        self.telemetry["snapshotCreator"] = "guestExtension"
        log("doing snapshotall now in sequence...")
        log("****** 5. Snaphotting (Guest-seq) Started")
        good = True
        for index, blob in enumerate(self.blobs):
            log("index: %s blobUri: %s" % (index, blob.split("?")[0]))
            log("start calling the snapshot rest api")
            status, text, headers = call(self.journal, "PUT", blob + "&comp=snapshot", b"", {"Content-Length": "0"})
            log("responseBody: %s" % text)
            if status is None:
                log(" snapshot HttpCallGetResponse failed ")
            else:
                log(" httpresponse_get_snapshot_info message: %s snapshot resp status: %s %s snapshot resp-header: %s "
                    "%s snapshot api returned: %s  " % (now(), status, now(), headers, now(), 1 if status == 201 else status))
            taken = status == 201
            log("snapshot_info_indexer: index: %s isSuccessful: %s snapshotTs: None errorMessage: %s statusCode: %s"
                % (index, taken, text, status))
            self.snapshots.append({"isSuccessful": taken, "snapshotUri": blob.split("?")[0], "errorMessage": text,
                                   "statusCode": str(status), "blobUri": blob.split("?")[0]})
            good = good and taken
        log("****** 6. Snaphotting (Guest-seq) Completed")
        if not good:
            log("Setting all_snapshots_failed to True")
        return good
