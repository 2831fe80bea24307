"""Error lines that no signature explains, as templates: a lead for the engineer when the knowledge has none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.diagnosis import Diagnosis
from analyzer.evidence import Evidence
from analyzer.language.knowledge import Knowledge
from analyzer.model import Cite, Hit
from analyzer.scan.pattern import Pattern, compiled

NEAR = 1800.0
MOST = 20
PATTERN = Pattern("novelty", r"\b(?:ERROR|CRITICAL|FATAL|Traceback|Exception)\b|\[ERROR\]|\b\w+Error: ",
                  frozenset({"agent-log", "extension-log", "command-log", "extension-shell-log"}),
                  has=("ERROR", "CRITICAL", "FATAL", "Traceback", "Exception", "Error: "))

_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27,}\b|\b[0-9A-Fa-f]{16,}\b|\d+(?:[.:/-]\d+)*|'[^']{1,200}'|\"[^\"]{1,200}\"")


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A kind of line: its text with numbers, ids and quoted values as `*`; how often and when; where."""

    template: str
    count: int
    first: float | None
    last: float | None
    near_attempt: bool
    cites: tuple[Cite, ...]


def unrecognised(evidence: Evidence, diagnosis: Diagnosis, knowledge: Knowledge) -> list[Unrecognised]:
    """Templates of error lines that neither a cause nor the list of benign lines accounts for, the nearest first."""
    explained = {(cite.member, cite.line) for judgement in diagnosis.judgements for seen in judgement.observations.values() for cite in seen.cites}
    benign = [compiled(entry.match) for entry in knowledge.benign]
    groups: dict[str, list[Hit]] = {}
    for hit in evidence.hits_of("novelty"):
        if (hit.cite.member, hit.cite.line) in explained or any(pattern.search(hit.cite.text) for pattern in benign):
            continue
        groups.setdefault(template(hit.cite.text), []).append(hit)
    found = [_summary(text, hits, diagnosis) for text, hits in groups.items()]
    found.sort(key=lambda one: (not one.near_attempt, -one.count, one.template))
    return found[:MOST]


def template(text: str) -> str:
    """A line with what varies replaced by `*`, its time stamp dropped."""
    return re.sub(r"(?:\*[TZ ,.:]*)+", "* ", _VARIABLE.sub("*", text)).removeprefix("* ").strip()[:200]


def _summary(text: str, hits: list[Hit], diagnosis: Diagnosis) -> Unrecognised:
    times = [hit.time for hit in hits if hit.time is not None]
    attempt = diagnosis.attempt
    near = any(attempt.start is not None and attempt.end is not None and attempt.start - NEAR <= time <= attempt.end + NEAR for time in times)
    return Unrecognised(text, len(hits), min(times, default=None), max(times, default=None), near, tuple(hit.cite for hit in hits[:3]))
