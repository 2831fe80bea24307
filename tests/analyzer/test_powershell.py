"""Registry values and requests as PowerShell prints them, and a list of writers that never came."""

from __future__ import annotations

import pytest

from analyzer.sources.commands import recognise, sniff


def read(command: str, text: str) -> list[dict[str, object]]:
    found = recognise(["powershell", "-Command", command])
    assert found is not None
    return [dict(row.values) for row in found.read(text)]


KEY = r"HKLM:\SYSTEM\CurrentControlSet\Services\VSS"
FULL = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\VSS"


@pytest.mark.parametrize(("command", "text"), [
    (f"Get-ItemProperty {KEY}", "\n\nStart : 4\nDisplayName : x\n"),
    (f"Get-ItemProperty -Path '{KEY}' -Name Start | fl", f"\nStart        : 4\nPSPath       : Microsoft.PowerShell.Core\\Registry::{FULL}\n"),
    (f"Get-ItemProperty {KEY} | select Start", "\nStart\n-----\n    4\n"),
    (f"(Get-ItemProperty {KEY}).Start", "4\n"),
    (f"Get-ItemPropertyValue -Path {KEY} -Name Start", "4\n"),
    (f"Get-Item {KEY}", "\n\n    Struktur: HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\n\n\n"
                         "Name                           Property\n----                           --------\n"
                         "VSS                            DisplayName : x\n                               Start       : 4\n"),
])
def test_a_registry_value_is_read_in_every_form(command: str, text: str) -> None:
    rows = read(command, text)
    assert any(row.get("key") == FULL and str(row.get("name")).lower() == "start" and row.get("value") == 4 for row in rows)
    assert any(row.get("unit") == "VSS" and row.get("start_type") == "disabled" for row in rows)


def test_properties_without_their_command_are_known_by_the_path_they_name() -> None:
    found = sniff(f"\nStart        : 4\nPSPath       : Microsoft.PowerShell.Core\\Registry::{FULL}\n"
                  "PSProvider   : Microsoft.PowerShell.Core\\Registry\n")
    assert found is not None and found.name == "properties"


REQUEST = "Invoke-WebRequest : {}\nAt line:1 char:1\n+ Invoke-WebRequest -UseBasicParsing http://168.63.129.16:32526/versions\n"


@pytest.mark.parametrize(("said", "expected"), [
    ("Unable to connect to the remote server", [("tcp", "168.63.129.16", 32526, False)]),
    ("Die Verbindung mit dem Remoteserver kann nicht hergestellt werden.", [("tcp", "168.63.129.16", 32526, False)]),
    ("The remote server returned an error: (404) Not Found.", []),
])
def test_a_request_that_got_no_connection(said: str, expected: list[tuple[str, str, int, bool]]) -> None:
    found = sniff(REQUEST.format(said))
    rows = [row.values for row in found.read(REQUEST.format(said))] if found else []
    assert [(row.get("probe"), row.get("host"), row.get("port"), row.get("ok")) for row in rows] == expected


def test_a_request_that_was_answered() -> None:
    rows = read("iwr http://168.63.129.16/?comp=versions", "\n\nStatusCode        : 200\nStatusDescription : OK\n")
    assert [(row["host"], row["port"], row["ok"]) for row in rows] == [("168.63.129.16", 80, True)]


BANNER = "vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool\n(C) Copyright 2001-2013 Microsoft Corp.\n\n"


@pytest.mark.parametrize(("text", "told"), [
    (BANNER + "Waiting for responses.\nThese may be delayed if a shadow copy is being prepared.\n\n^C\n", [{"listed": False}]),
    (BANNER, [{"listed": False}]),
    (BANNER + "Error: You don't have the correct permissions to run this command.\n", []),
    ("", []),
])
def test_a_list_of_writers_that_never_came(text: str, told: list[dict[str, object]]) -> None:
    assert read("vssadmin list writers", text) == told
