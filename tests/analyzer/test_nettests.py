"""What people copy out of a console: transcripts with several commands, tests of connections and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model import Row
from analyzer.sources import commands
from tests.analyzer.scenes import analysed

TRANSCRIPT = r"""PS C:\Windows\system32> Get-Service RdAgent, WindowsAzureGuestAgent

Status   Name               DisplayName
------   ----               -----------
Stopped  RdAgent            RdAgent
Running  WindowsAzureGue... Windows Azure Guest Agent

C:\Users\admin>sc query RdAgent
[SC] EnumQueryServicesStatus:OpenService FAILED 1060:

C:\Users\admin>nslookup umsa1.blob.core.windows.net
Server:  dc1.corp.local
Address:  10.4.0.4

*** dc1.corp.local can't find umsa1.blob.core.windows.net: Non-existent domain
"""

CONNECTION = """WARNING: TCP connect to (168.63.129.16 : 32526) failed

ComputerName           : 168.63.129.16
RemoteAddress          : 168.63.129.16
RemotePort             : 32526
PingSucceeded          : False
TcpTestSucceeded       : False
"""


def _read(text: str) -> list[Row]:
    reader = commands.sniff(text)
    assert reader
    return reader.read(text)


def test_each_command_of_a_transcript_is_read_with_its_lines() -> None:
    found = {(row.table, row.values.get("unit") or row.values.get("target"), row.line) for row in _read(TRANSCRIPT)}
    assert found == {("services", "RdAgent", 5), ("services", "WindowsAzureGuestAgent", 6), ("services", "RdAgent", 9),
                     ("probes", "umsa1.blob.core.windows.net", 15)}


def test_a_tested_connection_is_a_probe() -> None:
    rows = _read(CONNECTION)
    assert all((row.values["host"], row.values["port"], row.values["ok"]) == ("168.63.129.16", 32526, False) for row in rows)
    assert rows


def test_a_name_that_resolves_is_a_probe_that_worked() -> None:
    reader = commands.recognise(["nslookup", "umsa1.blob.core.windows.net"])
    assert reader
    text = ("Server:  dc1.corp.local\nAddress:  10.4.0.4\n\nNon-authoritative answer:\n"
            "Name:    blob.db5.store.core.windows.net\nAddress:  52.239.137.36\n")
    assert [(row.values["host"], row.values["ok"]) for row in reader.read(text)] == [("blob.db5.store.core.windows.net", True)]


FRAGMENTS = {
    "a service's configuration": "[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: Dhcp\n        TYPE               : 20  WIN32_SHARE_PROCESS\n"
                                 "        START_TYPE         : 4   DISABLED\n        ERROR_CONTROL      : 1   NORMAL\n",
    "a test of a connection": CONNECTION,
    "words of the portal": "The VSS writers on this Windows Server were in a bad state.\n",
    "a log of the agent under another name": "[00000020] 2026-03-02T08:34:12.06Z [HEART] WindowsAzureGuestAgent Heartbeat.\n",
}


@pytest.mark.parametrize("text", FRAGMENTS.values(), ids=list(FRAGMENTS))
def test_a_fragment_of_windows_is_judged_as_windows(tmp_path: Path, text: str) -> None:
    (tmp_path / "pasted.txt").write_text(text)
    assert analysed(tmp_path).evidence.platform == "windows"


def test_what_a_files_name_promises_and_its_text_does_not_keep_is_sniffed(tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text('[{"Name":"RdAgent","State":"Stopped","StartMode":"Disabled"}]')
    assert [row.values["unit"] for row in analysed(tmp_path).evidence.rows("services")] == ["RdAgent"]


def test_a_word_of_windows_does_not_make_a_linux_vm_one(tmp_path: Path) -> None:
    (tmp_path / "waagent.log").write_text("2026-03-02T09:00:00.100000Z INFO ExtHandler ExtHandler ProcessExtensionsGoalState completed\n")
    (tmp_path / "notes.txt").write_text("asked for the backup by PowerShell\n")
    assert analysed(tmp_path).evidence.platform == "linux"


def test_a_table_that_pasting_moved_off_its_columns_is_read_by_words() -> None:
    reader = commands.recognise(["Get-Service", "RdAgent"])
    assert reader
    text = "Name                  Status StartType\n----                  ------ ---------\nRdAgent              Stopped    Manual\n"
    assert [(row.values["unit"], row.values["sub"], row.values["start_type"]) for row in reader.read(text)] == [("RdAgent", "stopped", "manual")]


def _of(command: str, text: str) -> list[Row]:
    reader = commands.recognise(["powershell", "-Command", command])
    assert reader
    return reader.read(text)


@pytest.mark.parametrize(("text", "column", "value"), [
    ("System error 1058 has occurred.\n", "start_type", "disabled"),
    ("Systemfehler 1058 aufgetreten.\n", "start_type", "disabled"),
    ("The service name is invalid.\n\nMore help is available by typing NET HELPMSG 2185.\n", "load", "not-found"),
    ("The requested service has already been started.\n\nMore help is available by typing NET HELPMSG 2182.\n", "sub", "running"),
])
def test_net_start_tells_of_a_service_by_the_number_of_its_error(text: str, column: str, value: str) -> None:
    (row,) = _of("net start WindowsAzureGuestAgent", text)
    assert (row.values["unit"], row.values[column]) == ("WindowsAzureGuestAgent", value)


def test_adapters_are_listed_with_their_state() -> None:
    text = ("Name      InterfaceDescription               ifIndex Status\n----      --------------------               ------- ------\n"
            "Ethernet  Microsoft Hyper-V Network Adapter       13 Disabled\n")
    (row,) = _of("Get-NetAdapter", text)
    assert (row.values["interface"], row.values["up"]) == ("Ethernet (Microsoft Hyper-V Network Adapter)", False)


def test_a_strip_chart_tells_the_offset_with_and_without_its_label() -> None:
    text = "22:00:00, +28811.5671231s\n22:00:02, d:+00.0123s o:-00.0042s\n"
    assert [row.values["value"] for row in _of("w32tm /stripchart /computer:x", text)] == [28811.5671231, -0.0042]


def test_adapters_that_netsh_lists_tell_whether_they_are_connected() -> None:
    text = ("\nAdmin State    State          Type             Interface Name\n" + "-" * 73 + "\n"
            "Disabled       Disconnected   Dedicated        Ethernet 6\nEnabled        Connected      Dedicated        Ethernet 7\n\n")
    rows = _of("netsh interface show interface", text)
    assert [(row.values["interface"], row.values["up"]) for row in rows] == [
        ("Ethernet 6 (network adapter)", False), ("Ethernet 7 (network adapter)", True)]


def test_a_ping_that_cannot_be_sent_is_a_probe() -> None:
    text = "\nPinging 168.63.129.16 with 32 bytes of data:\nPING: transmit failed. General failure.\nPING: transmit failed. General failure.\n"
    (row,) = _of("ping 168.63.129.16", text)
    assert (row.values["host"], row.values["ok"]) == ("168.63.129.16", False) and "General failure" in str(row.values["error"])


def test_what_the_agents_own_check_tool_reached_is_a_probe() -> None:
    rows = _read("IMDS 169.254.169.254:80             OK   Reachable: True\n"
                 "WireServer 168.63.129.16:80         Failed  Reachable: False, Error: 10060\n")
    assert [(row.values["host"], row.values["port"], row.values["ok"]) for row in rows] == [
        ("169.254.169.254", 80, True), ("168.63.129.16", 80, False)]


def test_powershell_tells_the_time_in_words() -> None:
    (row,) = _of("(Get-Date).ToUniversalTime()", "\nMonday, October 17, 2022 11:40:22 PM\n\n")
    assert (row.values["key"], row.values["value"]) == ("now", 1666050022.0)
