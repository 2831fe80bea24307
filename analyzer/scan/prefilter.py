"""All literals of all patterns in one pass over a block of bytes (Hyperscan, block mode)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.scan.pattern import Pattern


class Prefilter:
    """Says where in a block which patterns may match."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._owners: list[list[int]] = []
        expressions: list[bytes] = []
        flags: list[int] = []
        index: dict[tuple[str, bool], int] = {}
        import hyperscan
        for number, pattern in enumerate(self.patterns):
            caseless = pattern.caseless
            for literal in pattern.literals():
                key = (literal, caseless)
                if key not in index:
                    index[key] = len(expressions)
                    expressions.append(_escaped(literal))
                    flags.append(hyperscan.HS_FLAG_CASELESS if caseless else 0)
                    self._owners.append([])
                owners = self._owners[index[key]]
                if not owners or owners[-1] != number:
                    owners.append(number)
        self._database = None
        if expressions:
            self._database = hyperscan.Database()
            self._database.compile(expressions=expressions, ids=list(range(len(expressions))), elements=len(expressions), flags=flags)

    def literals_for(self, wanted: set[int]) -> frozenset[int]:
        """The numbers of the literals that announce any of the wanted patterns."""
        return frozenset(number for number, owners in enumerate(self._owners) if not wanted.isdisjoint(owners))

    def positions(self, block: bytes, literals: frozenset[int]) -> list[tuple[int, int]]:
        """(end offset, literal number) of every one of these literals in `block`, in order."""
        found: list[tuple[int, int]] = []
        if self._database is None or not block:
            return found

        def remember(literal: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if literal in literals:
                found.append((end, literal))

        self._database.scan(block, match_event_handler=remember)
        return found

    def owners(self, literals: Iterable[int]) -> list[int]:
        """The numbers of the patterns that a set of literals announces, in the patterns' order."""
        return sorted({owner for literal in literals for owner in self._owners[literal]})


def _escaped(literal: str) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in literal.encode())
