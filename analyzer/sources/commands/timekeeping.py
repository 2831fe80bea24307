"""The machine's clock: `timedatectl`, `chronyc tracking`, `w32tm`, `date`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, number, row, span
from .times import time_in

_PAIR = re.compile(r"\s{0,40}(\S[^=:]{0,60}?)\s{0,30}(?:=|: ?|：)\s{0,10}(.*)")
_SYSTEM_TIME = re.compile(r"(\d{1,12}\.\d{1,12}) seconds (fast|slow) of NTP time")
_ZONE = re.compile(r"([\w+/-]{1,64}) \((\S{1,10}), ([+-]\d{4})\)")
_HTTP_DATE = re.compile(r"(?:[<*] )?date: ((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)", re.IGNORECASE)
_OFFSET = re.compile(r"[+-]\d{2}:?\d{2}$")
_PHASE = re.compile(r"([+-]?\d{1,12}\.\d{1,9})s$")
_STRIPCHART = re.compile(r"\d\d:\d\d:\d\d,? (?:.{0,20}o:)?\s?([+-]\d{1,12}\.\d{1,9})s")


def read_pairs(output: Output) -> Iterator[Row]:
    """Rows of `clock` with key and value: keys in lower case with `_`; offset_seconds, zone, utc_offset and synchronized are made from them.

    `rtc_ahead_seconds` is how far the hardware's clock, which the host keeps, lies ahead of the system's.
    """
    now: float | None = None
    for line in output.lines[:2000]:
        chart = _STRIPCHART.search(line.text[:200])
        if chart:
            yield row("clock", line.number, key="offset_seconds", value=number(chart.group(1)))
            continue
        found = _PAIR.fullmatch(line.text[:600])
        if not found:
            continue
        label, value = found.group(1), found.group(2).strip()
        key = re.sub(r"[^0-9a-z]+", "_", label.lower()).strip("_") or label
        yield row("clock", line.number, key=key, value=_plain(value))
        yield from _derived(line, key, value, output)
        if key == "universal_time":
            now = time_in(value, output.clock)
        elif key == "rtc_time" and now is not None:
            rtc = time_in(value, output.clock)
            if rtc is not None:
                yield row("clock", line.number, key="rtc_ahead_seconds", value=rtc - now)


def _plain(value: str) -> str | int | float:
    known = number(value)
    return value if known is None else known


def _derived(line: Line, key: str, value: str, output: Output) -> Iterator[Row]:
    system, zone, phase = _SYSTEM_TIME.search(value), _ZONE.match(value), _PHASE.match(value)
    if system:
        amount = float(system.group(1)) * (1 if system.group(2) == "fast" else -1)
        yield row("clock", line.number, key="offset_seconds", value=amount)
    elif zone:
        yield row("clock", line.number, key="zone", value=zone.group(1))
        yield row("clock", line.number, key="utc_offset", value=zone.group(3))
    elif key == "timezone":
        yield row("clock", line.number, key="zone", value=value)
    elif key in ("ntpsynchronized", "system_clock_synchronized", "ntp_synchronized"):
        yield row("clock", line.number, key="synchronized", value=value.lower() == "yes")
    elif key in ("universal_time", "timeusec"):
        yield row("clock", line.number, key="now", value=time_in(value, output.clock))
    elif key == "offset":
        yield row("clock", line.number, key="offset_seconds", value=_signed(value))
    elif phase and key.startswith("phase"):
        yield row("clock", line.number, key="offset_seconds", value=number(phase.group(1)))


def _signed(text: str) -> float | None:
    amount = span(text.lstrip("+-"))
    return -amount if amount is not None and text.startswith("-") else amount


_PEER = re.compile(r"([*o+#x. -])\s?(\S{1,60})\s{1,20}\S{1,20}\s{1,30}\d{1,2}\s.{1,60}?\s([+-]?\d{1,9}(?:\.\d{1,6})?)\s{1,20}\d{1,9}(?:\.\d{1,6})?$")


def read_ntpq(output: Output) -> Iterator[Row]:
    """A row of `clock` with offset_seconds of the peer in use, from `ntpq -p` (which counts milliseconds)."""
    for line in output.lines[:200]:
        found = _PEER.match(line.text[:200])
        if found and found.group(1) in "*o":
            yield row("clock", line.number, key="offset_seconds", value=float(found.group(3)) / 1000, server=found.group(2))
            return


_NTPDATE = re.compile(r"\boffset ([+-]?\d{1,12}(?:\.\d{1,9})?)(?:,| sec)")


def read_ntpdate(output: Output) -> Iterator[Row]:
    """A row of `clock` with offset_seconds from `ntpdate -q`, which tells how far the server is ahead of the VM."""
    for line in output.lines[:200]:
        found = _NTPDATE.search(line.text[:300])
        if found:
            yield row("clock", line.number, key="offset_seconds", value=-float(found.group(1)))
            return


def read_date(output: Output) -> Iterator[Row]:
    """Rows of `clock` from `date`: now, and the zone if it is printed; how far off, where the Date header of an answer stands beside it."""
    ours = theirs = None
    for line in output.lines[:20]:
        text = line.text.strip()[:200]
        header = _HTTP_DATE.match(text)
        if header:
            theirs = time_in(header.group(1), output.clock)
        for one in () if header else _of_date(line.number, text, output):
            ours = one.values["value"] if one.values["key"] == "now" else ours
            yield one
        if isinstance(ours, float) and theirs is not None:
            yield row("clock", line.number, key="offset_seconds", value=round(ours - theirs))
            ours = theirs = None


def _of_date(number: int, text: str, output: Output) -> Iterator[Row]:
    """The rows of one line that `date` printed."""
    if _OFFSET.match(text) or re.fullmatch(r"[A-Z]{3,5}", text):
        yield row("clock", number, key="utc_offset" if text[0] in "+-" else "zone", value=text)
        return
    now = time_in(text, output.clock)
    if now is None and re.fullmatch(r"\d{9,11}(?:\.\d{1,9})?", text):
        now = float(text)
    if now is not None:
        yield row("clock", number, key="now", value=now)
        zone = re.search(r"\s([A-Z]{3,5})(?:\s\d{4})?$", text)
        offset = re.search(r"(?<=:\d\d)([+-]\d{2}:?\d{2})(?:\s|$)|\s([+-]\d{2}:?\d{2})$", text)
        if zone:
            yield row("clock", number, key="zone", value=zone.group(1))
        if offset:
            yield row("clock", number, key="utc_offset", value=offset.group(1) or offset.group(2))
