"""The evidence that a `[[test]]` of a signature describes: parsed, checked, and ready to be taken apart or moved in time.

A scene is a small VM on paper. Its pieces (files, commands, probes, tables, facts, events) are named by one word each
in `missing`: a path, a command line, `probe:NUMBER`, `table:NAME`, `fact:NAME`, `events:SOURCE`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from analyzer.clock import Clock, parse_iso, stamp_of, zone_of
from analyzer.errors import SignatureError
from analyzer.language.schema import Signature
from analyzer.model import Attempt, Level, Value
from analyzer.sources.catalogue import Catalogue, Source

KEYS = {"name", "files", "commands", "probes", "tables", "facts", "events", "absent", "missing", "mtimes", "collected", "zone", "platform",
        "attempt", "at", "expect", "vars", "cites", "blind"}
DEFAULT_COLLECTED = 1777888800.0  # 2026-05-04T10:00:00Z
_A_MINUTE = 60.0
_DATED_WELL = 3600.0
_EVENT_KEYS = {"source", "provider", "event-id", "time", "data"}
_ATTEMPT_KEYS = {"start", "end", "outcome", "code"}


@dataclass(frozen=True, slots=True)
class Event:
    """A record of a Windows log as a test writes it."""

    source: str
    provider: str
    event_id: int
    time: float | None
    data: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Scene:
    """One test: what lies on the VM, what was not collected, and what the signature must make of it."""

    name: str
    platform: str
    expect: Level
    collected: float
    zone: str
    files: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    events: Sequence[Event] = ()
    absent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    mtimes: Mapping[str, float] = field(default_factory=dict)
    attempt: Attempt | None = None
    at: float | None = None
    skew: float | None = None
    vars: Mapping[str, Value] = field(default_factory=dict)
    cites: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()

    def pieces(self) -> list[str]:
        """The name of every piece of evidence that could be taken away."""
        return [*self.files, *self.commands, *self.probes, *(f"table:{name}" for name in self.tables), *(f"fact:{name}" for name in self.facts),
                *(f"events:{name}" for name in dict.fromkeys(event.source for event in self.events)), *self.absent]

    def without(self, piece: str) -> Scene:
        """The same scene with one piece planned, but not collected."""
        kind, _, name = piece.partition(":")
        return replace(
            self, missing=(*self.missing, piece), files=_but(self.files, piece), commands=_but(self.commands, piece),
            probes=_but(self.probes, piece), absent=tuple(one for one in self.absent if one != piece),
            tables=_but(self.tables, name) if kind == "table" else self.tables, facts=_but(self.facts, name) if kind == "fact" else self.facts,
            events=tuple(one for one in self.events if one.source != name) if kind == "events" else self.events)


def _but(pieces: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in pieces.items() if key != name}


def scene_of(test: Mapping[str, Any], signature: Signature, number: int, catalogue: Catalogue) -> Scene:
    """The scene of a signature's test. Raises SignatureError that names the key."""
    where = f"{signature.file}: [[test]] {number}"
    _check_keys(test, KEYS, where)
    if "expect" not in test or test["expect"] not in list(Level):
        raise SignatureError(f"expect = {test.get('expect')!r}", where=where, advice="one of: " + ", ".join(Level))
    platform = str(test.get("platform") or _platform(test, signature))
    zone = str(test.get("zone", "UTC"))
    attempt = _attempt(test["attempt"], where) if "attempt" in test else None
    events = tuple(_event(event, where, catalogue) for event in test.get("events", ()))
    files, commands = _texts(test, "files", where), _texts(test, "commands", where)
    given = _time(test.get("collected"), where, "collected")
    times = [event.time for event in events if event.time is not None] + ([attempt.end] if attempt and attempt.end is not None else [])
    collected = given if given is not None else _collected(files, commands, times, zone, catalogue)
    for name in test.get("blind", ()):
        if name not in signature.evidence:
            raise SignatureError(f"blind: {name!r} names no evidence", where=where, advice="there is: " + ", ".join(signature.evidence))
    for name in test.get("facts", {}):
        if name.startswith("attempt"):
            raise SignatureError(f"the fact {name!r} follows from the attempt", where=where, advice="give `attempt = { code = ... }` instead")
    return Scene(
        name=str(test.get("name", f"test {number}")), platform=platform, expect=Level(test["expect"]), collected=collected, zone=zone,
        files=files, commands=commands, probes={f"probe:{index}": dict(probe) for index, probe in enumerate(test.get("probes", ()), 1)},
        tables={name: [_plain_row(row) for row in rows] for name, rows in test.get("tables", {}).items()},
        facts={name: _plain(value) for name, value in test.get("facts", {}).items()}, events=events,
        absent=tuple(test.get("absent", ())), missing=tuple(test.get("missing", ())),
        mtimes={path: _must_time(value, where, "mtimes") for path, value in test.get("mtimes", {}).items()},
        attempt=attempt, at=_time(test.get("at"), where, "at"), vars=dict(test.get("vars", {})), cites=tuple(test.get("cites", ())),
        blind=tuple(test.get("blind", ())))


