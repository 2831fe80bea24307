"""Processes from `ps` in its many forms and from `top -b`.

A list printed every hour under a `date` line gives each row the time of the line above it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.model import Row, Value

from .processkinds import kind_of
from .text import Line, Output, elapsed, integer, number, row, share, size
from .times import epoch, month_of, time_in

_COMMANDS = ("COMMAND", "CMD", "ARGS", "COMM", "UCMD")
_HEADER_WORDS = {"PID", "PPID", "USER", "UID", "STAT", "S", "TTY", "TIME", "%CPU", "%MEM", "VSZ", "RSS", "STIME", "START", "STARTED",
                 "ELAPSED", "LSTART", "VIRT", "RES", "SHR", "PR", "NI", "TIME+", "TT", "PGID", "SID", "SPID", "LWP", "NLWP", *_COMMANDS}
_COLUMNS = {"UID": "user", "USER": "user", "EUSER": "user", "RUSER": "user", "UNAME": "user", "S": "state", "STAT": "state",
            "%CPU": "cpu_percent", "%MEM": "mem_percent", "CPU": "cpu_percent", "TT": "tty", "PGRP": "pgid",
            "VSZ": "vsz_bytes", "VIRT": "vsz_bytes", "RSS": "rss_bytes", "RES": "rss_bytes", "RSZ": "rss_bytes"}
_SPELT = {"args": "command", "cmd": "command", "state": "stat", "s": "stat", "etime": "elapsed", "pcpu": "%cpu", "pmem": "%mem"}
_WEEKDAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[^\W\d]{2,3}\.?|[月火水木金土日一二三四五六])$")
_STATE = re.compile(r"[DIRSTtWXZOLU][<NLsl+EJVWX0-9C]{0,6}$")
_AUX = re.compile(
    r"(?P<user>[\w.+$-]{1,64})\s{1,40}(?P<pid>\d{1,10})\s{1,20}(?P<cpu>\d{1,4}[.,]\d)\s{1,20}(?P<mem>\d{1,3}[.,]\d)\s{1,20}(?P<vsz>\d{1,12})"
    r"\s{1,20}(?P<rss>\d{1,12})\s{1,20}(?P<tty>\S{1,12})\s{1,20}(?P<state>[DIRSTtWXZ][<NLsl+]{0,5})\s{1,20}(?P<start>\S{4,8})\s{1,20}"
    r"(?P<time>[\d:.]{4,12})\s{1,8}(?P<command>\S.*)")
_FULL = re.compile(
    r"(?P<user>[\w.+$-]{1,64})\s{1,40}(?P<pid>\d{1,10})\s{1,20}(?P<ppid>\d{1,10})\s{1,20}\d{1,3}\s{1,20}(?P<start>\S{4,8})\s{1,20}"
    r"(?P<tty>\S{1,12})\s{1,20}(?P<time>(?:\d{1,4}-)?\d\d:\d\d:\d\d)\s{1,8}(?P<command>\S.*)")
_SHORT = re.compile(
    r"\s{0,20}(?P<pid>\d{1,10})\s{1,20}(?P<tty>\?|[a-z]\S{1,10})\s{1,20}(?P<state>[DIRSTtWXZ][<NLsl+]{0,5})\s{1,20}(?P<time>\d{1,6}:\d\d)"
    r"\s{1,8}(?P<command>\S.*)")
_TREE = re.compile(r"(?:[\s|│]{0,200}(?:\\_|[├└`|][─-]{1,3}))\s?")
_LSTART = re.compile(r"\S{2,4}\s{1,3}\S{3,5}\s{1,3}\d{1,2} \d\d:\d\d:\d\d \d{4}")


def headerless(line: str) -> re.Match[str] | None:
    """A row of `ps aux`, `ps -ef` or `ps ax` that stands without its header."""
    return _AUX.fullmatch(line) or _FULL.fullmatch(line) or _SHORT.fullmatch(line)


def header_of(line: str) -> list[str] | None:
    """The column names, if the line is a header of ps or top."""
    if len(line) > 1000:
        return None
    names = line.upper().split()
    known = sum(name in _HEADER_WORDS for name in names)
    return names if "PID" in names and known >= 3 and known * 2 > len(names) else None


def read_ps(output: Output) -> Iterator[Row]:
    """Rows of `processes` from any `ps`."""
    header = _asked(output)
    heading, when = "", None
    for line in output.lines:
        names = header_of(line.text)
        if names:
            header, heading = names, line.text
            continue
        if not line.text.strip():
            continue
        found = _by_header(line, header, heading, output, when) if header else None
        if not found:
            found = _without_header(line, output, when)
        if found:
            yield found
        elif len(line.text) < 60:
            time = time_in(line.text, output.clock)
            when = time if time is not None else when


def _asked(output: Output) -> list[str] | None:
    """The columns by `-o`, for a list whose header was filtered away; None if none were asked for."""
    for option, names in itertools.pairwise(output.arguments):
        if re.fullmatch(r"-?[a-zA-Z]{0,4}o|--format", option):
            columns = [_SPELT.get(name, name).upper() for name in re.sub(r"[:=][^,\s]*", "", names.lower()).replace(",", " ").split()]
            return columns if "PID" in columns and columns[-1] in _COMMANDS else None
    return None


def _without_header(line: Line, output: Output, when: float | None) -> Row | None:
    found = headerless(line.text)
    if not found:
        return None
    cells = found.groupdict()
    rss = integer(cells.get("rss"))
    values: dict[str, Value] = {
        "pid": integer(cells["pid"]), "ppid": integer(cells.get("ppid")), "user": cells.get("user"), "state": cells.get("state"),
        "cpu_percent": number(cells.get("cpu")), "mem_percent": number(cells.get("mem")), "cpu_seconds": elapsed(cells["time"]),
        "rss_bytes": None if rss is None else rss * 1024, "started_text": cells.get("start"), "command": cells["command"]}
    return _finished(line, values, output, when)


def _by_header(line: Line, header: list[str], heading: str, output: Output, when: float | None) -> Row | None:
    cells = _cells(line.text, header, heading)
    pid = integer(cells.get("PID")) if cells else None
    if not cells or pid is None:
        return None
    values: dict[str, Value] = {}
    for name, text in cells.items():
        values.update(_value(name, text, output))
    if header.count("PID") and "STAT" in cells and not _STATE.match(cells["STAT"]):
        return None
    values["pid"] = pid
    return _finished(line, values, output, when)


def _cells(text: str, header: list[str], heading: str) -> dict[str, str] | None:
    cells: dict[str, str] = {}
    rest = text.strip()
    for place, name in enumerate(header):
        last = place == len(header) - 1
        if name in _COMMANDS and last:
            cells[name] = rest
            return cells if rest else None
        if name in _COMMANDS:
            cells[name], rest = _middle_command(rest, len(header) - place - 1)
            continue
        if not rest:
            return None
        words = 1
        if name in ("STARTED", "START", "STIME", "LSTART"):
            words = _words_of_start(rest)
        parts = rest.split(None, words)
        cells[name] = " ".join(parts[:words])
        rest = parts[words] if len(parts) > words else ""
    return cells


def _middle_command(rest: str, after: int) -> tuple[str, str]:
    """A command in the middle of a row may hold blanks: the columns behind it are counted from the end."""
    parts = rest.rsplit(None, after)
    return (parts[0], " ".join(parts[1:])) if len(parts) == after + 1 else (rest, "")


def _words_of_start(rest: str) -> int:
    if _LSTART.match(rest):
        return 5
    first, _, second = rest[:40].partition(" ")
    return 2 if month_of(first) and second.lstrip()[:2].rstrip().isdigit() and not any(mark.isdigit() for mark in first) else 1


def _value(name: str, text: str, output: Output) -> dict[str, Value]:
    column = _COLUMNS.get(name, name.lower())
    if column in ("rss_bytes", "vsz_bytes"):
        return {column: size(text, 1024)}
    if column in ("cpu_percent", "mem_percent"):
        return {column: number(text)}
    if name == "ELAPSED":
        return {"elapsed_seconds": elapsed(text)}
    if name in ("TIME", "TIME+"):
        return {"cpu_seconds": elapsed(text)}
    if name in ("STARTED", "START", "STIME", "LSTART"):
        return {"started_text": text, "started": _lstart(text, output)}
    if name in _COMMANDS:
        return {"command": _TREE.sub("", text, count=1).strip() if _TREE.match(text) else text}
    if column in ("user", "state", "tty", "wchan"):
        return {column: None if text == "-" and column == "wchan" else text}
    value = number(text)
    return {column: text if value is None and text not in ("-", "?") else value}


def _lstart(text: str, output: Output) -> float | None:
    parts = text.split()
    if len(parts) != 5:
        return None
    month, day, year = month_of(parts[1]), integer(parts[2]), integer(parts[4])
    clock = [integer(part) for part in parts[3].split(":")]
    if month is None or day is None or year is None or len(clock) != 3 or None in clock:
        return None
    hour, minute, second = (part or 0 for part in clock)
    return epoch(output.clock, year, month, day, hour, minute, second)


def _finished(line: Line, values: dict[str, Value], output: Output, when: float | None) -> Row:
    command = str(values.get("command") or "")
    age, now = values.get("elapsed_seconds"), when if when is not None else output.clock.near
    if values.get("started") is None and isinstance(age, int) and now is not None:
        values["started"] = now - age
    values["kind"] = kind_of(command)
    return replace(row("processes", line.number, **values), time=when)


_TOP_LOAD = re.compile(r"load averages?: ?(\d{1,6}[.,]\d\d),? (\d{1,6}[.,]\d\d),? (\d{1,6}[.,]\d\d)")
_TOP_CPU = re.compile(r"(\d{1,3}[.,]\d)[ %]?(us|sy|ni|id|wa|hi|si|st)")
_TOP_MEMORY = re.compile(r"(Ki?B|Mi?B|Gi?B)?\s?(Mem|Swap)\s?:\s{0,9}(\d{1,15}(?:[.,]\d)?)[kMG]?\+?\s?total")
_AVAILABLE = re.compile(r"(\d{1,15}(?:[.,]\d)?)[kMG]?\+? avail Mem")
_USED = re.compile(r"(\d{1,15}(?:[.,]\d)?)[kMG]?\+? used")


def read_top(output: Output) -> Iterator[Row]:
    """Rows of `load`, `cpu`, `memory` and `processes` from `top -b`."""
    memory: dict[str, dict[str, Value]] = {}
    for line in output.lines:
        text = line.text[:300]
        load = _TOP_LOAD.search(text)
        if load:
            one, five, fifteen = (number(part) for part in load.groups())
            yield row("load", line.number, one=one, five=five, fifteen=fifteen)
        elif "Cpu" in text[:8] and " id" in text:
            shares = {name: number(amount) or 0 for amount, name in _TOP_CPU.findall(text)}
            yield row("cpu", line.number, busy_percent=round(100 - shares.get("id", 0) - shares.get("wa", 0), 1),
                      iowait_percent=shares.get("wa"), steal_percent=shares.get("st"))
        else:
            _top_memory(line, memory)
    for kind, values in memory.items():
        number_of_line = values.pop("line")
        yield row("memory", int(number_of_line or 1), kind=kind, used_percent=_share(values), **values)
    yield from read_ps(output)


def _top_memory(line: Line, memory: dict[str, dict[str, Value]]) -> None:
    text = line.text[:300]
    found = _TOP_MEMORY.search(text)
    if not found:
        return
    unit = {"M": 1024 ** 2, "G": 1024 ** 3}.get((found.group(1) or "K")[0], 1024)
    used, available = _USED.search(text), _AVAILABLE.search(text)
    kind = "ram" if found.group(2) == "Mem" else "swap"
    used_bytes = size(used.group(1), unit) if used else None
    memory.setdefault(kind, {"line": line.number, "total_bytes": size(found.group(3), unit), "used_bytes": used_bytes})
    if available and "ram" in memory:
        # What is available of the memory stands at the end of the line about swap.
        memory["ram"]["available_bytes"] = size(available.group(1), unit)


def _share(values: dict[str, Value]) -> float | None:
    used, whole = values.get("used_bytes"), values.get("total_bytes")
    return share(used, whole) if isinstance(used, int) and isinstance(whole, int) else None
