"""Freezing: finds the mounts, runs the safefreeze program, waits for its word, tells it to thaw."""

import configparser
import fcntl
import os
import select
import subprocess
import sys

from journal import now

SUPPORTED = ("ext2", "ext3", "ext4", "xfs", "btrfs")
LOCK = "/etc/azure/MicrosoftRecoverySvcsSafeFreezeLock"


def setting(name, default):
    """A number of /etc/azure/vmbackup.conf, section SnapshotThread."""
    conf = configparser.ConfigParser()
    conf.read("/etc/azure/vmbackup.conf")
    return conf.getint("SnapshotThread", name, fallback=default)


class Freezer:
    """One freeze and thaw of everything that can be frozen."""

    def __init__(self, journal, base):
        self.journal, self.program = journal, os.path.join(base, "main/safefreeze/bin/safefreeze")
        self.wait = setting("SafeFreezeWaitInSeconds", 66)
        self.child = self.word = self.thaw_end = self.lock = None

    def mounts(self):
        """Mount points of local file systems, the root last."""
        found = []
        with open("/proc/self/mounts") as table:
            for line in table:
                device, point, kind = line.split()[:3]
                self.journal.log("mount command, adding mount :%s:  device :%s: fstype :%s:" % (point, device, kind))
                if kind in SUPPORTED and device not in [known for known, _ in found]:
                    found.append((device, point))
        return sorted([point for _, point in found], reverse=True)

    def freeze(self):
        """Returns 0, or the error code of a failed freeze, and its text."""
        log = self.journal.log
        log("T:S freeze, timeout value 60")
        log("skipped mount :")
        points = self.mounts()
        for point in points:
            log("fsfreeze mount :%s" % point)
        log("skip freeze is : False")
        log("arg : %s" % ([self.program, "60"] + points))
        os.makedirs(LOCK, exist_ok=True)
        self.lock = open(LOCK + "/SafeFreezeLockFile", "w")
        log("proceeded for accepting signals")
        self.journal.hold()
        log("%s/SafeFreezeLockFile file opened Sucessfully" % LOCK)
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        log("Aquired Lock Successful")
        before = now()
        log("****** 1. Starting Freeze Binary ")
        self.word, said = os.pipe()
        hears, self.thaw_end = os.pipe()
        self.child = subprocess.Popen([sys.executable, self.program, str(said), str(hears)] + points, stdout=subprocess.PIPE,
                                      universal_newlines=True, pass_fds=(said, hears), stdin=subprocess.DEVNULL)
        os.close(said)
        os.close(hears)
        log("Binary subprocess Created")
        code, text = self._await()
        log("T:S ***** freeze, time_before_freeze=%s, time_after_freeze=%s, freezeTimeTaken=%s" % (before, now(), now() - before))
        log("T:S freeze result %s, timedout :%s" % (text + "\n" if text else "", code == 122))
        return code, text

    def _await(self):
        log = self.journal.log
        ready, _, _ = select.select([self.word], [], [], self.wait)
        word = os.read(self.word, 1) if ready else None
        if word == b"1":
            log("freezed")
            log("****** 4. Freeze Completed (Signal=1 received)")
            return 0, ""
        if word is None:
            self.child.kill()
            self._traces(self.child.communicate()[0])
            log("freeze timed-out", "Error")
            return 122, "freeze timed-out"
        log("****** 9. Binary Process completed (Signal=2 received)")
        output = self.child.communicate()[0]
        self._traces(output)
        if "Failed to open" in output:
            log("file open failed for some mount", "Error")
            return 123, "file open failed for some mount"
        log("freeze failed for some mount", "Error")
        return 121, "freeze failed for some mount"

    def thaw(self):
        """Ends the freeze; the held lines reach the disk."""
        log = self.journal.log
        log("****** 7. Sending Thaw Signal to Binary")
        os.write(self.thaw_end, b"1")
        output = self.child.communicate()[0]
        log("****** 9. Binary Process completed (Signal=2 received)")
        self.journal.release()
        self._traces(output)
        log("T:S thaw result ")

    def _traces(self, output):
        self.journal.log("============== Binary output traces start ================= ")
        for line in output.splitlines():
            self.journal.log(line)
        self.journal.log("============== Binary output traces end ================= ")
