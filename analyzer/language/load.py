"""Reading signatures: TOML in, checked values out. Every error names the file and the key, and says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli

from analyzer.clock import parse_duration
from analyzer.errors import SignatureError
from analyzer.language.expression import Condition, parse
from analyzer.language.operators import OPERATORS
from analyzer.language.schema import PLATFORMS, SHAPES, Count, Evidence, Fix, Signature, Window

SCHEMA = "azure-backup-signature/1"
LEVELS = ("confirmed", "ruled-out", "likely", "possible")
GUIDE_CAUSES = ("no-internet", "agent-unresponsive", "agent-outdated", "snapshot-not-taken", "extension-not-loading", "other")
_TOP = {"schema", "id", "title", "guide-cause", "platforms", "severity", "status", "leads-to", "reviewed", "links", "about",
        "evidence", "verdict", "say", "fix", "test", "known-issue"}
_COMMON = {"note"}
_KEYS: Mapping[str, frozenset[str]] = {
    "line": frozenset({"source", "match", "has", "level", "window", "count", "per", "cleared-by"}),
    "record": frozenset({"source", "provider", "event-id", "data", "window", "count", "per", "cleared-by"}),
    "fact": frozenset({"fact", *OPERATORS}),
    "row": frozenset({"table", "where", "none", "at-least", "fresh", "window"}),
    "span": frozenset({"source", "begin", "end", "within", "want", "window"}),
    "silence": frozenset({"source", "silent-for", "window"}),
    "order": frozenset({"order", "within"}),
}


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary. Raises SignatureError with the place of a syntax error."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except tomli.TOMLDecodeError as error:
        raise SignatureError(f"not TOML: {error}", where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SignatureError(f"cannot be read: {error}", where=str(path)) from error


def signature_from(data: Mapping[str, Any], where: str) -> Signature:
    """A checked signature. Raises SignatureError."""
    _known(data, _TOP, where, "")
    _required(data, ("schema", "id", "title", "guide-cause", "platforms", "verdict", "evidence"), where)
    if data["schema"] != SCHEMA:
        raise SignatureError(f"schema is {data['schema']!r}", where=where, advice=f'write schema = "{SCHEMA}"')
    _one_of(data["guide-cause"], GUIDE_CAUSES, where, "guide-cause")
    _one_of(data.get("severity", "blocker"), ("blocker", "degraded", "advice"), where, "severity")
    _one_of(data.get("status", "stable"), ("stable", "trial"), where, "status")
    evidence = {name: _evidence(name, spec, f"{where}: [evidence.{name}]") for name, spec in data["evidence"].items()}
    names = list(evidence)
    for one in evidence.values():
        for other in (*one.cleared_by, *one.order):
            if other not in evidence:
                raise SignatureError(f"{other!r} names no evidence", where=f"{where}: [evidence.{one.name}]", advice="there is: " + ", ".join(names))
    verdict = dict(data["verdict"])
    weakened = tuple(verdict.pop("weakened-by", ()))
    _known(verdict, set(LEVELS), where, "[verdict] ")
    for name in weakened:
        if name not in evidence:
            raise SignatureError(f"weakened-by: {name!r} names no evidence", where=where)
    conditions = {level: _condition(verdict[level], names, f"{where}: [verdict] {level}") for level in LEVELS if level in verdict}
    say = _say(data.get("say", {}), where)
    return Signature(
        id=data["id"], title=data["title"], guide_cause=data["guide-cause"], platforms=frozenset(data["platforms"]),
        severity=data.get("severity", "blocker"), status=data.get("status", "stable"), leads_to=tuple(data.get("leads-to", ())),
        reviewed=str(data.get("reviewed", "")), links=tuple(data.get("links", ())), about=data.get("about", ""), evidence=evidence,
        verdict=conditions, verdict_text=verdict, weakened_by=weakened, say=say,
        fixes=tuple(_fix(fix, names, f"{where}: [[fix]]") for fix in data.get("fix", ())),
        known_issues=tuple(data.get("known-issue", ())), tests=tuple(data.get("test", ())), file=where)


def _evidence(name: str, spec: Mapping[str, Any], where: str) -> Evidence:
    shape = _shape(spec, where)
    _known(spec, _KEYS[shape] | _COMMON, where, "")
    compare = {operator: spec[operator] for operator in OPERATORS if operator in spec}
    if shape == "fact" and len(compare) != 1:
        raise SignatureError("a fact needs exactly one comparison", where=where, advice="one of: " + ", ".join(OPERATORS))
    for key in ("where", "data"):
        for column, wanted in spec.get(key, {}).items():
            if isinstance(wanted, Mapping):
                _known(wanted, set(OPERATORS), where, f"{key}: {column}: ")
    ids = spec.get("event-id", ())
    return Evidence(
        name=name, shape=shape, note=spec.get("note", ""), source=spec.get("source", ""), match=spec.get("match", ""),
        window=_window(spec.get("window", "attempt"), where), count=_count(spec.get("count"), where), per=spec.get("per"),
        cleared_by=tuple(spec.get("cleared-by", ())), level=frozenset(_many(spec.get("level", ()))), has=tuple(_many(spec.get("has", ()))),
        provider=spec.get("provider", ""), event_ids=tuple(ids) if isinstance(ids, list) else (ids,) if ids != () else (),
        data=spec.get("data", {}), fact=spec.get("fact", ""), compare=compare, table=spec.get("table", ""), where=spec.get("where", {}),
        none=bool(spec.get("none", False)), at_least=int(spec.get("at-least", 1)),
        fresh=_duration(spec["fresh"], where) if "fresh" in spec else None, begin=spec.get("begin", ""), end=spec.get("end", ""),
        within=_duration(spec.get("within", "0s"), where),
        want=_one_of(spec.get("want", "unfinished"), ("finished", "unfinished", "slow"), where, "want"),
        silent_for=_duration(spec.get("silent-for", "0s"), where), order=tuple(spec.get("order", ())))


def _shape(spec: Mapping[str, Any], where: str) -> str:
    marks = {"line": "match", "record": "event-id", "fact": "fact", "row": "table", "span": "begin", "silence": "silent-for", "order": "order"}
    found = [shape for shape in SHAPES if marks[shape] in spec]
    if len(found) != 1 and not (found == [] and "provider" in spec):
        raise SignatureError("exactly one shape is needed, this has " + (" and ".join(found) or "none"), where=where,
                             advice="a key of: " + ", ".join(f"{mark} ({shape})" for shape, mark in marks.items()))
    shape = found[0] if found else "record"
    if shape in ("line", "span", "silence") and not spec.get("source"):
        raise SignatureError("`source` is missing", where=where)
    if shape == "span" and not spec.get("end"):
        raise SignatureError("a span needs `begin`, `end` and `within`", where=where)
    return shape


def _window(text: str, where: str) -> Window:
    words = text.split()
    if text in ("attempt", "any"):
        return Window(text)
    if len(words) == 3 and words[1] in ("before", "after") and words[2] in ("attempt", "end"):
        kind = "last-words" if words[2] == "end" else words[1]
        return Window(kind, _duration(words[0], where))
    raise SignatureError(f"window {text!r} is not known", where=where,
                         advice="attempt, any, `24h before attempt`, `30m after attempt` or `10m before end`")


def _count(spec: Any, where: str) -> Count:
    if spec is None:
        return Count()
    if isinstance(spec, int):
        return Count(spec)
    _known(spec, {"at-least", "within", "distinct"}, where, "count ")
    return Count(int(spec.get("at-least", 1)), _duration(spec["within"], where) if "within" in spec else None, spec.get("distinct"))


def _say(spec: Mapping[str, Any], where: str) -> dict[str, str]:
    """The sentences by level; those of one platform only by `platform.level`."""
    levels = {*LEVELS, "not-seen", "not-assessed"}
    _known(spec, levels | PLATFORMS, where, "[say] ")
    say = {level: text for level, text in spec.items() if level in levels}
    for platform in PLATFORMS & set(spec):
        _known(spec[platform], levels, where, f"[say.{platform}] ")
        say |= {f"{platform}.{level}": text for level, text in spec[platform].items()}
    return say


def _fix(spec: Mapping[str, Any], names: list[str], where: str) -> Fix:
    _known(spec, {"do", "on", "run", "when", "risk", "verify", "link"}, where, "")
    on = _one_of(spec["on"], tuple(sorted(PLATFORMS)), where, "on") if "on" in spec else ""
    run = spec.get("run", {})
    when = spec.get("when", "")
    return Fix(do=spec.get("do", ""), run={"any": run} if isinstance(run, str) else dict(run),
               when=_condition(when, names, where) if when else None, when_text=when, risk=spec.get("risk", ""),
               verify=spec.get("verify", ""), link=spec.get("link", ""), on=on)


def _condition(text: str, names: list[str], where: str) -> Condition:
    try:
        return parse(text, names)
    except ValueError as error:
        raise SignatureError(str(error), where=where) from error


def _duration(text: str, where: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise SignatureError(str(error), where=where) from error


def _many(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _known(spec: Mapping[str, Any], allowed: set[str] | frozenset[str], where: str, what: str) -> None:
    for key in spec:
        if key not in allowed:
            raise SignatureError(f"{what}unknown key {key!r}", where=where, advice="known: " + ", ".join(sorted(allowed)))


def _required(spec: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in keys:
        if key not in spec:
            raise SignatureError(f"{key!r} is missing", where=where)


def _one_of(value: str, allowed: tuple[str, ...], where: str, key: str) -> str:
    if value not in allowed:
        raise SignatureError(f"{key} = {value!r}", where=where, advice="one of: " + ", ".join(allowed))
    return value
