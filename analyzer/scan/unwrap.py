"""Lines that a terminal broke at its edge are joined again, so that a text can be found across the break.

A serial console of 80 columns breaks records in mid-word, and often prints the character at the edge twice; people paste
that. Line numbers must stay true: the whole record takes the place of its first piece, and empty lines that of the others.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from analyzer.scan.records import BEGINS
from analyzer.scan.refill import refilled

WIDTHS = range(60, 241)
FEWEST = 2
MANY, STRANGERS = 10, 5
MOST_PIECES = 40
LARGEST = 4 << 20


def unwrap(text: str) -> str:
    """The text with broken lines joined; unchanged if no width stands out as the edge of a terminal.

    >>> unwrap("[  1.1] " + "a" * 70 + "bb\\nc\\n[  1.2] " + "d" * 70 + "ee\\nf\\n").split("\\n")[2] == "[  1.2] " + "d" * 70 + "ef"
    True
    """
    if len(text) > LARGEST:
        return text
    lines = text.split("\n")
    width = _edge(lines)
    if not width:
        return "\n".join(refilled(lines))
    doubled = _doubles(lines, width)
    joined: list[str] = []
    whole, pieces = "", 0
    for line in lines:
        if pieces and pieces < MOST_PIECES and not BEGINS.match(line):
            whole, pieces = whole + line, pieces + 1
        else:
            _close(joined, whole, pieces)
            whole, pieces = line, 1
        if len(line.rstrip("\r")) == width:
            whole = whole.rstrip("\r")
            whole = whole[:-1] if doubled and whole[-1] == whole[-2] else whole
        else:
            _close(joined, whole, pieces)
            whole, pieces = "", 0
    _close(joined, whole, pieces)
    return "\n".join(joined)


def _close(joined: list[str], whole: str, pieces: int) -> None:
    if pieces:
        joined += [whole, *[""] * (pieces - 1)]


def _edge(lines: list[str]) -> int | None:
    """The column at which lines are broken: the longest line's length, if others are as long and go on below. Of many such lines a
    few may be longer: what another program drew."""
    lengths = Counter(len(line.rstrip("\r")) for line in lines)
    width = max(lengths, default=0)
    if lengths[width] < FEWEST and lengths:
        common = max((length for length in lengths if length in WIDTHS), key=lambda length: lengths[length], default=width)
        if lengths[common] >= MANY and sum(count for length, count in lengths.items() if length > common) * STRANGERS <= lengths[common]:
            width = common
    if width not in WIDTHS or lengths[width] < FEWEST:
        return None
    broken = [BEGINS.match(line) is not None for line, below in pairwise(lines)
              if len(line.rstrip("\r")) == width and below.strip() and not BEGINS.match(below)]
    # Of a table with lines of one length none begins with a time.
    return width if sum(broken) >= FEWEST and len(broken) >= lengths[width] * 0.6 else None


def _doubles(lines: list[str], width: int) -> bool:
    """Whether the character at the edge is printed twice: nearly every broken line then ends in a pair."""
    broken = [line.rstrip("\r") for line, below in pairwise(lines)
              if len(line.rstrip("\r")) == width and not BEGINS.match(below)]
    pairs = sum(1 for line in broken if line[-1] == line[-2])
    return pairs >= len(broken) * 0.8
