"""What every reader of a structured artifact gives: rows of named tables, each with the line it was read from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.clock import Clock
from analyzer.model import Row, Value


@dataclass(frozen=True, slots=True)
class Artifact:
    """A structured member handed to a reader: its path on the VM, its text, and when it was last written there."""

    path: str
    text: str
    clock: Clock
    mtime: float | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one kind of artifact. `tables` are those it contributes to."""

    tables: tuple[str, ...]
    read: Callable[[Artifact], list[Row]]


def load_json(text: str) -> Any:
    """Parsed JSON, or None for anything that is not; never raises on hostile input."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def at(data: Any, *path: str | int) -> Any:
    """The value at a path of keys and indexes, None where the path breaks off."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(data, list) or not -len(data) <= step < len(data):
                return None
            data = data[step]
        elif isinstance(data, dict):
            data = next((value for key, value in data.items() if key.lower() == step.lower()), None)
        else:
            return None
    return data


def scalar(value: Any) -> Value:
    """A value fit for a table's cell: scalars as they are, anything else as short JSON."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, sort_keys=True)[:2000]


def row(table: str, values: Mapping[str, Any], line: int = 1, time: float | None = None) -> Row:
    """A row whose cells are all scalars."""
    return Row(table, {key: scalar(value) for key, value in values.items()}, line, time)


def line_of(text: str, needle: str) -> int:
    """The line, from 1, on which `needle` first stands; 1 if nowhere."""
    position = text.find(needle)
    return 1 if position < 0 else text.count("\n", 0, position) + 1
