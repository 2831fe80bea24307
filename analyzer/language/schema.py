"""A signature in memory: what a TOML file says, checked key by key. The language is described in docs/signatures.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.language.expression import Condition

PLATFORMS = frozenset({"linux", "windows"})
SHAPES = ("line", "record", "fact", "row", "span", "silence", "order")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time relative to the attempt: `kind` attempt, before, after, end or any; `seconds` its reach."""

    kind: str = "attempt"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Count:
    """At least so many hits, all within so many seconds of each other (None: within the window).

    With `distinct`, the name of a group, hits with the same value of it count once.
    """

    at_least: int = 1
    within: float | None = None
    distinct: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One named observation to make: its shape and that shape's keys."""

    name: str
    shape: str
    note: str = ""
    source: str = ""
    match: str = ""
    window: Window = Window()
    count: Count = Count()
    per: str | None = None
    cleared_by: tuple[str, ...] = ()
    level: frozenset[str] = frozenset()
    has: tuple[str, ...] = ()
    provider: str = ""
    event_ids: tuple[int, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    fact: str = ""
    compare: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    none: bool = False
    at_least: int = 1
    fresh: float | None = None
    begin: str = ""
    end: str = ""
    within: float = 0.0
    want: str = "unfinished"
    silent_for: float = 0.0
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy: `do` for a person, `run` commands by OS family, when it applies, its risk and how to verify it."""

    do: str
    run: Mapping[str, str] = field(default_factory=dict)
    when: Condition | None = None
    when_text: str = ""
    risk: str = ""
    verify: str = ""
    link: str = ""
    on: str = ""
    """The platform that it is for; empty: any."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A cause and how to recognise it. `verdict` maps a level to its condition, in the order they are tried."""

    id: str
    title: str
    guide_cause: str
    platforms: frozenset[str]
    severity: str
    status: str
    leads_to: tuple[str, ...]
    reviewed: str
    links: tuple[str, ...]
    about: str
    evidence: Mapping[str, Evidence]
    verdict: Mapping[str, Condition]
    verdict_text: Mapping[str, str]
    weakened_by: tuple[str, ...]
    say: Mapping[str, str]
    fixes: tuple[Fix, ...]
    known_issues: tuple[Mapping[str, Any], ...]
    tests: tuple[Mapping[str, Any], ...]
    file: str


def pattern_id(signature: str, evidence: str, part: str = "match") -> str:
    """The id under which the hits of one regex of a signature are kept."""
    return f"{signature}/{evidence}/{part}"
