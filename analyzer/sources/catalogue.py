"""signatures/sources.toml: the logical sources that signatures name, and which members of a bundle belong to them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from analyzer.errors import SignatureError

_KEYS = {"title", "paths", "argv", "also", "lenders", "tag", "except", "pulse", "zone", "local-form", "platform", "reader"}


@dataclass(frozen=True, slots=True)
class Source:
    """A logical source. `zone` is how stamps without a zone are read: local, utc.

    `but` are paths that another source has to itself.
    `also` names sources all of whose lines may be this one's too; `lenders` those of which only the lines that `tag` marks.
    """

    id: str
    title: str
    paths: tuple[re.Pattern[str], ...]
    argv: tuple[re.Pattern[str], ...]
    also: tuple[str, ...] = ()
    lenders: tuple[str, ...] = ()
    tag: str = ""
    but: tuple[re.Pattern[str], ...] = ()
    pulse: bool = False
    zone: str = "local"
    local_form: re.Pattern[str] | None = None
    reader: str | None = None
    platform: str = "linux"

    def holds(self, path: str | None, argv: Sequence[str]) -> bool:
        """Whether a member with this path on the VM, or this command's output, belongs here."""
        if path is not None:
            path = _on_drive_c(path) if self.platform == "windows" else path
            if any(pattern.fullmatch(path) for pattern in self.paths):
                return not any(pattern.fullmatch(path) for pattern in self.but)
        return bool(argv) and any(pattern.fullmatch(command_line(argv)) for pattern in self.argv)


def _on_drive_c(path: str) -> str:
    """Sources are written for drive C:, which the system's drive need not be."""
    return f"C{path[1:]}" if path[1:3] == ":/" else path


class Catalogue:
    """All sources, by id."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = dict(sources)
        # The Windows events that signatures ask for, by provider in lower case and id (0: any); None: keep all.
        self.events: frozenset[tuple[str, int]] | None = None

    def of(self, path: str | None, argv: Sequence[str]) -> list[str]:
        """The ids of the sources that a member belongs to by itself."""
        return [source.id for source in self.sources.values() if source.holds(path, argv)]

    def searched(self, name: str) -> frozenset[str]:
        """The ids of all sources in which any line may be one of `name`: itself, and those named by `also`."""
        return frozenset((name, *self.sources[name].also))

    def lent(self, name: str) -> tuple[frozenset[str], str]:
        """The ids of the sources that lend `name` some of their lines, and the regex that marks those."""
        return frozenset(self.sources[name].lenders), self.sources[name].tag

    def __contains__(self, name: object) -> bool:
        return name in self.sources

    def __getitem__(self, name: str) -> Source:
        return self.sources[name]


def command_line(argv: Sequence[str]) -> str:
    """A command as one string, its program without folder or `.exe`."""
    program = posixpath.basename(argv[0].replace("\\", "/"))
    return " ".join((re.sub(r"(?i)\.exe$", "", program), *argv[1:]))


def load_catalogue(data: Mapping[str, Any], where: str) -> Catalogue:
    """Sources out of parsed TOML. Raises SignatureError that names the wrong key."""
    sources: dict[str, Source] = {}
    for name, entry in data.items():
        if name == "schema":
            continue
        unknown = set(entry) - _KEYS
        if unknown:
            raise SignatureError(f"unknown key {sorted(unknown)[0]!r}", where=f"{where}: [{name}]", advice="known: " + ", ".join(sorted(_KEYS)))
        windows = entry.get("platform") == "windows"
        local = entry.get("local-form")
        sources[name] = Source(
            id=name, title=entry.get("title", name), paths=tuple(glob(pattern, windows) for pattern in entry.get("paths", ())),
            argv=tuple(glob(pattern, False, slashes=True) for pattern in entry.get("argv", ())), also=tuple(entry.get("also", ())),
            lenders=tuple(entry.get("lenders", ())), tag=entry.get("tag", ""),
            but=tuple(glob(pattern, windows) for pattern in entry.get("except", ())),
            pulse=bool(entry.get("pulse", False)), zone=entry.get("zone", "local"),
            local_form=re.compile(local) if local else None, reader=entry.get("reader"),
            platform=entry.get("platform", "linux"))
    for source in sources.values():
        missing = [name for name in (*source.also, *source.lenders) if name not in sources]
        if missing:
            raise SignatureError(f"{missing[0]!r} names no source", where=f"{where}: [{source.id}]")
        if bool(source.lenders) != bool(source.tag):
            raise SignatureError("`lenders` and `tag` go together", where=f"{where}: [{source.id}]")
    return Catalogue(sources)


@lru_cache(maxsize=2048)
def glob(pattern: str, ignore_case: bool, slashes: bool = False) -> re.Pattern[str]:
    """A glob as a regex: ``*`` stays within a folder unless `slashes`, ``**`` crosses folders, ``{a,b}`` is either."""
    out: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if pattern.startswith("**", position):
            out.append(".*")
            position += 2
            continue
        if char == "*":
            out.append(".*" if slashes else "[^/]*")
        elif char == "?":
            out.append("." if slashes else "[^/]")
        elif char == "{":
            close = pattern.index("}", position)
            out.append("(?:" + "|".join(re.escape(choice) for choice in pattern[position + 1:close].split(",")) + ")")
            position = close
        else:
            out.append(re.escape(char))
        position += 1
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)
