# ruff: noqa: E501 (console output is wider than code)
"""Recognising a command, sniffing a text, guessing from a file name, and never falling over."""

import base64
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sources.commands import Reader, guess_argv, read_lease, read_probe, recognise, sniff
from analyzer.sources.commands.catalogue import _READERS, reader


def name_of(found):
    return found.name if found else None


@pytest.mark.parametrize(("argv", "name"), [
    (["ps", "-eo", "pid,args"], "ps"),
    (["/usr/bin/ps", "auxwww"], "ps"),
    (["LC_ALL=C", "df", "-h"], "df"),
    (["env", "LC_ALL=C", "PATH=/bin", "df", "-iP"], "df-inodes"),
    (["sudo", "-n", "df", "--inodes"], "df-inodes"),
    (["timeout", "-k", "2", "10", "findmnt", "-A"], "mounts"),
    (["/bin/sh", "-c", "LC_ALL=C ps aux | grep waagent"], "ps"),
    (["bash", "-lc", "cd /tmp && timeout 5 lsblk -f 2>/dev/null"], "lsblk"),
    (["cmd", "/c", "vssadmin list writers"], "vss-writers"),
    (["CMD.EXE", "/d", "/c", "chcp 437 >nul & vssadmin", "list", "providers"], "vss-providers"),
    ([r"C:\Windows\System32\VSSADMIN.exe", "List", "ShadowStorage"], "vss-shadowstorage"),
    (["powershell.exe", "-NoProfile", "-Command", "Get-Service RdAgent | Format-List *"], "get-service"),
    (["powershell", "-c", "$x = Get-CimInstance Win32_Service; $x"], "get-service"),
    (["powershell", "& { Get-WmiObject -Class Win32_LogicalDisk }"], "win-disks"),
    (["sc.exe", "queryex", "RdAgent"], "sc"),
    (["SC", "QC", "VSS"], "sc"),
    (["sc", "stop", "x"], None),
    (["systemctl", "status", "--no-pager", "-n", "20", "walinuxagent"], "systemctl-status"),
    (["systemctl", "-p", "MainPID", "show", "waagent"], "systemctl-show"),
    (["systemctl", "is-enabled", "waagent"], "systemctl-is"),
    (["systemctl", "list-unit-files"], "systemctl-list"),
    (["systemctl", "--version"], "version"),
    (["systemctl", "restart", "x"], None),
    (["ip", "-o", "-4", "addr"], "addresses"),
    (["ip", "r"], "routes"),
    (["ip", "rule"], None),
    (["netstat", "-rn"], "routes"),
    (["netstat", "-tlnp"], "sockets"),
    (["route", "PRINT", "-4"], "routes"),
    (["cat", "/proc/self/mountinfo"], "mounts"),
    (["cat", "/proc/net/route"], "routes"),
    (["cat", "/run/systemd/netif/leases/2"], "lease"),
    (["cat", "/etc/os-release"], "system-pairs"),
    (["cat", "/var/log/waagent.log"], None),
    (["python3.11", "--version"], "version"),
    (["/usr/sbin/waagent", "-version"], "version"),
    (["openssl", "x509", "-noout", "-enddate", "-in", "a.pem"], "x509"),
    (["journalctl", "-u", "walinuxagent"], None),
    (["journalctl", "--list-boots", "--no-pager"], "list-boots"),
    (["dmesg", "-T"], None),
    (["reg", "query", r"HKLM\SOFTWARE\Microsoft\GuestAgent", "/s"], "reg"),
    (["netsh", "winhttp", "show", "proxy"], "winhttp"),
    (["iptables", "-t", "security", "-L", "-nxv"], "iptables"),
    (["nice", "-n", "19", "ionice", "-c", "3", "du", "-s", "/var"], "du"),
    (["du -s /var"], "du"),
    ([], None),
    ([""], None),
    (["sudo"], None),
    (["sh", "-c"], None),
    (["sh", "-c", "'unclosed"], None),
    (["no-such-program"], None),
])
def test_a_command_is_known_by_program_and_arguments(argv, name):
    assert name_of(recognise(argv)) == name


def test_an_encoded_powershell_command_is_decoded():
    script = base64.b64encode("Get-Service WindowsAzureGuestAgent".encode("utf-16-le")).decode()
    assert name_of(recognise(["powershell", "-EncodedCommand", script])) == "get-service"


