"""Services of machines without systemd: `service x status`, `service --status-all`, `chkconfig`, `rc-status`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from . import systemd
from .text import Line, Output, row

_RUNNING = re.compile(
    r"([\w.@-]{1,80}?):? (?:\(pid\s{1,4}([\d ]{1,60})\) )?is (?:already )?running(?: as pid (\d{1,10})| with process id (\d{1,10}))?"
    r"(?:\.{1,3}|$)")
_UPSTART = re.compile(r"([\w.@-]{1,80}) (start|stop)/(running|waiting|starting|stopping|killed|post-stop|pre-start)(?:, process (\d{1,10}))?")
_STOPPED = re.compile(r"([\w.@-]{1,80}?):? is (?:stopped|not running|dead)|([\w.@-]{1,80}) dead but (?:pid file|subsys)", re.IGNORECASE)
_ALL = re.compile(r"\s{0,4}\[ ([+?-]) \]\s{1,8}([\w.@-]{1,80})$")
_LEVELS = re.compile(r"([\w.@-]{1,80})\s{1,60}((?:\s{0,12}[0-6]:\w{2,10}){1,8})")
_UNKNOWN = re.compile(r"([\w.@-]{1,80}): unrecognized service|Failed to .{1,60} ([\w.@-]{1,80})\.service not found")
_OPENRC = re.compile(r"\s{0,4}\*? ?([\w.@-]{1,80})?\s{0,80}(?:\[\s{1,3}|status: )(started|stopped|crashed|starting|inactive)\b")


def read_service(output: Output) -> Iterator[Row]:
    """Rows of `services` from `service x status` and its relatives."""
    asked = next((word for word in output.operands() if word not in ("status", "show")), "")
    if any(line.text.lstrip().startswith(("Loaded:", "Active:")) for line in output.lines):
        yield from systemd.read_status(output)
        return
    for line in output.lines:
        found = _one(line, asked)
        if found:
            yield found


def _one(line: Line, asked: str) -> Row | None:
    text = line.text[:300].strip()
    found = _UPSTART.match(text)
    if found:
        unit, goal, sub, pid = found.groups()
        active = "active" if (goal, sub) == ("start", "running") else "inactive"
        return row("services", line.number, unit=unit, load="loaded", active=active, sub=sub, main_pid=int(pid) if pid else None)
    found = _RUNNING.search(text)
    if found:
        pid = found.group(3) or found.group(4) or (found.group(2) or "").split(" ")[0]
        return row("services", line.number, unit=asked or found.group(1), load="loaded", active="active", sub="running",
                   main_pid=int(pid) if pid else None)
    found = _STOPPED.search(text)
    if found:
        return row("services", line.number, unit=asked or found.group(1) or found.group(2), load="loaded", active="inactive", sub="dead")
    found = _UNKNOWN.search(text)
    if found:
        return row("services", line.number, unit=found.group(1) or found.group(2), load="not-found", active="inactive", sub="dead")
    found = _ALL.match(text) or _ALL.match(line.text[:300])
    if found:
        state = {"+": "active", "-": "inactive"}.get(found.group(1))
        return row("services", line.number, unit=found.group(2), load="loaded", active=state)
    found = _OPENRC.match(text)
    if found and (found.group(1) or asked):
        started = found.group(2) == "started"
        return row("services", line.number, unit=found.group(1) or asked, load="loaded", active="active" if started else
                   "failed" if found.group(2) == "crashed" else "inactive", sub=found.group(2))
    return None


def read_chkconfig(output: Output) -> Iterator[Row]:
    """Rows of `services` from `chkconfig --list`: enabled if on in runlevel 3 or 5, whatever the words for on are."""
    for line in output.lines:
        found = _LEVELS.match(line.text[:300])
        if not found:
            continue
        levels = dict(pair.split(":", 1) for pair in found.group(2).split())
        on = {"on", "ein", "marche", "启用", "オン", "activado"}
        enabled = any(levels.get(level) in on for level in ("2", "3", "5"))
        yield row("services", line.number, unit=found.group(1), enabled="enabled" if enabled else "disabled")
