"""Values that cross a border between the analyzer's rooms: frozen, slotted, and free of behaviour.

Times are seconds since 1970-01-01 UTC, as floats; None where evidence has no time. Sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float | bool | None


class State(StrEnum):
    """What became of one observation."""

    SEEN = "seen"
    CLEAR = "clear"
    BLIND = "blind"


class Level(StrEnum):
    """How a cause was judged."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    RULED_OUT = "ruled-out"
    NOT_SEEN = "not-seen"
    NOT_ASSESSED = "not-assessed"

    @property
    def strong(self) -> bool:
        """Whether the report names a cause of this level as the answer."""
        return self in (Level.CONFIRMED, Level.LIKELY)


@dataclass(frozen=True, slots=True)
class Cite:
    """A place in the bundle: the member, its path on the VM, and a line (from 1) or a record id."""

    member: str
    path: str
    text: str
    line: int | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a pattern matched, dated as well as the evidence allows.

    `uncertainty` is in seconds: 0 for a stamp with a zone, more where zone or year had to be inferred.
    """

    cite: Cite
    time: float | None = None
    uncertainty: float = 0.0
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a process, a mount, a service, a probe. `line` counts from 1 in the command's output.

    `time` is the row's own time, if its output carries one (a list printed every hour), else None.
    """

    table: str
    values: Mapping[str, Value]
    line: int
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One backup attempt. `outcome` is succeeded, failed, unfinished or unknown; `code` the extension's final code.

    `stands_in` marks the collection time that is judged when no attempt is to be found; `previous_end` is when the
    attempt before it ended: what lies before that belongs to the other.
    """

    id: str
    start: float | None
    end: float | None
    outcome: str
    code: str | None
    cites: tuple[Cite, ...]
    stands_in: bool = False
    uncertainty: float = 0.0
    seq: int | None = None
    previous_end: float | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value of the evidence. Not known: `known` is False and `reason` says why; known to be absent: value None."""

    name: str
    known: bool
    value: Value = None
    cite: Cite | None = None
    time: float | None = None
    reason: str = ""
    foreign: bool = False
    """Not known because it belongs to another platform than the VM's."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one piece of evidence of a signature came to, relative to one attempt."""

    name: str
    state: State
    note: str = ""
    reason: str = ""
    cites: tuple[Cite, ...] = ()
    count: int = 0
    first: float | None = None
    last: float | None = None
    vars: Mapping[str, Value] = field(default_factory=dict)
    foreign: bool = False
    """Whether it belongs to another platform than the VM's."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event of a Windows log (or a structured journal record): who wrote it, its id, and its named data."""

    source: str
    provider: str
    event_id: int
    time: float | None
    data: Mapping[str, Value]
    cite: Cite
    uncertainty: float = 0.0
