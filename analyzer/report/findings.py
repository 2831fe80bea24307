"""What every renderer works from: the JSON report, so that all agree, and what choosing from it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.model import Level
from analyzer.report.analysis import Analysis
from analyzer.report.jsonreport import report
from analyzer.report.places import Places, last_part
from analyzer.report.remedy import family_of

Body = Mapping[str, Any]

MEANING = {
    "confirmed": "the evidence proves it",
    "likely": "strong signs, short of proof",
    "possible": "weak signs, or signs that something else weakens",
    "ruled-out": "the evidence excludes it",
    "not-seen": "looked for, and no sign of it",
    "not-assessed": "could not be looked at",
}
_TELLING = re.compile(r"(?i)error|fail|warn|critical|refused|denied|timed?[ -]?out|unreachable|no space|exception|cannot|unable|not found|invalid")


@dataclass(frozen=True, slots=True)
class Findings:
    """A report and, beside it, what it says nothing of. Can be handed from process to process.

    `family` is the distribution's family; `judged_at` the time that was judged (epoch seconds) and `stands_in` whether
    that is no attempt's; `decided` names the observations that decided each cause; `labels` are short names of citations
    by their number.
    """

    body: Body
    exit_code: int
    family: str = "any"
    stands_in: bool = False
    judged_at: float | None = None
    collected: float | None = None
    symptom: str | None = None
    decided: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    full_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Body | None:
        """The cause the verdict names."""
        return next((cause for cause in self.body["causes"] if cause["root"] and cause["id"] == self.body["verdict"]["cause"]), None)

    def text(self, number: str) -> str:
        """The words of a citation; those of a changed member say so."""
        cite = self.body["cites"][number]
        return f"[changed after collection] {cite['text']}" if cite.get("tampered") else str(cite["text"])

    @property
    def attempt(self) -> Body | None:
        """The attempt that was judged; None if another time stands in for it."""
        return next((one for one in self.body["attempts"] if one["id"] == self.body["verdict"]["attempt"]), None)


def findings(analysis: Analysis) -> Findings:
    """Everything to render about one analysis."""
    body = report(analysis)
    diagnosis, evidence = analysis.diagnosis, analysis.evidence
    system = {str(row.values.get("key")): row.values.get("value") for row in evidence.rows("system")}
    words = [system.get("id"), *str(system.get("id_like") or "").split(), body["host"]["os"]]
    cited = {last_part(str(cite[key])) for cite in body["cites"].values() for key in ("path", "member")}
    places = Places((member.name, member.path) for member in evidence.members
                    if last_part(member.name) in cited or last_part(member.path or "") in cited)
    return Findings(
        body, analysis.exit_code, family_of(str(body["host"]["platform"]), words), diagnosis.attempt.stands_in, diagnosis.attempt.end,
        evidence.collected, analysis.symptom,
        {one.signature.id: tuple(one.decided_by) for one in diagnosis.at_level(Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE)},
        {number: places.short(cite) for number, cite in body["cites"].items()},
        {number: places.full(cite) for number, cite in body["cites"].items()})


@dataclass(frozen=True, slots=True)
class Proof:
    """One observation that was made: what it means, and the numbers of the citations that show it best."""

    name: str
    note: str
    cites: tuple[str, ...]


def proof(found: Findings, cause: Body, most: int = 4) -> list[Proof]:
    """The observations that decided a cause, each with its most telling lines: about `most` lines in all."""
    seen = [one for one in cause["evidence"] if one["state"] == "seen"]
    wanted = found.decided.get(cause["id"]) or ()
    deciding = [one for one in seen if one["name"] in wanted] or seen
    each = max(1, most // max(1, len(deciding)))
    chosen: list[Proof] = []
    used: set[str] = set()
    for one in deciding:
        fresh = [number for number in one["cites"] if number not in used]
        best = tuple(_telling(found.body["cites"], fresh or one["cites"], min(each, 3)))
        used.update(best)
        chosen.append(Proof(one["name"], one["note"], best))
    return chosen[:most + 2]


def _telling(cites: Mapping[str, Body], numbers: Sequence[str], most: int) -> list[str]:
    """Short lines that speak of a failure before others, never two that differ in figures only; in their own order."""
    def weight(number: str) -> tuple[bool, bool]:
        text = cites[number]["text"]
        return len(text) > 240, not _TELLING.search(text)

    kept: list[str] = []
    shapes: set[str] = set()
    for number in sorted(numbers, key=weight):
        shape = re.sub(r"\d+", "0", cites[number]["text"])
        if shape not in shapes:
            shapes.add(shape)
            kept.append(number)
    return [number for number in numbers if number in kept[:most]]


def consequences(found: Findings) -> list[Body]:
    """The causes that another one brought about."""
    return [cause for cause in found.body["causes"] if cause["consequence_of"]]


def others(found: Findings) -> list[Body]:
    """Causes that stand beside the verdict, neither it nor a consequence."""
    root = found.root
    return [cause for cause in found.body["causes"] if not cause["consequence_of"] and (root is None or cause["id"] != root["id"])]


@dataclass(frozen=True, slots=True)
class Blind:
    """A reason why something could not be looked at, and the causes it keeps from being judged."""

    reason: str
    causes: tuple[str, ...]


def blind_spots(found: Findings, *, everything: bool = False) -> list[Blind]:
    """What could not be looked at, by reason, what keeps most causes from a judgement first.

    `everything` adds what was blind for causes that could be judged all the same.
    """
    groups: dict[str, dict[str, None]] = {}
    for one in found.body["not_assessed"]:
        for spot in one["blind"]:
            groups.setdefault(spot["reason"] or "reason unknown", {})[one["id"]] = None
    if everything:
        for cause in found.body["causes"]:
            for spot in cause["evidence"]:
                if spot["state"] == "blind":
                    groups.setdefault(spot["reason"] or "reason unknown", {})[cause["id"]] = None
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [Blind(reason, tuple(causes)) for reason, causes in ordered]


def problems(found: Findings) -> list[tuple[str, tuple[str, ...]]]:
    """What is wrong with the bundle: each kind of trouble, tampering first, with the items it befell.

    What a blind spot names already is left out.
    """
    groups: dict[tuple[str, str], dict[str, None]] = {}
    told = [spot.reason for spot in blind_spots(found)]
    for one in found.body["bundle"]["problems"]:
        if any(reason.startswith(f"{one['item']}: ") for reason in told):
            continue
        groups.setdefault((one["status"], one["reason"]), {})[one["item"]] = None
    order = {"tampered": 0, "missing": 1, "budget": 2, "failed": 3}
    ordered = sorted(groups.items(), key=lambda group: (order.get(group[0][0], 4), group[0]))
    return [(f"{status}: {reason}" if reason else status, tuple(items)) for (status, reason), items in ordered]


def judged(found: Findings, show_time: Any) -> str:
    """One sentence: which attempt was judged, or what stands in for it. `show_time` turns a time into words."""
    attempt, attempts = found.attempt, found.body["attempts"]
    if attempt is not None:
        code = code_words(attempt["code"])
        started = show_time(attempt["start"]) if attempt["start"] else "start unknown"
        many = f"; {len(attempts)} attempts in the evidence" if len(attempts) > 1 else ""
        return f"Attempt {attempt['id']} of {started}: {attempt['outcome']}{code}{many}"
    if found.judged_at is None:
        return "No backup attempt in the evidence, and no time that could stand in for one"
    known = found.collected is not None and found.judged_at == found.collected
    when = f"the {'time of collection' if found.body['bundle']['collected_at'] else 'last time in the evidence'}" if known else "the time asked for"
    moment = f" ({show_time(found.judged_at)})"
    if attempts:
        last = attempts[-1]
        which = "the only backup attempt in the evidence" if len(attempts) == 1 else f"the last of {len(attempts)} backup attempts"
        outcome = "did not finish" if last["outcome"] == "unfinished" else last["outcome"]
        return f"Judged at {when}{moment}; {which} ({last['id']}) {outcome}"
    return f"No backup attempt in the evidence: {when}{moment} stands in for it"


def code_words(code: str | None) -> str:
    """An attempt's final code as the end of a phrase; `agent:Enable` means that only the agent tells of the end."""
    if code is None:
        return ""
    return f", says the agent of its {code[6:]}" if code.startswith("agent:") else f", code {code}"


def host_line(body: Body) -> list[str]:
    """The host in a few words: its name, system, versions and zone, as far as known."""
    host = body["host"]
    agent, extension = host["agent"], host["extension"]
    version = agent["running"] or agent["installed"]
    package = f" (package {agent['installed']})" if agent["installed"] and agent["running"] and agent["installed"] != agent["running"] else ""
    parts: Iterable[str | None] = (
        host["hostname"], host["os"] or host["platform"], f"agent {version}{package}" if version else None,
        f"extension {extension['version']}" if extension["version"] else None)
    return [str(part) for part in parts if part]
