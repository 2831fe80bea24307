"""An extension's folder below /var/lib/waagent: what was asked of it, what it answered, and its state.

Formats: HandlerState, HandlerStatus, N.settings, N.status as the agent and VMSnapshotLinux write them. A status file of
the backup extension holds the real report as JSON text inside its substatus; the outer word is always `success`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyzer.clock import parse_iso
from analyzer.model import Row
from analyzer.sources.rows import Artifact, Reader, at, line_of, load_json, row

BACKUP = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
_FOLDER = re.compile(r"(?:/var/lib/waagent|(?i:[A-Z]:/Packages/Plugins))/(?P<handler>[A-Za-z][\w.]*?)[-/](?P<version>\d+(?:\.\d+)+)/")
_SEQUENCE = re.compile(r"/(\d+)[._](?:settings|status)$")
_TICKS_1970 = 621_355_968_000_000_000
_DATE = re.compile(r"/Date\((-?\d+)\)/")
CODE_4 = "4"
LONGEST_TOLD = 4000


def ticks_to_epoch(ticks: Any) -> float | None:
    """Epoch seconds of .NET ticks (100 ns since year 1), or None."""
    try:
        value = (int(ticks) - _TICKS_1970) / 10_000_000
    except (TypeError, ValueError):
        return None
    return value if 0 < value < 1e10 else None


def identity(path: str) -> dict[str, Any]:
    """The extension that a file belongs to: `handler`, `version`, `backup`, and the file's sequence number."""
    found = _FOLDER.search(path)
    sequence = _SEQUENCE.search(path)
    handler = found.group("handler") if found else ""
    return {"handler": handler, "version": found.group("version") if found else "",
            "backup": "vmsnapshot" in handler.lower(), "seq": int(sequence.group(1)) if sequence else None}


def read_settings(artifact: Artifact) -> list[Row]:
    """N.settings or N_settings: one row of `settings`; a file that is no JSON gives `readable` false."""
    values = identity(artifact.path) | {"current": artifact.path.endswith(".settings"), "mtime": artifact.mtime,
                                         "empty": not artifact.text.strip()}
    data = load_json(artifact.text)
    handler = at(data, "runtimeSettings", 0, "handlerSettings")
    public = at(handler, "publicSettings")
    if isinstance(public, str):
        public = load_json(public)
    values |= {
        "readable": isinstance(handler, dict), "task_id": at(public, "taskId"), "command": at(public, "commandToExecute"),
        "command_start": ticks_to_epoch(at(public, "commandStartTimeUTCTicks")),
        "protected": bool(at(handler, "protectedSettings")), "thumbprint": at(handler, "protectedSettingsCertThumbprint")}
    return [row("settings", values, time=values["command_start"] or artifact.mtime)]


def read_status(artifact: Artifact) -> list[Row]:
    """N.status or N_status: one row of `statuses` with the inner report's code, word and message."""
    values = identity(artifact.path) | {"current": artifact.path.endswith(".status"), "mtime": artifact.mtime,
                                         "empty": not artifact.text.strip()}
    data = load_json(artifact.text)
    outer = at(data, 0, "status")
    inner: Any = None
    for name in ("name", "formattedMessage"):
        text = at(outer, "substatus", 0, name)
        text = at(text, "message") if isinstance(text, dict) else text
        candidate = load_json(text) if isinstance(text, str) else None
        if isinstance(at(candidate, 0, "status"), dict):
            inner = at(candidate, 0, "status")
            break
    real = inner or outer
    message = at(real, "formattedMessage", "message")
    detail = load_json(message) if isinstance(message, str) else None
    telemetry = at(inner, "telemetryData")
    keys = {str(at(pair, "Key")): at(pair, "Value") for pair in telemetry} if isinstance(telemetry, list) else {}
    code = at(real, "code")
    values |= {
        "readable": isinstance(outer, dict), "outer_status": at(outer, "status"), "status": at(real, "status"),
        "code": None if code is None else str(code), "task_id": at(real, "taskId") or at(outer, "taskId"),
        "message": at(detail, "messageStr") if isinstance(detail, dict) else message,
        "consistency": at(detail, "snapshotConsistency"), "command_start": ticks_to_epoch(at(real, "commandStartTimeUTCTicks")),
        "host_status_pre": keys.get("hostStatusCodePreSnapshot"), "host_status_do": keys.get("hostStatusCodeDoSnapshot"),
        "error_name": keys.get("extErrorCode"), "creator": keys.get("snapshotCreator"),
        "extension_version": keys.get("extensionVersion"), "agent_version": keys.get("guestAgentVersion"),
        "python_version": keys.get("pythonVersion")}
    when = _stamp(at(data, 0, "timestampUTC")) or artifact.mtime
    told = "\n".join(dict.fromkeys(_messages(outer)))[:LONGEST_TOLD]
    return [row("statuses", values | {"when": when, "told": told or None}, line_of(artifact.text, '"status"'), when)]


