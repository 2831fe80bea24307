"""When a log spoke: its first and last record, its silences and its steps back in time.

Sampled every few KiB, and read line by line only where two samples lie far apart, so that it costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.clock import Clock
from analyzer.scan.lines import first_stamp, stamp_above

SAMPLE = 16_384
SMALLEST_PIECE = 1024
SHORTEST_SILENCE = 60.0
MOST_GAPS = 4096
CUT_MARK = b" bytes left out here]"


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was written between two neighbouring records. `seconds` is negative for a step back in time."""

    start: float
    end: float
    line: int

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(slots=True)
class Activity:
    """What is known of one member's times: epoch seconds UTC, None while no dated line was met.

    `unclosed`: the log was in use when it was copied, so records newer than its last one may be missing.
    """

    first: float | None = None
    last: float | None = None
    latest: float | None = None
    uncertainty: float = 0.0
    gaps: list[Gap] = field(default_factory=list)
    lines: int = 0
    cut_until: float | None = None
    unclosed: bool = False
    _cut: bool = False

    def shift(self, seconds: float, uncertainty: float) -> None:
        """Move all times, since their zone was found out."""
        self.first, self.last, self.latest, self.cut_until = (
            None if time is None else time + seconds for time in (self.first, self.last, self.latest, self.cut_until))
        self.uncertainty = uncertainty

    def observe(self, block: bytes, clock: Clock, pulse: bool) -> None:
        """Take in the next block of whole lines; `pulse` also records the silences inside it."""
        self._notice_cut(block, clock)
        if pulse:
            self._sample(block, clock)
        else:
            found = first_stamp(block, clock)
            if found:
                self._at(found[0].time, found[0].uncertainty)
            last = stamp_above(block, len(block), clock)
            if last:
                self._at(last.time, last.uncertainty)
        self.lines += block.count(b"\n") + (0 if block.endswith(b"\n") or not block else 1)

    def _notice_cut(self, block: bytes, clock: Clock) -> None:
        """Remember when the log goes on behind a part that the collector left out for its size."""
        position = block.rfind(CUT_MARK)
        if position >= 0:
            self._cut, self.cut_until = True, None
        if self._cut and self.cut_until is None:
            found = first_stamp(block, clock, block.find(b"\n", position) + 1 if position >= 0 else 0)
            self.cut_until = found[0].time if found else None

    def _at(self, time: float, doubt: float) -> None:
        if self.first is None or time < self.first:
            self.first = time
        if self.latest is None or time > self.latest:
            self.latest = time
        self.last = time
        self.uncertainty = max(self.uncertainty, doubt)

    def _sample(self, block: bytes, clock: Clock) -> None:
        position = 0
        while position < len(block):
            window_end = min(len(block), position + SAMPLE)
            edge = block.find(b"\n", window_end - 1)
            window_end = len(block) if edge < 0 else edge + 1
            final = stamp_above(block, window_end, clock)
            if final is not None:
                self._refine(block, position, window_end, final.time, clock)
                self._at(final.time, final.uncertainty)
            position = window_end

    def _refine(self, block: bytes, start: int, end: int, until: float, clock: Clock) -> None:
        """Find the silences between the last record and `until`, which is the time of the last record before `end`.

        Halves whose ends lie close together in time are skipped, so that only the neighbourhood of a silence is read.
        """
        if self.last is not None and 0 <= until - self.last < SHORTEST_SILENCE:
            self._at(until, 0.0)
            return
        if end - start > SMALLEST_PIECE:
            middle = block.find(b"\n", (start + end) // 2, end) + 1
            if start < middle < end:
                half = stamp_above(block, middle, clock)
                if half is not None:
                    self._refine(block, start, middle, half.time, clock)
                    self._refine(block, middle, end, until, clock)
                    return
        self._line_by_line(block, start, end, clock)

    def _line_by_line(self, block: bytes, start: int, end: int, clock: Clock) -> None:
        position = start
        while position < end:
            found = first_stamp(block, clock, position)
            if not found:
                return
            stamp, offset = found
            if offset >= end:
                return
            if self.last is not None and not -1.0 <= stamp.time - self.last < SHORTEST_SILENCE and len(self.gaps) < MOST_GAPS:
                self.gaps.append(Gap(self.last, stamp.time, self.lines + block.count(b"\n", 0, offset) + 1))
            self._at(stamp.time, stamp.uncertainty)
            edge = block.find(b"\n", offset)
            position = len(block) if edge < 0 else edge + 1
