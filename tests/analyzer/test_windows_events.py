# ruff: noqa: E501 (an event is told on one line)
"""Events as signatures see them: what is read beneath the words, what is kept of many, and what a log covers."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from analyzer.report.analysis import analyse
from fixtures.windows.evtx import DIRTY, write_evtx
from fixtures.windows.templates import Event
from tests.analyzer.scenes import knowledge
from tests.analyzer.windows import LOGS, bundle, gathered, records, rows

START = 1_773_000_000.0  # 2026-03-08 20:00 UTC
HOUR = 3600.0
SCM = {"guid": "{555908d1-a6d7-4695-8e1e-26931d2012f4}", "qualifiers": 16384}


def change(service: str, state: int, time: float, display: str = "x", word: str = "?") -> Event:
    return Event("Service Control Manager", 7036, time, {"param1": display, "param2": word}, f"{service}/{state}\0".encode("utf-16-le"), **SCM)  # type: ignore[arg-type]


def system(*events: Event) -> dict[str, str | bytes]:
    return {f"{LOGS}/System.evtx": write_evtx(events, "System")}


def application(*events: Event) -> dict[str, str | bytes]:
    return {f"{LOGS}/Application.evtx": write_evtx(events, "Application")}


@pytest.mark.parametrize(("display", "words"), [
    ("Windows Azure Guest Agent", ("running", "stopped")), ("Windows Azure-Gast-Agent", ("wird ausgeführt", "beendet")), ("Agent", ("en cours d'exécution", "arrêté")),
    ("来宾代理", ("正在运行", "已停止")), ("ゲスト エージェント", ("実行中", "停止")), ("Agento", ("kuras", "haltis")),
])
def test_a_services_state_is_read_in_every_language(tmp_path: Path, display: str, words: tuple[str, str]) -> None:
    found = gathered(bundle(tmp_path / "b.zip", system(change("WindowsAzureGuestAgent", 4, START, display, words[0]),
                                                       change("WindowsAzureGuestAgent", 1, START + 60, display, words[1]))))
    assert [(record.data["service"], record.data["state"]) for record in records(found, "Service Control Manager", 7036)] == [
        ("WindowsAzureGuestAgent", "running"), ("WindowsAzureGuestAgent", "stopped")]


@pytest.mark.parametrize(("event", "expected"), [
    (Event("Service Control Manager", 7040, START, {"param1": "RdAgent", "param2": "Automatisch starten", "param3": "Deaktiviert", "param4": "RdAgent"}, **SCM),  # type: ignore[arg-type]
     {"service": "RdAgent", "disabled": True}),
    (Event("Service Control Manager", 7040, START, {"param1": "RdAgent", "param2": "無効", "param3": "自動的な開始", "param4": "RdAgent"}, **SCM),  # type: ignore[arg-type]
     {"service": "RdAgent", "disabled": False}),
    (Event("Service Control Manager", 7000, START, {"param1": "卷影复制", "param2": "%%1058"}, "VSS\0".encode("utf-16-le"), **SCM),  # type: ignore[arg-type]
     {"service": "VSS", "code": 1058}),
    (Event("Service Control Manager", 7023, START, {"param1": "x", "param2": "%%2147942414"}, "IaasVmProvider\0".encode("utf-16-le"), **SCM),  # type: ignore[arg-type]
     {"service": "IaasVmProvider", "code": 14}),
    (Event("EventLog", 6013, START, ["", "", "", "", "86400", "60", "-60 W. Europe Standard Time"], qualifiers=32768), {"up_seconds": 86400, "bias_minutes": -60}),
    (Event("EventLog", 6008, START, ["13:59:13", "\u200e2012-\u200e04-\u200e06", "", "", "1"],
           bytes.fromhex("DC070400050006000D003B000D000000" "DC070400050006000D003B000D000000"), qualifiers=32768), {"died": "2012-04-06T13:59:13.000Z"}),
    (Event("USER32", 1074, START, {"param1": r"C:\Windows\system32\vmicsvc.exe (WEB01)", "param4": "0x80000000", "param5": "Herunterfahren", "param7": r"NT-AUTORITÄT\SYSTEM"},
           qualifiers=32768), {"by_host": True, "restart": False, "process": r"C:\Windows\system32\vmicsvc.exe"}),
    (Event("User32", 1074, START, {"param1": r"C:\Windows\System32\RuntimeBroker.exe (WEB01)", "param4": "0x0", "param5": "再起動", "param7": r"WEB01\admin"}, qualifiers=32768),
     {"by_host": False, "restart": True, "user": r"WEB01\admin"}),
])
def test_what_an_event_of_the_system_log_says_beneath_its_words(tmp_path: Path, event: Event, expected: dict[str, object]) -> None:
    record = next(one for one in gathered(bundle(tmp_path / "b.zip", system(event))).records if one.event_id == event.event_id)
    assert {name: record.data.get(name) for name in expected} == expected and record.source == "event-system"


VETO = ["0x800423f4, Beim Verfasser ist ein permanenter Fehler aufgetreten.\r\n",
        "\r\n\r\nVorgang:\r\n   PrepareForSnapshot-Ereignis\r\n\r\nKontext:\r\n   Ausführungskontext: Writer\r\n   Generatorklassen-ID: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}"]


@pytest.mark.parametrize(("event", "expected"), [
    (Event("VSS", 8229, START, VETO, b"- Code: X- CMD:  C:\\Program Files\\sqlwriter.exe   - User: Name: NT", qualifiers=0),
     {"writer": "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a", "writer_name": "SqlServerWriter", "hresult": "0x800423f4", "cmd": r"c:\program files\sqlwriter.exe"}),
    (Event("VSS", 12293, START, ["{b5946137-7b9f-4925-af80-51abd60b20d5}", "EndPrepareSnapshots({…})", "0x8000ffff, エラー"], qualifiers=0), {"hresult": "0x8000ffff"}),
    (Event("Application Error", 1000, START, ["WaAppAgent.exe", "2.7", "5f", "KERNELBASE.dll", "10", "6e", "e0434352", "00", "1a2c", "01d", "C:\\x", "C:\\y", "id"], qualifiers=0),
     {"program": "WaAppAgent.exe", "module": "KERNELBASE.dll", "fault": "e0434352"}),
    (Event(".NET Runtime", 1026, START, ["Anwendung: WindowsAzureGuestAgent.exe\nFrameworkversion: v4.0.30319\nBeschreibung: Der Prozess wurde beendet.\n"
                                        "Ausnahmeinformationen: System.Configuration.ConfigurationErrorsException\n   bei System.X"], qualifiers=0),
     {"program": "WindowsAzureGuestAgent.exe", "exception": "System.Configuration.ConfigurationErrorsException"}),
])
def test_what_an_event_of_the_application_log_says_beneath_its_words(tmp_path: Path, event: Event, expected: dict[str, object]) -> None:
    record = next(one for one in gathered(bundle(tmp_path / "b.zip", application(event))).records if one.event_id == event.event_id)
    assert {name: record.data.get(name) for name in expected} == expected and record.source == "event-application"


def test_user_data_and_other_channels_reach_their_sources(tmp_path: Path) -> None:
    blocked = r"%OSDRIVE%\PACKAGES\PLUGINS\MICROSOFT.AZURE.RECOVERYSERVICES.VMSNAPSHOT\1.9.31.0\IAASBCDREXTENSION.EXE"
    files = {
        f"{LOGS}/System.evtx": write_evtx([Event("Microsoft-Windows-Resource-Exhaustion-Detector", 2004, START, user_data=(
            "MemoryExhaustionInfo", "x", {"SystemCommitLimit": 8 << 30, "ProcessName": "sqlservr.exe"}))], "System"),
        f"{LOGS}/Microsoft-Windows-AppLocker%4EXE and DLL.evtx": write_evtx([Event("Microsoft-Windows-AppLocker", 8004, START, user_data=(
            "RuleAndFileData", "x", {"PolicyName": "EXE", "FilePath": blocked, "FullFilePath": blocked}))], "Microsoft-Windows-AppLocker/EXE and DLL"),
        f"{LOGS}/Microsoft-Windows-VolumeSnapshot-Driver%4Operational.evtx": write_evtx([Event("Microsoft-Windows-VolumeSnapshot-Driver", 999, START, {"Status": 1})],
                                                                                        "Microsoft-Windows-VolumeSnapshot-Driver/Operational"),
        f"{LOGS}/Microsoft-Windows-Dhcp-Client%4Admin.evtx": write_evtx([Event("Microsoft-Windows-Dhcp-Client", 1007, START, {"Address": "169.254.1.2"})],
                                                                        "Microsoft-Windows-Dhcp-Client/Admin"),
        f"{LOGS}/Microsoft-WindowsAzure-Status%4Plugins.evtx": write_evtx([Event("x", 1, START)], "Microsoft-WindowsAzure-Status/Plugins"),
    }
    found = gathered(bundle(tmp_path / "b.zip", files))
    by_id = {record.event_id: record for record in found.records}
    assert by_id[2004].data["SystemCommitLimit"] == str(8 << 30) and by_id[2004].data["ProcessName"] == "sqlservr.exe"
    assert by_id[8004].source == "event-policy" and "iaasbcdrextension.exe" in str(by_id[8004].data["blocked"])
    # Only what signatures ask for is kept; of other channels, what they cover.
    assert by_id[1007].source == "event-dhcp" and 999 not in by_id
    assert {source for member in found.members for source in member.sources} == {"event-system", "event-policy", "event-volsnap", "event-dhcp", "event-azure"}


def line(event: Event, number: int) -> str:
    """An event as the collector masks it: one JSON object a line."""
    return json.dumps({"provider": event.provider, "event_id": event.event_id, "time": f"2026-03-08T{20 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.0000000Z",
                       "record_id": number + 1, "channel": "System", "data": event.data, "binary": event.binary.hex()})


def test_an_event_that_is_there_raw_and_masked_counts_once(tmp_path: Path) -> None:
    events = [change("VSS", 4 if number % 2 else 1, START + number) for number in range(10)]
    masked = "\n".join(line(event, number) for number, event in enumerate(events))
    found = gathered(bundle(tmp_path / "b.zip", {**system(*events), f"{LOGS}/System.events.jsonl": masked}))
    assert [record.cite.record for record in records(found, "Service Control Manager", 7036)] == list(range(1, 11))


def test_of_many_events_the_oldest_and_the_newest_are_kept_in_whatever_order_they_come(tmp_path: Path) -> None:
    events = [change("wuauserv", 4, START + number) for number in range(3000)]
    raw = gathered(bundle(tmp_path / "raw.zip", system(*events)))
    newest_first = "\n".join(line(event, number) for number, event in reversed(list(enumerate(events))))
    masked = gathered(bundle(tmp_path / "masked.zip", {f"{LOGS}/System.events.jsonl": newest_first}))
    for found in (raw, masked):
        kept = [record.cite.record or record.time - START + 1 for record in records(found, "Service Control Manager", 7036)]  # type: ignore[operator]
        assert kept[0] == 1 and kept[-1] == 3000 and len(kept) < 700 and kept == sorted(kept)


def test_the_services_that_matter_are_kept_beside_a_crowd_of_others(tmp_path: Path) -> None:
    stop = change("RdAgent", 1, START + 500)
    crowd = [change(f"Service{number % 40}", 4, START + number) for number in range(2000)]
    found = gathered(bundle(tmp_path / "b.zip", system(*sorted([stop, *crowd], key=lambda event: event.time))))
    assert [record.time for record in records(found, "Service Control Manager", 7036) if record.data["service"] == "RdAgent"] == [START + 500]


def observed(where: Path, cause: str, name: str) -> tuple[str, str]:
    """State and reason of an observation."""
    judged = next(one for one in analyse(where, knowledge()).diagnosis.judgements if one.signature.id == cause)
    return judged.observations[name].state.value, judged.observations[name].reason or ""


def alive(until: float) -> list[Event]:
    return [Event("EventLog", 6013, START + hour * HOUR, ["", "", "", "", "1", "60", "0 UTC"], qualifiers=32768) for hour in range(int((until - START) / HOUR) + 1)]


def test_a_whole_log_without_such_an_event_is_clear_and_one_that_cannot_be_had_is_blind(tmp_path: Path) -> None:
    whole = bundle(tmp_path / "whole.zip", system(*alive(START + 200 * HOUR)))
    assert observed(whole, "agent-service-stopped", "died")[0] == "clear"
    denied = bundle(tmp_path / "denied.zip", application(Event("VSS", 8224, START, qualifiers=0)), statuses={f"{LOGS}/System.evtx": "denied"})
    assert observed(denied, "agent-service-stopped", "died")[0] == "blind"


def test_a_channel_that_is_whole_in_one_form_is_not_missed_in_the_other(tmp_path: Path) -> None:
    masked = "\n".join(line(event, number) for number, event in enumerate([change("VSS", 4, START)] * 3))
    files = {**system(*alive(START + 200 * HOUR)), f"{LOGS}/System.events.jsonl": masked}
    for statuses in ({f"{LOGS}/System.events.jsonl": "tailed"}, {}):
        assert observed(bundle(tmp_path / "b.zip", files, statuses=statuses), "agent-service-stopped", "died")[0] == "clear"


def test_a_damaged_log_and_one_in_use_rule_out_only_what_they_can(tmp_path: Path) -> None:
    raw = bytearray(write_evtx(alive(START + 190 * HOUR), "System"))
    struct.pack_into("<I", raw, 120, DIRTY)
    in_use = bundle(tmp_path / "use.zip", {f"{LOGS}/System.evtx": bytes(raw)}, collected="2026-03-17T08:00:00Z")
    assert observed(in_use, "agent-service-stopped", "died") == ("blind", "the System event log was not closed: records newer than its last one may be missing")
    assert {(problem.status, problem.item) for problem in gathered(in_use).bundle.problems} == {("unclosed", "files/C/Windows/System32/winevt/Logs/System.evtx")}
    earlier = bundle(tmp_path / "earlier.zip", {f"{LOGS}/System.evtx": bytes(raw)}, collected="2026-03-16T12:00:00Z")
    assert observed(earlier, "agent-service-stopped", "died")[0] == "clear"
    broken = bundle(tmp_path / "broken.zip", {f"{LOGS}/System.evtx": bytes(raw[:-3000])})
    assert observed(broken, "agent-service-stopped", "died")[0] == "blind" and "ends in the middle" in observed(broken, "agent-service-stopped", "died")[1]


def test_events_that_were_too_many_to_be_kept_are_not_taken_for_absent(tmp_path: Path) -> None:
    death = Event("Service Control Manager", 7034, START + 300 * 10.0, {"param1": "RdAgent", "param2": "1"}, "RdAgent\0".encode("utf-16-le"), **SCM)  # type: ignore[arg-type]
    others = [Event("Service Control Manager", 7034, START + number * 10.0, {"param1": "Spooler", "param2": "1"}, "Spooler\0".encode("utf-16-le"), **SCM)  # type: ignore[arg-type]
              for number in range(2000)]
    crowded = bundle(tmp_path / "b.zip", system(*sorted([death, *others], key=lambda event: event.time)), collected="2026-03-08T20:50:10Z")
    state, reason = observed(crowded, "agent-service-stopped", "died")
    assert state == "blind" and reason == "Service Control Manager 7034 is there too often: only the oldest and the newest were kept"


def test_boots_and_deaths_are_told_by_the_log(tmp_path: Path) -> None:
    def log(number: int, hour: float, **more: object) -> Event:
        return Event("EventLog", number, START + hour * HOUR, qualifiers=32768, **more)  # type: ignore[arg-type]

    died = struct.pack("<8H", 2026, 3, 0, 8, 22, 30, 0, 0) * 2
    found = gathered(bundle(tmp_path / "b.zip", system(log(6005, 0), log(6006, 1), log(6005, 1.1), log(6008, 3, binary=died), log(6005, 3.01))))
    assert [(row.values["kind"], round((row.time or 0) - START)) for row in found.rows("boots")] == [
        ("boot", 0), ("shutdown", 3600), ("boot", 3960), ("crash", 9000), ("boot", 10836)]


EXPORTED = """\
Event[0]:
  Log Name: System
  Source: Service Control Manager
  Date: 2026-03-09T{hour:02}:02:31.233
  Event ID: 7036
  Level: Information
  Computer: WEB01
  Description:
