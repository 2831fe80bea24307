# ruff: noqa: E501 (a key is told on one line)
"""The registry: hives of mounted disks and exports of running ones tell the same, in whatever encoding."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.bundle.bundle import open_bundle
from analyzer.language.knowledge import load_knowledge
from analyzer.report.analysis import analyse
from analyzer.view import lines_of, locate
from fixtures.windows.hive import Value, write_hive
from tests.analyzer.windows import bundle, gathered, rows

CONFIG = "C:/Windows/System32/config"
SELECT: dict[str, dict[str, Value]] = {"Select": {"Current": 2, "Default": 2}}
FABRIC = bytes.fromhex("f500000000000000040000000000000080000000a83f8110")
NOT_ANSWERED = bytes.fromhex("0100000000000000040000000000000080000000ffffff00" "f5000000000000000000000000000000" "80000000")
SERVICES = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services"


def system(**keys: dict[str, Value]) -> bytes:
    """A SYSTEM hive whose second control set is the current one; the first is full of what no longer holds."""
    stale = {r"ControlSet001\Services\RdAgent": {"Start": 4}, r"ControlSet001\Control\TimeZoneInformation": {"ActiveTimeBias": 300}}
    return write_hive({**SELECT, **stale, **{f"ControlSet002\\{key}": values for key, values in keys.items()}}, "SYSTEM", 1_773_000_000)


def only_system(tmp_path: Path, **keys: dict[str, Value]) -> Path:
    return bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": system(**keys)})


def test_the_current_control_set_tells_of_services(tmp_path: Path) -> None:
    found = gathered(only_system(tmp_path, **{
        r"Services\RdAgent": {"Start": 2, "ImagePath": r"C:\WindowsAzure\Packages\WaAppAgent.exe", "ObjectName": "LocalSystem"},
        r"Services\MSDTC": {"Start": 2, "DelayedAutostart": 1, "ObjectName": r"NT AUTHORITY\NetworkService"}, r"Services\MSSQL$PROD": {"Start": 3},
        r"Services\Spooler": {"Start": 2}}))
    assert rows(found, "services", unit="RdAgent") == [{"unit": "RdAgent", "load": "loaded", "start_type": "auto", "enabled": "enabled",
                                                       "exec_start": r"C:\WindowsAzure\Packages\WaAppAgent.exe", "user": "LocalSystem"}]
    assert rows(found, "services", unit="MSDTC")[0]["delayed"] is True and rows(found, "services", unit="MSSQL$PROD")[0]["start_type"] == "manual"
    assert rows(found, "services", unit="WindowsAzureGuestAgent")[0]["load"] == "not-found" and not rows(found, "services", unit="Spooler")


@pytest.mark.parametrize(("options", "dhcp", "told"), [
    (FABRIC, 1, {"option_245": "168.63.129.16", "server": "168.63.129.16", "asked": True}),
    (NOT_ANSWERED, 1, {"option_245": None, "asked": True, "server": "168.63.129.16"}),
    (bytes.fromhex("0100000000000000040000000000000080000000f5f5f5f5"), 1, {"option_245": None, "asked": False}),
])
def test_what_dhcp_answered_and_the_addresses(tmp_path: Path, options: bytes, dhcp: int, told: dict[str, Value]) -> None:
    found = gathered(only_system(tmp_path, **{r"Services\Tcpip\Parameters\Interfaces\{0a5a}": {
        "EnableDHCP": dhcp, "DhcpIPAddress": "10.0.0.4", "DhcpServer": "168.63.129.16", "DhcpNameServer": "168.63.129.16 10.0.0.1", "DhcpInterfaceOptions": options}}))
    lease = rows(found, "leases")[0]
    assert {name: lease.get(name) for name in told} == told and lease["interface"] == "{0a5a}"
    address = rows(found, "addresses", interface="{0a5a}")[0]
    assert (address["address"], address["dhcp"], address["dhcp_server"], address["dns"]) == ("10.0.0.4", True, "168.63.129.16", "168.63.129.16")


def test_an_address_set_by_hand(tmp_path: Path) -> None:
    found = gathered(only_system(tmp_path, **{r"Services\Tcpip\Parameters\Interfaces\{0a5a}": {
        "EnableDHCP": 0, "IPAddress": ["10.0.0.9"], "DefaultGateway": ["10.0.0.1"], "NameServer": "10.0.0.2,10.0.0.3", "DhcpIPAddress": "0.0.0.0"}}))
    address = rows(found, "addresses", interface="{0a5a}")[0]
    assert (address["address"], address["dhcp"], address["gateway"]) == ("10.0.0.9", False, "10.0.0.1") and "dhcp_server" not in {k for k, v in address.items() if v}


def test_of_firewall_rules_and_products_only_what_tells(tmp_path: Path) -> None:
    rules = {"in": "v2.31|Action=Allow|Active=TRUE|Dir=In|", "off": "v2.31|Action=Block|Active=FALSE|Dir=Out|", "out": "v2.31|Action=Block|Active=TRUE|Dir=Out|RA4=168.63.129.16|"}
    uninstall = r"Microsoft\Windows\CurrentVersion\Uninstall"
    software = write_hive({f"{uninstall}\\{{1}}": {"DisplayName": "Windows Azure VM Agent - 2.7", "DisplayVersion": "2.7"}, f"{uninstall}\\{{2}}": {"DisplayName": "Solitaire"},
                           r"Microsoft\Windows NT\CurrentVersion": {"ProductName": "Windows Server 2022", "DigitalProductId": b"12345678"}}, "SOFTWARE", 1_773_000_000)
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": system(**{r"Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules": rules}), f"{CONFIG}/SOFTWARE": software}))
    values = [row.get("value") for row in rows(found, "registry")]
    assert rules["out"] in values and rules["in"] not in values and rules["off"] not in values
    assert "Windows Azure VM Agent - 2.7" in values and "Solitaire" not in values and not any("3132333435" in str(value) for value in values)
    assert rows(found, "system", key="pretty_name") == [{"key": "pretty_name", "value": "Windows Server 2022"}]


def test_states_of_extensions_and_the_machines_name(tmp_path: Path) -> None:
    software = write_hive({r"Microsoft\Windows Azure\HandlerState\Microsoft.Azure.RecoveryServices.VMSnapshot_1.9.31.0": {"InstallState": "Installing", "SequenceNumber": 14}},
                          "SOFTWARE", 1_773_000_000)
    files = {f"{CONFIG}/SOFTWARE": software, f"{CONFIG}/SYSTEM": system(**{r"Control\ComputerName\ComputerName": {"ComputerName": "WEB01"}})}
    found = gathered(bundle(tmp_path / "b.zip", files))
    assert rows(found, "handlers") == [{"handler": "Microsoft.Azure.RecoveryServices.VMSnapshot", "version": "1.9.31.0", "state": "Installing", "backup": True, "empty": False, "seq": 14}]
    assert rows(found, "words", name="hostname")[0]["value"] == "WEB01"


def test_missing_dotnet_is_told_by_a_whole_hive_only(tmp_path: Path) -> None:
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SOFTWARE": write_hive({r"Microsoft\GuestAgent": {"Incarnation": "1"}}, "SOFTWARE", 1_773_000_000)}))
    assert rows(found, "registry", absent=True)[0]["key"] == r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full"


@pytest.mark.parametrize(("raw", "status", "said"), [
    (b"", "failed", "the registry hive is empty"), (b"hello" * 2000, "failed", "no registry hive"), (system()[:5000], "failed", "a damaged registry hive"),
    (system()[:4] + b"\x09\0\0\0" + system()[8:], "unclosed", "the hive was in use"),
])
def test_damaged_hives_and_hives_in_use_give_one_warning(tmp_path: Path, raw: bytes, status: str, said: str) -> None:
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": raw}))
    problems = [problem for problem in found.bundle.problems if problem.item.endswith("SYSTEM")]
    assert [problem.status for problem in problems] == [status] and problems[0].reason.startswith(said)


def test_a_hole_in_a_hive_costs_what_lay_there(tmp_path: Path) -> None:
    raw = system(**{r"Services\RdAgent": {"Start": 4}, r"Services\VSS": {"Start": 3}, r"Control\TimeZoneInformation": {"ActiveTimeBias": 0}})
    key = raw.rfind(b"TimeZoneInformation") - 76
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": raw[:key] + bytes(24) + raw[key + 24:]}))
    assert rows(found, "services", unit="RdAgent")[0]["start_type"] == "disabled"
    assert [problem.status for problem in found.bundle.problems if problem.item.endswith("SYSTEM")] == ["failed"]


def test_a_damaged_list_of_services_does_not_tell_what_is_missing(tmp_path: Path) -> None:
    raw = system(**{rf"Services\{name}": {"Start": 2} for name in ("RdAgent", "VSS", "Dhcp", "BFE")})
    listed = raw.rfind(b"lf\x04\0")
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": raw[:listed] + b"lf\x01\0" + raw[listed + 4:]}))
    assert not rows(found, "services", load="not-found")
    assert ["is not whole" in problem.reason for problem in found.bundle.problems if problem.item.endswith("SYSTEM")] == [True]


def test_a_list_of_services_that_leads_nowhere_costs_the_services_only(tmp_path: Path) -> None:
    services: dict[str, dict[str, Value]] = {rf"Services\{name}": {"Start": 2} for name in ("RdAgent", "VSS", "Dhcp", "BFE")}
    raw = system(**services, **{r"Control\ComputerName\ComputerName": {"ComputerName": "WEB01"}})
    listed = raw.rfind(b"lf\x04\0")
    found = gathered(bundle(tmp_path / "b.zip", {f"{CONFIG}/SYSTEM": raw[:listed + 4] + b"\xff" * 32 + raw[listed + 36:]}))
    assert rows(found, "words", name="hostname")[0]["value"] == "WEB01" and not rows(found, "services")
    assert [problem.reason.startswith("a damaged registry hive") for problem in found.bundle.problems if problem.item.endswith("SYSTEM")] == [True]


def test_citations_of_a_hive_lead_to_lines_that_can_be_looked_at(tmp_path: Path) -> None:
    where = only_system(tmp_path, **{r"Services\RdAgent": {"Start": 4}, r"Services\WindowsAzureGuestAgent": {"Start": 4}})
    judged = analyse(where, load_knowledge()).diagnosis.judgements
    cite = next(one for one in judged if one.signature.id == "agent-service-stopped").observations["disabled-now"].cites[0]
    assert cite.text == rf"[{SERVICES}\RdAgent] Start = 4"
    opened = open_bundle(where)
    member, line = locate(opened, f"{CONFIG}/SYSTEM:{cite.line}")
    assert line is not None and list(lines_of(opened, member))[line - 1] == cite.text


EXPORT = "\r\n".join([
    "Windows Registry Editor Version 5.00", "", rf"[{SERVICES}\Tcpip\Parameters\Interfaces\{{0a5a}}]", '"EnableDHCP"=dword:00000001', '"DhcpIPAddress"="10.0.0.4"', '"DhcpServer"="168.63.129.16"',
    '"DhcpInterfaceOptions"=hex:f5,00,00,00,00,00,00,00,04,00,00,00,00,00,00,00,80,00,00,\\', "  00,a8,3f,81,10", "", rf"[{SERVICES}\RdAgent]", '"Start"=dword:00000004',
    '"ImagePath"=hex(2):43,00,3a,00,5c,00,78,00,00,00', "", r"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\BcdrAgent]", '"USEVSSCOPYBACKUP"="TRUE"', ""])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_an_export_tells_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    raw = EXPORT.encode(encoding)
    found = gathered(bundle(tmp_path / "b.zip", {}, commands={"reg export HKLM\\SYSTEM\\x key.reg /y": raw}))
    assert rows(found, "services", unit="RdAgent")[0]["start_type"] == "disabled" and rows(found, "services", unit="RdAgent")[0]["exec_start"] == "C:\\x"
    assert rows(found, "leases")[0]["option_245"] == "168.63.129.16" and rows(found, "leases")[0]["server"] == "168.63.129.16"
    assert rows(found, "addresses", address="10.0.0.4")[0]["dhcp"] is True
    assert rows(found, "registry", name="USEVSSCOPYBACKUP")[0]["value"] == "TRUE"


@pytest.mark.parametrize(("bias", "local"), [(0, "2026-03-16 22:00:31"), (4294967236, "2026-03-16 23:00:31"), (300, "2026-03-16 17:00:31")])
def test_the_zone_of_a_mounted_disk_dates_logs_without_one(tmp_path: Path, bias: int, local: str) -> None:
    log = f"{local}.00 spid62      I/O is frozen on database orders. No user action is required.\r\n"
    path = "C:/Program Files/Microsoft SQL Server/MSSQL16.MSSQLSERVER/MSSQL/Log/ERRORLOG"
    files = {path: log.encode("utf-16"), f"{CONFIG}/SYSTEM": system(**{r"Control\TimeZoneInformation": {"ActiveTimeBias": bias}})}
    found = gathered(bundle(tmp_path / "b.zip", files, zone=None, argv=("collector", "--root", "/mnt")))
    assert found.last_record("sql-log") == 1773698431.0 and found.collected == 1773698431.0
