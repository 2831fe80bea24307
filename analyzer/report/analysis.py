"""One analysis from a path to everything a report can say. Rendering starts here and never looks at the bundle again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.attempts import PATTERNS
from analyzer.bundle.bundle import Bundle, open_bundle
from analyzer.derived import derive
from analyzer.diagnosis import Diagnosis, diagnose
from analyzer.errors import BundleError, UsageError
from analyzer.evidence import Evidence
from analyzer.facts import find_facts
from analyzer.gather import gather
from analyzer.language.knowledge import Knowledge
from analyzer.model import Level
from analyzer.novelty import PATTERN as UNRECOGNISED
from analyzer.novelty import Unrecognised, unrecognised
from analyzer.timeline import Moment, build


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that was found out about one bundle."""

    bundle: Bundle
    evidence: Evidence
    diagnosis: Diagnosis
    timeline: Sequence[Moment]
    unrecognised: Sequence[Unrecognised]
    symptom: str | None
    order: Sequence[str]

    @property
    def exit_code(self) -> int:
        """0 a cause is confirmed or likely; 1 none; 4 nearly everything is blind."""
        if self.diagnosis.verdict is not None:
            return 0
        judged = self.diagnosis.judgements
        blind = sum(one.level is Level.NOT_ASSESSED for one in judged)
        return 4 if judged and blind == len(judged) else 1


def analyse(path: Path, knowledge: Knowledge, *, at: float | None = None, symptom: str | None = None,
            only: Sequence[str] = (), skip: Sequence[str] = ()) -> Analysis:
    """Open, gather, diagnose. Raises BundleError when there is nothing to judge, UsageError for an unknown symptom."""
    order, name = order_of(knowledge, symptom)
    bundle = open_bundle(path)
    patterns = [*PATTERNS, UNRECOGNISED, *knowledge.patterns()]
    evidence = gather(bundle, knowledge.catalogue, patterns)
    if not any(member.sources or member.tables for member in evidence.members):
        raise BundleError("holds no evidence that could be read", where=str(path),
                          advice="expected logs, configuration or command output of a VM; see docs/bundle-format.md")
    derive(evidence)
    facts = find_facts(evidence, knowledge.facts)
    diagnosis = diagnose(evidence, facts, knowledge, at=at, order=order, only=only, skip=skip)
    return Analysis(bundle, evidence, diagnosis, build(evidence, diagnosis), unrecognised(evidence, diagnosis, knowledge), name, order)


def order_of(knowledge: Knowledge, symptom: str | None) -> tuple[Sequence[str], str | None]:
    """The guide's causes in the order of a symptom (its id, or a portal error code); the guide's own order without."""
    everything = knowledge.symptoms.get("internal-error", {}).get("order", ())
    if symptom is None:
        return tuple(everything), None
    for name, spec in knowledge.symptoms.items():
        if symptom.lower() == name or symptom.lower() in (code.lower() for code in spec.get("codes", ())):
            return tuple(spec["order"]), name
    raise UsageError(f"symptom {symptom!r} is not known", advice="one of: " + ", ".join(knowledge.symptoms) + ", or a portal error code")
