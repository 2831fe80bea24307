"""Moving a scene in time: every stamp in every text rewritten in its own form, so that the same story happens elsewhere.

`moved` shifts everything by so many seconds, `rezoned` tells the same instants by the wall clock of another zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analyzer.clock import zone_of
from analyzer.language.scene import Event, Scene
from analyzer.model import Attempt, Value
from analyzer.sources.catalogue import Catalogue

Change = Callable[[datetime, bool], datetime]
"""A wall clock reading, and whether the text names its zone, to the reading that takes its place."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH, _DAY = "|".join(_MONTHS), "|".join(_DAYS)
_LEASES = re.compile(r"/dhcp|/dhclient|leases?/|\.leases?\b")
_TICKS_PER_SECOND, _TICKS_OF_1970 = 10_000_000, 621_355_968_000_000_000
_EPOCHS = range(1_500_000_000, 2_200_000_000)
_AMOUNT = re.compile(r"(?i)bytes|size|memory|rss|\bkb\b|used|free|inode|pid|line")

_FORMS = re.compile(rf"""
  (?P<iso>(?<!\d)(?P<iy>\d{{4}})-(?P<imo>\d\d)-(?P<id>\d\d)(?P<it>T|\ {{1,2}})(?P<ih>\d\d)(?P<ic>:|%3A)(?P<im>\d\d)
      (?:(?P=ic)(?P<is>\d\d)(?P<ifr>[.,]\d+)?)?(?P<iz>\s?Z\b|\sUTC\b|\s?[+-]\d\d:?\d\d\b)?)
 |(?P<slash>(?<!\d)(?P<sy>\d{{4}})/(?P<smo>\d\d)/(?P<sd>\d\d)\ (?P<sh>\d\d):(?P<sm>\d\d):(?P<ss>\d\d))
 |(?P<us>(?<![\d/])(?P<umo>\d{{1,2}})/(?P<ud>\d{{1,2}})/(?P<uy>\d{{4}})(?P<usep>,?\ )(?P<uh>\d{{1,2}}):(?P<um>\d\d):(?P<us_>\d\d)
      (?P<ufr>\.\d+)?(?P<uhalf>\ [AaPp][Mm]\b)?)
 |(?P<week>(?:{_DAY})\ (?P<wmo>{_MONTH})\ +(?P<wd>\d{{1,2}})\ (?P<wh>\d\d):(?P<wm>\d\d):(?P<ws>\d\d)\ (?:(?P<whalf>[AP]M)\ )?
      (?:(?P<wz>[A-Z]{{3,5}})\ )?(?P<wy>\d{{4}}))
 |(?P<http>(?:{_DAY}),\ (?P<hd>\d\d)\ (?P<hmo>{_MONTH})\ (?P<hy>\d{{4}})\ (?P<hh>\d\d):(?P<hm>\d\d):(?P<hs>\d\d))
 |(?P<cert>\b(?P<cmo>{_MONTH})\ +(?P<cd>\d{{1,2}})\ (?P<ch>\d\d):(?P<cm>\d\d):(?P<cs>\d\d)\ (?P<cy>\d{{4}})\ GMT)
 |(?P<sys>(?<![A-Za-z0-9])(?P<ymo>{_MONTH})\ +(?P<yd>\d{{1,2}})\ (?P<yh>\d\d):(?P<ym>\d\d):(?P<ys>\d\d))(?!\ \d{{4}})
 |(?P<audit>(?<=msg=audit\()\d{{9,11}}(?=\.))
 |(?P<ticks>\b6[345]\d{{16}}\b)
 |(?P<json>(?<=/Date\()\d{{13}})
""", re.VERBOSE)


