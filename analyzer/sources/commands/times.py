"""Times as commands print them, in epoch seconds.

A stamp without a zone is read in the clock's zone, as UTC if that is unknown; without a year it needs the clock's `near`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from analyzer.clock import DAY, HOUR, Clock

# Only abbreviations that mean one offset: CST, IST, AST and BST do not.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "SAST": 2,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}
_MONTHS = {name: place for place, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}
# Names that coreutils prints in other languages, by their first letters.
_MONTHS.update({
    "mär": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "fev": 2, "mars": 3, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "aout": 8,
    "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, "out": 10, "maj": 5,
})
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d)(?::(\d\d(?:[.,]\d{1,9})?))?(?:\s?(Z(?![A-Za-z])|[A-Z]{2,5}(?![A-Za-z])|[+-]\d\d:?\d\d))?")
_UNIX = re.compile(
    r"([^\W\d]{3,4})\.?\s{1,3}(\d{1,2}),?\s(?:at )?(\d{1,2}):(\d\d):(\d\d)(?:\s([AaPp][Mm]))?(?:\s([A-Z]{2,5}|[+-]\d{2,4}))?\s(\d{4})(?!\d)")
_DAY_FIRST = re.compile(
    r"(\d{1,2})\.?\s([^\W\d]{3,10})\.?\s(\d{4})(?:,|\s\w)?\s(\d{1,2}):(\d\d):(\d\d)(?:\s([AaPp][Mm]))?(?:\s([A-Z]{2,5}|[+-]\d{2,4}))?")

# "Monday, October 17, 2022 11:40:22 PM", as PowerShell prints it.
_MONTH_FIRST = re.compile(r"([^\W\d]{3,9}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\s([AaPp][Mm]))?")


def month_of(name: str) -> int | None:
    """The number of a month's name, English or one of the common others; `12月` too.

    >>> month_of("Nov"), month_of("12月"), month_of("xx")
    (11, 12, None)
    """
    low = name.lower().rstrip(".")
    if low.endswith(("月", "월")) and low[:-1].isascii() and low[:-1].isdigit() and len(low) <= 3:
        value = int(low[:-1])
        return value if 1 <= value <= 12 else None
    return _MONTHS.get(low) or _MONTHS.get(low[:4]) or _MONTHS.get(low[:3])


def epoch(clock: Clock, year: int, month: int, day: int, hour: int, minute: int, second: float = 0.0,
          zone: str | None = None) -> float | None:
    """Epoch seconds of a wall clock reading; None for a date or a zone that cannot be."""
    try:
        if not zone:
            return clock.local(year, month, day, hour, minute, second)[0]
        shift = _shift(zone)
        if shift is None:
            return clock.local(year, month, day, hour, minute, second)[0] if clock.zone is not None else None
        return Clock(UTC).local(year, month, day, hour, minute, second)[0] - shift
    except (ValueError, OverflowError):
        return None


def _shift(zone: str) -> float | None:
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
    hours_east = _ZONES.get(zone)
    return None if hours_east is None else hours_east * HOUR


def time_in(text: str, clock: Clock) -> float | None:
    """The first full date and time in a text (ISO, or as `date` prints it), or None.

    >>> time_in("since Wed 2018-11-21 18:16:07 UTC; 17min ago", Clock())
    1542824167.0
    >>> time_in("Sun Jan 27 05:00:01 PM UTC 2019", Clock())
    1548608401.0
    """
    head = text[:400]
    found = _ISO.search(head)
    if found:
        year, month, day, hour, minute, second, zone = found.groups()
        zone = None if zone in ("AM", "PM") else zone
        return epoch(clock, int(year), int(month), int(day), int(hour), int(minute), _float(second), zone)
    found = _UNIX.search(head)
    if found:
        name, day, hour, minute, second, half, zone, year = found.groups()
        known = month_of(name)
        return known and epoch(clock, int(year), known, int(day), _hour(hour, half), int(minute), float(second), zone)
    found = _DAY_FIRST.search(head)
    if found:
        day, name, year, hour, minute, second, half, zone = found.groups()
        known = month_of(name)
        return known and epoch(clock, int(year), known, int(day), _hour(hour, half), int(minute), float(second), zone)
    found = _MONTH_FIRST.search(head)
    if found:
        name, day, year, hour, minute, second, half = found.groups()
        known = month_of(name)
        return known and epoch(clock, int(year), known, int(day), _hour(hour, half), int(minute), float(second))
    return None


def _float(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0


def _hour(hour: str, half: str | None) -> int:
    return int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)


def without_year(clock: Clock, month: int, day: int, hour: int, minute: int, second: float = 0.0) -> float | None:
    """Epoch seconds of the last such day before the evidence was taken; None if that time is not known."""
    if clock.near is None:
        return None
    try:
        this = datetime.fromtimestamp(clock.near, UTC).year
    except (ValueError, OverflowError, OSError):
        return None
    found = [epoch(clock, year, month, day, hour, minute, second) for year in (this + 1, this, this - 1)]
    return next((time for time in found if time is not None and time <= clock.near + DAY), None)
