"""A pattern to look for: its regex, the literals that announce it, and the logical sources it applies to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import regex

from analyzer.errors import SignatureError
from analyzer.scan.literals import MIN_LENGTH, required_literals

TIME_LIMIT = 0.25
MAX_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Pattern:
    """`id` is unique in a scan; `has` replaces the derived literals; `level` filters by the record's level word.

    In members that belong only to `lenders`, the pattern is tried on the lines that `tag`, a regex, marks.
    """

    id: str
    match: str
    sources: frozenset[str]
    has: tuple[str, ...] = ()
    levels: frozenset[str] = field(default_factory=frozenset)
    lenders: frozenset[str] = field(default_factory=frozenset)
    tag: str = ""

    def literals(self) -> tuple[str, ...]:
        """The strings of which one must stand in a line before the regex is tried. Raises SignatureError."""
        found = self.has or literals_of(self.match)
        if not found or min(len(text.strip()) for text in found) < MIN_LENGTH:
            raise SignatureError(f"the pattern {self.match!r} has no literal of {MIN_LENGTH} characters to look for first",
                                 where=self.id, advice="add such a text to it, or name one with `has`")
        return found

    @property
    def caseless(self) -> bool:
        """Whether the literals are to be found in any case."""
        return self.match.startswith("(?i)")

    def search(self, line: str) -> Mapping[str, str] | None:
        """The named groups of a match in `line`, or None. A pattern that runs out of time has not matched."""
        try:
            found = compiled(self.match).search(line[:MAX_LINE], timeout=TIME_LIMIT)
        except TimeoutError:
            return None
        if found is None:
            return None
        return {name: text for name, text in found.groupdict().items() if text is not None}


@lru_cache(maxsize=4096)
def literals_of(match: str) -> tuple[str, ...]:
    """`required_literals`, remembered."""
    return required_literals(match)


@lru_cache(maxsize=4096)
def compiled(match: str) -> regex.Pattern[str]:
    """The regex, compiled when a first candidate line needs it."""
    return regex.compile(match)
