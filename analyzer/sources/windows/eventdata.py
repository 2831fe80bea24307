"""Event logs as data: JSON lines (evtx readers, Get-WinEvent, the collector's masked events), XML, CSV."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.clock import Clock, parse_iso
from analyzer.sources.goal_state import parse_xml
from analyzer.sources.windows.event import Event
from analyzer.sources.windows.eventjson import event_of
from analyzer.sources.windows.eventtext import time_of

MOST = 200_000
_XML = re.compile(r"<Event[ >].*?</Event>", re.DOTALL)
_JSON_DATE = re.compile(r"/Date\((-?\d{9,14})")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "provider": ("provider", "providername", "provider_name", "source", "sourcename"), "event_id": ("event_id", "eventid", "id", "eventcode", "event id"),
    "time": ("time", "timecreated", "time_created", "systemtime", "timegenerated", "date and time", "date"), "channel": ("channel", "logname", "log_name", "log", "log name"),
    "record": ("record", "recordid", "record_id", "eventrecordid", "recordnumber"), "message": ("message", "description", "renderedmessage"),
    "data": ("data", "eventdata", "event_data", "fields", "properties"), "values": ("values",), "binary": ("binary",),
}


def events_in(text: str, channel: str, clock: Clock) -> list[Event] | None:
    """The events of a text that holds data; None if it is no such text."""
    head = text.lstrip("\ufeff \t\r\n")[:4000]
    if head.startswith(("{", "[")):
        found = list(_from_json(text.lstrip("\ufeff"), channel, clock))
        return found or None
    if head.startswith("<") and ("<Event " in head or "<Event>" in head or "<Events" in head):
        return [event for body in _XML.findall(text)[:MOST] if (event := _from_xml(body, clock))] or None
    viewer = list(_from_viewer(text.lstrip("\ufeff"), channel, clock))
    if viewer:
        return viewer
    titles = [title.strip(' "\r') for title in head.split("\n", 1)[0].lower().split(",")]
    if len(titles) > 3 and re.fullmatch(r"[\w ]{1,30}", titles[0]) and {*titles}.intersection(_NAMES["event_id"]) and {*titles}.intersection(_NAMES["provider"]):
        return list(_from_csv(text.lstrip("\ufeff"), channel, clock)) or None
    return None


def _from_json(text: str, channel: str, clock: Clock) -> Iterator[Event]:
    for number, data in _objects(text):
        event = event_of(data) or _flat(data, channel, clock, number)
        if event is not None:
            yield event if event.line or event.record is not None else _at_line(event, number)


def _at_line(event: Event, line: int) -> Event:
    from dataclasses import replace
    return replace(event, line=line)


def _objects(text: str) -> Iterator[tuple[int, Any]]:
    """Each object with its line: JSON lines, or one array."""
    if text.lstrip().startswith("["):
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from ((1, one) for one in whole[:MOST] if isinstance(whole, list))
        return
    for number, line in enumerate(text.split("\n", MOST)[:MOST], 1):
        if line.strip().startswith("{"):
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                continue
    if text.lstrip().startswith("{\n") or text.lstrip().startswith("{\r"):
        try:
            yield 1, json.loads(text)
        except (ValueError, RecursionError):
            return


def _flat(data: Any, channel: str, clock: Clock, line: int) -> Event | None:
    """An object whose keys name an event's parts, in any of the usual spellings."""
    if not isinstance(data, dict):
        return None
    low = {str(key).lower(): value for key, value in data.items()}

    def get(part: str) -> Any:
        return next((low[name] for name in _NAMES[part] if low.get(name) is not None), None)

    try:
        event_id = int(str(get("event_id"))) & 0xFFFF
    except ValueError:
        return None
    provider = get("provider")
    provider = provider.get("Name") if isinstance(provider, dict) else provider
    time, doubt = _time(get("time"), clock)
    fields, values = _fields(get("data"))
    given = get("values")
    if isinstance(given, list):
        values = tuple(str(one) for one in given)
    record = get("record")
    if not provider:
        return None
    return Event(str(provider), event_id, time, doubt, str(get("channel") or channel), record if isinstance(record, int) else None, line, fields, values,
                 str(get("binary") or fields.pop("Binary", "")), str(get("message") or ""))


