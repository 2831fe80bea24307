"""Lines made to hurt a regex: 100 kB of its own literals, of spaces, of quotes; and how long it takes over them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import lru_cache

from analyzer.language.schema import Evidence, Signature
from analyzer.scan.literals import required_literals
from analyzer.scan.pattern import MAX_LINE, compiled

LENGTH = 100_000
LIMIT = 0.3


def regexes(signature: Signature) -> dict[str, str]:
    """Every regex of a signature, by the place where it stands."""
    found: dict[str, str] = {}
    for one in signature.evidence.values():
        for key, match in _of(one):
            found[f"[evidence.{one.name}] {key}"] = match
    return found


def _of(one: Evidence) -> Iterator[tuple[str, str]]:
    for key, match in (("match", one.match), ("begin", one.begin), ("end", one.end), ("matches", one.compare.get("matches"))):
        if match:
            yield key, str(match)
    for key, columns in (("where", one.where), ("data", one.data)):
        for column, wanted in columns.items():
            if isinstance(wanted, Mapping) and "matches" in wanted:
                yield f"{key}.{column}", str(wanted["matches"])


@lru_cache(maxsize=4096)
def slowest(match: str) -> tuple[float, str]:
    """The seconds that a regex takes over the worst line, as the scanner gives it lines, and what that line is made of."""
    pattern = compiled(match)
    worst, kind = 0.0, ""
    for name, line in _lines(match):
        began = time.thread_time()
        try:
            pattern.search(line[:MAX_LINE], timeout=LIMIT)
        except TimeoutError:
            return LIMIT, name
        took = time.thread_time() - began
        if took > worst:
            worst, kind = took, name
    return worst, kind


def _lines(match: str) -> Iterator[tuple[str, str]]:
    literals = required_literals(match) or ("x",)
    for literal in literals[:6]:
        yield f"repeats of {literal!r}", _repeated(literal)
        yield f"{literal!r} and spaces", _repeated(literal + " ")
        yield f"{literal!r} once, then spaces", literal + " " * LENGTH
        yield f"{literal!r} once, then quotes", literal + "'\"" * (LENGTH // 2)
        yield f"{literal!r} once, then letters", literal + "a" * LENGTH
        yield f"{literal!r} once, then digits and dots", literal + _repeated("1.")
    yield "spaces", " " * LENGTH
    yield "quotes", "\"'" * (LENGTH // 2)
    yield "colons and words", _repeated("a: ")
    yield "words in brackets", _repeated("[a] (b) ")


def _repeated(text: str) -> str:
    return (text * (LENGTH // max(1, len(text)) + 1))[:LENGTH]
