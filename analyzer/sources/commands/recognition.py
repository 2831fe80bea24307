"""Which reader understands a command: by program and arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .argv import Command, commands_of, program_of
from .catalogue import reader
from .reader import Reader

Choice = str | None
Words = Sequence[str]


def recognise(argv: Sequence[str]) -> Reader | None:
    """The reader for what a command prints, or None for a program that is not known (or prints a log)."""
    for command in commands_of(argv):
        found = _known(command)
        if found:
            return found
    return None


def _known(command: Command) -> Reader | None:
    program, words = command.argv[0], command.argv[1:]
    choose = _PROGRAMS.get(program)
    if choose is None:
        choose = _VERSIONED if _asks_version(words) else None
    name = choose if isinstance(choose, str) or choose is None else choose(words)
    if not name and program.startswith("python") and _asks_version(words):
        name = "version"
    if not name:
        return None
    return reader(name, command.argv, filtered=command.filtered or _selects(name, words) or _one_table(name, program))


def _asks_version(words: Words) -> bool:
    return any(word.lower() in ("--version", "-version", "version", "-v") for word in words[:3])


def _selects(name: str, words: Words) -> bool:
    """Whether the arguments ask for a part only."""
    if name == "ps":
        return not _all_processes(words)
    if name == "tasklist":
        return any(word.lower() == "/fi" for word in words)
    if name in ("df", "df-inodes"):
        return any(word.startswith("/") for word in words)
    if name == "addresses":
        return any(word in ("dev", "link", "l", "li") or re.fullmatch(r"(?:eth|en|lo|wlan)[\w.]*", word) for word in words)
    if name in ("firewalld", "ufw"):
        return True
    if name == "systemctl-list":
        return any(word.startswith(("--failed", "--state")) for word in words)
    if name == "routes":
        return "get" in words
    return name == "win-disks" and any(word.lower() == "where" for word in words)


_PS_SELECTORS = {"-p", "-C", "-u", "-U", "--pid", "--ppid", "-q", "-g", "--user", "-t"}


def _one_table(name: str, program: str) -> bool:
    """`iptables -L` shows one table of the packet filter; only -save shows all."""
    return name == "iptables" and not program.endswith("-save")


def _all_processes(words: Words) -> bool:
    if any(word in _PS_SELECTORS or word.startswith(("--pid=", "--ppid=")) for word in words):
        return False
    for word in words:
        dashed = word.startswith("-") and not word.startswith("--")
        if dashed and ("e" in word or "A" in word or ("a" in word and "x" in word)):
            return True
        if not word.startswith("-") and re.fullmatch("[a-zA-Z]{2,10}", word) and "a" in word and "x" in word:
            return True
    return not words


_VERSIONED = "version"
_VALUED = {"-p", "--property", "-n", "--lines", "-t", "--type", "-o", "--output"}


def _verb(words: Words) -> str:
    for place, word in enumerate(words):
        if word[:1] not in "-/" and not (place and words[place - 1] in _VALUED):
            return word.lower()
    return ""


def _systemctl(words: Words) -> Choice:
    if "--version" in words:
        return "version"
    verb = _verb(words)
    if verb in ("", "list-units", "list-unit-files", "--failed"):
        return "systemctl-list"
    if verb.startswith("is-"):
        return "systemctl-is"
    return {"status": "systemctl-status", "show": "systemctl-show"}.get(verb)


def _df(words: Words) -> Choice:
    inodes = any(word == "--inodes" or (word.startswith("-") and not word.startswith("--") and "i" in word) for word in words)
    return "df-inodes" if inodes else "df"


def _ip(words: Words) -> Choice:
    verb = next((word for word in words if not word.startswith("-")), "")
    if verb and "address".startswith(verb):
        return "addresses"
    if verb in ("l", "li", "lin", "link"):
        return "addresses"
    return "routes" if verb and "route".startswith(verb) else None


def _netstat(words: Words) -> Choice:
    short = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
    return "routes" if "r" in short or "--route" in words else "sockets"


def _sc(words: Words) -> Choice:
    words = [word for word in words if not word.startswith("\\\\")]
    return "sc" if words and words[0].lower() in ("query", "queryex", "qc") else None


def _net(words: Words) -> Choice:
    return "net" if len(words) > 1 and words[0].lower() in ("start", "continue") else None


def _vssadmin(words: Words) -> Choice:
    what = next((word.lower() for word in words if word.lower() not in ("list", "vssadmin")), "")
    return f"vss-{what}" if what in ("writers", "providers", "shadows", "shadowstorage") else None


def _netsh(words: Words) -> Choice:
    low = [word.lower() for word in words]
    if "winhttp" in low:
        return "winhttp"
    if "interface" in low and "show" in low:
        return "netsh-interface"
    return "netsh-firewall" if "advfirewall" in low else None


_OBJECTS = {
    "win32_service": "get-service", "win32_systemdriver": "get-service", "win32_process": "win32-process", "win32_logicaldisk": "win-disks",
    "win32_volume": "win-disks", "win32_processor": "win-cpu", "win32_operatingsystem": "systeminfo", "win32_computersystem": "systeminfo",
}


def _cim(words: Words) -> Choice:
    low = [word.lower() for word in words]
    return next((name for kind, name in _OBJECTS.items() if any(kind in word.split() for word in low)), None)


def _wmic(words: Words) -> Choice:
    names = {"service": "get-service", "process": "win32-process", "logicaldisk": "win-disks", "volume": "win-disks", "os": "systeminfo",
             "cpu": "win-cpu", "computersystem": "systeminfo"}
    return next((names[word.lower()] for word in words if word.lower() in names), None)


def _path(words: Words) -> Choice:
    for word in words:
        for pattern, name in _PATHS:
            if pattern.search(word.replace("\\", "/")):
                return name
    return None


_PATHS = tuple((re.compile(pattern), name) for pattern, name in (
    (r"^/proc/(?:self/|1/|\d+/)?(?:mounts|mountinfo)$|^/etc/mtab$", "mounts"),
    (r"^/proc/net/route$", "routes"),
    (r"^/proc/meminfo$", "meminfo"),
    (r"^/proc/loadavg$", "loadavg"),
    (r"^/proc/pressure", "pressure"),
    (r"^/proc/uptime$", "boot-time"),
    (r"^/proc/version$", "version"),
    (r"^/proc/sys/crypto/fips_enabled$", "fips"),
    (r"^/sys/fs/selinux/enforce$", "getenforce"),
    (r"(?<!re)lease|^/run/systemd/netif/|^/run/NetworkManager/devices/", "lease"),
    (r"/(?:os|lsb|system|redhat|SuSE|debian)[-_](?:release|version)$", "system-pairs"),
))


def _journalctl(words: Words) -> Choice:
    return "list-boots" if "--list-boots" in words else None


def _openssl(words: Words) -> Choice:
    return "x509" if "x509" in words else "version" if "version" in words or "-v" in words else None


def _who(words: Words) -> Choice:
    return "boot-time" if any(word.startswith("-") and "b" in word for word in words) else None


def _uptime(words: Words) -> Choice:
    return "boot-time" if "-s" in words or "--since" in words else "uptime"


def _rpm(words: Words) -> Choice:
    if "--version" in words:
        return "version"
    return "packages" if any(word.startswith(("-q", "--query")) for word in words) else None


def _dpkg(words: Words) -> Choice:
    if "--version" in words:
        return "version"
    return "packages" if any(word in ("-l", "--list", "-W", "--show", "-s") or word.startswith("-W") for word in words) else None


def _package_manager(words: Words) -> Choice:
    if any(word in ("list", "search", "se", "info", "policy") for word in words[:3]):
        return "packages"
    return "version" if _asks_version(words) else None


def _nft(words: Words) -> Choice:
    return "version" if "--version" in words or "-v" in words else "nft"


def _iptables(words: Words) -> Choice:
    return "version" if "--version" in words or "-V" in words else "iptables"


def _waagent(words: Words) -> Choice:
    asked = {word.strip("-/").lower() for word in words}
    return "version" if "version" in asked else "agent-conf" if "show-configuration" in asked else None


def _chronyc(words: Words) -> Choice:
    return "timedatectl" if "tracking" in words else None


def _children(words: Words) -> Choice:
    return "x509" if any(word.lower().startswith("cert:") for word in words) else _properties(words) or "dir"


def _cloud_init(words: Words) -> Choice:
    return "cloud-init" if "status" in words else "version" if _asks_version(words) else None


def _crypto_policies(words: Words) -> Choice:
    return "crypto-policy" if "--show" in words else None


def _certutil(words: Words) -> Choice:
    return "x509" if any(word.lower().strip("-/") == "store" for word in words) else None


def _fsutil(words: Words) -> Choice:
    return "fsutil" if "diskfree" in [word.lower() for word in words] else None


def _route(words: Words) -> Choice:
    return "routes" if not any(word.lower() in ("add", "delete", "del", "change") for word in words) else None


def _registry(words: Words) -> Choice:
    return "reg" if words and words[0].lower() in ("query", "export") else None


def _properties(words: Words) -> Choice:
    return "properties" if any(re.match(r"(?i)(?:Registry::|HK\w{1,3}:)", word) for word in words) else None


def _status(words: Words) -> Choice:
    return "service" if words else None


def _ufw(words: Words) -> Choice:
    return "ufw" if "status" in words else None


def _nmcli(words: Words) -> Choice:
    return "lease" if any(word.startswith(("d", "con")) for word in words) and "show" in words else None


_PROGRAMS: dict[str, str | Callable[[Words], Choice]] = {
    "ps": "ps", "top": "top", "tasklist": "tasklist", "get-process": "win32-process", "gps": "win32-process", "pgrep": "",
    "df": _df, "get-volume": "win-disks", "get-psdrive": "win-disks", "fsutil": _fsutil,
    "mount": "mounts", "findmnt": "mounts", "lsblk": "lsblk",
    "ip": _ip, "ifconfig": "addresses", "ipconfig": "ipconfig", "route": _route, "netstat": _netstat, "ss": "sockets",
    "systemctl": _systemctl, "service": _status, "rc-service": _status, "initctl": _status, "status": _status, "rc-status": "service",
    "chkconfig": "chkconfig", "sc": _sc, "get-service": "get-service", "gsv": "get-service",
    "get-ciminstance": _cim, "get-wmiobject": _cim, "gcim": _cim, "gwmi": _cim, "wmic": _wmic,
    "iptables": _iptables, "ip6tables": _iptables, "iptables-save": "iptables", "ip6tables-save": "iptables", "iptables-nft-save": "iptables",
    "iptables-legacy-save": "iptables", "iptables-legacy": _iptables, "iptables-nft": _iptables, "nft": _nft, "firewall-cmd": "firewalld",
    "ufw": _ufw,
    "netsh": _netsh, "waagent": _waagent, "waagent2.0": _waagent, "uname": "version", "openssl": _openssl, "sw_vers": "version",
    "rpm": _rpm, "dpkg": _dpkg, "dpkg-query": _dpkg, "apt": _package_manager, "apt-cache": _package_manager, "dnf": _package_manager,
    "tdnf": _package_manager,
    "yum": _package_manager, "zypper": _package_manager, "apk": _package_manager, "pkg": _package_manager,
    "free": "free", "uptime": _uptime, "nproc": "nproc", "vmstat": "vmstat", "sar": "sar", "mpstat": "sar", "iostat": "sar", "typeperf": "typeperf",
    "getenforce": "getenforce", "sestatus": "getenforce", "aa-status": "apparmor", "apparmor_status": "apparmor", "fips-mode-setup": "fips",
    "ls": "ls", "ll": "ls", "find": "find", "stat": "stat", "du": "du", "dir": "dir", "get-childitem": _children, "gci": _children, "vdir": "ls",
    "last": "last", "who": _who, "journalctl": _journalctl, "timedatectl": "timedatectl", "chronyc": _chronyc, "date": "date", "get-date": "date",
    "w32tm": "w32tm", "ntpq": "ntpq", "ntpdate": "ntpdate", "sntp": "ntpdate", "certutil": _certutil, "cloud-init": _cloud_init, "ver": "version",
    "update-crypto-policies": _crypto_policies, "get-netfirewallrule": "win-rules",
    "net": _net, "net1": _net, "get-netadapter": "net-adapter",
    "test-netconnection": "nettest", "tnc": "nettest", "nslookup": "nettest", "resolve-dnsname": "nettest", "curl": "nettest",
    "ping": "nettest", "telnet": "nettest", "psping": "nettest", "tcping": "nettest",
    "vssadmin": _vssadmin, "systeminfo": "systeminfo", "hostnamectl": "system-pairs", "lsb_release": "system-pairs", "reg": _registry,
    "get-itemproperty": _properties, "gp": _properties, "get-itempropertyvalue": _properties, "gpv": _properties,
    "get-item": _properties, "gi": _properties,
    "invoke-webrequest": "web-request", "iwr": "web-request", "invoke-restmethod": "web-request", "irm": "web-request",
    "nmcli": _nmcli,
    "cat": _path, "head": _path, "tail": _path, "type": _path, "get-content": _path, "gc": _path, "grep": _path, "more": _path,
}


def is_program(word: str) -> bool:
    """Whether a word names a program with a reader, whatever its arguments."""
    return program_of(word) in _PROGRAMS