def _stamp(text: Any) -> float | None:
    """The time of a report: ISO 8601, or milliseconds as .NET writes them."""
    found = _DATE.search(text) if isinstance(text, str) else None
    return int(found.group(1)) / 1000 if found else parse_iso(text) if isinstance(text, str) else None


def _messages(data: Any, depth: int = 0) -> Iterator[str]:
    """Every message in a report, also those of the JSON texts that messages may be."""
    if depth > 6:
        return
    if isinstance(data, list):
        for one in data[:50]:
            yield from _messages(one, depth + 1)
    elif isinstance(data, dict):
        for key, value in list(data.items())[:50]:
            if isinstance(value, str) and key.lower() in ("message", "errormessage", "messagestr", "error", "name"):
                inner = load_json(value) if value.lstrip()[:1] in ("{", "[") else None
                if inner is not None:
                    yield from _messages(inner, depth + 1)
                elif value and key.lower() != "name":
                    yield value
            elif not isinstance(value, str):
                yield from _messages(value, depth + 1)


def read_handler_state(artifact: Artifact) -> list[Row]:
    """config/HandlerState: one row of `handlers` with the agent's word for the state."""
    word = artifact.text.strip()
    return [row("handlers", identity(artifact.path) | {"state": word or None, "empty": not word, "mtime": artifact.mtime})]


def read_handler_status(artifact: Artifact) -> list[Row]:
    """config/HandlerStatus: one row of `handler-status` with what the portal is told of the extension itself."""
    data = load_json(artifact.text)
    return [row("handler-status", identity(artifact.path) | {
        "status": at(data, "status"), "code": at(data, "code"), "message": at(data, "message"), "empty": not artifact.text.strip(),
        "readable": isinstance(data, dict), "mtime": artifact.mtime}, line_of(artifact.text, '"status"'))]


def read_handler_manifest(artifact: Artifact) -> list[Row]:
    """HandlerManifest.json: one row of `handler-manifests`, readable or not."""
    data = load_json(artifact.text)
    return [row("handler-manifests", identity(artifact.path) | {
        "readable": data is not None, "install": at(data, 0, "handlerManifest", "installCommand")})]


_HANDLER = r"(?:/var/lib/waagent|(?i:[A-Z]:/Packages/Plugins))/[A-Za-z][^/]*(?:/[\d.]+)?"

READERS: tuple[tuple[str, Reader], ...] = (
    (rf"(?i){_HANDLER}/(?:config|RuntimeSettings)/\d+[._]settings", Reader(("settings",), read_settings)),
    (rf"(?i){_HANDLER}/status/\d+[._]status", Reader(("statuses",), read_status)),
    (rf"{_HANDLER}/config/HandlerState", Reader(("handlers",), read_handler_state)),
    (rf"{_HANDLER}/config/HandlerStatus", Reader(("handler-status",), read_handler_status)),
    (rf"{_HANDLER}/HandlerManifest\.json", Reader(("handler-manifests",), read_handler_manifest)),
)
