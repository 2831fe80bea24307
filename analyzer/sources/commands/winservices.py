"""Windows services: `sc query|queryex|qc` by their numbers, and PowerShell's Get-Service or Win32_Service."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from .objects import Thing, objects_of
from .text import Line, Output, integer, row

_STATES = {1: ("inactive", "stopped"), 2: ("activating", "start-pending"), 3: ("deactivating", "stop-pending"), 4: ("active", "running"),
           5: ("activating", "continue-pending"), 6: ("deactivating", "pause-pending"), 7: ("inactive", "paused")}
_STARTS = {0: ("boot", "enabled"), 1: ("system", "enabled"), 2: ("auto", "enabled"), 3: ("manual", "static"), 4: ("disabled", "disabled")}
_START_WORDS = {"boot": 0, "system": 1, "auto": 2, "automatic": 2, "automaticdelayedstart": 2, "manual": 3, "demand": 3, "disabled": 4}
_STATE_WORDS = {"stopped": 1, "startpending": 2, "start pending": 2, "stoppending": 3, "stop pending": 3, "running": 4, "paused": 7}
_FIELD = re.compile(r"\s{0,20}(\S[^:]{0,60}?)\s{0,60}: ?(.*)")
_CODED = re.compile(r"(\d{1,5})\s{1,4}\(0x[\da-fA-F]{1,8}\)")
_STATE = re.compile(r"([1-7])\s{1,3}([^\d\s].*|$)")
_HEX_TYPE = re.compile(r"[\da-fA-F]{1,4}\s{1,3}\S")
_FAILED = re.compile(r"\[SC\].{0,120}?(\d{4})\s{0,2}:")


def read_sc(output: Output) -> Iterator[Row]:
    """Rows of `services`; labels may be in any language, numbers and order are not."""
    asked = next((word for word in output.operands() if word.lower() not in ("query", "queryex", "qc", "sc", "type=", "all", "state=", "bufsize=")),
                 None)
    block: list[Line] = []
    for line in output.lines:
        failed = _FAILED.search(line.text[:300])
        if failed:
            if failed.group(1) == "1060" and asked:
                yield row("services", line.number, unit=asked, load="not-found", active="inactive", sub="not-installed", exit_code=1060)
            continue
        named = re.match(r"SERVICE_NAME: |[^\s:\[][^:]{2,40}: \S{1,200}$", line.text[:300])
        if named and not line.text.startswith("[") and block and not _is_display(block, line):
            yield from _service(block)
            block = []
        block.append(line)
    yield from _service(block)


def _is_display(block: list[Line], line: Line) -> bool:
    """The display name follows the service's name, both unindented; a field of the block stands between two names."""
    return all(not entry.text.strip() or not entry.text[:1].isspace() for entry in block) and bool(block[-1].text.strip())


def _service(block: list[Line]) -> Iterator[Row]:
    name, values = None, dict[str, Value]()
    first, dependencies, fields = 0, list[str](), 0
    for line in block:
        found = _FIELD.fullmatch(line.text[:1000])
        if not found:
            continue
        label, value = found.group(1), found.group(2).strip()
        if not line.text[:1].isspace():
            if name is None and value and "[" not in label:
                name, first = value, line.number
            elif name is not None and not fields:
                values["description"] = value
            continue
        fields += 1
        _field(label, value, fields, values, dependencies)
    if name and fields:
        if dependencies:
            values["dependencies"] = ",".join(dependencies)
        yield row("services", first, unit=name, load="loaded", **values)


def _field(label: str, value: str, place: int, values: dict[str, Value], dependencies: list[str]) -> None:
    coded, state = _CODED.match(value), _STATE.match(value)
    low = value.lower()
    if place == 1 and _HEX_TYPE.match(value):
        values["type"] = value
    elif label == "START_TYPE" or (place == 2 and state and ("_start" in low or "disabled" in low or "delayed" in low)):
        code = integer(value[:1])
        if code in _STARTS:
            values["start_type"], values["enabled"] = _STARTS[code]
            values["delayed"] = "DELAYED" in value
    elif place == 2 and state and "active" not in values:
        values["active"], values["sub"] = _STATES[int(state.group(1))]
    elif coded and "exit_code" not in values:
        values["exit_code"] = int(coded.group(1))
    elif label == "PID" and integer(value):
        values["main_pid"] = integer(value)
    elif "exec_start" not in values and re.match(r'"?[A-Za-z%\\][:%\\S]', value) and "\\" in value and place < 6:
        values["exec_start"] = value
    elif label == "SERVICE_START_NAME" or (place >= 7 and "\\" in value) or value == "LocalSystem":
        values["user"] = value
    elif label == "DISPLAY_NAME":
        values["description"] = value
    elif label == "DEPENDENCIES" and value:
        dependencies.append(value)


