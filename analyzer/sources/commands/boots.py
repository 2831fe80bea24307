"""When the machine booted, went down, or crashed: `last -x`, `who -b`, `uptime -s`, `journalctl --list-boots`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.clock import Clock
from analyzer.model import Row

from .text import Line, Output, number, row
from .times import epoch, month_of, time_in, without_year

_ENTRY = re.compile(r"(reboot|shutdown|runlevel)\s{1,12}(?:system boot|system down|~|\(to lvl (\d)\))")
_SHORT = re.compile(r"([^\W\d]{2,4})\s{1,3}([^\W\d]{3,4}|\d{1,2}月)\s{1,3}(\d{1,2}) (\d\d):(\d\d)(?::(\d\d) (\d{4}))?")
_LIST = re.compile(r"\s{0,8}(-?\d{1,6}) ([\da-f]{32})\s{1,4}(.*)")


def read_last(output: Output) -> Iterator[Row]:
    """Rows of `boots` from `last -x`: boots, shutdowns, and crashes (a boot with no shutdown after it)."""
    for line in output.lines:
        found = _ENTRY.match(line.text)
        ends_in_crash = " - crash" in line.text[:400]
        if not found:
            if ends_in_crash:
                yield _made(line, "crash", _time(line.text, output.clock))
            continue
        if found.group(1) == "runlevel":
            continue
        kind = "boot" if found.group(1) == "reboot" else "shutdown"
        yield _made(line, kind, _time(line.text, output.clock))
        if kind == "boot" and ends_in_crash:
            yield _made(line, "crash", None)


def _made(line: Line, kind: str, when: float | None) -> Row:
    return replace(row("boots", line.number, when=when, kind=kind, text=line.text.strip()), time=when)


def _time(text: str, clock: Clock) -> float | None:
    iso = time_in(text, clock)
    if iso is not None:
        return iso
    found = _SHORT.search(text[:300])
    if not found:
        return None
    _, name, day, hour, minute, second, year = found.groups()
    month = month_of(name)
    if month is None:
        return None
    if year:
        return epoch(clock, int(year), month, int(day), int(hour), int(minute), int(second or 0))
    return without_year(clock, month, int(day), int(hour), int(minute))


def read_boot_time(output: Output) -> Iterator[Row]:
    """A row of `boots` from `who -b`, `uptime -s` or /proc/uptime (which needs the time of collection)."""
    for line in output.lines[:10]:
        text = line.text.strip()
        when = _boot_time(text, output.clock)
        if when is not None:
            yield _made(line, "boot", when)
            return


def _boot_time(text: str, clock: Clock) -> float | None:
    iso = time_in(text, clock)
    if iso is not None:
        return iso
    cells = text.split()
    up = number(cells[0]) if len(cells) == 2 and number(cells[1]) is not None else None
    if up is not None:
        return clock.near - up if clock.near is not None else None
    short = re.search(r"([^\W\d]{3,4}|\d{1,2}月)\s{1,3}(\d{1,2}) (\d\d):(\d\d)$", text[:200])
    month = month_of(short.group(1)) if short else None
    return without_year(clock, month, int(short.group(2)), int(short.group(3)), int(short.group(4))) if short and month else None


def read_list_boots(output: Output) -> Iterator[Row]:
    """Rows of `boots` from `journalctl --list-boots`: first and last entry of each boot; boot 0 still runs."""
    for line in output.lines:
        found = _LIST.match(line.text[:400])
        if not found:
            continue
        index, identity, rest = found.groups()
        halves = re.split(r"[—–]|(?<=[A-Z]{3}) {1,3}(?=[A-Z][a-z]{2} \d{4})", rest, maxsplit=1)
        when = time_in(halves[0], output.clock)
        until = time_in(halves[1], output.clock) if len(halves) > 1 else None
        yield replace(row("boots", line.number, when=when, until=until, kind="boot", index=int(index), boot_id=identity, text=line.text.strip()),
                      time=when)