def _time(value: Any, clock: Clock) -> tuple[float | None, float]:
    if isinstance(value, dict):
        value = value.get("value") or value.get("DateTime") or value.get("SystemTime")
    text = str(value or "")
    found = _JSON_DATE.search(text)
    if found:
        return int(found.group(1)) / 1000, 0.0
    if re.match(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$", text):
        return parse_iso(text), 0.0
    return time_of(text, clock)


def _fields(data: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    if isinstance(data, dict):
        plain = {str(key): str(value) for key, value in list(data.items())[:100] if value is not None and not isinstance(value, (dict, list))}
        listed = [str(one) for value in data.values() if isinstance(value, list) for one in value][:100]
        return plain, (*plain.values(), *listed)
    if isinstance(data, list):
        values = tuple(str(one.get("Value", one.get("#text", "")) if isinstance(one, dict) else one) for one in data[:100])
        named = {str(one["Name"]): str(one.get("Value", one.get("#text", ""))) for one in data[:100] if isinstance(one, dict) and "Name" in one}
        return named, values
    return ({}, (str(data),)) if data else ({}, ())


def _from_xml(body: str, clock: Clock) -> Event | None:
    root = parse_xml(re.sub(r'\sxmlns=(["\']).*?\1', "", body, count=4))
    if root is None:
        return None
    number, created = root.findtext("System/EventID"), root.find("System/TimeCreated")
    provider, record = root.find("System/Provider"), root.findtext("System/EventRecordID")
    if not (number and number.strip().isdigit()) or provider is None:
        return None
    fields: dict[str, str] = {}
    values: list[str] = []
    for element in root.iterfind("EventData/Data"):
        value = element.text or ""
        values.append(value)
        if element.get("Name"):
            fields[element.get("Name")] = value
    for element in root.iterfind("UserData//*"):
        if element.text and element.text.strip():
            fields[element.tag.rpartition("}")[2]] = element.text.strip()
            values.append(element.text.strip())
    return Event(provider.get("Name") or "", int(number), parse_iso(created.get("SystemTime")) if created is not None else None, 0.0,
                 root.findtext("System/Channel") or "", int(record) if record and record.isdigit() else None, None, fields, tuple(values),
                 root.findtext("EventData/Binary") or "", root.findtext("RenderingInfo/Message") or "")


def _from_csv(text: str, channel: str, clock: Clock) -> Iterator[Event]:
    try:
        reader = csv.DictReader(io.StringIO(text))
        for number, entry in enumerate(reader, 2):
            if number > MOST:
                return
            event = _flat({key: value for key, value in entry.items() if key and value}, channel, clock, number)
            if event is not None:
                yield event
    except csv.Error:
        return


_VIEWER_TIME = re.compile(r"(\d{1,4})([./-])\s?(\d{1,2})[./-]\s?(\d{1,4})\.?,?\s+(?:(\w{2})\s)?(\d{1,2})[:.](\d\d)[:.](\d\d)(?:\s([AaPp])\.?\s?[Mm]\.?)?")
_AFTERNOON = ("下午", "午後", "오후")
COLUMNS = 5


def _from_viewer(text: str, channel: str, clock: Clock) -> Iterator[Event]:
    """What the Event Viewer saves as CSV or text, in any language: five titles, and rows of level, time, source, number, category and message."""
    head = text[:400].split("\n", 1)[0]
    for mark in (",", "\t", ";"):
        if head.count(mark) == COLUMNS - 1:
            break
    else:
        return
    try:
        reader = csv.reader(io.StringIO(text), delimiter=mark)
        next(reader, None)
        rows, above = list[tuple[int, list[str]]](), reader.line_num
        for cells in itertools.islice(reader, MOST):
            if len(cells) >= COLUMNS and cells[3].strip().isdigit():
                rows.append((above + 1, cells))
            above = reader.line_num
    except csv.Error:
        return
    english = head.lower().startswith(("level", '"level'))
    month_first = _month_first([cells[1] for _, cells in rows], english)
    for line, cells in rows:
        time, doubt = _viewer_time(cells[1], month_first, clock)
        if time is not None:
            yield Event(cells[2].strip(), int(cells[3]), time, doubt, channel, None, line, {}, (), "", mark.join(cells[COLUMNS:]).strip())


def _month_first(times: list[str], english: bool) -> bool:
    """Whether `3/4/2026` means the fourth of March: told by a number above 12, by AM and PM, else by the language."""
    for text in times:
        found = _VIEWER_TIME.search(text)
        if found and len(found[1]) <= 2:
            if int(found[1]) > 12:
                return False
            if int(found[3]) > 12 or found[9]:
                return True
    return english


def _viewer_time(text: str, month_first: bool, clock: Clock) -> tuple[float | None, float]:
    found = _VIEWER_TIME.search(text.replace("\u200e", "").replace("\u202f", " "))
    if not found:
        return None, 0.0
    one, mark, two, three, word, hour, minute, second, half = found.groups()
    if len(one) == 4:
        year, month, day = one, two, three
    elif month_first and mark == "/":
        year, month, day = three, one, two
    else:
        year, month, day = three, two, one
    hours = int(hour)
    if half or word in _AFTERNOON:
        hours = hours % 12 + (12 if (half or "").lower() == "p" or word in _AFTERNOON else 0)
    try:
        return clock.local(int(year), int(month), int(day), hours, int(minute), float(second))
    except ValueError:
        return None, 0.0
