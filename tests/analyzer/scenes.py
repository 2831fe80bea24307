"""Small bundles for tests: a tree of files and probes, with a manifest or without, and its diagnosis."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from analyzer.language.knowledge import Knowledge, load_knowledge
from analyzer.report.analysis import Analysis, analyse

EXTENSION = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
EXTENSION_LOG = f"/var/log/azure/{EXTENSION}/extension.log"
SHELL_LOG = f"/var/log/azure/{EXTENSION}/shell.log"
AGENT_LOG = "/var/log/waagent.log"


@cache
def knowledge() -> Knowledge:
    """The packaged knowledge, loaded once."""
    return load_knowledge()


def extension(*lines: str) -> str:
    """Lines of the extension's log out of `HH:MM:SS text`, on one day."""
    return "".join(f"2026-03-02 {line[:8]}.000000 [{EXTENSION}-1.0]{line[9:]}\n" for line in lines)


def agent(*lines: str) -> str:
    """Lines of the agent's log out of `HH:MM:SS text`, on the same day."""
    return "".join(f"2026-03-02T{line[:8]}.000000Z INFO ExtHandler ExtHandler {line[9:]}\n" for line in lines)


def bundle(where: Path, files: Mapping[str, str | bytes], *, probes: Sequence[Mapping[str, Any]] = (), commands: Mapping[str, str] | None = None,
           collected: str | None = "2026-03-02T12:00:00Z", statuses: Mapping[str, str] | None = None, zone: str = "UTC") -> Path:
    """A collector's bundle as a zip. `statuses` gives other fates than ok to paths, whose members are then left out."""
    items: list[dict[str, Any]] = []
    members: dict[str, bytes] = {}

    def add(kind: str, name: str, member: str, data: bytes, **more: Any) -> None:
        status = (statuses or {}).get(name, "ok")
        items.append({"id": f"{kind}.{name}", "kind": kind, "status": status, "member": member if status in ("ok", "tailed") else None,
                      "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), **more})
        if status in ("ok", "tailed"):
            members[member] = data

    for path, text in files.items():
        add("file", path, f"files{path}", text.encode() if isinstance(text, str) else text, path=path)
    for number, probe in enumerate(probes):
        add("probe", f"p{number}", f"probes/p{number}.json", json.dumps(probe).encode())
    for command, output in (commands or {}).items():
        add("command", command, f"commands/c{len(items)}.txt", output.encode(), argv=command.split())
    for path, status in (statuses or {}).items():
        if path not in files:
            items.append({"id": f"file.{path}", "kind": "file", "path": path, "status": status})
    manifest = {"schema": "azure-backup-bundle/1", "items": items, "complete": True, "finished": collected,
                "host": {"platform": "linux", "hostname": "test", "timezone": zone}, "clock": {"utc": collected}}
    with zipfile.ZipFile(where, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for member, data in members.items():
            archive.writestr(member, data)
    return where


def analysed(where: Path, **options: Any) -> Analysis:
    """The analysis of a bundle with the packaged knowledge."""
    return analyse(where, knowledge(), **options)


def outcomes(analysis: Analysis) -> list[tuple[str, str | None]]:
    """(outcome, code) of every attempt."""
    return [(attempt.outcome, attempt.code) for attempt in analysis.diagnosis.attempts]


def cause(analysis: Analysis) -> str | None:
    """The id of the verdict's cause."""
    return analysis.diagnosis.verdict.signature.id if analysis.diagnosis.verdict else None
