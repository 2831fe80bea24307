"""What the loader cannot know is wrong: a signature without tests, without words, out of place, or at odds with others.

An error breaks the gate; a warning is advice. Every finding names the file, the key and what to do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.errors import SignatureError
from analyzer.language.expression import names_in
from analyzer.language.hostile import regexes
from analyzer.language.knowledge import Knowledge
from analyzer.language.outcome import judgement_of
from analyzer.language.scene import scene_of
from analyzer.language.schema import Fix, Signature
from analyzer.language.stage import Theatre
from analyzer.model import State, Value
from analyzer.scan.pattern import Pattern, compiled

ISSUE_KEYS = {"title", "about", "link", "component", "affected", "fixed", "workaround", "checked"}
_PLACE = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_ATTEMPT_FIELDS = {"id", "start", "end", "outcome", "code", "seq"}
_EVIDENCE_FIELDS = {"when", "count", "first", "last", "text"}
_RENDERED = {"message", "text", "description", "rendered"}
_PROSE = re.compile(r"(?:[A-Za-z']{2,} ){3,}[A-Za-z']{2,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: `severity` is error or warning."""

    severity: str
    where: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what}" + (f" ({self.advice})" if self.advice else "")


def lint(knowledge: Knowledge, ids: Sequence[str] = ()) -> list[Finding]:
    """All findings on these signatures, on all by default; those on one signature stand together."""
    theatre = Theatre(_sound(knowledge))
    chosen = [signature for signature in knowledge.signatures.values() if not ids or signature.id in ids]
    findings = [finding for signature in chosen for finding in _signature(knowledge, theatre, signature)]
    return [*findings, *_twins(knowledge, ids)]


def _sound(knowledge: Knowledge) -> Knowledge:
    """The knowledge without signatures whose regexes cannot be scanned for, so that the others can still be linted."""
    kept = {name: one for name, one in knowledge.signatures.items() if not list(_unscannable(one))}
    return replace(knowledge, signatures=kept)


def _signature(knowledge: Knowledge, theatre: Theatre, signature: Signature) -> Iterator[Finding]:
    yield from _unscannable(signature)
    yield from _place(signature)
    yield from _references(knowledge, signature)
    yield from _words(signature)
    yield from _tests(signature)
    yield from _placeholders(knowledge, theatre, signature)
    yield from _prose(signature)


def _unscannable(signature: Signature) -> Iterator[Finding]:
    for place, match in regexes(signature).items():
        where = f"{signature.file}: {place}"
        try:
            compiled(match)
            if place.rsplit(" ", 1)[1] in ("match", "begin", "end"):
                name = place[place.index(".") + 1:place.index("]")]
                has = signature.evidence[name].has if place.endswith(" match") else ()
                Pattern(where, match, frozenset(), has).literals()
        except SignatureError as error:
            yield Finding("error", where, error.what, error.advice)
        except re.error as error:
            yield Finding("error", where, f"the regex does not parse: {error}")
        except Exception as error:  # the regex module raises an error class of its own
            yield Finding("error", where, f"the regex is not usable: {error}")


def _place(signature: Signature) -> Iterator[Finding]:
    wanted = f"{signature.guide_cause}/{signature.id}.toml"
    if signature.file != wanted:
        yield Finding("error", signature.file, "the file is not where its guide-cause and id say", f"move it to {wanted}")
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", signature.id):
        yield Finding("error", signature.file, f"the id {signature.id!r} is no name", "lower-case words joined by hyphens")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", signature.reviewed):
        yield Finding("error", signature.file, "`reviewed` is missing or no date", 'write reviewed = "2026-05-04"')
    if not signature.about.strip():
        yield Finding("warning", signature.file, "`about` is missing", "two sentences: what is true, and how it stops a backup")
    for link in signature.links:
        if not link.startswith("https://"):
            yield Finding("error", signature.file, f"links: {link!r} is no https address")


