"""Where a command gave nothing, the probe that looked at the same thing stands in for it."""

from __future__ import annotations

from analyzer.bundle.bundle import Member
from analyzer.evidence import Evidence, Table, TableRow
from analyzer.model import Cite, Row


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
