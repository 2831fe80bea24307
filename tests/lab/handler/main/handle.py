"""enable: accept the request and start the daemon. daemon: freeze, snapshot, thaw, report.

Like the real extension it ends with 0 whatever happens; the outcome is in the status file.
"""

import base64
import datetime
import glob
import json
import os
import subprocess
import sys
import traceback

from freezer import Freezer
from journal import FOLDER, Journal, now
from report import Reporter
from scripts import Scripts
from snapshot import Snapshotter

BASE = os.getcwd()
LIB = os.path.dirname(BASE)
LIMIT = 8400


class Run:
    """One invocation: its settings, and the reporter for its sequence number."""

    def __init__(self, journal):
        self.journal = journal
        log = journal.log
        log("Change log file to %s/extension.log" % FOLDER)
        log("cwd is %s" % BASE)
        self.sequence = os.environ.get("ConfigSequenceNumber") or "0"
        log("sequence number from environment variable is %s" % self.sequence)
        self.settings_path = os.path.join(BASE, "config", "%s.settings" % self.sequence)
        log("setting file path is%s" % self.settings_path)
        with open(self.settings_path) as settings:
            self.settings = json.load(settings)
        handler = self.settings["runtimeSettings"][0]["handlerSettings"]
        self.public = handler["publicSettings"]
        self.custom = json.loads(self.public.get("customSettings", "{}"))
        self.body = json.loads(base64.b64decode(self.public["objectStr"]).decode())
        log("current seq no is %s" % self.sequence)
        self.protected = self._decrypt(handler) if handler.get("protectedSettings") else {}
        self.reporter = Reporter(journal, BASE, self.sequence, self.public)

    def _decrypt(self, handler):
        thumb = handler["protectedSettingsCertThumbprint"]
        data = base64.b64decode(handler["protectedSettings"])
        for program, text in (("cms", "OpenSSL CMS command (supports AES256 and DES_EDE3_CBC)"),
                              ("smime", "OpenSSL SMIME command (fallback - supports DES_EDE3_CBC only)")):
            self.journal.log("Attempting decryption using %s" % text)
            done = subprocess.run(["openssl", program, "-inform", "DER", "-decrypt", "-recip", "%s/%s.crt" % (LIB, thumb),
                                   "-inkey", "%s/%s.prv" % (LIB, thumb)], input=data, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            if done.returncode == 0:
                self.journal.log("Successfully decrypted protected settings using %s command" % program.upper())
                self.journal.log("Config decoded correctly.")
                return json.loads(done.stdout.decode())
            if program == "cms":
                self.journal.log("CMS decryption failed with return code: %s, attempting fallback to SMIME" % done.returncode)
            else:
                self.journal.error("SMIME decryption also failed with return code: %s" % done.returncode)
        self.journal.error("Failed to decrypt protected settings using both CMS and SMIME commands")
        self.journal.error("JSON exception decoding decrypted protected settings")
        return {}

    def enable(self):
        """Accepts the request once, leaves the work to the daemon."""
        log = self.journal.log
        log("starting enable")
        for name, what in (("mrseq", self.sequence), ("task_identity_FD76C85E-406F-4CFA-8EB0-CF18B123365C", self.public["taskId"])):
            path = os.path.join(BASE, name)
            last = open(path).read() if os.path.exists(path) else None
            if last == what:
                log("TaskId is same as last, so skip with Processed Status, current:%s== last:%s" % (what, last)
                    if name != "mrseq" else "the sequence number are same, so skip, current:%s== last:%s" % (what, last))
                return
            with open(path, "w") as kept:
                kept.write(what)
        log("set most recent sequence number to %s" % self.sequence)
        log("taskId: %s" % self.public["taskId"])
        for kind in ("status", "settings"):
            for old in glob.glob(os.path.join(BASE, "*", "*." + kind)):
                if os.path.basename(old) != "%s.%s" % (self.sequence, kind):
                    os.rename(old, old[: -len(kind) - 1] + "_" + kind)
        self.reporter.report("success", 4, "Transitioning state in extension")
        with open(os.devnull, "r+b") as nothing:
            subprocess.Popen(["/bin/sh", os.path.join(BASE, "main/handle.sh"), "daemon"], stdin=nothing, stdout=nothing,
                             stderr=nothing, start_new_session=True)

    def daemon(self):
        """The backup."""
        log, journal = self.journal.log, self.journal
        log("starting daemon initially")
        freezer = Freezer(journal, BASE)
        log("safeFreezeBinary exists %s" % os.path.exists(freezer.program))
        log(" configfile /etc/azure/vmbackup.conf")
        log("starting daemon for freezing the file system")
        log("removing the protected settings")
        blobs = []
        if self.protected:
            blobs = json.loads(base64.b64decode(self.protected["objectStr"]).decode()).get("blobSASUri", [])
        self.settings["runtimeSettings"][0]["handlerSettings"].pop("protectedSettings", None)
        with open(self.settings_path, "w") as settings:
            json.dump(self.settings, settings)
        log("hostIp : 168.63.129.16")
        log("customSettings : %s" % json.dumps(self.custom))
        method = self.custom.get("takeSnapshotFrom", "firstHostThenGuest")
        log("snapshotMethodConfigValue : %s" % method)
        snapshotter = Snapshotter(journal, self.reporter.telemetry, self.public, self.body, blobs)
        snapshotter.presnapshot()
        if self._too_late(snapshotter.host_time):
            self.reporter.report("error", 402, "CRP timeout limit has reached, will not take snapshot.")
            return
        log("commandToExecute for backup is snapshot")
        self.reporter.report("success", 4, "Transitioning state in extension")
        scripts = Scripts(journal)
        code, text = scripts.pre()
        if code:
            self.reporter.report("error", code, text)
            return
        log("Calling do snapshot method")
        code, text = self._snapshot(freezer, snapshotter, method)
        self.reporter.snapshots = snapshotter.snapshots
        for disk in snapshotter.snapshots:
            log("IsSuccessful:%(isSuccessful)s, SnapshotUri:%(snapshotUri)s, ErrorMessage:%(errorMessage)s" % disk)
        failed, message = scripts.post() if code == 1 else (0, "")
        if failed:
            code, text = failed, message
        elif code == 1 and scripts.config:
            code, text = 0, "Enable Succeeded with App Consistent Snapshot"
        self.reporter.report("success" if code in (0, 1, 76, 556) else "error", code, text)
        journal.release(thawed=False)

    def _too_late(self, host_time):
        started = datetime.datetime(1, 1, 1) + datetime.timedelta(microseconds=int(self.public["commandStartTimeUTCTicks"]) // 10)
        if host_time:
            parts = [int(host_time[part]) for part in ("year", "month", "day", "hour", "minute", "second")]
            current = datetime.datetime(*parts)
            self.journal.log("Date and time extracted from pre-snapshot request: %s" % current)
        else:
            current = now()
            self.journal.log("Error in getting Host time falling back to using system time.")
        span = (current - started).total_seconds()
        self.journal.log("command start time is %s and utcNow is %s" % (started, current))
        self.journal.log("timespan: %s, total_span_in_seconds: %s, MAX_TIMESPAN: %s" % (current - started, span, LIMIT))
        if span > LIMIT:
            self.journal.log("CRP timeout limit has reached, should abort.")
        return span > LIMIT

    def _snapshot(self, freezer, snapshotter, method):
        log = self.journal.log
        guest = method == "onlyGuest"
        if guest and not snapshotter.blobs:
            log("T:S taking snapshot failed as blobs are empty or none")
            log("doFreezeSnapshot : run_result - 76 run_status - error all_failed - True unable_to_sleep - False "
                "is_inconsistent - False values post snapshot")
            return 76, ""
        if not guest:
            if snapshotter.presnapshot() != 200 and method == "firstHostThenGuest":
                guest = True
            else:
                log("Taking Snapshot through Host")
        code, text = freezer.freeze()
        if code:
            name = {121: "FailedRetryableFsFreezeFailed", 122: "FailedRetryableFsFreezeTimeout",
                    123: "FailedRetryableUnableToOpenMount"}[code]
            log("T:S Enable failed with error: %s\n StatusCode.%s, " % (text, name), "Warning")
            log("doFreezeSnapshot : run_result - %s run_status - error all_failed - False unable_to_sleep - False "
                "is_inconsistent - False values post snapshot" % code)
            return code, ""
        log("T:S doing snapshot now...")
        good = snapshotter.from_guest() if guest else snapshotter.from_host()
        freezer.thaw()
        if not guest:
            for disk in snapshotter.snapshots:
                log("From Host- IsSuccessful:%(isSuccessful)s, SnapshotUri:%(snapshotUri)s, "
                    "ErrorMessage:%(errorMessage)s, StatusCode:%(statusCode)s" % disk)
        log("T:S snapshotall ends...")
        log("doFreezeSnapshot : run_result - 1 run_status - success all_failed - %s unable_to_sleep - False "
            "is_inconsistent - False values post snapshot" % (not good))
        if good:
            return 1, ""
        # Without a host call the key is missing: current builds of the real extension end in this KeyError, code 2.
        try:
            asked = snapshotter.telemetry["hostStatusCodeDoSnapshot"]
        except KeyError as failure:
            log("Failed to do the snapshot with error: %s, stack trace: %s" % (failure, traceback.format_exc()))
            return 2, "Enable failed with exception in safe freeze or snapshot "
        if asked == "556":
            log("T:S Enable failed with FailedHostSnapshotRemoteServerError error StatusCode.FailedHostSnapshotRemoteServerError, ")
            return 556, ""
        log("T:S Enable failed with FailedRetryableSnapshotFailedNoNetwork error "
            "StatusCode.FailedRetryableSnapshotFailedNoNetwork, ")
        return 76, "T:S Enable failed with FailedRetryableSnapshotFailedNoNetwork error"


def main():
    """Runs the step named on the command line."""
    journal = Journal()
    try:
        run = Run(journal)
        {"-enable": run.enable, "-daemon": run.daemon}[sys.argv[1]]()
    except Exception as failure:
        journal.release(thawed=False)
        journal.log("Failed to enable the extension with error: %s, stack trace: %s" % (failure, traceback.format_exc()))


sys.dont_write_bytecode = True
main()
