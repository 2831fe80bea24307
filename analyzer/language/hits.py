"""Hits of a pattern in order: how many are enough, which of them are cited, and which end belongs to a beginning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from analyzer.language.schema import Evidence as Spec
from analyzer.model import Cite, Hit

CITED = 6
STEP = 900.0
"""Seconds by which the clock must have been set back for an earlier time to be a later one."""


def by_time(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Hits of several members in the order of their times, if all have one; else as they stand in the evidence."""
    if any(hit.time is None for hit in hits):
        return hits
    return sorted(hits, key=lambda hit: hit.time or 0.0)


def later(one: tuple[float, int], other: tuple[float, int]) -> bool:
    """Whether a (time, line) of a member comes after another of the same member.

    A journal dates the lines of one record to the second, their first line more finely: within a second, lines decide.
    """
    (time, line), (before, earlier) = one, other
    coarse = time % 1 == 0 or before % 1 == 0
    if time == before or (coarse and int(time) == int(before)):
        return line > earlier
    return time > before


def enough(spec: Spec, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits that satisfy the count (the latest such group), or nothing."""
    if not hits:
        return ()
    if spec.count.distinct:
        hits = list({hit.groups.get(spec.count.distinct): hit for hit in hits}.values())
    if spec.per:
        groups: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            groups[str(hit.groups.get(spec.per, ""))].append(hit)
        best = max(groups.values(), key=len)
        return _burst(best, spec.count.at_least, spec.count.within)
    return _burst(hits, spec.count.at_least, spec.count.within)


def _burst(hits: Sequence[Hit], at_least: int, within: float | None) -> Sequence[Hit]:
    if len(hits) < at_least:
        return ()
    if within is None or at_least < 2:
        return hits
    dated = sorted((hit for hit in hits if hit.time is not None), key=lambda hit: hit.time or 0.0)
    for index in range(len(dated) - at_least, -1, -1):
        first, last = dated[index], dated[index + at_least - 1]
        if (last.time or 0.0) - (first.time or 0.0) <= within:
            return dated[index:]
    return ()


def chosen(hits: Sequence[Hit]) -> tuple[Cite, ...]:
    """The first hit and the last ones: where it began and what it came to."""
    if len(hits) <= CITED:
        return tuple(hit.cite for hit in hits)
    return (hits[0].cite, *(hit.cite for hit in hits[-(CITED - 1):]))


def first_time(hits: Sequence[Hit]) -> float | None:
    return min((hit.time for hit in hits if hit.time is not None), default=None)


def last_time(hits: Sequence[Hit]) -> float | None:
    return max((hit.time for hit in hits if hit.time is not None), default=None)


def next_end(begin: Hit, ends: Sequence[Hit]) -> Hit | None:
    """The end that belongs to a beginning: what follows it below in its member, or sooner after it in another one."""
    below = next((end for end in ends if end.cite.member == begin.cite.member and _follows(begin, end)), None)
    if begin.time is None:
        return below
    elsewhere = [end for end in ends if end.cite.member != begin.cite.member and end.time is not None and end.time >= begin.time]
    return min([*([below] if below else []), *elsewhere], key=lambda end: took(begin, end), default=None)


def _follows(begin: Hit, end: Hit) -> bool:
    """Whether a line below another is later, too. A time that lies far back is: the clock was set in between.

    Lines that are merely flushed late lie back by a minute, and belong to what was before.
    """
    if (end.cite.line or 0) <= (begin.cite.line or 0):
        return False
    return end.time is None or begin.time is None or end.time >= begin.time or end.time < begin.time - STEP


def took(begin: Hit, end: Hit) -> float:
    return max(0.0, end.time - begin.time) if end.time is not None and begin.time is not None else 0.0
