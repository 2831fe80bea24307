"""Windows event logs (.evtx) read in place, in memory that does not grow with the file.

The library turns records into JSON faster than Python could look at them, so each record is first judged by the head of its
text: only what somebody asks for is parsed, and only what is kept in the end becomes an event.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from analyzer.clock import format_utc, parse_iso
from analyzer.sources.windows.channels import canonical
from analyzer.sources.windows.chunks import CHUNK, Batch, Harvest, batches
from analyzer.sources.windows.event import Event
from analyzer.sources.windows.eventjson import event_of

_SMALLEST_RECORD = 28
_HEAD = re.compile(r'"Provider":\{"#attributes":\{[^{}]{0,400}?"Name":"([^"]{0,200})".{0,400}?"EventID":(?:\{"#attributes":\{[^{}]{0,80}\},"#text":)?"?(\d{1,5})'
                   r'.{0,400}?"SystemTime":"([^"]{10,40})"')
_CHANNEL = re.compile(r'"Channel":"([^"]{1,200})"')


@dataclass(slots=True)
class Sighting:
    """A record of an event log that somebody asks for, not yet parsed. `provider` is in its one spelling."""

    provider: str
    event_id: int
    time: float | None
    channel: str
    record: int
    text: str

    def event(self) -> Event | None:
        """The record as an event; None if it is none."""
        try:
            return event_of(json.loads(self.text))
        except (ValueError, RecursionError):
            return None


def read_evtx(stream: Iterator[bytes], wanted: frozenset[tuple[str, int]] | None, harvest: Harvest) -> Iterator[Sighting]:
    """The wanted records (provider in lower case, empty for any, and id, 0 for any; None: all) of a file's stream, in its order.

    Raises what the stream raises when it breaks off; everything up to there has been given.
    """
    spelled: dict[str, tuple[str, str]] = {}
    channel = token = ""
    for batch in batches(stream, harvest):
        for number, text in _records(batch, harvest):
            harvest.records += 1
            if not token or token not in text:
                found = _CHANNEL.search(text)
                channel, token = (found.group(1), found.group()) if found else ("", "")
                if channel:
                    harvest.channels.add(channel)
            name, event_id, when = _head(text)
            harvest.saw(when)
            known = spelled.get(name)
            if known is None:
                provider = canonical(name)[0]
                known = spelled[name] = provider, provider.lower()
            if asked_for(wanted, known[1], event_id):
                yield Sighting(known[0], event_id, time_of(when), channel, number, text)


def asked_for(wanted: frozenset[tuple[str, int]] | None, provider: str, event_id: int) -> bool:
    """Whether somebody asks for an event; `provider` in lower case."""
    return wanted is None or (provider, event_id) in wanted or ("", event_id) in wanted or (provider, 0) in wanted


def _head(text: str) -> tuple[str, int, str]:
    """Provider, number and time of a record; by the long way where its text is not as usual."""
    head = _HEAD.search(text, 0, 3000)
    if head:
        return head.group(1), int(head.group(2)), head.group(3)
    found = Sighting("", 0, None, "", 0, text).event()
    return (found.provider, found.event_id, format_utc(found.time)) if found else ("", 0, "")


def _records(batch: Batch, harvest: Harvest) -> Iterator[tuple[int, str]]:
    """Number and JSON of each record of a small file; what cannot be parsed is counted and skipped."""
    from evtx import PyEvtxParser
    failed = given = 0
    reason = ""
    try:
        records = PyEvtxParser(io.BytesIO(batch.data)).records_json()
        for _ in range(len(batch.data) // _SMALLEST_RECORD + CHUNK):
            try:
                record = next(records)
            except StopIteration:
                break
            except (RuntimeError, OSError, ValueError) as error:
                failed, reason = failed + 1, reason or re.sub(r"\s+", " ", str(error))[:160]
            else:
                # A hole that was bridged reads as a record without a number.
                if record and record["event_record_id"]:
                    given += 1
                    yield int(record["event_record_id"]), str(record["data"])
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error)[:160]
    if given < batch.expected:
        harvest.lost.append(f"{batch.expected - given} records that the log's headers name could not be read{f' ({reason})' if reason else ''}")


@lru_cache(maxsize=4096)
def _midnight(day: str) -> float | None:
    return parse_iso(f"{day}T00:00:00Z")


def time_of(text: str) -> float | None:
    """Epoch seconds of `2026-11-23T06:10:26.000000Z`, read by place since there are so many; other forms as they come.

    >>> time_of("2026-11-23T06:10:26.500000Z"), time_of("2026-11-23 06:10:26 UTC"), time_of("nothing")
    (1795414226.5, 1795414226.0, None)
    """
    midnight = _midnight(text[:10])
    try:
        if midnight is not None and text[10] == "T" and text[-1] == "Z":
            return midnight + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + float(text[17:-1])
    except (ValueError, IndexError):
        pass
    return parse_iso(text)
