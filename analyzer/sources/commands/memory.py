"""Memory: `free` in every unit and language, and /proc/meminfo."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, integer, row, share, size

_UNITS = {"b": 1, "k": 1024, "m": 1024 ** 2, "g": 1024 ** 3}
_LABELLED = re.compile(r"(\S{1,12}?)\s?[:：]\s{0,40}(\d.*)")
_SWAP = {"swap", "auslagerungsspeicher", "échange", "swap-speicher", "交换", "交换空间", "スワップ", "подкачка", "intercambio", "vaihto"}
_OLD_CACHE = re.compile(r"-/\+ ")


def read_free(output: Output) -> Iterator[Row]:
    """Rows of `memory`, one for RAM and one for swap: told by their order, since `free` translates its labels."""
    unit, place, columns = _unit(output), 0, 0
    held: tuple[Line, list[int | None]] | None = None
    for line in output.lines[:200]:
        text = line.text.strip()
        if _OLD_CACHE.match(text) and held:
            # Without a column "available", what is free besides buffers comes nearest to it.
            free = size(text.split()[-1], unit)
            yield _ram(held[0], held[1], free)
            held = None
            continue
        found = _LABELLED.match(text)
        if not found:
            columns = max(columns, len(text.split()))
            continue
        cells = [size(cell, unit) for cell in found.group(2).split()]
        if held:
            yield _ram(held[0], held[1], None)
            held = None
        is_swap = found.group(1).lower() in _SWAP or (place % 2 == 1 and len(cells) == 3)
        if is_swap and len(cells) >= 3:
            yield _row(line, "swap", cells[0], cells[1], cells[2])
        elif len(cells) >= 6:
            held = (line, cells)
        place += 1
    if held:
        yield _ram(held[0], held[1], None)


def _unit(output: Output) -> int:
    long = {"--bytes": 1, "--kibi": 1024, "--mebi": 1024 ** 2, "--gibi": 1024 ** 3, "--mega": 10 ** 6, "--giga": 10 ** 9, "--kilo": 1000}
    for word in output.arguments:
        if word in long:
            return long[word]
        if re.fullmatch("-?[bkmgthlsw0-9]{1,4}", word):
            found = next((_UNITS[mark] for mark in word if mark in _UNITS), None)
            if found:
                return found
    return 1024


def _ram(line: Line, cells: list[int | None], spare: int | None) -> Row:
    # The sixth number is "available" since procps 3.3.10, before that "cached", which comes with a line "-/+ buffers".
    available = spare if spare is not None else cells[5]
    return _row(line, "ram", cells[0], cells[1], available)


def _row(line: Line, kind: str, whole: int | None, used: int | None, available: int | None) -> Row:
    if kind == "ram" and whole and available is not None and available <= whole:
        used_percent = share(whole - available, whole)
    else:
        used_percent = share(used, whole)
    return row("memory", line.number, kind=kind, total_bytes=whole, used_bytes=used, available_bytes=available, used_percent=used_percent)


_MEMINFO = re.compile(r"([A-Za-z_()0-9]{2,40}):\s{1,40}(\d{1,15})(?: (kB))?$")


def read_meminfo(output: Output) -> Iterator[Row]:
    """Rows of `memory` from /proc/meminfo: ram (with dirty_bytes, writeback_bytes, commit limits) and swap."""
    values: dict[str, tuple[int, int]] = {}
    for line in output.lines[:400]:
        found = _MEMINFO.match(line.text.strip())
        amount = integer(found.group(2)) if found else None
        if found and amount is not None:
            values.setdefault(found.group(1), (amount * (1024 if found.group(3) else 1), line.number))
    whole, number_of_line = values.get("MemTotal", (None, 1))
    if whole is not None:
        def of(name: str) -> int | None:
            return values[name][0] if name in values else None

        parts = [of(name) for name in ("MemFree", "Buffers", "Cached")]
        available = of("MemAvailable") if of("MemAvailable") is not None else sum(part or 0 for part in parts) if parts[0] is not None else None
        used = whole - available if available is not None else None
        yield row("memory", number_of_line, kind="ram", total_bytes=whole, available_bytes=available, used_bytes=used,
                  used_percent=share(used, whole),
                  dirty_bytes=of("Dirty"), writeback_bytes=of("Writeback"), committed_bytes=of("Committed_AS"), commit_limit_bytes=of("CommitLimit"))
    if "SwapTotal" in values and "SwapFree" in values:
        whole, free = values["SwapTotal"][0], values["SwapFree"][0]
        yield row("memory", values["SwapTotal"][1], kind="swap", total_bytes=whole, available_bytes=free, used_bytes=whole - free,
                  used_percent=share(whole - free, whole))
