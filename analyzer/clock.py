"""Every time in the evidence as seconds since 1970 UTC, with its uncertainty.

The form of a stamp is decided line by line, never file by file: one waagent.log mixes local and UTC lines when an old
daemon runs a newer agent. Stamps without a zone are local on the VM; without a year they borrow it from what is known.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR, DAY = 3600.0, 86400.0
UNKNOWN_ZONE = 12 * HOUR
GUESSED_YEAR = 400 * DAY


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time found in a line. `exact` is False where the zone was not in the line; `end` is the offset behind it."""

    time: float
    uncertainty: float
    end: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of the VM's clock: its zone (None: unknown), and a time near the evidence that supplies years.

    `near` is when the evidence was collected, so that nothing is later; with `guessed`, it is just some time in it.
    """

    zone: ZoneInfo | timezone | None = None
    near: float | None = None
    local_form: re.Pattern[str] | None = None
    local_zone: ZoneInfo | timezone | None = None
    guessed: bool = False

    def for_line(self, line: str) -> Clock:
        """The clock to read this line with: lines of `local_form` are in `local_zone` though the rest of the file is not."""
        if self.local_form is not None and self.local_form.match(line):
            return Clock(self.local_zone, self.near, guessed=self.guessed)
        return self

    def local(self, year: int, month: int, day: int, hour: int, minute: int, second: float) -> tuple[float, float]:
        """Epoch seconds and uncertainty of a wall clock reading on the VM. Raises ValueError for no date."""
        naive = _wall(year, month, day, hour, minute, second)
        if self.zone is None:
            return naive, UNKNOWN_ZONE
        return naive - _offset(self.zone, int(naive // HOUR) * int(HOUR)), 0.0


def utc_clock() -> Clock:
    """A clock whose local time is UTC, as on most images."""
    return Clock(zone=UTC)


def zone_of(name: str | None) -> ZoneInfo | timezone | None:
    """A zone from an IANA name or an offset such as ``+0200``, ``UTC+8``, ``-05:00``; None if it is neither.

    >>> zone_of("+0530")
    datetime.timezone(datetime.timedelta(seconds=19800))
    """
    if not name:
        return None
    text = name.strip()
    if text.upper() in ("UTC", "Z", "GMT", "ETC/UTC"):
        return UTC
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", text)
    if offset:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3) or 0)
        if minutes >= 24 * 60:
            return None
        return timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes))
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=4096)
def _offset(zone: ZoneInfo | timezone, hour: int) -> float:
    shift = datetime.fromtimestamp(hour, UTC).replace(tzinfo=zone).utcoffset()
    return shift.total_seconds() if shift else 0.0


def _wall(year: int, month: int, day: int, hour: int, minute: int, second: float) -> float:
    if not (1990 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        raise ValueError("no date")
    return timegm((year, month, day, hour, minute, 0)) + second


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:[.,]\d{1,9})?)\s*(Z|UTC|[+-]\d\d:?\d\d)?")


def parse_iso(text: str | None) -> float | None:
    """Epoch seconds of an ISO 8601 time (UTC when it names no zone), or None.

    >>> parse_iso("2026-11-23T06:10:26.000000Z")
    1795414226.0
    """
    found = _ISO.match(text.strip()) if text else None
    if not found:
        return None
    try:
        return _iso(found, utc_clock())[0]
    except ValueError:
        return None


def _iso(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    year, month, day, hour, minute, second, zone = found.groups()
    parts = (int(year), int(month), int(day), int(hour), int(minute), float(second.replace(",", ".")))
    if not zone:
        return clock.local(*parts)
    naive = _wall(*parts)
    if zone in ("Z", "UTC"):
        return naive, 0.0
    sign = -1 if zone[0] == "-" else 1
    return naive - sign * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60), 0.0


_DATED = re.compile(rb"\b(20[0-3]\d)[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])[T ][012]\d:[0-5]\d")


# As `date`, `rpm -qa --last` and `last -F` print it; what ends with GMT is a certificate's validity.
_DATED_IN_WORDS = re.compile(rb"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
                             rb"  ?(\d{1,2}) [012]\d:[0-5]\d:[0-5]\d (?:[A-Z]{3,4} )?(20[0-3]\d)\b(?! GMT)")
_DATED_NAME = re.compile(r"(?<!\d)(20[0-3]\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")


def latest_date(head: bytes, name: str = "") -> float | None:
    """The latest time with a year in a piece of a log, or in its name, to the day, in epoch seconds; None if there is none."""
    days = {(int(year), int(month), int(day)) for year, month, day in (*_DATED.findall(head), *_DATED_NAME.findall(name))}
    days |= {(int(year), _MONTHS[month.decode().lower()], int(day)) for month, day, year in _DATED_IN_WORDS.findall(head)}
    try:
        return _wall(*max(days), 12, 0, 0.0) if days else None
    except ValueError:
        return None


_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}


def _slashes(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    year, month, day, hour, minute, second = found.groups()
    return clock.local(int(year), int(month), int(day), int(hour), int(minute), float(second))


def _us_order(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    month, day, year, hour, minute, second, half = found.groups()
    hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour)
    return clock.local(int(year), int(month), int(day), hours, int(minute), float(second))


def _syslog(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    month, day, hour, minute, second = found.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        raise ValueError("no month")
    if clock.near is None:
        time, doubt = clock.local(2000, number, int(day), int(hour), int(minute), float(second))
        return time, doubt + GUESSED_YEAR
    year = datetime.fromtimestamp(clock.near, UTC).year
    best: tuple[float, float] | None = None
    for candidate in (year, year - 1, year + 1):
        try:
            time, doubt = clock.local(candidate, number, int(day), int(hour), int(minute), float(second))
        except ValueError:
            continue
        # Evidence lies before the collection; a day of grace covers skew and zones.
        if clock.guessed:
            better = best is None or abs(time - clock.near) < abs(best[0] - clock.near)
        else:
            better = time <= clock.near + DAY and (best is None or time > best[0])
        if better:
            best = (time, doubt)
    if best is None:
        raise ValueError("no year fits")
    return best


def _weekday(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    month, day, hour, minute, second, half, zone, year = found.groups()
    hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour)
    parts = (int(year), _MONTHS[month.lower()], int(day), hours, int(minute), float(second))
    if zone in ("UTC", "GMT"):
        return _wall(*parts), 0.0
    return clock.local(*parts)


def _epoch_audit(found: re.Match[str], clock: Clock) -> tuple[float, float]:
    return float(found.group(1)), 0.0


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Clock], tuple[float, float]]], ...] = (
    (_ISO, _iso),
    (re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d(?:\.\d{1,9})?)"), _slashes),
    (re.compile(r"\[?(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d):(\d\d(?:\.\d{1,3})?)(?: ([AaPp][Mm]))?"), _us_order),
    (re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:([AP]M) )?(?:([A-Z]{3,4}) )?(\d{4})"),
     _weekday),
    (re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d(?:\.\d{1,6})?)(?= )"), _syslog),
    (re.compile(r"msg=audit\((\d{9,11}\.\d{1,3})"), _epoch_audit),
)
_ANY_STAMP = re.compile(r"\d\d:\d\d:\d\d|msg=audit\(")
# The agent's form since 2.2.46, by far the most common: read without trying the others.
_MODERN = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d(?:\.\d{1,9})?)Z")
MAX_LOOK = 400
# Time, host and program, as syslog and the journal put them before what the program says; older ones name no process.
_TAGGED = re.compile(r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,16}(?:Z|[+-]\d\d:?\d\d)?)"
                     r" \S{1,64} [\w./-]{1,48}(?:\[\d{1,10}\])?: ")


@lru_cache(maxsize=512)
def _midnight(day: str) -> float | None:
    year, month, number = day.split("-")
    try:
        return _wall(int(year), int(month), int(number), 0, 0, 0.0)
    except ValueError:
        return None


def stamp_of(line: str, clock: Clock) -> Stamp | None:
    """The time a line carries near its start, its uncertainty in seconds, or None.

    Where an outer prefix (journal, syslog, console) precedes the program's own stamp, the inner one counts: the outer
    is the time of the flush, and names no year.
    """
    modern = _MODERN.match(line)
    if modern:
        day, hour, minute, second = modern.groups()
        midnight = _midnight(day)
        if midnight is not None:
            return Stamp(midnight + int(hour) * 3600 + int(minute) * 60 + float(second), 0.0, modern.end())
    head = line[:MAX_LOOK]
    if not _ANY_STAMP.search(head):
        return None
    clock = clock.for_line(head)
    best: tuple[int, Stamp] | None = None
    tagged = _TAGGED.match(head)
    prefixed = tagged is not None or "]: " in head[:200] or "login: " in head
    for pattern, read in _FORMS:
        for found in pattern.finditer(head):
            try:
                time, doubt = read(found, clock)
            except (ValueError, KeyError):
                continue
            start = found.start()
            if (start == 0 and not prefixed) or (tagged and start == tagged.end()) or _begins_record(head, start):
                return Stamp(time, doubt, found.end())
            if best is None or start < best[0]:
                best = (start, Stamp(time, doubt, found.end()))
    return best[1] if best and best[0] < 120 else None


def _begins_record(head: str, start: int) -> bool:
    """Whether a time in the middle of a line is the program's own stamp behind a syslog, journal or console prefix."""
    return 0 < start < 200 and re.search(r"(?:\w\[\d+\]: |login: |output: ?)$", head[:start]) is not None


def format_utc(time: float | None, *, seconds: bool = True) -> str:
    """ISO 8601 with Z, to the millisecond when the time has one; empty for None. Out-of-range times read as empty."""
    if time is None:
        return ""
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    if not seconds:
        return text
    milliseconds = moment.microsecond // 1000
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"


_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": HOUR, "d": DAY, "w": 7 * DAY}


def parse_duration(text: str) -> float:
    """Seconds of ``90s``, ``30m``, ``24h``, ``7d`` or sums such as ``1h30m``. Raises ValueError.

    >>> parse_duration("1h30m")
    5400.0
    """
    compact = text.replace(" ", "")
    pieces = _DURATION.findall(compact)
    if not pieces or "".join(number + unit for number, unit in pieces) != compact:
        raise ValueError(f"not a duration: {text!r}; write 90s, 30m, 24h or 7d")
    return sum(float(number) * _UNITS[unit] for number, unit in pieces)
