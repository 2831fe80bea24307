"""Records that a mailer or an editor wrapped at blanks are made whole again.

Its records have no line longer than its width, and no word at the beginning of a line would have fitted on the line above: that tells it
from tracebacks, JSON and tables below a record. Line numbers stay true: the record takes the place of its first piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from analyzer.scan.records import BEGINS

WIDTHS = range(56, 101)
FEWEST_RECORDS, FEWEST_BREAKS = 3, 5
MOST_PIECES = 60
# What is broken in mid-word, because it is longer than a line: addresses, paths, numbers.
_IN_MID_WORD = re.compile(r"\S*[/:%=\\]\S*\Z|\S*\d\Z")


def refilled(lines: list[str]) -> list[str]:
    """The lines with wrapped records joined; the same list if they are not wrapped.

    >>> text = ["2021-01-01 " + "word " * 9 + "words", "goes on"] * 5
    >>> refilled(text)[:2] == [text[0] + " goes on", ""]
    True
    """
    runs = [*_runs(lines)]
    width = max((len(line.rstrip()) for first, last in runs for line in lines[first:last]), default=0)
    if width not in WIDTHS or any(len(line) > width + 1 for line in lines if BEGINS.match(line)):
        return lines
    breaks = [(above, below) for first, last in runs for above, below in pairwise(lines[first:last])]
    if len(runs) < FEWEST_RECORDS or len(breaks) < FEWEST_BREAKS or sum(_full(above, below, width) for above, below in breaks) < len(breaks) * 0.95:
        return lines
    whole = list(lines)
    for first, last in runs:
        whole[first:last] = [_joined(lines[first:last], width), *[""] * (last - first - 1)]
    return whole


def _runs(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First and last line (excluded) of every record that goes on in lines below it."""
    at = 0
    while at < len(lines):
        end = at + 1
        if BEGINS.match(lines[at]):
            while end < len(lines) and end - at < MOST_PIECES and lines[end].strip() and not BEGINS.match(lines[end]):
                end += 1
            if end - at > 1:
                yield at, end
        at = end


def _full(above: str, below: str, width: int) -> bool:
    """Whether the first word of `below` had no room on the line above."""
    return len(above.rstrip()) + 1 + len(below.split(None, 1)[0]) > width


def _joined(pieces: list[str], width: int) -> str:
    whole = pieces[0].rstrip()
    for above, piece in pairwise(pieces):
        in_mid_word = above.rstrip().endswith("-") or (len(above.rstrip()) == width and _IN_MID_WORD.search(above.rstrip()))
        whole += ("" if in_mid_word else " ") + piece.strip()
    return whole
