"""Registry keys that tell of the agent, the backup, VSS and the network, out of the hives SYSTEM and SOFTWARE.

A hive is read as it lies on a disk; `CurrentControlSet` is the set that `Select` names. Keys that are wanted and missing
are told as such, since only a whole hive can say so. What `reg export` wrote gives the same rows by another way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

from analyzer.model import Row, Value
from analyzer.sources.commands.registry import read_reg
from analyzer.sources.commands.text import output_of
from analyzer.sources.rows import row

LARGEST = 200 << 20
_SERVICES = ("RdAgent", "WindowsAzureGuestAgent", "IaasVmProvider", "VSS", "swprv", "COMSysApp", "MSDTC", "EventSystem", "CryptSvc", "KeyIso", "Winmgmt", "SQLWriter",
             "MSSQLSERVER", "Dhcp", "Dnscache", "BFE", "mpssvc", "msiserver", "AppIDSvc")
_NEVER_MISSING = ("RdAgent", "WindowsAzureGuestAgent", "VSS", "swprv", "EventSystem", "Dhcp")
# Key, and how many levels below it are read.
_SYSTEM: tuple[tuple[str, int], ...] = (
    *((rf"Services\{name}", 0) for name in _SERVICES), (r"Services\VSS\Providers", 1), (r"Services\Tcpip\Parameters\Interfaces", 1),
    (r"Control\TimeZoneInformation", 0), (r"Control\SecurityProviders\SCHANNEL\Protocols", 2), (r"Control\Session Manager\SubSystems", 0),
    (r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules", 0), (r"Control\ComputerName\ComputerName", 0))
_SOFTWARE: tuple[tuple[str, int], ...] = (
    (r"Microsoft\GuestAgent", 0), (r"Microsoft\Virtual Machine\Guest", 0), (r"Microsoft\Windows Azure", 3), (r"Microsoft\WindowsAzure", 3), (r"Microsoft\BcdrAgent", 0),
    (r"Microsoft\BcdrAgentPersistentKeys", 0), (r"Microsoft\NET Framework Setup\NDP\v4\Full", 0), (r"Microsoft\.NETFramework", 0), (r"Microsoft\.NETFramework\v4.0.30319", 0),
    (r"Wow6432Node\Microsoft\.NETFramework\v4.0.30319", 0), (r"Microsoft\Windows\CurrentVersion\Internet Settings", 0),
    (r"Microsoft\Windows\CurrentVersion\Internet Settings\Connections", 0), (r"Policies\Microsoft\Windows\SrpV2", 1), (r"Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"Policies\Microsoft\Windows\CurrentVersion\Internet Settings", 0))
_MISSING_TELLS = (r"Microsoft\NET Framework Setup\NDP\v4\Full",)
_PRODUCTS = re.compile(r"(?i)Windows Azure VM Agent|Visual C\+\+ 201[23]|SQL Server VSS Writer")
_STARTS = {0: ("boot", "enabled"), 1: ("system", "enabled"), 2: ("auto", "enabled"), 3: ("manual", "static"), 4: ("disabled", "disabled")}
_SERVICE_KEY = re.compile(r"(?i)HKEY_LOCAL_MACHINE\\SYSTEM\\(?:CurrentControlSet|ControlSet\d{3})\\Services\\([^\\]+)$")
_VALUES_AT_MOST = 4000


class _Held:
    """What the library asks for: something to read once, so that the hive is held in memory a single time."""

    def __init__(self, raw: bytearray) -> None:
        self._raw = raw

    def read(self) -> bytearray:
        return self._raw


def read_hive(raw: bytearray, name: str) -> tuple[list[Row], str | None]:
    """Rows of `registry`, `services` and `leases` of a hive named SYSTEM or SOFTWARE, and what is wrong with it."""
    from Registry import Registry
    system = name.upper().startswith("SYSTEM")
    rows: list[Row] = []
    try:
        hive = Registry.Registry(_Held(raw))
        prefix, wanted = (_control_set(hive), _SYSTEM) if system else ("", _SOFTWARE)
        for path, depth in wanted:
            shown = rf"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\{path}" if system else rf"HKEY_LOCAL_MACHINE\SOFTWARE\{path}"
            key = _open(hive, prefix + path)
            if key is None:
                if path in _MISSING_TELLS:
                    rows.append(row("registry", {"key": shown, "absent": True}))
                continue
            rows += list(_below(key, shown, depth))
    except Exception as error:  # a damaged hive: the library raises whatever its structures make it stumble over
        return _completed(rows, False), f"a damaged registry hive, read in part: {type(error).__name__} {str(error)[:100]}"
    return _completed(rows, system), None


def _control_set(hive: Any) -> str:
    select = _open(hive, "Select")
    number = next((one.value() for one in select.values() if one.name().lower() == "current"), 1) if select is not None else 1
    return f"ControlSet{int(number):03d}\\"


def _open(hive: Any, path: str) -> Any:
    from Registry import Registry
    try:
        return hive.open(path)
    except Registry.RegistryKeyNotFoundException:
        return None


def _below(key: Any, shown: str, depth: int) -> Iterator[Row]:
    told = False
    for value in key.values()[:_VALUES_AT_MOST]:
        try:
            kind, content = value.value_type_str(), _content(value)
        except (UnicodeDecodeError, ValueError, struct.error):
            continue
        name = value.name() or "(Default)"
        if "FirewallRules" in shown and not _blocks_fabric(str(content)):
            continue
        if (shown.endswith("Uninstall") or "\\Uninstall\\" in shown) and (name != "DisplayName" or not _PRODUCTS.search(str(content))):
            continue
        told = True
        yield row("registry", {"key": shown, "name": "(Default)" if name == "(default)" else name, "type": kind.replace("RegSZ", "REG_SZ"), "value": content})
        if name.lower() == "dhcpinterfaceoptions" and isinstance(content, str):
            text = f"Windows Registry Editor Version 5.00\n[{shown}]\n\"{name}\"=hex:{content}\n"
            yield from (one for one in read_reg(output_of(text)) if one.table == "leases")
    if not told and "Uninstall" not in shown and "FirewallRules" not in shown:
        yield row("registry", {"key": shown})
    if depth:
        for below in key.subkeys()[:_VALUES_AT_MOST]:
            yield from _below(below, f"{shown}\\{below.name()}", depth - 1)


def _content(value: Any) -> Value:
    content = value.value()
    if isinstance(content, (bytes, bytearray)):
        return bytes(content[:8192]).hex()
    if isinstance(content, list):
        return "\\0".join(str(one) for one in content)[:4000]
    return content if isinstance(content, int) else str(content).rstrip("\0")[:4000]


def _blocks_fabric(rule: str) -> bool:
    """A firewall rule that is in force and keeps traffic from leaving (`v2.30|Action=Block|Active=TRUE|Dir=Out|...`)."""
    return all(part in rule for part in ("Action=Block", "Active=TRUE", "Dir=Out"))


def _completed(rows: list[Row], whole_system: bool) -> list[Row]:
    services = services_of(rows)
    if whole_system:
        known = {str(one.values["unit"]).lower() for one in services}
        services += [row("services", {"unit": name, "load": "not-found", "active": "inactive", "sub": "not-installed"})
                     for name in _NEVER_MISSING if name.lower() not in known]
    return rows + services


def services_of(rows: list[Row]) -> list[Row]:
    """Rows of `services` out of rows of `registry`: start type, program and account; the state is not in the registry."""
    found: dict[str, dict[str, Value]] = {}
    lines: dict[str, int] = {}
    for one in rows:
        service = _SERVICE_KEY.match(str(one.values.get("key"))) if one.table == "registry" else None
        if not service:
            continue
        name, value = str(one.values.get("name") or "").lower(), one.values.get("value")
        values = found.setdefault(service.group(1), {})
        if name == "start" and isinstance(value, int) and value in _STARTS:
            values["start_type"], values["enabled"] = _STARTS[value]
            lines[service.group(1)] = one.line
        elif name == "imagepath":
            values["exec_start"] = value
        elif name == "objectname":
            values["user"] = value
        elif name == "delayedautostart":
            values["delayed"] = bool(value)
    return [row("services", {"unit": name, "load": "loaded", **values}, lines[name]) for name, values in found.items() if name in lines]
