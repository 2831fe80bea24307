"""Block devices from `lsblk`: plain with its tree, -f, -P pairs and -J."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyzer.model import Row

from .text import Line, Output, Places, load_json, row, size

_PAIR = re.compile(r'([A-Z][A-Z0-9:%_-]{1,20})="([^"]{0,1000})"')
_DENSE = ("NAME", "KNAME", "MAJ:MIN", "RM", "SIZE", "RO", "TYPE")
_TREE = re.compile(r"[\s│|]*[├└|`][─-]")
_COLUMNS = {"NAME": "name", "KNAME": "kernel_name", "TYPE": "type", "SIZE": "size_bytes", "MOUNTPOINT": "mount", "MOUNTPOINTS": "mount",
            "FSTYPE": "fstype",
            "PKNAME": "parent", "UUID": "uuid", "LABEL": "label", "RO": "read_only", "MODEL": "model", "SERIAL": "serial", "MAJ:MIN": "device_number",
            "FSAVAIL": "available_bytes", "FSUSE%": "used_percent", "STATE": "state"}


def read_lsblk(output: Output) -> Iterator[Row]:
    """Rows of `block`; the parent is the device above in the tree."""
    if output.text.lstrip()[:1] == "{":
        yield from _from_json(output)
        return
    head: Line | None = None
    parents: list[tuple[int, str]] = []
    for line in output.lines:
        if 'NAME="' in line.text[:40] or line.text[:200].count('="') > 1:
            yield from _made(line.number, dict(_PAIR.findall(line.text)), None)
        elif line.text.startswith("NAME") or (head is None and "NAME" in line.text[:200].split()):
            head, parents = line, []
        elif head and line.text.strip():
            indent = _indent(line.text)
            cells = _cells(line.text[indent:], head.text, indent)
            while parents and parents[-1][0] >= indent:
                parents.pop()
            yield from _made(line.number, cells, parents[-1][1] if parents else None)
            if "NAME" in cells:
                parents.append((indent, cells["NAME"]))


def _indent(text: str) -> int:
    found = _TREE.match(text)
    return found.end() if found else 0


def _cells(bare: str, head: str, indent: int) -> dict[str, str]:
    """The first columns that are never empty are taken in order, the others by the place of their header."""
    names = [(found.group(), found.start(), found.end()) for found in re.finditer(r"\S+", head)]
    words = [(found.group(), found.start() + indent, found.end() + indent) for found in re.finditer(r"\S+", bare)]
    dense = next((place for place, name in enumerate(names) if name[0] not in _DENSE), len(names))
    cells = {name[0]: word[0] for name, word in zip(names[:dense], words)}
    sparse = names[dense:]
    for word, start, end in words[dense:]:
        if sparse:
            name = min(sparse, key=lambda entry: min(abs(start - entry[1]), abs(end - entry[2])))[0]
            cells[name] = f"{cells[name]} {word}" if name in cells else word
    return cells


def _made(line: int, cells: dict[str, str], parent: str | None) -> Iterator[Row]:
    values: dict[str, Any] = {column: cells[name] for name, column in _COLUMNS.items() if cells.get(name) not in (None, "")}
    if "name" not in values:
        return
    for column in ("size_bytes", "available_bytes"):
        if column in values:
            values[column] = size(str(values[column]).replace(",", "."))
    if "read_only" in values:
        values["read_only"] = values["read_only"] in ("1", "true", True)
    if parent:
        values.setdefault("parent", parent)
    yield row("block", line, **values)


def _from_json(output: Output) -> Iterator[Row]:
    found, places = load_json(output.text), Places(output.text)
    waiting: list[tuple[Any, str | None]] = [(entry, None) for entry in reversed(found.get("blockdevices") or [])] if isinstance(found, dict) else []
    while waiting:
        entry, parent = waiting.pop()
        if not isinstance(entry, dict):
            continue
        cells: dict[str, str] = {}
        for name, value in entry.items():
            if isinstance(value, list):
                value = " ".join(str(part) for part in value if isinstance(part, str)) if name == "mountpoints" else None
            if value is not None and not isinstance(value, dict):
                cells[str(name).upper()] = str(int(value) if isinstance(value, bool) else value)
        yield from _made(places.line_of(entry.get("name")), cells, parent)
        children = entry.get("children")
        name = cells.get("NAME")
        waiting.extend((child, name) for child in reversed(children if isinstance(children, list) else []))
