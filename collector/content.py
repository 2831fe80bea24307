"""Masks what a file holds on its way into the bundle: plain text, gzipped logs, and zips inside the evidence.

A shape is fed with bytes and writes masked bytes to a sink. Which one it is, the first bytes tell and not the name: a rotated log
may be packed whatever it is called. What cannot be masked, because it cannot be read, is not taken.
"""

import io
import zipfile
import zlib

from collector.inplace import Blanked
from collector.ziparchive import ZipWriter

GAP_MARK = "[%d bytes left out here]\n"
LARGEST_ZIP = 12 * 1024 * 1024
GZIP, ZIP = (b"\x1f\x8b",), (b"PK\3\4", b"PK\5\6")
_LARGEST_UNPACKED = 48 * 1024 * 1024
_PIECE = 256 * 1024
_NESTED = 3
_SEALED = (".xz", ".bz2", ".zst", ".lz4", ".7z", ".tgz", ".rpm", ".deb", ".pfx", ".p12", ".jks", ".key", ".prv")
# xz, bzip2, zstd, 7z, lz4, rar, cab, compress, lzma, lzip, zlib; UTF-32; a Java key store; keys and certificates in DER
_CLOSED = (b"\x1f\x9d", b"\x5d\0\0", b"LZIP", b"x\x01", b"x\x9c", b"x\xda", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"\x04\x22\x4d\x18", b"Rar!", b"MSCF", b"\xfe\xed\xfe\xed", b"\x30\x82")
_MOST_NAMED = 5


class Unreadable(Exception):
    """The content cannot be masked; `reason` is for the manifest."""


class Shape(object):
    """What every shape tells when it is finished."""

    taken = 0           # bytes of text that were masked, unpacked
    left_out = 0        # bytes of endless lines that were not taken
    cut = False         # whether it takes no more
    dropped = ()        # names inside it that were left out

    def gap(self, count):
        """`count` bytes of the file are missing here."""
        raise Unreadable("it is packed, and too large to be read whole")

    def stop(self):
        """The rest of the file is missing."""


class Plain(Shape):
    """Text, or bytes that are searched like text."""

    def __init__(self, redactor, sink):
        self._masker, self._sink = redactor.stream(), sink

    def feed(self, data):
        self.taken += len(data)
        self._sink(self._masker.feed(data))

    def gap(self, count):
        self._masker.cut()
        self._sink(self._masker.feed(encoded(GAP_MARK % count, self._masker.encoding)))

    def stop(self):
        self._masker.cut()

    def finish(self):
        self._sink(self._masker.finish())

    @property
    def redactions(self):
        return self._masker.count

    @property
    def left_out(self):
        return self._masker.bytes_left_out


class Raw(Shape):
    """Binary evidence that cannot be masked in place, such as event logs: taken as it is."""

    redactions = 0

    def __init__(self, sink):
        self._sink = sink

    def feed(self, data):
        self._sink(data)

    def finish(self):
        pass


class Content(Shape):
    """Looks at the first bytes and hands over to the shape that fits.

    `never` are words that no name inside a zip may hold; `spent` tells whether the time is over, for a small file may hold a lot.
    """

    def __init__(self, redactor, sink, limit, never, spent, depth=_NESTED):
        self._redactor, self._sink, self._limit, self._never, self._spent, self._depth = redactor, sink, limit, never, spent, depth
        self._shape = None

    def feed(self, data):
        if self._shape is None and data:
            self._shape = self._choose(data)
        if data:
            self._shape.feed(data)

    def gap(self, count):
        self._shape = self._shape or Plain(self._redactor, self._sink)
        self._shape.gap(count)

    def stop(self):
        if self._shape:
            self._shape.stop()

    @property
    def taken(self):
        return self._shape.taken if self._shape else 0

    def finish(self):
        self._shape = self._shape or Plain(self._redactor, self._sink)
        self._shape.finish()

    def _choose(self, first):
        if first.startswith(_CLOSED):
            raise Unreadable("its format cannot be masked")
        if not first.startswith(GZIP + ZIP):
            return Plain(self._redactor, self._sink)
        if not self._depth:
            raise Unreadable("it is packed too often")
        kind = Gzipped if first.startswith(GZIP) else Zipped
        return kind(self._redactor, self._sink, self._limit, self._never, self._spent, self._depth - 1)

    @property
    def redactions(self):
        return self._shape.redactions if self._shape else 0

    @property
    def left_out(self):
        return self._shape.left_out if self._shape else 0

    @property
    def cut(self):
        return bool(self._shape and self._shape.cut)

    @property
    def dropped(self):
        return self._shape.dropped if self._shape else ()


