"""Units as systemd shows them: `systemctl status`, `show`, `list-units`, `list-unit-files`, `is-active`, `is-enabled`.

One row per unit and output, with what that output says; rows of several outputs are merged by whoever reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from .processkinds import kind_of
from .text import Output, blocks, integer, row, size
from .times import time_in

_UNIT = r"[\w@:.\\-]{1,200}\.(?:service|socket|timer|mount|target|slice|scope|path|device|swap|automount)"
_HEAD = re.compile(rf"\s{{0,2}}[●○×↻*x?] ({_UNIT})(?: - (.*))?$")
_PLAIN_HEAD = re.compile(r"([\w@:.\\-]{1,200}\.service)(?: - (.*))?$")
_LOADED = re.compile(r"Loaded: ([\w-]{1,20})(?: \(([^;)]{1,300})(?:; ([\w-]{1,20}))?)?")
_ACTIVE = re.compile(r"Active: ([a-z-]{1,20})(?: \((?!Result:)([\w-]{1,40})\)?)?(?: \(Result: ([\w-]{1,40})\)?)?")
_RESULT = re.compile(r"\(Result: ([\w-]{1,40})")
_MAIN = re.compile(r"Main PID: (\d{1,10})(?: \(([^)]{0,100}))?")
_PROCESS = re.compile(r"Process: (\d{1,10}) (\w{4,20})=(.{0,400}?)(?: \(code=(\w{1,20}), (?:status|signal)=([\w/-]{1,40})\)?)?$")
_TREE = re.compile(r"[\s│|]{0,40}[├└|`][─-]{1,2}\s?(\d{1,10}) (\S.*)")
_LIST = re.compile(
    rf"\s{{0,3}}(?:[●○×*x] )?\s{{0,2}}({_UNIT})\s{{1,200}}(loaded|not-found|masked|error|bad-setting|stub|merged)\s{{1,20}}"
    rf"([a-z-]{{3,14}})\s{{1,20}}([a-z-]{{2,20}})\s{{0,20}}(.*)")
_FILE = re.compile(
    rf"({_UNIT})\s{{1,200}}(enabled|disabled|static|masked|indirect|generated|alias|transient|linked|bad|enabled-runtime|masked-runtime"
    rf"|linked-runtime)(?:\s|$)")
_GONE = re.compile(
    r"Unit (\S{1,200}?)(?:\.service)? could not be found|Failed to (?:get|issue).{0,80}unit (?:file state for )?(\S{1,200}?)(?:\.service)?:? "
    r"(?:No such|not|could)")
_CHANGED = re.compile(r"Warning: .{0,200}?(?: of |: )([\w@.:\\-]{1,200}?)\.service changed on disk")
_ACTIVE_WORDS = {"active", "inactive", "failed", "activating", "deactivating", "reloading", "unknown", "maintenance"}
_ENABLED_WORDS = {"enabled", "disabled", "static", "masked", "indirect", "generated", "alias", "linked", "linked-runtime", "enabled-runtime",
                  "masked-runtime", "transient", "not-found", "bad"}


def unit_name(text: str) -> str:
    """A unit without `.service`; other kinds keep their suffix.

    >>> unit_name("walinuxagent.service"), unit_name("azure.slice")
    ('walinuxagent', 'azure.slice')
    """
    return text.removesuffix(".service")


def read_status(output: Output) -> Iterator[Row]:
    """Rows of `services` from `systemctl status`, and the processes of each unit's tree."""
    values: dict[str, Value] = {}
    first = 0
    for line in output.lines:
        text = line.text[:1200].replace("\u2026", "...")
        head = _HEAD.match(text) or (_PLAIN_HEAD.fullmatch(text) if not text[:1].isspace() else None)
        gone = _GONE.search(text[:400])
        if head or gone:
            if values:
                yield row("services", first, **values)
            values, first = {}, line.number
            if head:
                values = {"unit": unit_name(head.group(1)), "description": head.group(2)}
            elif gone:
                yield row("services", line.number, unit=unit_name(gone.group(1) or gone.group(2)), load="not-found", active="inactive", sub="dead")
        elif (changed := _CHANGED.match(text)):
            yield row("services", line.number, unit=changed.group(1), needs_reload=True)
        elif values:
            _field(text.strip(), values, output)
            tree = _TREE.match(text)
            if tree and "CGroup" not in text:
                command = tree.group(2).removesuffix("...")
                yield row("processes", line.number, pid=int(tree.group(1)), command=command, kind=kind_of(command), unit=str(values["unit"]))
    if values:
        yield row("services", first, **values)


def _field(text: str, values: dict[str, Value], output: Output) -> None:
    label, colon, rest = text.partition(": ")
    if not colon or len(label) > 40:
        return
    if label == "Loaded" and "load" not in values:
        found = _LOADED.match(text)
        if found:
            values.update(load=found.group(1), path=found.group(2), enabled=found.group(3))
            if found.group(1) == "masked":
                values["enabled"] = "masked"
    elif label == "Active" and "active" not in values:
        _active(text, values, output)
    elif label == "Main PID" and (found := _MAIN.match(text)):
        values["main_pid" if "code=" not in (found.group(2) or "") else "last_pid"] = int(found.group(1))
        values["exit"] = found.group(2) if "code=" in (found.group(2) or "") else None
    elif label == "Process" and (found := _PROCESS.match(text)):
        if found.group(2) == "ExecStart":
            values["exec_start"] = found.group(3)
            values["exit_code"] = integer((found.group(5) or "").partition("/")[0])
    elif label == "Memory":
        values["memory_bytes"] = size(rest.split(" ")[0])
    elif label == "Tasks":
        values["tasks"] = integer(rest.split(" ")[0])
    elif label == "Drop-In":
        values["drop_in"] = rest


