"""The chunks of an event log's stream, cut into small files of their own, and what can be saved of damaged ones.

A log is a header of 4 KiB and chunks of 64 KiB, each complete in itself (its names and templates included), so that pieces
of a file can be parsed alone and memory does not grow with it. A chunk's header tells how far records reach, their first
and last number, and a checksum over them. A log that was not closed has stale headers, a damaged one has holes; either is
walked record by record, and holes are bridged, so that a reader that trusts headers and sizes finds what is left.
Layout: the public description of libevtx (Windows Event Viewer Log format).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

MAGIC, CHUNK_MAGIC, RECORD_MAGIC = b"ElfFile\0", b"ElfChnk\0", b"**\0\0"
HEADER, CHUNK, RECORDS = 4096, 65536, 512
TOGETHER = 32
SMALLEST, MOST_IN_CHUNK = 28, 3000
_DIRTY, _NO_CHECKSUMS = 1, 4
_RECORD = struct.Struct("<4sIQ")


@dataclass(slots=True)
class Harvest:
    """What a file gave besides its events: how many records, between which times, of which channels, and what was lost.

    `first` and `last` are as the records spell them, which orders as time does. `unclosed`: the log was in use when it was
    copied, so records newer than its last one may not have reached it.
    """

    records: int = 0
    first: str = ""
    last: str = ""
    lost: list[str] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    unclosed: bool = False

    def saw(self, when: str) -> None:
        """Widen the covered stretch; times before 1990 come from damaged records."""
        if when > self.last:
            self.last = when
        if "1990" < when < (self.first or "9"):
            self.first = when

    @property
    def problem(self) -> str | None:
        """One sentence on what was lost, or None."""
        if not self.lost:
            return None
        more = f" and {len(self.lost) - 1} more" if len(self.lost) > 1 else ""
        return f"a damaged event log, read in part: {self.lost[0]}{more}; {self.records} records were read"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some chunks as a file of their own. `expected` is how many records they hold by their headers; `mended`: they were damaged."""

    data: bytes
    expected: int
    mended: bool = False


def batches(stream: Iterator[bytes], harvest: Harvest) -> Iterator[Batch]:
    """The file of a stream as small files, in its order. Raises what the stream raises when it breaks off, after what it gave."""
    cutter = _Cutter(harvest)
    broken: Exception | None = None
    try:
        for piece in stream:
            yield from cutter.take(piece)
    except Exception as error:
        broken = error
    yield from cutter.rest()
    if broken:
        raise broken


class _Cutter:
    """Cuts a stream at chunk borders. Empty chunks at the end are room kept for later records."""

    def __init__(self, harvest: Harvest) -> None:
        self.harvest = harvest
        self.held = bytearray()
        self.header = b""
        self.place = 0
        self.empty: list[int] = []
        self.refused = False
        self.batch = bytearray()
        self.expected = 0

    def take(self, piece: bytes) -> Iterator[Batch]:
        """Take in the next bytes; gives the batches that they complete."""
        if self.refused:
            return
        self.held += piece
        if not self.header and len(self.held) >= HEADER + len(CHUNK_MAGIC):
            self._begin()
        while self.header and len(self.held) >= CHUNK:
            chunk = bytes(self.held[:CHUNK])
            del self.held[:CHUNK]
            yield from self._chunk(chunk)

    def _begin(self) -> None:
        """Take the file's header; one that is damaged is made anew, since a chunk needs nothing of it."""
        self.header = bytes(self.held[:HEADER])
        if not self.header.startswith(MAGIC):
            if not self.held.startswith(CHUNK_MAGIC, HEADER):
                self.harvest.lost.append("no event log: its first bytes are not `ElfFile`")
                self.refused, self.held = True, bytearray()
                self.header = b""
                return
            self.harvest.lost.append("its header is damaged")
            self.header = _fresh_header()
        del self.held[:HEADER]
        self.harvest.unclosed = bool(self._flags & _DIRTY)

    @property
    def _flags(self) -> int:
        return int(struct.unpack_from("<I", self.header, 120)[0])

    def _chunk(self, chunk: bytes) -> Iterator[Batch]:
        self.place += 1
        if chunk.count(0) == CHUNK:
            self.empty.append(self.place)
            return
        if self.empty:
            self.harvest.lost.append(f"{len(self.empty)} empty chunks between others, the first is chunk {self.empty[0]}")
            self.empty = []
        expected = _sound(chunk, bool(self._flags & _NO_CHECKSUMS))
        if expected is None:
            yield from self._flush()
            yield from self._mended(chunk)
            return
        self.batch += chunk
        self.expected += expected
        if len(self.batch) >= TOGETHER * CHUNK:
            yield from self._flush()

    def _mended(self, chunk: bytes) -> Iterator[Batch]:
        """A chunk whose header is stale or wrong, or whose records are not what was written, as far as it can be read."""
        mended = _mend(chunk)
        if not chunk.startswith(CHUNK_MAGIC):
            self.harvest.lost.append(f"chunk {self.place} does not begin with `ElfChnk`")
        elif mended.holes:
            self.harvest.lost.append(f"chunk {self.place} holds {mended.holes} damaged stretch{'es' if mended.holes > 1 else ''}")
        elif not self.harvest.unclosed:
            self.harvest.lost.append(f"chunk {self.place} is not what its checksum says")
        if mended.records:
            yield Batch(self.header + mended.data, mended.records, True)

    def _flush(self) -> Iterator[Batch]:
        if self.batch:
            yield Batch(self.header + bytes(self.batch), self.expected)
            self.batch, self.expected = bytearray(), 0

    def rest(self) -> Iterator[Batch]:
        """What is left at the stream's end: a last batch, and a chunk that breaks off."""
        yield from self._flush()
        if self.refused:
            return
        if not self.header and len(self.held) != HEADER:
            self.harvest.lost.append("it breaks off in its header" if self.held else "the file is empty")
        elif self.header and any(self.held):
            self.harvest.lost.append(f"it ends in the middle of chunk {self.place + 1}")
            mended = _mend(bytes(self.held.ljust(CHUNK, b"\0")))
            if mended.records:
                yield Batch(self.header + mended.data, mended.records, True)
        self.held = bytearray()


