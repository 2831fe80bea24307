"""Which members of a bundle are Windows evidence, and taking them into what is gathered: records, rows, coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timezone
from typing import TYPE_CHECKING

from analyzer.bundle.archive import PROBLEMS_WHILE_READING
from analyzer.bundle.bundle import UNCLOSED, Bundle, Member
from analyzer.clock import Clock
from analyzer.model import Row
from analyzer.scan.activity import Activity
from analyzer.sources.windows.boots import boots_of
from analyzer.sources.windows.calibration import LEFT, UNSURE, ahead_of_utc, calibrated
from analyzer.sources.windows.channels import SOURCES, canonical, channel_of, source_of
from analyzer.sources.windows.events import ALWAYS, Held, Shelf
from analyzer.sources.windows.evtx import asked_for, read_evtx, time_of

if TYPE_CHECKING:
    from analyzer.evidence import Evidence

EVENT_TEXT = "event-text"
AGENT_STARTS = "fact/agent.windows-version"
"""The pattern whose hits are the starts of the guest agent."""
LARGEST_TEXT = 48 << 20
LARGEST_HIVE = 200 << 20
_IN_PLACE = ("bundle", "folder", "zip")
_EVTX = re.compile(r"(?i)\.evtx$")
_HIVE = re.compile(r"(?i)(?:^|/)(?:config|registry|hives?)/(SYSTEM|SOFTWARE)(?:\.hiv|\.hve|\.dat)?$")
_EVENTS_FILE = re.compile(r"(?i)\.events\.jsonl?$|(?:^|/)event[ _-]?(?:logs?|viewer)[^/]*/[^/]+\.(?:txt|log|csv|xml|json|jsonl)$|(?:^|/)(?:system|application)(?:[_ -]?(?:events?|log))?\.(?:txt|csv|xml|jsonl?)$")


def recognise(member: Member) -> str | None:
    """What kind of Windows evidence a member is by its name: evtx, hive or events; None for anything else."""
    name = member.path or member.name
    if _EVTX.search(member.name):
        return "evtx"
    if _HIVE.search(name) or _HIVE.search(member.name):
        return "hive"
    return "events" if _EVENTS_FILE.search(name) or _EVENTS_FILE.search(member.name) else None


def hive_name(member: Member) -> str:
    """Which hive a member is: SYSTEM or SOFTWARE."""
    found = _HIVE.search(member.path or member.name) or _HIVE.search(member.name)
    return found.group(1).upper() if found else "SYSTEM"


def lines_of(member: Member, stream: Iterator[bytes]) -> Iterator[str] | None:
    """An event log or a hive as lines to read; None for any other member."""
    kind = recognise(member)
    if kind not in ("evtx", "hive"):
        return None
    from analyzer.sources.windows import listing
    return listing.list_events(stream) if kind == "evtx" else listing.list_hive(stream, hive_name(member))


def zone_in(bundle: Bundle) -> timezone | None:
    """The zone of the machine's clock, looked up before the walk since logs without a zone are read by it: what the hive SYSTEM
    names. None without one, and for a tar, which would have to be read twice."""
    for member in bundle.members() if bundle.layout in _IN_PLACE else ():
        if recognise(member) == "hive" and hive_name(member) == "SYSTEM" and not member.entry.problem:
            from analyzer.sources.windows.hives import read_hive
            from analyzer.sources.windows.keys import zone_of
            raw = bytearray()
            try:
                return zone_of(read_hive(raw, "SYSTEM").rows) if _take(bundle.chunks(member), raw) else None
            except PROBLEMS_WHILE_READING:
                return None
    return None


def _take(stream: Iterator[bytes], raw: bytearray) -> bool:
    """Take a hive in, held once; False if it is too large."""
    for chunk in stream:
        if len(raw) + len(chunk) > LARGEST_HIVE:
            return False
        raw += chunk
    return True


class WindowsReader:
    """Takes Windows members of one walk. `wanted` are the events that somebody asks for."""

    def __init__(self, bundle: Bundle, wanted: frozenset[tuple[str, int]] | None, clock: Clock) -> None:
        self.bundle, self.clock = bundle, clock
        self.wanted = None if wanted is None else wanted | ALWAYS
        self.shelf = Shelf()
        self.met = False

    def evtx(self, member: Member) -> tuple[list[str], Activity]:
        """Read an event log; its sources and the stretch its records cover."""
        from analyzer.sources.windows.chunks import Harvest
        self.met = True
        harvest = Harvest()
        try:
            for sighting in read_evtx(self.bundle.chunks(member), self.wanted, harvest):
                self.shelf.add(Held(sighting, member.name, member.path or member.name))
        except PROBLEMS_WHILE_READING as error:
            harvest.lost.append(f"it breaks off: {error}")
        if harvest.problem:
            self.bundle.note_text(member.name, harvest.problem)
        elif harvest.unclosed:
            self.bundle.note_text(member.name, "the log was in use when it was copied: records newer than its last one may be missing", UNCLOSED)
        sources = dict.fromkeys(source_of(name, "") for name in sorted(harvest.channels)) or {source_of(channel_of(member.path or member.name), ""): None}
        first, last = time_of(harvest.first), time_of(harvest.last)
        return list(sources), Activity(first=first, last=last, latest=last, lines=harvest.records, unclosed=harvest.unclosed)

    def text(self, member: Member, text: str) -> tuple[list[str], Activity] | None:
        """Read exported events; their sources and coverage, or None if the text is no export of events."""
        from analyzer.sources.windows import eventdata, eventtext
        name = member.path or member.name
        events = eventdata.events_in(text, channel_of(name), self.clock)
        if events is None and (recognise(member) == "events" or eventtext.looks_exported(text)):
            events = eventtext.events_in(text, channel_of(name), self.clock)
        if not events:
            return None
        self.met = True
        sources: dict[str, None] = {}
        activity = Activity(lines=text.count("\n"))
        for event in events:
            provider = canonical(event.provider)[0]
            if asked_for(self.wanted, provider.lower(), event.event_id):
                self.shelf.add(Held(event, member.name, name))
            sources[source_of(event.channel, provider)] = None
            if event.time is not None:
                activity.first = event.time if activity.first is None else min(activity.first, event.time)
                activity.latest = activity.last = event.time if activity.latest is None else max(activity.latest, event.time)
                activity.uncertainty = max(activity.uncertainty, event.uncertainty)
        activity.cut_until = activity.first
        return [*sources, EVENT_TEXT], activity

    def hive(self, member: Member) -> tuple[list[Row], str]:
        """Read a registry hive; its rows, and the listing that they cite. A damaged one gives what can be read, and a problem."""
        from analyzer.sources.windows.hives import read_hive
        self.met = True
        raw = bytearray()
        try:
            if not _take(self.bundle.chunks(member), raw):
                self.bundle.note_text(member.name, "a registry hive too large to be read")
                return [], ""
        except PROBLEMS_WHILE_READING as error:
            self.bundle.note(member.name, error)
        reading = read_hive(raw, hive_name(member))
        if reading.problem:
            self.bundle.note_text(member.name, reading.problem)
        elif reading.unclosed:
            self.bundle.note_text(member.name, "the hive was in use when it was copied: its newest changes may be missing", UNCLOSED)
        return reading.rows, "\n".join(reading.listing)

    def finish(self, evidence: Evidence) -> None:
        """Hand over the records; say of keys that the collector found missing that they are."""
        from analyzer.evidence import MemberInfo as Info
        from analyzer.evidence import Table, TableRow, Unkept, cite_line
        started = [hit.time for hit in evidence.hits_of(AGENT_STARTS) if hit.time is not None and hit.uncertainty <= UNSURE]
        records = list(self.shelf)
        offset = ahead_of_utc(records, started)
        evidence.records.extend(records if offset is None else [calibrated(record, offset) for record in records])
        if offset is not None:
            for member in evidence.members:
                if EVENT_TEXT in member.sources and member.activity and member.activity.uncertainty > UNSURE:
                    member.activity.shift(-offset, LEFT)
        evidence.unkept.extend(Unkept(*kind, start, end) for kind, start, end in self.shelf.dropped())
        evidence.records.sort(key=lambda record: record.time if record.time is not None else 0.0)
        rows = [TableRow(values, cite, when) for values, cite, when in boots_of(evidence.records)]
        if rows:
            boots = evidence.tables.setdefault("boots", Table(reason="the System event log tells of the time that it covers only"))
            boots.rows += rows
        for item in self.bundle.manifest.items if self.bundle.manifest else ():
            if item.kind == "registry" and item.status == "absent" and item.path and "\\" in item.path:
                key = re.sub(r"^HKLM\\", r"HKEY_LOCAL_MACHINE\\", item.path)
                cite = cite_line(Info("manifest.json", "manifest.json", (), (), 0), 1, f"{item.id}: {item.path} absent")
                evidence.tables.setdefault("registry", Table()).rows.append(TableRow({"key": key, "absent": True}, cite))


def event_sources() -> Iterator[str]:
    """The ids of the sources whose members are event logs: their oldest record bounds what they cover."""
    yield from SOURCES
