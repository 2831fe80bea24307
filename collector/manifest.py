"""What was planned and what became of it: the records of manifest.json. Format: docs/bundle-format.md."""

import collections
import datetime
import json
import os
import platform
import socket
import sys
import time

from collector import __version__
from collector.isolate import Hung, Task

SCHEMA = "azure-backup-bundle/1"
TAKEN = frozenset(["ok", "tailed", "changed", "empty"])
LOST = frozenset(["vanished", "denied", "timeout", "failed", "special", "budget"])
_OPTIONAL = ("path", "argv", "member", "reason", "bytes", "original_bytes", "mtime", "sha256", "first_line", "dropped_bytes",
             "dropped_lines", "redactions", "started", "seconds", "exit_code", "stderr_member", "note")
_HEAD = ("host", "clock", "started", "finished", "profile", "budget", "complete", "redaction", "notes")


class Record(object):
    """One planned item and its fate. `status` is one of the closed list in docs/bundle-format.md."""

    def __init__(self, identity, kind, why, vital=False, **known):
        self.id, self.kind, self.why, self.vital = identity, kind, why, vital
        self.status = None
        for name in _OPTIONAL:
            setattr(self, name, known.get(name))

    def end(self, status, reason=None):
        self.status, self.reason = status, reason
        return self

    def as_json(self):
        data = collections.OrderedDict([("id", self.id), ("kind", self.kind), ("why", self.why), ("vital", self.vital),
                                        ("status", self.status or "failed")])
        for name in _OPTIONAL:
            value = getattr(self, name)
            if value is not None:
                data[name] = value
        return data


def utc_text(seconds):
    """Seconds since 1970 as ISO 8601 with Z; None for None and for times that no calendar holds."""
    if seconds is None:
        return None
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1900 else None


def host_facts(tree, system, live):
    """Who the evidence is of. With a mounted disk only what its files tell; nothing at all of a disk that does not answer."""
    try:
        return Task(_facts, (tree, system, live), 2.0).result()
    except (Hung, EnvironmentError):
        return {"platform": system, "hostname": printable(socket.gethostname()) if live else "", "os": "", "kernel": platform.release() if live else "",
                "timezone": _offset() if live else None, "boot_time": None}


def _facts(tree, system, live):
    if live:
        return {"platform": system, "hostname": printable(socket.gethostname()), "os": _os_name(tree, system), "kernel": platform.release(),
                "timezone": _zone(tree, system) or _offset(), "boot_time": utc_text(_boot_time())}
    return {"platform": system, "hostname": (_first_line(tree, "/etc/hostname") or "") if system == "linux" else "",
            "os": _os_name(tree, system), "kernel": "", "timezone": _zone(tree, system), "boot_time": None}


def clock_facts(now, skew=None, source=None):
    """What the VM's clock said, and how far it was off, in seconds, if an answer from the fabric told."""
    local = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=now - _bias(now))
    return {"utc": utc_text(now), "local": local.strftime("%Y-%m-%dT%H:%M:%S") + _offset(now), "skew_seconds": skew, "skew_source": source}


def write(records, head):
    """manifest.json as bytes."""
    tool = {"version": __version__, "python": platform.python_version(), "argv": head["argv"]}
    data = collections.OrderedDict([("schema", SCHEMA), ("collector", tool)])
    data.update((name, head[name]) for name in _HEAD)
    data["items"] = [record.as_json() for record in records]
    return (json.dumps(data, indent=1, separators=(",", ": ")) + "\n").encode("ascii")


def printable(text):
    """A native string as text that any encoding can carry: bytes that are not UTF-8 become %XX, control characters too."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape" if sys.version_info[0] > 2 else "replace")
    out = []
    while raw:
        try:
            out.append(raw.decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            out.append(raw[:error.start].decode("utf-8"))
            out.append("".join("%%%02X" % byte for byte in bytearray(raw[error.start:error.end])))
            raw = raw[error.end:]
    return "".join("%%%02X" % ord(char) if ord(char) < 32 or ord(char) == 127 else char for char in "".join(out))


def _first_line(tree, path):
    try:
        with open(tree.on_disk(tree.resolve(path)), "rb") as stream:
            return stream.read(4096).decode("utf-8", "replace").split("\n")[0].strip()
    except Exception:  # a fact that cannot be had is left out
        return None


def _os_name(tree, system):
    if system == "windows":
        return platform.platform() if os.name == "nt" else "Windows"
    try:
        with open(tree.on_disk(tree.resolve("/etc/os-release")), "rb") as stream:
            for line in stream.read(65536).decode("utf-8", "replace").splitlines():
                if line.startswith("PRETTY_NAME="):
                    return line.split("=", 1)[1].strip().strip("\"'")
    except Exception:  # a fact that cannot be had is left out
        pass
    return "Linux"


def _zone(tree, system):
    """The IANA name of the zone, from the target of /etc/localtime or from /etc/timezone."""
    if system != "linux":
        return None
    try:
        target = os.readlink(tree.on_disk("/etc/localtime"))
        if "zoneinfo/" in target:
            return target.split("zoneinfo/", 1)[1]
    except EnvironmentError:
        pass
    return _first_line(tree, "/etc/timezone")


def _bias(now):
    """UTC minus local time in seconds."""
    try:
        local = time.localtime(now)
    except (ValueError, OverflowError):
        return 0
    return time.altzone if local.tm_isdst > 0 and time.daylight else time.timezone


def _offset(now=None):
    bias = _bias(time.time() if now is None else now)
    return "%s%02d:%02d" % ("-" if bias > 0 else "+", abs(bias) // 3600, abs(bias) % 3600 // 60)


def _boot_time():
    try:
        with open("/proc/stat") as stream:
            for line in stream:
                if line.startswith("btime "):
                    return float(line.split()[1])
    except EnvironmentError:
        pass
    return None
