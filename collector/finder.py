"""Finds the lines on which a rule has to be tried: those that hold one of its anchors.

Most anchors stand nowhere in a log, and to find that out quickly is what the speed of masking rests on. A block of some hundred
kilobytes has a few hundred different words, so an anchor's two longest words are looked for among these first, or its rarest byte; and
the marks of an anchor among those that stand between the letters of the block.
"""

import re

from collector.hidden import BASE64, long_rows
from collector.keyblocks import LONE_BASE64
from collector.openends import ANCHORS

_RARE = (b"<", b"{", b"|", b"\\", b"%", b"@", b"$", b"~", b"'", b'"', b"&", b"\xc3", b"\xe3", b"\xe5", b"\xef")
_LETTERS_ONLY = bytes(bytearray(byte if 97 <= byte <= 122 else 32 for byte in range(256)))
_LETTERS_DIGITS_BLANKS = b"abcdefghijklmnopqrstuvwxyz0123456789 \t\r\n"
_WORD = re.compile(br"[a-z]{2,}")
# There are more anchors than the module re remembers.
_COMPILED = {}
_WORTH_IT = 8192
_LONE_BASE64_BELOW = re.compile(br"\n[ \t]*[A-Za-z0-9+/]{60}")


class Finder(object):
    """Looks for the anchors of all `rules`."""

    def __init__(self, rules):
        by_anchor = dict((anchor, []) for anchor in ANCHORS)
        for rule in rules:
            for anchor in rule.anchors:
                by_anchor.setdefault(anchor, []).append(rule)
        self._scans = [_Scan(anchor, tried) for anchor, tried in sorted(by_anchor.items(), key=lambda pair: pair[0])]

    def hits(self, block):
        """[(start of line, rules to try on it)] for a block of whole lines, in order."""
        low, found = block.lower(), {}
        words = b" ".join(set(low.translate(_LETTERS_ONLY).split())) if len(block) > _WORTH_IT else low
        marks = low.translate(None, _LETTERS_DIGITS_BLANKS)
        held = frozenset(byte for byte in _RARE if byte in marks)
        for scan in self._scans:
            if scan.word not in words or scan.second not in words or scan.rare and scan.rare not in held or scan.marks not in marks:
                continue
            at, end = low.find(scan.literal), -1
            if at < 0:
                continue
            for match in scan.pattern.finditer(low, at):
                if match.start() >= end:
                    found.setdefault(_line_begin(block, match.start()), set()).update(scan.rules)
                    end = line_end(block, match.start())
        for place in long_rows(block):
            found.setdefault(_line_begin(block, place), set()).add(BASE64)
        for match in _LONE_BASE64_BELOW.finditer(block):
            found.setdefault(match.start() + 1, set())
        if LONE_BASE64.match(block):
            found.setdefault(0, set())
        return sorted(found.items(), key=lambda pair: pair[0])


class _Scan(object):
    """One anchor: its literal, the pattern that begins with it, and what tells soonest that it is not there."""

    __slots__ = ("literal", "pattern", "rules", "word", "second", "rare", "marks")

    def __init__(self, anchor, rules):
        self.literal, tail = anchor
        if anchor not in _COMPILED:
            _COMPILED[anchor] = re.compile(re.escape(self.literal) + tail)
        self.pattern, self.rules = _COMPILED[anchor], rules
        by_length = sorted(_WORD.findall(self.literal), key=len, reverse=True) + [b"", b""]
        self.word, self.second = by_length[:2]
        self.rare = next((byte for byte in _RARE if byte in self.literal), None)
        self.marks = self.literal.translate(None, _LETTERS_DIGITS_BLANKS)


def line_end(block, at):
    """Where the line at `at` ends, its line feed included."""
    end = block.find(b"\n", at)
    return len(block) if end < 0 else end + 1


def _line_begin(block, at):
    return block.rfind(b"\n", 0, at) + 1
