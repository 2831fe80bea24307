"""Load: `uptime`, /proc/loadavg, `nproc`, CPU shares from vmstat, sar, mpstat and typeperf, and pressure stall information."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.model import Row

from .text import Output, integer, number, row
from .times import epoch, month_of, time_in

_LOAD = re.compile(
    r"(?:load averages?|Durchschnittslast|charge moyenne|carga media|平均负载|負荷平均|ロードアベレージ)[:：] ?"
    r"(\d{1,6}[.,]\d{1,2}),? (\d{1,6}[.,]\d{1,2}),? (\d{1,6}[.,]\d{1,2})")
_AVERAGES = re.compile(r"(\d{1,6}\.\d\d) (\d{1,6}\.\d\d) (\d{1,6}\.\d\d) (\d{1,6})/(\d{1,7}) \d{1,10}$")
_UP = re.compile(r"up\s{1,3}(?:(\d{1,5}) days?,\s{1,3})?(?:(\d{1,2}):(\d\d)|(\d{1,2}) min)")


_PROCESSOR = re.compile(r"(?i)\\(?:processor|prozessor|processeur|procesador|processore|processador|процессор|处理器|プロセッサ)[^\\]{0,60}\\%")


def read_uptime(output: Output) -> Iterator[Row]:
    """A row of `load` per line of `uptime` (`w` prints the same); up_seconds beside it."""
    for line in output.lines[:5000]:
        found = _LOAD.search(line.text[:400])
        if not found:
            continue
        up = _UP.search(line.text[:400])
        seconds = None
        if up:
            days, hours, minutes, only = (int(part or 0) for part in up.groups())
            seconds = days * 86400 + hours * 3600 + (minutes + only) * 60
        one, five, fifteen = (number(part) for part in found.groups())
        yield row("load", line.number, one=one, five=five, fifteen=fifteen, up_seconds=seconds)


def read_loadavg(output: Output) -> Iterator[Row]:
    """A row of `load` from /proc/loadavg."""
    for line in output.lines[:100]:
        found = _AVERAGES.search(line.text[-200:])
        if found:
            one, five, fifteen = (number(part) for part in found.groups()[:3])
            yield row("load", line.number, one=one, five=five, fifteen=fifteen, running=int(found.group(4)), tasks=int(found.group(5)))


def read_nproc(output: Output) -> Iterator[Row]:
    """A row of `load` with the number of CPUs."""
    for line in output.lines[:5]:
        count = integer(line.text.strip())
        if count is not None and 0 < count < 100_000:
            yield row("load", line.number, cpus=count)
            return


def read_vmstat(output: Output) -> Iterator[Row]:
    """Rows of `cpu` from `vmstat 1 n`: the first row is the average since boot and carries since_boot."""
    names: list[str] = []
    first = True
    for line in output.lines:
        cells = line.text.split()
        if "id" in cells and "us" in cells:
            names = cells
        elif names and len(cells) >= len(names) and integer(cells[0]) is not None:
            values = dict(zip(names, (number(cell) for cell in cells)))
            idle, wait = values.get("id"), values.get("wa") or 0
            when = time_in(line.text[-40:], output.clock)
            yield replace(row("cpu", line.number, time=when, busy_percent=None if idle is None else max(0, round(100 - idle - wait, 1)),
                              iowait_percent=values.get("wa"), steal_percent=values.get("st"), since_boot=first, blocked=values.get("b"),
                              running=values.get("r"), swap_in=values.get("si"), swap_out=values.get("so")), time=when)
            first = False


_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(?: ([AP]M))?\s{1,20}(\S.*)")
_DATE = re.compile(r"(?<!\d)(?:(\d{1,2})/(\d{1,2})/(\d{2,4})|(\d{4})-(\d\d)-(\d\d)|(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}))(?!\d)")


def read_sar(output: Output) -> Iterator[Row]:
    """Rows of `cpu` from `sar -u`, `mpstat` and `iostat -c`, with their time; of `load` from `sar -q`."""
    names: list[str] = []
    day: tuple[int, int, int] | None = None
    offset, before = 0, -1
    for line in output.lines:
        text = line.text
        if text.startswith(("Linux ", "SunOS ")):
            day, offset, before = _day(text), 0, -1
            continue
        found = _CLOCK.match(text[:400])
        cells = found.group(5).split() if found else text.split()
        if "%idle" in cells or "ldavg-1" in cells:
            names = cells
            continue
        if not names or len(cells) < len(names) or cells[0].startswith("Average") or text.startswith("Average"):
            continue
        values = dict(zip(names, cells))
        if values.get("CPU", "all") not in ("all", "-1"):
            continue
        when = None
        if found and day:
            second = _second(found)
            offset, before = offset + (86400 if second < before else 0), second
            start = epoch(output.clock, *day, 0, 0)
            when = None if start is None else start + offset + second
        yield from _sar_row(line.number, values, when)


def _second(found: re.Match[str]) -> int:
    hour = int(found.group(1))
    if found.group(4):
        hour = hour % 12 + (12 if found.group(4) == "PM" else 0)
    return hour * 3600 + int(found.group(2)) * 60 + int(found.group(3))


def _day(text: str) -> tuple[int, int, int] | None:
    found = _DATE.search(text[:300])
    if not found:
        return None
    month, day, year, iso_year, iso_month, iso_day, plain_day, name, plain_year = found.groups()
    if iso_year:
        return int(iso_year), int(iso_month), int(iso_day)
    if name:
        return int(plain_year), month_of(name) or 1, int(plain_day)
    whole = int(year) + (2000 if int(year) < 100 else 0)
    return (whole, int(day), int(month)) if int(month) > 12 else (whole, int(month), int(day))


def _sar_row(line: int, values: dict[str, str], when: float | None) -> Iterator[Row]:
    idle, wait = number(values.get("%idle")), number(values.get("%iowait"))
    if idle is not None:
        yield replace(row("cpu", line, time=when, busy_percent=max(0, round(100 - idle - (wait or 0), 2)), iowait_percent=wait,
                          steal_percent=number(values.get("%steal"))), time=when)
    elif number(values.get("ldavg-1")) is not None:
        yield replace(row("load", line, one=number(values.get("ldavg-1")), five=number(values.get("ldavg-5")), fifteen=number(values.get("ldavg-15")),
                          blocked=number(values.get("blocked"))), time=when)


_STAMP = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)")


def read_typeperf(output: Output) -> Iterator[Row]:
    """Rows of `cpu` from a counter log as CSV: the column of the processor's load; without names, the second is taken for it."""
    place: int | None = 1
    for line in output.lines:
        cells = next(csv.reader([line.text]), []) if line.text.startswith('"') else []
        if cells and "PDH-CSV" in cells[0]:
            place = next((number for number, name in enumerate(cells) if _PROCESSOR.search(name)), None)
        stamp = _STAMP.match(cells[0]) if place is not None and len(cells) > place else None
        busy = number(cells[place].strip()) if stamp and place is not None else None
        if stamp and busy is not None and 0 <= busy <= 100.01:
            month, day, year, hour, minute, second = (int(part) for part in stamp.groups())
            when = epoch(output.clock, year, month, day, hour, minute, second)
            yield replace(row("cpu", line.number, time=when, busy_percent=round(busy, 1)), time=when)