def _references(knowledge: Knowledge, signature: Signature) -> Iterator[Finding]:
    for name in signature.leads_to:
        if name not in knowledge.signatures:
            yield Finding("error", f"{signature.file}: leads-to", f"there is no signature {name!r}", "write it, or take the id out")
        elif name == signature.id:
            yield Finding("error", f"{signature.file}: leads-to", "a cause does not lead to itself")
    for number, issue in enumerate(signature.known_issues, 1):
        where = f"{signature.file}: [[known-issue]] {number}"
        for key in issue:
            if key not in ISSUE_KEYS:
                yield Finding("error", where, f"unknown key {key!r}", "known: " + ", ".join(sorted(ISSUE_KEYS)))
        if not issue.get("title"):
            yield Finding("error", where, "`title` is missing")
    names = list(signature.evidence)
    texts = [*signature.verdict_text.values(), *(fix.when_text for fix in signature.fixes)]
    used = {name for text in texts for name in names_in(text, names)} | set(signature.weakened_by)
    used |= {name for one in signature.evidence.values() for name in (*one.cleared_by, *one.order)}
    for name in names:
        if name not in used and not any(f"{{evidence.{name}." in text for text in signature.say.values()):
            yield Finding("warning", f"{signature.file}: [evidence.{name}]", "nothing refers to it", "use it in [verdict], or take it out")


def _words(signature: Signature) -> Iterator[Finding]:
    for one in signature.evidence.values():
        if not one.note.strip():
            yield Finding("error", f"{signature.file}: [evidence.{one.name}]", "`note` is missing", "say in a few words what it means if it is seen")
    for level in ("confirmed", "ruled-out"):
        if level in signature.verdict and not signature.say.get(level, "").strip():
            yield Finding("error", f"{signature.file}: [say]", f"no sentence for {level}", "one that names what was captured")
    if not signature.fixes:
        yield Finding("error", f"{signature.file}: [[fix]]", "there is no fix", "give `do` and `verify`")
    for platform in sorted(signature.platforms):
        if signature.fixes and not any(fix.on in ("", platform) and (not fix.run or _commands_for(fix, platform)) for fix in signature.fixes):
            yield Finding("error", f"{signature.file}: [[fix]]", f"there is no fix for {platform}", 'give one with `on = "' + platform + '"`')
    for number, fix in enumerate(signature.fixes, 1):
        for key, text in (("do", fix.do), ("verify", fix.verify)):
            if not text.strip():
                yield Finding("error", f"{signature.file}: [[fix]] {number}", f"`{key}` is missing")


def _commands_for(fix: Fix, platform: str) -> bool:
    """Whether a fix has commands for a platform; those of the platform's own tool `az` run anywhere."""
    if all(command.startswith("az ") for command in fix.run.values()):
        return True
    return "windows" in fix.run if platform == "windows" else bool(set(fix.run) - {"windows"})


def _tests(signature: Signature) -> Iterator[Finding]:
    where, tests = f"{signature.file}: [[test]]", signature.tests
    expected = [test.get("expect") for test in tests]
    surest = next((level for level in ("confirmed", "likely", "possible") if level in signature.verdict), "confirmed")
    if surest not in expected:
        yield Finding("error", where, f"no test finds it {surest}")
    if not {"ruled-out", "not-seen"} & set(expected):
        yield Finding("error", where, "no test rules it out or does not see it", "add the story of a VM where it is not the cause")
    if not any(test.get("blind") or test.get("expect") == "not-assessed" for test in tests):
        yield Finding("error", where, "no test has a blind source", "list a source in `missing`, the observation in `blind`")
    names = [test.get("name") for test in tests]
    for name in {name for name in names if name is None or names.count(name) > 1}:
        yield Finding("error", where, "a test has no name" if name is None else f"two tests are named {name!r}")


def _placeholders(knowledge: Knowledge, theatre: Theatre, signature: Signature) -> Iterator[Finding]:
    captured = {name for match in regexes(signature).values() for name in re.findall(r"\(\?P<(\w+)>", match)}
    captured |= {name for one in signature.evidence.values() for name in (*one.where, *one.data)}
    captured |= {"seconds", "value"}
    if signature.id in theatre.knowledge.signatures:
        shown, seen, unknown = _rehearsed(theatre, signature)
        captured |= shown
        yield from unknown
        yield from _unseen(signature, seen)
    texts = [(f"[say] {level}", text) for level, text in signature.say.items()]
    texts += [(f"[evidence.{one.name}] note", one.note) for one in signature.evidence.values()]
    for place, text in texts:
        for name in _PLACE.findall(text):
            problem = _unresolvable(knowledge, signature, name, captured)
            if problem:
                yield Finding("error", f"{signature.file}: {place}", f"{{{name}}}: {problem}")


