"""The report as JSON, schema azure-backup-report/1 (docs/report.schema.json). Two runs over one bundle give the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analyzer import __version__
from analyzer.clock import format_utc
from analyzer.diagnosis import Judgement
from analyzer.model import Cite, Level, Observation, State
from analyzer.report.analysis import Analysis

SCHEMA = "azure-backup-report/1"


class _Cites:
    """Citations by number, each once."""

    def __init__(self) -> None:
        self.numbers: dict[Cite, str] = {}

    def refer(self, cites: Iterable[Cite]) -> list[str]:
        return [self.numbers.setdefault(cite, f"c{len(self.numbers) + 1}") for cite in dict.fromkeys(cites)]

    def table(self, tampered: set[str]) -> dict[str, Any]:
        return {number: _drop_none({"member": cite.member, "path": cite.path, "line": cite.line, "record": cite.record, "text": cite.text,
                                    "tampered": True if cite.member in tampered else None})
                for cite, number in self.numbers.items()}


def report(analysis: Analysis) -> dict[str, Any]:
    """The whole report as plain values."""
    cites = _Cites()
    diagnosis = analysis.diagnosis
    verdict = diagnosis.verdict
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": {"name": "azure-backup-triage", "version": __version__},
        "bundle": _bundle(analysis),
        "host": _host(analysis),
        "attempts": [{"id": one.id, "start": _time(one.start), "end": _time(one.end), "outcome": one.outcome, "code": one.code,
                      "cites": cites.refer(one.cites)} for one in diagnosis.attempts],
        "verdict": {
            "attempt": diagnosis.attempt.id, "cause": verdict.signature.id if verdict else None,
            "level": verdict.level.value if verdict else Level.NOT_SEEN.value if analysis.exit_code == 1 else Level.NOT_ASSESSED.value,
            "guide_cause": verdict.signature.guide_cause if verdict else None,
            "sentence": verdict.sentence if verdict else no_cause(analysis)},
        "causes": [_cause(one, cites) for one in diagnosis.at_level(Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE)],
        "ruled_out": [{"id": one.signature.id, "because": one.sentence, "cites": cites.refer(one.cites)}
                      for one in diagnosis.at_level(Level.RULED_OUT)],
        "not_assessed": [{"id": one.signature.id, "blind": blind(one)} for one in diagnosis.at_level(Level.NOT_ASSESSED)],
        "checklist": checklist(analysis),
        "unrecognised": [{"template": one.template, "count": one.count, "first": _time(one.first), "last": _time(one.last),
                          "near_attempt": one.near_attempt, "cites": cites.refer(one.cites)} for one in analysis.unrecognised],
        "timeline": [{"time": _time(one.time), "uncertainty_seconds": one.uncertainty, "source": one.source, "kind": one.kind, "text": one.text,
                      "cause": one.cause, "cite": cites.refer([one.cite])[0] if one.cite else None} for one in analysis.timeline],
    }
    body["cites"] = cites.table(analysis.bundle.tampered)
    return body


def dumps(body: Mapping[str, Any]) -> str:
    """Sorted keys, two blanks, a final newline."""
    return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def no_cause(analysis: Analysis) -> str:
    """What to say when no cause is confirmed or likely."""
    succeeded = [one for one in analysis.diagnosis.attempts if one.outcome == "succeeded"]
    if analysis.exit_code == 4:
        return "The evidence is too incomplete to judge."
    if succeeded and analysis.diagnosis.attempts[-1] is succeeded[-1]:
        return f"The last backup in the evidence succeeded ({_time(succeeded[-1].end)}); nothing points to a failure since."
    return "No known cause is to be seen in this evidence."


def blind(judgement: Judgement) -> list[dict[str, str]]:
    """Which observations of a cause could not be made, and why; `attempts` where it is the attempts that are in doubt."""
    doubt = [{"name": "attempts", "reason": judgement.doubt}] if judgement.doubt else []
    return doubt + [{"name": name, "reason": seen.reason} for name, seen in judgement.observations.items() if seen.state is State.BLIND]


def checklist(analysis: Analysis) -> list[dict[str, str]]:
    """The guide's causes in the symptom's order, each with the best level any of its causes reached."""
    steps = []
    for step in analysis.order:
        below = [one for one in analysis.diagnosis.judgements if one.signature.guide_cause == step]
        strong = [one for one in below if one.level in (Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE)]
        if strong:
            level, cause = strong[0].level.value, strong[0].signature.id
        elif below and all(one.level is Level.RULED_OUT for one in below):
            level, cause = Level.RULED_OUT.value, ""
        elif any(one.level is Level.NOT_ASSESSED for one in below):
            level, cause = Level.NOT_ASSESSED.value, ""
        else:
            level, cause = Level.NOT_SEEN.value, ""
        steps.append({"guide_cause": step, "level": level, "cause": cause})
    return steps


def _bundle(analysis: Analysis) -> dict[str, Any]:
    bundle, manifest = analysis.bundle, analysis.bundle.manifest
    integrity = "absent"
    if manifest:
        integrity = "tampered" if bundle.tampered else "verified" if bundle.verified else "absent"
    problems = [{"item": one.item, "status": one.status, "reason": one.reason} for one in bundle.problems]
    problems += [{"item": one.path or " ".join(one.argv) or one.id, "status": one.status, "reason": one.reason or ""}
                 for one in (manifest.items if manifest else ()) if one.status not in ("ok", "empty", "absent", "not-applicable", "changed")]
    return {"path": str(bundle.path), "sha256": _digest(bundle.path), "layout": bundle.layout, "integrity": integrity,
            "collected_at": _time(analysis.evidence.collected) if analysis.evidence.collected_known else None,
            "complete": manifest.complete if manifest else None, "members": len(analysis.evidence.members), "bytes": bundle.total_bytes,
            "problems": sorted(problems, key=lambda one: (one["status"], one["item"], one["reason"]))}


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _host(analysis: Analysis) -> dict[str, Any]:
    manifest, facts = analysis.bundle.manifest, analysis.diagnosis.facts

    def fact(name: str) -> Any:
        return facts[name].value if name in facts and facts[name].known else None

    return {"platform": analysis.evidence.platform, "hostname": (manifest.hostname if manifest else None) or fact("host.name"),
            "os": fact("host.os") or (manifest.os if manifest else None),
            "agent": {"installed": fact("agent.installed-version"), "running": fact("agent.running-version") or fact("agent.windows-any-version")},
            "extension": {"name": fact("extension.name"), "version": fact("extension.version") or fact("extension.windows-version")},
            "clock": {"zone": analysis.evidence.zone, "skew_seconds": manifest.skew_seconds if manifest else None}}


def _cause(one: Judgement, cites: _Cites) -> dict[str, Any]:
    return {
        "id": one.signature.id, "title": one.signature.title, "guide_cause": one.signature.guide_cause, "level": one.level.value,
        "severity": one.signature.severity, "rank": one.rank, "root": one.root, "consequence_of": list(one.consequence_of),
        "leads_to": list(one.signature.leads_to), "sentence": one.sentence, "vars": {key: one.vars[key] for key in sorted(one.vars)},
        "weakened_by": list(one.weakened_by),
        "evidence": [_evidence(seen, cites) for seen in one.observations.values()],
        "fixes": [{"do": fix.do, "run": dict(fix.run), "risk": fix.risk, "verify": fix.verify, "link": fix.link} for fix in one.fixes]}


def _evidence(seen: Observation, cites: _Cites) -> dict[str, Any]:
    return {"name": seen.name, "state": seen.state.value, "note": seen.note, "cites": cites.refer(seen.cites), "reason": seen.reason}


def _time(value: float | None) -> str | None:
    return format_utc(value) or None


def _drop_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
