"""Takes files of a case away, one at a time: looking at less must never rule a cause out that was not ruled out before.

A verdict is about one attempt. Without a file another attempt may be found, or none; so each case is judged twice without it:
for the attempt that is found then, and for the one that was found with it.

    python -m tests.signatures.blindfold FOLDER...     every file of every case in these folders, as a table
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.attempts import PATTERNS
from analyzer.bundle.bundle import Bundle, Member, open_bundle
from analyzer.clock import parse_iso
from analyzer.derived import derive
from analyzer.diagnosis import Diagnosis, diagnose
from analyzer.facts import find_facts
from analyzer.gather import gather
from analyzer.language.knowledge import Knowledge, load_knowledge
from analyzer.model import Attempt, Level
from analyzer.scan.scanner import Scanner
from tests import evaluate

LABEL = "case.toml"


class Partial(Bundle):
    """A bundle without some of its members; a manifest says of them that they could not be read."""

    def __init__(self, whole: Bundle, hidden: frozenset[str]) -> None:
        manifest = whole.manifest
        if manifest:
            items = tuple(replace(item, status="denied", member=None) if item.member in hidden else item for item in manifest.items)
            manifest = replace(manifest, items=items)
        super().__init__(whole.path, whole.layout, manifest, whole.limits, whole.prefix)
        self.hidden = hidden

    def members(self) -> Iterator[Member]:
        """The members that are left."""
        return (member for member in super().members() if member.name not in self.hidden)


@dataclass(frozen=True)
class Ruled:
    """A cause that is ruled out only without a file."""

    case: str
    without: str
    cause: str
    before: str

    def __str__(self) -> str:
        return f"{self.case}: {self.cause} is ruled out without {self.without}; with it: {self.before}"


class Blindfold:
    """Judges cases by all signatures."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.scanner = Scanner([*PATTERNS, *knowledge.patterns()])

    def judged(self, case: Path, without: str | None = None, attempt: Attempt | None = None) -> Diagnosis:
        """A case with a member taken away, judged for the attempt that is found in it, or for a given one."""
        label = evaluate.label(case) if (case / LABEL).exists() else {}
        self.scanner.hits = {}
        bundle = Partial(open_bundle(case), frozenset({LABEL, *([without] if without else [])}))
        evidence = gather(bundle, self.knowledge.catalogue, (), self.scanner)
        derive(evidence)
        facts = find_facts(evidence, self.knowledge.facts)
        at = parse_iso(str(label["at"])) if label.get("at") else None
        return diagnose(evidence, facts, self.knowledge, at=at, attempt=attempt)

    def without(self, case: Path, member: str, before: Diagnosis | None = None) -> list[Ruled]:
        """The causes that are ruled out only when one member of a case is taken away."""
        before = before or self.judged(case)
        levels = {one.signature.id: one.level for one in before.judgements}
        found: dict[str, Ruled] = {}
        for after in (self.judged(case, member), self.judged(case, member, before.attempt)):
            for one in after.at_level(Level.RULED_OUT):
                name = one.signature.id
                if levels.get(name, Level.RULED_OUT) is not Level.RULED_OUT:
                    found[name] = Ruled(case.name, member, name, levels[name].value)
        return list(found.values())


def members_of(case: Path) -> list[str]:
    """The files of a case that can be taken away."""
    return [member.name for member in open_bundle(case).members() if member.name != LABEL]


def main(folders: list[str]) -> int:
    """Every file of every case; 1 if a cause was ruled out by looking at less."""
    blindfold = Blindfold(load_knowledge())
    wrong = 0
    for case in (case for folder in folders for case in (evaluate.cases(Path(folder)) or [Path(folder)])):
        before, members = blindfold.judged(case), members_of(case)
        here = [ruled for member in members for ruled in blindfold.without(case, member, before)]
        wrong += len(here)
        print(f"{case.name:60} {len(members):4} files  {len(here):3} wrongly ruled out", flush=True)
        for ruled in here:
            print(f"    {ruled.cause:28} without {ruled.without}, was {ruled.before}")
    print(f"{wrong} wrongly ruled out")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
