"""Bundles of Windows VMs for tests, and what is gathered from them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analyzer.bundle.bundle import open_bundle
from analyzer.evidence import Evidence
from analyzer.gather import gather
from analyzer.model import Record, Value
from tests.analyzer.scenes import knowledge

LOGS = "C:/Windows/System32/winevt/Logs"


def bundle(where: Path, files: Mapping[str, str | bytes], *, commands: Mapping[str, str | bytes] | None = None,
           statuses: Mapping[str, str] | None = None, zone: str | None = "UTC", collected: str | None = "2026-03-17T08:00:00Z",
           argv: Sequence[str] = ("collector",), manifest: bool = True) -> Path:
    """A bundle as the collector writes it. `statuses` gives paths that were planned another fate; event logs are marked as such."""
    items: list[dict[str, Any]] = []
    members: dict[str, bytes] = {}

    def add(name: str, data: str | bytes, **more: Any) -> None:
        raw = data.encode() if isinstance(data, str) else data
        members[name] = raw
        items.append({"id": name, "status": "ok", "member": name, "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw), **more})

    for path, data in files.items():
        planned = path.replace(".events.jsonl", ".evtx").replace("/", "\\")
        kind, status = "eventlog" if LOGS in path else "file", (statuses or {}).get(path, "ok")
        add(f"files/{path.replace(':', '', 1)}", data, kind=kind, path=planned, status=status)
    for number, (line, output) in enumerate((commands or {}).items()):
        add(f"commands/c{number}.txt", output, kind="command", argv=line.split())
    for path, status in (statuses or {}).items():
        if path not in files:
            items.append({"id": path, "kind": "eventlog" if LOGS in path else "file", "path": path.replace("/", "\\"), "status": status})
    with zipfile.ZipFile(where, "w", zipfile.ZIP_DEFLATED) as archive:
        if manifest:
            archive.writestr("manifest.json", json.dumps({
                "schema": "azure-backup-bundle/1", "collector": {"argv": list(argv)}, "items": items, "complete": True, "finished": collected,
                "host": {"platform": "windows", "hostname": "web01", "timezone": zone}, "clock": {"utc": collected}}))
        for name, raw in members.items():
            archive.writestr(name, raw)
    return where


def gathered(where: Path) -> Evidence:
    """What the analyzer gathers from a bundle, a folder or a file."""
    known = knowledge()
    return gather(open_bundle(where), known.catalogue, list(known.patterns()))


def records(found: Evidence, provider: str, event_id: int) -> list[Record]:
    """The records of a kind, in order of time."""
    return [record for record in found.records if record.provider == provider and record.event_id == event_id]


def rows(found: Evidence, table: str, **where: Value) -> list[Mapping[str, Value]]:
    """The rows of a table that hold these values."""
    return [row.values for row in found.rows(table) if all(row.values.get(name) == value for name, value in where.items())]
