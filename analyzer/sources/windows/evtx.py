"""Windows event logs (.evtx) read in place, in memory that does not grow with the file.

A file is a header of 4 KiB and chunks of 64 KiB, each complete in itself (string and template tables included). So the
stream is cut into batches of chunks, each batch parsed as a small file of its own; a damaged chunk costs its records only.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analyzer.clock import parse_iso
from analyzer.sources.windows.event import Event

MAGIC, CHUNK_MAGIC = b"ElfFile\0", b"ElfChnk\0"
HEADER, CHUNK = 4096, 65536
BATCH = 32 * CHUNK
_HEAD = re.compile(r'"Provider":\{"#attributes":\{[^{}]{0,400}?"Name":"([^"]{0,200})".{0,400}?"EventID":(?:\{"#attributes":\{[^{}]{0,80}\},"#text":)?"?(\d{1,5})')
_TIME = re.compile(r'"SystemTime":"([^"]{10,40})"')
_CHANNEL = re.compile(r'"Channel":"([^"]{1,200})"')


@dataclass(slots=True)
class Harvest:
    """What a file gave besides its events: how many records, between which times, by channel, and what was lost."""

    records: int = 0
    first: float | None = None
    last: float | None = None
    lost: list[str] = field(default_factory=list)
    channels: dict[str, int] = field(default_factory=dict)

    def saw(self, time: float | None) -> None:
        """Widen the covered stretch; times before 1990 come from damaged records."""
        if time is not None and time > 631152000:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)

    @property
    def problem(self) -> str | None:
        """One sentence on what was lost, or None."""
        if not self.lost:
            return None
        more = f" and {len(self.lost) - 1} more" if len(self.lost) > 1 else ""
        return f"a damaged event log, read in part: {self.lost[0]}{more}; {self.records} records were read"


def read_evtx(chunks: Iterator[bytes], wanted: frozenset[tuple[str, int]] | None, harvest: Harvest) -> Iterator[Event]:
    """The wanted events (provider in lower case and id; None: all) of a file's stream, in the file's order.

    Raises what the stream raises when it breaks off; everything up to there has been given.
    """
    from analyzer.sources.windows.channels import canonical
    known: dict[str, str] = {}
    for batch in _batches(chunks, harvest):
        for text in _records(batch, harvest):
            harvest.records += 1
            head = _HEAD.search(text, 0, 1600)
            time = _TIME.search(text, 0, 2400)
            when = parse_iso(time.group(1)) if time else None
            harvest.saw(when)
            channel = _CHANNEL.search(text)
            if channel:
                harvest.channels[channel.group(1)] = harvest.channels.get(channel.group(1), 0) + 1
            if head and wanted is not None:
                name = head.group(1)
                provider = known.get(name)
                if provider is None:
                    provider = known[name] = canonical(name)[0].lower()
                if (provider, int(head.group(2))) not in wanted and (provider, 0) not in wanted:
                    continue
            event = event_of(_loaded(text))
            if event is not None:
                yield event


def _batches(chunks: Iterator[bytes], harvest: Harvest) -> Iterator[bytes]:
    """The stream as small files of some chunks each; empty chunks at the end are room kept for later records."""
    held = bytearray()
    header = b""
    place = 0
    empty: list[int] = []
    batch = bytearray()
    for piece in chunks:
        held += piece
        if not header and len(held) >= HEADER:
            header = bytes(held[:HEADER])
            if not header.startswith(MAGIC):
                harvest.lost.append("no event log: its first bytes are not `ElfFile`")
                return
            del held[:HEADER]
        while header and len(held) >= CHUNK:
            chunk = bytes(held[:CHUNK])
            del held[:CHUNK]
            place += 1
            if chunk.startswith(CHUNK_MAGIC):
                if empty:
                    harvest.lost.append(f"{len(empty)} empty chunks between others, the first is chunk {empty[0]}")
                    empty = []
                batch += chunk
            elif chunk.count(0) == CHUNK:
                empty.append(place)
            else:
                harvest.lost.append(f"chunk {place} does not begin with `ElfChnk`")
            if len(batch) >= BATCH:
                yield header + bytes(batch)
                batch = bytearray()
    if batch:
        yield header + bytes(batch)
    if not header:
        harvest.lost.append("shorter than an event log's header" if held else "the file is empty")
    elif held and any(held):
        harvest.lost.append(f"it ends in the middle of chunk {place + 1}")
        if held.startswith(CHUNK_MAGIC):
            yield header + bytes(held) + bytes(CHUNK - len(held))


def _records(batch: bytes, harvest: Harvest) -> Iterator[str]:
    """Each record of a small file as JSON; what cannot be parsed is counted and skipped."""
    from evtx import PyEvtxParser
    try:
        records = iter(PyEvtxParser(io.BytesIO(batch)).records_json())
    except (RuntimeError, OSError, ValueError) as error:
        harvest.lost.append(str(error)[:160])
        return
    for _ in range(len(batch) // 24):
        try:
            record = next(records)
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError) as error:
            harvest.lost.append(re.sub(r"\s+", " ", str(error))[:160])
        else:
            if record:
                yield str(record["data"])


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def event_of(data: Any) -> Event | None:
    """An event out of the JSON that evtx readers print (`Event`, `System`, `EventData`); None if it is none."""
    body = data.get("Event") if isinstance(data, dict) else None
    system = body.get("System") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(system, dict):
        return None
    provider = _attribute(system.get("Provider"), "Name")
    number = system.get("EventID")
    number = number.get("#text") if isinstance(number, dict) else number
    try:
        event_id = int(str(number))
    except ValueError:
        return None
    fields, values, binary = _data(body.get("EventData") or body.get("UserData"))
    record = system.get("EventRecordID")
    return Event(provider=provider or "", event_id=event_id, time=parse_iso(_attribute(system.get("TimeCreated"), "SystemTime")),
                 channel=str(system.get("Channel") or ""), record=record if isinstance(record, int) else None, fields=fields, values=values, binary=binary)


def _attribute(value: Any, name: str) -> str | None:
    attributes = value.get("#attributes") if isinstance(value, dict) else None
    found = attributes.get(name) if isinstance(attributes, dict) else None
    return str(found) if found is not None else None


def _data(body: Any) -> tuple[dict[str, str], tuple[str, ...], str]:
    """EventData in its three shapes: named fields, a positional array, nested UserData; and the classic Binary."""
    fields: dict[str, str] = {}
    values: list[str] = []
    binary = ""
    stack = [body] if isinstance(body, dict) else []
    while stack and len(values) < 200:
        for key, value in stack.pop(0).items():
            if key == "#attributes" or value is None:
                continue
            if key == "Binary":
                binary = str(value)
            elif key == "Data":
                inner = value.get("#text") if isinstance(value, dict) else value
                values += [str(one) for one in inner] if isinstance(inner, list) else [str(inner)] if inner is not None else []
            elif isinstance(value, dict):
                if "#text" in value:
                    fields[key] = str(value["#text"])
                    values.append(fields[key])
                else:
                    stack.append(value)
            else:
                fields[key] = " ".join(map(str, value)) if isinstance(value, list) else str(value)
                values.append(fields[key])
    return fields, tuple(values), binary
