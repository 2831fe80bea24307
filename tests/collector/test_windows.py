"""Windows: from a mounted drive, and natively with stand-ins for its programs that answer with recorded output."""

import json
import os
import stat
import time

import pytest

from collector import cli, run
from collector.inplace import Blanked
from collector.redact import Redactor
from collector.windows import EventReader
from tests.collector import evidence
from tests.collector.running import collect, outcome

PLUGIN = "Microsoft.Azure.RecoveryServices.VMSnapshot"
EVENT = ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/><EventID Qualifiers='0'>{number}</EventID>"
         "<Level>2</Level><TimeCreated SystemTime='2026-11-23T05:28:36.1234567Z'/><EventRecordID>41</EventRecordID><Channel>{channel}</Channel>"
         "<Computer>vm-quay</Computer></System><EventData>{data}</EventData></Event>")


def test_a_mounted_drive_gives_logs_event_logs_and_two_hives(pyz, windows_vm):
    done = collect(pyz, "--root", windows_vm)
    names = set(done.names())
    assert done.code == 0 and done.manifest["host"]["platform"] == "windows"
    assert {"files/C/WindowsAzure/Logs/WaAppAgent.log", f"files/C/WindowsAzure/Logs/Plugins/{PLUGIN}/1.0.91.0/IaaSBcdrExtension0.log",
            f"files/C/Packages/Plugins/{PLUGIN}/1.0.91.0/Status/7.status", "files/C/Windows/System32/winevt/Logs/System.evtx",
            "files/C/Windows/System32/winevt/Logs/Microsoft-WindowsAzure-Status%4Plugins.evtx", "files/C/Windows/System32/config/SYSTEM",
            "files/C/Windows/System32/config/SOFTWARE"} <= names
    low = " ".join(names).lower()
    for word in ("/sam", "/security", "security.evtx", "unattend", "customdata"):
        assert word not in low
    assert done.item("C:\\Windows\\System32\\winevt\\Logs\\System.evtx")["note"] == "binary: not masked"
    assert "NOT masked" in done.read("README.txt").decode()
    assert done.items["win-services"]["status"] == "not-applicable"


def test_folders_are_found_in_any_case(pyz, tmp_path):
    evidence.put(tmp_path / "d", "windowsAZURE/LOGS/waappagent.LOG", "x\n")
    evidence.put(tmp_path / "d", "WINDOWS/system32/WINEVT/logs/SYSTEM.EVTX", b"ElfFile\0")
    done = collect(pyz, "--root", tmp_path / "d")
    assert {"files/C/windowsAZURE/LOGS/waappagent.LOG", "files/C/WINDOWS/system32/WINEVT/logs/SYSTEM.EVTX"} <= set(done.names())


def test_secrets_in_a_hive_are_blanked_and_nothing_else(pyz, windows_vm):
    """By the name of the value, by the form of the text, and the classes that make up the boot key; every other byte stays."""
    done = collect(pyz, "--root", windows_vm)
    for hive in ("SOFTWARE", "SYSTEM"):
        before, after = (windows_vm / "Windows/System32/config" / hive).read_bytes(), done.read("files/C/Windows/System32/config/" + hive)
        changed = [at for at in range(len(before)) if before[at] != after[at]]
        assert len(before) == len(after) and changed and set(after[at] for at in changed) <= {0, ord("*")}
    assert "x.exe --password ********".encode("utf-16-le") in after and "@proxy:80".encode("utf-16-le") in after and " /s".encode("utf-16-le") in after
    assert "kept-cls".encode("utf-16-le") in after and b"JD" in after and evidence.BOOT_KEY.encode("utf-16-le") not in after
    item = done.item("C:\\Windows\\System32\\config\\SYSTEM")
    assert item["redactions"] == 3 and "were blanked" in item["note"]


def test_a_hive_is_blanked_across_the_pieces_it_is_read_in():
    for at in range(900, 1010, 7):
        data = b"\0" * at + "some text --password TopSecretValue end".encode("utf-16-le") + b"\0" * 5000
        out = []
        blanked = Blanked(Redactor(), out.append)
        for start in range(0, len(data), 1000):
            blanked.feed(data[start:start + 1000])
        blanked.finish()
        done = b"".join(out)
        assert len(done) == len(data) and "TopSecret".encode("utf-16-le") not in done and " end".encode("utf-16-le") in done