@pytest.mark.parametrize("argv", [["ps", "aux"], ["ps", "-ef"], ["ps", "-eo", "pid,args"], ["ps", "axjf"], ["tasklist", "/v"], ["ps", "-A", "-o", "pid"]])
def test_a_whole_list_claims_its_table(argv):
    assert recognise(argv).tables == ("processes",)


@pytest.mark.parametrize("argv", [["ps", "-p", "12"], ["ps", "u", "-C", "waagent"], ["tasklist", "/fi", "imagename eq x"], ["sh", "-c", "ps aux | grep waagent"],
                                  ["cmd", "/c", "tasklist | findstr Wa"], ["df", "-h", "/boot"], ["sh", "-c", "ps aux|head -3"]])
def test_a_filtered_list_claims_no_table_but_says_what_it_may_fill(argv):
    found = recognise(argv)
    assert found.tables == () and found.fills


def test_sorting_and_formatting_do_not_filter():
    assert recognise(["sh", "-c", "ps aux | sort | cat"]).tables == ("processes",)
    assert recognise(["powershell", "-Command", "Get-CimInstance Win32_Process | ConvertTo-Json"]).tables == ("processes",)


@pytest.mark.parametrize(("path", "argv"), [
    ("sosreport-web1-2026/sos_commands/process/ps_auxwww", ["ps", "auxwww"]),
    ("sos/sos_commands/filesys/df_-al_-x_autofs", ["df", "-al", "-x", "autofs"]),
    ("sos/sos_commands/systemd/systemctl_list-units", ["systemctl", "list-units"]),
    ("sos/sos_commands/boot/ls_-lanR_.boot", ["ls", "-lanR", "/boot"]),
    ("sos/df", ["df", "-al"]),
    ("sos/ip_addr", ["ip", "-o", "addr"]),
    ("sos/installed-rpms", ["rpm", "-qa"]),
    ("sos/dmesg", ["dmesg"]),
    ("sos/proc/mounts", ["cat", "/proc/mounts"]),
    ("case/vssadmin_list_writers.txt", ["vssadmin", "list", "writers"]),
    ("case\\systemctl_status_waagent.txt", ["systemctl", "status", "waagent"]),
    ("case/waagent_version.txt", ["waagent", "--version"]),
    ("case/proc_sys_crypto_fips_enabled.txt", ["cat", "/proc/sys/crypto/fips_enabled"]),
    ("var/log/waagent.log", None),
    ("etc/route", None),
    ("case/notes.txt", None),
    ("case/waagent.log", None),
    ("", None),
])
def test_file_names_of_other_collectors_tell_the_command(path, argv):
    assert guess_argv(path) == argv


