"""Event logs and hives as lines that a person can read: the events with their numbers, the keys and values that were read."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.clock import format_utc
from analyzer.sources.windows.chunks import Harvest
from analyzer.sources.windows.events import rendered
from analyzer.sources.windows.evtx import read_evtx
from analyzer.sources.windows.hives import read_hive


def list_events(stream: Iterator[bytes]) -> Iterator[str]:
    """A line for each record of an event log, in its order: number, time, provider, event id and data."""
    harvest = Harvest()
    for sighting in read_evtx(stream, None, harvest):
        event = sighting.event()
        if event is not None:
            yield f"#{sighting.record} {format_utc(sighting.time)} {rendered(sighting.provider, event)}"
    if harvest.problem:
        yield f"({harvest.problem})"


def list_hive(stream: Iterator[bytes], name: str) -> Iterator[str]:
    """The lines that citations of a hive count: a value each, or a key that has none or is missing."""
    reading = read_hive(bytearray(b"".join(stream)), name)
    yield from reading.listing
    if reading.problem:
        yield f"({reading.problem})"
