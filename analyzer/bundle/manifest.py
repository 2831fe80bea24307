"""The collector's manifest.json: what was planned, and what became of it. Format: docs/bundle-format.md, version 1."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.clock import parse_iso

SCHEMA = "azure-backup-bundle/1"
WHOLE = frozenset({"ok", "changed", "empty"})


@dataclass(frozen=True, slots=True)
class Item:
    """One planned item and its fate. `path` is on the VM, `member` in the bundle; times are epoch seconds UTC."""

    id: str
    kind: str
    status: str
    path: str | None = None
    argv: tuple[str, ...] = ()
    member: str | None = None
    reason: str | None = None
    sha256: str | None = None
    mtime: float | None = None
    bytes: int | None = None
    first_line: int | None = None
    dropped_bytes: int | None = None
    exit_code: int | None = None
    started: float | None = None

    @property
    def whole(self) -> bool:
        """Whether the member holds all there was on the VM when it was read."""
        return self.status in WHOLE


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the collector says of itself, the host and the clock."""

    items: tuple[Item, ...]
    complete: bool | None = None
    finished: float | None = None
    platform: str | None = None
    hostname: str | None = None
    os: str | None = None
    timezone: str | None = None
    boot_time: float | None = None
    skew_seconds: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mounted(self) -> bool:
        """Whether the evidence is of a disk that did not run: what it tells ends with its own last sign of life."""
        argv = _mapping(self.raw.get("collector")).get("argv")
        return any(str(word).startswith("--root") for word in _list(argv))


def parse_manifest(text: bytes) -> Manifest | None:
    """The manifest in `text`; None when it is not one of ours. Unknown keys are ignored, wrong types read as absent."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not str(data.get("schema", "")).startswith("azure-backup-bundle/"):
        return None
    host, clock = _mapping(data.get("host")), _mapping(data.get("clock"))
    items = tuple(item for raw in _list(data.get("items")) if (item := _item(raw)))
    return Manifest(
        items=items, complete=data.get("complete") if isinstance(data.get("complete"), bool) else None,
        finished=parse_iso(_text(data.get("finished"))) or parse_iso(_text(clock.get("utc"))),
        platform=_text(host.get("platform")), hostname=_text(host.get("hostname")), os=_text(host.get("os")),
        timezone=_text(host.get("timezone")), boot_time=parse_iso(_text(host.get("boot_time"))),
        skew_seconds=_number(clock.get("skew_seconds")), raw=data)


def _item(raw: object) -> Item | None:
    if not isinstance(raw, dict):
        return None
    argv = raw.get("argv")
    first_line, dropped = _number(raw.get("first_line")), _number(raw.get("dropped_bytes"))
    size, exit_code = _number(raw.get("bytes")), _number(raw.get("exit_code"))
    path = _text(raw.get("path"))
    return Item(
        id=_text(raw.get("id")) or "?", kind=_text(raw.get("kind")) or "file", status=_text(raw.get("status")) or "failed",
        path=_windows_slashes(path) if path else None,
        argv=tuple(str(word) for word in argv) if isinstance(argv, list) else (),
        member=_text(raw.get("member")), reason=_text(raw.get("reason")), sha256=_text(raw.get("sha256")),
        mtime=parse_iso(_text(raw.get("mtime"))), bytes=None if size is None else int(size),
        first_line=None if first_line is None else int(first_line), dropped_bytes=None if dropped is None else int(dropped),
        exit_code=None if exit_code is None else int(exit_code), started=parse_iso(_text(raw.get("started"))))


def _windows_slashes(path: str) -> str:
    return path.replace("\\", "/") if re.match(r"^[A-Za-z]:[\\/]", path) else path


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
