"""The zone of exported events, which are printed in the VM's local time without saying which: found by what tells UTC.

A change of the clock and a boot (Kernel-General 1 and 12) name their time in UTC in their text; the start of the guest agent
stands in the event log (Service Control Manager 7036) and, in UTC, in the agent's own log.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from analyzer.clock import parse_iso
from analyzer.model import Record

QUARTER = 900.0
SLACK = 180.0
"""Seconds that may lie between an event and what it is compared with."""
FURTHEST = 15 * 3600.0
UNSURE = 3600.0
"""Seconds of uncertainty from which on a time counts as one of an unknown zone."""
LEFT = 60.0
"""Seconds of uncertainty that are left once the zone is found."""
_NAMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_AGENT = "windowsazureguestagent"


def ahead_of_utc(records: Iterable[Record], started: Sequence[float]) -> float | None:
    """How many seconds the stamps of an unknown zone are ahead of UTC, a multiple of a quarter of an hour; None if nothing
    tells, or what tells does not agree. `started` is when the guest agent started, in epoch seconds UTC, by its own log.
    """
    votes = Counter(rounded for apart in _apart(records, started) if (rounded := _rounded(apart)) is not None)
    if not votes:
        return None
    offset, most = votes.most_common(1)[0]
    return offset if most * 3 >= votes.total() * 2 else None


def _apart(records: Iterable[Record], started: Sequence[float]) -> Iterator[float]:
    for record in records:
        if record.uncertainty <= UNSURE or record.time is None:
            continue
        if record.provider == "Microsoft-Windows-Kernel-General" and record.event_id in (1, 12):
            named = _NAMED.search(record.cite.text)
            utc = parse_iso(named.group()) if named else None
            if utc is not None:
                yield record.time - utc
        elif record.event_id == 7036 and str(record.data.get("service")).lower() == _AGENT and record.data.get("state") == "running":
            yield from (record.time - start for start in started)


def _rounded(apart: float) -> float | None:
    offset = round(apart / QUARTER) * QUARTER
    return offset if abs(apart - offset) <= SLACK and abs(offset) <= FURTHEST else None


def calibrated(record: Record, offset: float) -> Record:
    """The record with its time in UTC, if it was of an unknown zone."""
    if record.uncertainty <= UNSURE or record.time is None:
        return record
    return replace(record, time=record.time - offset, uncertainty=LEFT)