def _unresolvable(knowledge: Knowledge, signature: Signature, name: str, captured: set[str]) -> str:
    first, _, rest = name.partition(".")
    if first == "limits":
        return "" if rest in knowledge.limits else "no such limit in limits.toml"
    if first == "attempt" and name not in knowledge.facts:
        return "" if rest in _ATTEMPT_FIELDS else "an attempt has " + ", ".join(sorted(_ATTEMPT_FIELDS))
    if first == "evidence":
        evidence, _, field = rest.rpartition(".")
        if evidence not in signature.evidence:
            return f"{evidence!r} names no evidence"
        return "" if field in _EVIDENCE_FIELDS else "evidence has " + ", ".join(sorted(_EVIDENCE_FIELDS))
    return "" if name in captured or name in knowledge.facts else "no regex, table or fact gives it in any test"


def _rehearsed(theatre: Theatre, signature: Signature) -> tuple[set[str], set[str], list[Finding]]:
    """The names that observations gave in the tests, the observations that came true in one, and the tests that cannot be staged."""
    names: set[str] = set()
    came_true: set[str] = set()
    gaps: list[Finding] = []
    for number, test in enumerate(signature.tests, 1):
        try:
            scene = scene_of(test, signature, number, theatre.knowledge.catalogue)
        except SignatureError as error:
            gaps.append(Finding("error", error.where, error.what, error.advice))
            continue
        judgement = judgement_of(theatre.diagnose(scene, (signature.id,)), signature)
        if judgement is None:
            continue
        seen: dict[str, Value] = {}
        for one in judgement.observations.values():
            seen |= one.vars
            if one.state is State.SEEN or one.first is not None:  # what healed has a first time too
                came_true.add(one.name)
        names |= set(seen)
    return names, came_true, gaps


def _unseen(signature: Signature, seen: set[str]) -> Iterator[Finding]:
    """Observations that come true in no test: nobody would notice if they never could."""
    for name in signature.evidence:
        if name not in seen:
            yield Finding("warning", f"{signature.file}: [evidence.{name}]", "it is seen in no test",
                          "give a [[test]] what it looks for, as the program writes it; else a slip in it goes unnoticed")


def _prose(signature: Signature) -> Iterator[Finding]:
    """Windows writes messages in the system's language: only ids and fields stay the same."""
    if "windows" not in signature.platforms:
        return
    for one in signature.evidence.values():
        rendered = sorted(set(one.data) & _RENDERED)
        if rendered:
            yield Finding("warning", f"{signature.file}: [evidence.{one.name}]", f"{rendered[0]!r} is prose in the system's language",
                          "ask for the event's id and its other fields")
        for key, wanted in one.where.items():
            if key.lower() in _RENDERED and _PROSE.search(str(wanted)):
                yield Finding("warning", f"{signature.file}: [evidence.{one.name}]", f"{key!r} may be in another language than English",
                              "ask for a number or a state instead")


def _twins(knowledge: Knowledge, ids: Sequence[str]) -> Iterator[Finding]:
    """The same regex in two signatures: two causes that cannot be told apart by it."""
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for signature in knowledge.signatures.values():
        for place, match in regexes(signature).items():
            if place.endswith((" match", " begin")):
                places[match].append((signature.id, f"{signature.file}: {place}"))
    for found in places.values():
        owners = dict.fromkeys(owner for owner, _ in found)
        if len(owners) > 1 and (not ids or set(ids) & set(owners)):
            yield Finding("warning", found[0][1], f"the same regex stands in {found[1][1] if found[1][0] != found[0][0] else found[-1][1]}",
                          "fine for what clears both; else let one of them ask for more")
