"""The file of the bundle. A process of its own holds it, because the file system that it lies on may freeze or stop to answer.

Every operation has a time limit. What does not answer in time counts as an input/output error, and the store is dead from
then on; the bundle goes on elsewhere with what the store remembers of itself. Where no process can be made the file is held here.
"""

import errno
import hashlib
import os

from collector.isolate import CAN_FORK, Child, Hung, receive, send

try:
    import fcntl
except ImportError:
    fcntl = None

_SYNC_SECONDS = 3.0
_REMEMBERED = 8 * 1024 * 1024
_PIECE = 256 * 1024


class Store(object):
    """A new file `path` that only its owner may read, locked while it is open; raises EnvironmentError if anything stands there.

    `patience` is how many seconds an operation may take before the file system counts as one that does not answer.
    """

    def __init__(self, path, patience):
        self.path, self._patience = path, patience
        self._at, self._memory = 0, bytearray()
        self._child = self._file = None
        try:
            self._child = Child(lambda requests, replies: _serve(path, requests, replies)) if CAN_FORK else None
        except EnvironmentError:
            pass
        if self._child:
            self._answer()
        else:
            self._file = _File(path)

    @property
    def dead(self):
        """Whether the file cannot be reached any more."""
        return self._child is None and self._file is None

    def tell(self):
        return self._at

    def seek(self, position):
        self._at = position

    def write(self, data):
        """Write at the current place; returns the number of bytes, which are all of them."""
        self._ask("write_at", self._at, data)
        if self._memory is not None:
            self._memory[self._at:self._at + len(data)] = data
            if len(self._memory) > _REMEMBERED:
                self._memory = None
        self._at += len(data)
        return len(data)

    def truncate(self):
        """Cut the file at the current place."""
        if self._memory is not None:
            del self._memory[self._at:]
        self._ask("cut", self._at)

    def flush(self):
        pass

    def copy_to(self, other, count):
        """Write the first `count` bytes to another store: from memory, or else read back."""
        if self._memory is not None:
            other.write(bytes(self._memory[:count]))
            return
        done = 0
        while done < count:
            data = self._ask("read_at", done, min(_PIECE, count - done))
            if not data:
                raise OSError(errno.EIO, "the bundle cannot be read back")
            other.write(data)
            done += len(data)

    def publish(self, path):
        """Give the file its final name; raises OSError when the name is taken or the file is gone."""
        self._ask("publish", path)
        self.path = path

    def digest(self):
        """(bytes, SHA-256) of the file."""
        if self._memory is not None:
            return len(self._memory), hashlib.sha256(self._memory).hexdigest()
        return self._ask("digest")

    def close(self, safely=False):
        """Let go of the file; it stays. `safely` has it reach the disk, unless that takes long."""
        if safely:
            try:
                self._ask("sync", seconds=min(_SYNC_SECONDS, self._patience))
            except EnvironmentError:
                pass
        if self._child:
            self._child.kill()
            self._child = None
        if self._file:
            self._file.close()
            self._file = None

    def remove(self):
        """Delete the file, if that can be done at once."""
        try:
            self._ask("remove")
        except EnvironmentError:
            pass
        self.close()

    def _ask(self, name, *values, **limit):
        if self._file:
            return getattr(self._file, name)(*values)
        if self._child is None:
            raise OSError(errno.EIO, "the file system does not answer")
        try:
            self._child.send((name,) + values)
        except EnvironmentError:
            self.close()
            raise OSError(errno.EIO, "the helper process of the bundle is gone")
        return self._answer(**limit)

    def _answer(self, seconds=None):
        try:
            number, value = self._child.receive(seconds or self._patience, patient=True)
        except Hung:
            self.close()
            raise OSError(errno.EIO, "the file system does not answer")
        if number:
            raise OSError(number, value)
        return value


class _File(object):
    """The operations on the file itself."""

    def __init__(self, path):
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
                                   | getattr(os, "O_BINARY", 0), 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(self._descriptor, 0o600)  # whatever the umask says
        if fcntl is not None and not self._lock():
            self.close()
            raise OSError(errno.EEXIST, "another collector took the file for a leftover")

    def _lock(self):
        """Lock the file; False when a collector that looks for leftovers came between making and locking it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.fstat(self._descriptor).st_ino == os.stat(self._path).st_ino
        except EnvironmentError as error:
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.ENOENT)

    def write_at(self, offset, data):
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        while data:
            data = data[os.write(self._descriptor, data):]

    def read_at(self, offset, count):
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        return os.read(self._descriptor, count)

    def cut(self, length):
        if hasattr(os, "ftruncate"):
            os.ftruncate(self._descriptor, length)
            return
        with os.fdopen(os.dup(self._descriptor), "r+b") as stream:  # Python 2.7 on Windows
            stream.truncate(length)

    def sync(self):
        if self._descriptor is not None:
            os.fsync(self._descriptor)

    def publish(self, path):
        if not os.path.exists(self._path):
            raise OSError(errno.ENOENT, "the folder of the bundle vanished")
        if os.path.lexists(path):
            raise OSError(errno.EEXIST, "there is such a file already")
        if os.name == "nt":
            self.close()
        os.rename(self._path, path)
        self._path = path

    def digest(self):
        digest, size = hashlib.sha256(), 0
        with open(self._path, "rb") as stream:
            data = stream.read(_PIECE)
            while data:
                digest.update(data)
                size += len(data)
                data = stream.read(_PIECE)
        return size, digest.hexdigest()

    def remove(self):
        os.remove(self._path)

    def close(self):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _serve(path, requests, replies):
    """In the child: carry out one request after the other; an error travels as (number, words)."""
    def attempt(action, values):
        try:
            send(replies, (0, action(*values)))
            return True
        except EnvironmentError as error:
            send(replies, (error.errno or errno.EIO, error.strerror or str(error)))
            return False

    held = []
    if not attempt(lambda: held.append(_File(path)), ()):
        return
    while True:
        request = receive(requests, None)
        if request is None:
            return
        attempt(getattr(held[0], request[0]), request[1:])
