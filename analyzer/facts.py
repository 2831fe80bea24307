"""Facts: typed values with a citation, extracted as signatures/facts.toml declares, and a few that need arithmetic.

A fact is known with a value, known to be absent (value None), or unknown with the reason; signatures treat unknown as
blind. `agent.running-version`, `conf.extensions-enabled` and so on are names that signatures and reports share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from analyzer.clock import parse_iso
from analyzer.evidence import Evidence, TableRow
from analyzer.language.operators import row_matches, version_key
from analyzer.model import Attempt, Fact, Value

YEARS_DOUBT = 40 * 86400.0
KEYS = {"about", "source", "match", "has", "group", "pick", "conf", "default", "table", "where", "column", "type", "first-of", "count",
        "computed", "age", "ahead"}


def find_facts(evidence: Evidence, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Fact]:
    """Every declared fact, and the computed ones, by name."""
    facts: dict[str, Fact] = {}
    for name, spec in declared.items():
        if "first-of" not in spec:
            facts[name] = _fact(evidence, name, spec)
    facts |= _computed(evidence)
    facts |= {name: _age(evidence, facts[name]) for name, spec in declared.items() if spec.get("age")}
    facts |= {name: _ahead(facts[name]) for name, spec in declared.items() if spec.get("ahead")}
    for name, spec in declared.items():
        if "first-of" in spec:
            candidates = [facts[other] for other in spec["first-of"] if other in facts]
            chosen = next((fact for fact in candidates if fact.known and fact.value is not None), None)
            chosen = chosen or next((fact for fact in candidates if fact.known), None)
            facts[name] = Fact(name, True, chosen.value, chosen.cite, chosen.time) if chosen else Fact(
                name, False, reason=candidates[0].reason if candidates else "not in the evidence",
                foreign=bool(candidates) and all(fact.foreign for fact in candidates))
    return facts


def _fact(evidence: Evidence, name: str, spec: Mapping[str, Any]) -> Fact:
    if "computed" in spec:
        return Fact(name, False, reason="not in the evidence")
    elsewhere = evidence.foreign_to(spec.get("source", ""), "conf" if "conf" in spec else spec.get("table", ""))
    if elsewhere:
        return Fact(name, False, reason=f"belongs to {elsewhere}", foreign=True)
    if "conf" in spec:
        return _from_conf(evidence, name, spec)
    if "table" in spec:
        return _from_table(evidence, name, spec)
    return _from_line(evidence, name, spec)


def _age(evidence: Evidence, fact: Fact) -> Fact:
    """How many seconds before the collection a fact was last so."""
    if not fact.known or not evidence.collected_known or evidence.collected is None or fact.time is None:
        return Fact(fact.name, False, reason=fact.reason or "when it was, or when the evidence was collected, is not known", foreign=fact.foreign)
    return Fact(fact.name, True, round(evidence.collected - fact.time), fact.cite, fact.time)


def _ahead(fact: Fact) -> Fact:
    """How many seconds the time that a line names lies ahead of the line's own stamp; negative if it lies behind."""
    if not fact.known or fact.time is None or fact.value is None:
        return Fact(fact.name, False, reason=fact.reason or "no line tells it", foreign=fact.foreign)
    named = parse_iso(str(fact.value))
    if named is None:
        parts = [int(part) for part in re.findall(r"\d{1,4}", str(fact.value))[:6]]
        try:
            named = datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
        except (TypeError, ValueError):
            return Fact(fact.name, False, reason=f"{fact.value!r} is no time")
    return Fact(fact.name, True, round(named - fact.time), fact.cite, fact.time)


def _from_line(evidence: Evidence, name: str, spec: Mapping[str, Any]) -> Fact:
    hits = evidence.hits_of(f"fact/{name}")
    if spec.get("ahead"):
        hits = [hit for hit in hits if hit.uncertainty < 60]
    if hits:
        dated = [hit for hit in hits if hit.time is not None]
        hit = max(dated, key=lambda hit: hit.time or 0.0) if dated else hits[-1]
        return Fact(name, True, _typed(hit.groups.get(spec.get("group", "value")), spec), hit.cite, hit.time)
    blind = evidence.blindness(spec["source"], None, None)
    return Fact(name, False, reason=blind or "no line tells it") if blind or spec.get("pick") != "absent-if-none" else Fact(name, True)


def _from_conf(evidence: Evidence, name: str, spec: Mapping[str, Any]) -> Fact:
    table = evidence.table("conf")
    rows = [row for row in table.rows if row.values.get("key") == spec["conf"]]
    if rows:
        value = rows[-1].values.get("value")
        usual = value is None or (spec.get("type") == "switch" and rows[-1].values.get("ignored_switch"))
        return Fact(name, True, _typed(spec.get("default") if usual else value, spec), rows[-1].cite)
    if not table.whole:
        return Fact(name, False, reason=table.reason)
    return Fact(name, True, _typed(spec.get("default"), spec), table.rows[0].cite if table.rows else None)


