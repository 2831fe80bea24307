"""The timeline: attempts, what the causes' evidence says, and silences, merged and in order, with doubt marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.diagnosis import Diagnosis
from analyzer.evidence import Evidence, TableRow
from analyzer.model import Cite, Level, State

MOST = 400
ATTEMPT_BEGINS = 60.0
"""Seconds around the begin of an attempt in which the extension writes its first lines."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry: epoch seconds UTC, doubt in seconds, where it comes from, what it is, and the cause it belongs to."""

    time: float
    uncertainty: float
    source: str
    kind: str
    text: str
    cause: str | None = None
    cite: Cite | None = None


def build(evidence: Evidence, diagnosis: Diagnosis) -> list[Moment]:
    """Every moment worth showing, oldest first, at most `MOST`, the nearest to the attempt kept.

    What is alike in time, source and text stays in the order of the causes' rank.
    """
    moments = sorted(dict.fromkeys((*_attempts(diagnosis), *_causes(evidence, diagnosis), *_gaps(evidence, diagnosis), *_collection(evidence))),
                     key=lambda moment: (moment.time, moment.source, moment.kind, moment.text))
    if len(moments) > MOST:
        anchor = diagnosis.attempt.end or evidence.collected or 0.0
        kept = set(sorted(moments, key=lambda moment: abs(moment.time - anchor))[:MOST])
        moments = [moment for moment in moments if moment in kept]
    return moments


def _attempts(diagnosis: Diagnosis) -> Iterable[Moment]:
    for attempt in diagnosis.attempts:
        cite = attempt.cites[0] if attempt.cites else None
        if attempt.start is not None:
            begun = attempt.cites[-1] if attempt.cites else None
            yield Moment(attempt.start, attempt.uncertainty, "attempt", "attempt-start", f"backup attempt {attempt.id} begins", None, begun)
        if attempt.end is not None and attempt.outcome != "unfinished":
            code = _told(attempt.code)
            text = f"backup attempt {attempt.id} {attempt.outcome}{code}"
            yield Moment(attempt.end, attempt.uncertainty, "attempt", "attempt-end", text, None, cite)


def _told(code: str | None) -> str:
    """A code as a timeline tells it; `agent:Enable` is an operation of the agent that failed before the extension ran."""
    if not code:
        return ""
    return f" at the agent's operation {code.removeprefix('agent:')}" if code.startswith("agent:") else f", code {code}"


def _causes(evidence: Evidence, diagnosis: Diagnosis) -> Iterable[Moment]:
    for judgement in diagnosis.at_level(Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE):
        for name in judgement.decided_by:
            seen = judgement.observations[name]
            if seen.state is not State.SEEN or not seen.cites:
                continue
            dated = {hit.cite: hit for part in ("match", "begin") for hit in evidence.hits_of(f"{judgement.signature.id}/{name}/{part}")}
            for cite in seen.cites:
                hit = dated.get(cite)
                time = hit.time if hit else seen.last
                if time is not None:
                    yield Moment(time, hit.uncertainty if hit else 0.0, _source(cite), "evidence", cite.text, judgement.signature.id, cite)


def _source(cite: Cite) -> str:
    return cite.path.rsplit("/", 1)[-1]


def _gaps(evidence: Evidence, diagnosis: Diagnosis) -> Iterable[Moment]:
    for row in evidence.rows("gaps"):
        seconds = row.values.get("seconds")
        if row.time is None or not isinstance(seconds, (int, float)) or _rested(row, diagnosis):
            continue
        if seconds >= 3600 or seconds < -5:
            yield Moment(row.time, 0.0, _source(row.cite), "silence" if seconds > 0 else "clock-step", row.cite.text, None, row.cite)


def _rested(row: TableRow, diagnosis: Diagnosis) -> bool:
    """Whether this is only the extension's log between two attempts, where it has nothing to write."""
    begins = [(cite.path, attempt.start) for attempt in diagnosis.attempts if attempt.start for cite in attempt.cites]
    return any(row.cite.path == path and abs((row.time or 0.0) - start) <= ATTEMPT_BEGINS for path, start in begins)


def _collection(evidence: Evidence) -> Iterable[Moment]:
    if evidence.collected is not None and evidence.collected_known:
        yield Moment(evidence.collected, 0.0, "collector", "collected", "evidence collected")
