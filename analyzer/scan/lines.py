"""Blocks of whole lines out of a stream of bytes, whatever its encoding; times of lines that carry none themselves."""

from __future__ import annotations

import codecs
import queue
import threading
from collections.abc import Iterator

from analyzer.clock import Clock, Stamp, stamp_of
from analyzer.scan.codepages import code_page

LONGEST_LINE = 1 << 20
LOOK_BACK_LINES = 400


def as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The stream as UTF-8: UTF-16 is recognised by its mark, or by the zero bytes of its first characters; a code page by its letters."""
    first = next(chunks, b"")
    encoding = _utf16(first[:4096]) or code_page(first)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield decoder.decode(first).removeprefix("\ufeff").encode(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode(errors="replace")
    yield decoder.decode(b"", final=True).encode(errors="replace")


def _utf16(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    if len(head) >= 8:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = len(head) // 2
        if odd > 0.4 * half and even < 0.1 * half:
            return "utf-16-le"
        if even > 0.4 * half and odd < 0.1 * half:
            return "utf-16-be"
    return None


def whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks that end at a line's end; a line longer than a MiB is cut there."""
    rest = b""
    for chunk in chunks:
        block = rest + chunk if rest else chunk
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
            rest = block[cut:]
        elif len(block) >= LONGEST_LINE:
            yield block
            rest = b""
        else:
            rest = block
    if rest:
        yield rest


def read_ahead(blocks: Iterator[bytes], depth: int = 6) -> Iterator[bytes]:
    """The same blocks, produced by a thread of their own, so that inflating and scanning go on side by side."""
    channel: queue.Queue[bytes | BaseException | None] = queue.Queue(depth)
    stopped = threading.Event()

    def put(value: bytes | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                channel.put(value, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def produce() -> None:
        try:
            for block in blocks:
                if not put(block):
                    return
            put(None)
        except BaseException as error:
            put(error)

    worker = threading.Thread(target=produce, name="inflate", daemon=True)
    worker.start()
    try:
        while True:
            value = channel.get()
            if value is None:
                return
            if isinstance(value, BaseException):
                raise value
            yield value
    finally:
        stopped.set()


def line_at(block: bytes, position: int) -> tuple[int, int]:
    """Start and end of the line that holds `position`, without its line end."""
    start = block.rfind(b"\n", 0, position) + 1
    end = block.find(b"\n", position)
    return start, len(block) if end < 0 else end


def decode(raw: bytes) -> str:
    """A line's text; bytes that are not UTF-8 become replacement marks."""
    return raw.decode("utf-8", errors="replace").rstrip("\r\n")


def stamp_above(block: bytes, start: int, clock: Clock) -> Stamp | None:
    """The stamp of the nearest line above `start` that carries one, not further than `LOOK_BACK_LINES` lines."""
    position = start
    for _ in range(LOOK_BACK_LINES):
        if position <= 0:
            return None
        previous = block.rfind(b"\n", 0, position - 1) + 1
        found = stamp_of(decode(block[previous:min(position, previous + 512)]), clock)
        if found:
            return found
        position = previous
    return None


def first_stamp(block: bytes, clock: Clock, start: int = 0, most: int = 200) -> tuple[Stamp, int] | None:
    """The first dated line at or after `start` and its offset, among the next `most` lines."""
    position = start
    for _ in range(most):
        if position >= len(block):
            return None
        end = block.find(b"\n", position)
        end = len(block) if end < 0 else end
        found = stamp_of(decode(block[position:min(end, position + 512)]), clock)
        if found:
            return found, position
        position = end + 1
    return None
