"""When Windows booted, went down and died, out of its System log: rows of `boots`.

EventLog 6005 is written at each boot, 6006 when Windows goes down in order, 6008 at the boot after it did not; its Binary
holds the time of the last sign of life.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.clock import format_utc, parse_iso
from analyzer.model import Cite, Record, Value

_KINDS = {6005: "boot", 6006: "shutdown", 6008: "crash"}


def boots_of(records: Iterable[Record]) -> Iterator[tuple[dict[str, Value], Cite, float]]:
    """Values, citation and time of each boot and end of a run."""
    for record in records:
        kind = _KINDS.get(record.event_id) if record.provider == "EventLog" else None
        if kind is None or record.time is None:
            continue
        died = record.data.get("died")
        when = parse_iso(died) if isinstance(died, str) else None
        when = record.time if when is None else when
        yield {"kind": kind, "when": when, "text": f"EventLog {record.event_id} {format_utc(record.time)}"}, record.cite, when
