"""Running the tests inside signatures: each becomes evidence, is judged by the one signature, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.errors import SignatureError
from analyzer.language.knowledge import Knowledge
from analyzer.language.outcome import Failure, compare, judgement_of
from analyzer.language.scene import Scene, scene_of
from analyzer.language.schema import Signature
from analyzer.language.stage import Theatre
from analyzer.language.trials import repetitions


@dataclass(frozen=True, slots=True)
class Tested:
    """A test of a signature, its scene, and what failed; nothing did if `failures` is empty."""

    signature: Signature
    number: int
    name: str
    failures: tuple[Failure, ...]
    scene: Scene | None = None

    @property
    def id(self) -> str:
        """The name under which a test runner lists it."""
        return f"{self.signature.id}: {self.name}"


def run_tests(knowledge: Knowledge, ids: Sequence[str] = (), repeats: bool = True) -> Iterator[Tested]:
    """Run the tests of these signatures, of all by default, with their repetitions. Raises SignatureError for a bad test."""
    for name in ids:
        if name not in knowledge.signatures:
            raise SignatureError(f"there is no signature {name!r}", advice="`analyze signatures list` shows them")
    theatre = Theatre(knowledge)
    for signature in knowledge.signatures.values():
        if ids and signature.id not in ids:
            continue
        for number in range(1, len(signature.tests) + 1):
            yield run_test(theatre, signature, number, repeats)


def run_test(theatre: Theatre, signature: Signature, number: int, repeats: bool = True) -> Tested:
    """Run one test of a signature, numbered from 1; if it holds and `repeats`, its repetitions as well."""
    test = signature.tests[number - 1]
    name = str(test.get("name", f"test {number}"))
    where = f"{signature.file}: [[test]] {number} {name!r}"
    scene = scene_of(test, signature, number, theatre.knowledge.catalogue)
    diagnosis = theatre.diagnose(scene, (signature.id,))
    judgement = judgement_of(diagnosis, signature)
    if judgement is None:
        unfit = Failure(f"it is not judged on {scene.platform}", "platforms = " + ", ".join(sorted(signature.platforms)), where,
                        advice='say `platform = "..."` in the test, or add it to the signature')
        return Tested(signature, number, name, (unfit,), scene)
    failures = list(compare(scene, judgement, diagnosis, where))
    failures = [*failures[:1], *(replace(failure, notes=()) for failure in failures[1:])]  # the notes of all are the same
    if not failures and repeats:
        failures += repetitions(theatre, signature, scene, diagnosis, where)
    return Tested(signature, number, name, tuple(failures), scene)
