"""Asked to stop: SIGINT, SIGTERM and SIGHUP are only noted; whoever waits looks here and the bundle is sealed."""

import signal

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
_state = {"signal": None}


def install():
    """Catch the signals from now on. A terminal that closes must not end the run either: its writes are ignored."""
    for number in _SIGNALS:
        signal.signal(number, _note)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def requested():
    """The name of the signal that asked to stop, or None."""
    return _state["signal"]


def _note(number, _):
    names = dict((getattr(signal, name), name) for name in dir(signal) if name.startswith("SIG") and "_" not in name)
    _state["signal"] = _state["signal"] or names.get(number, "signal %d" % number)
