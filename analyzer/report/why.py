"""How one cause was judged: each observation, and each condition with the truth of every name in it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from analyzer.clock import format_utc
from analyzer.diagnosis import Judgement
from analyzer.errors import UsageError
from analyzer.language.expression import Kleene, names_in
from analyzer.language.guide import GUIDE
from analyzer.language.knowledge import Knowledge
from analyzer.language.schema import Evidence
from analyzer.model import State
from analyzer.report.analysis import Analysis
from analyzer.report.clean import clean
from analyzer.report.findings import MEANING, findings, judged
from analyzer.report.places import located
from analyzer.report.screen_sheet import Sheet, badge
from analyzer.report.times import Zone, zone_named

SCHEMA = "azure-backup-why/1"
_KLEENE: Mapping[State, Kleene] = {State.SEEN: True, State.CLEAR: False, State.BLIND: None}
_TRUTH = {True: "true", False: "false", None: "unknown"}
_STYLES = {"seen": "red", "clear": "green", "blind": "magenta", "true": "bold", "false": "dim", "unknown": "magenta"}
_WORD = re.compile(r"(\d+\s+of\s+[A-Za-z0-9_-]*\*|[A-Za-z][A-Za-z0-9_-]*)")


def explain(analysis: Analysis, knowledge: Knowledge, cause: str) -> dict[str, Any]:
    """The judgement of one cause as plain values. Raises UsageError if it was not judged for this host."""
    judgement = next((one for one in analysis.diagnosis.judgements if one.signature.id == cause), None)
    if judgement is None:
        platforms = ", ".join(sorted(knowledge.signatures[cause].platforms))
        advice = f"it is for {platforms}, the host is {analysis.evidence.platform}; or --only or --skip leaves it out"
        raise UsageError(f"{cause} was not judged", advice=advice)
    signature = judgement.signature
    states = {name: _KLEENE[seen.state] for name, seen in judgement.observations.items()}
    found = findings(analysis)
    return {
        "schema": SCHEMA, "bundle": str(analysis.bundle.path), "cause": cause, "title": signature.title, "guide_cause": signature.guide_cause,
        "level": judgement.level.value, "sentence": judgement.sentence, "root": judgement.root, "consequence_of": list(judgement.consequence_of),
        "leads_to": list(signature.leads_to), "weakened_by": list(judgement.weakened_by), "decided_by": list(judgement.decided_by),
        "attempt": {"id": analysis.diagnosis.attempt.id, "start": format_utc(analysis.diagnosis.attempt.start) or None,
                    "end": format_utc(analysis.diagnosis.attempt.end) or None, "stands_in": found.stands_in},
        "judged": judged(found, zone_named(None).full),
        "observations": _observations(judgement),
        "conditions": [{"level": level, "expression": signature.verdict_text[level], "value": _TRUTH[condition(states)],
                        "names": {name: judgement.observations[name].state.value for name in names_in(signature.verdict_text[level], list(states))}}
                       for level, condition in signature.verdict.items()],
    }


def _observations(judgement: Judgement) -> list[dict[str, Any]]:
    return [{"name": seen.name, "state": seen.state.value, "note": judgement.signature.evidence[name].note if not seen.note else seen.note,
             "reason": seen.reason, "foreign": seen.foreign, "looks_for": looks_for(judgement.signature.evidence[name]), "count": seen.count,
             "first": format_utc(seen.first) or None, "last": format_utc(seen.last) or None,
             "cites": [{"member": cite.member, "path": cite.path, "text": cite.text,
                        **({"line": cite.line} if cite.line is not None else {}), **({"record": cite.record} if cite.record is not None else {})}
                       for cite in seen.cites]}
            for name, seen in judgement.observations.items()]


def looks_for(one: Evidence) -> str:
    """What a piece of evidence looks for, in one line."""
    if one.shape == "line":
        return f"a line of {one.source}: {one.match}"
    if one.shape == "record":
        return f"a record of {one.source}: {one.provider} {', '.join(map(str, one.event_ids))}".strip()
    if one.shape == "fact":
        return f"the fact {one.fact}: " + ", ".join(f"{key} {value}" for key, value in one.compare.items())
    if one.shape == "row":
        where = ", ".join(f"{key} = {value}" for key, value in one.where.items())
        return f"{'no row' if one.none else 'a row'} of {one.table}" + (f" where {where}" if where else "")
    if one.shape == "span":
        return f"{one.want}, of {one.source}: from {one.begin} to {one.end} within {one.within:g} s"
    if one.shape == "silence":
        return f"{one.source} silent for {one.silent_for:g} s"
    return "in this order: " + ", ".join(one.order)


def show(explained: Mapping[str, Any], zone: Zone, *, plain: bool = False) -> None:
    """Print it, citations uncut."""
    sheet = Sheet(plain=plain, uncut=True)
    level = explained["level"]
    sheet.wrapped(badge(level if level in ("confirmed", "likely", "possible", "not-assessed") else "none", level)
                  .append("  ").append(clean(explained["title"]), style="bold"), indent=0, hang=2)
    sheet.wrapped(explained["sentence"])
    guide = GUIDE.get(explained["guide_cause"], explained["guide_cause"])
    sheet.wrapped(f"{explained['cause']} · {level}: {MEANING[level]} · guide: {guide}", style="dim")
    sheet.wrapped(explained["judged"] + ".", style="dim")
    for name, words in (("consequence_of", "Brought about by"), ("leads_to", "Can bring about"), ("weakened_by", "Made less sure by")):
        if explained[name]:
            sheet.wrapped(f"{words}: {', '.join(explained[name])}", style="dim")
    sheet.heading("OBSERVATIONS", "● seen   ○ clear: looked for, and not there   ? blind: could not be looked at")
    own = [one for one in explained["observations"] if not one["foreign"]]
    for one in own:
        _observation(sheet, one, zone)
    if len(own) < len(explained["observations"]):
        sheet.wrapped(f"… {len(explained['observations']) - len(own)} more are for another platform", style="dim")
    sheet.heading("VERDICT", "the first condition that is true decides")
    for one in explained["conditions"]:
        _condition(sheet, one)


def _observation(sheet: Sheet, one: Mapping[str, Any], zone: Zone) -> None:
    mark = {"seen": "●", "clear": "○", "blind": "?"}[one["state"]]
    words = Text().append(f"{mark} {one['state']:<5} ", style=_STYLES[one["state"]]).append(clean(one["name"]), style="bold")
    words.append(f"  {clean(one['note'])}" if one["note"] else "")
    sheet.wrapped(words, hang=10)
    if one["reason"]:
        sheet.wrapped(one["reason"], indent=10, style=_STYLES[one["state"]])
    if one["count"] > 1:
        span = f", {zone.full(one['first'])} – {zone.full(one['last'])}" if one["first"] else ""
        sheet.wrapped(f"{one['count']} times{span}", indent=10, style="dim")
    sheet.wrapped(f"looks for {one['looks_for']}", indent=10, style="dim")
    for cite in one["cites"]:
        sheet.quoted(located(cite["path"], cite), cite["text"], indent=10)


def _condition(sheet: Sheet, one: Mapping[str, Any]) -> None:
    words = Text().append(f"{one['level']:<10} ", style="bold").append(f"{one['value']:<8} ", style=_STYLES[one["value"]])
    for piece in _WORD.split(one["expression"]):
        if piece in one["names"]:
            words.append(clean(piece), style="bold").append(f"[{one['names'][piece]}]", style=_STYLES[one["names"][piece]])
        elif piece.endswith("*"):
            states = [state for name, state in one["names"].items() if name.startswith(piece.split()[-1][:-1])]
            counted = ", ".join(f"{states.count(state)} {state}" for state in ("seen", "clear", "blind") if state in states)
            words.append(clean(piece), style="bold").append(f"[{counted}]", style="dim")
        else:
            words.append(clean(piece))
    sheet.wrapped(words, hang=22)


def write(explained: Mapping[str, Any], path: str) -> None:
    """Write it as JSON to a path, or to standard output for `-`. Raises UsageError where it cannot be written."""
    text = json.dumps(explained, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot write --json {path}: {error.strerror or error}", advice="give a path that can be written") from error
