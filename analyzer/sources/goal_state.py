"""What the platform asked for and was told: goal states, extensions configurations, vmSettings, the agent's status blob."""

from __future__ import annotations

import re
from typing import Any

from analyzer.clock import parse_iso
from analyzer.model import Row
from analyzer.sources.rows import Artifact, Reader, at, line_of, load_json, row

_HISTORY = re.compile(r"/history/(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)")
_HOST = re.compile(r"https?://([A-Za-z0-9.-]+(?::\d+)?)/")


def parse_xml(text: str) -> Any:
    """The root of an XML text, or None. No entities, no DTD, no network, no huge trees (lxml's safe settings)."""
    from lxml import etree
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False, remove_comments=True)
    try:
        return etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _when(artifact: Artifact) -> float | None:
    found = _HISTORY.search(artifact.path)
    return parse_iso(f"{found.group(1)}:{found.group(2)}:{found.group(3)}Z") if found else artifact.mtime


def read_goal_state(artifact: Artifact) -> list[Row]:
    """GoalState*.xml: one row of `goal-states`; the placeholder that new agents leave is marked as such."""
    root = parse_xml(artifact.text)
    placeholder = "empty placeholder" in artifact.text
    when = _when(artifact)
    incarnation = root.findtext(".//Incarnation") if root is not None else None
    return [row("goal-states", {"incarnation": incarnation, "readable": root is not None, "placeholder": placeholder, "when": when,
                                "expected_state": root.findtext(".//ExpectedState") if root is not None else None}, time=when)]


def read_extensions_config(artifact: Artifact) -> list[Row]:
    """ExtensionsConfig*.xml: rows of `requested-plugins` and `storage-hosts`."""
    root = parse_xml(artifact.text)
    when = _when(artifact)
    if root is None:
        return [row("requested-plugins", {"name": None, "readable": False, "when": when}, time=when)]
    sequences = {plugin.get("name"): settings.get("seqNo") for plugin in root.iter("Plugin")
                 for settings in plugin.iter("RuntimeSettings") if settings.get("seqNo")}
    rows = [row("requested-plugins", {
        "name": plugin.get("name"), "version": plugin.get("version"), "state": plugin.get("state"), "readable": True,
        "backup": "vmsnapshot" in str(plugin.get("name")).lower(), "when": when,
        "seq": _int(sequences.get(plugin.get("name")))}, plugin.sourceline or 1, when)
        for plugin in root.iter("Plugin") if plugin.get("location") or plugin.get("state")]
    return rows + _hosts(artifact, when)


def read_vm_settings(artifact: Artifact) -> list[Row]:
    """VmSettings*.json: rows of `requested-plugins` and `storage-hosts`."""
    data = load_json(artifact.text)
    when = _when(artifact)
    if not isinstance(data, dict):
        return [row("requested-plugins", {"name": None, "readable": False, "when": when}, time=when)]
    wanted = at(data, "extensionGoalStates")
    rows = [row("requested-plugins", {
        "name": at(plugin, "name"), "version": at(plugin, "version"), "state": at(plugin, "state"), "readable": True,
        "backup": "vmsnapshot" in str(at(plugin, "name")).lower(), "seq": at(plugin, "settingsSeqNo"), "when": when},
        line_of(artifact.text, str(at(plugin, "name"))), when) for plugin in wanted or () if isinstance(plugin, dict)]
    return rows + _hosts(artifact, when)


def _hosts(artifact: Artifact, when: float | None) -> list[Row]:
    hosts = dict.fromkeys(_HOST.findall(artifact.text))
    return [row("storage-hosts", {"host": host}, line_of(artifact.text, host), when) for host in list(hosts)[:50]]


def read_manifest(artifact: Artifact) -> list[Row]:
    """An extension's or agent's version manifest: rows of `offered-versions`."""
    root = parse_xml(artifact.text)
    name = artifact.path.rsplit("/", 1)[-1]
    if root is None:
        return [row("offered-versions", {"file": name, "version": None, "readable": False})]
    return [row("offered-versions", {"file": name, "version": version.text, "readable": True}, version.sourceline or 1)
            for version in root.iter("Version") if version.text]


def read_agent_status(artifact: Artifact) -> list[Row]:
    """waagent_status*.json (or its Windows twin): rows of `reported-status`, one for the agent and one a handler."""
    data = load_json(artifact.text)
    when = parse_iso(at(data, "timestampUTC")) or artifact.mtime
    aggregate = at(data, "aggregateStatus")
    agent = at(aggregate, "guestAgentStatus")
    rows = []
    if isinstance(agent, dict):
        rows.append(row("reported-status", {"name": "agent", "version": at(agent, "version"), "status": at(agent, "status"),
                                            "message": at(agent, "formattedMessage", "message"), "when": when, "written": artifact.mtime,
                                            "upload_age": _between(at(agent, "lastStatusUploadTime"), when)}, time=when))
    handlers = at(aggregate, "handlerAggregateStatus")
    for handler in handlers if isinstance(handlers, list) else ():
        settings = at(handler, "runtimeSettingsStatus", "settingsStatus", "status")
        written = at(handler, "runtimeSettingsStatus", "settingsStatus", "timestampUTC")
        rows.append(row("reported-status", {
            "name": at(handler, "handlerName"), "version": at(handler, "handlerVersion"), "status": at(handler, "status"),
            "code": at(handler, "code"), "message": at(handler, "formattedMessage", "message") or at(handler, "message"),
            "seq": at(handler, "runtimeSettingsStatus", "sequenceNumber"), "settings_status": at(settings, "status"),
            "settings_code": at(settings, "code"), "settings_message": at(settings, "formattedMessage", "message"),
            "settings_age": _between(written, when), "backup": "vmsnapshot" in str(at(handler, "handlerName")).lower(), "when": when},
            line_of(artifact.text, str(at(handler, "handlerName"))), when))
    return rows


def _between(earlier: Any, later: float | None) -> int | None:
    """Seconds from a time in the report to the report's own; None if either is not told."""
    time = parse_iso(earlier) if isinstance(earlier, str) else None
    return round(later - time) if time is not None and later is not None else None


def _int(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


READERS: tuple[tuple[str, Reader], ...] = (
    (r"/var/lib/waagent/(?:history/[^/]+/)?GoalState(?:\.\d+)?\.xml", Reader(("goal-states",), read_goal_state)),
    (r"/var/lib/waagent/(?:history/[^/]+/)?ExtensionsConfig(?:\.\d+)?\.xml", Reader(("requested-plugins", "storage-hosts"), read_extensions_config)),
    (r"/var/lib/waagent/(?:history/[^/]+/)?VmSettings(?:\.\d+)?\.json", Reader(("requested-plugins", "storage-hosts"), read_vm_settings)),
    (r"/var/lib/waagent/(?:history/[^/]+/)?[^/]+\.(?:manifest\.xml|agentsManifest)", Reader(("offered-versions",), read_manifest)),
    (r"/var/lib/waagent/(?:history/[^/]+/)?waagent_status(?:\.\d+)?\.json", Reader(("reported-status",), read_agent_status)),
)
