"""An event as every reader gives it, and the record made of it: bounded, citable, with fields that no translation touches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.model import Cite, Record, Value
from analyzer.scan.scanner import shorten
from analyzer.sources.windows.channels import canonical, source_of
from analyzer.sources.windows.event import Event
from analyzer.sources.windows.neutral import neutral

KEPT_FIRST, KEPT_LAST = 64, 512
# What the frame of every timeline needs, whether or not a signature asks: boots, stops, crashes, and starts of a snapshot.
ALWAYS = frozenset({("service control manager", 7036), ("eventlog", 6005), ("eventlog", 6006), ("eventlog", 6008), ("eventlog", 6013),
                    ("microsoft-windows-kernel-power", 41), ("user32", 1074), ("vss", 8224)})


@dataclass(slots=True)
class _Kept:
    first: list[Record] = field(default_factory=list)
    last: deque[Record] = field(default_factory=lambda: deque(maxlen=KEPT_LAST))


class Shelf:
    """Keeps of each kind of event the first few and the last many, so that memory does not grow with the logs."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, int], _Kept] = {}

    def add(self, record: Record) -> None:
        """Keep a record, or let an older one of its kind go for it."""
        kept = self._kinds.setdefault((record.source, record.provider, record.event_id), _Kept())
        if len(kept.first) < KEPT_FIRST:
            kept.first.append(record)
        else:
            kept.last.append(record)

    def __iter__(self) -> Iterator[Record]:
        for kept in self._kinds.values():
            yield from kept.first
            yield from kept.last


def record_of(event: Event, member: str, path: str) -> Record:
    """The record that signatures see: EventData by name, what is read out of it in any language, and a citation."""
    provider, _ = canonical(event.provider)
    data: dict[str, Value] = dict(event.fields)
    data |= neutral(provider, event)
    cite = Cite(member, path, shorten(_rendered(provider, event)), line=event.line, record=event.record)
    return Record(source_of(event.channel, provider), provider, event.event_id, event.time, data, cite, event.uncertainty)


def _rendered(provider: str, event: Event) -> str:
    """One line that tells the event: provider, number, then its message or its data."""
    if event.message:
        told = " ".join(event.message.split())
    else:
        told = ", ".join(f"{key}={value}" if not key.startswith("#") else value
                         for key, value in (event.fields or {f"#{place}": value for place, value in enumerate(event.values)}).items() if value.strip())
    return f"{provider} {event.event_id}: {' '.join(told.split())}"[:700]
