"""An event out of the JSON that readers of .evtx print: `Event` with `System` and `EventData` or `UserData`."""

from __future__ import annotations

from typing import Any

from analyzer.clock import parse_iso
from analyzer.sources.windows.event import Event

MOST_VALUES = 200


def event_of(data: Any) -> Event | None:
    """An event out of parsed JSON; None if it is none."""
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
    while stack and len(values) < MOST_VALUES:
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