def read_win_cpu(output: Output) -> Iterator[Row]:
    """A row of `cpu` from Win32_Processor: the mean load of all processors."""
    from .objects import objects_of

    loads = [(thing.line, known) for thing in objects_of(output) if (known := number(thing.first("LoadPercentage"))) is not None]
    if loads:
        yield row("cpu", loads[0][0], busy_percent=round(sum(known for _, known in loads) / len(loads), 1), cpus=len(loads))


_PRESSURE = re.compile(r"(?:(\S{0,200}):)?(some|full) avg10=(\d{1,3}\.\d\d) avg60=(\d{1,3}\.\d\d) avg300=(\d{1,3}\.\d\d)")
_RESOURCE = re.compile(r"(cpu|io|memory|irq)\b")


def read_pressure(output: Output) -> Iterator[Row]:
    """Rows of `pressure`; the resource comes from grep's prefix, head's heading or the arguments."""
    asked = [found.group(1) for word in output.arguments for found in [_RESOURCE.search(word)] if found]
    resource = asked[0] if asked else None
    seen: list[str] = []
    for line in output.lines[:500]:
        found = _PRESSURE.match(line.text[:400].strip())
        if not found:
            heading = _RESOURCE.search(line.text[:200])
            resource = heading.group(1) if heading else resource
            continue
        prefix = _RESOURCE.search(found.group(1) or "")
        if not prefix and len(asked) > 1 and found.group(2) == "some":
            resource = asked[min(len(seen), len(asked) - 1)]
            seen.append(resource)
        yield row("pressure", line.number, resource=prefix.group(1) if prefix else resource, kind=found.group(2), avg10=float(found.group(3)),
                  avg60=float(found.group(4)), avg300=float(found.group(5)))
