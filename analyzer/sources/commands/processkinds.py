"""What a command line is to a backup: the agent, its children, the backup extension, the DHCP client."""

from __future__ import annotations

_VIEWERS = {"grep", "egrep", "fgrep", "rg", "tail", "head", "less", "more", "cat", "vi", "vim", "nano", "watch", "pgrep", "strace", "journalctl",
            "systemctl", "service", "man", "tee", "awk", "sed", "sudo", "findstr"}
_DHCP = {"dhclient", "dhcpcd", "wickedd-dhcp4", "wickedd-dhcp6", "systemd-networkd", "networkmanager", "udhcpc", "dhclient-script"}
_WINDOWS_AGENTS = {"waappagent", "windowsazureguestagent", "rdagent", "waapphost"}
_SHELLS = {"sh", "bash", "dash"}


def kind_of(command: str) -> str:
    """The kind of process behind a command line.

    >>> kind_of("python3 -u /usr/sbin/waagent -daemon"), kind_of("grep waagent -daemon")
    ('agent-daemon', 'other')
    """
    words = command[:2000].replace('"', " ").split()
    if not words:
        return "other"
    names = [_name(word) for word in words[:12]]
    program = names[0].removesuffix(":").strip("[]")
    if program in _VIEWERS:
        return "other"
    if program in _WINDOWS_AGENTS:
        return "agent-daemon"
    if program in _DHCP or (len(names) > 1 and names[1] in _DHCP and program in _SHELLS):
        return "dhcp-client"
    if any(name.startswith("safefreeze") for name in names[:3]):
        return "safefreeze"
    return _agent_kind(words, names) or _extension_kind(command, names) or "other"


def _name(word: str) -> str:
    return word.replace("\\", "/").rstrip("/").rpartition("/")[2].lower().removesuffix(".exe")


def _agent_kind(words: list[str], names: list[str]) -> str | None:
    if not any(name in ("waagent", "waagent2.0", "__main__.py") or name.startswith(("walinuxagent", "waagent.py")) for name in names):
        return None
    flags = {word.lstrip("-").lower() for word in words if word.startswith("-")}
    if "run-exthandlers" in flags:
        return "agent-exthandlers"
    if "collect-logs" in flags:
        return "agent-logcollector"
    return "agent-daemon" if "daemon" in flags else None


def _extension_kind(command: str, names: list[str]) -> str | None:
    low = command[:2000].lower()
    if "iaasbcdrextension" in low or ("recoveryservices.vmsnapshot" in low and "\\" in command[:2000]):
        return "backup-extension"
    runs_handler = any(name in ("handle.sh", "handle.py") for name in names)
    if "vmsnapshotlinux" in low and (runs_handler or "/main/" in low or "/bin/" in low):
        return "backup-extension"
    # Started from its own folder, the handler names no path but main/.
    foreign = "microsoft." in low or "encryption" in low
    return "backup-extension" if runs_handler and not foreign and "main/handle." in low.replace("\\", "/") else None
