"""One pass over a text member: literals first, then the regex on the lines that can match; only those are dated."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from analyzer.clock import Clock, Stamp, stamp_of
from analyzer.model import Cite, Hit
from analyzer.scan.activity import Activity
from analyzer.scan.lines import as_utf8, decode, line_at, read_ahead, stamp_above, whole_lines
from analyzer.scan.pattern import MAX_LINE, Pattern, compiled
from analyzer.scan.prefilter import Prefilter

KEPT_FIRST, KEPT_LAST = 64, 1024
READ_AHEAD_FROM = 4 << 20
LONGEST_CITE = 600
TAG_WITHIN = 200
_ENCODED = Pattern("scan.encoded-message", r"message=(?P<packed>eJ[A-Za-z0-9+/=]{16,})", frozenset(), has=("message=eJ",))
_LEVEL = re.compile(r"\b(VERBOSE|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b|\[(?:Info|Warning|Error)\]", re.IGNORECASE)


@dataclass(slots=True)
class Hits:
    """The hits of one pattern: the first few and the last many, and how many there were in all."""

    first: list[Hit] = field(default_factory=list)
    later: deque[Hit] = field(default_factory=lambda: deque(maxlen=KEPT_LAST))
    count: int = 0

    def add(self, hit: Hit) -> None:
        self.count += 1
        (self.first if len(self.first) < KEPT_FIRST else self.later).append(hit)

    def __iter__(self) -> Iterator[Hit]:
        yield from self.first
        yield from self.later


class Scanner:
    """Scans members for a fixed set of patterns and gathers their hits by pattern id."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = (_ENCODED, *patterns)
        self._prefilter = Prefilter(self._patterns)
        self.hits: dict[str, Hits] = {}
        self._asked: dict[str, tuple[set[int], frozenset[int]]] = {}

    def scan(self, member: str, path: str, sources: Iterable[str], chunks: Iterator[bytes], clock: Clock, *,
             size: int = 0, pulse: bool = False) -> Activity:
        """Scan one member's bytes as text of `sources`; its hits are added to `hits`, its times are returned.

        Raises what the stream raises when it is damaged; what came before is kept.
        """
        names = set(sources)
        wanted = {number for number, pattern in enumerate(self._patterns)
                  if number == 0 or not pattern.sources.isdisjoint(names) or not pattern.lenders.isdisjoint(names)}
        lent = {number for number in wanted if number and self._patterns[number].sources.isdisjoint(names)}
        announced = self._prefilter.literals_for(wanted)
        activity = Activity()
        carried: Stamp | None = None
        blocks = whole_lines(as_utf8(chunks))
        for block in read_ahead(blocks) if size >= READ_AHEAD_FROM else blocks:
            base = activity.lines
            activity.observe(block, clock, pulse)
            if len(wanted) > 1:
                self._block(block, base, member, path, wanted, lent, announced, clock, carried)
            carried = stamp_above(block, len(block), clock) or carried
        return activity

    def _block(self, block: bytes, base: int, member: str, path: str, wanted: set[int], lent: set[int], announced: frozenset[int],
               clock: Clock, carried: Stamp | None) -> None:
        counted, number = 0, base + 1
        for start, end, literals in self._candidates(block, announced):
            owners = [owner for owner in self._prefilter.owners(literals) if owner in wanted]
            if not owners:
                continue
            number += block.count(b"\n", counted, start)
            counted = start
            line = decode(block[start:min(end, start + MAX_LINE)])
            stamp: Stamp | None = None
            dated = False
            for owner in owners:
                pattern = self._patterns[owner]
                if owner in lent and not compiled(pattern.tag).search(line[:TAG_WITHIN]):
                    continue
                groups = pattern.search(line)
                if groups is None or (pattern.levels and not level_of(line) & pattern.levels):
                    continue
                if not dated:
                    stamp = stamp_of(line, clock) or stamp_above(block, start, clock) or carried
                    dated = True
                if owner == 0:
                    self._unpack(groups["packed"], line, number, member, path, wanted, stamp)
                    continue
                self._keep(pattern.id, Hit(Cite(member, path, shorten(line), line=number), stamp.time if stamp else None,
                                           stamp.uncertainty if stamp else 0.0, groups))

    def _candidates(self, block: bytes, announced: frozenset[int]) -> Iterator[tuple[int, int, set[int]]]:
        """Lines that hold a literal: start, end, and the literals found in them."""
        start = end = -1
        literals: set[int] = set()
        for position, literal in self._prefilter.positions(block, announced):
            if position - 1 < end:
                literals.add(literal)
                continue
            if literals:
                yield start, end, literals
            start, end = line_at(block, position - 1)
            literals = {literal}
        if literals:
            yield start, end, literals

    def _unpack(self, packed: str, line: str, number: int, member: str, path: str, wanted: set[int], stamp: Stamp | None) -> None:
        """Match the text inside a base64 and zlib packed message, as agents since 2.2 write their telemetry events."""
        try:
            raw = zlib.decompressobj().decompress(base64.b64decode(packed + "=" * (-len(packed) % 4)), 1 << 16)
        except (binascii.Error, zlib.error, ValueError):
            return
        text = raw.decode("utf-8", errors="replace")
        for owner in wanted - {0}:
            pattern = self._patterns[owner]
            if any(literal in text for literal in pattern.literals()):
                groups = pattern.search(text)
                if groups is not None:
                    cited = shorten(f"{line[:120]} [unpacked: {text}]")
                    self._keep(pattern.id, Hit(Cite(member, path, cited, line=number), stamp.time if stamp else None,
                                               stamp.uncertainty if stamp else 0.0, groups))

    def scan_line(self, member: str, path: str, source: str, number: int, line: str, cited: str, time: float | None) -> None:
        """Match one line that stands in no log but is retold as one of `source`; `cited` are the words that are shown for it."""
        wanted, announced = self._asked_of(source)
        literals = {literal for _, literal in self._prefilter.positions(line.encode(errors="replace"), announced)}
        for owner in self._prefilter.owners(literals):
            pattern = self._patterns[owner]
            groups = pattern.search(line) if owner in wanted else None
            if groups is not None and (not pattern.levels or level_of(line) & pattern.levels):
                self._keep(pattern.id, Hit(Cite(member, path, shorten(cited), line=number), time, 0.0, groups))

    def _asked_of(self, source: str) -> tuple[set[int], frozenset[int]]:
        """The patterns for a source itself, and the literals that announce them; found once a source."""
        if source not in self._asked:
            wanted = {number for number, pattern in enumerate(self._patterns) if number and source in pattern.sources}
            self._asked[source] = wanted, self._prefilter.literals_for(wanted)
        return self._asked[source]

    def _keep(self, pattern: str, hit: Hit) -> None:
        self.hits.setdefault(pattern, Hits()).add(hit)


def level_of(line: str) -> frozenset[str]:
    """The level word of a record, upper case, WARN read as WARNING; empty if it has none."""
    found = _LEVEL.search(line[:200])
    if not found:
        return frozenset()
    word = found.group(0).strip("[]").upper()
    return frozenset({"WARNING" if word.startswith("WARN") else word})


def shorten(text: str) -> str:
    """A line fit to be cited: bounded in length, without control characters."""
    if len(text) > LONGEST_CITE:
        text = text[:LONGEST_CITE - 1] + "…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in text)
