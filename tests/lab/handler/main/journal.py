"""extension.log: plain lines, error lines in another format, and a buffer for the time while file systems are frozen."""

import datetime
import os

NAME = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
FOLDER = "/var/log/azure/" + NAME
PATH = FOLDER + "/extension.log"


def now():
    """The time in UTC, without zone, as all these files write it."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


class Journal:
    """Appends to extension.log; between `hold` and `release` lines stay in memory, because the disk would block."""

    def __init__(self):
        os.makedirs(FOLDER, exist_ok=True)
        self.held = None

    def _append(self, text):
        try:
            with open(PATH, "a") as log:
                log.write(text)
        except OSError:
            pass  # a log that cannot be written must not end a backup

    def log(self, message, level="Info"):
        """One record; it may have several lines."""
        if self.held is not None:
            self.held.append("%s  %s  %s " % (now().strftime("%Y/%m/%d %H:%M:%S.%f"), level, message))
        else:
            self._append("%s [%s-1.0]%s\n" % (now().strftime("%Y-%m-%d %H:%M:%S.%f"), NAME, message))

    def error(self, message):
        """A failure to read the settings: the real extension writes these through another logger."""
        self._append("%s ERROR:[%s-1.0]%s\n" % (now().strftime("%Y/%m/%d %H:%M:%S"), NAME, message))

    def direct(self, message):
        """A record that goes to the file even while others are held."""
        self._append("%s [%s-1.0]%s\n" % (now().strftime("%Y-%m-%d %H:%M:%S.%f"), NAME, message))

    def hold(self):
        """From here on the file systems may be frozen."""
        self.held = []

    def release(self, thawed=True):
        """Writes what was held as one record; without an end mark if there was no thaw."""
        if self.held is None:
            return
        lines, self.held = self.held, None
        text = "Guest Agent Version is :WALinuxAgent\nDistro Info:Default\n"
        text += "================== Logs during Freeze Start ==============\n" + "\n".join(lines) + "\n"
        if thawed:
            text += "================== Logs during Freeze End ==============\n"
        self.direct(text)
