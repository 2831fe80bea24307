"""Which logical source an event belongs to, and one spelling for each provider.

A channel's file is named after it, `/` written as `%4`. Exports name the channel or only the provider; the spelling of
providers varies with the version of Windows (`USER32`, `User32`; `volsnap`, `Volsnap`) and Event Viewer drops the prefix
`Microsoft-Windows-`.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from urllib.parse import unquote

SOURCES = ("event-system", "event-application", "event-azure", "event-volsnap", "event-dhcp", "event-policy", "event-antivirus", "event-other")

_CHANNELS: tuple[tuple[str, str], ...] = (
    (r"system", "event-system"), (r"application", "event-application"), (r"(?:microsoft-)?windows-?azure.*|windows azure", "event-azure"),
    (r"microsoft-windows-volumesnapshot-driver/.*", "event-volsnap"), (r"microsoft-windows-dhcp.*", "event-dhcp"),
    (r"microsoft-windows-(?:applocker|codeintegrity)/.*", "event-policy"), (r"microsoft-windows-windows defender/.*", "event-antivirus"),
)
_OF_CHANNEL = tuple((re.compile(pattern, re.IGNORECASE), source) for pattern, source in _CHANNELS)

_SYSTEM = ("Service Control Manager", "EventLog", "User32", "volsnap", "disk", "Ntfs", "storvsc", "stornvme", "vhdmp", "Schannel", "Tcpip", "BugCheck", "Dhcp-Client",
           "srv", "Microsoft-Windows-Kernel-General", "Microsoft-Windows-Kernel-Power", "Microsoft-Windows-Kernel-Boot", "Microsoft-Windows-Dhcp-Client",
           "Microsoft-Windows-DNS-Client", "Microsoft-Windows-Time-Service", "Microsoft-Windows-Resource-Exhaustion-Detector", "Microsoft-Windows-DistributedCOM",
           "Microsoft-Windows-WindowsUpdateClient", "Microsoft-Windows-WER-SystemErrorReporting", "Microsoft-Windows-Winlogon", "Microsoft-Windows-Ntfs",
           "Microsoft-Windows-BitLocker-Driver", "Microsoft-Windows-Hyper-V-Netvsc", "Application Popup")
_APPLICATION = ("VSS", ".NET Runtime", "Application Error", "Application Hang", "Windows Error Reporting", "MsiInstaller", "SQLWRITER", "SQLVDI", "MSSQLSERVER", "ESENT",
                "MSDTC", "MSDTC Client 2", "EventSystem", "Microsoft-Windows-EventSystem", "Complus", "COM+", "Microsoft-Windows-Backup", "Microsoft-Windows-CAPI2",
                "System Restore", "SideBySide", "MSExchangeRepl")
_PROVIDERS = {name.lower(): (name, source) for names, source in ((_SYSTEM, "event-system"), (_APPLICATION, "event-application")) for name in names}
_PROVIDERS |= {
    "microsoft-windows-applocker": ("Microsoft-Windows-AppLocker", "event-policy"),
    "microsoft-windows-codeintegrity": ("Microsoft-Windows-CodeIntegrity", "event-policy"),
    "microsoft-windows-windows defender": ("Microsoft-Windows-Windows Defender", "event-antivirus"),
    "microsoft-windows-volumesnapshot-driver": ("Microsoft-Windows-VolumeSnapshot-Driver", "event-volsnap"),
    "microsoft-windows-user32": ("User32", "event-system"), "microsoft-windows-eventlog": ("EventLog", "event-system"),
    "microsoft-windows-ntfs": ("Ntfs", "event-system"), "dhcp": ("Microsoft-Windows-Dhcp-Client", "event-system"),
    "dcom": ("Microsoft-Windows-DistributedCOM", "event-system"), "time-service": ("Microsoft-Windows-Time-Service", "event-system"),
    "w32time": ("Microsoft-Windows-Time-Service", "event-system"), "windows azure guest agent": ("WindowsAzureGuestAgent", "event-azure"),
    "volume shadow copy service": ("VSS", "event-application"), "scm": ("Service Control Manager", "event-system"),
}

# Events whose number tells the provider when an export leaves it out.
_BY_ID = {
    **dict.fromkeys((8193, 8194, 8220, 8224, 8229, 12288, 12289, 12290, 12291, 12292, 12293, 12294, 12296, 12297, 12298, 12301, 12302, 12305, 12310, 12312, 12340, 12341,
                     12346, 12348, 12349, 12366), "VSS"),
    **dict.fromkeys((7000, 7001, 7003, 7009, 7011, 7022, 7023, 7024, 7030, 7031, 7032, 7034, 7036, 7038, 7040, 7041, 7043, 7045), "Service Control Manager"),
    **dict.fromkeys((6005, 6006, 6008, 6009, 6013), "EventLog"), **dict.fromkeys((1023, 1025, 1026), ".NET Runtime"), 1074: "User32", 1076: "User32",
    2004: "Microsoft-Windows-Resource-Exhaustion-Detector", 24583: "SQLWRITER", **dict.fromkeys((18210, 18204, 3041, 3197, 3198), "MSSQLSERVER"),
    **dict.fromkeys((36870, 36871, 36874, 36882, 36887, 36888), "Schannel"), 1014: "Microsoft-Windows-DNS-Client", **dict.fromkeys((10005, 10010), "Microsoft-Windows-DistributedCOM"),
    **dict.fromkeys((4227, 4231), "Tcpip"),
}


@lru_cache(maxsize=4096)
def canonical(provider: str) -> tuple[str, str | None]:
    """A provider in one spelling, and the source it writes to where that is known.

    >>> canonical("Kernel-Power"), canonical("USER32"), canonical("MSSQL$PROD")
    (('Microsoft-Windows-Kernel-Power', 'event-system'), ('User32', 'event-system'), ('MSSQLSERVER', 'event-application'))
    """
    name = provider.strip().strip("'\"")
    low = name.lower()
    if low.startswith("mssql$"):
        return "MSSQLSERVER", "event-application"
    found = _PROVIDERS.get(low) or _PROVIDERS.get(f"microsoft-windows-{low}") or _PROVIDERS.get(low.removeprefix("microsoft-windows-"))
    return found if found else (name, None)


def provider_of(event_id: int) -> str:
    """The provider whose event bears a number that no other one in our knowledge shares; empty if it tells nothing."""
    return _BY_ID.get(event_id, "")


@lru_cache(maxsize=4096)
def source_of(channel: str, provider: str) -> str:
    """The logical source of an event: by its channel, else by its provider."""
    for pattern, source in _OF_CHANNEL:
        if pattern.fullmatch(channel.strip()):
            return source
    return canonical(provider)[1] or "event-other"


def channel_of(path: str) -> str:
    """The channel whose records a file holds, from its name; empty if the name tells none.

    >>> channel_of("C:/Windows/System32/winevt/Logs/Microsoft-WindowsAzure-Status%4Plugins.evtx"), channel_of("eventlog/System.txt")
    ('Microsoft-WindowsAzure-Status/Plugins', 'System')
    """
    base = posixpath.basename(path.replace("\\", "/"))
    stem = re.sub(r"(?i)\.(?:evtx|evt|txt|log|csv|xml|json|jsonl|events)$", "", re.sub(r"(?i)\.(?:gz|xz|bz2|zst|events\.jsonl?)$", "", base))
    stem = unquote(stem.replace("%4", "/"))
    if re.fullmatch(r"(?i)(?:system|application|setup|microsoft-windows.*|windows azure)", stem):
        return stem
    found = re.match(r"(?i)(system|application)(?=[^a-z]|$)|.*[^a-z](system|application)(?:[_ -]?(?:log|event)s?)?$", stem)
    return (found.group(1) or found.group(2)).capitalize() if found else ""
