"""Judging causes: each signature's verdict for an attempt, and the root put before what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.attempts import find_attempts, to_judge, unseen
from analyzer.evidence import Evidence
from analyzer.facts import of_attempt
from analyzer.language.expression import Kleene, names_in
from analyzer.language.knowledge import Knowledge
from analyzer.language.observe import Observer
from analyzer.language.say import fill, sentence
from analyzer.language.schema import Fix, Signature
from analyzer.model import Attempt, Cite, Fact, Level, Observation, State, Value

_KLEENE: Mapping[State, Kleene] = {State.SEEN: True, State.CLEAR: False, State.BLIND: None}
_LOWER = {Level.CONFIRMED: Level.LIKELY, Level.LIKELY: Level.POSSIBLE, Level.POSSIBLE: Level.POSSIBLE}
_ORDER = {level: number for number, level in enumerate(Level)}
_SEVERITY = {"blocker": 0, "degraded": 1, "advice": 2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One cause, judged for one attempt. `doubt` says why what speaks against it does not rule it out."""

    signature: Signature
    level: Level
    observations: Mapping[str, Observation]
    sentence: str
    vars: Mapping[str, Value] = field(default_factory=dict)
    weakened_by: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    rank: int = 0
    root: bool = False
    consequence_of: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def cites(self) -> tuple[Cite, ...]:
        """The citations of what decided the verdict, without repeats."""
        wanted = self.decided_by or tuple(self.observations)
        return tuple(dict.fromkeys(cite for name in wanted for cite in self.observations[name].cites))

    @property
    def when(self) -> float | None:
        """The latest time of what was seen."""
        times = [seen.last for seen in self.observations.values() if seen.state is State.SEEN and seen.last is not None]
        return max(times, default=None)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The causes judged for the attempt that was chosen, all attempts, and all facts."""

    attempt: Attempt
    attempts: tuple[Attempt, ...]
    judgements: tuple[Judgement, ...]
    facts: Mapping[str, Fact]

    @property
    def verdict(self) -> Judgement | None:
        """The root cause, if one is confirmed or likely."""
        return next((one for one in self.judgements if one.root and one.level.strong), None)

    def at_level(self, *levels: Level) -> list[Judgement]:
        """The judgements of these levels, in their order of rank."""
        return [one for one in self.judgements if one.level in levels]


def diagnose(evidence: Evidence, facts: Mapping[str, Fact], knowledge: Knowledge, *, at: float | None = None,
             order: Sequence[str] = (), only: Sequence[str] = (), skip: Sequence[str] = (),
             attempt: Attempt | None = None) -> Diagnosis:
    """Judge every signature for the foremost attempt that yields a cause; with none, for the first to judge.

    `order` is the guide's causes in the order of the symptom, a tie-break; `only` and `skip` select causes by id.
    """
    attempts = find_attempts(evidence)
    candidates = [attempt] if attempt else to_judge(evidence, attempts, at)
    first: Diagnosis | None = None
    for candidate in candidates:
        everything = {**facts, **of_attempt(candidate, attempts)}
        judged = _judge_all(evidence, everything, knowledge, candidate, order, only, skip)
        found = Diagnosis(candidate, tuple(attempts), judged, everything)
        if found.verdict is not None:
            return found
        first = first or found
    assert first
    return first


def _judge_all(evidence: Evidence, facts: Mapping[str, Fact], knowledge: Knowledge, attempt: Attempt, order: Sequence[str],
               only: Sequence[str], skip: Sequence[str]) -> tuple[Judgement, ...]:
    observer = Observer(evidence, facts, attempt)
    judged = [judge(signature, observer, knowledge, evidence) for signature in knowledge.signatures.values()
              if evidence.platform in signature.platforms and (not only or signature.id in only) and signature.id not in skip]
    doubt = unseen(evidence, attempt)
    if doubt:
        judged = [replace(one, level=Level.NOT_ASSESSED, doubt=doubt) if one.level is Level.RULED_OUT else one for one in judged]
    return _ranked(judged, attempt, order)


def judge(signature: Signature, observer: Observer, knowledge: Knowledge, evidence: Evidence) -> Judgement:
    """One signature's verdict: the first condition that is true; else not assessed if one was unknown; else not seen."""
    seen = observer.observe(signature)
    states = {name: _KLEENE[one.state] for name, one in seen.items()}
    names = list(seen)
    level, unknown, decisive = Level.NOT_SEEN, False, ""
    for name, condition in signature.verdict.items():
        holds = condition(states)
        if holds:
            level, decisive = Level(name), signature.verdict_text[name]
            break
        unknown = unknown or holds is None
    else:
        level = Level.NOT_ASSESSED if unknown else Level.NOT_SEEN
    weakened = tuple(name for name in signature.weakened_by if states[name]) if level in _LOWER else ()
    if weakened:
        level = _LOWER[level]
    decided = tuple(names_in(decisive, names)) if decisive else ()
    # What was seen speaks first, for a cause as against it; what was looked for in vain only where nothing was seen.
    decided = tuple(name for name in decided if seen[name].state is State.SEEN) or decided
    variables: dict[str, Value] = {}
    for one in reversed(list(seen.values())):
        if one.state is State.SEEN:
            variables |= one.vars
    applicable = tuple(fix for fix in signature.fixes if fix.on in ("", evidence.platform) and (fix.when is None or fix.when(states)))
    seen = {name: replace(one, note=fill(one.note, seen, {**variables, **one.vars}, observer.facts, knowledge.limits, observer.attempt))
            for name, one in seen.items()}
    say = sentence(signature, level, seen, variables, observer.facts, knowledge.limits, observer.attempt,
                   evidence.platform)
    return Judgement(signature, level, seen, say, variables, weakened, decided, applicable if level in _LOWER else ())


