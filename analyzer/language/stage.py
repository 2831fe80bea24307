"""A scene set up as evidence, through the same code that reads a real bundle: a manifest, members, one walk, facts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from analyzer.attempts import PATTERNS
from analyzer.bundle.archive import Entry
from analyzer.bundle.bundle import Bundle, Member
from analyzer.bundle.limits import DEFAULT
from analyzer.bundle.manifest import SCHEMA, parse_manifest
from analyzer.clock import format_utc, parse_iso
from analyzer.derived import derive
from analyzer.diagnosis import Diagnosis, diagnose
from analyzer.evidence import Evidence, MemberInfo, Table, TableRow
from analyzer.facts import find_facts
from analyzer.gather import gather
from analyzer.language.knowledge import Knowledge
from analyzer.language.scene import Scene
from analyzer.model import Cite, Fact, Record, Value
from analyzer.scan.activity import Activity
from analyzer.scan.scanner import Scanner

_BEFORE_THE_END = 5.0
_EXTENSION_LOG = re.compile(r"/var/log/azure/Microsoft\.Azure\.RecoveryServices\.VMSnapshotLinux[^/]*/.*extension\.log")
_KINDS = ("table", "fact", "events", "probe")


class Theatre:
    """Sets up scenes for one body of knowledge; what is costly to build is built once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._scanner = Scanner([*PATTERNS, *knowledge.patterns()])

    def set_up(self, scene: Scene) -> tuple[Evidence, dict[str, Fact]]:
        """The evidence of a scene, and its facts."""
        bundle = MemoryBundle(scene)
        self._scanner.hits = {}
        evidence = gather(bundle, self.knowledge.catalogue, (), self._scanner)
        _put_tables(evidence, scene)
        derive(evidence)
        _put_tables(evidence, scene)
        _put_events(evidence, scene)
        return evidence, _with_given(find_facts(evidence, self.knowledge.facts), scene, self.knowledge)

    def diagnose(self, scene: Scene, only: Sequence[str] = ()) -> Diagnosis:
        """The causes judged for a scene's attempt: the given one, or the one that is found in it."""
        evidence, facts = self.set_up(scene)
        return diagnose(evidence, facts, self.knowledge, at=scene.at, attempt=scene.attempt, only=only)


class MemoryBundle(Bundle):
    """A bundle that lies in memory: a manifest as the collector writes it, and the members of a scene."""

    def __init__(self, scene: Scene) -> None:
        raw, contents = _manifest(scene)
        manifest = parse_manifest(json.dumps(raw).encode())
        assert manifest
        super().__init__(Path("(test)"), "bundle", manifest, DEFAULT)
        self.contents: Mapping[str, bytes] = contents

    def members(self) -> Iterator[Member]:
        """The members in the order of the manifest."""
        assert self.manifest
        for item in self.manifest.items:
            content = self.contents.get(item.member or "")
            if content is not None and item.member:
                yield Member(item.member, Entry(item.member, len(content), partial(_once, content)), item.path, item)


def _once(content: bytes) -> Iterator[bytes]:
    yield content


def _manifest(scene: Scene) -> tuple[dict[str, Any], dict[str, bytes]]:
    items: list[dict[str, Any]] = []
    contents: dict[str, bytes] = {}

    def plan(status: str, text: str | None = None, **more: Any) -> None:
        number = len(items) + 1
        item: dict[str, Any] = {"id": f"item-{number}", "status": status, "started": format_utc(scene.collected - _BEFORE_THE_END), **more}
        if text is not None:
            contents[item["member"]] = text.encode()
            item["bytes"] = len(contents[item["member"]])
        items.append(item)

    for path, text in scene.files.items():
        plan("ok", text, kind="file", path=path, member=member_of(path), mtime=format_utc(scene.mtimes.get(path)) or None)
    for line, text in scene.commands.items():
        plan("ok", text, kind="command", argv=shlex.split(line), member=member_of(line), exit_code=0)
    for name, probe in scene.probes.items():
        plan("ok", json.dumps(probe), kind="probe", member=f"probes/{name[6:]}.json")
    for source in dict.fromkeys(event.source for event in scene.events):
        plan("ok", kind="eventlog", member=f"events/{source}")
    for status, names in (("absent", scene.absent), ("denied", scene.missing)):
        for name in names:
            kind, _, rest = name.partition(":")
            if is_path(name):
                plan(status, kind="file", path=name)
            elif kind == "probe":
                plan(status, kind="probe")
            elif kind == "events":
                plan(status, kind="eventlog", path=f"events/{rest}")
            elif kind not in _KINDS:
                plan(status, kind="command", argv=shlex.split(name))
    # A VM on paper has no extension's log but the one that is told of: what attempts there were is then certain.
    if scene.platform == "linux" and not any(_EXTENSION_LOG.match(name) for name in (*scene.files, *scene.absent, *scene.missing)):
        plan("absent", kind="file", path="/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log")
    raw = {"schema": SCHEMA, "host": {"platform": scene.platform, "timezone": scene.zone}, "clock": {"skew_seconds": scene.skew},
           "finished": format_utc(scene.collected), "complete": True, "items": items}
    return raw, contents


