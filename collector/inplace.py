"""Blanks secrets in the texts of a binary file without moving a byte: for registry hives, whose cells have fixed places."""

import bisect
import re

from collector.redact import Masker

_TEXT = re.compile(br"(?:[\x09\x20-\x7e]\x00){8,}|[\x09\x20-\x7e]{12,}")
_LONGEST = 256 * 1024


class Blanked(object):
    """Takes a file in pieces, as the shapes of content.py do, and writes it with asterisks in place of secrets."""

    left_out, cut, dropped = 0, False, ()

    def __init__(self, redactor, sink):
        self._redactor, self._sink = redactor, sink
        self._filler, self._held = _Filler(redactor), b""
        self.blanked = 0

    def feed(self, data):
        data = self._held + data
        texts = list(_TEXT.finditer(data, max(0, len(data) - _LONGEST)))
        end = texts[-1].start() if texts and texts[-1].end() >= len(data) - 1 else len(data)
        self._held = data[end:]
        self._sink(self._blank(data[:end]))

    def finish(self):
        self._sink(self._blank(self._held))
        self._held = b""

    @property
    def redactions(self):
        """Values blanked by their names, which the reader did, and by their texts."""
        return self.blanked + self._filler.count

    def _blank(self, data):
        spans = [match.span() for match in _TEXT.finditer(data)]
        texts = [data[start:end:2] if data[start + 1:start + 2] == b"\0" else data[start:end] for start, end in spans]
        offsets, at = [], 0
        for text in texts:
            offsets.append(at)
            at += len(text) + 1
        out = None
        for start, rules in self._redactor.hits(b"\n".join(texts)):
            index = bisect.bisect_right(offsets, start) - 1
            filled = self._filler.plain(texts[index], rules)
            if filled != texts[index]:
                out = out or bytearray(data)
                first, last = spans[index]
                out[first:last:2 if len(filled) < last - first else 1] = filled
        return data if out is None else bytes(out)


class _Filler(Masker):
    """Masks with asterisks, as many as the secret has characters."""

    def tag(self, kind, secret):
        Masker.tag(self, kind, secret)
        return b"*" * len(secret)

    def _packed(self, rule, value):
        text = rule.decode(value)
        return value if text is None or not self.holds_secret(text) else self.tag(rule.kind, value)