def _fresh_header() -> bytes:
    return struct.pack("<8sQQQIHHHH", MAGIC, 0, 0, 1, 128, 1, 3, HEADER, 1).ljust(HEADER, b"\0")


def _sound(chunk: bytes, unchecked: bool) -> int | None:
    """How many records a chunk holds, if its header and its checksum are right; None if they are not.

    The checksum of the header covers its first 120 bytes and the two tables behind it.
    """
    if not chunk.startswith(CHUNK_MAGIC):
        return None
    first, last, free, checksum = *struct.unpack_from("<QQ", chunk, 8), *struct.unpack_from("<II", chunk, 48)
    count = last - first + 1 if free > RECORDS else 0
    if not RECORDS <= free <= CHUNK or not 0 <= count < MOST_IN_CHUNK:
        return None
    if unchecked:
        return count if _ends_cleanly(chunk, free) else None
    if zlib.crc32(memoryview(chunk)[RECORDS:free]) != checksum:
        return None
    header = zlib.crc32(chunk[128:RECORDS], zlib.crc32(chunk[:120]))
    return count if header == struct.unpack_from("<I", chunk, 124)[0] else None


def _ends_cleanly(chunk: bytes, free: int) -> bool:
    """Whether the sizes of the records lead from the first one to the free space."""
    at = RECORDS
    while at < free:
        size = _size_at(chunk, at)
        if size is None:
            return False
        at += size
    return at == free


@dataclass(frozen=True, slots=True)
class _Mended:
    data: bytes
    records: int
    holes: int


def _mend(chunk: bytes) -> _Mended:
    """A chunk with a header that tells what is there, and with every hole between its records bridged by one that spans it.

    Behind the last record may lie remains of older ones that had lower numbers: where numbers fall, the records end.
    """
    out = bytearray(chunk)
    places: list[tuple[int, int, int]] = []
    at, newest, holes = RECORDS, 0, 0
    while at < CHUNK:
        size = _size_at(chunk, at)
        number = _RECORD.unpack_from(chunk, at)[2] if size else 0
        if size and (not places or newest < number < newest + MOST_IN_CHUNK):
            places.append((at, size, number))
            newest, at = number, at + size
        else:
            at = _next_record(chunk, at + 8)
    end = RECORDS
    for start, size, _ in places:
        if start > end:
            holes += 1
            _bridge(out, end, start)
        end = start + size
    first, last = (places[0][2], places[-1][2]) if places else (0, 0)
    struct.pack_into("<8sQQQQIII", out, 0, CHUNK_MAGIC, first, last, first, last, 128, places[-1][0] if places else RECORDS, end)
    if any(chunk[end:end + 8]) and not _older(chunk, end, newest):
        holes += 1
    return _Mended(bytes(out), len(places), holes)


def _older(chunk: bytes, at: int, newest: int) -> bool:
    """Whether what follows the last record is what an earlier round left in the chunk."""
    following = _next_record(chunk, at)
    return following < CHUNK and _RECORD.unpack_from(chunk, following)[2] <= newest


def _size_at(chunk: bytes, at: int) -> int | None:
    """The size of the record that begins at a place; None if none does, or if it does not end as it should."""
    if at + SMALLEST > CHUNK:
        return None
    magic, size, _ = _RECORD.unpack_from(chunk, at)
    if magic != RECORD_MAGIC or size < SMALLEST or at + size > CHUNK:
        return None
    return int(size) if struct.unpack_from("<I", chunk, at + size - 4)[0] == size else None


def _next_record(chunk: bytes, at: int) -> int:
    """The next place at which a whole record begins, or the chunk's end."""
    while True:
        at = chunk.find(RECORD_MAGIC, at)
        if at < 0:
            return CHUNK
        if _size_at(chunk, at) is not None:
            return at
        at += 4


def _bridge(out: bytearray, start: int, end: int) -> None:
    """Make one record of a hole: a reader takes it for a broken one, and goes on behind it."""
    size = end - start
    if size >= SMALLEST:
        out[start:start + 24] = struct.pack("<4sIQQ", RECORD_MAGIC, size, 0, 0)
        out[start + 24:end] = bytes(size - 28) + struct.pack("<I", size)