def _active(text: str, values: dict[str, Value], output: Output) -> None:
    found = _ACTIVE.match(text)
    if not found:
        return
    result = _RESULT.search(text)
    sub = found.group(2)
    values.update(active=found.group(1), sub=sub, result=result.group(1) if result else None)
    if values["sub"] is None and values["active"] == "failed":
        values["sub"] = "failed"
    values["since"] = time_in(text, output.clock)
    place = text.find(" since ")
    values["since_text"] = text[place + 7:].partition(";")[0] if place > 0 else None


_SHOWN = {"Id": "unit", "Description": "description", "LoadState": "load", "ActiveState": "active", "SubState": "sub", "UnitFileState": "enabled",
          "Result": "result", "FragmentPath": "path", "DropInPaths": "drop_in", "Environment": "environment", "Names": "names",
          "ExecMainStatus": "exit_code", "ExecMainPID": "last_pid", "MainPID": "main_pid", "NRestarts": "restarts", "Restart": "restart",
          "MemoryCurrent": "memory_bytes", "TasksCurrent": "tasks", "CPUUsageNSec": "cpu_nanoseconds", "User": "user", "Type": "type",
          "ControlGroup": "control_group", "StatusText": "status_text", "NeedDaemonReload": "needs_reload"}
_EXEC = re.compile(r"path=([^;]{1,400}?) ; argv\[\]=([^;]{0,2000}?) ;")
_NOT_SET = ("[not set]", "18446744073709551615", "infinity")


def read_show(output: Output) -> Iterator[Row]:
    """Rows of `services` from `systemctl show`; units that are not named in it come in the order of the arguments."""
    asked = [unit_name(part) for part in _asked(output)]
    place = 0
    for block in blocks(output.lines):
        pairs = {name: value for name, equals, value in (line.text.partition("=") for line in block) if equals and len(name) < 60}
        if not pairs:
            continue
        values: dict[str, Value] = {}
        for name, text in pairs.items():
            column = _SHOWN.get(name)
            if column and text and text not in _NOT_SET:
                plain = integer(text)
                values[column] = text if plain is None else plain
        values["exec_start"] = _exec_start(pairs.get("ExecStart", ""))
        stamp = pairs.get("ActiveEnterTimestamp") if pairs.get("ActiveState") in ("active", None) else pairs.get("StateChangeTimestamp") or pairs.get(
            "InactiveEnterTimestamp")
        values["since"] = time_in(stamp, output.clock) if stamp else None
        values["started"] = time_in(pairs.get("ExecMainStartTimestamp") or "", output.clock)
        if "unit" not in values and len(asked) > place:
            values["unit"] = asked[place]
        if values.get("load") == "masked":
            values["enabled"] = values.get("enabled") or "masked"
        place += 1
        if "unit" in values:
            values["unit"] = unit_name(str(values["unit"]))
            yield row("services", block[0].number, **values)


def _exec_start(text: str) -> str | None:
    found = _EXEC.search(text[:4000])
    return (found.group(2).strip() or found.group(1)) if found else (text or None)


_VALUED = {"-p", "--property", "-n", "--lines", "-t", "--type", "-o", "--output", "-H", "-M"}


def _asked(output: Output) -> list[str]:
    """The units named in the arguments of systemctl, without the verb."""
    words = list(output.arguments)
    kept = [word for place, word in enumerate(words) if word[:1] != "-" and (place == 0 or words[place - 1] not in _VALUED)]
    return [word for word in kept[1:] if word and "=" not in word]


def read_list(output: Output) -> Iterator[Row]:
    """Rows of `services` from `systemctl list-units` and `list-unit-files`."""
    for line in output.lines:
        text = line.text[:600]
        found = _LIST.match(text)
        if found:
            unit, load, active, sub, description = found.groups()
            yield row("services", line.number, unit=unit_name(unit), load=load, active=active, sub=sub, description=description or None)
            continue
        found = _FILE.match(text)
        if found:
            yield row("services", line.number, unit=unit_name(found.group(1)), enabled=found.group(2))


def read_is(output: Output) -> Iterator[Row]:
    """Rows of `services` from `systemctl is-active` and `is-enabled`, whose words stand in the order of the units asked for."""
    asked = _asked(output)
    column = "enabled" if "is-enabled" in output.argv else "active"
    known = _ENABLED_WORDS if column == "enabled" else _ACTIVE_WORDS
    said = [line for line in output.lines if line.text.strip() in known]
    for unit, line in zip(asked, said):
        word = line.text.strip()
        if column == "enabled" and word == "not-found":
            yield row("services", line.number, unit=unit_name(unit), load="not-found")
        else:
            yield row("services", line.number, unit=unit_name(unit), **{column: word})
