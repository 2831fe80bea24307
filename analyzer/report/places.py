"""Names of places in a bundle: short enough to read, and still leading to one member only.

What is printed as a citation can be given to `analyze show` as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

LONG = 34


class Places:
    """The members of a bundle by every tail of their names and of their paths on the VM."""

    def __init__(self, members: Iterable[tuple[str, str | None]]) -> None:
        self._by_tail: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        for name, path in members:
            for full in {name, path or name}:
                self._names[full].add(name)
                self._by_tail[last_part(full)].add(full)

    def find(self, wanted: str) -> list[str]:
        """Names of the members that `wanted` may mean: exactly named, else by path on the VM, else by a tail of either."""
        plain = wanted.replace("\\", "/")
        if plain in self._names:
            named = self._names[plain]
            return [plain] if plain in named else sorted(named)
        tail = "/" + plain.strip("/").lower()
        fitting = (full for full in self._by_tail.get(last_part(plain), ()) if ("/" + full).lower().endswith(tail))
        return sorted({name for full in fitting for name in self._names[full]})

    def full(self, cite: Mapping[str, Any]) -> str:
        """The path on the VM and the line of a citation; the member's name where the path means several."""
        path = str(cite["path"])
        return located(path if self.find(path) in ([], [cite["member"]]) else str(cite["member"]), cite)

    def short(self, cite: Mapping[str, Any]) -> str:
        """The same, a long path cut to the shortest tail that still means this member alone."""
        full = self.full(cite)
        if len(full) <= LONG:
            return full
        parts = str(cite["path"]).strip("/").split("/")
        for count in range(1, len(parts)):
            tail = "/".join(parts[-count:])
            if self.find(tail) == [cite["member"]]:
                return located(tail, cite)
        return full


def located(name: str, cite: Mapping[str, Any]) -> str:
    """`name:line`, or `name#record` for an event log's record."""
    if cite.get("line") is not None:
        return f"{name}:{cite['line']}"
    return f"{name}#{cite['record']}" if cite.get("record") is not None else name


def last_part(path: str) -> str:
    """The file's own name, in lower case."""
    return path.rstrip("/").rsplit("/", 1)[-1].lower()
