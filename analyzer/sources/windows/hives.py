"""Registry keys that tell of the agent, the backup, VSS and the network, out of the hives SYSTEM and SOFTWARE.

A hive is read as it lies on a disk; `CurrentControlSet` is the set that `Select` names. Keys that are wanted and missing
are told as such, since only a whole hive can say so. What `reg export` wrote gives the same rows by another way. A hive has
no lines: its rows are cited by the lines of a listing of what was read.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Any

from analyzer.model import Row, Value
from analyzer.sources.commands.registry import lease_of
from analyzer.sources.rows import row
from analyzer.sources.windows.keys import interpret

_MAGIC = b"regf"
_SERVICES = ("RdAgent", "WindowsAzureGuestAgent", "IaasVmProvider", "VSS", "swprv", "COMSysApp", "MSDTC", "EventSystem", "CryptSvc", "KeyIso", "Winmgmt", "SQLWriter",
             "MSSQLSERVER", "Dhcp", "Dnscache", "NlaSvc", "BFE", "mpssvc", "msiserver", "AppIDSvc", "WindowsAzureTelemetryService")
_INSTANCE = re.compile(r"(?i)MSSQL\$.{1,40}$")
_NEVER_MISSING = ("RdAgent", "WindowsAzureGuestAgent", "VSS", "swprv", "EventSystem", "Dhcp")
# Key, and how many levels below it are read.
_SYSTEM: tuple[tuple[str, int], ...] = (
    *((rf"Services\{name}", 0) for name in _SERVICES), (r"Services\VSS\Providers", 1), (r"Services\VSS\VssAccessControl", 0), (r"Services\VSS\Diag", 0),
    (r"Services\Tcpip\Parameters", 0), (r"Services\Tcpip\Parameters\Interfaces", 1), (r"Control\TimeZoneInformation", 0),
    (r"Control\SecurityProviders\SCHANNEL\Protocols", 2), (r"Control\Session Manager\SubSystems", 0), (r"Control\CI\Policy", 0), (r"Control\DeviceGuard", 0),
    (r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules", 0), (r"Control\ComputerName\ComputerName", 0))
_SOFTWARE: tuple[tuple[str, int], ...] = (
    (r"Microsoft\GuestAgent", 0), (r"Microsoft\Virtual Machine\Guest", 0), (r"Microsoft\Windows Azure", 3), (r"Microsoft\WindowsAzure", 3), (r"Microsoft\BcdrAgent", 0),
    (r"Microsoft\BcdrAgentPersistentKeys", 0), (r"Microsoft\NET Framework Setup\NDP\v4\Full", 0), (r"Microsoft\.NETFramework", 0), (r"Microsoft\.NETFramework\v4.0.30319", 0),
    (r"Microsoft\.NETFramework\v2.0.50727", 0), (r"Wow6432Node\Microsoft\.NETFramework\v4.0.30319", 0), (r"Wow6432Node\Microsoft\.NETFramework\v2.0.50727", 0),
    (r"Microsoft\Windows\CurrentVersion\Internet Settings", 0), (r"Microsoft\Windows\CurrentVersion\Internet Settings\Connections", 0),
    (r"Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending", 0), (r"Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired", 0),
    (r"Policies\Microsoft\Windows\SrpV2", 1), (r"Policies\Microsoft\Cryptography\Configuration\SSL\00010002", 0),
    (r"Policies\Microsoft\Windows\CurrentVersion\Internet Settings", 0), (r"Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall", 1), (r"Microsoft\Windows NT\CurrentVersion", 0))
_MISSING_TELLS = (r"Microsoft\NET Framework Setup\NDP\v4\Full",)
_PRODUCTS = re.compile(r"(?i)Windows Azure VM Agent|Visual C\+\+ 201[23]|SQL Server VSS Writer")
_OF_WINDOWS = re.compile(r"(?i)(?:ProductName|CurrentBuild|UBR|DisplayVersion|InstallDate)$")
_VALUES_AT_MOST = 4000
_LONGEST_LINE = 400


class _Held:
    """What the library asks for: something to read once, so that the hive is held in memory a single time."""

    def __init__(self, raw: bytearray) -> None:
        self._raw = raw

    def read(self) -> bytearray:
        return self._raw


@dataclass(slots=True)
class Reading:
    """What a hive gave: rows, the listing whose lines they cite, and what is wrong with it. `unclosed`: its newest changes
    were still in the log files beside it."""

    rows: list[Row] = field(default_factory=list)
    listing: list[str] = field(default_factory=list)
    problem: str | None = None
    unclosed: bool = False

    def add(self, table: str, values: dict[str, Value], told: str) -> None:
        """A row, and the line that tells it."""
        self.listing.append(told[:_LONGEST_LINE])
        self.rows.append(row(table, values, len(self.listing)))


def read_hive(raw: bytearray, name: str) -> Reading:
    """Rows of `registry`, and what they mean, of a hive named SYSTEM or SOFTWARE. A damaged hive gives what can be read."""
    from Registry import Registry
    reading, system = Reading(), name.upper().startswith("SYSTEM")
    if not raw.startswith(_MAGIC):
        reading.problem = "no registry hive: its first bytes are not `regf`" if raw else "the registry hive is empty"
        return reading
    reading.unclosed = raw[4:8] != raw[8:12]
    try:
        hive = Registry.Registry(_Held(raw))
        prefix = _control_set(hive) if system else ""
    except Exception as error:  # a damaged hive: the library raises whatever its structures make it stumble over
        reading.problem = _damage(error)
        return reading
    try:
        wanted = _SYSTEM + _instances(hive, prefix) if system else _SOFTWARE
    except Exception as error:  # as above; the keys that are named may still be whole
        reading.problem, wanted = _damage(error), _SYSTEM
    for path, depth in wanted:
        shown = rf"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\{path}" if system else rf"HKEY_LOCAL_MACHINE\SOFTWARE\{path}"
        try:
            key = _open(hive, prefix + path)
            if key is not None:
                _read_key(reading, key, shown, depth)
            elif path in _MISSING_TELLS and _missing(hive, prefix + path):
                reading.add("registry", {"key": shown, "absent": True}, f"[{shown}] absent")
        except Exception as error:  # as above
            reading.problem = reading.problem or _damage(error)
    reading.rows += list(interpret(reading.rows))
    if system:
        _tell_missing(reading, hive, prefix)
    return reading


def _damage(error: Exception) -> str:
    return f"a damaged registry hive, read in part: {type(error).__name__} {str(error)[:100]}"


def _control_set(hive: Any) -> str:
    select = _open(hive, "Select")
    number = next((one.value() for one in select.values() if one.name().lower() == "current"), 1) if select is not None else 1
    return f"ControlSet{int(number):03d}\\"


def _instances(hive: Any, prefix: str) -> tuple[tuple[str, int], ...]:
    """The services of SQL Server's named instances."""
    services = _open(hive, f"{prefix}Services")
    names = [key.name() for key in services.subkeys()] if services is not None else []
    return tuple((rf"Services\{name}", 0) for name in names if _INSTANCE.match(name))


