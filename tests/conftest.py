"""What all tests need: the signals that a run in the background ignores."""

import signal
from collections.abc import Iterator

import pytest

HEARD = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}


@pytest.fixture(scope="session", autouse=True)
def hears_who_stops_it() -> Iterator[None]:
    """Under nohup, or behind a shell's `&`, tests would ignore SIGHUP or SIGINT, and so would the programs that they start."""
    before = {number: signal.getsignal(number) for number in HEARD}
    for number, ignored in before.items():
        if ignored is signal.SIG_IGN:
            signal.signal(number, HEARD[number])
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
