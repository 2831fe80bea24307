"""One event of a Windows log as every reader gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `time` is epoch seconds UTC; `fields` its EventData by name, `values` the same in order."""

    provider: str
    event_id: int
    time: float | None = None
    uncertainty: float = 0.0
    channel: str = ""
    record: int | None = None
    line: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    binary: str = ""
    message: str = ""
