"""Where the bundle can be written: folders that answer, that we may write to, and that have room.

Looks from child processes, because a folder may lie on a file system that is frozen or does not answer.
"""

import binascii
import errno
import os
import re
import stat
import time

from collector.errors import NoBundle
from collector.isolate import Hung, Task, describe
from collector.manifest import printable

try:
    import fcntl
except ImportError:
    fcntl = None

PART = ".part"
WANTED_ROOM = 64 * 1024 * 1024
LEAST_ROOM = 512 * 1024
_OURS = re.compile(r"^azure-backup-bundle-[\w.\-]+\.zip\.part$")


def places(wanted):
    """Folders to write the bundle to, the wanted one first, then those with most room."""
    spare = ["/dev/shm", "/run", "/tmp", "/var/tmp"]
    if os.name == "nt":
        spare = [folder for folder in (os.environ.get("TEMP"), os.environ.get("SystemDrive", "C:") + "\\") if folder]
    return [wanted] + [folder for folder in spare if folder != wanted]


def what_is(path):
    """"folder", "file", "other" (a device, a pipe), "nothing", "no folder" (its folder is not there either) or "hung"; asked from a child process."""
    try:
        return Task(_what_is, (path,), 2.0).result(patient=True)
    except Hung:
        return "hung"


def _what_is(path):
    if os.path.isdir(path):
        return "folder"
    if os.path.lexists(path):
        return "file" if os.path.isfile(path) or os.path.islink(path) else "other"
    return "nothing" if os.path.isdir(os.path.dirname(path)) else "no folder"


def problems(folders):
    """{folder: what keeps us from writing to it, or None}, all looked at together."""
    tasks = [(folder, Task(_trial, (folder,), 2.0)) for folder in folders]
    found = {}
    for folder, task in tasks:
        try:
            found[folder] = task.result(patient=True)
        except Hung:
            found[folder] = "the file system is frozen or does not answer"
        except EnvironmentError as error:
            found[folder] = describe(error)
    return found


def choose(folders, troubles):
    """(the first usable folder with enough room, or else the one with most; the other usable ones; why the first was not taken)."""
    rooms, trouble = [], None
    for folder in folders:
        if troubles[folder]:
            trouble = trouble or "%s: %s" % (printable(folder), troubles[folder])
            continue
        room = free_bytes(folder)
        rooms.append((room, folder))
        if room >= WANTED_ROOM:
            break
        trouble = trouble or "%s: only %d KB free" % (printable(folder), room // 1024)
    rooms = [pair for pair in rooms if pair[0] >= LEAST_ROOM]
    if not rooms:
        raise NoBundle("no place for the bundle (%s). Give a folder with room: --output FOLDER" % trouble)
    best = max(rooms)[1] if max(rooms)[0] < WANTED_ROOM else rooms[-1][1]
    return best, [folder for folder in folders if folder != best and not troubles[folder]], None if best == folders[0] else trouble


def usable(folder):
    """Whether we may write to the folder, now."""
    return problems([folder])[folder] is None


def open_nothing(folder):
    """Open a name that does not exist for writing: it blocks on a frozen file system and changes nothing on any other.

    The name has to be new each time, for the kernel remembers names that are not there and would not ask the file system again.
    """
    name = ".azure-backup-no-such-file-%s" % str(binascii.hexlify(os.urandom(8)).decode("ascii"))
    os.close(os.open(os.path.join(folder, name), os.O_WRONLY))


def _trial(folder):
    if not os.path.isdir(folder):
        return "no such folder"
    try:
        open_nothing(folder)
    except EnvironmentError as error:
        if error.errno not in (errno.ENOENT, errno.EROFS):
            return describe(error)
    if not os.access(folder, os.W_OK | os.X_OK):
        return "Read-only file system" if _read_only(folder) else "Permission denied"
    return None


def _read_only(folder):
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & 1)


def free_bytes(folder):
    """Bytes that we may still write in `folder`."""
    if not hasattr(os, "statvfs"):
        return _free_bytes_windows(folder)
    try:
        status = os.statvfs(folder)
    except EnvironmentError:
        return 0
    if status.f_files and not status.f_favail:
        return 0
    return status.f_bavail * status.f_frsize


def _free_bytes_windows(folder):
    import ctypes
    room = ctypes.c_ulonglong(0)
    ctypes.windll.kernel32.GetDiskFreeSpaceExW(ctypes.c_wchar_p(os.path.abspath(folder)), ctypes.byref(room), None, None)
    return room.value


def remove_leftovers(folders, wanted=None):
    """Delete bundles that a killed run of the same user left half-written; returns their paths. The run that writes one holds its lock.

    Known by their name, or, where the user gave the name `wanted`, by that and their first bytes.
    """
    removed = []
    for folder in folders:
        try:
            names = [name for name in os.listdir(folder) if _OURS.match(name) or wanted and name == wanted + PART]
        except EnvironmentError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if _remove_abandoned(path):
                removed.append(path)
    return removed


def _remove_abandoned(path):
    """Delete the file if it is ours and nobody holds its lock; whether it was deleted."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            return False
        if fcntl is None:
            return time.time() - status.st_mtime > 3600 and remove(path)
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
        if os.read(descriptor, 4) not in (b"", b"PK\3\4"):
            os.close(descriptor)
            return False
    except EnvironmentError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return remove(path)
    except EnvironmentError:
        return False
    finally:
        os.close(descriptor)


def remove(path):
    """Delete a file; whether that worked."""
    try:
        os.remove(path)
        return True
    except EnvironmentError:
        return False
