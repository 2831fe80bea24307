"""A live probe of the collector: one JSON object with what was tried and what came back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyzer.model import Row, Value

from .text import Output, Places, load_json, number, row

_URL = re.compile(r"[a-z][a-z0-9+.-]{1,15}://(?:[^/@\s]{0,200}@)?(\[[\da-fA-F:.]{2,45}\]|[^/:\s]{1,253})(?::(\d{1,5}))?")
_HOST_PORT = re.compile(r"(\[[\da-fA-F:.]{2,45}\]|[^/:\s]{1,253}):(\d{1,5})(?:/.{0,400})?")
_PORTS = {"http": 80, "https": 443}
_NUMBERS = ("status", "port", "seconds", "skew_seconds", "offset_seconds")
FABRIC = "168.63.129.16"


def read_probes(output: Output) -> Iterator[Row]:
    """Rows of `probes`: one per object; an object's list of results gives one row each."""
    value, places = load_json(output.text), Places(output.text)
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield from _rows(entry, places)


def _rows(entry: dict[str, Any], places: Places) -> Iterator[Row]:
    parts = next((entry[name] for name in ("results", "targets", "probes") if isinstance(entry.get(name), list)), None)
    nested = [part for part in parts if isinstance(part, dict)] if parts else []
    common = {name: value for name, value in entry.items() if not isinstance(value, (list, dict))}
    for part in nested[:500]:
        yield _probe({**common, **part}, _line(part, places))
    if not nested:
        yield _probe(entry, _line(entry, places))


def _line(entry: dict[str, Any], places: Places) -> int:
    """A reader of the citation wants the error; without one, what was tried."""
    return places.line_of(*([entry["error"]] if entry.get("error") else []), entry.get("target"), entry.get("probe"))


def _probe(entry: dict[str, Any], line: int) -> Row:
    values: dict[str, Value] = {}
    for name, value in list(entry.items())[:200]:
        values.update(_scalars(str(name)[:80], value))
    for name in _NUMBERS:
        known = values.get(name)
        if isinstance(known, str):
            values[name] = number(known) if number(known) is not None else known
    said = values.get("ok")
    if isinstance(said, str):
        values["ok"] = said.strip().lower() in ("true", "yes", "1", "ok")
    elif isinstance(said, (int, float)):
        values["ok"] = bool(said)
    _place(values)
    if values.get("uid") not in (None, 0) and values.get("host") == FABRIC and not values.get("ok") and values.get("status") is None:
        # The agent's own firewall rules let nobody but root talk to the fabric: that another user cannot tells nothing.
        values |= {"ok": None, "error": None, "unprivileged": True}
    return row("probes", line, **values)


def _scalars(name: str, value: object) -> dict[str, Value]:
    """A nested object gives `outer_inner` names, a list of words one text."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return {name: value}
    if isinstance(value, dict):
        return {f"{name}_{inner}"[:120]: part for inner, part in list(value.items())[:50] if isinstance(part, (str, int, float, bool))}
    if isinstance(value, list):
        return {name: ",".join(str(part) for part in value[:50] if isinstance(part, (str, int, float)))}
    return {}


def _place(values: dict[str, Value]) -> None:
    """Host and port, from the target where the probe does not name them."""
    target = str(values.get("target") or values.get("url") or "")[:600]
    found = _URL.match(target)
    host, port = (found.group(1), found.group(2)) if found else (None, None)
    if found and port is None:
        values.setdefault("port", _PORTS.get(target.partition(":")[0]))
    elif not found:
        plain = _HOST_PORT.fullmatch(target)
        host, port = (plain.group(1), plain.group(2)) if plain else (target if target and "/" not in target and " " not in target else None, None)
    if host and values.get("host") is None:
        values["host"] = host.strip("[]")
    if port and values.get("port") is None:
        values["port"] = int(port)
