"""The timeline as CSV (RFC 4180), safe to open in a spreadsheet: no cell of the evidence can begin a formula."""

from __future__ import annotations

import csv
import io

from analyzer.report.clean import clean
from analyzer.report.findings import Findings
from analyzer.report.times import Zone

COLUMNS = ("time", "zone", "uncertainty_seconds", "source", "kind", "cause", "text", "member", "path", "line", "record")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%", "＝", "＋", "－", "＠")


def render(found: Findings, zone: Zone) -> str:
    """One row a moment, with its citation; the whole timeline."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in found.body["timeline"]:
        moment = zone.moment(one["time"])
        cite = found.body["cites"].get(one["cite"], {}) if one["cite"] else {}
        cells = (f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}" if moment else "", zone.name, f"{one['uncertainty_seconds']:g}",
                 one["source"], one["kind"], one["cause"], one["text"], cite.get("member"), cite.get("path"), cite.get("line"), cite.get("record"))
        writer.writerow([_defused(cell) for cell in cells])
    return out.getvalue()


def _defused(cell: object) -> object:
    if cell is None or isinstance(cell, int):
        return "" if cell is None else cell
    words = clean(cell)
    return f"'{words}" if words.lstrip().startswith(_FORMULA) else words