SAMPLES = {
    "df": "Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/sdz1       30298176 9123456  21158336  31% /\n",
    "df-inodes": "Filesystem      Inodes  IUsed   IFree IUse% Mounted on\n/dev/sdz1      3870720 112233 3758487    3% /\n",
    "systemctl-status": "● waagent.service - Azure Linux Agent\n   Loaded: loaded (/lib/x; enabled)\n   Active: active (running)\n",
    "ps": "  PID  PPID STAT CMD\n    1     0 Ss   /sbin/init\n",
    "mounts": "/dev/sdz1 / ext4 rw,relatime 0 0\nproc /proc proc rw,nosuid 0 0\n",
    "addresses": "2: eth9: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP\n    inet 10.9.0.4/24 scope global eth9\n",
    "routes": "Kernel IP routing table\nDestination Gateway Genmask Flags Metric Ref Use Iface\n0.0.0.0 10.9.0.1 0.0.0.0 UG 100 0 0 eth9\n",
    "version": "WALinuxAgent-2.9.8.7 running on suse 15.9\nPython: 3.6.99\nGoal state agent: 2.12.9.9\n",
    "lsblk": "NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINT\nsdz      8:0    0  30G  0 disk \n└─sdz1   8:1    0  30G  0 part /\n",
    "vss-writers": "Verfassername: „Zeitplan“\n   Verfasserkennung: {d61d61c8-d73a-4eee-8cdd-f6f9786b7124}\n"
                   "   Instanzkennung: {a12d2854-c673-7275-0263-452d21c84510}\n   Status: [1] Stabil\n   Letzter Fehler: Kein Fehler\n",
    "sc": "\nSERVICE_NAME: VSS\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n",
    "free": "               total        used        free      shared  buff/cache   available\nMem:         8000000     1000000     6000000        1000     1000000     6900000\n",
    "iptables": "Chain OUTPUT (policy ACCEPT 1 packets, 2 bytes)\n pkts bytes target prot opt in out source destination\n",
    "reg": "\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\n    Release    REG_DWORD    0x82405\n",
    "meminfo": "MemTotal:        8000000 kB\nMemFree:         100 kB\n",
    "systemctl-show": "Id=waagent.service\nLoadState=loaded\nActiveState=active\n",
    "ls": "total 8\ndrwx------ 2 root root 4096 Nov 20 10:00 waagent\n-rw-r--r-- 1 root root 12 Nov 20 10:00 a\n",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_text_without_a_name_is_told_by_its_shape(name):
    assert name_of(sniff(SAMPLES[name])) == name
    assert name_of(sniff("\ufeff" + SAMPLES[name].replace("\n", "\r\n"))) == name
    assert sniff(SAMPLES[name]).read(SAMPLES[name])


@pytest.mark.parametrize("text", [
    "", "\n\n", "\0\1\2" * 500, "PK\x03\x04" + "\0" * 100, "hello world\n",
    "2026-11-20T10:00:00.123456Z INFO ExtHandler ExtHandler ProcessExtensionsGoalState started\n" * 5,
    "2026/11/20 10:00:00.123456 INFO Daemon Run daemon\n" * 5,
    "Nov 20 10:00:00 vm systemd[1]: Started Azure Linux Agent.\n" * 5,
    "2026-11-20T10:00:00.123456Z INFO Daemon Network:\n" * 5 + "2: eth0: <BROADCAST,UP> mtu 1500 state UP\n    inet 10.7.0.4/24 scope global eth0\n",
    "# /etc/fstab\nUUID=1-2 / ext4 defaults 0 1\n/dev/sda2 /data ext4 rw 0 0\n",
    "<?xml version='1.0'?><GoalState/>", '{"version": 1, "status": []}', "[section]\nkey=value\n", "# comment\nProvisioning.Enabled=y\n",
])
def test_logs_and_other_files_are_no_command_output(text):
    assert sniff(text) is None


@pytest.mark.parametrize("text", [
    '[{"Name":"RdAgent","State":"Running","StartMode":"Auto"},{"Name":"WindowsAzureGuestAgent","State":"Stopped","StartMode":"Manual"}]',
    '[\n    {\n        "Name":  "WindowsAzureGuestAgent",\n        "Status":  1,\n        "StartType":  3\n    }\n]\n',
    '"Name","State","StartMode","ExitCode"\n"WindowsAzureGuestAgent","Stopped","Manual","0"\n',
])
def test_services_exported_as_objects_are_sniffed(text):
    found = sniff(text)
    assert found.name == "get-service"
    assert {"unit": "WindowsAzureGuestAgent", "sub": "stopped", "start_type": "manual"}.items() <= list(found.read(text))[-1].values.items()


def test_a_list_filtered_by_grep_is_sniffed_without_claiming_the_table():
    found = sniff("root   812  0.0  0.5 12345  6789 ?  Ss  09:00  0:01 /usr/bin/python3 -u /usr/sbin/waagent -daemon\n")
    assert found.name == "ps" and found.tables == () and found.fills == ("processes",)


def test_importing_the_package_costs_next_to_nothing():
    code = "import sys, typing, analyzer.model; before = set(sys.modules); import analyzer.sources.commands; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) <= {"analyzer.sources", "analyzer.sources.commands", "analyzer.sources.commands.reader"}



HOSTILE = [
    "\x1b[31m" * 50_000, "x" * 10_000_000, " " * 2_000_000, "1 " * 1_000_000, "a:" * 500_000, "=" * 1_000_000, "\n" * 1_000_000, "[" * 100_000, "{" * 100_000,
    '{"a":' * 50_000, "\0" * 1_000_000, "- " * 500_000, "/ " * 500_000, "{a" * 300_000, '"' * 500_000, "(" * 300_000, ":" * 300_000, ". " * 300_000,
    "| " * 300_000, "├─" * 200_000, "12:34:56 " * 100_000, "10.0.0.1 " * 100_000, ("a" * 8000 + "\n") * 200, (" " * 8000 + "\n") * 200,
    ("1 " * 4000 + "\n") * 200, ("a: " * 2500 + "\n") * 200, ("x=" * 4000 + "\n") * 200, ("(a) " * 2000 + "\n") * 200, ("-" * 8000 + "\n") * 200,
    ("   " + "a . " * 2000 + ":\n") * 100, ("'a' " * 2000 + "\n") * 200, ("a-1-" * 2000 + "\n") * 200,
]


@pytest.mark.parametrize("name", sorted(_READERS))
def test_hostile_output_takes_linear_time_and_raises_nothing(name):
    found = reader(name)
    for text in HOSTILE:
        started = time.process_time()
        for _ in found.rows(text):
            pass
        assert time.process_time() - started < 4, (name, text[:20])


def test_hostile_output_is_sniffed_in_little_time():
    for text in HOSTILE:
        started = time.process_time()
        sniff(text)
        assert time.process_time() - started < 1, text[:20]


WORDS = st.sampled_from([
    "PID", "PPID", "STAT", "CMD", "Filesystem", "Use%", "IUse%", "Mounted", "on", "12%", "/", "-", "1.5G", "Loaded:", "Active:", "active", "● x.service", "since",
    "2026-11-20 10:00:00 UTC", "inet", "10.0.0.4/24", "default", "via", "dev", "STATE", ": 4", "RUNNING", "SERVICE_NAME:", "{", "}", "[1]", "Chain", "OUTPUT", "DROP",
    "{a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}", "=====", "HKEY_LOCAL_MACHINE\\X", "REG_DWORD", "0x1", "total", "drwxr-xr-x", "Nov", "20", "10:00", "->", "\t", "  ", ",",
    "\"a\"", "=", "Mem:", "avg10=0.1", "%idle", "lease", "option", "unknown-245", "expire", "99999999999999999999", "-5", "nan", "inf", "१२", "²", "\u2028", "│", "├─1",
    "Uid:", "(0644/-rw-r--r--)", "reboot", "system boot", "tcp", "LISTEN", "0.0.0.0:22", "*:*", "table inet x {", "-A", "-j", "notAfter=", "avail Mem", ":", "|",
])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=25).map("\n".join) | st.text(max_size=400)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(sorted(_READERS)), st.lists(st.sampled_from(["-i", "-T", "get", "x", "-b", "qc", "/", "is-active", "a.service"]), max_size=4))
def test_no_output_makes_a_reader_raise(text, name, argv):
    rows = list(reader(name, ["p", *argv]).rows(text))
    last = text.count("\n") + 1
    for row in rows:
        assert 1 <= row.line <= last
        assert all(value is None or isinstance(value, (str, int, float, bool)) for value in row.values.values())


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_every_reader_survives_the_same_text(text):
    for name in _READERS:
        list(reader(name).rows(text))
    sniff(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40) | WORDS, max_size=8), st.text(max_size=100))
def test_any_argument_list_and_path_gets_an_answer(argv, path):
    found = recognise(argv)
    assert found is None or isinstance(found, Reader)
    guess_argv(path)


def test_probes_and_leases_have_functions_of_their_own():
    assert read_probe('{"probe": "tcp", "target": "168.63.129.16:80", "ok": true}')[0].values["port"] == 80
    assert read_lease("lease {\n  option unknown-245 a8:3f:81:10;\n}\n")[0].values["option_245"] == "168.63.129.16"


@pytest.mark.parametrize(("uid", "ok"), [(0, False), (1000, None)])
def test_that_another_user_than_root_cannot_reach_the_fabric_tells_nothing(uid: int, ok: bool | None) -> None:
    (row,) = read_probe(f'{{"probe": "http", "target": "http://168.63.129.16/?comp=versions", "ok": false, "error": "timed out", "uid": {uid}}}')
    assert row.values.get("ok") is ok
    (row,) = read_probe(f'{{"probe": "tcp", "target": "store.blob.core.windows.net:443", "ok": false, "error": "timed out", "uid": {uid}}}')
    assert row.values["ok"] is False
