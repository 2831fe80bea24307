"""The timeline on a terminal: a date once, then times; `~` where the time is in doubt; silences set off."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from analyzer.clock import parse_iso
from analyzer.report.clean import clean
from analyzer.report.findings import Body, Findings, judged
from analyzer.report.screen_sheet import Sheet
from analyzer.report.times import Zone

AROUND = 1800.0
FEW = 10
_MARKED = ("attempt-start", "attempt-end", "collected")
_STYLES = {"attempt-start": "bold", "attempt-end": "bold", "silence": "yellow", "clock-step": "yellow", "collected": "dim"}
_STAMP = re.compile(r"^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?\s+(?:\[[\w.]+-[\d.]+\](?=[^\s\[]))?")


def timeline(sheet: Sheet, found: Findings, zone: Zone, *, since: float | None = None, until: float | None = None, whole: bool = False) -> None:
    """The moments around the attempt, or between two times (epoch seconds)."""
    asked = since is not None or until is not None
    moments = list(found.body["timeline"]) if whole or asked else around_attempt(found)
    moments = [one for one in moments if _inside(one, since, until)]
    shown = moments if whole or asked else _chosen(found, moments)
    if not shown:
        if asked:
            sheet.heading("TIMELINE")
            sheet.wrapped("Nothing between these times.")
        return
    sheet.heading("TIMELINE", f"times in {zone.name}" + ("; ~ the time is in doubt" if any(one["uncertainty_seconds"] for one in shown) else ""))
    rows(sheet, found, zone, shown)
    if len(moments) > len(shown):
        sheet.wrapped(f"… {len(moments) - len(shown)} more: analyze timeline", style="dim")


def rows(sheet: Sheet, found: Findings, zone: Zone, moments: Sequence[Body]) -> None:
    """One moment a line, the date above its first."""
    day = ""
    for one in moments:
        if zone.day(one["time"]) != day:
            day = zone.day(one["time"])
            sheet.wrapped(day, style="bold dim")
        _row(sheet, found, zone, one)


def _row(sheet: Sheet, found: Findings, zone: Zone, one: Body) -> None:
    mark = "~" if one["uncertainty_seconds"] else " "
    style = _STYLES.get(one["kind"], "")
    words = Text().append(f"{mark}{zone.clock(one['time'])}  ", style=style or "cyan")
    if one["cite"]:
        labels = found.labels if sheet.terminal else found.full_labels
        words.append(clean(labels[one["cite"]]) + "  ", style="dim cyan")
    if one["cause"] and one["cause"] != found.body["verdict"]["cause"]:
        words.append(f"({clean(one['cause'])}) ", style="dim")
    words.append(_spoken(one), style=style)
    if not sheet.terminal:
        sheet.line(Text("  ").append_text(words))
        return
    sheet.wrapped(words, hang=13, most=0 if sheet.uncut else 1)


def _spoken(one: Body) -> str:
    """A moment's words without what its row says already: the time of the line, the member of a silence."""
    text = _STAMP.sub("", clean(one["text"])).strip()
    if one["kind"] in ("silence", "clock-step"):
        return "╌╌ " + text.partition(": ")[2].removesuffix(" before this line")
    return text


def _inside(one: Body, since: float | None, until: float | None) -> bool:
    time = parse_iso(one["time"])
    return time is not None and (since is None or time >= since) and (until is None or time <= until)


def window(found: Findings, around: float) -> tuple[float | None, float | None]:
    """The stretch of time that reaches `around` seconds beyond the attempt that was judged, or the time that stands in."""
    attempt = found.attempt
    if attempt is not None:
        start, end = parse_iso(attempt["start"]), parse_iso(attempt["end"])
        times = [time for time in (start, end) if time is not None]
        return (min(times) - around, max(times) + around) if times else (None, None)
    times = [time for one in found.body["timeline"] if one["cause"] is not None and (time := parse_iso(one["time"])) is not None]
    end = found.judged_at
    if end is None:
        return (min(times) - around, max(times) + around) if times else (None, None)
    return min([*times, end]) - around, end + around


def around_attempt(found: Findings) -> list[Body]:
    """The moments within half an hour of the attempt."""
    since, until = window(found, AROUND)
    return [one for one in found.body["timeline"] if _inside(one, since, until)]


def _chosen(found: Findings, moments: Sequence[Body]) -> list[Body]:
    """The attempt's own marks, then the root's evidence, then silences, then the rest, `FEW` in all and in order of time."""
    root = found.body["verdict"]["cause"]

    def weight(place: int) -> tuple[int, int, int]:
        one = moments[place]
        if one["kind"] in _MARKED:
            return 0, 0, place
        long = len(one["text"]) > 240
        return (1 if one["cause"] == root and root else 2), int(long), place

    kept: list[int] = []
    shapes: set[str] = set()
    for place in sorted(range(len(moments)), key=weight):
        shape = re.sub(r"\d+", "0", moments[place]["text"])
        if len(kept) < FEW and shape not in shapes:
            shapes.add(shape)
            kept.append(place)
    return [moments[place] for place in sorted(kept)]


def page(found: Findings, zone: Zone, *, since: float | None = None, until: float | None = None, around: float | None = None,
         plain: bool = False) -> None:
    """The timeline by itself, uncut: all of it, or what lies around the attempt and between two times (epoch seconds)."""
    sheet = Sheet(plain=plain, uncut=True)
    sheet.wrapped(judged(found, zone.full), indent=0)
    if around is not None:
        start, end = window(found, around)
        since = max((time for time in (since, start) if time is not None), default=None)
        until = min((time for time in (until, end) if time is not None), default=None)
    moments = [one for one in found.body["timeline"] if _inside(one, since, until)]
    if not moments:
        sheet.wrapped("Nothing between these times." if found.body["timeline"] else "Nothing in the evidence has a time.", indent=0)
        return
    doubt = "; ~ the time is in doubt" if any(one["uncertainty_seconds"] for one in moments) else ""
    sheet.wrapped(f"{len(moments)} of {len(found.body['timeline'])} moments, times in {zone.name}{doubt}", indent=0, style="dim")
    rows(sheet, found, zone, moments)
