"""Records out of texts: the failures that logs tell as exceptions, and what extensions and the agent report as their status."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from analyzer.evidence import Evidence, TableRow
from analyzer.model import Record, Value
from analyzer.scan.pattern import Pattern
from analyzer.sources.windows.failures import failures_of

FAILURES, STATUSES = "windows-failures", "windows-status"
_LOGS = frozenset({"wa-app-agent", "transparent-installer", "windows-plugin-log", "windows-setup-log", "console"})
_FURTHEST = 12

PATTERNS: tuple[Pattern, ...] = (
    Pattern("windows.failure", r"(?P<told>.{1,4000})", _LOGS, has=(
        "Exception", "remote server", "remote name", "actively refused", "forcibly closed", "SSL/TLS", "ErrorCode", "0x8007", "0x8009", "HTTP 4", "HTTP 5", "returned 4", "returned 5", "StatusCode", "Status Code",
        "space on the disk", "another process", "group policy", "Keyset does not exist", "No such host")),
    Pattern("windows.head", r"^\[\d{8}\] \S{1,40}(?: [\d:.]{8,15}\])? \[(?:WARN|ERROR|INFO)\] {1,3}(?P<told>.{1,400})", _LOGS, has=("[WARN]", "[ERROR]")),
)


def add_records(evidence: Evidence) -> None:
    """Add the records of both kinds, in order of time among the others."""
    if evidence.platform != "windows":
        return
    evidence.records.extend([*_from_logs(evidence), *_from_statuses(evidence)])
    evidence.records.sort(key=lambda record: record.time if record.time is not None else 0.0)


def _from_logs(evidence: Evidence) -> Iterator[Record]:
    """One record a log record and number: the lines below its first one, such as an error code's, add to what it says."""
    heads: dict[str, list[tuple[int, str]]] = {}
    for hit in evidence.hits_of("windows.head"):
        heads.setdefault(hit.cite.member, []).append((hit.cite.line or 0, hit.groups.get("told", "")))
    found: dict[tuple[str, int, str, int], Record] = {}
    for hit in evidence.hits_of("windows.failure"):
        text, line = hit.groups.get("told", ""), hit.cite.line or 0
        first, about = (line, "") if text.startswith("[") else _above(heads.get(hit.cite.member, []), line)
        own = "vmsnapshot" in hit.cite.path.lower()
        for provider, number, data in failures_of(text, about):
            if own:
                data = {**data, "backup": True, "activity": data["activity"] or "snapshot", "target": data["target"] or "storage"}
            key = (hit.cite.member, first, provider, number)
            known = found.get(key)
            if known is None:
                found[key] = Record(FAILURES, provider, number, hit.time, data, hit.cite, hit.uncertainty)
            else:
                found[key] = replace(known, data={**data, **{name: value for name, value in known.data.items() if value is not None}})
    yield from found.values()


def _above(heads: list[tuple[int, str]], line: int) -> tuple[int, str]:
    """The first line of the record that a line continues, if it is near: its number and text."""
    place = bisect_right(heads, (line, "")) - 1
    return heads[place] if place >= 0 and line - heads[place][0] <= _FURTHEST else (line, "")


def _from_statuses(evidence: Evidence) -> Iterator[Record]:
    """A record a status: provider is the extension (`agent` for the agent itself), the number its code."""
    for table in ("statuses", "reported-status"):
        for row in evidence.rows(table):
            values = row.values
            handler = str(values.get("handler") or values.get("name") or "")
            message = "\n".join(str(text) for text in (values.get("told") or values.get("message"), values.get("settings_message")) if text)
            word = values.get("settings_status") or values.get("status")
            code = values.get("settings_code") if values.get("settings_code") is not None else values.get("code")
            data: dict[str, Value] = {"status": word, "handler_status": values.get("status") if table == "reported-status" else None, "code": code, "message": message,
                                      "backup": bool(values.get("backup")), "handler": handler, "seq": values.get("seq"), "version": values.get("version"),
                                      "upload_age": values.get("upload_age"), "settings_age": values.get("settings_age")}
            time = _time(row)
            number = str(code)
            yield Record(STATUSES, handler, int(number) if number.lstrip("-").isdigit() else 0, time,
                         {key: value for key, value in data.items() if value is not None}, row.cite)
            if str(word).lower() in ("error", "warning", "notready", "not ready") or "xception" in message:
                for provider, which, failure in failures_of(message):
                    yield Record(FAILURES, provider, which, time, {**failure, "backup": data["backup"], "status": word, "activity": failure["activity"] or (
                        "snapshot" if data["backup"] else None)}, row.cite)


def _time(row: TableRow) -> float | None:
    when = row.values.get("when")
    return float(when) if isinstance(when, (int, float)) else row.time
