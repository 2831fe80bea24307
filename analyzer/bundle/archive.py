"""Containers read in place: a folder, a zip, a tar in any compression, a single file. Nothing is unpacked to disk.

Every container yields `Entry` values in its own order; an entry's bytes are streamed, so memory does not grow with it.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from analyzer.bundle.limits import MIB, Limits
from analyzer.errors import BundleError

CHUNK = MIB
DEFLATE64 = 9
PROBLEMS_WHILE_READING = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError,
                          NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside a container: its name as written there, its claimed size in bytes, and how to stream it."""

    name: str
    size: int
    chunks: Callable[[], Iterator[bytes]]
    mtime: float | None = None
    problem: str | None = None


def open_container(path: Path, limits: Limits) -> tuple[str, Iterator[Entry]]:
    """The kind of container at `path` (folder, zip, tar, file) and its entries. Raises BundleError."""
    try:
        if path.is_dir():
            return "folder", _folder(path, limits)
        if not path.exists():
            raise BundleError("no such file or folder", where=str(path), advice="check the path")
        if not path.is_file():
            raise BundleError("neither a file nor a folder", where=str(path), advice="give a bundle, a folder or a log file")
        with path.open("rb") as handle:
            head = handle.read(512)
    except PermissionError as error:
        raise BundleError("permission denied", where=str(path), advice="run as a user who may read it") from error
    if not head:
        raise BundleError("the file is empty", where=str(path), advice="collect again: the copy may have failed")
    if is_zip(head):
        return "zip", zip_entries(path, limits)
    if is_tar(head):
        return "tar", tar_entries(lambda: path.open("rb"), limits, str(path))
    packed = compression(head)
    if packed and _holds_tar(path, packed):
        return "tar", tar_entries(lambda: _plain(path, packed), limits, str(path))
    if path.suffix.lower() in (".zip", ".tgz", ".tar"):
        raise BundleError(f"not a {path.suffix[1:]} archive, whatever its name says", where=str(path),
                          advice="the download may hold an error page: copy the file again")
    return "file", iter([_file_entry(path, path.name)])


