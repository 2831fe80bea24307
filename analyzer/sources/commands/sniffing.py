"""Which command printed a text: by headers and shapes, for evidence without a manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .catalogue import reader
from .nettests import MARKS
from .processes import header_of, headerless
from .reader import Reader
from .sessions import is_session
from .text import PROMPT, Line, clean
from .webrequests import MARK

_HEAD = 16_000
_LINES = 60
_LOG_LINE = re.compile(r"\[?\s{0,6}(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d|\d+\.\d{6}\]|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\[\d{8}\])")
_GUID = r"\{[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\}"
_DOTTED = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"


def sniff(text: str) -> Reader | None:
    """The reader whose command prints such a text, or None."""
    head = text[:_HEAD]
    if "\0" in head[:200] and not head[:200].replace("\0", "").isprintable() and head.count("\0") * 3 < len(head):
        return None
    lines = [Line(number, clean(line[:2000])) for number, line in enumerate(head.split("\n")[:_LINES], 1)]
    told = [line for line in lines if line.text.strip()]
    if not told:
        return None
    log = _log(told)
    for name, test in _TESTS:
        if (not log or name in ("systemctl-status", "session")) and test(told):
            return reader(name, filtered=name == "ps" and _partial(told))
    return None


def _partial(lines: Sequence[Line]) -> bool:
    """Without a header, or without the first process, a list was filtered."""
    if not any(header_of(line.text) for line in lines):
        return True
    rows = [line.text.split() for line in lines if not header_of(line.text)]
    return not any("1" in words[:3] for words in rows)


def _some(pattern: str, least: int = 1, flags: int = 0) -> Callable[[Sequence[Line]], bool]:
    compiled = re.compile(pattern, flags)

    def test(lines: Sequence[Line]) -> bool:
        found = 0
        for line in lines:
            if compiled.match(line.text):
                found += 1
                if found >= least:
                    return True
        return False

    return test


def _first(pattern: str, flags: int = 0) -> Callable[[Sequence[Line]], bool]:
    compiled = re.compile(pattern, flags)
    return lambda lines: compiled.match(lines[0].text) is not None


def _most(pattern: str, least: float = 0.5) -> Callable[[Sequence[Line]], bool]:
    compiled = re.compile(pattern)
    return lambda lines: sum(compiled.match(line.text) is not None for line in lines) > least * len(lines)


def _ps(lines: Sequence[Line]) -> bool:
    if any(header_of(line.text) for line in lines[:12]):
        return True
    return sum(headerless(line.text) is not None for line in lines) * 3 >= len(lines)


def _log(lines: Sequence[Line]) -> bool:
    stamped = sum(_LOG_LINE.match(line.text) is not None for line in lines)
    return stamped * 2 > len(lines) or stamped >= 4


def _df(inodes: bool) -> Callable[[Sequence[Line]], bool]:
    from .filesystems import _INODES, _is_header, _percent_place

    def test(lines: Sequence[Line]) -> bool:
        heads = [line for line in lines[:10] if _is_header(line.text) and len(line.text.split()) >= 5]
        rows = sum(_percent_place(line.text.split(None, 40)) is not None for line in lines)
        return bool(heads) and rows > 0 and bool(_INODES.search(heads[0].text)) == inodes

    return test


def _writers(lines: Sequence[Line]) -> bool:
    guids = sum(re.search(_GUID, line.text) is not None for line in lines)
    states = sum(re.search(r"[:：] ?\[\d{1,2}\] ?\S", line.text) is not None for line in lines)
    return guids >= 2 and states >= 1


def _shadows(lines: Sequence[Line]) -> bool:
    return any("HarddiskVolumeShadowCopy" in line.text for line in lines) and any(re.search(_GUID, line.text) for line in lines)


def _storage(lines: Sequence[Line]) -> bool:
    volumes = sum(re.search(r"\(\w:\)\\\\\?\\Volume\{", line.text) is not None for line in lines)
    amounts = sum(re.search(r"[:：] ?(?:[\d.,]{1,12}\s?(?:[KMGT]?[Bo]|bytes)|UNBOUNDED)", line.text) is not None for line in lines)
    return volumes >= 2 and amounts >= 2


def _providers(lines: Sequence[Line]) -> bool:
    guids = sum(re.search(_GUID, line.text) is not None for line in lines)
    versions = sum(re.search(r"[:：] ?\d{1,4}\.\d{1,5}\.\d{1,5}\.\d{1,6}$", line.text) is not None for line in lines)
    return guids >= 1 and versions >= 1 and guids <= versions + 1


_MOUNTS = _most(r"\d+ \d+ \d+:\d+ /\S* /\S* |\S+ (?:on|auf|sur) /.{0,400} (?:type|Typ) \S+ \(|\S+ /\S* [a-z][\w.-]+ r[ow][,\w=./:-]* \d \d$")


def _fstab(lines: Sequence[Line]) -> bool:
    """What shall be mounted looks like what is mounted."""
    return any(line.text.startswith(("#", "UUID=", "LABEL=", "PARTUUID=")) or " defaults" in line.text[:400] for line in lines)


_TESTS: tuple[tuple[str, Callable[[Sequence[Line]], bool]], ...] = (
    ("typeperf", _first(r'\s{0,4}"?\(PDH-CSV ')),
    ("transcript", lambda lines: any(PROMPT.match(line.text[:700]) for line in lines)),
    ("session", is_session),
    ("systemctl-status", _some(r"[●○×↻*] [\w@:.\\-]+\.(?:service|socket|timer|slice|target|mount)(?: - |$)")),
    ("systemctl-status", lambda lines: any(line.text.lstrip().startswith("Loaded: ") for line in lines[:8]) and any(
        line.text.lstrip().startswith("Active: ") for line in lines[:12])),
    ("systemctl-list", _first(r"\s*UNIT\s+LOAD\s+ACTIVE\s+SUB|UNIT FILE\s+STATE")),
    ("systemctl-show", lambda lines: _some(r"(?:LoadState|ActiveState|SubState|UnitFileState|MainPID)=", 2)(lines)),
    ("iptables", _some(r"Chain \S+ \((?:policy \w+|\d+ references)|-[PA] (?:INPUT|OUTPUT|FORWARD) |\*(?:filter|nat|security|mangle|raw)$")),
    ("nft", _some(r"table (?:ip|ip6|inet|arp|bridge|netdev) \S+ \{")),
    ("top", _first(r"top - \d\d:\d\d:\d\d up ")),
    ("sar", _some(r"\S.{0,12}\s+CPU\s+.{0,40}%(?:user|usr)\s")),
    ("vss-writers", _writers),
    ("vss-writers", lambda lines: lines[0].text.startswith("vssadmin 1.1") and any(line.text.startswith("Waiting for responses") for line in lines)),
    ("vss-shadows", _shadows),
    ("vss-shadowstorage", _storage),
    ("vss-providers", _providers),
    ("version", _some(r"WALinuxAgent-\d\S* running on \S|Goal state agent: \d")),
    ("ps", _ps),
    ("df-inodes", _df(True)),
    ("df", _df(False)),
    ("lsblk", _first(r"NAME\s.*(?:MAJ:MIN|FSTYPE|MOUNTPOINT)|NAME=\"[^\"]+\" |\{\s*\"?blockdevices")),
    ("mounts", lambda lines: not _fstab(lines) and _MOUNTS(lines)),
    ("mounts", _first(r"TARGET\s+SOURCE\s+FSTYPE|TARGET=\"/")),
    ("mounts", lambda lines: lines[0].text.strip() == "{" and len(lines) > 1 and '"filesystems"' in lines[1].text),
    ("addresses", lambda lines: _first(r"[\w.@-]+\s+(?:UP|DOWN|UNKNOWN)\s")(lines) and _most(r"[\w.@-]+\s+(?:UP|DOWN|UNKNOWN)(?:\s|$)")(lines)),
    ("addresses", _first(r"\[\s*\{\s*\"ifindex\"")),
    ("du", _most(r"\d[\d.,]*[KMGT]?\t\.?/", 0.8)),
    ("find", _most(r"\s*\d+\s+\d+ [-dlcbps][-rwxsStT]{9}\s+\d+ \S+\s+\S+\s+\d+ .*/", 0.8)),
    ("addresses", _some(r"\d{1,4}: [\w.@:-]+: <[\w,-]+> mtu |\d{1,4}: \w+\s+inet6? [\d.:a-f]+/|[\w.:-]+\s+Link encap:|[\w.-]+: flags=\d+<")),
    ("routes", _first(rf"Kernel IP routing table|Iface\s+Destination\s+Gateway|(?:default|{_DOTTED}(?:/\d+)?) (?:via|dev) |Routing tables")),
    ("routes", _some(rf"\s+0\.0\.0\.0\s+0\.0\.0\.0\s+{_DOTTED}\s+{_DOTTED}\s+\d+$|\s+127\.0\.0\.0\s+255\.0\.0\.0\s")),
    ("sc", lambda lines: _some(r"SERVICE_NAME: |\[SC\] ")(lines) or _some(r"\s+\S[^:]{2,30}\s+: [1-7]\s+(?:RUNNING|STOPPED|\w+_PENDING)")(lines)),
    ("ipconfig", lambda lines: _some(r"\s+\S[^:]{0,60}?[ .]{4,40}: ", 3)(lines) and not _some(r"\S.{0,40}: +\d{1,2} ")(lines[:1])),
    ("sockets", _first(r"(?:Netid\s+)?State\s+Recv-Q\s+Send-Q|Active Internet connections|Netid ")),
    ("free", lambda lines: ("free" in lines[0].text.lower() and _some(r"\S{2,12}[:：]\s+\d+\S*\s+\d+\S*\s+\d")(lines)) or _some(
        r"Mem:\s+\d+\S*\s+\d+\S*\s+\d")(lines)),
    ("meminfo", _some(r"MemTotal:\s+\d+ kB")),
    ("pressure", _some(r"(?:some|full) avg10=\d+\.\d+ avg60=")),
    ("vmstat", _first(r"procs -+.*memory")),
    ("uptime", _first(r" ?\d\d:\d\d(?::\d\d)?\s+up .{1,60}load averages?: ")),
    ("systeminfo", lambda lines: _some(r"\S[^:：]{1,60}[:：]\s{2,}Microsoft Windows ")(lines) and _some(
        r"\S[^:：]{1,60}[:：]\s{1,}\d[\d.,\u00a0\u202f ]{0,14}\s?(?:MB|Mo|МБ)$", 2)(lines)),
    ("get-service", _first(r"Status\s+Name\s+DisplayName|(?=.*\bState\b).*\bStartMode\b|.*\bStartType\b")),
    ("get-service", lambda lines: _some(r"[ \t]*\"?(?:StartMode|StartType)\"?\s*[:=]")(lines) and _some(
        r"[ \t]*\"?(?:State|Status)\"?\s*[:=]")(lines)),
    ("tasklist", _some(r"={10,} =+ |\"[^\"]+\.exe\",\"\d+\"", flags=re.IGNORECASE)),
    ("reg", _some(r"HKEY_(?:LOCAL_MACHINE|USERS|CURRENT_USER|CLASSES_ROOT)\\.*$|Windows Registry Editor Version")),
    ("winhttp", _some(r".*\bWinHTTP\b")),
    ("packages", _some(r"\|\| ?/ Name|\|/ Status=")),
    ("packages", _most(r"[a-z][\w.+-]+-\d[\w.~^+:]*-[\w.~^+]+\.(?:x86_64|noarch|aarch64|i686)(?:\s|$)", 0.6)),
    ("ls", _most(r"(?:total|insgesamt|合計|总用量|itogo) \d|[-dlcbps?][-rwxsStT?]{9}[.+@]?\s+|\S*/\S*:$|ls: ", 0.6)),
    ("timedatectl", _some(r"\s*(?:Local time|Universal time|NTPSynchronized=|System clock synchronized|Reference ID\s+:|Leap status\s+:)")),
    ("stat", _some(r"\s*\S+: \((\d{4})/[-dlcbps][-rwxsStT]{9}\)")),
    ("last", _some(r"(?:reboot\s+system boot|shutdown\s+system down|wtmp begins)")),
    ("list-boots", _first(r"IDX\s+BOOT ID|\s*-?\d+ [\da-f]{32} ")),
    ("system-pairs", _first(r"\s*Static hostname: |(?:NAME|PRETTY_NAME|ID)=\"?\w")),
    ("getenforce", _first(r"(?:Enforcing|Permissive|Disabled)$|SELinux status:")),
    ("apparmor", _first(r"apparmor module is (?:not )?loaded")),
    ("lease", _some(r"lease \{|# This is private data. Do not parse|\s*option dhcp-lease-time")),
    ("ufw", _first(r"Status: (?:active|inactive)$")),
    ("probe", lambda lines: lines[0].text.lstrip().startswith("{") and any('"probe"' in line.text for line in lines)),
    ("boot-time", _first(r"\s+system boot ")),
    ("version", _first(r"(?:Linux \S+ \d\S+ #?\d*|OpenSSL \d|Python \d\.\d+(?:\.\d+)?$)")),
    ("x509", _some(r"notAfter=")),
    ("properties", _some(r"PSPath\s{1,20}: Microsoft\.PowerShell\.Core\\Registry::|\s{4}\S{3,20}: HKEY_[A-Z_]{5,30}\\")),
    ("web-request", lambda lines: any(MARK.match(line.text[:300]) for line in lines)),
    ("nettest", lambda lines: any(MARKS.match(line.text[:600]) for line in lines)),
)
