"""The literal strings a regex cannot match without: what the prefilter looks for before any regex runs.

Python's own parse of the pattern is walked; an alternation needs one literal from each of its branches.
"""

from __future__ import annotations

from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

MIN_LENGTH = 4
MAX_ALTERNATIVES = 24
LONG_ENOUGH = 8
# Texts that stand on so many lines of these logs that looking for them finds nearly every line.
FREQUENT = ("VMSnapshotLinux-1.0.", "Microsoft.Azure.RecoveryServices.VMSnapshotLinux", "ExtHandler", "snapshot", "Daemon Daemon")


def required_literals(pattern: str) -> tuple[str, ...]:
    """Strings of which at least one stands in every match of `pattern`; empty if none can be derived.

    Raises re.error for a pattern that does not parse.

    >>> required_literals(r"No (?:space left|room) on device")
    (' on device',)
    """
    plain = _plain_run(pattern.removeprefix("(?i)"))
    if plain:
        return (plain,)
    return tuple(dict.fromkeys(_best(list(sre_parser.parse(pattern.removeprefix("(?i)"))))))


def _plain_run(pattern: str) -> str:
    """The longest run of literal characters outside all groups and sets, if long enough; no full parse is needed for it."""
    best, run, depth, position = "", "", 0, 0
    while position < len(pattern):
        char = pattern[position]
        step = 1
        literal = ""
        if char == "\\":
            step = 2
            following = pattern[position + 1:position + 2]
            literal = "" if following.isalnum() else following
        elif char == "[":
            step = _after_set(pattern, position) - position
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            return ""
        elif char not in ".^$|?*+{}":
            literal = char
        following = pattern[position + step:position + step + 1]
        if literal and depth == 0 and following not in ("?", "*", "{"):
            run += literal
        if not literal or depth or following in ("?", "*", "{", "+"):
            best, run = _better(best, run), ""
        if char == "{" and depth == 0:
            step = max(1, pattern.find("}", position) + 1 - position)
        position += step
    best = _better(best, run)
    return best if len(best.strip()) >= LONG_ENOUGH else ""


def _better(one: str, other: str) -> str:
    return max(one, "" if frequent(other) else other, key=len)


def _after_set(pattern: str, start: int) -> int:
    """The position behind a character set that begins at `start`."""
    position = start + 1
    position += pattern.startswith("^", position)
    position += pattern.startswith("]", position)
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return position + 1


def _best(items: list[Any]) -> list[str]:
    """The most selective required set of a sequence: the one whose shortest string is longest."""
    candidates: list[list[str]] = []
    run: list[str] = []

    def close() -> None:
        if run:
            candidates.append(["".join(run)])
            run.clear()

    for op, value in items:
        if op is sre.LITERAL:
            run.append(chr(value))
            continue
        if op is sre.SUBPATTERN:
            inner = list(value[-1])
            if all(kind is sre.LITERAL for kind, _ in inner):
                run.extend(chr(code) for _, code in inner)
                continue
            close()
            candidates.append(_best(inner))
        elif op is sre.BRANCH:
            close()
            candidates.append(_branches(value[1]))
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            close()
            if value[0] > 0:
                candidates.append(_best(list(value[2])))
        elif op is sre.ATOMIC_GROUP:
            close()
            candidates.append(_best(list(value)))
        elif op is sre.AT:
            continue
        elif op in (sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF):
            close()
        else:
            close()
    close()
    usable = [found for found in candidates if found and min(map(len, found)) > 0]
    return max(usable, key=_worth, default=[])


def _worth(found: list[str]) -> float:
    return min(len(text.strip()) - (30 if frequent(text) else 0) for text in found) - 0.4 * len(found)


def frequent(text: str) -> bool:
    """Whether a literal is part of what most lines hold, or as good as."""
    return any(text.strip(" []:-") in common for common in FREQUENT)


def _branches(branches: list[Any]) -> list[str]:
    found: list[str] = []
    for branch in branches:
        best = _best(list(branch))
        if not best:
            return []
        found.extend(best)
    return found if len(found) <= MAX_ALTERNATIVES else []