def test_with_names_masked_no_binary_is_taken(pyz, windows_vm):
    done = collect(pyz, "--root", windows_vm, "--redact", "secrets+names")
    assert not [name for name in done.names() if name.endswith(".evtx") or "/config/" in name]
    assert {item["reason"] for item in done.manifest["items"] if item["id"] == "win-log-system"} == {"it is binary and cannot be masked"}


@pytest.fixture
def running_windows(windows_vm, tmp_path, monkeypatch):
    """This machine plays a running Windows: its drive, and stand-ins for its programs first on PATH."""
    folder = tmp_path / "programs"
    answers = {
        "wevtutil": 'case "$1:$2" in\nepl:System|epl:Application) printf "ElfFile\\0raw" > "$3";;\n'
                    f"qe:System) cat {write(tmp_path, 'system.xml', events())};;\nqe:Application) exit 0;;\n*) echo 'The specified channel could not be found. (15007)' >&2; exit 1;;\nesac",
        "reg": f"""case "$2" in\n*BcdrAgent) cp {write(tmp_path, 'bcdr.reg', evidence.reg(BCDR))} "$3";;\n*) echo 'ERROR: The system was unable to find the specified registry key or value.' >&2; exit 1;;\nesac""",
        "sc": 'echo; echo "SERVICE_NAME: $2"; echo "        START_TYPE         : 2   AUTO_START"',
        "vssadmin": f"cat {write(tmp_path, 'writers', WRITERS.encode('cp437', 'replace'))}",
        "ipconfig": 'echo "   DHCP Enabled. . . . . . . . . . . : Yes"', "route": "echo IPv4", "netsh": "echo '    Proxy Server(s) :  http=anna:TopSecret@proxy:80'",
        "systeminfo": "sleep 60", "tasklist": "yes x | head -c 9000000", "powershell": "exit 1",
    }
    folder.mkdir()
    for name, body in answers.items():
        (folder / name).write_text("#!/bin/sh\n" + body + "\n")
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(run, "system_root", lambda: str(windows_vm))
    monkeypatch.setattr(run, "system_of", lambda root, live: "windows")
    monkeypatch.setattr("collector.stop.install", lambda: None)
    monkeypatch.setattr("collector.priority.lower", lambda: None)
    return windows_vm


BCDR = 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\BcdrAgent]\n"USEVSSCOPYBACKUP"="TRUE"\n"AccountKey"="TopSecretKey"\n'
WRITERS = "Verfassername: \"SqlServerWriter\"\n   Verfasserkennung: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}\n   Status: [8] Fehlgeschlagen\n"


def events():
    secret = "- CMD: x.exe --password TopSecret99 -".encode().hex().upper()
    third = EVENT.format(provider="VSS", number=8194, channel="System", data=f"<Data>x</Data><Binary>{secret}</Binary>")
    first = EVENT.format(provider="VSS", number=8193, channel="System", data="<Data>sig=TopSecretSas&amp;se=1</Data><Data>CMD: vssvc</Data><Binary>2D20</Binary>")
    second = EVENT.format(provider="Service Control Manager", number=7036, channel="System", data="<Data Name='param1'>VSS</Data><Data Name='param2'>läuft</Data>")
    return ("\ufeff" + first + "\r\n" + second + "\r\n" + third + "\r\n<Event>broken").encode("utf-16-le")


def write(folder, name, data):
    (folder / name).write_bytes(data)
    return folder / name


