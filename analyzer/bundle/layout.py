"""From a member's name to its path on the VM, whatever wrapped it: prefix folders, backslashes, other collectors.

A path of a Linux VM begins with ``/``, one of a Windows VM with a drive, ``C:/``. Names are data: they are never opened.
"""

from __future__ import annotations

import posixpath
import re

# The longest known suffix wins: the anchor found furthest to the left.
_LINUX_ANCHORS = re.compile(
    r"(?:^|/)((?:var/(?:log|lib/(?:waagent|dhcp|dhclient|NetworkManager|wicked|cloud)|opt/microsoft)|etc|run/(?:systemd|cloud-init|NetworkManager)"
    r"|proc|sys/(?:fs|class|kernel|block)|lib/systemd|usr/lib/systemd|usr/sbin/waagent)(?:/|$).*)")
_WINDOWS_ANCHORS = re.compile(
    r"(?i)(?:^|/)((?:WindowsAzure|Packages/Plugins|Windows/(?:System32|Panther|Setup|Temp|inf|Microsoft\.NET)|ProgramData"
    r"|Program Files(?: \(x86\))?|AzureData)/.*)")
_EXTENSION_FOLDER = re.compile(r"(?:^|/)([A-Z]\w{1,40}(?:\.\w{1,60}){1,8}-\d+(?:\.\d+)+/(?:config|status)/[^/]+)$")
_DRIVE = re.compile(r"^(?:files/)?([A-Za-z])(?::|_drive|\$)?/(?=(?i:WindowsAzure|Packages|Windows|ProgramData|Program Files|AzureData|Users)\b)")

_BY_BASENAME: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), target) for pattern, target in (
    (r"^waagent\.log\S*$", "/var/log/{0}"),
    (r"^(?:extension|shell|CommandExecution\S*)\.log\S*$", "/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/{0}"),
    (r"^(?:syslog|messages|kern\.log|auth\.log|secure|dmesg|cloud-init(?:-output)?\.log|boot\.log|dpkg\.log)(?:[-.]\S+)?$", "/var/log/{0}"),
    (r"^audit\.log\S*$", "/var/log/audit/{0}"),
    (r"^waagent\.conf$", "/etc/{0}"),
    (r"^os-release$", "/etc/{0}"),
    (r"^waagent_status\S*\.json$", "/var/lib/waagent/{0}"),
    (r"^(?:ExtensionsConfig|GoalState)\.\d+\.xml$", "/var/lib/waagent/{0}"),
    (r"(?i)^(?:WaAppAgent|TransparentInstaller|MonitoringAgent|Telemetry|RuntimeEvents)\S*\.log$", "C:/WindowsAzure/Logs/{0}"),
    (r"(?i)^ERRORLOG(?:\.\d+)?(?:\.txt|\.log)?$", "C:/Program Files/Microsoft SQL Server/MSSQL/Log/{0}"),
    (r"(?i)^aggregatestatus\S*\.json$", "C:/WindowsAzure/Logs/AggregateStatus/{0}"),
    (r"(?i)^(?:Application|System|Security|Setup|Microsoft-Windows-\S+|Microsoft-WindowsAzure-\S+)\.evtx$",
     "C:/Windows/System32/winevt/Logs/{0}"),
))


def normalise(name: str) -> str:
    """Forward slashes, no empty or dot segments; parent segments are dropped since a name never leads anywhere."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)


def vm_path(name: str) -> str | None:
    """The path on the VM that a member's name stands for; None if nothing in it is known.

    >>> vm_path("case7/files/var/log/waagent.log")
    '/var/log/waagent.log'
    >>> vm_path("files/C/WindowsAzure/Logs/WaAppAgent.log")
    'C:/WindowsAzure/Logs/WaAppAgent.log'
    """
    plain = normalise(name)
    drive = _DRIVE.search(plain)
    if drive:
        return f"{drive.group(1).upper()}:/{plain[drive.end():]}"
    windows = _WINDOWS_ANCHORS.search(plain)
    if windows:
        return f"C:/{windows.group(1)}"
    linux = _LINUX_ANCHORS.search(plain)
    if linux:
        return f"/{linux.group(1)}"
    folder = _EXTENSION_FOLDER.search(plain)
    if folder:
        return f"/var/lib/waagent/{folder.group(1)}"
    base = posixpath.basename(plain)
    parent = posixpath.basename(posixpath.dirname(plain))
    if re.match(r"^[\w.]+\.[\w.]+$", parent) and re.match(r"^(extension|shell|CommandExecution\S*)\.log", base):
        return f"/var/log/azure/{parent}/{base}"
    for pattern, target in _BY_BASENAME:
        if pattern.match(base):
            return target.format(base)
    return f"/{plain[6:]}" if plain.startswith("files/") else None
