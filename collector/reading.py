"""Opens one file of the VM without blocking and without surprises, and reads its head and tail.

Runs inside the helper process (isolate.Worker): whatever blocks here is killed from outside. Answers are plain values:
("found", path, mtime), ("more", number of older files), ("alive",); ("meta", {...}), ("blanked", number), ("data", bytes),
("gap", bytes left out, lines left out or None); ("end", status, reason).
"""

import errno
import heapq
import os
import stat

from collector.hive import blank, secret_ranges
from collector.tree import Refused, Tree, refusal

CHUNK = 256 * 1024
HEAD = 1024 * 1024
# gzip and zip
_PACKED = (b"\x1f\x8b", b"PK\3\4")
MAX_FOUND = 500
COUNTED = 128 * 1024 * 1024

_FLAGS = (os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
          | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0))


def serve(request):
    """Answer ("find", root, ignore_case, pattern) or ("read", root, ignore_case, path, limit, never, hive)."""
    what, root, ignore_case = request[:3]
    tree = Tree(root, ignore_case)
    try:
        if what == "find":
            for answer in _newest(tree.find(request[3])):
                yield answer
            return
        for answer in read(tree, *request[3:]):
            yield answer
    except Refused as refused:
        yield ("end", refused.status, refused.reason)


def _newest(found):
    """The newest MAX_FOUND files, and the number of older ones that are not named; now and then a sign of life."""
    heap, more = [], 0
    for number, (path, mtime) in enumerate(found):
        if len(heap) < MAX_FOUND:
            heapq.heappush(heap, (mtime, path))
        else:
            heapq.heappushpop(heap, (mtime, path))
            more += 1
        if number % 1000 == 999:
            yield ("alive",)
    for mtime, path in heap:
        yield ("found", path, mtime)
    yield ("more", more)


def read(tree, path, limit, never, hive=False):
    """Read `path`, at most `limit` bytes (None: whole); `never` are words that no resolved path may contain.

    Of a registry hive the values that hold passwords are blanked.
    """
    real = tree.resolve(path)
    low = real.lower()
    for word in never:
        if word in low:
            raise Refused("skipped", "it is a link to something that is never taken")
    name = tree.on_disk(real)
    try:
        before = os.lstat(name)
        if not stat.S_ISREG(before.st_mode):
            raise Refused("special", "it is " + _kind(before.st_mode))
        descriptor = os.open(name, _FLAGS)
    except EnvironmentError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise Refused("special", "it was replaced while it was opened")
        raise refusal(error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("special", "it was replaced while it was opened")
        if (status.st_dev, status.st_ino) != (before.st_dev, before.st_ino) or not _is_at(descriptor, tree.root, name):
            raise Refused("vanished", "it was replaced while it was opened")
        answers = _content(descriptor, status, limit, real.startswith(("/proc/", "/sys/")))
        for answer in _blanked(descriptor, status.st_size, answers) if hive else answers:
            yield answer
    except EnvironmentError as error:
        raise refusal(error)
    finally:
        os.close(descriptor)


def _content(descriptor, status, limit, unsized):
    size = status.st_size
    yield ("meta", {"size": size, "mtime": status.st_mtime})
    if unsized:
        for answer in _unsized(descriptor, limit or CHUNK * 16):
            yield answer
        return
    if not size:
        yield ("end", "empty", None)
        return
    if limit is not None and size > limit and os.read(descriptor, 4).startswith(_PACKED):
        limit = None  # half of it could not be opened; whoever unpacks it stops at the limit
    os.lseek(descriptor, 0, os.SEEK_SET)
    if limit is None or size <= limit:
        got = 0
        for data in _pieces(descriptor, size):
            got += len(data)
            yield ("data", data)
        yield ("end",) + _fate(descriptor, size, got == size)
        return
    for answer in _head_and_tail(descriptor, size, limit):
        yield answer


def _blanked(descriptor, size, answers):
    """The same answers with secret values of the hive blanked."""
    def read_at(offset, count):
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)

    ranges, offset = secret_ranges(read_at, size), 0
    os.lseek(descriptor, 0, os.SEEK_SET)
    for answer in answers:
        if answer[0] == "data":
            yield ("data", blank(answer[1], offset, ranges))
            offset += len(answer[1])
            continue
        if answer[0] == "meta":
            yield answer
            yield ("blanked", len(ranges))
            continue
        yield answer


def _unsized(descriptor, limit):
    """Files of /proc and /sys, which say that they are empty."""
    got = 0
    while got < limit:
        data = os.read(descriptor, min(CHUNK, limit - got))
        if not data:
            break
        got += len(data)
        yield ("data", data)
    yield ("end", "ok" if got else "empty", None)


def _head_and_tail(descriptor, size, limit):
    head = min(HEAD, limit // 4)
    first = b"".join(_pieces(descriptor, head))
    wide = 2 if b"\0" in first[:4] or first[:2] in (b"\xff\xfe", b"\xfe\xff") else 1
    cut = first.rfind(b"\n") + 1
    if wide == 2:
        cut = (cut + 1) & ~1
    first = first[:cut or head]
    start = size - (limit - head)
    kept_from = _next_line(descriptor, start - start % wide, size, wide)
    lines = None
    if kept_from - len(first) <= COUNTED:
        lines = _count_lines(descriptor, len(first), kept_from)
    yield ("data", first)
    yield ("gap", kept_from - len(first), lines)
    os.lseek(descriptor, kept_from, os.SEEK_SET)
    got = kept_from
    for data in _pieces(descriptor, size - kept_from):
        got += len(data)
        yield ("data", data)
    status, reason = _fate(descriptor, size, got == size)
    yield ("end", "tailed", reason)


def _next_line(descriptor, start, size, wide):
    """Where the next line begins: what is left of the one at `start` may be the end of a secret whose key is missing."""
    os.lseek(descriptor, start, os.SEEK_SET)
    for data in _pieces(descriptor, size - start):
        end = data.find(b"\n") + 1
        if end:
            return start + (end + wide - 1 & -wide)
        start += len(data)
    return start


def _count_lines(descriptor, begin, end):
    os.lseek(descriptor, begin, os.SEEK_SET)
    return sum(data.count(b"\n") for data in _pieces(descriptor, end - begin))


def _pieces(descriptor, count):
    while count > 0:
        data = os.read(descriptor, min(CHUNK, count))
        if not data:
            return
        count -= len(data)
        yield data


def _fate(descriptor, size, whole):
    now = os.fstat(descriptor)
    if not whole:
        return "changed", "it shrank while it was read"
    if now.st_size > size:
        return "changed", "it grew while it was read and was taken to the size first seen"
    return "ok", None


def _is_at(descriptor, root, name):
    """Whether the open file is the one at `name`, which has no links below `root`: no folder was swapped for one (Linux only)."""
    try:
        return os.readlink("/proc/self/fd/%d" % descriptor) == os.path.realpath(root or "/").rstrip("/") + name[len(root):]
    except (EnvironmentError, AttributeError):
        return True


def _kind(mode):
    for test, words in ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"),
                        (stat.S_ISBLK, "a device"), (stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link")):
        if test(mode):
            return words
    return "not a regular file"
