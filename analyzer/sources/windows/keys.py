"""What rows of `registry` mean: services, extensions' states, addresses, the machine's name, its Windows and its zone.

The same for what a hive holds, what `reg export` wrote and what `reg query` printed. Start types: 0 boot, 1 system,
2 automatic, 3 manual, 4 disabled. A service's state is not in the registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta, timezone

from analyzer.model import Row, Value
from analyzer.sources.rows import row

STARTS = {0: ("boot", "enabled"), 1: ("system", "enabled"), 2: ("auto", "enabled"), 3: ("manual", "static"), 4: ("disabled", "disabled")}
_SET = r"(?i)HKEY_LOCAL_MACHINE\\SYSTEM\\(?:CurrentControlSet|ControlSet\d{3})\\"
_SERVICE = re.compile(_SET + r"Services\\([^\\]+)$")
_INTERFACE = re.compile(_SET + r"Services\\Tcpip\\Parameters\\Interfaces\\(\{[^\\]+\})$")
_NAME = re.compile(_SET + r"Control\\ComputerName\\ComputerName$")
_ZONE = re.compile(_SET + r"Control\\TimeZoneInformation$")
_HANDLER = re.compile(r"(?i)HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows ?Azure\\HandlerState\\(?P<handler>[\w.]+)_(?P<version>\d+(?:\.\d+)+)$")
_WINDOWS = re.compile(r"(?i)HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion$")


@dataclass(slots=True)
class _Key:
    """The values of a key by their names in lower case, and the line of each."""

    path: str
    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    line: int = 1

    def text(self, name: str) -> str | None:
        """A value as text; the first of several; None where it is missing or empty."""
        value = self.values.get(name)
        return str(value).split("\\0")[0].split(" ")[0] or None if value is not None else None


def interpret(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of `services`, `handlers`, `addresses`, `words` and `system` out of rows of `registry`."""
    for key in _keys(rows):
        service, interface, handler = _SERVICE.match(key.path), _INTERFACE.match(key.path), _HANDLER.match(key.path)
        if service:
            yield from _service(service.group(1), key)
        elif interface:
            yield from _addresses(interface.group(1), key)
        elif handler:
            state = key.values.get("installstate") or key.values.get("state")
            yield row("handlers", {"handler": handler.group("handler"), "version": handler.group("version"), "state": state,
                                   "backup": "vmsnapshot" in handler.group("handler").lower(), "empty": state is None, "seq": key.values.get("sequencenumber")}, key.line)
        elif _NAME.match(key.path) and key.values.get("computername"):
            yield row("words", {"file": key.path, "name": "hostname", "value": key.values["computername"], "empty": False}, key.lines["computername"])
        elif _WINDOWS.match(key.path) and key.values.get("productname"):
            yield row("system", {"key": "pretty_name", "value": key.values["productname"]}, key.lines["productname"])


def zone_of(rows: Iterable[Row]) -> timezone | None:
    """The offset from UTC that the machine's clock had: ActiveTimeBias, in minutes from local time to UTC, as a signed DWORD."""
    for key in _keys(rows):
        bias = key.values.get("activetimebias")
        if _ZONE.match(key.path) and isinstance(bias, int):
            minutes = bias - (1 << 32) if bias >= 1 << 31 else bias
            return timezone(timedelta(minutes=-minutes)) if abs(minutes) < 24 * 60 else None
    return None


def _keys(rows: Iterable[Row]) -> Iterable[_Key]:
    found: dict[str, _Key] = {}
    for one in rows:
        path = one.values.get("key")
        if one.table != "registry" or not isinstance(path, str) or one.values.get("absent"):
            continue
        key = found.setdefault(path, _Key(path, line=one.line))
        name = str(one.values.get("name") or "").lower()
        key.values[name], key.lines[name] = one.values.get("value"), one.line
    return found.values()


def _service(name: str, key: _Key) -> Iterator[Row]:
    start = key.values.get("start")
    if not isinstance(start, int) or start not in STARTS:
        return
    values: dict[str, Value] = {"unit": name, "load": "loaded", "start_type": STARTS[start][0], "enabled": STARTS[start][1]}
    for column, value in (("exec_start", "imagepath"), ("user", "objectname")):
        if value in key.values:
            values[column] = key.values[value]
    if "delayedautostart" in key.values:
        values["delayed"] = bool(key.values["delayedautostart"])
    yield row("services", values, key.lines["start"])


def _addresses(interface: str, key: _Key) -> Iterator[Row]:
    """The address of an interface; Windows keeps the last one that DHCP gave, also while it has none."""
    enabled = key.values.get("enabledhcp")
    if not isinstance(enabled, int):
        return
    dhcp = enabled == 1
    prefix = "dhcp" if dhcp else ""
    address = key.text(f"{prefix}ipaddress")
    if address in (None, "0.0.0.0"):
        return
    yield row("addresses", {"interface": interface, "address": address, "family": "inet", "dhcp": dhcp, "dynamic": dhcp,
                            "dhcp_server": key.text("dhcpserver") if dhcp else None, "gateway": key.text(f"{prefix}defaultgateway"),
                            "dns": key.text("nameserver") or key.text("dhcpnameserver")}, key.lines["enabledhcp"])