def moved(scene: Scene, seconds: float) -> Scene:
    """The scene as it would have been `seconds` later, down to the ticks in its files."""
    delta = timedelta(seconds=seconds)

    def text(text: str) -> str:
        return rewritten(text, lambda when, _zoned: when + delta, scene.collected)

    def cell(name: str, value: Value) -> Value:
        if isinstance(value, str):
            return text(value)
        epoch = isinstance(value, (int, float)) and not isinstance(value, bool) and int(value) in _EPOCHS and not _AMOUNT.search(name)
        return value + seconds if epoch and isinstance(value, (int, float)) else value

    def cells(row: Mapping[str, Value]) -> dict[str, Value]:
        return {name: cell(name, value) for name, value in row.items()}

    def event(one: Event) -> Event:
        return replace(one, time=_plus(one.time, seconds), data=cells(one.data))

    attempt: Attempt | None = None
    if scene.attempt:
        attempt = replace(scene.attempt, start=_plus(scene.attempt.start, seconds), end=_plus(scene.attempt.end, seconds))
    tables: dict[str, Sequence[Mapping[str, Value]]] = {name: [cells(row) for row in rows] for name, rows in scene.tables.items()}
    return replace(
        scene, collected=scene.collected + seconds, files={path: text(one) for path, one in scene.files.items()},
        commands={line: text(one) for line, one in scene.commands.items()}, probes={name: cells(probe) for name, probe in scene.probes.items()},
        tables=tables, facts=cells(scene.facts), events=tuple(event(one) for one in scene.events),
        mtimes={path: time + seconds for path, time in scene.mtimes.items()}, attempt=attempt, at=_plus(scene.at, seconds))


def rezoned(scene: Scene, zone: str, catalogue: Catalogue) -> Scene:
    """The same instants on a VM whose clock shows another zone: stamps without a zone of their own change, all others stay."""
    old, new = zone_of(scene.zone), zone_of(zone)
    if old is None or new is None:
        return scene

    def change(when: datetime, zoned: bool) -> datetime:
        return when if zoned else when.replace(tzinfo=old).astimezone(new).replace(tzinfo=None)

    def text(name: str, text: str) -> str:
        utc = next((catalogue[source] for source in catalogue.of(name, ()) if catalogue[source].zone == "utc"), None)
        if utc is None and not _LEASES.search(name):
            return rewritten(text, change, scene.collected, zoned_too=False)
        if utc is None or utc.local_form is None:
            return text
        lines = text.splitlines(keepends=True)
        return "".join(rewritten(line, change, scene.collected, zoned_too=False) if utc.local_form.match(line) else line for line in lines)

    return replace(scene, zone=zone, files={path: text(path, one) for path, one in scene.files.items()},
                   commands={line: text(line, one) for line, one in scene.commands.items()})


def over_new_year(scene: Scene, start: float, end: float) -> Scene:
    """The scene moved so that midnight of 31 December falls between `start` and `end`."""
    middle = round((start + end) / 2)
    year = datetime.fromtimestamp(middle, UTC).year
    return moved(scene, datetime(year + 1, 1, 1, tzinfo=UTC).timestamp() - middle)


def _plus(time: float | None, seconds: float) -> float | None:
    return None if time is None else time + seconds


def rewritten(text: str, change: Change, near: float, zoned_too: bool = True) -> str:
    """`text` with every stamp changed and written in its own form; years that are not written are taken from `near`.

    >>> rewritten("May  4 09:59:59 vm kernel: x", lambda when, _: when + timedelta(seconds=1), 1777888800.0)
    'May  4 10:00:00 vm kernel: x'
    """

    def put(found: re.Match[str]) -> str:
        kind = found.lastgroup and next(name for name in _WRITERS if found.group(name) is not None)
        try:
            return _WRITERS[kind](found, change, near, zoned_too) if kind else found.group(0)
        except (ValueError, OverflowError):
            return found.group(0)

    return _FORMS.sub(put, text)


