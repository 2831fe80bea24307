"""Everything a bundle yields, gathered in one walk over its members: hits of patterns, rows of tables, and coverage.

Coverage is what makes absence mean something. A source covers a time when it was collected whole and reaches over it;
only then may "nothing matched" be read as *clear*. Everything else is *blind*, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.bundle.bundle import UNCLOSED, Bundle, Member
from analyzer.bundle.manifest import Item
from analyzer.model import Cite, Hit, Record, Value
from analyzer.scan.activity import Activity, Gap
from analyzer.scan.scanner import Hits
from analyzer.sources.catalogue import Catalogue
from analyzer.sources.windows.channels import channel_of, source_of


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with the place it was read from."""

    values: Mapping[str, Value]
    cite: Cite
    time: float | None = None


TABLES_OF = {
    "windows": ("registry", "writers", "providers", "winproxy", "shadowstorage"),
    "linux": ("conf", "versions", "fips", "agent-versions", "pressure"),
}
"""Tables that only one platform has."""


@dataclass(slots=True)
class Table:
    """Rows of one kind. `whole` says whether all rows there were on the VM are here; `reason` why not."""

    rows: list[TableRow] = field(default_factory=list)
    whole: bool = False
    reason: str = "nothing of the kind was collected"
    taken: float | None = None


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A member as the report lists it: what it was taken for, and its times."""

    name: str
    path: str | None
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    size: int
    activity: Activity | None = None
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Unkept:
    """Events of one kind between these times, of which there were too many to keep: that none is here says nothing.

    `service` is the service whose changes of state they tell, where they do.
    """

    source: str
    provider: str
    event_id: int
    service: str
    start: float
    end: float


@dataclass(slots=True)
class Evidence:
    """All that was gathered. `collected` is when, in epoch seconds; with no manifest, the last time in the evidence."""

    bundle: Bundle
    catalogue: Catalogue
    platform: str = "linux"
    hits: Mapping[str, Hits] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    unkept: list[Unkept] = field(default_factory=list)
    members: list[MemberInfo] = field(default_factory=list)
    collected: float | None = None
    collected_known: bool = False
    asked: float | None = None
    """The latest time that the VM's clock told when a person asked for it."""
    zone: str = "unknown"
    _planned: dict[str, list[Item]] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> Table:
        """The table of that name; an unknown one is empty and not whole."""
        return self.tables.get(name) or Table(reason=f"nothing was collected that tells of {name.replace('-', ' ')}")

    def foreign_to(self, source: str = "", table: str = "") -> str:
        """The other platform if a source or a table is found only there, else an empty text."""
        platform = self.catalogue[source].platform if source else "any"
        if table:
            platform = next((name for name, tables in TABLES_OF.items() if table in tables), "any")
        return "" if platform in ("any", self.platform) else platform

    def rows(self, name: str) -> Sequence[TableRow]:
        """The rows of a table."""
        return self.table(name).rows

    def hits_of(self, pattern: str) -> Sequence[Hit]:
        """All hits of a pattern, in the order of the evidence."""
        return tuple(self.hits.get(pattern, ()))

    def of_source(self, source: str) -> list[MemberInfo]:
        """The members that belong to a source by themselves (not those it borrows lines from)."""
        return [member for member in self.members if source in member.sources]

    def last_record(self, source: str) -> float | None:
        """The time of the latest record of a source, or None."""
        times = [member.activity.latest for member in self.of_source(source) if member.activity and member.activity.latest]
        return max(times, default=None)

    def first_record(self, source: str) -> float | None:
        """The time of the earliest record of a source, or None."""
        times = [member.activity.first for member in self.of_source(source) if member.activity and member.activity.first is not None]
        return min(times, default=None)

    def gaps(self, source: str) -> list[tuple[Gap, MemberInfo]]:
        """The silences and backward steps inside a source's members."""
        return [(gap, member) for member in self.of_source(source) if member.activity for gap in member.activity.gaps]

    def blindness(self, source: str, start: float | None, end: float | None, doubt: float | None = 0.0) -> str | None:
        """Why nothing can be concluded from `source` having no match between two times; None if it covers them.

        `doubt` is the uncertainty of the two times, in seconds: what is as uncertain as they are was dated by the same clock;
        None: they stand in for what is not known, so the zone does not matter.
        """
        title = self.catalogue[source].title
        manifest = self.bundle.manifest
        members = self.of_source(source)
        if end is not None and self.collected is not None and self.collected_known:
            end = min(end, self.collected)
        if manifest:
            return self._blind_by_manifest(source, title, members, start, end)
        if not members:
            return f"not in the evidence: {title}"
        first, last = self.first_record(source), self.last_record(source)
        if first is None or last is None:
            return f"the {title} carries no times"
        if doubt is not None and any(member.activity and member.activity.uncertainty > 3600 and abs(member.activity.uncertainty - doubt) >= 1
                                     for member in members):
            return f"the {title} has times of an unknown zone"
        if start is None or end is None:
            return f"whether the {title} is whole is not known"
        if first > start:
            return f"the {title} begins only later"
        if last < end:
            return f"the {title} ends before"
        return None

    def _blind_by_manifest(self, source: str, title: str, members: list[MemberInfo], start: float | None,
                           end: float | None) -> str | None:
        manifest = self.bundle.manifest
        assert manifest
        items = self._planned_for(source, members)
        if not items:
            return f"not collected: {title}"
        for item in items:
            reason = self.item_problem(item)
            if reason:
                return f"{item.path or ' '.join(item.argv)}: {reason}"
        present = [item for item in items if item.member]
        if not present:
            return f"not there on the VM: {title}"
        if not members:
            return f"not in the bundle: {title}"
        if any(item.status == "tailed" for item in present) and start is not None:
            return self._tailed(title, members, start)
        if end is not None and any(member.activity and member.activity.unclosed and (member.activity.latest or 0.0) < end for member in members):
            return f"the {title} was not closed: records newer than its last one may be missing"
        if manifest.finished is None:
            last = self.last_record(source)
            if end is not None and (last is None or last < end):
                return f"the {title} ends before, and when it was collected is not known"
        elif end is not None and manifest.finished < end - 1:
            return f"the {title} was collected before"
        return None

    def _planned_for(self, source: str, members: Sequence[MemberInfo]) -> Sequence[Item]:
        """The planned items that feed a source. Every observation asks, so the answer is kept."""
        if source not in self._planned:
            known, manifest = self.catalogue[source], self.bundle.manifest
            here = {id(member.item) for member in members}
            self._planned[source] = _one_each([item for item in (manifest.items if manifest else ()) if item.kind != "probe"
                                               and (id(item) in here or known.holds(item.path, item.argv) or _channel_source(item) == source)])
        return self._planned[source]

    def _tailed(self, title: str, members: list[MemberInfo], start: float) -> str | None:
        for member in members:
            cut = member.activity.cut_until if member.activity else None
            if member.item and member.item.status == "tailed" and (cut is None or cut > start):
                return f"a part of the {title} was left out for its size"
        return None

    def item_problem(self, item: Item) -> str | None:
        """Why a planned item cannot stand for what was on the VM; None if it can (absent counts as known)."""
        if item.status in ("ok", "changed", "empty", "absent", "tailed"):
            if item.member and item.member in self.bundle.tampered:
                return "changed after collection"
            return next((problem.reason for problem in self.bundle.problems
                         if item.member and problem.item == item.member and problem.status != UNCLOSED), None)
        return f"not collected ({item.status}{': ' + item.reason if item.reason else ''})"


def _channel_source(item: Item) -> str | None:
    """The source that a planned event log would have fed, by its channel: what could not be had is missing from that source."""
    return source_of(channel_of(item.path), "") if item.kind == "eventlog" and item.path else None


def _one_each(items: list[Item]) -> list[Item]:
    """An event log is planned twice, raw and as masked text: where one of the two is whole, the other is not missed."""
    whole = {item.path for item in items if item.kind == "eventlog" and item.status in ("ok", "changed")}
    return [item for item in items if item.kind != "eventlog" or item.status in ("ok", "changed") or item.path not in whole]


def cite_line(member: Member | MemberInfo, line: int, text: str) -> Cite:
    """A citation of one line of a member."""
    from analyzer.scan.scanner import shorten
    return Cite(member.name, member.path or member.name, shorten(text), line=line)
