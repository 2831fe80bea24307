"""What probes tell: in a sentence, and in the place of a command that gave nothing."""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.bundle.bundle import Member
from analyzer.evidence import Evidence, Table, TableRow
from analyzer.model import Cite, Row, Value


def probe_sentence(values: Mapping[str, Value]) -> str:
    """What a probe found, as a person would say it: `tcp 168.63.129.16:80: ok in 3 ms at collection`."""
    status = f", status {values['status']}" if values.get("status") is not None else ""
    seconds = values.get("seconds")
    took = f" in {round(seconds * 1000)} ms" if isinstance(seconds, (int, float)) else ""
    outcome = "ok" if values.get("ok") else str(values.get("error") or "failed")
    return f"{values.get('probe', 'probe')} {values.get('target', '')}: {outcome}{status}{took} at collection"


class StateProbes:
    """The probes of the machine itself: its disks, mounts, processes and services, each with the sentence it is cited by."""

    def __init__(self) -> None:
        self._probes: list[tuple[Cite, float | None, list[Row], tuple[str, ...]]] = []

    def take(self, cite: Cite, member: Member, text: str) -> None:
        """Keep what the JSON of a probe tells of tables that commands fill."""
        from analyzer.sources.commands import read_state_probe  # the readers of commands are loaded when first needed
        rows, whole = read_state_probe(text)
        if rows or whole:
            self._probes.append((cite, member.item.started if member.item else None, rows, whole))

    def stand_in(self, evidence: Evidence) -> None:
        """Fill the tables that are empty although a probe knows rows, or that there are none."""
        silent = {name for _, _, rows, whole in self._probes for name in (*whole, *(row.table for row in rows)) if not evidence.rows(name)}
        for cite, taken, rows, whole in self._probes:
            for row in rows:
                if row.table in silent:
                    evidence.tables.setdefault(row.table, Table()).rows.append(TableRow(row.values, cite))
            for name in silent.intersection((*whole, *(row.table for row in rows))):
                table = evidence.tables.setdefault(name, Table())
                table.taken = taken
                if name in whole:
                    table.whole, table.reason = True, ""