def _iso(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    when = change(_reading(g["iy"], g["imo"], g["id"], g["ih"], g["im"], g["is"] or "0"), g["iz"] is not None)
    seconds = f"{g['ic']}{when:%S}{g['ifr'] or ''}" if g["is"] else ""
    return f"{when:%Y-%m-%d}{g['it']}{when:%H}{g['ic']}{when:%M}{seconds}{g['iz'] or ''}"


def _slash(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    return f"{change(_reading(g['sy'], g['smo'], g['sd'], g['sh'], g['sm'], g['ss']), False):%Y/%m/%d %H:%M:%S}"


def _us(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    half = g["uhalf"]
    when = change(_reading(g["uy"], g["umo"], g["ud"], _whole_day(g["uh"], half), g["um"], g["us_"]), False)
    wide = len(g["umo"]) == 2 and len(g["ud"]) == 2
    date = f"{when:%m/%d}" if wide else f"{when.month}/{when.day}"
    hour = f"{when:%H}" if not half else str(when.hour % 12 or 12)
    name = ("PM" if when.hour >= 12 else "AM") if half else ""
    return f"{date}/{when:%Y}{g['usep']}{hour}:{when:%M:%S}{g['ufr'] or ''}{' ' + name if half else ''}"


def _week(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    when = change(_reading(g["wy"], g["wmo"], g["wd"], _whole_day(g["wh"], g["whalf"]), g["wm"], g["ws"]), g["wz"] is not None)
    clock = f"{when:%I:%M:%S} {'PM' if when.hour >= 12 else 'AM'}" if g["whalf"] else f"{when:%H:%M:%S}"
    return f"{_DAYS[when.weekday()]} {_MONTHS[when.month - 1]} {when.day:>2} {clock} {g['wz'] + ' ' if g['wz'] else ''}{when:%Y}"


def _http(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    when = change(_reading(g["hy"], g["hmo"], g["hd"], g["hh"], g["hm"], g["hs"]), True)
    return f"{_DAYS[when.weekday()]}, {when.day:02d} {_MONTHS[when.month - 1]} {when:%Y %H:%M:%S}"


def _cert(found: re.Match[str], change: Change, _near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    when = change(_reading(g["cy"], g["cmo"], g["cd"], g["ch"], g["cm"], g["cs"]), True)
    return f"{_MONTHS[when.month - 1]} {when.day:>2} {when:%H:%M:%S %Y} GMT"


def _syslog(found: re.Match[str], change: Change, near: float, _zoned_too: bool) -> str:
    g = found.groupdict()
    latest = datetime.fromtimestamp(near, UTC).replace(tzinfo=None) + timedelta(days=1)
    for year in (latest.year, latest.year - 1, latest.year - 4):
        try:
            when = _reading(str(year), g["ymo"], g["yd"], g["yh"], g["ym"], g["ys"])
        except ValueError:
            continue
        if when <= latest:
            when = change(when, False)
            return f"{_MONTHS[when.month - 1]} {when.day:>2} {when:%H:%M:%S}"
    return found.group(0)


def _audit(found: re.Match[str], change: Change, _near: float, zoned_too: bool) -> str:
    return str(_shifted(int(found.group(0)), change)) if zoned_too else found.group(0)


def _ticks(found: re.Match[str], change: Change, _near: float, zoned_too: bool) -> str:
    ticks = int(found.group(0))
    seconds, rest = divmod(ticks - _TICKS_OF_1970, _TICKS_PER_SECOND)
    return str(_shifted(seconds, change) * _TICKS_PER_SECOND + rest + _TICKS_OF_1970) if zoned_too else found.group(0)


def _json(found: re.Match[str], change: Change, _near: float, zoned_too: bool) -> str:
    seconds, rest = divmod(int(found.group(0)), 1000)
    return str(_shifted(seconds, change) * 1000 + rest) if zoned_too else found.group(0)


_WRITERS: Mapping[str, Callable[[re.Match[str], Change, float, bool], str]] = {
    "iso": _iso, "slash": _slash, "us": _us, "week": _week, "http": _http, "cert": _cert, "sys": _syslog, "audit": _audit, "ticks": _ticks,
    "json": _json}


def _reading(year: str, month: str, day: str, hour: str | int, minute: str, second: str) -> datetime:
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
    if not 1990 <= int(year) <= 2200:
        raise ValueError("no date")
    return datetime(int(year), number, int(day), int(hour), int(minute), min(59, int(second)))


def _whole_day(hour: str, half: str | None) -> int:
    return int(hour) % 12 + (12 if half.strip().upper() == "PM" else 0) if half else int(hour)


def _shifted(seconds: int, change: Change) -> int:
    when = change(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None), True)
    return int(when.replace(tzinfo=UTC).timestamp())
