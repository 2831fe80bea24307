"""Times as the reader wants them: in UTC, or in the zone asked for by `--zone`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timezone
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from analyzer.clock import parse_duration, parse_iso, zone_of
from analyzer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone to show times in, and its name."""

    name: str
    zone: ZoneInfo | timezone

    def moment(self, time: float | str | None) -> datetime | None:
        """The wall clock at epoch seconds or an ISO 8601 time; None if there is none."""
        epoch = parse_iso(time) if isinstance(time, str) else time
        if epoch is None:
            return None
        try:
            return datetime.fromtimestamp(epoch, self.zone)
        except (ValueError, OverflowError, OSError):
            return None

    def full(self, time: float | str | None) -> str:
        """Date, time and zone: `2026-11-23 05:59:22 UTC`, `2026-11-23 06:59:22 +01:00`; `?` for no time."""
        moment = self.moment(time)
        if moment is None:
            return "?"
        return f"{moment:%Y-%m-%d %H:%M:%S} {self._offset(moment)}"

    def day(self, time: float | str | None) -> str:
        """The date alone."""
        moment = self.moment(time)
        return f"{moment:%Y-%m-%d}" if moment else "?"

    def clock(self, time: float | str | None) -> str:
        """The time of day alone, to the second."""
        moment = self.moment(time)
        return f"{moment:%H:%M:%S}" if moment else "?"

    def _offset(self, moment: datetime) -> str:
        if self.zone is UTC:
            return "UTC"
        text = moment.strftime("%z")
        return f"{text[:3]}:{text[3:5]}"


def zone_named(name: str | None) -> Zone:
    """The zone of that name (IANA, or an offset such as +02:00), UTC for None. Raises UsageError."""
    if name is None:
        return Zone("UTC", UTC)
    zone = zone_of(name)
    if zone is None:
        known = {one.lower(): one for one in available_timezones()}
        near = [known[one] for one in get_close_matches(name.lower(), known, 2)]
        advice = f"did you mean {' or '.join(near)}?" if near else "write an IANA name such as Europe/Berlin, or an offset such as +02:00"
        raise UsageError(f"--zone {name!r} is not a time zone", advice=advice)
    return Zone("UTC" if zone is UTC else name.strip(), zone)


def time_given(option: str, text: str | None) -> float | None:
    """Epoch seconds of a time on the command line (UTC unless it names a zone). Raises UsageError."""
    if text is None:
        return None
    words = text.strip()
    for shape in ("", "T00:00:00", ":00"):
        found = parse_iso(words + shape)
        if found is not None:
            return found
    raise UsageError(f"{option} {text!r} is no time", advice="write 2026-11-23T06:10:26Z or 2026-11-23T08:10+02:00")


def duration_given(option: str, text: str) -> float:
    """Seconds of a duration on the command line. Raises UsageError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
