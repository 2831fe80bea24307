"""Masks what a file holds on its way into the bundle: plain text, gzipped logs, and zips inside the evidence.

A shape is fed with bytes and writes masked bytes to a sink. What cannot be masked, because it cannot be read, is not taken.
"""

import io
import zipfile
import zlib

from collector.ziparchive import ZipWriter

GAP_MARK = "[%d bytes left out here]\n"
LARGEST_ZIP = 16 * 1024 * 1024
_LARGEST_UNPACKED = 48 * 1024 * 1024
_PIECE = 256 * 1024
_SEALED = (".xz", ".bz2", ".zst", ".lz4", ".7z", ".tgz", ".tar", ".rpm", ".deb", ".pfx", ".p12", ".jks", ".key", ".prv")


class Unreadable(Exception):
    """The content cannot be masked; `reason` is for the manifest."""


class Plain(object):
    """Text, or bytes that are searched like text."""

    started = False

    def __init__(self, redactor, sink):
        self._masker, self._sink = redactor.stream(), sink

    def feed(self, data):
        self.started = True
        self._sink(self._masker.feed(data))

    def gap(self, count):
        self._sink(self._masker.feed(encoded(GAP_MARK % count, self._masker.encoding)))

    def finish(self):
        self._sink(self._masker.finish())

    @property
    def redactions(self):
        return self._masker.count

    @property
    def left_out(self):
        """Bytes of endless lines that were not taken."""
        return self._masker.bytes_left_out


class Raw(object):
    """Binary evidence that cannot be masked in place, such as event logs and hives: taken as it is."""

    left_out = 0

    def __init__(self, sink):
        self._sink = sink
        self.redactions = 0

    def feed(self, data):
        self._sink(data)

    def finish(self):
        pass


class Gzipped(object):
    """A gzipped log: inflated, masked, deflated again; at most `limit` bytes of its text."""

    def __init__(self, redactor, sink, limit):
        self._inflate = zlib.decompressobj(31)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
        self._plain = Plain(redactor, lambda data: sink(self._deflate.compress(data)))
        self._sink, self._room = sink, limit
        self.cut = False

    def feed(self, data):
        try:
            while data and self._room > 0:
                text = self._inflate.decompress(data, _PIECE)
                self._plain.feed(text[:self._room])
                self._room -= len(text)
                data = self._inflate.unconsumed_tail
                if not data and self._inflate.unused_data:
                    data, self._inflate = self._inflate.unused_data, zlib.decompressobj(31)
        except zlib.error:
            if not self._plain.started:
                raise Unreadable("it is not gzip")
            self._room = 0
        self.cut = self.cut or self._room <= 0

    def finish(self):
        self._plain.finish()
        self._sink(self._deflate.flush())

    @property
    def redactions(self):
        return self._plain.redactions

    @property
    def left_out(self):
        return self._plain.left_out


class Zipped(object):
    """A zip: read whole, its members masked one by one, written anew. Zips inside it are treated the same, twice."""

    left_out = 0

    def __init__(self, redactor, sink, never, depth=2):
        self._redactor, self._sink, self._never, self._depth = redactor, sink, never, depth
        self._parts, self._size = [], 0
        self.redactions = 0

    def feed(self, data):
        self._size += len(data)
        if self._size > LARGEST_ZIP:
            raise Unreadable("a zip of more than %d bytes is not taken" % LARGEST_ZIP)
        self._parts.append(data)

    def finish(self):
        source = io.BytesIO(b"".join(self._parts))
        self._parts = []
        try:
            self._rewrite(zipfile.ZipFile(source))
        except (zipfile.BadZipfile, zlib.error, EnvironmentError, ValueError, RuntimeError, NotImplementedError, EOFError, KeyError):
            raise Unreadable("it is not a zip that can be read")

    def _rewrite(self, archive):
        target, room = io.BytesIO(), _LARGEST_UNPACKED
        writer = ZipWriter(target)
        for info in archive.infolist():
            low = info.filename.lower()
            if low.endswith("/") or any(word in "/" + low for word in self._never) or low.endswith(_SEALED):
                continue
            name = info.filename if not isinstance(info.filename, bytes) else info.filename.decode("utf-8", "replace")
            writer.begin(name, info.date_time)
            shape = self._shape(low, writer.write)
            with_room = True
            try:
                stream = archive.open(info)
                data = stream.read(_PIECE)
                while data and with_room:
                    room -= len(data)
                    with_room = room > 0
                    shape.feed(data)
                    data = stream.read(_PIECE)
                shape.finish()
            except (Unreadable, zipfile.BadZipfile, zlib.error, RuntimeError, NotImplementedError, EOFError):
                writer.abandon()
                continue
            writer.end()
            self.redactions += shape.redactions
        writer.seal()
        self._sink(target.getvalue())

    def _shape(self, low, sink):
        if low.endswith(".zip"):
            if not self._depth:
                raise Unreadable("a zip inside a zip inside a zip")
            return Zipped(self._redactor, sink, self._never, self._depth - 1)
        if low.endswith(".gz"):
            return Gzipped(self._redactor, sink, _LARGEST_UNPACKED)
        return Plain(self._redactor, sink)


def shape_for(path, item, redactor, sink, limit, never):
    """How the content of `path` is masked; raises Unreadable for formats that cannot be."""
    low = path.lower()
    if item.raw:
        return Raw(sink)
    if low.endswith(".gz"):
        return Gzipped(redactor, sink, limit)
    if low.endswith(".zip"):
        return Zipped(redactor, sink, never)
    if low.endswith(_SEALED):
        raise Unreadable("its format cannot be masked")
    return Plain(redactor, sink)


def encoded(words, encoding):
    """Text in the encoding of the file it is put into."""
    return words.encode(encoding or "utf-8")