def test_a_running_windows_is_asked_by_its_own_programs(running_windows, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    code = cli.main(["--no-probes", "--output", str(tmp_path / "out"), "--quiet", "--max-seconds", "40", "--skip", "win-system"])
    done = outcome(code, "", "", tmp_path / "out")
    items = done.items
    assert done.read("files/C/Windows/System32/winevt/Logs/System.evtx") == b"ElfFile\0raw"
    lines = [json.loads(line) for line in done.read("files/C/Windows/System32/winevt/Logs/System.events.jsonl").splitlines()]
    assert [(line["provider"], line["event_id"], line["record_id"]) for line in lines] == [
        ("VSS", 8193, 41), ("Service Control Manager", 7036, 41), ("VSS", 8194, 41)]
    assert lines[2]["binary"].startswith("[masked:packed:")
    assert lines[0]["data"][1] == "CMD: vssvc" and lines[0]["binary"] == "2D20" and lines[1]["data"] == {"param1": "VSS", "param2": "läuft"}
    exported = done.read("registry/win-reg-bcdr.reg").decode("utf-16")
    assert '"USEVSSCOPYBACKUP"="TRUE"' in exported and "TopSecret" not in exported
    assert items["win-reg-guest"]["status"] == "absent" and items["win-log-application-events"]["status"] == "empty"
    assert items["win-log-setup"]["status"] == "absent"
    assert "[8]" in done.read("commands/win-vss-writers.txt").decode("cp437") and items["win-vss-writers"]["argv"] == ["vssadmin", "list", "writers"]
    assert items["win-processes"]["status"] == "tailed" and items["win-disks"]["status"] == "failed"
    assert items["win-hive-system"]["status"] == "not-applicable"
    for name in done.names():
        assert b"TopSecret" not in done.read(name) and "TopSecret".encode("utf-16-le") not in done.read(name)


def test_with_names_masked_a_running_windows_gives_events_only_masked(running_windows, tmp_path):
    (tmp_path / "out").mkdir()
    code = cli.main(["--only", "win-log-system", "--output", str(tmp_path / "out"), "--quiet", "--redact", "secrets+names"])
    done = outcome(code, "", "", tmp_path / "out")
    assert "files/C/Windows/System32/winevt/Logs/System.events.jsonl" in done.names() and not [name for name in done.names() if name.endswith(".evtx")]


def test_without_fork_as_on_windows_itself_all_is_done_in_one_process(running_windows, tmp_path, monkeypatch):
    for module in ("isolate", "store", "files"):
        monkeypatch.setattr(f"collector.{module}.CAN_FORK", False)
    monkeypatch.setattr("os.fork", None)
    (tmp_path / "out").mkdir()
    cli.main(["--no-probes", "--output", str(tmp_path / "out"), "--quiet", "--profile", "min"])
    done = outcome(0, "", "", tmp_path / "out")
    assert done.item("C:\\WindowsAzure\\Logs\\WaAppAgent.log")["status"] == "ok" and done.items["win-log-system"]["status"] == "ok"
    assert not list((tmp_path / "out").glob("*.part"))


def test_a_program_that_never_ends_an_event_takes_no_memory():
    reader = EventReader(lambda event: None)
    for _ in range(100):
        reader.feed(b"<Event>" + b"x" * 65536)
    assert len(reader._text) <= 2 * 1024 * 1024


def test_what_a_killed_run_exported_is_removed_by_the_next(running_windows, tmp_path, monkeypatch):
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    for name, age in (("azure-backup-export-old", 7200), ("azure-backup-export-new", 0), ("other", 7200)):
        evidence.put(tmp_path / "temp", f"{name}/log.evtx", "ElfFile")
        os.utime(tmp_path / "temp" / name, (time.time() - age,) * 2)
    (tmp_path / "out").mkdir()
    cli.main(["--only", "win-log-system", "--output", str(tmp_path / "out"), "--quiet"])
    assert sorted(os.listdir(tmp_path / "temp")) == ["azure-backup-export-new", "other"]


def test_no_temporary_file_stays(running_windows, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    cli.main(["--only", "win-log-system", "--only", "win-reg-bcdr", "--output", str(tmp_path / "out"), "--quiet"])
    assert not os.listdir(tmp_path / "temp")


def test_events_are_split_wherever_the_bytes_are_cut():
    for size in (1, 7, 500):
        found = []
        reader = EventReader(found.append)
        data = events()
        for at in range(0, len(data), size):
            reader.feed(data[at:at + size])
        reader.finish()
        assert [event["event_id"] for event in found] == [8193, 7036, 8194]
