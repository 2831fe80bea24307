"""A zip writer that can stream a member of unknown size, give up a half-written member, and drop the last ones again.

The standard zipfile module can do neither on Python 2.7. Members are deflated one after another; sizes and CRC are patched
into the local header afterwards, so that any reader opens the result. Format: PKWARE APPNOTE 6.3, without zip64: the
writer refuses to grow past 4 GB instead.
"""

import struct
import zlib

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_UTF8_NAMES = 0x800
_DEFLATE = 8
_MADE_BY_UNIX_2_0 = (3 << 8) | 20
_REGULAR_0600 = 0o100600 << 16
LIMIT = 0xFFFFFFFF - (64 << 20)
MAX_MEMBERS = 65000


class ArchiveFull(Exception):
    """The zip format without extensions holds no more."""


class Member(object):
    """One entry; `size` is before and `packed` after compression, in bytes."""

    __slots__ = ("name", "offset", "crc", "size", "packed", "stamp")

    def __init__(self, name, offset, stamp):
        self.name, self.offset, self.stamp = name, offset, stamp
        self.crc = self.size = self.packed = 0


class ZipWriter(object):
    """Writes to a seekable binary stream from its current position on."""

    def __init__(self, stream, level=6):
        self._stream, self._level = stream, level
        self._at = stream.tell()
        self.members = []
        self._open = None
        self._packer = None

    def begin(self, name, stamp=(1980, 1, 1, 0, 0, 0)):
        """Start member `name` (text); `stamp` is its time as (year, month, day, hour, minute, second)."""
        if len(self.members) >= MAX_MEMBERS or self._at > LIMIT:
            raise ArchiveFull("the archive holds no more members")
        self._open = Member(name.encode("utf-8"), self._at, _dos_time(stamp))
        self._packer = zlib.compressobj(self._level, zlib.DEFLATED, -15)
        self._put(self._local_header(self._open))

    def write(self, data):
        """Add bytes to the member that is open."""
        member = self._open
        member.crc = zlib.crc32(data, member.crc) & 0xFFFFFFFF
        member.size += len(data)
        if member.size > LIMIT or self._at > LIMIT:
            raise ArchiveFull("the archive holds no more bytes")
        self._put_packed(self._packer.compress(data))

    def end(self):
        """Finish the member that is open."""
        member = self._open
        self._put_packed(self._packer.flush())
        self._stream.seek(member.offset)
        self._write_all(self._local_header(member))
        self._stream.seek(self._at)
        self.members.append(member)
        self._open = self._packer = None

    def abandon(self):
        """Take back the member that is open, as if it had never begun."""
        if self._open is not None:
            self._at = self._open.offset
            self._open = self._packer = None
            self._cut()

    def drop_last(self):
        """Take back the last finished member and return its name (text); None when there is none."""
        if not self.members:
            return None
        member = self.members.pop()
        self._at = member.offset
        self._cut()
        return member.name.decode("utf-8")

    def seal(self):
        """Write the directory. The archive is valid from here on."""
        start, count = self._at, len(self.members)
        self._put(b"".join(_CENTRAL.pack(
            b"PK\1\2", _MADE_BY_UNIX_2_0, 20, _UTF8_NAMES, _DEFLATE, member.stamp[1], member.stamp[0], member.crc,
            member.packed, member.size, len(member.name), 0, 0, 0, 0, _REGULAR_0600, member.offset) + member.name for member in self.members))
        self._put(_END.pack(b"PK\5\6", 0, 0, count, count, self._at - start, start, 0))
        self._cut()
        self._stream.flush()

    def unseal(self):
        """Remove the directory again, after writing it failed half way."""
        last = self.members[-1] if self.members else None
        self._at = last.offset + _LOCAL.size + len(last.name) + last.packed if last else 0
        self._cut()

    def move_to(self, stream):
        """Go on in `stream`, which holds the same bytes."""
        self._stream = stream
        self._stream.seek(self._at)

    @property
    def position(self):
        """Bytes written so far."""
        return self._at

    def _local_header(self, member):
        return _LOCAL.pack(b"PK\3\4", 20, _UTF8_NAMES, _DEFLATE, member.stamp[1], member.stamp[0], member.crc,
                           member.packed, member.size, len(member.name), 0) + member.name

    def _put_packed(self, data):
        self._put(data)
        self._open.packed += len(data)

    def _put(self, data):
        if data:
            self._write_all(data)
            self._at += len(data)

    def _write_all(self, data):
        while data:
            written = self._stream.write(data)
            data = b"" if written is None else data[written:]

    def _cut(self):
        """What stands behind is overwritten later in any case, so it does not matter when the disk refuses."""
        try:
            self._stream.seek(self._at)
            self._stream.truncate()
        except EnvironmentError:
            pass


def _dos_time(stamp):
    year, month, day, hour, minute, second = stamp
    if year < 1980:
        year, month, day, hour, minute, second = 1980, 1, 1, 0, 0, 0
    year = min(year, 2107)
    return ((year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2)
