"""Tables that follow from others: the file system below each path that matters, the silences of the logs, processes that
grow, and heartbeats that came late."""

from __future__ import annotations

import itertools

from analyzer.evidence import Evidence, Table, TableRow, cite_line
from analyzer.model import Hit, Value
from analyzer.sources.windows.told import add_records

PATHS = ("/", "/var", "/var/lib/waagent", "/var/log", "/var/log/azure", "/etc", "/tmp", "/usr", "/run")
FEWEST = 4
_ALL_LOGS = ("agent-log", "extension-log", "extension-shell-log", "command-log", "syslog", "journal", "agent-journal")


def derive(evidence: Evidence) -> None:
    """Add the derived tables `paths`, `gaps`, `growth` and `beats` to the evidence, and the records that texts of Windows tell."""
    evidence.tables["paths"] = _paths(evidence)
    evidence.tables["gaps"] = _gaps(evidence)
    evidence.tables["growth"] = _growth(evidence)
    evidence.tables["beats"] = _beats(evidence)
    add_records(evidence)


def _holding(rows: list[TableRow], path: str) -> TableRow | None:
    """The row whose mount point is the longest prefix of `path`; of equals the last, which hides the others."""
    best: TableRow | None = None
    length = -1
    for row in rows:
        mount = row.values.get("mount")
        if not isinstance(mount, str):
            continue
        inside = path == mount or path.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= length:
            best, length = row, len(mount)
    return best


def _paths(evidence: Evidence) -> Table:
    table = Table()
    sources = [(name, evidence.table(name)) for name in ("disk", "inodes", "mounts")]
    known = [(name, source) for name, source in sources if source.rows]
    if not known:
        table.reason = next((source.reason for _, source in sources), table.reason)
        return table
    for path in PATHS:
        values: dict[str, Value] = {"path": path}
        cite = None
        for name, source in known:
            row = _holding(source.rows, path)
            if row is None:
                continue
            values["mount"] = row.values.get("mount")
            if name == "disk":
                values |= {"used_percent": row.values.get("used_percent"), "available_bytes": row.values.get("available_bytes"),
                           "size_bytes": row.values.get("size_bytes"), "filesystem": row.values.get("filesystem")}
            elif name == "inodes":
                values |= {"inodes_used_percent": row.values.get("used_percent"), "inodes_free": row.values.get("free")}
            else:
                values |= {key: row.values.get(key) for key in ("type", "options", "read_only", "noexec", "device")}
            if cite is None or _alarming(name, row):
                cite = row.cite
        if cite is not None:
            table.rows.append(TableRow(values, cite))
    table.whole = all(source.whole for _, source in sources)
    table.reason = next((source.reason for _, source in sources if not source.whole), "")
    table.taken = next((source.taken for _, source in sources if source.taken), None)
    return table


def _alarming(name: str, row: TableRow) -> bool:
    if name in ("disk", "inodes"):
        used = row.values.get("used_percent")
        return isinstance(used, (int, float)) and used >= 90
    return bool(row.values.get("read_only") or row.values.get("noexec"))


def _gaps(evidence: Evidence) -> Table:
    """Silences and backward steps of every log with a pulse; `seconds` is negative for a step back."""
    table = Table()
    for source in _ALL_LOGS:
        if source not in evidence.catalogue:
            continue
        for gap, member in evidence.gaps(source):
            text = f"{member.path or member.name}: {round(gap.seconds)} s without a record before this line"
            if gap.seconds < 0:
                text = f"{member.path or member.name}: the clock stepped back {round(-gap.seconds)} s before this line"
            table.rows.append(TableRow({"source": source, "seconds": gap.seconds, "start": gap.start, "end": gap.end},
                                       cite_line(member, gap.line, text), gap.end))
    manifest = evidence.bundle.manifest
    table.whole = bool(manifest) and any(member.activity for member in evidence.members)
    table.reason = "" if table.whole else "without a manifest it is not known whether the logs are whole"
    return table


def _growth(evidence: Evidence) -> Table:
    """Processes seen in several lists of different times, and how their memory grew; `steady` if it never shrank."""
    table = Table(reason="there are no process lists of several times")
    seen: dict[tuple[Value, Value], list[TableRow]] = {}
    for row in evidence.rows("processes"):
        if row.time is not None and isinstance(row.values.get("rss_bytes"), int):
            seen.setdefault((row.values.get("pid"), row.values.get("command")), []).append(row)
    for (pid, command), rows in seen.items():
        rows.sort(key=lambda row: row.time or 0.0)
        sizes = [size for row in rows if isinstance(size := row.values.get("rss_bytes"), int)]
        seconds = (rows[-1].time or 0.0) - (rows[0].time or 0.0)
        if len(sizes) < FEWEST or seconds <= 0 or not sizes[0]:
            continue
        table.rows.append(TableRow({
            "pid": pid, "command": command, "kind": rows[-1].values.get("kind"), "samples": len(sizes), "hours": round(seconds / 3600, 1),
            "first_bytes": sizes[0], "last_bytes": sizes[-1], "percent": round(100 * (sizes[-1] / sizes[0] - 1)),
            "steady": all(one <= other for one, other in itertools.pairwise(sizes))}, rows[-1].cite, rows[-1].time))
    return table


def _beats(evidence: Evidence) -> Table:
    """Neighbouring heartbeats of one goal state agent (same id, next number) and the `seconds` between them, normally 1,800."""
    table = Table(reason="the agent's log holds no two heartbeats in a row")
    last: dict[str, tuple[int, Hit]] = {}
    for hit in sorted(evidence.hits_of("fact/agent.beat"), key=lambda hit: hit.time or 0.0):
        number, name = hit.groups.get("value"), hit.groups.get("id")
        if hit.time is None or number is None or name is None:
            continue
        before = last.get(name)
        if before and int(number) == before[0] + 1 and before[1].time is not None:
            table.rows.append(TableRow({"seconds": round(hit.time - before[1].time), "start": before[1].time, "end": hit.time,
                                        "number": int(number)}, hit.cite, hit.time))
        last[name] = int(number), hit
    return table