def _from_table(evidence: Evidence, name: str, spec: Mapping[str, Any]) -> Fact:
    table = evidence.table(spec["table"])
    rows = [row for row in table.rows if row_matches(row.values, spec.get("where", {}))]
    if spec.get("count"):
        if not table.whole and not rows:
            return Fact(name, False, reason=table.reason)
        return Fact(name, True, len(rows), rows[0].cite if rows else None)
    rows = [row for row in rows if row.values.get(spec["column"]) is not None]
    if not rows:
        return Fact(name, True) if table.whole else Fact(name, False, reason=table.reason)
    row = _picked(rows, spec)
    return Fact(name, True, _typed(row.values[spec["column"]], spec), row.cite, row.time)


def _picked(rows: list[TableRow], spec: Mapping[str, Any]) -> TableRow:
    pick, column = spec.get("pick", "last"), spec["column"]
    if pick == "first":
        return rows[0]
    if pick in ("max", "min"):
        chosen = max if pick == "max" else min
        return chosen(rows, key=lambda row: version_key(row.values[column]) if spec.get("type") == "version" else _number(row.values[column]))
    dated = [row for row in rows if row.time is not None]
    return max(dated, key=lambda row: row.time or 0.0) if dated else rows[-1]


def _number(value: Value) -> float:
    try:
        return float(value) if value is not None else 0.0
    except ValueError:
        return 0.0


def _typed(value: Value, spec: Mapping[str, Any]) -> Value:
    kind = spec.get("type", "text")
    if value is None:
        return None
    if kind == "switch":
        return str(value).lower() == "y"
    if kind == "number":
        return _number(value)
    return value


def _computed(evidence: Evidence) -> dict[str, Fact]:
    """Facts that are differences of times, in seconds."""
    facts: dict[str, Fact] = {}

    def put(name: str, value: Value, reason: str) -> None:
        facts[name] = Fact(name, value is not None, value, reason=reason)

    last = evidence.last_record("agent-log")
    silent = evidence.collected - last if evidence.collected_known and evidence.collected is not None and last is not None else None
    put("agent.silent-seconds", silent, "when the evidence was collected, or when the agent last wrote, is not known")
    latest = max((time for source in ("agent-log", "extension-log") if (time := evidence.last_record(source)) is not None), default=None)
    ahead = round(latest - evidence.collected) if evidence.collected_known and evidence.collected is not None and latest is not None else None
    put("clock.stamps-ahead-seconds", ahead, "when the evidence was collected, or the logs' last time, is not known")
    asked = evidence.asked
    newest = max((member.activity.latest for member in evidence.members if member.activity and member.activity.latest), default=None)
    behind = max(0, round(newest - asked)) if asked is not None and newest is not None else None
    put("clock.told-behind-seconds", behind, "nobody asked the VM for its time")
    manifest = evidence.bundle.manifest
    put("clock.skew-seconds", abs(manifest.skew_seconds) if manifest and manifest.skew_seconds is not None else None, "no outside clock was read")
    booted = (manifest.boot_time if manifest else None) or _last_boot(evidence)
    put("host.up-seconds", evidence.collected - booted if booted and evidence.collected else None, "when the VM booted is not known")
    return facts


def _last_boot(evidence: Evidence) -> float | None:
    """When the system that runs was booted, by its own records; None if it went down since."""
    known = sorted((row.time, row.values.get("kind")) for row in evidence.rows("boots") if row.time is not None and row.values.get("kind"))
    return known[-1][0] if known and known[-1][1] == "boot" else None


def of_attempt(attempt: Attempt, attempts: Sequence[Attempt]) -> dict[str, Fact]:
    """Facts about the attempt that is judged, and what came before it."""
    succeeded = [one for one in attempts if one.outcome == "succeeded" and (attempt.start is None or one.start is None or one.start <= attempt.start)]
    last = succeeded[-1] if succeeded else None
    cite = attempt.cites[0] if attempt.cites else None
    year = datetime.fromtimestamp(attempt.end, UTC).year if attempt.end is not None and attempt.uncertainty < YEARS_DOUBT else None
    return {
        "attempt.year": Fact("attempt.year", year is not None, year, cite, attempt.end, "when the attempt was is not known"),
        "attempt.code": Fact("attempt.code", True, attempt.code, cite, attempt.end),
        "attempt.outcome": Fact("attempt.outcome", True, attempt.outcome, cite, attempt.end),
        "attempt.found": Fact("attempt.found", True, not attempt.stands_in, cite),
        "attempts.all-well": Fact("attempts.all-well", True, attempt.stands_in and bool(attempts) and attempts[-1].outcome == "succeeded"),
        "attempts.last-success": Fact("attempts.last-success", True, last.end if last else None, last.cites[0] if last and last.cites else None),
    }
