"""Several bundles on one terminal page: a table, then the causes that they share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from analyzer.report.clean import clean
from analyzer.report.findings import Findings
from analyzer.report.screen import show_findings
from analyzer.report.screen_sheet import STYLES, Sheet
from analyzer.report.times import Zone, zone_named


def show_many(found: Mapping[str, Findings | str], options: argparse.Namespace) -> None:
    """Print what was found in each bundle, by its path; a text instead of findings says why there are none.

    With -v the whole reports come first, with -q there is one line a bundle and nothing else.
    """
    zone = zone_named(options.zone)
    if options.quiet or options.verbose:
        for one in found.values():
            if isinstance(one, Findings):
                show_findings(one, options)
        if options.quiet:
            return
    sheet = Sheet(plain=options.no_color)
    names = short_names(list(found))
    rows = [_row(names[path], one, zone) for path, one in found.items()]
    sheet.heading(f"{len(found)} BUNDLES", f"times in {zone.name}")
    _table(sheet, rows)
    _shared(sheet, {names[path]: one for path, one in found.items()})


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Paths without the folder that all have in common."""
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths]) if len(paths) > 1 else ""  # noqa: PTH100, PTH120
    shorter = {path: os.path.relpath(os.path.abspath(path), common) if common else path for path in paths}  # noqa: PTH100
    return shorter if len(set(shorter.values())) == len(paths) else {path: path for path in paths}


def _row(name: str, found: Findings | str, zone: Zone) -> tuple[str, str, str, str]:
    if isinstance(found, str):
        return name, "", found, "unreadable"
    attempt, verdict = found.attempt, found.body["verdict"]
    if attempt is None:
        moment = zone.full(found.judged_at)[:16] if found.judged_at is not None else "no time"
        last = found.body["attempts"][-1] if found.body["attempts"] else None
        told = f"at {moment} ({last['id']} {last['outcome']})" if last else f"none found; {moment}"
    else:
        code = f" {attempt['code']}" if attempt["code"] is not None else ""
        told = f"{attempt['id']} {zone.full(attempt['end'] or attempt['start'])[:16]} {attempt['outcome']}{code}"
    return name, told, verdict["cause"] or "no cause", verdict["level"]


def _table(sheet: Sheet, rows: Sequence[tuple[str, str, str, str]]) -> None:
    titles = ("bundle", "attempt", "verdict", "level")
    table = [tuple(clean(cell) for cell in row) for row in rows]
    wide = [max(cell_len(row[place]) for row in [titles, *(row for row in table if row[3] != "unreadable")]) for place in range(4)]
    fits = not sheet.terminal or sum(wide) + 8 <= sheet.width
    sheet.line(_aligned(titles, wide, "bold") if fits else Text("  ".join(titles), style="bold"))
    for row in table:
        if row[3] == "unreadable":
            sheet.wrapped(Text().append(f"{row[0]}  ").append(row[2], style="magenta"), indent=0, hang=4)
        elif fits:
            sheet.line(_aligned(row, wide, ""))
        else:
            sheet.line(Text(row[0], style="bold"))
            sheet.wrapped(Text().append(f"{row[1]}  {row[2]}  ").append(row[3], style=STYLES.get(row[3], "")), indent=4)


def _aligned(row: Sequence[str], wide: Sequence[int], style: str) -> Text:
    words = Text()
    for place, cell in enumerate(row):
        own = STYLES.get(cell, style) if place == 3 else style
        words.append(cell + " " * (wide[place] - cell_len(cell) + 2), style=own)
    return words


def _shared(sheet: Sheet, found: Mapping[str, Findings | str]) -> None:
    by_cause: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for name, one in found.items():
        if isinstance(one, Findings):
            for cause in one.body["causes"]:
                if cause["level"] in ("confirmed", "likely"):
                    by_cause.setdefault(cause["id"], []).append(name)
                    titles[cause["id"]] = cause["title"]
    shared = sorted((item for item in by_cause.items() if len(item[1]) > 1), key=lambda item: (-len(item[1]), item[0]))
    if not shared:
        return
    sheet.heading("SHARED CAUSES", "confirmed or likely in more than one bundle")
    for cause, names in shared:
        words = Text().append(f"{len(names)} of {len(found)}  ").append(clean(cause), style="bold").append(f"  {clean(titles[cause])}: ")
        sheet.wrapped(words.append(", ".join(clean(name) for name in names), style="dim"), hang=4)
