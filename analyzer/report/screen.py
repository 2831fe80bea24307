"""The report on a terminal: the verdict, its proof and its remedy first; then what else there is to know."""

from __future__ import annotations

import argparse
from shlex import quote

from analyzer.report.analysis import Analysis
from analyzer.report.clean import clean
from analyzer.report.findings import MEANING, Findings, findings, host_line, judged, proof
from analyzer.report.screen_parts import beside, fixes, not_looked, proven, ruled_out, steps, unrecognised
from analyzer.report.screen_sheet import Sheet, badge
from analyzer.report.screen_time import timeline
from analyzer.report.times import Zone, time_given, zone_named


def show(analysis: Analysis, options: argparse.Namespace) -> None:
    """Print the report of one analysis. `options` are those of the command line; raises UsageError for a bad zone."""
    show_findings(findings(analysis), options)


def show_findings(found: Findings, options: argparse.Namespace) -> None:
    """The same, out of findings."""
    zone = zone_named(getattr(options, "zone", None))
    verbose = bool(getattr(options, "verbose", False))
    sheet = Sheet(plain=bool(getattr(options, "no_color", False)), uncut=verbose)
    if getattr(options, "quiet", False):
        sheet.line(in_short(found))
        return
    _head(sheet, found, zone)
    _verdict(sheet, found)
    root = found.root
    if root is not None:
        proven(sheet, found, root, whole=verbose)
        fixes(sheet, found, root)
    beside(sheet, found, whole=verbose)
    if root is None:
        unrecognised(sheet, found, zone, most=20 if verbose else 5)
    ruled_out(sheet, found, whole=verbose)
    not_looked(sheet, found, whole=verbose)
    if found.symptom:
        steps(sheet, found)
    since, until = (time_given(f"--{name}", getattr(options, name, None)) for name in ("since", "until"))
    timeline(sheet, found, zone, since=since, until=until, whole=verbose)
    _where_next(sheet, found, verbose)


def in_short(found: Findings) -> str:
    """One line: the bundle, the cause and its level, the sentence."""
    verdict = found.body["verdict"]
    return f"{found.body['bundle']['path']}: {verdict['cause'] or 'no cause'} ({verdict['level']}): {verdict['sentence']}"


def _head(sheet: Sheet, found: Findings, zone: Zone) -> None:
    bundle = found.body["bundle"]
    sheet.wrapped(" · ".join(host_line(found.body)) or bundle["path"], indent=0, style="bold")
    sheet.wrapped(judged(found, zone.full), indent=0, style="yellow" if found.stands_in and not found.body["attempts"] else "")
    if zone.name != "UTC":
        sheet.wrapped(f"Times are in {zone.name}.", indent=0, style="dim")
    if bundle["integrity"] == "tampered":
        sheet.wrapped("Parts of this bundle were changed after collection; nothing is concluded from their silence.", indent=0, style="bold red")
    if bundle["complete"] is False:
        sheet.wrapped("The collector did not finish: what is missing is listed below.", indent=0, style="yellow")
    sheet.gap()


def _verdict(sheet: Sheet, found: Findings) -> None:
    verdict, root = found.body["verdict"], found.root
    if root is None:
        sheet.wrapped(badge("not-assessed", "cannot judge") if found.exit_code == 4 else badge("none", "no cause found"), indent=0)
        sheet.wrapped(verdict["sentence"], indent=2)
        return
    title = badge(root["level"])
    title.append("  ").append(clean(root["title"]), style="bold")
    sheet.wrapped(title, indent=0, hang=2)
    sheet.wrapped(root["sentence"], indent=2)
    weak = f"; weakened by {', '.join(root['weakened_by'])}" if root["weakened_by"] else ""
    sheet.wrapped(f"{root['id']} · {root['level']}: {MEANING[root['level']]}{weak}", indent=2, style="dim")


def _where_next(sheet: Sheet, found: Findings, verbose: bool) -> None:
    bundle, root = found.body["bundle"]["path"], found.root
    sheet.gap()
    hints: list[str] = []
    if root is not None:
        first = next((number for one in proof(found, root) for number in one.cites
                      if found.body["cites"][number].get("line") is not None), None)
        hints.append(f"analyze why {quote(bundle)} {root['id']}")
        if first:
            hints.append(f"analyze show {quote(bundle)} {quote(found.labels[first])}")
    hints.append(f"analyze timeline {quote(bundle)}")
    if not verbose:
        hints.append("-v for all causes and all observations")
    for start, hint in zip(["More:", *["     "] * len(hints)], hints):
        sheet.line(f"{start} {hint}", style="dim")