def _open(hive: Any, path: str) -> Any:
    from Registry import Registry
    try:
        return hive.open(path)
    except Registry.RegistryKeyNotFoundException:
        return None


def _read_key(reading: Reading, key: Any, shown: str, depth: int) -> None:
    told = False
    for value in key.values()[:_VALUES_AT_MOST]:
        try:
            kind, content = value.value_type_str(), _content(value)
        except (UnicodeDecodeError, ValueError, struct.error):
            continue
        name = value.name() or "(Default)"
        if not _wanted(shown, name, str(content)):
            continue
        told = True
        name = "(Default)" if name == "(default)" else name
        reading.add("registry", {"key": shown, "name": name, "type": kind.replace("RegSZ", "REG_SZ"), "value": content}, f"[{shown}] {name} = {content}")
        if name.lower() == "dhcpinterfaceoptions" and isinstance(content, str):
            server = next((one.value() for one in key.values() if one.name().lower() == "dhcpserver"), None)
            reading.rows.append(lease_of(shown, content, len(reading.listing), str(server).rstrip("\0") if server else None))
    if not told and "Uninstall" not in shown and "FirewallRules" not in shown:
        reading.add("registry", {"key": shown}, f"[{shown}]")
    if depth:
        for below in key.subkeys()[:_VALUES_AT_MOST]:
            _read_key(reading, below, f"{shown}\\{below.name()}", depth - 1)


def _wanted(shown: str, name: str, content: str) -> bool:
    """Whether a value of a key that is read tells anything: of firewall rules and products, only some do."""
    if "FirewallRules" in shown:
        return _blocks_outbound(content)
    if shown.endswith("Uninstall") or "\\Uninstall\\" in shown:
        return name == "DisplayName" and _PRODUCTS.search(content) is not None
    return not shown.endswith(r"Windows NT\CurrentVersion") or _OF_WINDOWS.match(name) is not None


def _content(value: Any) -> Value:
    content = value.value()
    if isinstance(content, (bytes, bytearray)):
        return bytes(content[:8192]).hex()
    if isinstance(content, list):
        return "\\0".join(str(one) for one in content if one)[:4000]
    return content if isinstance(content, int) else str(content).rstrip("\0")[:4000]


def _blocks_outbound(rule: str) -> bool:
    """A firewall rule that is in force and keeps traffic from leaving (`v2.30|Action=Block|Active=TRUE|Dir=Out|...`)."""
    return all(part in rule for part in ("Action=Block", "Active=TRUE", "Dir=Out"))


def _missing(hive: Any, path: str) -> bool:
    """Whether a key is not there, by lists of subkeys as long as their keys say: a damaged list does not tell what is missing."""
    key = hive.root()
    for name in path.split("\\"):
        below = key.subkeys()
        if len(below) != key._nkrecord.subkey_number():
            raise ValueError(f"the list of the keys below {key.path()[:60]} is not whole")
        key = next((one for one in below if one.name().lower() == name.lower()), None)
        if key is None:
            return True
    return False


def _tell_missing(reading: Reading, hive: Any, prefix: str) -> None:
    known = {str(one.values["unit"]).lower() for one in reading.rows if one.table == "services"}
    for name in _NEVER_MISSING:
        try:
            missing = name.lower() not in known and _missing(hive, rf"{prefix}Services\{name}")
        except Exception as error:  # a damaged hive, as above
            reading.problem = reading.problem or _damage(error)
            return
        if missing:
            reading.add("services", {"unit": name, "load": "not-found", "active": "inactive", "sub": "not-installed"},
                        rf"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\{name}] absent")