def _check_keys(spec: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for key in spec:
        if key not in allowed:
            raise SignatureError(f"unknown key {key!r}", where=where, advice="known: " + ", ".join(sorted(allowed)))


def _texts(test: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    texts = test.get(key, {})
    for name, text in texts.items():
        if not isinstance(text, str):
            raise SignatureError(f"{key}: {name!r} must be a text", where=where)
    return dict(texts)


def _platform(test: Mapping[str, Any], signature: Signature) -> str:
    paths = [*test.get("files", ()), *test.get("absent", ()), *test.get("missing", ())]
    if "windows" in signature.platforms and (len(signature.platforms) == 1 or any(re.match(r"[A-Za-z]:", path) for path in paths)):
        return "windows"
    return "linux"


def _attempt(spec: Mapping[str, Any], where: str) -> Attempt:
    _check_keys(spec, _ATTEMPT_KEYS, f"{where}: attempt")
    code = spec.get("code")
    return Attempt("a1", _time(spec.get("start"), where, "attempt.start"), _time(spec.get("end"), where, "attempt.end"),
                   str(spec.get("outcome", "failed")), None if code is None else str(code), ())


def _event(spec: Mapping[str, Any], where: str, catalogue: Catalogue) -> Event:
    _check_keys(spec, _EVENT_KEYS, f"{where}: events")
    if spec.get("source") not in catalogue:
        raise SignatureError(f"events: source {spec.get('source')!r} is not in sources.toml", where=where)
    return Event(spec["source"], str(spec.get("provider", "")), int(spec.get("event-id", 0)), _time(spec.get("time"), where, "events.time"),
                 dict(spec.get("data", {})))


def _collected(files: Mapping[str, str], commands: Mapping[str, str], times: list[float], zone: str, catalogue: Catalogue) -> float:
    """A minute after the last time that any line begins with; stamps without a year count only if there is nothing better."""
    local = zone_of(zone)
    texts: list[tuple[str, Source | None]] = [(text, None) for text in commands.values()]
    for path, text in files.items():
        texts.append((text, next((catalogue[name] for name in catalogue.of(path, ()) if catalogue[name].zone == "utc"), None)))
    for near in (None, DEFAULT_COLLECTED):
        found = list(times)
        for text, utc in texts:
            clock = Clock(UTC, near, utc.local_form, local) if utc else Clock(local, near)
            stamps = (stamp_of(line, clock.for_line(line)) for line in text.splitlines())
            found += [stamp.time for stamp in stamps if stamp and (stamp.uncertainty < _DATED_WELL or near is not None)]
        if found:
            return max(found) + _A_MINUTE
    return DEFAULT_COLLECTED


def _time(value: Any, where: str, key: str) -> float | None:
    return None if value is None else _must_time(value, where, key)


def _must_time(value: Any, where: str, key: str) -> float:
    time = parse_iso(str(_plain(value)))
    if time is None:
        raise SignatureError(f"{key} = {value!r} is no time", where=where, advice='write "2026-05-04T10:00:00Z"')
    return time


def _plain(value: Any) -> Value:
    """A value of TOML as a cell holds it: dates become ISO 8601 texts."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _plain_row(row: Mapping[str, Any]) -> dict[str, Value]:
    return {key: _plain(value) for key, value in row.items()}
