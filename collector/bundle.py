"""The bundle: members written one after the other, sealed whatever happens.

While it is written its name ends in `.part` and it is locked; a `.part` file that nobody locks is what a killed run left behind.
When the disk fills up the bundle moves to another file system; when there is none, the least valuable members, which are the
last ones, give way to the manifest.
"""

import errno
import hashlib
import os
import time

from collector.errors import NoBundle
from collector.isolate import describe
from collector.places import PART, free_bytes, usable
from collector.store import Store
from collector.ziparchive import ArchiveFull, ZipWriter

_CLOSING = ("manifest.json", "README.txt")
_ROOM_TO_SEAL = 128 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC, errno.EIO, errno.EROFS, errno.EFBIG)


class NoRoom(Exception):
    """The file system of the bundle is full and no other one took it."""


class Bundle(object):
    """An open bundle. `path` is where it will be once sealed."""

    def __init__(self, path, fallbacks, patience=10.0):
        """Create `path`; `fallbacks` are folders to go on in when its file system fills up, or does not answer for `patience` seconds."""
        self.path, self._fallbacks, self._patience = path, list(fallbacks), patience
        self._stream = Store(path + PART, patience)
        if os.path.lexists(path):  # another run sealed it just before this one got its turn
            self._stream.remove()
            raise OSError(errno.EEXIST, "File exists", path)
        self._zip = ZipWriter(self._stream)
        self._names = set()
        self.notes = []
        self._full, self._current = False, None

    def member(self, name, mtime=None):
        """A new member to write to; close it with finish() or abandon()."""
        if self._full:
            raise NoRoom("no room left for the bundle")
        return _MemberWriter(self, self._unique(name), mtime)

    def begin(self, name, mtime):
        self._current = name.lower()
        stamp = time.gmtime(mtime)[:6] if mtime is not None and 0 <= mtime < 4e9 else (1980, 1, 1, 0, 0, 0)
        self._guard(lambda: self._zip.begin(name, stamp))

    def put(self, data):
        self._guard(lambda: self._zip.write(data))

    def end(self):
        self._guard(self._zip.end)

    def abandon(self, name):
        """Take back the member that is open."""
        self._names.discard(name)
        self._zip.abandon()

    def retry(self, action):
        """Do what writes members; once more when the bundle had to move to another file system meanwhile."""
        before = self.path
        try:
            return action()
        except NoRoom:
            if self._full or self.path == before:
                raise
            return action()

    def give_up_member(self):
        """Take back whatever member is still open."""
        self._zip.abandon()

    def seal(self, last_members):
        """Write [(name, bytes)], which `last_members(dropped names)` returns, and the directory; returns the final path."""
        dropped = []
        while True:
            try:
                for name, data in last_members(dropped):
                    self._zip.begin(name)
                    self._zip.write(data)
                    self._zip.end()
                self._zip.seal()
                self._stream.flush()
                break
            except (EnvironmentError, ArchiveFull) as error:
                self._make_room(error, dropped)
        return self._publish()

    def discard(self):
        """Remove everything again."""
        self._stream.remove()

    def digest(self):
        """(bytes, SHA-256) of the sealed bundle; None for both when it cannot be read back in time."""
        try:
            return self._stream.digest()
        except EnvironmentError:
            return None, None

    def close(self):
        """Let go of the sealed bundle."""
        self._stream.close(safely=True)

    @property
    def size(self):
        """Bytes of the bundle so far."""
        return self._zip.position

    def _make_room(self, error, dropped):
        """Forget half-written closing members; then move, or give up the least valuable evidence: the last members."""
        self._zip.abandon()
        self._zip.unseal()
        if isinstance(error, EnvironmentError) and self._move(error):
            return
        goal, names = max(self.size - _ROOM_TO_SEAL, self.size // 2), []
        while not names or (self.size > goal and not self._stream.dead):
            name = self._zip.drop_last()
            if name is None or self._stream.dead:
                self.discard()
                raise NoBundle("cannot write the bundle: %s. Give a place with room: --output FOLDER" % describe(error))
            if name not in _CLOSING:
                names.append(name)
        dropped += names

    def _guard(self, action):
        """Do it; on a full disk move elsewhere and do it again, or raise NoRoom."""
        try:
            action()
        except ArchiveFull as error:
            self._full = True
            raise NoRoom(str(error))
        except EnvironmentError as error:
            self._names.discard(self._current)
            self._full = not self._can_move(error)
            raise NoRoom("no room left for the bundle: " + describe(error))

    def _can_move(self, error):
        self._zip.abandon()
        return self._move(error)

    def _move(self, error):
        """Copy what is written so far to the next folder that has room; whether that worked."""
        while error.errno in _NO_ROOM and self._fallbacks:
            folder = self._fallbacks.pop(0)
            if not usable(folder) or free_bytes(folder) < self.size + 8 * 1024 * 1024:
                continue
            path = os.path.join(folder, os.path.basename(self.path))
            try:
                stream = Store(path + PART, self._patience)
            except EnvironmentError:
                continue
            try:
                self._stream.copy_to(stream, self.size)
            except EnvironmentError:
                stream.remove()
                continue
            self._stream.remove()
            self.notes.append("In %s: %s; the bundle went on in %s" % (os.path.dirname(self.path), describe(error), folder))
            self.path, self._stream = path, stream
            self._zip.move_to(stream)
            return True
        return False

    def _publish(self):
        """Give the file its final name; if its folder vanished, save the bytes elsewhere."""
        for _ in range(len(self._fallbacks) + 1):
            try:
                self._stream.publish(self.path)
                return self.path
            except EnvironmentError as error:
                error.errno = errno.ENOSPC
                if not self._move(error):
                    raise NoBundle("cannot keep the bundle in %s: %s. Give another place: --output FOLDER"
                                   % (os.path.dirname(self.path), describe(error)))
        raise NoBundle("cannot keep the bundle. Give a place with room: --output FOLDER")

    def _unique(self, name):
        candidate, count = name, 1
        while candidate.lower() in self._names:
            count += 1
            candidate = "%s~%d" % (name, count)
        self._names.add(candidate.lower())
        return candidate


class _MemberWriter(object):
    """One member being written; knows its size and SHA-256."""

    def __init__(self, bundle, name, mtime):
        self._bundle, self.name, self._mtime = bundle, name, mtime
        self._hash = hashlib.sha256()
        self.bytes = 0
        bundle.begin(name, mtime)

    def write(self, data):
        if data:
            self._bundle.put(data)
            self._hash.update(data)
            self.bytes += len(data)

    def finish(self):
        self._bundle.end()

    def abandon(self):
        self._bundle.abandon(self.name.lower())

    @property
    def sha256(self):
        return self._hash.hexdigest()