def _ranked(judged: Sequence[Judgement], attempt: Attempt, order: Sequence[str]) -> tuple[Judgement, ...]:
    """Roots first: a strong cause that another strong cause leads to is that one's consequence."""
    strong = {one.signature.id: one for one in judged if one.level.strong}
    causes_of: dict[str, list[str]] = {name: [] for name in strong}
    for name in strong:
        for reached in _reachable(name, strong):
            if name not in _reachable(reached, strong) or _outranks(strong[name], strong[reached]):
                causes_of[reached].append(name)

    def key(one: Judgement) -> tuple[object, ...]:
        consequence = bool(causes_of.get(one.signature.id))
        distance = abs(one.when - attempt.end) if one.when is not None and attempt.end is not None else float("inf")
        place = order.index(one.signature.guide_cause) if one.signature.guide_cause in order else len(order)
        return (0 if one.level.strong else 1, consequence, _ORDER[one.level], _SEVERITY[one.signature.severity],
                place if order else 0, _bucket(distance), place, one.signature.id)

    ranked = sorted(judged, key=key)
    roots = [one.signature.id for one in ranked if one.level.strong and not causes_of[one.signature.id]]
    return tuple(replace(one, rank=number, root=bool(roots) and one.signature.id == roots[0],
                         consequence_of=tuple(sorted(causes_of.get(one.signature.id, ()))))
                 for number, one in enumerate(ranked, 1))


def _bucket(distance: float) -> float:
    """Distances in time that matter to nearness: within a minute, ten minutes, an hour, a day, more."""
    return next((limit for limit in (60.0, 600.0, 3600.0, 86400.0) if distance <= limit), float("inf"))


def _outranks(one: Judgement, other: Judgement) -> bool:
    """Which of two causes that lead to each other is the root: the surer, then the one whose id comes first."""
    return (_ORDER[one.level], one.signature.id) < (_ORDER[other.level], other.signature.id)


def _reachable(name: str, strong: Mapping[str, Judgement]) -> set[str]:
    """The strong causes that `name` brings about, directly or through each other."""
    found: set[str] = set()
    todo = list(strong[name].signature.leads_to)
    while todo:
        reached = todo.pop()
        if reached in strong and reached not in found and reached != name:
            found.add(reached)
            todo.extend(strong[reached].signature.leads_to)
    return found
