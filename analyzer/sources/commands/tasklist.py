"""Processes from Windows `tasklist`: columns are told by their order, since headers are translated."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from analyzer.model import Row

from .processkinds import kind_of
from .text import Line, Output, digits, integer, row

_RULE = re.compile(r"={3,200}(?: ={2,300}){1,12}$")
_MEMORY = re.compile(r"[\d.,’'\s\u00a0\u202f]{1,20}\s?[KkКк][\w]{0,2}$")


def read_tasklist(output: Output) -> Iterator[Row]:
    """Rows of `processes` from tasklist as a table, a list or CSV; with /v or /svc too."""
    rule = next((place for place, line in enumerate(output.lines[:20]) if _RULE.match(line.text)), None)
    if rule is not None:
        yield from _table(output.lines[rule:])
    elif any(line.text.startswith('"') for line in output.lines[:5]):
        yield from _csv(output.lines)
    else:
        yield from _list(output.lines)


def _table(lines: Sequence[Line]) -> Iterator[Row]:
    spans = [(found.start(), found.end()) for found in re.finditer("=+", lines[0].text)]
    for line in lines[1:]:
        cells = [line.text[start:end].strip() for start, end in spans]
        if len(cells) > 3:
            cells[-1] = line.text[spans[-1][0]:].strip()
        pid = integer(cells[1]) if len(cells) > 1 else None
        if pid is None or not cells[0]:
            shifted = re.match(r"(\S.{0,200}?)\s{1,60}(\d{1,8})\s", line.text[:300])
            if not shifted:
                continue
            cells[0], cells[1] = shifted.group(1), shifted.group(2)
        yield _process(line.number, cells)


def _csv(lines: Sequence[Line]) -> Iterator[Row]:
    for line in lines:
        cells = next(csv.reader([line.text]), [])
        if len(cells) >= 3 and integer(cells[1]) is not None:
            yield _process(line.number, cells)


def _list(lines: Sequence[Line]) -> Iterator[Row]:
    cells: list[str] = []
    first = 0
    for line in lines:
        label, colon, value = line.text.partition(":")
        if colon and label[:1].strip():
            first = first or line.number
            cells.append(value.strip())
        elif cells and not line.text.strip():
            if len(cells) >= 3 and integer(cells[1]) is not None:
                yield _process(first, cells)
            cells, first = [], 0
    if len(cells) >= 3 and integer(cells[1]) is not None:
        yield _process(first, cells)


def _process(line: int, cells: list[str]) -> Row:
    memory = cells[4] if len(cells) > 4 and _MEMORY.fullmatch(cells[4]) else None
    kilobytes = digits(memory) if memory else None
    return row("processes", line, pid=integer(cells[1]), command=cells[0], kind=kind_of(cells[0].replace(" ", "_")),
               rss_bytes=None if kilobytes is None else kilobytes * 1024,
               user=cells[6] if len(cells) >= 9 else None, services=cells[2] if len(cells) == 3 else None)


def read_objects(output: Output) -> Iterator[Row]:
    """Rows of `processes` from Win32_Process, Get-Process or `wmic process`."""
    from .objects import objects_of

    for thing in objects_of(output):
        pid = integer(thing.first("ProcessId", "Id", "Handle"))
        name = thing.first("CommandLine", "ExecutablePath", "Path", "Name", "ProcessName", "Caption")
        if pid is None or not name:
            continue
        kind = kind_of(name.replace(" ", "_") if " " in name and name[:1] != '"' and ".exe " not in name.lower() else name)
        size = integer(thing.first("WorkingSetSize", "WorkingSet64", "WS", "WorkingSet"))
        yield row("processes", thing.line, pid=pid, ppid=integer(thing.first("ParentProcessId")), command=name, kind=kind, rss_bytes=size)
