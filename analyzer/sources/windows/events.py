"""What is kept of events: bounded, citable, with fields that no translation touches."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.model import Cite, Record, Value
from analyzer.scan.scanner import shorten
from analyzer.sources.windows.channels import canonical, source_of
from analyzer.sources.windows.event import Event
from analyzer.sources.windows.evtx import Sighting
from analyzer.sources.windows.neutral import neutral, watched_service

KEPT_FIRST, KEPT_LAST, KEPT_FEW = 64, 512, 16
# Characters of all that is kept, beyond which only few of each kind are: a real VM's logs stay far below.
ROOM = 96 << 20
# What the frame of every timeline needs, whether or not a signature asks: boots, stops, crashes, and starts of a snapshot.
ALWAYS = frozenset({("service control manager", 7036), ("eventlog", 6005), ("eventlog", 6006), ("eventlog", 6008), ("eventlog", 6013),
                    ("microsoft-windows-kernel-power", 41), ("user32", 1074), ("vss", 8224)})

_SCM, _STATE_CHANGE = "Service Control Manager", 7036
_BINARY = re.compile(r'"Binary":"([0-9A-Fa-f]{2,200})"')
OTHER = "(other services)"
# Windows surrounds the parts of a date with marks of the direction of writing.
_MARKS = re.compile("[\u200e\u200f]")
Kind = tuple[str, str, int, str]


@dataclass(slots=True)
class Held:
    """An event or a sighting of one, and the member that it stands in."""

    found: Event | Sighting
    member: str
    path: str

    @property
    def size(self) -> int:
        """About how many characters it takes to keep."""
        found = self.found
        return len(found.text) if isinstance(found, Sighting) else 500 + len(found.message) + sum(map(len, found.values))


@dataclass(slots=True)
class _Kept:
    """The oldest and the newest of a kind, as heaps whose top is the next to go."""

    first: list[tuple[float, int, Held]] = field(default_factory=list)
    last: list[tuple[float, int, Held]] = field(default_factory=list)
    dropped: bool = False


class Shelf:
    """Keeps of each kind of event the first few and the last many by time, so that memory does not grow with the logs."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, _Kept] = {}
        self._count = self._size = 0

    def add(self, held: Held) -> None:
        """Keep an event, or let one of its kind go for it that is neither among the oldest nor among the newest."""
        kind = kind_of(held.found)
        kept = self._kinds.get(kind)
        if kept is None:
            kept = self._kinds[kind] = _Kept()
        self._count += 1
        self._size += held.size
        time = held.found.time or 0.0
        if len(kept.first) < KEPT_FIRST:
            heapq.heappush(kept.first, (-time, -self._count, held))
            return
        entry = (time, self._count, held)
        if time < -kept.first[0][0]:
            negated, number, older = heapq.heapreplace(kept.first, (-time, -self._count, held))
            entry = (-negated, -number, older)
        heapq.heappush(kept.last, entry)
        while len(kept.last) > (KEPT_LAST if self._size < ROOM else KEPT_FEW):
            kept.dropped = True
            self._size -= heapq.heappop(kept.last)[2].size

    def __iter__(self) -> Iterator[Record]:
        """The records, each once: the collector keeps a channel twice, raw and masked."""
        told: set[tuple[object, ...]] = set()
        for kept in self._kinds.values():
            for _, _, held in sorted((*((-time, -number, held) for time, number, held in kept.first), *kept.last), key=lambda entry: entry[:2]):
                event = held.found if isinstance(held.found, Event) else held.found.event()
                if event is None:
                    continue
                identity = _identity(event, held.member)
                if identity not in told:
                    told.add(identity)
                    yield record_of(event, held.member, held.path)

    def dropped(self) -> Iterator[tuple[Kind, float, float]]:
        """What there was too much of, and between which times nothing of it was kept."""
        for kind, kept in self._kinds.items():
            if kept.dropped:
                yield kind, -kept.first[0][0], kept.last[0][0]


def kind_of(found: Event | Sighting) -> Kind:
    """What an event competes with for its place: source, provider and number; changes of the services that matter each on their own,
    since those of all others are most of a busy log."""
    provider = canonical(found.provider)[0] if isinstance(found, Event) else found.provider
    service = ""
    if found.event_id == _STATE_CHANGE and provider == _SCM:
        binary = found.binary if isinstance(found, Event) else next(iter(_BINARY.findall(found.text)), "")
        service = watched_service(binary) or OTHER
    return source_of(found.channel, provider), provider, found.event_id, service


def _identity(event: Event, member: str) -> tuple[object, ...]:
    """What makes an event itself: readers of the same record may differ in the last digits of its time."""
    place = event.record if event.record is not None else (member, event.line)
    return event.channel.lower(), canonical(event.provider)[0], event.event_id, place, None if event.time is None else int(event.time + 0.001)


def record_of(event: Event, member: str, path: str) -> Record:
    """The record that signatures see: EventData by name, what is read out of it in any language, and a citation."""
    provider, _ = canonical(event.provider)
    data: dict[str, Value] = dict(event.fields)
    data |= neutral(provider, event)
    cite = Cite(member, path, shorten(rendered(provider, event)), line=event.line, record=event.record)
    return Record(source_of(event.channel, provider), provider, event.event_id, event.time, data, cite, event.uncertainty)


def rendered(provider: str, event: Event) -> str:
    """One line that tells the event: provider, number, then its message or its data."""
    if event.message:
        told = " ".join(_MARKS.sub("", event.message).split())
    else:
        told = ", ".join(f"{key}={value}" if not key.startswith("#") else value
                         for key, value in (event.fields or {f"#{place}": value for place, value in enumerate(event.values)}).items() if value.strip())
    return f"{provider} {event.event_id}: {' '.join(told.split())}"[:700]
