"""Making the observations that a signature names, relative to one attempt: seen, clear, or blind with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analyzer.attempts import AFTER, BEFORE
from analyzer.clock import format_utc
from analyzer.evidence import Evidence, TableRow
from analyzer.language.hits import CITED, by_time, chosen, enough, first_time, last_time, later, next_end, took
from analyzer.language.operators import check, row_matches
from analyzer.language.schema import Evidence as Spec
from analyzer.language.schema import Signature, Window, pattern_id
from analyzer.model import Attempt, Cite, Fact, Hit, Observation, State, Value

# Stamps of journals end at whole seconds: of two lines of different files, only a second makes one certainly later.
COARSE = 1.0
# By this an observation of a signature for both platforms tells that it is made on Windows only.
OF_WINDOWS = "win-"
NO_FACT = Fact("", False)


@dataclass(frozen=True, slots=True)
class Span:
    """Two times in epoch seconds; None is open."""

    start: float | None
    end: float | None

    def holds(self, time: float | None, doubt: float = 0.0) -> bool:
        """Whether a time lies within, its uncertainty allowed for; what has no time cannot be excluded."""
        if time is None:
            return True
        return (self.start is None or time + doubt >= self.start) and (self.end is None or time - doubt <= self.end)


class Observer:
    """Observes for one attempt. Holds nothing but references to what was gathered."""

    def __init__(self, evidence: Evidence, facts: Mapping[str, Fact], attempt: Attempt) -> None:
        self.evidence, self.facts, self.attempt = evidence, facts, attempt

    def observe(self, signature: Signature) -> dict[str, Observation]:
        """Every observation of a signature, by name. Those others refer to are made first."""
        done: dict[str, Observation] = {}
        for spec in signature.evidence.values():
            self._one(signature, spec, done)
        return done

    def _one(self, signature: Signature, spec: Spec, done: dict[str, Observation]) -> Observation:
        if spec.name not in done:
            for other in (*spec.cleared_by, *spec.order):
                if other != spec.name:
                    self._one(signature, signature.evidence[other], done)
            made = self._elsewhere(spec) or getattr(self, f"_{spec.shape}")(signature, spec, done)
            done[spec.name] = replace(made, note=spec.note)
        return done[spec.name]

    def _elsewhere(self, spec: Spec) -> Observation | None:
        """What belongs to the other platform is not there, and not because anything was missed."""
        platform = "windows" if spec.name.startswith(OF_WINDOWS) else self.evidence.foreign_to(spec.source, spec.table)
        if spec.fact and self.facts.get(spec.fact, NO_FACT).foreign:
            platform = "linux" if self.evidence.platform == "windows" else "windows"
        if platform in ("", self.evidence.platform):
            return None
        return Observation(spec.name, State.CLEAR, reason=f"belongs to {platform}", foreign=True)

    def span_of(self, window: Window, source: str = "") -> Span:
        """The stretch of time that a window means for this attempt, with some grace at both ends."""
        core = self.core_of(window, source)
        start = core.start
        if start is not None and window.kind == "attempt" and not self.attempt.stands_in:
            start = max(start - BEFORE, min(self.attempt.previous_end or start - BEFORE, start))
        return Span(start, core.end + (0.0 if window.kind == "after" else AFTER) if core.end is not None else None)

    def core_of(self, window: Window, source: str = "") -> Span:
        """The same without the grace: what a source must cover for its silence to mean something."""
        start, end = self.attempt.start, self.attempt.end
        if window.kind == "any":
            return Span(None, end)
        if window.kind == "before":
            return Span(start - window.seconds if start is not None else None, end)
        if window.kind == "after":
            return Span(start, end + window.seconds if end is not None else None)
        if window.kind == "last-words" and source:
            last = self.evidence.last_record(source)
            return Span(last - window.seconds if last is not None else None, end)
        return Span(start, end)

    def _blind(self, source: str, window: Window) -> str | None:
        core = self.core_of(window, source)
        start = self._begun_in(source) if window.kind in ("attempt", "after") else None
        doubt = None if self.attempt.stands_in and not self.evidence.collected_known else self.attempt.uncertainty
        return self.evidence.blindness(source, core.start if start is None else start, core.end, doubt)

    def _begun_in(self, source: str) -> float | None:
        """When a log begins that tells of the run's own begin; the agent asked for the run some seconds sooner."""
        begin = self.attempt.cites[1:] if self.attempt.code is not None else self.attempt.cites
        members = {member.name for member in self.evidence.of_source(source)}
        first = self.evidence.first_record(source)
        if source != "extension-log" or first is None or not any(cite.member in members for cite in begin):
            return None
        return max(first, self.attempt.start or first)

    # -- shapes ---------------------------------------------------------------------------------------------------

    def _line(self, signature: Signature, spec: Spec, done: Mapping[str, Observation]) -> Observation:
        span = self.span_of(spec.window, spec.source)
        hits = [hit for hit in self.evidence.hits_of(pattern_id(signature.id, spec.name)) if self._inside(span, hit)]
        return self._counted(spec, hits, done, self._blind(spec.source, spec.window))

    def _record(self, signature: Signature, spec: Spec, done: Mapping[str, Observation]) -> Observation:
        span = self.span_of(spec.window, spec.source)
        hits = []
        for record in self.evidence.records:
            if spec.source and record.source != spec.source:
                continue
            if spec.provider and record.provider.lower() != spec.provider.lower():
                continue
            if (spec.event_ids and record.event_id not in spec.event_ids) or not row_matches(record.data, spec.data):
                continue
            hit = Hit(record.cite, record.time, record.uncertainty, {key: str(value) for key, value in record.data.items() if value is not None})
            if self._inside(span, hit):
                hits.append(hit)
        hits.sort(key=lambda hit: hit.time or 0.0)
        blind = self._blind(spec.source, spec.window) or self._too_many(spec) if spec.source else "no source named"
        return self._counted(spec, hits, done, blind)

    def _too_many(self, spec: Spec) -> str | None:
        """Why such events may be missing although their log is whole; None if all were kept."""
        core, service = self.core_of(spec.window), spec.data.get("service")
        for one in self.evidence.unkept:
            if one.source == spec.source and one.provider.lower() == (spec.provider or one.provider).lower() \
                    and (not spec.event_ids or one.event_id in spec.event_ids) and (core.start is None or one.end > core.start) \
                    and (core.end is None or one.start < core.end) \
                    and (not one.service or service is None or row_matches({"service": one.service}, {"service": service})):
                return f"{one.provider} {one.event_id} is there too often: only the oldest and the newest were kept"
        return None

    def _counted(self, spec: Spec, hits: Sequence[Hit], done: Mapping[str, Observation], blind: str | None) -> Observation:
        group = enough(spec, by_time(hits))
        if group:
            healed = self._healed(spec, group, done)
            if healed:
                return Observation(spec.name, State.CLEAR, reason=f"over before: {healed.text}", cites=(healed,), count=len(group),
                                   first=group[0].time, last=group[-1].time)
            return Observation(spec.name, State.SEEN, cites=chosen(group), count=len(group), first=first_time(group), last=last_time(group),
                               vars=dict(group[-1].groups))
        if blind:
            return Observation(spec.name, State.BLIND, reason=blind)
        few = f"only {len(hits)} of {spec.count.at_least}" if hits else "no such line"
        return Observation(spec.name, State.CLEAR, reason=few, count=len(hits))

    def _healed(self, spec: Spec, group: Sequence[Hit], done: Mapping[str, Observation]) -> Cite | None:
        """The citation of what came after the last hit and undid it, before the attempt ended."""
        last = group[-1]
        for name in spec.cleared_by:
            other = done.get(name)
            if other is None or other.state is not State.SEEN or not other.cites:
                continue
            if other.last is None or last.time is None:
                latest = other.cites[-1]
                if latest.member == last.cite.member and (latest.line or 0) > (last.cite.line or 0):
                    return latest
            elif other.cites[-1].member == last.cite.member:
                if later((other.last, other.cites[-1].line or 0), (last.time, last.cite.line or 0)):
                    return other.cites[-1]
            elif other.last > last.time + COARSE:
                return other.cites[-1]
        return None

    def _inside(self, span: Span, hit: Hit) -> bool:
        """Within the window; a time of an unknown zone is comparable with an attempt dated by the same clock."""
        same_clock = abs(hit.uncertainty - self.attempt.uncertainty) < 1 or (self.attempt.stands_in and not self.evidence.collected_known)
        return span.holds(hit.time, 0.0 if same_clock else min(hit.uncertainty, 86400.0))

    def _fact(self, _signature: Signature, spec: Spec, _done: Mapping[str, Observation]) -> Observation:
        fact = self.facts.get(spec.fact) or Fact(spec.fact, False, reason="not in the evidence")
        if not fact.known:
            return Observation(spec.name, State.BLIND, reason=fact.reason or "not in the evidence")
        operator, wanted = next(iter(spec.compare.items()))
        holds = check(operator, fact.value, wanted)
        cites = (fact.cite,) if fact.cite else ()
        reason = "" if holds else f"{spec.fact} is {_shown(fact.value)}"
        return Observation(spec.name, State.SEEN if holds else State.CLEAR, reason=reason, cites=cites, count=int(holds), first=fact.time,
                           last=fact.time, vars={"value": fact.value, spec.fact: fact.value})

    def _row(self, _signature: Signature, spec: Spec, _done: Mapping[str, Observation]) -> Observation:
        table = self.evidence.table(spec.table)
        stale = self._stale(spec, table.taken)
        if stale and (table.rows or table.whole):
            return Observation(spec.name, State.BLIND, reason=stale)
        span = self.span_of(spec.window) if spec.window.kind != "attempt" or spec.table in _DATED else Span(None, None)
        rows = [row for row in table.rows if row_matches(row.values, spec.where) and span.holds(row.time)]
        if spec.none:
            if rows:
                return Observation(spec.name, State.CLEAR, reason="there is one", cites=tuple(row.cite for row in rows[:CITED]), count=len(rows))
            if table.whole:
                return Observation(spec.name, State.SEEN, cites=_table_cites(table.rows), vars={})
            return Observation(spec.name, State.BLIND, reason=table.reason)
        if len(rows) >= spec.at_least:
            chosen = rows[-1]
            return Observation(spec.name, State.SEEN, cites=tuple(row.cite for row in rows[-CITED:]), count=len(rows),
                               first=rows[0].time, last=chosen.time, vars={key: value for key, value in chosen.values.items() if value is not None})
        if table.whole:
            return Observation(spec.name, State.CLEAR, reason="no such row", cites=_table_cites(table.rows), count=len(rows))
        return Observation(spec.name, State.BLIND, reason=table.reason)

    def _stale(self, spec: Spec, taken: float | None) -> str | None:
        """Why a state at collection says nothing of the attempt, if it was taken too long after."""
        if spec.fresh is None or (self.attempt.stands_in and self.attempt.end == self.evidence.collected):
            return None
        when = taken or self.evidence.collected
        if when is None or self.attempt.end is None:
            return "when it was taken is not known"
        if when - self.attempt.end > spec.fresh:
            return f"taken {format_utc(when)}, too long after the attempt"
        return None

    def _span(self, signature: Signature, spec: Spec, _done: Mapping[str, Observation]) -> Observation:
        window = self.span_of(spec.window, spec.source)
        begins = [hit for hit in self.evidence.hits_of(pattern_id(signature.id, spec.name, "begin")) if self._inside(window, hit)]
        ends = self.evidence.hits_of(pattern_id(signature.id, spec.name, "end"))
        blind = self._blind(spec.source, spec.window)
        found: list[tuple[Hit, Hit | None]] = [(begin, next_end(begin, ends)) for begin in begins]
        covered_until = self._covered_until(spec.source)
        for begin, end in reversed(found):
            if spec.want == "finished" and end is not None and took(begin, end) <= spec.within:
                return self._seen_span(spec, begin, end)
            if spec.want == "slow" and end is not None and took(begin, end) > spec.within:
                return self._seen_span(spec, begin, end)
            if spec.want == "unfinished" and (end is None or took(begin, end) > spec.within):
                if end is None and (begin.time is None or covered_until is None or covered_until - begin.time < spec.within):
                    return Observation(spec.name, State.BLIND, reason="the log does not reach far enough to tell", cites=(begin.cite,))
                return self._seen_span(spec, begin, end)
        if blind:
            return Observation(spec.name, State.BLIND, reason=blind)
        reason = "it ended in time" if begins else "it did not begin"
        return Observation(spec.name, State.CLEAR, reason=reason, cites=tuple(hit.cite for hit in begins[-2:]), count=len(begins))

    def _covered_until(self, source: str) -> float | None:
        if self.evidence.collected_known:
            return self.evidence.collected
        return self.evidence.last_record(source)

    def _seen_span(self, spec: Spec, begin: Hit, end: Hit | None) -> Observation:
        cites = (begin.cite,) if end is None else (begin.cite, end.cite)
        variables: dict[str, Value] = dict(begin.groups)
        if end is not None:
            variables |= {"seconds": round(took(begin, end)), **end.groups}
        return Observation(spec.name, State.SEEN, cites=cites, count=1, first=begin.time, last=end.time if end else begin.time, vars=variables)

    def _silence(self, _signature: Signature, spec: Spec, _done: Mapping[str, Observation]) -> Observation:
        window = self.span_of(spec.window)
        if not self.evidence.of_source(spec.source):
            return Observation(spec.name, State.BLIND, reason=f"not in the evidence: {self.evidence.catalogue[spec.source].title}")
        for gap, member in reversed(self.evidence.gaps(spec.source)):
            overlap = min(gap.end, window.end or gap.end) - max(gap.start, window.start or gap.start)
            if overlap >= spec.silent_for:
                cite = Cite(member.name, member.path or member.name, f"silent for {round(gap.seconds)} s before this line", line=gap.line)
                return Observation(spec.name, State.SEEN, cites=(cite,), count=1, first=gap.start, last=gap.end, vars={"seconds": round(gap.seconds)})
        last = self.evidence.last_record(spec.source)
        if last is None:
            return Observation(spec.name, State.BLIND, reason="the log carries no times")
        end = window.end if window.end is not None else self.evidence.collected
        if self.evidence.collected_known and self.evidence.collected is not None and end is not None:
            end = min(end, self.evidence.collected)
            tail = end - max(last, window.start or last)
            if tail >= spec.silent_for:
                return self._trailing(spec, last, end)
        blind = self._blind(spec.source, spec.window)
        if blind:
            return Observation(spec.name, State.BLIND, reason=blind)
        return Observation(spec.name, State.CLEAR, reason=f"it wrote until {format_utc(last)}")

    def _trailing(self, spec: Spec, last: float, end: float) -> Observation:
        member = max((member for member in self.evidence.of_source(spec.source) if member.activity and member.activity.latest is not None),
                     key=lambda member: member.activity.latest if member.activity and member.activity.latest else 0.0)
        cite = Cite(member.name, member.path or member.name, f"the last record is of {format_utc(last)}",
                    line=member.activity.lines if member.activity else None)
        return Observation(spec.name, State.SEEN, cites=(cite,), count=1, first=last, last=end, vars={"seconds": round(end - last)})

    def _order(self, _signature: Signature, spec: Spec, done: Mapping[str, Observation]) -> Observation:
        parts = [done[name] for name in spec.order]
        blind = next((part for part in parts if part.state is State.BLIND), None)
        if blind:
            return Observation(spec.name, State.BLIND, reason=blind.reason)
        if any(part.state is State.CLEAR for part in parts):
            return Observation(spec.name, State.CLEAR, reason="one of them did not happen")
        times = [part.first for part in parts]
        if any(time is None for time in times):
            return Observation(spec.name, State.BLIND, reason="one of them has no time")
        known = [time for time in times if time is not None]
        in_order = all(earlier <= later for earlier, later in pairwise(known))
        if in_order and (not spec.within or known[-1] - known[0] <= spec.within):
            return Observation(spec.name, State.SEEN, cites=tuple(part.cites[0] for part in parts if part.cites), count=1,
                               first=known[0], last=known[-1])
        return Observation(spec.name, State.CLEAR, reason="not in this order")


_DATED = {"settings", "statuses", "gaps", "reported-status", "requested-plugins", "cpu", "boots", "beats"}


def _table_cites(rows: Sequence[TableRow]) -> tuple[Cite, ...]:
    return (rows[0].cite,) if rows else ()


def _shown(value: Value) -> str:
    return "not set" if value is None else str(value)
