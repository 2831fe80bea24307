"""What a test of a signature came to: expectations compared with a judgement, and failures that explain themselves.

Failures read in five parts: what is wrong, what came instead, where, what each observation came to, and what helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.clock import format_utc
from analyzer.diagnosis import Diagnosis, Judgement
from analyzer.language.scene import Scene
from analyzer.language.schema import Signature
from analyzer.language.stage import member_of
from analyzer.model import Cite, Level, Observation, State, Value


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test expected and did not get. `notes` are lines of detail, `advice` what to do about it."""

    what: str
    reason: str
    where: str
    notes: tuple[str, ...] = ()
    advice: str = ""

    def __str__(self) -> str:
        lines = [f"error:  {self.what}", f"reason: {self.reason}", f"where:  {self.where}"]
        lines += [f"note:   {note}" for note in self.notes]
        return "\n".join([*lines, f"help:   {self.advice}"] if self.advice else lines)


def judgement_of(diagnosis: Diagnosis, signature: Signature) -> Judgement | None:
    """What a diagnosis says of one signature; None if it was not judged."""
    return next((one for one in diagnosis.judgements if one.signature.id == signature.id), None)


def compare(scene: Scene, judgement: Judgement, diagnosis: Diagnosis, where: str) -> Iterator[Failure]:
    """What a test expects and the judgement does not give."""
    notes = tuple(described(judgement, diagnosis))
    advice = f"`analyze signatures test {judgement.signature.id}` repeats it"
    if judgement.level is not scene.expect:
        yield Failure(f"expected {scene.expect.value}, got {judgement.level.value}", _why(judgement, scene.expect), where, notes, advice)
    for key, value in scene.vars.items():
        if not _same(judgement.vars.get(key), value):
            yield Failure(f"expected {key} = {value!r}, got {judgement.vars.get(key)!r}",
                          "captured: " + (", ".join(f"{name}={one!r}" for name, one in judgement.vars.items()) or "nothing"), where, notes, advice)
    cites = [cite for one in judgement.observations.values() if one.state is State.SEEN for cite in one.cites]
    for wanted in scene.cites:
        if not any(_cited(cite, wanted) for cite in cites):
            yield Failure(f"expected {wanted} to be cited", "cited: " + (", ".join(shown(cite) for cite in cites) or "nothing"), where, notes, advice)
    for name in scene.blind:
        state = judgement.observations[name].state
        if state is not State.BLIND:
            yield Failure(f"expected {name} to be blind, it is {state.value}", "its source counts as collected whole", where, notes,
                          "list the source in `missing`, or leave it out of the test")


def described(judgement: Judgement, diagnosis: Diagnosis) -> Iterator[str]:
    """Lines that tell what a judgement rests on: the attempt, then each observation with its state and reason."""
    attempt = diagnosis.attempt
    kind = "no attempt, the collection stands in" if attempt.stands_in else f"attempt {attempt.outcome}, code {attempt.code}"
    yield f"{kind}: {format_utc(attempt.start) or 'open'} to {format_utc(attempt.end) or 'open'}"
    width = max((len(name) for name in judgement.observations), default=0)
    for name, one in judgement.observations.items():
        yield f"{name:{width}}  {one.state.value:5}  {_detail(one)}"


def _detail(one: Observation) -> str:
    if one.state is State.SEEN and one.cites:
        return f"{shown(one.cites[-1])}  {one.cites[-1].text[:100]}"
    return one.reason


def _why(judgement: Judgement, expected: Level) -> str:
    """The condition that decides on the expected level, and the one that was true instead."""
    texts = judgement.signature.verdict_text
    parts = [f"{level} = {texts[level]!r}" for level in dict.fromkeys((expected.value, judgement.level.value)) if level in texts]
    if judgement.weakened_by:
        parts.append("weakened by " + ", ".join(judgement.weakened_by))
    return "; ".join(parts) or "no condition was true"


def shown(cite: Cite) -> str:
    """A citation as tests write it: path and line, or record."""
    if cite.record is not None:
        return f"{cite.path}#{cite.record}"
    return cite.path if cite.line is None else f"{cite.path}:{cite.line}"


def _cited(cite: Cite, wanted: str) -> bool:
    """Whether `wanted` (path, member or command line, optionally with `:line`) names this citation."""
    name, _, line = wanted.rpartition(":")
    if not line.isdigit():
        name, line = wanted, ""
    return name in (cite.path, cite.member) or member_of(name) == cite.member if not line else (
        cite.line == int(line) and (name in (cite.path, cite.member) or member_of(name) == cite.member))


def _same(value: Value, wanted: Value) -> bool:
    if isinstance(value, (int, float)) and isinstance(wanted, (int, float)):
        return abs(value - wanted) < 1e-6
    return value is not None and str(value) == str(wanted)
