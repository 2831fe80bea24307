"""State files of the Windows agent and its extensions: what was reported, heartbeats, sequence numbers, requests as fetched."""

from __future__ import annotations

import re
from dataclasses import replace

from analyzer.model import Row
from analyzer.sources.conf import read_word
from analyzer.sources.goal_state import read_agent_status, read_extensions_config, read_goal_state
from analyzer.sources.handler import identity
from analyzer.sources.rows import Artifact, Reader, at, line_of, load_json, row


def read_aggregate_status(artifact: Artifact) -> list[Row]:
    """aggregatestatus*.json: rows of `reported-status`, and of `handler-status` as the agent sees each extension.

    The agent may leave NUL bytes in the file.
    """
    plain = replace(artifact, text=artifact.text.replace("\0", ""))
    rows = read_agent_status(plain)
    handlers = [one for one in rows if one.values.get("name") != "agent"]
    return rows + [row("handler-status", {"handler": one.values.get("name"), "version": one.values.get("version"), "backup": one.values.get("backup"),
                                          "status": one.values.get("status"), "code": one.values.get("code"), "message": one.values.get("message"),
                                          "empty": False, "readable": True}, one.line, one.time) for one in handlers]


def read_heartbeat(artifact: Artifact) -> list[Row]:
    """HeartBeat.Json: what an extension says of itself, as a row of `handler-status`."""
    data = load_json(artifact.text.replace("\0", ""))
    beat = at(data, 0, "heartbeat")
    return [row("handler-status", identity(artifact.path) | {
        "status": at(beat, "status"), "code": at(beat, "code"), "message": at(beat, "Message") if isinstance(at(beat, "Message"), str) else at(beat, "formattedMessage", "message"),
        "empty": not artifact.text.strip(), "readable": isinstance(beat, dict), "mtime": artifact.mtime}, line_of(artifact.text, '"heartbeat"'))]


def read_fetched(artifact: Artifact) -> list[Row]:
    """An XML file of WindowsAzure/Config: a goal state or an extensions configuration; rows for what it is, none for others."""
    if re.search(r"<GoalState[ >]", artifact.text[:4000]):
        return read_goal_state(artifact)
    return read_extensions_config(artifact) if re.search(r"<Extensions[ >]", artifact.text[:4000]) else []


READERS: tuple[tuple[str, Reader], ...] = (
    (r"(?i)[A-Z]:/WindowsAzure/Logs/AggregateStatus/aggregatestatus[^/]*\.json", Reader(("reported-status", "handler-status"), read_aggregate_status)),
    (r"(?i)[A-Z]:/Packages/Plugins/[^/]+/[\d.]+/Status/HeartBeat\.Json", Reader(("handler-status",), read_heartbeat)),
    (r"(?i)[A-Z]:/Packages/Plugins/[^/]+/[\d.]+/SeqNumber\.txt", Reader(("words",), read_word)),
    (r"(?i)[A-Z]:/WindowsAzure/Config/[^/]+\.xml", Reader(("goal-states", "requested-plugins", "storage-hosts"), read_fetched)),
)
