"""Probes that looked at the machine itself, as rows of the tables that commands fill otherwise.

They stand in where a command gave nothing: on a machine in trouble `df`, `ps` or `systemctl` may hang, while a probe that reads
/proc and a few files answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from analyzer.model import Row

from .processkinds import kind_of
from .text import load_json, row, share

# Tables of which a probe that was allowed to see everything tells all there is, for the kinds that a backup is about.
_WHOLE = {"process": ("processes",), "disk": ("disk", "inodes")}


def read_state(text: str) -> tuple[list[Row], tuple[str, ...]]:
    """The rows that the JSON of a probe gives, and the tables of which it tells all; nothing for other probes."""
    entry = load_json(text)
    reader = _READERS.get(str(entry.get("probe"))) if isinstance(entry, dict) else None
    if reader is None or not isinstance(entry, dict):
        return [], ()
    seen_all = entry.get("uid") == 0 and isinstance(entry.get(_LISTS[entry["probe"]]), list)
    whole = _WHOLE.get(str(entry["probe"]), ()) if seen_all else ()
    rows = [one for part in _parts(entry) for one in reader(part, entry)]
    return [one for place, one in enumerate(rows) if one not in rows[:place]], whole


def _parts(entry: dict[str, Any]) -> list[dict[str, Any]]:
    parts = entry.get(_LISTS[entry["probe"]])
    return [part for part in parts[:300] if isinstance(part, dict)] if isinstance(parts, list) else []


def _text(part: dict[str, Any], name: str) -> str | None:
    value = part.get(name)
    return value[:4096] if isinstance(value, str) and value else None


def _number(part: dict[str, Any], name: str) -> int | None:
    value = part.get(name)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1 << 62 else None


def _disk(part: dict[str, Any], _: dict[str, Any]) -> Iterator[Row]:
    mount, whole, free = _text(part, "mount"), _number(part, "bytes"), _number(part, "free_bytes")
    if mount and whole and free is not None:
        yield row("disk", 1, type=_text(part, "fstype"), size_bytes=whole, used_bytes=whole - free, available_bytes=free,
                  used_percent=share(whole - free, whole), mount=mount)
    inodes, left = _number(part, "inodes"), _number(part, "free_inodes")
    if mount and inodes and left is not None:
        yield row("inodes", 1, type=_text(part, "fstype"), inodes=inodes, used=inodes - left, free=left,
                  used_percent=share(inodes - left, inodes), mount=mount)


def _mount(part: dict[str, Any], _: dict[str, Any]) -> Iterator[Row]:
    mount = _text(part, "mount")
    if mount:
        flags = [flag for flag, set_ in (("ro", part.get("read_only")), ("noexec", part.get("noexec"))) if set_]
        yield row("mounts", 1, device=_text(part, "source"), mount=mount, type=_text(part, "fstype"), options=",".join(flags) or "rw",
                  read_only="ro" in flags, noexec="noexec" in flags)


def _process(part: dict[str, Any], _: dict[str, Any]) -> Iterator[Row]:
    command, kilobytes = _text(part, "args"), _number(part, "rss_kb")
    if command:
        yield row("processes", 1, pid=_number(part, "pid"), ppid=_number(part, "ppid"), state=_text(part, "state"),
                  elapsed_seconds=_number(part, "age_seconds"), rss_bytes=kilobytes * 1024 if kilobytes is not None else None,
                  command=command, kind=kind_of(command))


def _unit(part: dict[str, Any], entry: dict[str, Any]) -> Iterator[Row]:
    path = _text(part, "path")
    if path:
        starts, masked = part.get("exec_start"), bool(part.get("masked"))
        enabled = "masked" if masked else "enabled" if entry.get("enabled") else "disabled"
        yield row("services", 1, unit=path.rpartition("/")[2].removesuffix(".service"), load="masked" if masked else "loaded", enabled=enabled,
                  exec_start=str(starts[0])[:1000] if isinstance(starts, list) and starts else None)


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Iterator[Row]]] = {
    "disk": _disk, "mounts": _mount, "process": _process, "service": _unit,
}
_LISTS = {"disk": "rows", "mounts": "rows", "process": "processes", "service": "units"}
