# ruff: noqa: E501 (console output is wider than code)
"""Linux tools: what their output says, in several looks and languages."""

from datetime import UTC

import pytest

from analyzer.clock import Clock
from analyzer.sources.commands import recognise, sniff

NOW = Clock(UTC, near=1795500000.0)  # 2026-11-24 06:00 UTC


def read(command, text, clock=NOW):
    found = recognise(command.split()) if isinstance(command, str) else recognise(command)
    return found.read(text, clock)


def only(rows, **where):
    found = [row.values for row in rows if all(row.values.get(name) == value for name, value in where.items())]
    assert len(found) == 1, found or [row.values for row in rows]
    return found[0]


def test_ps_with_any_column_list_gives_typed_columns_and_kinds():
    rows = read("ps -eo pid,ppid,user,stat,etimes,lstart,rss,wchan:20,args", """\
    PID    PPID USER     STAT ELAPSED                  STARTED   RSS WCHAN                COMMAND
      1       0 root     Ss     86400 Mon Nov 23 06:00:00 2026 12288 ep_poll              /sbin/init
    812       1 root     Ssl     7200 Tue Nov 24 04:00:00 2026 30720 -                    /usr/bin/python3 -u /usr/sbin/waagent -daemon
    955     812 root     Sl      7100 Tue Nov 24 04:01:40 2026 51200 -                    python3 -u bin/WALinuxAgent-2.99.0.1-py3.9.egg -run-exthandlers
   1201       1 root     D        300 Tue Nov 24 05:55:00 2026  2048 io_schedule          /var/lib/waagent/Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9999.0/main/safefreeze/bin/safefreeze 60 /
   1300     955 root     S          2 Tue Nov 24 05:59:58 2026  4096 -                    /bin/sh /var/lib/waagent/Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9999.0/main/handle.sh enable
   1400       1 root     Ss       999 Tue Nov 24 05:43:21 2026  4096 -                    /usr/sbin/dhclient -4 eth0
   1500    1400 bob      S+         1 Tue Nov 24 05:59:59 2026  1024 -                    grep waagent -daemon
""")
    daemon = only(rows, kind="agent-daemon")
    assert daemon == {"pid": 812, "ppid": 1, "user": "root", "state": "Ssl", "elapsed_seconds": 7200, "started_text": "Tue Nov 24 04:00:00 2026",
                      "started": 1795492800.0, "rss_bytes": 30720 * 1024, "kind": "agent-daemon",
                      "command": "/usr/bin/python3 -u /usr/sbin/waagent -daemon"}
    assert only(rows, kind="agent-exthandlers")["pid"] == 955
    assert only(rows, kind="safefreeze")["wchan"] == "io_schedule"
    assert only(rows, kind="backup-extension")["pid"] == 1300
    assert only(rows, kind="dhcp-client")["pid"] == 1400
    assert only(rows, pid=1500)["kind"] == "other"
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(("elapsed", "seconds"), [("00:07", 7), ("03:04:05", 11045), ("2-03:04:05", 183845), ("86400", 86400)])
def test_elapsed_time_is_read_in_both_forms(elapsed, seconds):
    rows = read("ps -eo pid,etime,args", f"  PID     ELAPSED COMMAND\n   12 {elapsed:>11} waagent -daemon\n")
    assert only(rows, pid=12)["elapsed_seconds"] == seconds
    assert only(rows, pid=12)["started"] == NOW.near - seconds


def test_ps_aux_ps_ef_and_the_tree_say_the_same():
    aux = read("ps auxf", "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
                          "root       900  0,3  1,2 300000 45000 ?        Ssl  Nov23   1:05  \\_ /usr/bin/python3 -u /usr/sbin/waagent -daemon\n")
    full = read("ps -ef", "UID          PID    PPID  C STIME TTY          TIME CMD\n"
                          "root         900       1  0 Nov23 ?        00:01:05 /usr/bin/python3 -u /usr/sbin/waagent -daemon\n")
    jobs = read("ps axjf", " PPID   PID  PGID   SID TTY      TPGID STAT   UID   TIME COMMAND\n"
                           "    1   900   900   900 ?           -1 Ssl      0   1:05 /usr/bin/python3 -u /usr/sbin/waagent -daemon\n")
    for rows in (aux, full, jobs):
        values = only(rows, pid=900)
        assert (values["command"], values["kind"], values["cpu_seconds"]) == ("/usr/bin/python3 -u /usr/sbin/waagent -daemon", "agent-daemon", 65)
    assert only(aux, pid=900)["cpu_percent"] == 0.3 and only(aux, pid=900)["rss_bytes"] == 45000 * 1024


def test_a_list_printed_every_hour_gives_each_row_its_time():
    text = "".join(f"Tue Nov 24 0{hour}:00:01 UTC 2026\nroot        77  0.3  {hour}.0 229552 {hour}0000 ?  Sl  00:40  0:53 python3 -u bin/WALinuxAgent-2.9.9.9-py3.8.egg "
                   "-run-exthandlers\n" for hour in (1, 2, 3))
    rows = sniff(text).read(text)
    assert [row.time for row in rows] == [1795482001.0, 1795485601.0, 1795489201.0]
    assert [row.values["rss_bytes"] for row in rows] == [10240000, 20480000, 30720000]


def test_busybox_and_cut_rows_do_not_disturb():
    rows = read("ps", "PID   USER     TIME  COMMAND\n    1 root      0:01 /sbin/init\n    9 root\n  twelve root 0:01 x\n   33 root      2:00 {waagent} /usr/bin/python3 "
                      "/usr/sbin/waagent -daemon\n")
    assert [row.values["pid"] for row in rows] == [1, 33]


