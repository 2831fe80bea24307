"""Repetitions of a signature's tests: blindfolded, crossed with all other signatures, moved in time, under hostile lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.diagnosis import Diagnosis
from analyzer.language.hostile import LIMIT, regexes, slowest
from analyzer.language.knowledge import Knowledge
from analyzer.language.outcome import Failure, described, judgement_of
from analyzer.language.scene import Scene
from analyzer.language.schema import Signature
from analyzer.language.shift import moved, over_new_year, rezoned
from analyzer.language.stage import Theatre
from analyzer.model import Level

ZONE = "Asia/Kolkata"
SKEW = -(7 * 3600 + 13 * 60 + 20)
_CLOCK = "clock.skew-seconds"


def repetitions(theatre: Theatre, signature: Signature, scene: Scene, diagnosis: Diagnosis, where: str) -> Iterator[Failure]:
    """All failures of a test's repetitions; `diagnosis` is what the test itself gave."""
    level = _level(diagnosis, signature)
    yield from blindfold(theatre, signature, scene, level, where)
    yield from crossfire(theatre, signature, scene, diagnosis, where)
    yield from other_times(theatre, signature, scene, diagnosis, where)


def _level(diagnosis: Diagnosis, signature: Signature) -> Level:
    judgement = judgement_of(diagnosis, signature)
    return judgement.level if judgement else Level.NOT_SEEN


def blindfold(theatre: Theatre, signature: Signature, scene: Scene, level: Level, where: str) -> Iterator[Failure]:
    """Take each piece of evidence away in turn: what was not ruled out must not become so by looking at less."""
    if level is Level.RULED_OUT or "ruled-out" not in signature.verdict:
        return
    for piece in scene.pieces():
        found = theatre.diagnose(scene.without(piece), (signature.id,))
        judgement = judgement_of(found, signature)
        if judgement and judgement.level is Level.RULED_OUT:
            yield Failure(f"without {piece} it is ruled out; with it, it was {level.value}", f"ruled-out = {signature.verdict_text['ruled-out']!r}",
                          f"{where}, blindfolded", tuple(described(judgement, found)),
                          "let `ruled-out` also ask for what that source would have shown to be clear")


def crossfire(theatre: Theatre, signature: Signature, scene: Scene, diagnosis: Diagnosis, where: str) -> Iterator[Failure]:
    """Judge the same evidence by all signatures: a second confirmed cause must be tied to this one by `leads-to`."""
    if _level(diagnosis, signature) is not Level.CONFIRMED:
        return
    chosen = replace(scene, attempt=diagnosis.attempt)
    found = theatre.diagnose(chosen)
    for judgement in found.at_level(Level.CONFIRMED):
        other = judgement.signature
        if other.id != signature.id and not tied(theatre.knowledge, signature.id, other.id):
            yield Failure(f"{signature.id} and {other.id} are both confirmed", f"neither leads to the other: {other.id} says: {judgement.sentence}",
                          f"{where}, judged by all signatures", tuple(described(judgement, found)),
                          f"make {other.id} ask for more, or state in `leads-to` which of the two brings about the other")


def tied(knowledge: Knowledge, one: str, other: str) -> bool:
    """Whether one of two causes leads to the other, directly or through others."""
    return other in reached(knowledge, one) or one in reached(knowledge, other)


def reached(knowledge: Knowledge, name: str) -> set[str]:
    """All causes that a cause brings about, directly or through each other."""
    found: set[str] = set()
    todo = [name]
    while todo:
        signature = knowledge.signatures.get(todo.pop())
        for following in signature.leads_to if signature else ():
            if following not in found:
                found.add(following)
                todo.append(following)
    return found


def other_times(theatre: Theatre, signature: Signature, scene: Scene, diagnosis: Diagnosis, where: str) -> Iterator[Failure]:
    """The same story in another zone, by a clock that is hours off, and over New Year must be judged the same."""
    level, attempt = _level(diagnosis, signature), diagnosis.attempt
    times: list[tuple[str, Scene]] = [(f"told in the zone {ZONE}", rezoned(scene, ZONE, theatre.knowledge.catalogue))]
    skewed = moved(scene, SKEW)
    looks_at_clock = any(one.fact == _CLOCK for one in signature.evidence.values())
    times.append(("by a clock that is 7 hours behind", skewed if looks_at_clock or _CLOCK in scene.facts else replace(skewed, skew=float(SKEW))))
    if attempt.start is not None and attempt.end is not None:
        times.append(("over New Year", over_new_year(scene, attempt.start, attempt.end)))
    for name, other in times:
        found = theatre.diagnose(other, (signature.id,))
        judgement = judgement_of(found, signature)
        if judgement and judgement.level is not level:
            yield Failure(f"{name} it is {judgement.level.value}, not {level.value}", "the verdict must not depend on the calendar or the zone",
                          f"{where}, {name}", tuple(described(judgement, found)), "look for a time that is compared as a text")


def hostile_lines(signature: Signature) -> Iterator[Failure]:
    """Every regex of a signature on long lines made to hurt it."""
    for place, match in regexes(signature).items():
        seconds, line = slowest(match)
        if seconds >= LIMIT:
            yield Failure(f"the regex takes more than {LIMIT} s over a line of {line}", match, f"{signature.file}: {place}",
                          advice="bound its repeats: .{0,300} for .*, [^,]{0,300} for [^,]*, or anchor it")
