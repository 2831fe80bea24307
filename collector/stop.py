"""Asked to stop: SIGINT, SIGTERM, SIGHUP and SIGXCPU are only noted; whoever waits looks here and the bundle is sealed."""

import signal
import sys

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGBREAK") if hasattr(signal, name)]
_state = {"signal": None}


def install():
    """Catch the signals from now on. A terminal that closes must not end the run either: its writes are ignored.

    A signal that is ignored stays so: nohup(1) and the shell ask for that.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _note)
            if sys.version_info[0] == 2 and hasattr(signal, "siginterrupt"):
                signal.siginterrupt(number, False)  # reads and writes go on by themselves, as in Python 3.5 and newer
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def requested():
    """The name of the signal that asked to stop, or None."""
    return _state["signal"]


def _note(number, _):
    names = dict((getattr(signal, name), name) for name in dir(signal) if name.startswith("SIG") and "_" not in name)
    _state["signal"] = _state["signal"] or names.get(number, "signal %d" % number)