class Gzipped(Shape):
    """A gzipped log: inflated, masked, deflated again; at most `limit` bytes of its text."""

    def __init__(self, redactor, sink, limit, never, spent, depth):
        self._inflate = zlib.decompressobj(31)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
        self._inside = Content(redactor, lambda data: sink(self._deflate.compress(data)), limit, never, spent, depth)
        self._sink, self._room, self._spent = sink, limit, spent

    def feed(self, data):
        try:
            while data and self._room > 0 and not self._spent():
                text = self._inflate.decompress(data, _PIECE)
                self._inside.feed(text[:self._room])
                self._room -= len(text)
                data = self._inflate.unconsumed_tail
                if not data and self._inflate.unused_data:
                    data, self._inflate = self._inflate.unused_data, zlib.decompressobj(31)
        except zlib.error:
            self._room = 0
        self.cut = self.cut or self._room <= 0 or bool(data) or self._inside.cut

    def stop(self):
        self._inside.stop()

    def finish(self):
        if self.cut:
            self.stop()
        self._inside.finish()
        self._sink(self._deflate.flush())

    @property
    def taken(self):
        return self._inside.taken

    @property
    def redactions(self):
        return self._inside.redactions

    @property
    def left_out(self):
        return self._inside.left_out

    @property
    def dropped(self):
        return self._inside.dropped


class Zipped(Shape):
    """A zip: read whole, its members masked one by one, written anew; what cannot be masked in it is left out."""

    def __init__(self, redactor, sink, limit, never, spent, depth):
        self._redactor, self._sink, self._never, self._spent, self._depth = redactor, sink, never, spent, depth
        self._packed, self._room = io.BytesIO(), max(limit, _LARGEST_UNPACKED)
        self.redactions, self.dropped = 0, []

    def feed(self, data):
        if self._packed.tell() + len(data) > LARGEST_ZIP:
            raise Unreadable("a zip of more than %d bytes is not taken" % LARGEST_ZIP)
        self._packed.write(data)

    def finish(self):
        try:
            archive = zipfile.ZipFile(self._packed)
            entries = archive.infolist()
        except Exception:  # whatever a damaged zip makes the library raise
            raise Unreadable("it is a zip that cannot be read")
        target = io.BytesIO()
        writer = ZipWriter(target)
        for entry in entries:
            if not entry.filename.endswith("/"):
                self._take(archive, entry, writer)
        writer.seal()
        target.seek(0)
        data = target.read(_PIECE)
        while data:
            self._sink(data)
            data = target.read(_PIECE)

    def _take(self, archive, entry, writer):
        name = entry.filename if not isinstance(entry.filename, bytes) else entry.filename.decode("utf-8", "replace")
        low = "/" + name.lower()
        if any(word in low for word in self._never) or low.endswith(_SEALED) or self._room <= 0 or self._spent():
            self.dropped.append(name)
            return
        writer.begin(self._redactor.name(name), entry.date_time)
        shape = Content(self._redactor, writer.write, self._room, self._never, self._spent, self._depth)
        try:
            self._fill(shape, archive.open(entry))
        except Exception:  # one damaged member, in whatever way, must not cost the others
            writer.abandon()
            self.dropped.append(name)
            return
        finally:
            self.taken += shape.taken
            self._room -= shape.taken
        writer.end()
        self.redactions += shape.redactions
        self.dropped += ["%s/%s" % (name, inner) for inner in shape.dropped]

    def _fill(self, shape, stream):
        packed, data = 0, stream.read(_PIECE)
        while data:
            packed += len(data)
            if max(packed, shape.taken) > self._room or self._spent():
                raise Unreadable("there is too much in it")
            shape.feed(data)
            data = stream.read(_PIECE)
        shape.finish()


def shape_for(path, item, redactor, sink, limit, never, spent=lambda: False):
    """How the content of `path` is masked; raises Unreadable for formats that cannot be."""
    if item.raw:
        return Blanked(redactor, sink) if item.kind == "registry" else Raw(sink)
    if path.lower().endswith(_SEALED):
        raise Unreadable("its format cannot be masked")
    return Content(redactor, sink, limit, never, spent)


def left_out_words(names):
    """One sentence on what was left out of a packed file; None for nothing."""
    if not names:
        return None
    more = " and %d more" % (len(names) - _MOST_NAMED) if len(names) > _MOST_NAMED else ""
    return "left out of it: " + ", ".join(names[:_MOST_NAMED]) + more


def encoded(words, encoding):
    """Text in the encoding of the file it is put into."""
    return words.encode(encoding or "utf-8")