@pytest.mark.parametrize(("header", "row"), [
    ("Filesystem     1K-blocks     Used Available Use% Mounted on", "/dev/sda9       30298176 30200000     98176 100% /"),
    ("Dateisystem    1K-Blöcke  Benutzt Verfügbar Verw% Eingehängt auf", "/dev/sda9       30298176 30200000     98176  100% /"),
    ("Sys. de fichiers blocs de 1K  Utilisé Disponible Uti% Monté sur", "/dev/sda9         30298176 30200000      98176 100% /"),
    ("文件系统          1K-块     已用  可用 已用% 挂载点", "/dev/sda9       30298176 30200000 98176  100% /"),
    ("Filesystem     1024-blocks     Used Available Capacity Mounted on", "/dev/sda9         30298176 30200000     98176     100% /"),
    ("Filesystem 512-blocks Used Available Use% Mounted on", "/dev/sda9 60596352 60400000 196352 100% /"),
    ("Filesystem 1B-blocks Used Available Use% Mounted on", "/dev/sda9 31025332224 30924800000 100532224 100% /"),
])
def test_df_is_read_in_every_unit_and_language(header, row):
    values = only(read("df -P", f"{header}\n{row}\n"), mount="/")
    assert values == {"filesystem": "/dev/sda9", "size_bytes": 30298176 * 1024, "used_bytes": 30200000 * 1024, "available_bytes": 98176 * 1024,
                      "used_percent": 100, "mount": "/"}


def test_df_in_human_sizes_with_types_wrapped_names_and_spaces():
    rows = read("df -hT", """\
Filesystem                Type      Size  Used Avail Use% Mounted on
/dev/mapper/rootvg-a_very_long_logical_volume_name
                          xfs       8,0G  7,9G  110M  99% /
//files.example/my share  cifs      5.0T  1.0T  4.0T  20% /mnt/my share
tmpfs                     tmpfs     7.8G     0  7.8G   0% /dev/shm
efivarfs                  efivarfs     -     -     -    - /sys/firmware/efi/efivars
""")
    assert only(rows, mount="/")["available_bytes"] == 110 * 1024 ** 2
    assert only(rows, mount="/")["type"] == "xfs"
    assert only(rows, mount="/mnt/my share")["filesystem"] == "//files.example/my share"
    assert "used_percent" not in only(rows, mount="/sys/firmware/efi/efivars")


@pytest.mark.parametrize("header", ["Filesystem       Inodes  IUsed   IFree IUse% Mounted on", "Dateisystem      Inodes IBenutzt   IFrei IUse% Eingehängt auf",
                                    "文件系统         Inodes 已用(I) 可用(I) 已用(I)% 挂载点", "ファイルシス     Iノード  I使用   I残り I使用% マウント位置"])
def test_inodes_are_told_from_blocks_by_header(header):
    text = f"{header}\n/dev/sda9        1000000 999990      10  100% /\n/dev/sda15             0      0       0     - /boot/efi\n"
    rows = sniff(text).read(text)
    assert {row.table for row in rows} == {"inodes"}
    assert only(rows, mount="/") == {"filesystem": "/dev/sda9", "inodes": 1000000, "used": 999990, "free": 10, "used_percent": 100, "mount": "/"}
    assert "used_percent" not in only(rows, mount="/boot/efi")


def test_freebsd_counts_blocks_and_inodes_in_one_row():
    rows = read("df -i", "Filesystem  1K-blocks    Used   Avail Capacity iused ifree %iused  Mounted on\n/dev/da0p9   2000000 1000000 1000000    50%   100   300   25%   /\n")
    assert {row.table: row.values["used_percent"] for row in rows} == {"disk": 50, "inodes": 25}


@pytest.mark.parametrize(("command", "text"), [
    ("mount", "/dev/sda9 on /mnt/my data type ext4 (ro,noexec,relatime) [data]\n"),
    ("mount", "/dev/sda9 auf /mnt/my data Typ ext4 (ro,noexec,relatime)\n"),
    ("cat /proc/mounts", "/dev/sda9 /mnt/my\\040data ext4 ro,noexec,relatime 0 0\n"),
    ("cat /proc/self/mountinfo", "36 25 8:9 / /mnt/my\\040data ro,noexec,relatime shared:1 - ext4 /dev/sda9 rw,errors=remount-ro\n"),
    ("findmnt -P", 'TARGET="/mnt/my\\x20data" SOURCE="/dev/sda9" FSTYPE="ext4" OPTIONS="ro,noexec,relatime"\n'),
    ("findmnt -J", '{"filesystems": [{"target": "/mnt/my data", "source": "/dev/sda9", "fstype": "ext4", "options": "ro,noexec,relatime"}]}'),
])
def test_mounts_are_the_same_from_every_source(command, text):
    values = only(read(command, text), mount="/mnt/my data")
    assert (values["device"], values["type"], values["read_only"], values["noexec"]) == ("/dev/sda9", "ext4", True, True)


def test_the_trees_of_findmnt_and_a_readonly_superblock():
    rows = read("findmnt", "TARGET                  SOURCE     FSTYPE OPTIONS\n/                       /dev/sda9  ext4   rw,relatime\n├─/proc                 proc       proc   rw,nosuid\n"
                           "│ └─/proc/sys/fs/binfmt systemd-1  autofs ro\n└─/var                  /dev/sda8  xfs    rw\n")
    assert [row.values["mount"] for row in rows] == ["/", "/proc", "/proc/sys/fs/binfmt", "/var"]
    info = read("cat /proc/self/mountinfo", "36 25 8:9 /sub /data rw,relatime shared:1 - ext4 /dev/sda9 ro,data=ordered\n")
    assert only(info, mount="/data")["read_only"] is True and only(info, mount="/data")["root"] == "/sub"
    assert only(read("mount", "/dev/da0p2 on / (ufs, local, read-only)\n"), mount="/")["read_only"] is True


def test_ip_addr_tells_state_scope_and_dynamic():
    rows = read("ip addr", """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 00:0d:3a:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.7.0.4/24 metric 100 brd 10.7.0.255 scope global dynamic eth0
3: eth1@if9: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc mq state DOWN group default
    link/ether 00:0d:3a:00:00:02 brd ff:ff:ff:ff:ff:ff
4: eth2: <BROADCAST,MULTICAST> mtu 1500 state DOWN
""")
    assert only(rows, interface="eth0") == {"interface": "eth0", "up": True, "carrier": True, "state": "UP", "address": "10.7.0.4", "prefix": 24, "family": "inet",
                                            "scope": "global", "dynamic": True}
    assert only(rows, interface="eth1") == {"interface": "eth1", "up": True, "carrier": False, "state": "DOWN"}
    assert only(rows, interface="eth2")["up"] is False