_STOPPED: dict[str, Value] = {"active": "inactive", "sub": "stopped"}
_UNKNOWN: dict[str, Value] = {"load": "not-found", "sub": "not-installed"}
_NET: dict[int, dict[str, Value]] = {
    1058: {"start_type": "disabled", "enabled": "disabled"}, 1060: _UNKNOWN, 2185: _UNKNOWN, 2182: {"active": "active", "sub": "running"},
    **dict.fromkeys((2, 1053, 1067, 1068, 1069, 2186, 3521, 3523), _STOPPED)}
_NET_ERROR = re.compile(r"(?:\b|\D)(2|1053|1058|1060|1067|1068|1069|2182|2185|2186|3521|3523)(?=\D|$)")
_DISPLAYED = {"windows azure guest agent": "WindowsAzureGuestAgent", "volume shadow copy": "VSS", "com+ system application": "COMSysApp",
              "distributed transaction coordinator": "MSDTC", "com+ event system": "EventSystem", "cng key isolation": "KeyIso"}


def read_net(output: Output) -> Iterator[Row]:
    """A row of `services` from `net start NAME`: what its error's number says of the service; the words are translated."""
    asked = " ".join(output.operands()[1:]).strip("\"' ")
    if len(output.operands()) < 2 or output.operands()[0].lower() not in ("start", "continue"):
        return
    for line in output.lines[:20]:
        found = _NET_ERROR.search(line.text[:200])
        if found and re.search(r"(?i)HELPMSG|error|fehler|erreur|错误|錯誤|エラー|오류|ошибка|errore|erro\b", line.text[:200]):
            values: dict[str, Value] = {"load": "loaded", **_NET[int(found.group(1))]}
            yield row("services", line.number, unit=_DISPLAYED.get(asked.lower(), asked), exit_code=int(found.group(1)), **values)
            return


def read_get_service(output: Output) -> Iterator[Row]:
    """Rows of `services` from Get-Service, Win32_Service or `wmic service`, in every form."""
    for thing in objects_of(output):
        found = _from_object(thing)
        if found:
            yield found
    for line in output.lines[:2000]:
        missing = _NOT_FOUND.search(line.text[:300])
        if missing:
            yield row("services", line.number, unit=missing.group(1), load="not-found", active="inactive", sub="not-installed")


_NOT_FOUND = re.compile(r"ObjectNotFound: \(([\w.]{2,80}):String\) \[Get-Service\]")


def _in_full(name: str | None, display: str | None) -> str | None:
    """A name that a table cut short, where the display name is the same word for word."""
    if not name or not name.endswith("...") or not display:
        return name
    joined = display.replace(" ", "")
    return joined if joined.lower().startswith(name[:-3].lower()) else name


def _from_object(thing: Thing) -> Row | None:
    name = _in_full(thing.first("Name", "ServiceName"), thing.first("DisplayName", "Caption"))
    said = (thing.first("State", "Status") or "").lower()
    if not name or said in ("ok", "degraded"):
        said = (thing.first("State") or "").lower()
    if not name or not (said or thing.first("StartMode", "StartType", "PathName")):
        return None
    code = integer(said) or _STATE_WORDS.get(said)
    active, sub = _STATES.get(code or 0, (None, said or None))
    start = (thing.first("StartMode", "StartType") or "").lower().replace(" ", "")
    start_code = integer(start) if integer(start) is not None else _START_WORDS.get(start)
    start_type, enabled = _STARTS.get(start_code, (None, None)) if start_code is not None else (None, None)
    return row("services", thing.line, unit=name, description=thing.first("DisplayName", "Caption"), load="loaded", active=active, sub=sub,
               start_type=start_type, enabled=enabled, exit_code=integer(thing.first("ExitCode")), main_pid=integer(thing.first("ProcessId")) or None,
               exec_start=thing.first("PathName"), user=thing.first("StartName"))
