"""Commands by the names of the files that collectors keep their output in."""

from __future__ import annotations

import re

# sosreport's links in its root folder, and what other collectors call the same thing.
_NAMES = {
    "ps": "ps auxwwwm", "df": "df -al", "mount": "mount", "free": "free", "ip_addr": "ip -o addr", "ip_route": "ip route", "route": "route -n",
    "lsblk": "lsblk", "dmesg": "dmesg", "uname": "uname -a", "uptime": "uptime", "last": "last", "date": "date", "hostname": "hostname",
    "ifconfig": "ifconfig -a", "netstat": "netstat -W -neopa", "lsmod": "lsmod", "lspci": "lspci", "installed-rpms": "rpm -qa",
    "installed-debs": "dpkg -l", "chkconfig": "chkconfig --list", "vgdisplay": "vgdisplay", "pstree": "pstree", "lsof": "lsof",
    "findmnt": "findmnt", "diskinfo": "df -h", "top": "top -b -n 1", "iptables": "iptables -vnxL", "nproc": "nproc", "vmstat": "vmstat",
    "meminfo": "cat /proc/meminfo", "mountinfo": "cat /proc/self/mountinfo", "loadavg": "cat /proc/loadavg", "mounts": "cat /proc/mounts",
    "proc_mounts": "cat /proc/mounts", "ipconfig": "ipconfig /all", "systeminfo": "systeminfo", "tasklist": "tasklist", "services": "sc query",
    "getenforce": "getenforce", "sestatus": "sestatus", "ss": "ss -peaonmi", "timedatectl": "timedatectl", "hostnamectl": "hostnamectl",
    "routeprint": "route print", "winhttpproxy": "netsh winhttp show proxy", "vsswriters": "vssadmin list writers",
}
_SUFFIX = re.compile(r"\.(?:txt|log|out|stdout|output|json|csv|cmd)$", re.IGNORECASE)
_SOS = re.compile(r"(?:^|/)(?:sos_commands|commands|cmds|command_output|command-output|outputs?)/(?:.*/)?([^/]+)$")
_KERNEL = re.compile(
    r"(?:^|/)(proc/(?:self/|1/|\d{1,7}/)?(?:mounts|mountinfo|meminfo|loadavg|uptime|net/route|pressure/\w+|sys/crypto/fips_enabled|version)"
    r"|sys/fs/selinux/enforce|etc/(?:os|lsb|redhat|system|SuSE)-(?:release|version)|etc/mtab)$")
_JOINED = re.compile(r"[_ ]+")
# What may stand behind these programs in a file's name; None: anything, but something must.
_VERBS: dict[str, tuple[str, ...] | None] = {
    "systemctl": ("status", "show", "list", "is"), "vssadmin": ("list",), "waagent": ("version", "--version"), "sc": ("query", "queryex", "qc"),
    "ip": ("addr", "address", "a", "route", "r", "-d", "-4", "-6", "-o", "-s", "-j", "link"), "netsh": ("winhttp", "advfirewall"),
    "reg": ("query",), "python3": ("--version", "version"), "python": ("--version", "version"), "openssl": ("version", "x509"),
    "fsutil": ("volume",), "find": ("-", "/", "."), "type": ("-",), "cat": None, "date": None, "who": None, "journalctl": None, "service": None,
    "status": None,
}


def guess_argv(path: str) -> list[str] | None:
    """The command behind a file name of a sosreport, a log collector or a hand-made archive; None if the name says nothing.

    >>> guess_argv("sosreport-vm1/sos_commands/filesys/df_-al_-x_autofs")
    ['df', '-al', '-x', 'autofs']
    >>> guess_argv("case 42/systemctl_status_walinuxagent.txt"), guess_argv("var/log/waagent.log")
    (['systemctl', 'status', 'walinuxagent'], None)
    """
    path = path.replace("\\", "/")[-1000:]
    kernel = _KERNEL.search(path)
    if kernel:
        return ["cat", "/" + kernel.group(1)]
    if re.search(r"(?:^|/)(?:var/log|WindowsAzure/Logs|Packages/Plugins|usr|bin|sbin|lib)/", path) and "sos_commands/" not in path:
        return None
    name = path.rpartition("/")[2]
    bare = _SUFFIX.sub("", name)
    whole = _NAMES.get(bare.lower()) or _NAMES.get(name.lower())
    if _etc(path):
        return None
    if whole:
        return whole.split()
    return _spelled(bare, bool(_SOS.search(path)))


def _etc(path: str) -> bool:
    return "/etc/" in f"/{path}" or "/opt/" in f"/{path}" or "/proc/" in f"/{path}"


def _spelled(bare: str, collected: bool) -> list[str] | None:
    """A file name that is the command itself with `_` for blanks and `.` for slashes."""
    from .recognition import is_program

    kernel = re.fullmatch(r"(?:cat_)?\.?((?:proc|sys)[_.].{1,80})", bare)
    if kernel:
        words = re.sub(r"[_.]", "/", kernel.group(1)).replace("fips/enabled", "fips_enabled")
        return ["cat", "/" + words]
    parts = [part for part in _JOINED.split(bare) if part][:40]
    if len(parts) == 1 and "-" in bare and not collected:
        parts = [part for part in bare.split("-") if part]
    if not parts or (not is_program(parts[0]) and parts[0].lower() not in ("python3", "python", "dmesg", "journalctl")):
        return None
    program, rest = parts[0], parts[1:]
    verbs = _VERBS.get(program.lower(), ())
    if verbs is None:
        rest_known = collected or bool(rest)
    else:
        rest_known = collected or not verbs or bool(rest and rest[0].lower().startswith(verbs))
    if not rest_known:
        return None
    if program in ("waagent", "python", "python3") and rest[:1] == ["version"]:
        rest = ["--version"]
    return [program, *(_slashed(part) for part in rest)]


def _slashed(part: str) -> str:
    """`.var.log` is how sosreport writes /var/log."""
    return part.replace(".", "/") if re.match(r"\.[A-Za-z]", part) else part
