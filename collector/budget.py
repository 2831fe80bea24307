"""How much time and how many bytes a run may still use."""

import os
import time

from collector import stop


def steady_seconds():
    """Seconds from some fixed point, never set back: the VM's clock may be wrong or be corrected during the run."""
    if hasattr(time, "monotonic"):
        return time.monotonic()  # novm: Python 2.7 goes on below
    elapsed = os.times()[4]
    return elapsed if elapsed else time.time()


class Budget(object):
    """Limits of one run: `seconds` in all, `bytes` taken in before compression."""

    def __init__(self, seconds, bytes_in, seal_seconds=2.0):
        self.seconds, self.bytes = seconds, bytes_in
        self._began = steady_seconds()
        self._collect_until = self._began + max(seconds - min(seal_seconds, seconds * 0.2), 0.1)
        self.used = 0

    @property
    def elapsed(self):
        """Seconds since the run began."""
        return steady_seconds() - self._began

    @property
    def seconds_left(self):
        """Seconds left to collect in; the rest is kept for sealing the bundle."""
        return max(0.0, self._collect_until - steady_seconds())

    @property
    def bytes_left(self):
        """Bytes that may still be taken in."""
        return max(0, self.bytes - self.used)

    def spent(self):
        """Why nothing more may be taken, or None."""
        if stop.requested():
            return "the run was interrupted (%s)" % stop.requested()
        if not self.seconds_left:
            return "the time limit of %g s was reached" % self.seconds
        if not self.bytes_left:
            return "the limit of %d bytes was reached" % self.bytes
        return None