The Windows Azure Guest Agent service entered the running state.

Event[1]:
  Log Name: System
  Source: User32
  Date: 2026-03-09T{hour:02}:40:00.000
  Event ID: 1074
  Level: Information
  Computer: WEB01
  Description:
The process C:\\Windows\\Explorer.EXE (WEB01) has initiated the power off of computer WEB01 on behalf of user WEB01\\admin
"""
AGENT_STARTS = "[00000038] 2026-03-09T04:02:31Z [INFO]  WindowsAzureGuestAgent starting. Version 2.7.41491.1010\n"


@pytest.mark.parametrize("hours", [0, 1, -7, 5])
def test_exported_events_get_their_zone_from_the_start_of_the_agent(tmp_path: Path, hours: int) -> None:
    found = gathered(bundle(tmp_path / "b.zip", {"C:/WindowsAzure/Logs/WaAppAgent.log": AGENT_STARTS, "C:/eventlog/System.txt": EXPORTED.format(hour=(4 + hours) % 24)
                                                 .replace("03-09", "03-08" if hours < -4 else "03-09")}, zone=None))
    (record,) = records(found, "User32", 1074)
    assert record.uncertainty <= 60 and record.time == pytest.approx(1_773_031_200.0, abs=60)  # 2026-03-09 04:40 UTC


def test_exported_events_get_their_zone_from_a_boot_and_else_stay_in_doubt(tmp_path: Path) -> None:
    boot = ("Event[0]:\n  Log Name: System\n  Source: Microsoft-Windows-Kernel-General\n  Date: 2026-03-09T13:00:07.000\n  Event ID: 12\n  Description:\n"
            "The operating system started at system time \u200e2026\u200e-\u200e03\u200e-\u200e09T04:00:02.500000000Z.\n\n")
    off = EXPORTED.format(hour=13).split("Event[1]:")[1]
    (record,) = records(gathered(bundle(tmp_path / "b.zip", {"C:/eventlog/System.txt": boot + "Event[1]:" + off}, zone=None)), "User32", 1074)
    assert record.uncertainty <= 60 and record.time == 1_773_031_200.0
    (record,) = records(gathered(bundle(tmp_path / "c.zip", {"C:/eventlog/System.txt": "Event[0]:" + off}, zone=None)), "User32", 1074)
    assert record.uncertainty > 3600


PASTED = """C:\\>sc qc IaasVmProvider
[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: IaasVmProvider
        TYPE               : 10  WIN32_OWN_PROCESS
        START_TYPE         : 4   DISABLED
        SERVICE_START_NAME : LocalSystem

Log Name:      System
Source:        Service Control Manager
Date:          2/3/2026 4:00:12 PM
Event ID:      7000
Level:         Error
Computer:      GIS01
Description:
The RdAgent service failed to start due to the following error:
The system cannot find the path specified.
"""
ASKED = """PS C:\\> Get-WinEvent -FilterHashtable @{LogName='Application','System'; Level=2,3} | ? ProviderName -in VSS,volsnap | fl TimeCreated,ProviderName,Id,Level,Message

TimeCreated  : 2026/02/08 3:02:41
ProviderName : VSS
Id           : 12310
Level        : 2
Message      : DeviceIoControl(\\\\?\\Volume{0c1b7d3e-1a7b-4d35-9e3b-5a4e0be6c1f7} - 0244,0x0053c010,000001D2A6F2C450,0,000001D2A6F2B4A0,4096,[0])
"""


def test_commands_pasted_beside_events_are_read_as_well(tmp_path):
    (tmp_path / "notes.txt").write_text(PASTED)
    found = gathered(tmp_path)
    assert [row["start_type"] for row in rows(found, "services")] == ["disabled"]
    (record,) = records(found, "Service Control Manager", 7000)
    assert (record.data["service"], record.data["code"]) == ("RdAgent", 3)


def test_a_command_that_names_columns_is_no_heading_of_a_table(tmp_path):
    (tmp_path / "notes.txt").write_text(ASKED)
    (record,) = records(gathered(tmp_path), "VSS", 12310)
    assert record.time is not None
