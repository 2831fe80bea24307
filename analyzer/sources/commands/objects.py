"""Objects as PowerShell and wmic print them: list, table, CSV or JSON, all with names that are never translated."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .text import Line, Output, Places, load_json

_PAIR = re.compile(r"([A-Za-z_][\w ().%/-]{0,80}?)\s{0,60}(?::(?:\s|$)|=)\s{0,4}(.*)")
_DASHES = re.compile(r"-{2,200}(?:\s{1,200}-{1,200}){0,30}$")
_WORDS = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: its properties by lower-case name, and the line where it starts."""

    line: int
    values: dict[str, str]

    def first(self, *names: str) -> str | None:
        """The first of these properties that has a value."""
        return next((self.values[name.lower()] for name in names if self.values.get(name.lower())), None)


def objects_of(output: Output) -> Iterator[Thing]:
    """All objects in an output, in whichever form it is."""
    head = next((line.text.strip() for line in output.lines if line.text.strip()), "")
    if head[:1] in ("{", "["):
        yield from _from_json(output.text)
    elif head.startswith(('"', "#TYPE")) or (head.count(",") > 1 and not _PAIR.fullmatch(head)):
        yield from _from_csv(output.lines)
    else:
        rule = next((place for place, line in enumerate(output.lines[:60]) if _DASHES.match(line.text.strip())), None)
        if rule:
            yield from _from_table(output.lines, rule)
        elif _PAIR.fullmatch(head[:400]):
            yield from _from_list(output.lines)
        else:
            yield from _from_wmic_table(output.lines)


def _from_json(text: str) -> Iterator[Thing]:
    value, places = load_json(text), Places(text)
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            line = places.line_of(*(entry.get(name) for name in ("Name", "DeviceID", "ProcessId", "Id")), *list(entry.values())[:4])
            yield Thing(line, {str(name).lower(): _plain(part) for name, part in entry.items()})


def _plain(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("value", value.get("Value", ""))
    if isinstance(value, list):
        return " ".join(_plain(part) for part in value[:50])
    return "" if value is None else str(value)


def _from_csv(lines: Sequence[Line]) -> Iterator[Thing]:
    names: list[str] = []
    for line in lines:
        if not line.text.strip() or line.text.startswith("#TYPE"):
            continue
        cells = next(csv.reader([line.text]), [])
        if not names:
            names = [cell.strip().lower() for cell in cells]
        elif len(cells) == len(names):
            yield Thing(line.number, dict(zip(names, (cell.strip() for cell in cells))))


def _from_list(lines: Sequence[Line]) -> Iterator[Thing]:
    values: dict[str, str] = {}
    first, name = 0, ""
    for line in lines:
        found = _PAIR.fullmatch(line.text.strip()) if not line.text.startswith("          ") else None
        if found:
            name = found.group(1).strip().lower()
            # wmic separates objects by blank lines, and writes blank lines inside them too: a repeated name starts the next one.
            if name in values:
                yield Thing(first, values)
                values, first = {}, 0
            first = first or line.number
            values[name] = found.group(2).strip()
        elif name and line.text.startswith("     ") and len(values[name]) < 4000:
            values[name] += line.text.strip()
    if values:
        yield Thing(first, values)


def _from_table(lines: Sequence[Line], rule: int) -> Iterator[Thing]:
    starts = [found.start() for found in re.finditer(r"-+", lines[rule].text)]
    head = lines[rule - 1].text
    names = [name.lower() for name in _cut(head, starts)]
    for line in lines[rule + 1:]:
        if line.text.strip():
            yield Thing(line.number, dict(zip(names, _aligned(line.text, starts))))


def _aligned(text: str, starts: list[int]) -> list[str]:
    """The cells of a row; by its words where pasting has moved them off their columns."""
    words = text.split()
    moved = any(start and start < len(text) and not text[start - 1].isspace() for start in starts)
    return words if moved and len(words) == len(starts) else _cut(text, starts)


def _cut(text: str, starts: list[int]) -> list[str]:
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends)]


def _from_wmic_table(lines: Sequence[Line]) -> Iterator[Thing]:
    head = next((line for line in lines if line.text.strip()), None)
    if head is None:
        return
    found = list(_WORDS.finditer(head.text))
    names, starts = [part.group().lower() for part in found], [part.start() for part in found]
    for line in lines:
        if line.number > head.number and line.text.strip():
            yield Thing(line.number, dict(zip(names, _cut(line.text, starts))))
