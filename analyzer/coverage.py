"""What the manifest says of members and tables: what is there, what is absent, and which tables are whole."""

from __future__ import annotations

from analyzer.evidence import Evidence, MemberInfo, Table, TableRow, cite_line
from analyzer.model import Value
from analyzer.sources.readers import reader_for

_MANY_FILES = {"settings", "statuses", "handlers", "handler-status", "handler-manifests", "requested-plugins", "goal-states", "offered-versions",
               "reported-status", "agent-versions", "leases", "ini", "words", "storage-hosts", "probes", "files", "versions", "packages", "services"}


def members_table(evidence: Evidence) -> None:
    """Every planned item and every member, so that signatures can ask what is there and what is absent."""
    table = evidence.tables.setdefault("members", Table())
    manifest = evidence.bundle.manifest
    seen = set()
    for info in evidence.members:
        item = info.item
        status = item.status if item else "ok"
        seen.add(info.name)
        values: dict[str, Value] = {"path": info.path or info.name, "status": status,
                                    "size": item.bytes if item and item.bytes is not None else info.size,
                  "mtime": item.mtime if item else None, "member": info.name}
        table.rows.append(TableRow(values, cite_line(info, 1, f"{info.path or info.name} ({status})")))
    for item in manifest.items if manifest else ():
        if item.member not in seen or not item.member:
            values = {"path": item.path or " ".join(item.argv), "status": item.status, "size": item.bytes, "mtime": item.mtime, "member": item.member}
            table.rows.append(TableRow(values, cite_line(MemberInfo("manifest.json", "manifest.json", (), (), 0), 1,
                                                         f"{item.id}: {item.path or ' '.join(item.argv)} {item.status} {item.reason or ''}".strip())))
    if manifest:
        table.whole, table.reason = True, ""
    else:
        table.reason = "without a manifest, what was not collected is not known"


def spread_tables(evidence: Evidence) -> None:
    """A table fed by many files is whole only if the manifest accounts for each of them."""
    manifest = evidence.bundle.manifest
    for name, table in evidence.tables.items():
        if name in _MANY_FILES and not manifest:
            table.whole, table.reason = False, "without a manifest it is not known whether all were collected"
    if not manifest:
        return
    for item in manifest.items:
        reason = evidence.item_problem(item)
        reader = reader_for(item.path) if item.path else None
        if item.argv:
            from analyzer.sources import commands
            found = commands.recognise(item.argv)
            names: tuple[str, ...] = tuple(found.tables) if found else ()
        elif item.kind == "probe":
            names = ("probes",)
        else:
            names = reader.tables if reader else ()
        for name in names:
            table = evidence.tables.setdefault(name, Table())
            if reason:
                if name in _MANY_FILES or not table.rows:
                    table.whole, table.reason = False, f"{item.path or ' '.join(item.argv) or item.id}: {reason}"
            elif item.status == "absent" and not table.rows and table.reason == Table().reason:
                table.whole, table.reason = True, ""