def is_path(name: str) -> bool:
    """Whether a piece's name is a path on a VM rather than a command line."""
    return re.match(r"/|[A-Za-z]:[\\/]", name) is not None


def member_of(name: str) -> str:
    """The member that a path or a command line of a scene becomes."""
    if is_path(name):
        return "files/" + name.replace("\\", "/").replace(":", "", 1).lstrip("/") if name[0] != "/" else f"files{name}"
    return "commands/" + re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:60] + ".txt"


def _put_tables(evidence: Evidence, scene: Scene) -> None:
    """Tables given directly are whole; tables that are missing are known to be."""
    for name, rows in scene.tables.items():
        found = [TableRow(row, Cite(f"table:{name}", f"table:{name}", ", ".join(f"{key}={value}" for key, value in row.items()), line=number),
                          _row_time(row)) for number, row in enumerate(rows, 1)]
        evidence.tables[name] = Table(found, True, "", scene.collected - _BEFORE_THE_END)
    for piece in scene.missing:
        if piece.startswith("table:"):
            evidence.tables[piece[6:]] = Table(reason="not collected (denied)")


def _row_time(row: Mapping[str, Value]) -> float | None:
    value = row.get("time")
    return float(value) if isinstance(value, (int, float)) else parse_iso(value) if isinstance(value, str) else None


def _put_events(evidence: Evidence, scene: Scene) -> None:
    """Events given directly, each source collected whole."""
    manifest = evidence.bundle.manifest
    for number, event in enumerate(scene.events, 1):
        member = f"events/{event.source}"
        cite = Cite(member, member, f"{event.provider} {event.event_id} {dict(event.data)}", record=number)
        evidence.records.append(Record(event.source, event.provider, event.event_id, event.time, event.data, cite))
    for source in dict.fromkeys(event.source for event in scene.events):
        times = [event.time for event in scene.events if event.source == source and event.time is not None]
        activity = Activity(first=min(times, default=None), last=max(times, default=None), latest=max(times, default=None))
        item = next((item for item in manifest.items if item.member == f"events/{source}"), None) if manifest else None
        evidence.members.append(MemberInfo(f"events/{source}", None, (source,), (), 1, activity, item))


def _with_given(facts: dict[str, Fact], scene: Scene, knowledge: Knowledge) -> dict[str, Fact]:
    """The facts, those of the test in place of what was found, and again what is the first known of several."""
    for name, value in scene.facts.items():
        facts[name] = Fact(name, True, value, Cite(f"fact:{name}", f"fact:{name}", f"{name} = {value}"))
    for piece in scene.missing:
        if piece.startswith("fact:"):
            facts[piece[5:]] = Fact(piece[5:], False, reason="not collected (denied)")
    for name, spec in knowledge.facts.items():
        if "first-of" not in spec or name in scene.facts or f"fact:{name}" in scene.missing:
            continue
        known = [facts[other] for other in spec["first-of"] if other in facts and facts[other].known]
        chosen = next((fact for fact in known if fact.value is not None), known[0] if known else None)
        if chosen:
            facts[name] = Fact(name, True, chosen.value, chosen.cite, chosen.time)
        elif any(f"fact:{other}" in scene.missing for other in spec["first-of"]):
            facts[name] = Fact(name, False, reason="not collected (denied)")
    return facts
