"""Conditions over observations: `and`, `or`, `not`, `( )`, `2 of prefix-*`, in Kleene's three-valued logic.

A value is True (seen), False (clear) or None (blind): None stays None unless the other side decides alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

Kleene = bool | None
Condition = Callable[[Mapping[str, Kleene]], Kleene]

_TOKEN = re.compile(r"\s*(?:(?P<count>\d+)\s+of\s+(?P<prefix>[A-Za-z0-9_-]*)\*|(?P<word>[A-Za-z][A-Za-z0-9_-]*)|(?P<mark>[()]))")


def parse(text: str, names: Sequence[str]) -> Condition:
    """The condition that `text` states over `names`. Raises ValueError that says what is wrong.

    >>> parse("a and not b", ["a", "b"])({"a": True, "b": None}) is None
    True
    """
    parser = _Parser(text, names)
    condition = parser.either()
    if parser.token is not None:
        raise ValueError(f"unexpected {parser.token!r} in {text!r}")
    return condition


def names_in(text: str, names: Sequence[str]) -> list[str]:
    """The observations that a condition looks at, in the order of `names`."""
    words = set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", text))
    prefixes = [prefix for _, prefix in re.findall(r"(\d+)\s+of\s+([A-Za-z0-9_-]*)\*", text)]
    return [name for name in names if name in words or any(name.startswith(prefix) for prefix in prefixes)]


class _Parser:
    def __init__(self, text: str, names: Sequence[str]) -> None:
        self.text, self.names, self.position = text, names, 0
        self.token: str | None = None
        self.match: re.Match[str] | None = None
        self.advance()

    def advance(self) -> None:
        if not self.text[self.position:].strip():
            self.token, self.match = None, None
            return
        found = _TOKEN.match(self.text, self.position)
        if not found:
            raise ValueError(f"cannot read {self.text[self.position:].strip()!r} in {self.text!r}")
        self.match, self.token, self.position = found, found.group(0).strip(), found.end()

    def either(self) -> Condition:
        sides = [self.both()]
        while self.token == "or":
            self.advance()
            sides.append(self.both())
        return sides[0] if len(sides) == 1 else lambda seen: _or([side(seen) for side in sides])

    def both(self) -> Condition:
        sides = [self.negated()]
        while self.token == "and":
            self.advance()
            sides.append(self.negated())
        return sides[0] if len(sides) == 1 else lambda seen: _and([side(seen) for side in sides])

    def negated(self) -> Condition:
        if self.token == "not":
            self.advance()
            inner = self.negated()
            return lambda seen: _not(inner(seen))
        return self.single()

    def single(self) -> Condition:
        if self.match is None or self.token is None:
            raise ValueError(f"{self.text!r} ends too early")
        match, token = self.match, self.token
        self.advance()
        if token == "(":
            inner = self.either()
            if self.token != ")":
                raise ValueError(f"a ')' is missing in {self.text!r}")
            self.advance()
            return inner
        if match.group("count"):
            wanted, prefix = int(match.group("count")), match.group("prefix")
            members = [name for name in self.names if name.startswith(prefix)]
            if len(members) < wanted:
                raise ValueError(f"{token!r} needs {wanted} names, {len(members)} begin with {prefix!r}")
            return lambda seen: _at_least(wanted, [seen[name] for name in members])
        if token not in self.names:
            raise ValueError(f"{token!r} names no evidence; there is: {', '.join(self.names)}")
        return lambda seen: seen[token]


def _not(value: Kleene) -> Kleene:
    return None if value is None else not value


def _and(values: Sequence[Kleene]) -> Kleene:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def _or(values: Sequence[Kleene]) -> Kleene:
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def _at_least(wanted: int, values: Sequence[Kleene]) -> Kleene:
    if sum(value is True for value in values) >= wanted:
        return True
    return None if sum(value is not False for value in values) >= wanted else False
