# ruff: noqa: E501 (a log's line is told on one line)
"""Every artifact of a Windows VM that tells of a backup is taken for what it is, wherever it lies and however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.sources.windows.channels import channel_of, source_of
from fixtures.windows.evtx import write_evtx
from fixtures.windows.templates import Event
from tests.analyzer.windows import bundle, gathered, rows

SNAPSHOT = "Microsoft.Azure.RecoveryServices.VMSnapshot"
PACKAGE = f"C:/Packages/Plugins/{SNAPSHOT}/1.9.31.0"
LOGS = "C:/WindowsAzure/Logs"
STATUS = '[{"version":"1","timestampUTC":"2026-03-16T22:03:00Z","status":{"name":"VMSnapshot","operation":"Enable","status":"error","code":2,"formattedMessage":{"lang":"en","message":"VSS writers were in a bad state"}}}]'
SETTINGS = '{"runtimeSettings":[{"handlerSettings":{"protectedSettingsCertThumbprint":"0F3C","protectedSettings":"MII","publicSettings":{"taskId":"t-1","commandToExecute":"snapshot","commandStartTimeUTCTicks":"639092952000000000"}}}]}'
AGGREGATE = ('{"version":"1.1","timestampUTC":"2026-03-16T22:05:00Z","aggregateStatus":{"guestAgentStatus":{"version":"2.7.1","status":"NotReady","formattedMessage":{"message":"starting"}},"handlerAggregateStatus":['
             f'{{"handlerName":"{SNAPSHOT}","handlerVersion":"1.9.31.0","status":"NotReady","code":1009,"formattedMessage":{{"message":"install failed"}},"runtimeSettingsStatus":{{"sequenceNumber":"14"}}}}]}}}}')


@pytest.mark.parametrize(("path", "text", "sources", "tables"), [
    (f"{LOGS}/WaAppAgent.log", "[00000007] 2026-03-16T22:00:00.000Z [HEART] WindowsAzureGuestAgent Heartbeat.\n", {"wa-app-agent"}, set()),
    (f"{LOGS}/WaAppAgent.000.log", "[00000007] 2026-03-16T22:00:00.000Z [HEART] WindowsAzureGuestAgent Heartbeat.\n", {"wa-app-agent"}, set()),
    ("D:/WINDOWSAZURE/logs/waappagent.LOG", "[00000007] 2026-03-16T22:00:00.000Z [HEART] WindowsAzureGuestAgent Heartbeat.\n", {"wa-app-agent"}, set()),
    (f"{LOGS}/TransparentInstaller.log", "[00000004] 2026-03-16T22:00:00.000Z [INFO]  x\n", {"transparent-installer"}, set()),
    (f"{LOGS}/Plugins/{SNAPSHOT}/1.9.31.0/IaaSBcdrExtension0.log", "2026-03-16T22:00:00Z x\n", {"windows-snapshot-log", "windows-plugin-log"}, set()),
    (f"{LOGS}/Plugins/{SNAPSHOT}/1.9.31.0/CommandExecution_20260316220000000.log", "2026-03-16T22:00:00Z x\n", {"windows-snapshot-log", "windows-plugin-log"}, set()),
    (f"{LOGS}/Plugins/Microsoft.Compute.CustomScriptExtension/1.10/CommandExecution.log", "2026-03-16T22:00:00Z x\n", {"windows-plugin-log"}, set()),
    (f"{LOGS}/AggregateStatus/aggregatestatus.json", AGGREGATE, set(), {"reported-status", "handler-status"}),
    (f"{LOGS}/AggregateStatus/aggregatestatus_20260316220000000.json", AGGREGATE, set(), {"reported-status", "handler-status"}),
    (f"{PACKAGE}/Status/14.status", STATUS, set(), {"statuses"}),
    (f"{PACKAGE}/RuntimeSettings/14.settings", SETTINGS, set(), {"settings"}),
    (f"{PACKAGE}/Status/HeartBeat.Json", '[{"version":"1.0","heartbeat":{"status":"ready","code":0,"Message":"ok"}}]', set(), {"handler-status"}),
    (f"{PACKAGE}/SeqNumber.txt", "14", set(), {"words"}),
    (f"{PACKAGE}/HandlerManifest.json", '[{"handlerManifest":{"installCommand":"install.cmd"}}]', set(), {"handler-manifests"}),
    ("C:/WindowsAzure/Config/3d1f.17.xml", f'<Extensions><Plugins><Plugin name="{SNAPSHOT}" version="1.9.31.0" location="https://x.blob.core.windows.net/a" state="enabled"/></Plugins></Extensions>', set(), {"requested-plugins"}),
    ("C:/WindowsAzure/Config/GoalState.xml", "<GoalState><Incarnation>17</Incarnation></GoalState>", set(), {"goal-states"}),
    ("C:/Windows/Panther/VmAgentInstaller.xml", '<Event time="2026-03-16T22:00:00.123Z"/>', {"windows-setup-log"}, set()),
    ("C:/Windows/Panther/WaSetup.log", "2026-03-16T22:00:00Z x\n", {"windows-setup-log"}, set()),
    ("C:/Windows/INF/setupapi.dev.log", ">>>  Section start 2026/03/16 22:00:00.000\n", {"windows-setup-log"}, set()),
    ("C:/Program Files/Microsoft SQL Server/MSSQL16.PROD/MSSQL/Log/ERRORLOG.1", "2026-03-16 22:00:00.00 spid62      I/O is frozen on database orders.\n", {"sql-log"}, set()),
])
def test_an_artifact_is_taken_for_what_it_is(tmp_path: Path, path: str, text: str, sources: set[str], tables: set[str]) -> None:
    for encoding in ("utf-8", "utf-16"):
        found = gathered(bundle(tmp_path / "b.zip", {path: text.encode(encoding)}))
        member = next(one for one in found.members if one.path and one.path.lower() == path.lower())
        assert sources <= set(member.sources) and tables <= set(member.tables)
        assert not sources or (member.activity is not None and member.activity.latest is not None)


CHANNELS = {
    "System": "event-system", "Application": "event-application", "Setup": "event-other", "Windows Azure": "event-azure",
    "Microsoft-WindowsAzure-Status/GuestAgent": "event-azure", "Microsoft-WindowsAzure-Status/Plugins": "event-azure",
    "Microsoft-WindowsAzure-Diagnostics/GuestAgent": "event-azure", "Microsoft-WindowsAzure-Diagnostics/Heartbeat": "event-azure",
    "Microsoft-WindowsAzure-Diagnostics/Runtime": "event-azure", "Microsoft-WindowsAzure-Diagnostics/Bootstrapper": "event-azure",
    "Microsoft-Windows-VolumeSnapshot-Driver/Operational": "event-volsnap", "Microsoft-Windows-Dhcp-Client/Admin": "event-dhcp",
    "Microsoft-Windows-Dhcp-Client/Operational": "event-dhcp", "Microsoft-Windows-DHCPv6-Client/Admin": "event-dhcp",
    "Microsoft-Windows-AppLocker/EXE and DLL": "event-policy", "Microsoft-Windows-AppLocker/MSI and Script": "event-policy",
    "Microsoft-Windows-CodeIntegrity/Operational": "event-policy", "Microsoft-Windows-Windows Defender/Operational": "event-antivirus",
    "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall": "event-other", "Microsoft-Windows-NetworkProfile/Operational": "event-other",
    "Microsoft-Windows-NlaSvc/Operational": "event-other", "Microsoft-Windows-NCSI/Operational": "event-other", "Microsoft-Windows-Kernel-PnP/Configuration": "event-other",
    "Microsoft-Windows-UserPnp/DeviceInstall": "event-other", "Microsoft-Windows-Resource-Exhaustion-Detector/Operational": "event-other",
    "Microsoft-Windows-CAPI2/Operational": "event-other", "Microsoft-Windows-WMI-Activity/Operational": "event-other",
    "Microsoft-Windows-TaskScheduler/Operational": "event-other", "Microsoft-Windows-WindowsUpdateClient/Operational": "event-other",
    "Microsoft-Windows-BitLocker/BitLocker Management": "event-other", "Microsoft-Windows-Hyper-V-Guest-Drivers/Admin": "event-other",
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational": "event-other", "Microsoft-Windows-Ntfs/Operational": "event-other", "Security": "event-other",
}


def test_each_channel_is_known_by_its_file_and_by_its_records(tmp_path: Path) -> None:
    logs = {channel: f"C:/Windows/System32/winevt/Logs/{channel.replace('/', '%4')}.evtx" for channel in CHANNELS}
    found = gathered(bundle(tmp_path / "b.zip", {path: write_evtx([Event("x", 1, 1_773_000_000.0)], channel) for channel, path in logs.items()}))
    by_path = {member.path: member.sources for member in found.members}
    assert {channel: by_path[path] for channel, path in logs.items()} == {channel: (source,) for channel, source in CHANNELS.items()}
    assert {source_of(channel_of(path), "") for channel, path in logs.items() if channel != "Security"} == set(CHANNELS.values())


@pytest.mark.parametrize("name", ["System.evtx", "evtx/system.EVTX", "eventlogs/Archive-System-2026-03-16-22-00-00-000.evtx", "case/Windows/System32/winevt/Logs/System.evtx"])
def test_an_event_log_is_known_wherever_it_lies(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(write_evtx([Event("EventLog", 6005, 1_773_000_000.0, qualifiers=32768)], "System"))
    found = gathered(tmp_path / "folder")
    assert found.platform == "windows" and found.members[0].sources == ("event-system",) and found.records[0].time == 1_773_000_000.0


@pytest.mark.parametrize(("line", "time"), [
    ("[06/20/2016 22:20:45.84] [INFO]  ", 1466461245.84), ("[00000011] [12/11/2018 06:27:55.66] [WARN]  ", 1544509675.66),
    ("[00000018] 2021-01-12T16:35:45Z [INFO]  ", 1610469345.0), ("[00000004] 2024-04-17T07:19:26.812Z [INFO]  ", 1713338366.812),
])
def test_each_generation_of_the_agents_log_is_dated(tmp_path: Path, line: str, time: float) -> None:
    raw = f"{line}WindowsAzureGuestAgent could not be stopped. Exception: System.NullReferenceException\r\n   at System.Net.Y()\r\n".encode("utf-16")
    member = gathered(bundle(tmp_path / "b.zip", {f"{LOGS}/WaAppAgent.log": raw})).members[0]
    assert member.activity is not None and member.activity.first == member.activity.latest and round(member.activity.latest or 0, 3) == time


def test_what_the_agent_reported(tmp_path: Path) -> None:
    found = gathered(bundle(tmp_path / "b.zip", {f"{LOGS}/AggregateStatus/aggregatestatus.json": AGGREGATE + "\0\0"}))
    agent, handler = rows(found, "reported-status", name="agent")[0], rows(found, "handler-status")[0]
    assert (agent["status"], agent["version"]) == ("NotReady", "2.7.1") and (handler["backup"], handler["status"], handler["code"]) == (True, "NotReady", 1009)


def test_requests_and_results_on_any_drive(tmp_path: Path) -> None:
    found = gathered(bundle(tmp_path / "b.zip", {f"D:/packages/plugins/{SNAPSHOT}/1.9.31.0/runtimesettings/14.settings": SETTINGS, f"D:/packages/plugins/{SNAPSHOT}/1.9.31.0/status/14.status": STATUS}))
    request, result = rows(found, "settings")[0], rows(found, "statuses")[0]
    assert (request["backup"], request["seq"], request["command_start"], request["version"]) == (True, 14, 1773698400.0, "1.9.31.0")
    assert (result["backup"], result["seq"], result["code"], result["status"]) == (True, 14, "2", "error")


EXPORTS = {
    "Event Viewer, German": ("Protokollname: System\nQuelle:        volsnap\nDatum:         16.03.2026 22:00:31\nEreignis-ID:   8\nAufgabenkategorie:Keine\nEbene:         Fehler\nSchlüsselwörter:Klassisch\n"
                             "Benutzer:      Nicht zutreffend\nComputer:      WEB01\nBeschreibung:\nDer Leer- und Anhalteschreibvorgang auf Volume C: wurde nicht beendet.\n", "volsnap", 8),
    "Event Viewer, French": ("Nom du journal :Application\nSource :       VSS\nDate :         16/03/2026 22:00:31\nID de l’événement :12298\nCatégorie de la tâche :Aucun\nNiveau :       Erreur\nMots clés :    Classique\n"
                             "Utilisateur :  N/A\nOrdinateur :   WEB01\nDescription :\nErreur du service de cliché instantané : les écritures d'E/S ne peuvent pas être suspendues. hr = 0x80042314\n", "VSS", 12298),
    "Event Viewer, Chinese": ("日志名称:          System\n来源:            Service Control Manager\n日期:            2026/3/16 22:00:31\n事件 ID:         7031\n任务类别:          无\n级别:            错误\n关键字:           经典\n用户:            暂缺\n计算机:           WEB01\n描述:\n"
                              "RdAgent 服务意外地终止，这种情况已经出现了 1 次。\n", "Service Control Manager", 7031),
    "Event Viewer, Japanese": ("ログの名前:         Application\nソース:           VSS\n日付:            2026/03/16 22:00:31\nイベント ID:       8229\nタスクのカテゴリ:      なし\nレベル:           エラー\nキーワード:         クラシック\nユーザー:          N/A\nコンピューター:       WEB01\n説明:\n"
                               "VSS ライターは、エラー 0x800423f4 のイベントを拒否しました。\n   Writer Class Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}\n", "VSS", 8229),
    "wevtutil as text": ("Event[0]:\n  Log Name: Application\n  Source: VSS\n  Date: 2026-03-16T22:00:31.000\n  Event ID: 12310\n  Task: N/A\n  Level: Error\n  Description: \nVolume Shadow Copy Service error: Shadow copy commit failed.\n", "VSS", 12310),
    "Get-WinEvent as a list": ("\nTimeCreated  : 3/16/2026 10:00:31 PM\nProviderName : Service Control Manager\nId           : 7034\nMessage      : The RdAgent service terminated unexpectedly.\n\n", "Service Control Manager", 7034),
    "wevtutil as XML": ("<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='VSS'/><EventID Qualifiers='0'>12293</EventID><TimeCreated SystemTime='2026-03-16T22:00:31.0000000Z'/>"
                        "<EventRecordID>7</EventRecordID><Channel>Application</Channel></System><EventData><Data>x</Data></EventData></Event></Events>", "VSS", 12293),
    "CSV": ('"RecordId","TimeCreated","ProviderName","Id","LogName","Message"\n"7","2026-03-16T22:00:31Z","VSS","12293","Application","x, y"\n', "VSS", 12293),
    "JSON": ('[{"TimeCreated":"/Date(1773698431000)/","ProviderName":"VSS","Id":12293,"LogName":"Application","RecordId":7,"Message":"x"}]', "VSS", 12293),
}


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_events_are_read_as_people_export_them(tmp_path: Path, form: str, encoding: str) -> None:
    text, provider, event_id = EXPORTS[form]
    (tmp_path / "export.txt").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    found = gathered(tmp_path)
    assert [(record.provider, record.event_id, record.time) for record in found.records] == [(provider, event_id, 1773698431.0)]
    assert found.platform == "windows" and found.records[0].source in ("event-system", "event-application")