def test_ifconfig_in_its_looks():
    new = read("ifconfig", "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 10.7.0.4  netmask 255.255.255.0  broadcast 10.7.0.255\n"
                           "        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>\n")
    old = read("ifconfig -a", "eth0      Link encap:Ethernet  Hardware Adresse 00:0d:3a:00:00:01\n          inet Adresse:10.7.0.4  Bcast:10.7.0.255  Maske:255.255.255.0\n"
                              "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n")
    bsd = read("ifconfig", "hn0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500\n\tinet 10.7.0.4 netmask 0xffffff00 broadcast 10.7.0.255\n")
    for rows in (new, old, bsd):
        values = only(rows, address="10.7.0.4")
        assert (values["prefix"], values["family"]) == (24, "inet")
    assert only(new, address="fe80::1")["prefix"] == 64


@pytest.mark.parametrize(("command", "text"), [
    ("ip route", "default via 10.7.0.1 dev eth0 proto dhcp src 10.7.0.4 metric 100 \n10.7.0.0/24 dev eth0 proto kernel scope link src 10.7.0.4 metric 100\n"
                 "168.63.129.16 via 10.7.0.1 dev eth0 proto dhcp src 10.7.0.4 metric 100\n"),
    ("route -n", "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         10.7.0.1        0.0.0.0         UG    100    0        0 eth0\n"
                 "10.7.0.0        0.0.0.0         255.255.255.0   U     100    0        0 eth0\n168.63.129.16   10.7.0.1        255.255.255.255 UGH   100    0        0 eth0\n"),
    ("cat /proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t0100070A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                            "eth0\t0000070A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\neth0\t10813FA8\t0100070A\t0007\t0\t0\t100\tFFFFFFFF\t0\t0\t0\n"),
])
def test_routes_are_the_same_from_every_source(command, text):
    rows = read(command, text)
    assert [(row.values["destination"], row.values.get("gateway"), row.values["device"], row.values["metric"]) for row in rows] == [
        ("default", "10.7.0.1", "eth0", 100), ("10.7.0.0/24", None, "eth0", 100), ("168.63.129.16", "10.7.0.1", "eth0", 100)]


def test_a_route_that_forbids_and_the_way_to_one_host():
    rows = read("ip route", "unreachable 168.63.129.16 metric 1\nblackhole default\n")
    assert [(row.values["destination"], row.values["type"]) for row in rows] == [("168.63.129.16", "unreachable"), ("default", "blackhole")]
    rows = read("ip route get 168.63.129.16", "168.63.129.16 via 10.7.0.1 dev eth0 src 10.7.0.4 uid 0 \n    cache \n")
    assert only(rows, destination="168.63.129.16")["type"] == "get"
    assert read("ip route get 168.63.129.16", "RTNETLINK answers: Network is unreachable\n") == []


STATUS = {
    "running": ("● walinuxagent.service - Azure Linux Agent\n     Loaded: loaded (/lib/systemd/system/walinuxagent.service; enabled; preset: enabled)\n    Drop-In: /lib/systemd/system/x.d\n"
                "             └─10-Slice.conf\n     Active: active (running) since Tue 2026-11-24 04:00:00 UTC; 2h ago\n   Main PID: 730 (python3)\n      Tasks: 6 (limit: 1004)\n"
                "     Memory: 41.8M (peak: 50.1M)\n     CGroup: /azure.slice/walinuxagent.service\n             ├─ 730 /usr/bin/python3 -u /usr/sbin/waagent -daemon\n"
                "             └─1429 python3 -u bin/WALinuxAgent-2.99.0.1-py3.9.egg -run-exthandlers\n\nNov 24 04:00:01 vm python3[730]: Active: nonsense\nlines 1-14/14 (END)\n",
                {"unit": "walinuxagent", "load": "loaded", "enabled": "enabled", "active": "active", "sub": "running", "main_pid": 730, "since": 1795492800.0}),
    "failed": ("\x1b[0;1;31m●\x1b[0m waagent.service - Azure Linux Agent\r\n   Loaded: loaded (/usr/lib/systemd/system/waagent.service; enabled; vendor preset: disabled)\r\n"
               "   Active: \x1b[0;1;31mfailed\x1b[0m (Result: exit-code) since Di 2026-11-24 05:00:00 CET; 1h ago\r\n  Process: 9679 ExecStart=/usr/bin/python -u /usr/sbin/waagent -daemon "
               "(code=exited, status=127)\r\n Main PID: 9679 (code=exited, status=127)\r\n",
               {"unit": "waagent", "active": "failed", "sub": "failed", "result": "exit-code", "exit_code": 127, "since": 1795492800.0,
                "exec_start": "/usr/bin/python -u /usr/sbin/waagent -daemon"}),
    "masked": ("○ walinuxagent.service\n     Loaded: masked (Reason: Unit walinuxagent.service is masked.)\n     Active: inactive (dead)\n",
               {"unit": "walinuxagent", "load": "masked", "enabled": "masked", "active": "inactive", "sub": "dead"}),
    "cut": ("● waagent.service - Azure Linux Agent\n   Loaded: loaded (/usr/lib/systemd/system/waagent.service; disabled; vendor pr>\n   Active: inactive (dead)\n",
            {"unit": "waagent", "enabled": "disabled", "active": "inactive", "sub": "dead"}),
    "old": ("waagent.service - LSB: agent\n   Loaded: loaded (/etc/init.d/waagent)\n   Active: active (exited) since 二 2026-11-24 12:00:00 HKT; 1h 37min ago\n",
            {"unit": "waagent", "active": "active", "sub": "exited", "since": 1795492800.0}),
    "gone": ("Unit waagent.service could not be found.\n", {"unit": "waagent", "load": "not-found", "active": "inactive"}),
}


@pytest.mark.parametrize("look", STATUS)
def test_systemctl_status_in_all_its_looks(look):
    text, expected = STATUS[look]
    values = only([row for row in read("systemctl status x", text) if row.table == "services"], unit=expected["unit"])
    assert {name: values.get(name) for name in expected} == expected


def test_the_tree_of_a_unit_names_its_processes():
    rows = [row for row in read("systemctl status x", STATUS["running"][0]) if row.table == "processes"]
    assert [(row.values["pid"], row.values["kind"]) for row in rows] == [(730, "agent-daemon"), (1429, "agent-exthandlers")]


def test_several_units_give_a_row_each_and_a_local_zone_needs_the_clock():
    text = STATUS["masked"][0] + "\n" + STATUS["cut"][0]
    assert [row.values["unit"] for row in read("systemctl status a b", text)] == ["walinuxagent", "waagent"]
    ambiguous = STATUS["old"][0].replace("HKT", "CST")
    assert "since" not in read("systemctl status x", ambiguous, Clock())[0].values
    assert read("systemctl status x", ambiguous, Clock(UTC))[0].values["since_text"].endswith("CST")


def test_a_changed_unit_file_is_told():
    text = "Warning: The unit file, source configuration file or drop-ins of waagent.service changed on disk. Run 'systemctl daemon-reload' to reload units.\n"
    assert only(read("systemctl status waagent", text), unit="waagent")["needs_reload"] is True


def test_systemctl_show_separates_units_and_falls_back_on_the_order_asked_for():
    rows = read("systemctl show walinuxagent waagent -p LoadState,ActiveState", """\
Id=walinuxagent.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MainPID=730
NRestarts=12
Result=success
ActiveEnterTimestamp=Tue 2026-11-24 04:00:00 UTC
ExecStart={ path=/usr/bin/python3 ; argv[]=/usr/bin/python3 -u /usr/sbin/waagent -daemon ; ignore_errors=no ; start_time=[n/a] }
MemoryCurrent=[not set]

LoadState=not-found
ActiveState=inactive
SubState=dead
""")
    first, second = (row.values for row in rows)
    assert (first["unit"], first["restarts"], first["main_pid"], first["enabled"], first["since"]) == ("walinuxagent", 12, 730, "enabled", 1795492800.0)
    assert first["exec_start"] == "/usr/bin/python3 -u /usr/sbin/waagent -daemon" and "memory_bytes" not in first
    assert (second["unit"], second["load"]) == ("waagent", "not-found")
    assert [row.line for row in rows] == [1, 13]


def test_lists_of_units_and_short_answers():
    rows = read("systemctl list-units --all", "  UNIT                     LOAD      ACTIVE   SUB     DESCRIPTION\n● cloud-init.service       loaded    failed   failed  Cloud-init\n"
                                               "  waagent.service          not-found inactive dead    waagent.service\n\nLOAD   = Reflects\n2 loaded units listed.\n")
    assert only(rows, unit="cloud-init")["active"] == "failed" and only(rows, unit="waagent")["load"] == "not-found"
    rows = read("systemctl list-unit-files", "UNIT FILE                 STATE    PRESET\nwaagent.service           disabled enabled\nauditd.service            enabled\n")
    assert only(rows, unit="waagent")["enabled"] == "disabled"
    rows = read("systemctl is-active walinuxagent waagent", "active\ninactive\n")
    assert [(row.values["unit"], row.values["active"]) for row in rows] == [("walinuxagent", "active"), ("waagent", "inactive")]
    assert only(read("systemctl is-enabled waagent", "masked\n"), unit="waagent")["enabled"] == "masked"


@pytest.mark.parametrize(("text", "active", "pid"), [
    ("waagent (pid  1234) is running...\n", "active", 1234), ("waagent is stopped\n", "inactive", None), ("walinuxagent start/running, process 77\n", "active", 77),
    ("walinuxagent stop/waiting\n", "inactive", None), ("waagent dead but pid file exists\n", "inactive", None), ("waagent is running as pid 912.\n", "active", 912),
    (" * status: started\n", "active", None), ("waagent: unrecognized service\n", "inactive", None),
])
def test_services_without_systemd(text, active, pid):
    values = read("service waagent status", text)[0].values
    assert values["active"] == active and values.get("main_pid") == pid


def test_chkconfig_tells_what_starts():
    rows = read("chkconfig --list", "waagent        \t0:off\t1:off\t2:on\t3:on\t4:on\t5:on\t6:off\nother          \t0:Aus\t1:Aus\t2:Aus\t3:Aus\t4:Aus\t5:Aus\t6:Aus\n")
    assert [(row.values["unit"], row.values["enabled"]) for row in rows] == [("waagent", "enabled"), ("other", "disabled")]


IPTABLES_L = """\
Chain INPUT (policy ACCEPT 10 packets, 20 bytes)
    pkts      bytes target     prot opt in     out     source               destination

Chain OUTPUT (policy DROP 5 packets, 7 bytes)
    pkts      bytes target     prot opt in     out     source               destination
      91    12396 ACCEPT     tcp  --  *      *       0.0.0.0/0            168.63.129.16        owner UID match 0
       3      180 DROP       tcp  --  *      *       0.0.0.0/0            168.63.129.16        ctstate INVALID,NEW
       0        0 ACCEPT     tcp  --  *      *       0.0.0.0/0            168.63.129.16        tcp dpt:53
       4        0            all  --  *      *       0.0.0.0/0            0.0.0.0/0
"""


def test_iptables_lists_with_the_table_that_was_asked_for():
    rows = read("iptables -t security -L -nxv", IPTABLES_L)
    assert {row.values["table"] for row in rows} == {"security"}
    assert only(rows, action="policy DROP") == {"tool": "iptables", "table": "security", "chain": "OUTPUT", "action": "policy DROP", "packets": 5,
                                                "text": "Chain OUTPUT (policy DROP 5 packets, 7 bytes)"}
    assert only(rows, owner_uid=0)["packets"] == 91
    assert only(rows, action="DROP")["destination"] == "168.63.129.16" and only(rows, action="DROP")["packets"] == 3
    assert only(rows, port=53)["protocol"] == "tcp"


def test_iptables_rules_as_saved():
    rows = read("iptables-save -c", "# Generated\n*security\n:OUTPUT DROP [3:180]\n[91:12396] -A OUTPUT -d 168.63.129.16/32 -p tcp -m owner --uid-owner 0 -j ACCEPT\n"
                                    "[3:180] -A OUTPUT -d 168.63.129.16/32 -p tcp -m conntrack --ctstate INVALID,NEW -j DROP\nCOMMIT\n*filter\n"
                                    "[0:0] -A OUTPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n")
    assert only(rows, owner_uid=0)["packets"] == 91 and only(rows, owner_uid=0)["table"] == "security"
    assert only(rows, action="REJECT", table="filter")["port"] == 80
    assert only(read("iptables -t raw -S", "-P OUTPUT ACCEPT\n-A OUTPUT -d 168.63.129.16/32 -j DROP\n"), action="DROP")["table"] == "raw"


def test_nftables_firewalld_and_ufw():
    rows = read("nft list ruleset", """\
table ip walinuxagent {
	chain output {
		type filter hook output priority filter; policy accept;
		ip daddr 168.63.129.16 tcp dport 53 counter packets 2 bytes 120 accept
		ip daddr 168.63.129.16 meta skuid 0 counter packets 40 bytes 3000 accept
		ip daddr 168.63.129.16 ct state invalid,new counter packets 1 bytes 60 drop
	}
}
""")
    assert only(rows, action="drop") == {"tool": "nft", "table": "ip walinuxagent", "chain": "output", "action": "drop", "destination": "168.63.129.16", "packets": 1,
                                         "text": "ip daddr 168.63.129.16 ct state invalid,new counter packets 1 bytes 60 drop"}
    assert only(rows, owner_uid=0)["packets"] == 40 and only(rows, port=53)["protocol"] == "tcp"
    rows = read("firewall-cmd --direct --get-all-passthroughs", "ipv4 -t security -A OUTPUT -d 168.63.129.16 -p tcp -m owner --uid-owner 0 -j ACCEPT\n")
    assert only(rows, owner_uid=0)["tool"] == "firewalld" and only(rows, owner_uid=0)["table"] == "security"
    rows = read("ufw status verbose", "Status: active\nDefault: deny (incoming), reject (outgoing), disabled (routed)\n\nTo                         Action      From\n"
                                      "--                         ------      ----\n168.63.129.16              DENY OUT    Anywhere\n22/tcp                     ALLOW IN    Anywhere\n")
    assert only(rows, destination="168.63.129.16")["action"] == "DENY" and only(rows, chain="outgoing")["action"] == "policy reject" and only(rows, port=22)


def test_versions_of_the_agent_and_others():
    rows = read("waagent --version", "/usr/sbin/waagent:27: DeprecationWarning: the imp module is deprecated, slated for removal in Python 3.12\n  import imp\n"
                                     "WALinuxAgent-2.9.8.7 running on suse 15.9\nPython: 3.6.15\nGoal state agent: 2.99.0.1\n")
    assert {row.values["program"]: row.values["version"] for row in rows} == {"waagent": "2.9.8.7", "waagent-python": "3.6.15", "waagent-goal-state": "2.99.0.1"}
    assert rows[0].line == 3
    assert only(read("/usr/bin/python3 --version", "Python 3.13.1\n"), program="python3")["version"] == "3.13.1"
    assert only(read("openssl version", "OpenSSL 1.0.2k-fips  26 Jan 2017\n"), program="openssl")["version"] == "1.0.2k-fips"
    assert only(read("uname -a", "Linux vm 5.14.0-999.el9.x86_64 #1 SMP x86_64 GNU/Linux\n"), program="kernel")["version"] == "5.14.0-999.el9.x86_64"
    assert only(read("uname -r", "6.8.0-1099-azure\n"), program="kernel")["version"] == "6.8.0-1099-azure"
    assert only(read("systemctl --version", "systemd 255 (255.4-1)\n+PAM\n"), program="systemctl")["version"] == "255"
    assert only(read("iptables --version", "iptables v1.8.9 (nf_tables)\n"), program="iptables")["version"] == "1.8.9"


def test_packages_of_both_families():
    rows = read("dpkg -l", "||/ Name  Version Architecture Description\n+++-====\nii  walinuxagent  2.99-0ubuntu1  amd64  agent\nrc  python3-crypt  1.0  all  x\n")
    assert only(rows, name="walinuxagent")["version"] == "2.99-0ubuntu1" and only(rows, name="python3-crypt")["installed"] is False
    rows = read("rpm -q WALinuxAgent python3 nope", "WALinuxAgent-2.99.0.1-1.el9.noarch\npython3-3.9.99-1.el9.x86_64\npackage nope is not installed\n")
    assert [(row.values["name"], row.values["installed"]) for row in rows] == [("WALinuxAgent", True), ("python3", True), ("nope", False)]
    assert only(rows, name="WALinuxAgent")["version"] == "2.99.0.1-1.el9"
    assert only(read(["dpkg-query", "-W", "walinuxagent"], "walinuxagent\t2.99-0ubuntu1\n"), name="walinuxagent")["installed"] is True


@pytest.mark.parametrize(("command", "text"), [
    ("free", "               total        used        free      shared  buff/cache   available\nMem:         8192000     7000000      200000       10000      992000      409600\n"
             "Swap:        1024000     1024000           0\n"),
    ("free -m", "              gesamt      benutzt        frei  gemns.    Puffer/Cache  verfügbar\nSpeicher:       8000        6835         195      9       968         400\nAuslager:       1000        1000           0\n"),
    ("free -h", "               总计         已用        空闲      共享    缓冲/缓存    可用\n内存：       7.8Gi       6.7Gi       195Mi       9.8Mi       968Mi       400Mi\n交换：       1.0Gi       1.0Gi          0B\n"),
    ("free", "             total       used       free     shared    buffers     cached\nMem:       8192000    8000000     192000      10000     100000     117600\n"
             "-/+ buffers/cache:    7782400     409600\nSwap:      1024000    1024000          0\n"),
])
def test_free_in_its_looks(command, text):
    rows = read(command, text)
    ram, swap = only(rows, kind="ram"), only(rows, kind="swap")
    assert abs(ram["available_bytes"] - 419430400) < 1_000_000 and 94 < ram["used_percent"] < 96
    assert swap["used_percent"] == 100


def test_meminfo_load_and_pressure():
    rows = read("cat /proc/meminfo", "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:     400000 kB\nDirty:            900000 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n")
    assert only(rows, kind="ram")["used_percent"] == 95 and only(rows, kind="ram")["dirty_bytes"] == 900000 * 1024 and only(rows, kind="swap")["total_bytes"] == 0
    assert only(read("cat /proc/loadavg", "12.50 8.25 4.00 9/312 4711\n"), one=12.5)["fifteen"] == 4.0
    assert only(read("uptime", " 06:00:00 up 3 days,  2:05,  1 user,  load average: 0,52, 0,58, 0,59\n"), one=0.52)["up_seconds"] == 3 * 86400 + 7500
    assert only(read("nproc", "4\n"), cpus=4)
    rows = read("cat /proc/pressure/io", "some avg10=55.10 avg60=40.00 avg300=12.00 total=99\nfull avg10=50.00 avg60=39.00 avg300=11.00 total=98\n")
    assert only(rows, kind="full") == {"resource": "io", "kind": "full", "avg10": 50.0, "avg60": 39.0, "avg300": 11.0}
    rows = read("cat /proc/pressure/cpu /proc/pressure/io", "some avg10=1.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
                                                            "some avg10=2.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=3.00 avg60=0.00 avg300=0.00 total=9\n")
    assert [row.values["resource"] for row in rows] == ["cpu", "cpu", "io", "io"]


def test_cpu_shares_with_their_times():
    rows = read("vmstat 1 2", "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n"
                              " 2  0      0 100 10 10    0    0     1     1   10   10 10  5 80  3  2\n 9  4      0 100 10 10    0    0     1     1   10   10 90  9  0  1  0\n")
    assert [row.values["busy_percent"] for row in rows] == [17, 99] and rows[0].values["since_boot"] is True
    rows = read("sar -u", "Linux 5.14.0 (vm) \t11/23/2026 \t_x86_64_\t(4 CPU)\n\n11:50:01 PM     CPU     %user     %nice   %system   %iowait    %steal     %idle\n"
                          "11:55:01 PM     all     91.00      0.00      6.00      1.00      0.50      1.50\n12:05:01 AM     all      1.00      0.00      1.00      0.00      0.00     98.00\nAverage: all 1 1 1 1 1 1\n")
    assert [(row.time, row.values["busy_percent"]) for row in rows] == [(1795478101.0, 97.5), (1795478701.0, 2.0)]
    rows = read("top -b -n 1", "top - 06:00:00 up 2 days,  1:00,  0 users,  load average: 9.00, 5.00, 2.00\nTasks: 90 total\n%Cpu(s): 88.0 us,  9.0 sy,  0.0 ni,  1.0 id,  2.0 wa,  0.0 hi,  0.0 si,  0.0 st\n"
                               "MiB Mem :   8000.0 total,    100.0 free,   7500.0 used,    400.0 buff/cache\nMiB Swap:      0.0 total,      0.0 free,      0.0 used.    300.0 avail Mem\n\n"
                               "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n    955 root      20   0  300000  51200   6364 R  97,0   0.6   3:03.91 python3\n")
    assert only(rows, busy_percent=97.0) and only(rows, one=9.0) and only(rows, kind="ram")["available_bytes"] == 300 * 1024 ** 2
    assert only(rows, pid=955)["cpu_percent"] == 97.0


def test_security_modules_and_fips():
    assert only(read("getenforce", "Enforcing\n"), module="selinux")["mode"] == "enforcing"
    assert only(read("sestatus", "SELinux status:                 enabled\nLoaded policy name:             targeted\nCurrent mode:                   permissive\n"), module="selinux")["mode"] == "permissive"
    assert only(read("sestatus", "SELinux status:                 disabled\n"), module="selinux")["mode"] == "disabled"
    assert only(read("cat /sys/fs/selinux/enforce", "1"), module="selinux")["mode"] == "enforcing"
    rows = read("aa-status", "apparmor module is loaded.\n2 profiles are loaded.\n1 profiles are in enforce mode.\n   /usr/sbin/waagent\n1 profiles are in complain mode.\n   man\n0 processes have profiles defined.\n")
    assert only(rows, profile="/usr/sbin/waagent")["mode"] == "enforcing" and only(rows, enforced=1)["mode"] == "enforcing"
    assert only(read("cat /proc/sys/crypto/fips_enabled", "1\n"), enabled=True)
    assert only(read("fips-mode-setup --check", "FIPS mode is disabled.\n"), enabled=False)


def test_ls_of_several_folders_links_and_what_is_missing():
    rows = read("ls -la /usr/bin/python /etc/azure /nope", """\
ls: cannot access '/nope': No such file or directory
ls: Zugriff auf „/weg“ nicht möglich: Datei oder Verzeichnis nicht gefunden
lrwxrwxrwx. 1 root root 9 Nov 10  2025 /usr/bin/python -> python3.9

/etc/azure:
total 12
drwx------   2 root root 4096 Nov 23 10:00 .
drwxr-xr-x 101 root root 4096 Nov 23 10:00 ..
-rw-r--r--   1 root adm  1,5K 2026-11-23 10:00 vmbackup.conf
-rw-r--r--   1 root adm  12月 3 0 broken
-rwxr-x---   1 root root  120 12月  4  2025 pre script.sh
-????????? ? ?    ?       ?            ? hung
""")
    assert [row.values["path"] for row in rows if row.values["type"] == "missing"] == ["/nope", "/weg"]
    assert only(rows, path="/usr/bin/python")["target"] == "python3.9" and only(rows, path="/usr/bin/python")["type"] == "link"
    conf = only(rows, path="/etc/azure/vmbackup.conf")
    assert (conf["size"], conf["mtime"], conf["owner"], conf["group"], conf["permissions"]) == (1536, 1795428000.0, "root", "adm", "0644")
    assert only(rows, path="/etc/azure/pre script.sh")["mtime"] == 1764806400.0
    assert only(rows, path="/etc/azure")["mtime"] == 1795428000.0
    assert "mtime" not in only(rows, path="/etc/azure/hung")


def test_dates_without_a_year_need_the_time_of_collection():
    text = "-rw-r--r-- 1 root root 5 Dec 24 10:00 a\n"
    assert only(read("ls -l", text), name="a")["mtime"] == 1766570400.0
    assert "mtime" not in only(read("ls -l", text, Clock()), name="a")


def test_find_stat_and_du():
    rows = read("find /var/lib/waagent -ls", "   131081      4 drwx------   9 root     root         4096 Nov 23 10:00 /var/lib/waagent\n   131099     12 -rw-r--r--   1 root     root        12000 Jan  5  2026 /var/lib/waagent/a\\ b\n")
    assert only(rows, path="/var/lib/waagent")["type"] == "folder" and only(rows, size=12000)["mtime"] == 1767571200.0
    text = "  Datei: /tmp\n  Größe: 4096      \tBlöcke: 8          EA Block: 4096   Verzeichnis\nGerät: 8,1\tInode: 12 Verknüpfungen: 9\n"
    text += "Zugriff: (1777/drwxrwxrwt)  Uid: (    0/    root)   Gid: (    0/    root)\nZugriff: 2026-11-24 05:00:00.000000000 +0100\nModifiziert: 2026-11-24 05:00:00.000000000 +0100\n"
    assert only(read("stat /tmp", text), path="/tmp") == {"path": "/tmp", "name": "tmp", "size": 4096, "permissions": "1777", "mode": "drwxrwxrwt", "type": "folder",
                                                          "owner": "root", "group": "root", "atime": 1795492800.0, "mtime": 1795492800.0}
    assert only(read("du -sh /var", "20G\t/var/lib/waagent/history\n"), size=20 * 1024 ** 3)
    assert only(read("du -s /x", "12\t/x\n"), path="/x")["size"] == 12288


@pytest.mark.parametrize(("command", "text"), [
    ("lsblk", "NAME          MAJ:MIN RM  SIZE RO TYPE MOUNTPOINT\nsda             8:0    0   30G  0 disk \n├─sda1          8:1    0  512M  0 part /boot\n└─sda2          8:2    0 29.5G  0 part \n  └─rootvg-root 253:0  0   20G  0 lvm  /\nsr0            11:0    1  628K  0 rom  \n"),
    ("lsblk -P", 'NAME="sda" SIZE="30G" TYPE="disk" MOUNTPOINT="" PKNAME=""\nNAME="sda1" SIZE="512M" TYPE="part" MOUNTPOINT="/boot" PKNAME="sda"\nNAME="sda2" SIZE="29.5G" TYPE="part" MOUNTPOINT="" PKNAME="sda"\n'
                 'NAME="rootvg-root" SIZE="20G" TYPE="lvm" MOUNTPOINT="/" PKNAME="sda2"\nNAME="sr0" SIZE="628K" TYPE="rom" MOUNTPOINT="" PKNAME=""\n'),
    ("lsblk -J", '{"blockdevices": [{"name":"sda","size":"30G","type":"disk","mountpoint":null,"children":[{"name":"sda1","size":"512M","type":"part","mountpoint":"/boot"},'
                 '{"name":"sda2","size":"29.5G","type":"part","mountpoints":[null],"children":[{"name":"rootvg-root","size":"20G","type":"lvm","mountpoints":["/"]}]}]},{"name":"sr0","size":"628K","type":"rom"}]}'),
])
def test_lsblk_in_its_forms(command, text):
    rows = read(command, text)
    assert [(row.values["name"], row.values.get("parent"), row.values.get("mount"), row.values["type"]) for row in rows] == [
        ("sda", None, None, "disk"), ("sda1", "sda", "/boot", "part"), ("sda2", "sda", None, "part"), ("rootvg-root", "sda2", "/", "lvm"), ("sr0", None, None, "rom")]
    assert rows[1].values["size_bytes"] == 512 * 1024 ** 2


def test_rows_of_pretty_printed_json_cite_their_line():
    text = '{\n  "blockdevices": [\n    {"name": "sda",\n     "size": "1G"},\n    {"name": "sdb", "size": "2G"}\n  ]\n}\n'
    assert [row.line for row in read("lsblk -J", text)] == [3, 5]


def test_lsblk_with_file_systems():
    rows = read("lsblk -f", "NAME    FSTYPE LABEL UUID                                 FSAVAIL FSUSE% MOUNTPOINT\nsda                                                                      \n├─sda1  vfat   EFI   7B77-95E7                              95,3M     9% /boot/efi\n"
                            "└─sda2  ext4         3b2f1d0c-0000-4000-8000-000000000001   12.1G    55% /\n")
    assert (only(rows, name="sda2")["fstype"], only(rows, name="sda2")["mount"]) == ("ext4", "/")
    assert only(rows, name="sda1")["label"] == "EFI"


def test_boots_shutdowns_and_crashes():
    rows = read("last -x", "reboot   system boot  5.14.0-999.el9.x Tue Nov 24 04:00   still running\nshutdown system down  5.14.0-999.el9.x Tue Nov 24 03:58 - 04:00  (00:01)\n"
                           "bob      pts/0        10.7.0.9         Mon Nov 23 20:00 - crash  (08:00)\nreboot   system boot  5.14.0-999.el9.x Mon Nov 23 10:00 - 03:58  (17:58)\n\nwtmp begins Mon Nov 23 10:00:00 2026\n")
    assert [(row.values["kind"], row.values.get("when")) for row in rows] == [("boot", 1795492800.0), ("shutdown", 1795492680.0), ("crash", 1795464000.0), ("boot", 1795428000.0)]
    assert only(read("last -xF", "reboot   system boot  5.4.0 Tue Nov 24 04:00:00 2026   still running\n", Clock()), kind="boot")["when"] == 1795492800.0
    assert only(read("uptime -s", "2026-11-24 04:00:00\n"), kind="boot")["when"] == 1795492800.0
    assert only(read("who -b", "         system boot  2026-11-24 04:00\n"), kind="boot")["when"] == 1795492800.0
    rows = read("journalctl --list-boots", "-1 0123456789abcdef0123456789abcdef Mon 2026-11-23 10:00:00 UTC—Tue 2026-11-24 03:58:00 UTC\n 0 1123456789abcdef0123456789abcdef Tue 2026-11-24 04:00:00 UTC—Tue 2026-11-24 06:00:00 UTC\n")
    assert [(row.values["index"], row.values["when"], row.values["until"]) for row in rows] == [(-1, 1795428000.0, 1795492680.0), (0, 1795492800.0, 1795500000.0)]


def test_clocks():
    rows = read("timedatectl", "               Local time: Tue 2026-11-24 07:00:00 CET\n           Universal time: Tue 2026-11-24 06:00:00 UTC\n                Time zone: Europe/Berlin (CET, +0100)\nSystem clock synchronized: no\n              NTP service: active\n")
    assert only(rows, key="zone")["value"] == "Europe/Berlin" and only(rows, key="utc_offset")["value"] == "+0100"
    assert only(rows, key="synchronized")["value"] is False and only(rows, key="now")["value"] == 1795500000.0
    rows = read("chronyc tracking", "Reference ID    : A83F8110 (host)\nSystem time     : 41.000123 seconds slow of NTP time\nLast offset     : -0.000001 seconds\n")
    assert only(rows, key="offset_seconds")["value"] == -41.000123
    assert only(read("timedatectl show", "Timezone=Etc/UTC\nNTPSynchronized=yes\n"), key="zone")["value"] == "Etc/UTC"
    assert only(read("date", "Tue Nov 24 06:00:00 UTC 2026\n"), key="now")["value"] == 1795500000.0
    assert only(read("date +%z", "+0530\n"), key="utc_offset")["value"] == "+0530"


def test_sockets_of_ss_and_netstat():
    rows = read("ss -tunap", "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\ntcp   ESTAB  0      0      10.7.0.4:50000   168.63.129.16:32526 users:((\"python3\",pid=955,fd=7))\nudp   UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\n")
    assert only(rows, pid=955) == {"protocol": "tcp", "local": "10.7.0.4:50000", "remote": "168.63.129.16:32526", "state": "ESTAB", "process": "python3", "pid": 955}
    rows = read("netstat -tnap", "Active Internet connections\nProto Recv-Q Send-Q Local Address Foreign Address State PID/Program name\ntcp        0      1 10.7.0.4:50001  168.63.129.16:80  SYN_SENT    955/python3\n")
    assert only(rows, pid=955)["state"] == "SYN_SENT"


def test_certificates():
    rows = read("openssl x509 -noout -enddate -subject -in /var/lib/waagent/TransportCert.pem", "notAfter=Nov 23 10:00:00 2026 GMT\nsubject=CN = LinuxTransport\n")
    assert only(rows, subject="CN=LinuxTransport")["not_after"] == 1795428000.0
    assert "error" in read("openssl x509 -noout -enddate -in x", "Can't open x for reading, No such file or directory\n")[0].values


def test_names_and_values_of_the_system():
    rows = read("cat /etc/os-release", 'NAME="Example Linux"\nPRETTY_NAME="Example Linux 9"\n# comment\nVERSION_ID=9\n')
    assert only(rows, key="pretty_name")["value"] == "Example Linux 9"
    assert only(read("hostnamectl", "   Static hostname: vm-a\n Operating System: Example Linux 9\n"), key="operating_system")["value"] == "Example Linux 9"


def test_small_answers_of_linux_tools():
    assert only(read("cloud-init status --long", "status: running\nextended_status: running\n"), key="cloud_init_status")["value"] == "running"
    assert only(read("update-crypto-policies --show", "FIPS:OSPP\n"), module="crypto-policy")["mode"] == "fips:ospp"
    rows = read("ntpq -pn", "     remote           refid      st t when poll reach   delay   offset  jitter\n==============\n*168.63.129.16   .PTP.            1 u   33   64  377    0.512  -4100.5   0.041\n")
    assert only(rows, key="offset_seconds")["value"] == -4.1005
    rows = read(["date", "+%Y-%m-%dT%H:%M:%S%z %Z"], "2026-11-24T07:00:00+0100 CET\n")
    assert {row.values["key"]: row.values["value"] for row in rows} == {"now": 1795500000.0, "zone": "CET", "utc_offset": "+0100"}
    rows = read(["dpkg-query", "-W", "-f", "x"], "walinuxagent 2.99-1 install ok installed\nwaagent  unknown ok not-installed\n")
    assert [(row.values["name"], row.values["installed"]) for row in rows] == [("walinuxagent", True), ("waagent", False)]


@pytest.mark.parametrize("command", ["ip -s link", "systemctl list-units --failed", "iptables -t filter -L", "ufw status", "firewall-cmd --state", "ip route get 10.7.0.1"])
def test_a_part_of_the_truth_claims_no_table(command):
    assert recognise(command.split()).tables == ()


@pytest.mark.parametrize("command", ["iptables-save -c", "nft list ruleset", "systemctl list-units --all", "ip addr", "ip route", "df -kPT -x nfs"])
def test_the_whole_truth_claims_its_table(command):
    assert len(recognise(command.split()).tables) == 1


def test_the_clock_is_compared_with_a_server_and_with_the_hardware():
    rows = read("ntpdate -q time.windows.com", "server 10.1.5.9, stratum 3, offset -19800.331120, delay 0.03410\n17 May 07:02:04 ntpdate[9120]: step time server 10.1.5.9 offset -19800.331120 sec\n")
    assert only(rows, key="offset_seconds")["value"] == 19800.33112
    rows = read("timedatectl", "               Local time: Tue 2011-03-01 00:14:11 UTC\n           Universal time: Tue 2011-03-01 00:14:11 UTC\n                 RTC time: Wed 2011-03-02 00:14:11\n")
    assert only(rows, key="rtc_ahead_seconds")["value"] == 86400.0


def test_a_list_whose_header_was_filtered_away_is_read_by_the_columns_that_were_asked_for():
    reader = recognise(["ps", "-eo", "pid,stat,lstart,wchan:26,args"])
    (one,) = reader.read("    961 Dl   Fri Dec  1 00:00:01 2023 rpc_wait_bit_killable      python3 -u bin/WALinuxAgent-2.9.1.1-py3.8.egg -run-exthandlers\n")
    assert (one.values["pid"], one.values["state"], one.values["kind"]) == (961, "Dl", "agent-exthandlers")


@pytest.mark.parametrize(("text", "seconds"), [
    ("Thu May 11 14:05:47 UTC 2023\nDate: Thu, 11 May 2023 11:05:46 GMT\n", 10801), ("< date: Thu, 11 May 2023 11:05:46 GMT\nThu May 11 11:05:40 UTC 2023\nbash: nothing else\n", -6)])
def test_the_date_of_an_answer_beside_that_of_the_machine_tells_how_far_off_it_is(text, seconds):
    rows = recognise(["date", "-u"]).read(text)
    assert [row.values["value"] for row in rows if row.values["key"] == "offset_seconds"] == [seconds]
