"""All readers by name: the tables each fills whole, and where its function lives."""

from __future__ import annotations

from collections.abc import Sequence

from .reader import Reader

_READERS: dict[str, tuple[tuple[str, ...], str]] = {
    "ps": (("processes",), "processes:read_ps"),
    "top": (("load", "cpu", "memory"), "processes:read_top"),
    "tasklist": (("processes",), "tasklist:read_tasklist"),
    "win32-process": (("processes",), "tasklist:read_objects"),
    "df": (("disk",), "filesystems:read_df"),
    "df-inodes": (("inodes",), "filesystems:read_df"),
    "win-disks": (("disk",), "filesystems:read_wmic_disk"),
    "fsutil": (("disk",), "filesystems:read_fsutil"),
    "mounts": (("mounts",), "mounts:read_mounts"),
    "addresses": (("addresses",), "addresses:read_addresses"),
    "ipconfig": (("addresses",), "ipconfig:read_ipconfig"),
    "routes": (("routes",), "routes:read_routes"),
    "sockets": (("sockets",), "sockets:read_sockets"),
    "systemctl-status": (("services",), "systemd:read_status"),
    "systemctl-show": (("services",), "systemd:read_show"),
    "systemctl-list": (("services",), "systemd:read_list"),
    "systemctl-is": (("services",), "systemd:read_is"),
    "service": (("services",), "initservices:read_service"),
    "chkconfig": (("services",), "initservices:read_chkconfig"),
    "sc": (("services",), "winservices:read_sc"),
    "get-service": (("services",), "winservices:read_get_service"),
    "iptables": (("firewall",), "iptables:read_iptables"),
    "nft": (("firewall",), "firewalls:read_nft"),
    "firewalld": (("firewall",), "firewalls:read_firewalld"),
    "ufw": (("firewall",), "firewalls:read_ufw"),
    "netsh-firewall": (("firewall",), "firewalls:read_netsh"),
    "win-rules": (("firewall",), "firewalls:read_rules"),
    "version": (("versions",), "versions:read_versions"),
    "packages": (("packages",), "versions:read_packages"),
    "free": (("memory",), "memory:read_free"),
    "meminfo": (("memory",), "memory:read_meminfo"),
    "uptime": (("load",), "load:read_uptime"),
    "loadavg": (("load",), "load:read_loadavg"),
    "nproc": (("load",), "load:read_nproc"),
    "vmstat": (("cpu",), "load:read_vmstat"),
    "sar": (("cpu",), "load:read_sar"),
    "win-cpu": (("cpu",), "load:read_win_cpu"),
    "typeperf": (("cpu",), "load:read_typeperf"),
    "pressure": (("pressure",), "load:read_pressure"),
    "getenforce": (("security",), "security:read_selinux"),
    "apparmor": (("security",), "security:read_apparmor"),
    "crypto-policy": (("security",), "security:read_crypto_policy"),
    "fips": (("fips",), "security:read_fips"),
    "ls": (("files",), "listings:read_ls"),
    "find": (("files",), "finds:read_find"),
    "stat": (("files",), "finds:read_stat"),
    "du": (("files",), "finds:read_du"),
    "dir": (("files",), "finds:read_dir"),
    "lsblk": (("block",), "block:read_lsblk"),
    "last": (("boots",), "boots:read_last"),
    "boot-time": (("boots",), "boots:read_boot_time"),
    "list-boots": (("boots",), "boots:read_list_boots"),
    "timedatectl": (("clock",), "timekeeping:read_pairs"),
    "ntpq": (("clock",), "timekeeping:read_ntpq"),
    "date": (("clock",), "timekeeping:read_date"),
    "w32tm": (("clock",), "timekeeping:read_pairs"),
    "lease": (("leases",), "leases:read_leases"),
    "probe": (("probes",), "probes:read_probes"),
    "nettest": ((), "nettests:read_nettests"),
    "transcript": ((), "transcript:read_transcript"),
    "vss-writers": (("writers",), "vss:read_writers"),
    "vss-providers": (("providers",), "vss:read_providers"),
    "vss-shadows": (("shadows",), "vss:read_shadows"),
    "vss-shadowstorage": (("shadowstorage",), "vss:read_shadowstorage"),
    "winhttp": (("winproxy",), "windows:read_winhttp"),
    "systeminfo": (("system",), "windows:read_systeminfo"),
    "cloud-init": (("system",), "windows:read_cloud_init"),
    "system-pairs": (("system",), "windows:read_pairs"),
    "reg": (("registry",), "registry:read_reg"),
    "x509": (("certificates",), "certificates:read_x509"),
}
_ALSO = {"top": ("processes",), "df": ("inodes",), "df-inodes": ("disk",), "systemctl-status": ("processes",), "service": ("processes",),
         "systeminfo": ("memory", "boots"), "sar": ("load",), "nettest": ("probes",)}


def reader(name: str, argv: Sequence[str] = (), *, filtered: bool = False) -> Reader:
    """The reader of that name for that command; a filtered output fills no table whole."""
    tables, place = _READERS[name]
    return Reader(name, () if filtered else tables, (*tables, *_ALSO.get(name, ())), place, tuple(argv))