def is_zip(head: bytes) -> bool:
    """Whether these first bytes begin a zip."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_tar(head: bytes) -> bool:
    """Whether these first 512 bytes begin a tar (POSIX.1-1988 ustar magic)."""
    return len(head) >= 262 and head[257:262] == b"ustar"


def _file_entry(path: Path, name: str) -> Entry:
    info = path.stat()
    return Entry(name, info.st_size, lambda: _read_file(path), mtime=info.st_mtime)


def _read_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


def _folder(root: Path, limits: Limits) -> Iterator[Entry]:
    """Regular files below `root`, sorted by name; links are followed only when they stay inside."""
    inside = os.path.realpath(root)
    seen = 0
    for where, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(names):
            seen += 1
            if seen > limits.members:
                return
            path = Path(where) / name
            try:
                real = os.path.realpath(path)
                if path.is_symlink() and os.path.commonpath([inside, real]) != inside:
                    continue
                if not stat.S_ISREG(path.stat().st_mode):
                    continue
                yield _file_entry(path, path.relative_to(root).as_posix())
            except OSError as error:
                yield Entry(path.relative_to(root).as_posix(), 0, lambda: iter(()), problem=error.strerror or str(error))


def zip_entries(source: Path | IO[bytes], limits: Limits, where: str = "") -> Iterator[Entry]:
    """The files of a zip. Raises BundleError if it is truncated or no zip at all."""
    label = where or str(source)
    try:
        archive = zipfile.ZipFile(source)
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BundleError("the zip is truncated or damaged: its directory at the end cannot be read", where=label,
                          advice="copy or collect it again") from error
    return _zip_members(archive, infos, limits)


def _zip_members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], limits: Limits) -> Iterator[Entry]:
    for info in infos[:limits.members]:
        if info.is_dir() or info.filename.endswith("\\"):
            continue
        problem = _zip_problem(info, limits)
        try:
            mtime: float | None = datetime(*info.date_time, tzinfo=UTC).timestamp()
        except ValueError:
            mtime = None
        name = info.filename.replace("\\", "/")
        chunks = (lambda: iter(())) if problem else _zip_reader(archive, info, limits)
        yield Entry(name, info.file_size, chunks, mtime=mtime, problem=problem)


def _zip_problem(info: zipfile.ZipInfo, limits: Limits) -> str | None:
    if info.flag_bits & 0x1:
        return "encrypted"
    if len(info.filename) > limits.name_length:
        return "name too long"
    if info.file_size > limits.member_bytes:
        return "larger than the limit"
    if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(1, info.compress_size):
        return f"refused: inflates to more than {limits.ratio} times its size"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, DEFLATE64, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return f"compressed by an unknown method ({info.compress_type})"
    return None


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Callable[[], Iterator[bytes]]:
    if info.compress_type == zipfile.ZIP_DEFLATED:
        return lambda: _inflate(archive, info, limits)
    if info.compress_type == DEFLATE64:
        return lambda: _inflate64(archive, info, limits)
    return lambda: _stream(archive.open(info), info.file_size)


def _raw(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's compressed bytes, found behind its local header (APPNOTE.TXT 4.3.7)."""
    handle = archive.fp
    if handle is None:
        raise ValueError("the archive is closed")
    position = info.header_offset
    handle.seek(position)
    header = handle.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise ValueError("its local header is damaged")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    position += 30 + name_length + extra_length
    left = info.compress_size
    while left > 0:
        handle.seek(position)
        chunk = handle.read(min(CHUNK // 4, left))
        if not chunk:
            raise ValueError("the archive ends inside it")
        position += len(chunk)
        left -= len(chunk)
        yield chunk


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    from isal import isal_zlib
    inflater = isal_zlib.decompressobj(wbits=-15)
    total, checksum = 0, 0
    for raw in _raw(archive, info):
        data = raw
        while True:
            try:
                out = inflater.decompress(data, CHUNK)
            except isal_zlib.error as error:  # type: ignore[misc]
                raise ValueError(f"the compressed data is damaged: {error}") from error
            data = inflater.unconsumed_tail
            total += len(out)
            if total > info.file_size:
                raise ValueError("holds more bytes than its header says")
            if out:
                checksum = isal_zlib.crc32(out, checksum)
                yield out
            if inflater.eof or (not data and len(out) < CHUNK):
                break
    if not inflater.eof:
        raise ValueError("the compressed data ends too early")
    if checksum != info.CRC:
        raise ValueError("its checksum does not fit: the archive is damaged")


def _inflate64(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    import inflate64
    inflater = inflate64.Inflater()
    total = 0
    for raw in _raw(archive, info):
        for start in range(0, len(raw), 65536):
            try:
                out = inflater.inflate(raw[start:start + 65536])
            except Exception as error:
                raise ValueError(f"the compressed data is damaged: {error}") from error
            total += len(out)
            if total > info.file_size:
                raise ValueError("holds more bytes than its header says")
            yield out


def _stream(handle: IO[bytes], most: int) -> Iterator[bytes]:
    with handle:
        left = most
        while left > 0 and (chunk := handle.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


_MAGIC = ((b"\x1f\x8b", "gz"), (b"\xfd7zXZ\x00", "xz"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zst"))


def compression(head: bytes) -> str | None:
    """The compression that the first bytes betray: gz, xz, bz2, zst, or None."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def decompress(kind: str, chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The plain bytes of a compressed stream, at most `most` of them; a damaged tail ends the stream with ValueError."""
    handle: Any
    raw: Any = _ChunkReader(chunks)
    if kind == "gz":
        from isal import igzip
        handle = igzip.IGzipFile(fileobj=raw)  # type: ignore[no-untyped-call]
    elif kind == "xz":
        handle = lzma.LZMAFile(raw)  # noqa: SIM115 - the caller closes the stream below it
    elif kind == "bz2":
        handle = bz2.BZ2File(raw)
    else:
        import zstandard
        handle = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw)
    damaged: tuple[type[BaseException], ...] = (OSError, EOFError, lzma.LZMAError, zlib.error)
    if kind == "gz":
        from isal import isal_zlib
        damaged = (*damaged, isal_zlib.error)  # type: ignore[arg-type]
    elif kind == "zst":
        damaged = (*damaged, zstandard.ZstdError)
    left = most
    while left > 0:
        try:
            chunk = handle.read(min(CHUNK, left))
        except damaged as error:
            raise ValueError(f"the compressed data is damaged or cut off: {error}") from error
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


class _ChunkReader(io.RawIOBase):
    """A file-like view of an iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            whole = self._rest + b"".join(self._chunks)
            self._rest = b""
            return whole
        while not self._rest:
            try:
                self._rest = next(self._chunks)
            except StopIteration:
                return b""
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)


def _holds_tar(path: Path, kind: str) -> bool:
    try:
        return is_tar(next(decompress(kind, _read_file(path), 1024), b""))
    except ValueError:
        return False


def _plain(path: Path, kind: str) -> IO[bytes]:
    raw: Any = _ChunkReader(decompress(kind, _read_file(path), 1 << 40))
    return cast(IO[bytes], io.BufferedReader(raw, CHUNK))


def tar_entries(opener: Callable[[], IO[bytes]], limits: Limits, where: str) -> Iterator[Entry]:
    """The regular files of a tar, streamed in its own order: each must be read before the next is asked for."""
    total = 0
    try:
        with tarfile.open(fileobj=opener(), mode="r|") as archive:
            for count, info in enumerate(archive):
                if count >= limits.members:
                    return
                if not info.isreg():
                    continue
                total += info.size
                if len(info.name) > limits.name_length or total > limits.total_bytes or info.size > limits.member_bytes:
                    yield Entry(info.name[:limits.name_length], info.size, lambda: iter(()), problem="larger than the limit")
                    continue
                handle = archive.extractfile(info)
                if handle is not None:
                    yield Entry(info.name, info.size, _once(handle, info.size), mtime=float(info.mtime))
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        if not total:
            raise BundleError("the tar is truncated or damaged", where=where, advice="copy or collect it again") from error
        yield Entry("(rest of the archive)", 0, lambda: iter(()), problem=f"the tar ends too early: {error}")


def _once(handle: IO[bytes], size: int) -> Callable[[], Iterator[bytes]]:
    return lambda: _stream(handle, size)
