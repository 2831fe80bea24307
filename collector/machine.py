"""Live probes of the machine: room, mounts, frozen file systems, load. Nothing is changed. Same shape of results as network.py."""

import os
import re
import time

from collector.isolate import Hung, Task, describe
from collector.places import open_nothing

WATCHED = ("/", "/var", "/var/lib/waagent", "/var/log", "/var/log/azure", "/etc", "/tmp", "/usr", "/boot")
REMOTE = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "glusterfs", "afs", "lustre", "autofs", "gpfs", "beegfs", "ocfs", "gfs")
_LOCAL = ("ext", "xfs", "btrfs", "jfs", "reiserfs", "vfat", "f2fs")
PSEUDO = ("proc", "sysfs", "cgroup", "devpts", "mqueue", "debugfs", "tracefs", "securityfs", "pstore", "bpf", "configfs", "hugetlbfs",
           "fusectl", "binfmt_misc", "rpc_pipefs", "nsfs", "selinuxfs", "efivarfs")


def disk(target):
    """Room and inodes where the agent and the extension write."""
    rows, mounts = [], read_mounts()
    local = [mount["mount"] for mount in mounts if not mount["fstype"].startswith(REMOTE + PSEUDO)]
    for path in list(WATCHED) + [path for path in local if path not in WATCHED][:40]:
        mount = mount_of(path, mounts)
        if mount and mount["fstype"].startswith(REMOTE) or not os.path.exists(path):
            continue
        try:
            status = os.statvfs(path)
        except EnvironmentError as error:
            rows.append({"path": path, "error": describe(error)})
            continue
        rows.append({"path": path, "mount": mount["mount"] if mount else None, "fstype": mount["fstype"] if mount else None,
                     "bytes": status.f_blocks * status.f_frsize, "free_bytes": status.f_bavail * status.f_frsize,
                     "inodes": status.f_files, "free_inodes": status.f_favail, "read_only": bool(status.f_flag & 1)})
    full = [row["path"] for row in rows if row["path"] in WATCHED and row.get("bytes")
            and (row["free_bytes"] < 1048576 or (row["inodes"] and not row["free_inodes"]))]
    result = answer("disk", target, not full)
    result.update({"rows": rows, "full": full, "error": "full: " + ", ".join(full) if full else None})
    return result


def mounts(target):
    """File systems mounted read-only or noexec where the agent and the extension work."""
    table = read_mounts()
    rows = [dict(mount_of(path, table), path=path) for path in WATCHED if os.path.exists(path) and mount_of(path, table)]
    bad = [row["path"] for row in rows if row["path"] not in ("/boot", "/usr", "/tmp", "/etc") and row["read_only"]]
    bad += [row["path"] for row in rows if row["path"] in ("/", "/var", "/var/lib/waagent", "/usr") and row["noexec"]]
    result = answer("mounts", target, not bad)
    result.update({"rows": rows, "count": len(table), "error": "read-only or noexec: " + ", ".join(sorted(set(bad))) if bad else None})
    return result


def frozen(target):
    """File systems on which writing blocks."""
    tasks = []
    for mount in read_mounts():
        if mount["fstype"].startswith(_LOCAL) and not mount["read_only"] and len(tasks) < 32:
            tasks.append((mount["mount"], Task(_open_nothing, (mount["mount"],), 2.0)))
    stuck = []
    for path, task in tasks:
        try:
            task.result()
        except Hung:
            stuck.append(path)
        except EnvironmentError:
            pass
    result = answer("frozen", target, not stuck)
    result.update({"tried": [path for path, _ in tasks], "frozen": stuck, "error": "frozen: " + ", ".join(stuck) if stuck else None})
    return result


def load(target):
    """Processor, memory and disks over 3 seconds."""
    first, disks, began = _processor(), _disk_times(), time.time()
    time.sleep(3)
    second, later = _processor(), _disk_times()
    measured = max(0.1, time.time() - began)
    total = sum(second) - sum(first) or 1
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    shares = dict((name, round(100.0 * (after - before) / total, 1)) for name, before, after in zip(names, first, second))
    memory = dict(re.findall(r"(?m)^(\w+):\s+(\d+) kB", read_text("/proc/meminfo", 8192)))
    available = int(memory.get("MemAvailable", memory.get("MemFree", 0)))
    used = round(100.0 - 100.0 * available / max(1, int(memory.get("MemTotal", 1))), 1)
    busy = round(100.0 - shares["idle"] - shares["iowait"], 1)
    result = answer("load", target, busy < 90 and used < 90)
    result.update({"cpu_percent": busy, "cpu": shares, "memory_used_percent": used, "memory_available_kb": available,
                   "memory_total_kb": int(memory.get("MemTotal", 0)), "loadavg": read_text("/proc/loadavg", 100).strip(),
                   "disk_busy_percent": dict((name, min(100.0, round((later[name] - disks[name]) / measured / 10, 1)))
                                             for name in disks if name in later), "measured_seconds": round(measured, 1)})
    return result


def read_mounts():
    """Mounted file systems, in order, from /proc/self/mountinfo."""
    rows = []
    for line in read_text("/proc/self/mountinfo", 1 << 20).split("\n"):
        left, _, right = line.partition(" - ")
        left, right = left.split(), right.split()
        if len(left) < 6 or len(right) < 3:
            continue
        options = set(left[5].split(",")) | set(right[2].split(","))
        rows.append({"mount": re.sub(r"\\(\d{3})", lambda match: chr(int(match.group(1), 8)), left[4]), "fstype": right[0], "source": right[1],
                     "read_only": "ro" in options, "noexec": "noexec" in options})
    return rows


def mount_of(path, table):
    """The row of the file system that holds `path`."""
    best = None
    for row in table:
        if path == row["mount"] or path.startswith(row["mount"].rstrip("/") + "/"):
            if best is None or len(row["mount"]) >= len(best["mount"]):
                best = row
    return best


def _open_nothing(mount):
    try:
        open_nothing(mount)
    except EnvironmentError:
        pass
    return True


def _processor():
    return [int(word) for word in read_text("/proc/stat", 4096).split("\n")[0].split()[1:9]]


def _disk_times():
    """{disk: milliseconds in which it was busy} since boot, from diskstats (kernel documentation, field 10)."""
    rows = (line.split() for line in read_text("/proc/diskstats", 1 << 18).split("\n"))
    return dict((row[2], int(row[12])) for row in rows if len(row) > 12 and re.match(r"(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|dm-\d+|md\d+)$", row[2]))


def read_text(path, limit):
    """The beginning of a file as text; nothing when it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read(limit).decode("utf-8", "replace")
    except EnvironmentError:
        return ""


def answer(probe, target, ok):
    """What every probe returns, to be added to."""
    return {"probe": probe, "target": target, "ok": ok, "error": None}
