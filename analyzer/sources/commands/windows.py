"""Windows and Linux in a few words: WinHTTP proxy, systeminfo, and files of names and values such as os-release."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.model import Row

from .objects import objects_of
from .text import Line, Output, digits, integer, row, share
from .times import epoch
from .vss import day_comes_first, local_time

_FIELD = re.compile(r"\s{1,12}(\S[^:]{0,80}?)\s{0,40}[:：]\s{0,10}(\S.*)")
_EMPTY = re.compile(r"[(（].{0,40}[)）]$")


def read_winhttp(output: Output) -> Iterator[Row]:
    """A row of `winproxy`: a server and a bypass list are fields with values; direct access is a plain sentence."""
    fields: list[tuple[int, str]] = []
    sentence = 0
    for line in output.lines[:60]:
        text = line.text[:1000]
        found = _FIELD.fullmatch(text)
        if found:
            fields.append((line.number, found.group(2).strip()))
        elif text[:1].isspace() and text.strip() and not text.rstrip().endswith((":", "：")):
            sentence = sentence or line.number
    if fields:
        server, bypass = fields[0][1], fields[1][1] if len(fields) > 1 else None
        yield row("winproxy", fields[0][0], direct=False, server=server, bypass=None if bypass and _EMPTY.fullmatch(bypass) else bypass)
    elif sentence:
        yield row("winproxy", sentence, direct=True)


_PAIR = re.compile(r"\s{0,40}([^\s=:：#][^=:：]{0,60}?)\s{0,40}(?:=|[:：])\s{0,30}(.*)")


def read_cloud_init(output: Output) -> Iterator[Row]:
    """A row of `system` with key cloud_init_status: done, running, error, disabled, not started."""
    for line in output.lines[:50]:
        found = re.match(r"status: ([a-z ]{2,30})", line.text[:100])
        if found:
            yield row("system", line.number, key="cloud_init_status", value=found.group(1).strip())
            return


def key_of(label: str) -> str:
    """A label as a key: lower case, words joined by `_`; a label in another script stays.

    >>> key_of("OS Name"), key_of("PRETTY_NAME"), key_of("主机名")
    ('os_name', 'pretty_name', '主机名')
    """
    return re.sub(r"[\s\W]+", "_", label.strip().lower()).strip("_")


def read_pairs(output: Output) -> Iterator[Row]:
    """Rows of `system` from os-release, hostnamectl, lsb_release; a file of one sentence gives the key `release`."""
    for line in output.lines[:500]:
        text = line.text[:1000]
        found = _PAIR.fullmatch(text)
        if found and found.group(2):
            yield row("system", line.number, key=key_of(found.group(1)), value=found.group(2).strip().strip("\"'"))
        elif text.strip() and line.number == 1 and "release" in text.lower():
            yield row("system", 1, key="release", value=text.strip())
            yield row("system", 1, key="pretty_name", value=text.strip())


_MEGABYTES = re.compile(r"(\d[\d.,’'\u00a0\u202f ]{0,14})\s?(?:MB|Mo|МБ|M B)$")
_DATED = re.compile(r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}.{1,6}\d{1,2}[:.]\d\d[:.]\d\d")


def read_systeminfo(output: Output) -> Iterator[Row]:
    """Rows of `system`; RAM as `memory` and the last boot as `boots`, told by order. Win32_OperatingSystem objects too."""
    head = next((line.text for line in output.lines if line.text.strip()), "")
    if re.search(r"TotalVisibleMemorySize|LastBootUpTime|FreePhysicalMemory|\bCaption\b|TotalPhysicalMemory", output.text[:20000]):
        yield from _from_objects(output)
        return
    pairs = _from_csv(output) if head.startswith('"') else _from_list(output)
    sizes: list[tuple[Line, int]] = []
    dates: list[Line] = []
    for line, label, value in pairs:
        yield row("system", line.number, key=key_of(label), value=value)
        amount = _MEGABYTES.search(value[-40:])
        if amount:
            sizes.append((line, (digits(amount.group(1)) or 0) * 1024 ** 2))
        elif _DATED.search(value[:60]):
            dates.append(Line(line.number, value))
    if len(sizes) >= 2 and sizes[1][1] <= sizes[0][1]:
        whole, free = sizes[0][1], sizes[1][1]
        yield row("memory", sizes[0][0].number, kind="ram", total_bytes=whole, available_bytes=free, used_bytes=whole - free,
                  used_percent=share(whole - free, whole))
    if len(dates) >= 2:
        when = local_time(dates[1].text, output.clock, day_comes_first(line.text for line in dates))
        yield replace(row("boots", dates[1].number, when=when, kind="boot", text=dates[1].text), time=when)


def _from_list(output: Output) -> list[tuple[Line, str, str]]:
    found = []
    for line in output.lines[:2000]:
        match = _PAIR.fullmatch(line.text[:1000])
        if match and not line.text[:1].isspace() and match.group(2).strip():
            found.append((line, match.group(1), match.group(2).strip()))
    return found


def _from_csv(output: Output) -> list[tuple[Line, str, str]]:
    rows = [(line, next(csv.reader([line.text]), [])) for line in output.lines[:20] if line.text.strip()]
    if len(rows) < 2:
        return []
    return [(rows[1][0], label, value.strip()) for label, value in zip(rows[0][1], rows[1][1]) if value.strip()]


_CIM_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.\d{6}([+-])(\d{3})")
_JSON_DATE = re.compile(r"/Date\((\d{9,14})")


def _from_objects(output: Output) -> Iterator[Row]:
    for thing in objects_of(output):
        for key, value in list(thing.values.items())[:200]:
            if value:
                yield row("system", thing.line, key=key_of(key), value=value[:1000])
        whole, free = integer(thing.first("TotalVisibleMemorySize")), integer(thing.first("FreePhysicalMemory"))
        if whole and free is not None:
            yield row("memory", thing.line, kind="ram", total_bytes=whole * 1024, available_bytes=free * 1024, used_bytes=(whole - free) * 1024,
                      used_percent=share(whole - free, whole))
        boot = thing.first("LastBootUpTime")
        when = cim_time(boot, output) if boot else None
        if when is not None:
            yield replace(row("boots", thing.line, when=when, kind="boot", text=boot), time=when)


def cim_time(text: str, output: Output) -> float | None:
    """A time of a CIM object: `20261123130509.500000+060`, JSON's /Date(ms)/, or local."""
    cim, json = _CIM_DATE.match(text), _JSON_DATE.search(text)
    if json:
        return int(json.group(1)) / 1000
    if cim:
        parts = [int(part) for part in cim.groups()[:6]]
        minutes = int(cim.group(8))
        zone = f"{cim.group(7)}{minutes // 60:02d}{minutes % 60:02d}"
        return epoch(output.clock, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], zone)
    return local_time(text, output.clock)
