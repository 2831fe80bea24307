"""Backup attempts, out of the extension's log, the agent's log, status files and settings; and which one to judge.

An attempt begins when the request reaches the extension (or the agent begins to handle it) and ends with the
extension's final code. Codes: 0 and 1 are success, 4 only says that work began, all others are failures
(VMBackup/main/ExtensionErrorCodeHelper.py). The words `success` and `error` beside a code are not to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from analyzer.evidence import Evidence
from analyzer.model import Attempt, Cite, Hit
from analyzer.scan.pattern import Pattern

SUCCESS = frozenset({"0", "1"})
BEGUN = "4"
ALREADY_DONE = "3"
BEFORE, AFTER = 60.0, 300.0
STALE = 36 * 3600.0
LOOK_BACK = 24 * 3600.0
SAME_RUN = 900.0

_EXTENSION = frozenset({"extension-log", "console"})
_AGENT = frozenset({"agent-log", "agent-journal", "journal", "syslog"})
_WINDOWS = frozenset({"wa-app-agent", "console"})

PATTERNS: tuple[Pattern, ...] = (
    Pattern("attempt.sequence", r"(?:current seq no is|sequence number from environment variable is)\s*(?P<seq>-?\d+)", _EXTENSION,
            has=("current seq no is", "sequence number from environment variable is")),
    Pattern("attempt.result", r"\bEnable,(?P<word>\w+),(?P<code>-?\d+),", _EXTENSION, has=("Enable,",)),
    Pattern("attempt.unreported", r"(?:cannot get status report parameters , Exception |Failed to log status in extension)(?P<code>\d{2,3})\b",
            _EXTENSION, has=("cannot get status report parameters", "Failed to log status in extension")),
    Pattern("attempt.skipped", r"the sequence number are same, so skip|TaskId is same as last, so skip", _EXTENSION),
    Pattern("attempt.freeze", r"T:S freeze, timeout value|proceeded for accepting signals", _EXTENSION),
    Pattern("attempt.agent-begin",
            r"\[Microsoft\.Azure\.RecoveryServices\.VMSnapshotLinux-(?P<version>[\d.]+)\] (?:Target handler state: enabled|Enable extension)",
            _AGENT, has=("Target handler state: enabled", "Enable extension")),
    Pattern("attempt.windows-begin", r"(?:Processing plugin|Beginning enable of plugin|Start the root task for Plugin handler"
            r"|Starting extension processing for extension 'HandlerName: ') ?'?Microsoft\.Azure\.RecoveryServices\.VMSnapshot\b", _WINDOWS,
            has=("Processing plugin Microsoft.Azure.RecoveryServices", "Beginning enable of plugin Microsoft.Azure.Recovery",
                 "root task for Plugin handler Microsoft.Azure.Recovery", "HandlerName: 'Microsoft.Azure.Recovery")),
    Pattern("attempt.windows-failed",
            r"(?:Command C:\\Packages\\Plugins\\Microsoft\.Azure\.RecoveryServices\.VMSnapshot\\.{0,200}exited with Exit code: (?P<exit>-?[1-9]\d*)"
            r"|(?P<op>Install|Enable|Update) failed for plugin \(name: Microsoft\.Azure\.RecoveryServices\.VMSnapshot)", _WINDOWS,
            has=("exited with Exit code: ", "failed for plugin (name: Microsoft.Azure.RecoveryServices.VMSnapshot")),
    Pattern("attempt.goal-state", r"ProcessExtensionsGoalState started|ProcessGoalState started|Handle extensions updates for incarnation"
            r"|Processing new incarnation|ProcessExtensionsInGoalState started", _AGENT,
            has=("ProcessExtensionsGoalState started", "ProcessGoalState started", "Handle extensions updates for incarnation",
                 "Processing new incarnation", "ProcessExtensionsInGoalState started")),
    Pattern("attempt.agent-failed", r"name=Microsoft\.Azure\.RecoveryServices\.VMSnapshotLinux, op=(?P<op>\w+), "
            r"message=(?P<message>\[\w*Error\]|\(\d{6}\)|\[\d{6}\]|Failed|Timeout)",
            _AGENT, has=("name=Microsoft.Azure.RecoveryServices.VMSnapshotLinux, op=",)),
)


_BEGINNINGS = ("attempt.sequence", "attempt.freeze", "attempt.agent-begin", "attempt.windows-begin")


@dataclass(slots=True)
class _Event:
    time: float
    order: int
    kind: str
    hit: Hit


@dataclass(slots=True)
class _Run:
    start: float
    cites: list[Cite]
    seq: int | None = None
    end: float | None = None
    code: str | None = None
    uncertainty: float = 0.0
    by_agent: bool = False
    windows: bool = False

    @property
    def outcome(self) -> str:
        """Windows' agent logs that it began, not how the extension ended: without its status that is not known."""
        if self.code is None or self.code == BEGUN:
            return "unknown" if self.windows and self.seq is None else "unfinished"
        return "succeeded" if self.code in SUCCESS else "failed"


def find_attempts(evidence: Evidence) -> list[Attempt]:
    """All attempts in the evidence, oldest first, named a1, a2, ..."""
    runs = _from_logs(evidence)
    _number_windows_runs(evidence, runs)
    _add_statuses(evidence, runs)
    _add_requests(evidence, runs)
    runs.sort(key=lambda run: run.start)
    last = evidence.collected
    return [Attempt(id=f"a{number}", start=run.start, end=run.end if run.end is not None else _end_of_unfinished(runs, number, last),
                    outcome=run.outcome, code=run.code, cites=tuple(run.cites[:4]), uncertainty=run.uncertainty, seq=run.seq,
                    previous_end=runs[number - 2].end if number > 1 else None)
            for number, run in enumerate(runs, 1)]


def _end_of_unfinished(runs: list[_Run], number: int, collected: float | None) -> float | None:
    following = runs[number].start if number < len(runs) else None
    return following if following is not None else collected


def _from_logs(evidence: Evidence) -> list[_Run]:
    events = [_Event(hit.time, number, pattern.id, hit)
              for pattern in PATTERNS for number, hit in enumerate(evidence.hits_of(pattern.id)) if hit.time is not None]
    events.sort(key=lambda event: (event.time, event.hit.cite.member, event.hit.cite.line or 0))
    runs: list[_Run] = []
    current: _Run | None = None
    asked: _Event | None = None
    for event in events:
        if event.kind == "attempt.goal-state":
            asked = event
        else:
            current = _step(runs, current, event, asked)
    return runs


def _step(runs: list[_Run], current: _Run | None, event: _Event, asked: _Event | None) -> _Run | None:
    """Feed one event to the run in progress; returns the run in progress afterwards.

    `asked` is when the goal state that is being handled arrived: a failure before the extension began belongs to it.
    """
    groups, cite = event.hit.groups, event.hit.cite
    code = groups.get("code")
    if event.kind == "attempt.skipped":
        if current and current in runs and not current.by_agent and len(current.cites) <= 2:
            runs.remove(current)
            return None
        return current
    if (event.kind == "attempt.result" and code == BEGUN) or event.kind in _BEGINNINGS:
        seq = int(groups["seq"]) if "seq" in groups and groups["seq"] != "-1" else None
        if current and (seq is None or current.seq is None or current.seq == seq) and event.time - current.start < 6 * 3600:
            if event.kind == "attempt.agent-begin" and not current.by_agent and event.time - current.start > SAME_RUN:
                pass
            else:
                current.seq = current.seq if current.seq is not None else seq
                current.cites.append(cite)
                return current
        if event.kind == "attempt.agent-begin" and runs and runs[-1].end is not None and event.time - runs[-1].end < 1 and current is None:
            return None
        run = _Run(event.time, [cite], seq, uncertainty=event.hit.uncertainty, by_agent=event.kind == "attempt.agent-begin",
                   windows=event.kind == "attempt.windows-begin")
        runs.append(run)
        return run
    if current is None:
        previous = runs[-1] if runs else None
        if previous and previous.end is not None and event.time - previous.end < SAME_RUN and event.kind != "attempt.result":
            return None
        begun = asked if (asked and previous is not None and (previous.end or previous.start) < asked.time) or (asked and previous is None) else None
        if begun and event.time - begun.time < 2 * 3600:
            current = _Run(begun.time, [begun.hit.cite], uncertainty=begun.hit.uncertainty)
        else:
            current = _Run(event.time, [], uncertainty=event.hit.uncertainty)
        runs.append(current)
    current.cites.insert(0, cite)
    current.end = event.time
    current.code = code or f"agent:{groups.get('op', 'operation')}"
    return None


def _number_windows_runs(evidence: Evidence, runs: list[_Run]) -> None:
    """Windows' agent logs no sequence number: the request that was made at the time of a run is the one that it handled."""
    for row in (*evidence.rows("settings"), *evidence.rows("statuses")):
        seq, asked = row.values.get("seq"), row.values.get("command_start")
        if row.values.get("backup") and isinstance(seq, int) and isinstance(asked, (int, float)):
            run = min((run for run in runs if run.windows and run.seq in (None, seq)), key=lambda run: abs(run.start - asked), default=None)
            if run and abs(run.start - asked) < SAME_RUN:
                run.seq = seq


def _add_statuses(evidence: Evidence, runs: list[_Run]) -> None:
    """Runs that only a status file tells of, and final codes that the log did not live to write."""
    for row in evidence.rows("statuses"):
        values = row.values
        if not values.get("backup") or values.get("code") is None:
            continue
        code, seq, when = str(values["code"]), values.get("seq"), values.get("when")
        if values.get("status") == "transitioning":
            code = BEGUN
        elif evidence.platform == "windows" and str(values.get("status")).lower() == "error" and code in SUCCESS:
            code = "error"
        when = float(when) if isinstance(when, (int, float)) else None
        same = [run for run in runs if seq is not None and run.seq == seq and (when is None or abs(run.start - when) < 12 * 3600)]
        if same or code in (BEGUN, ALREADY_DONE):
            if same and same[-1].code is None and code != BEGUN:
                same[-1].code, same[-1].end = code, when
            continue
        if when is not None and not any(run.end is not None and abs(run.end - when) < SAME_RUN for run in runs):
            start = values.get("command_start")
            begun = float(start) if isinstance(start, (int, float)) and 0 <= when - start < 6 * 3600 else when
            runs.append(_Run(begun, [row.cite], int(seq) if isinstance(seq, int) else None, when, code))


def _add_requests(evidence: Evidence, runs: list[_Run]) -> None:
    """A request that reached the VM and was never run: settings newer than anything the extension handled."""
    newest = max((run.start for run in runs), default=None)
    handled = {run.seq for run in runs if run.seq is not None}
    requests = [row for row in evidence.rows("settings") if row.values.get("backup") and row.values.get("current") and row.time is not None]
    for row in sorted(requests, key=lambda row: row.time or 0.0)[-1:]:
        seq = row.values.get("seq")
        if row.time is not None and seq not in handled and (newest is None or row.time > newest + SAME_RUN):
            runs.append(_Run(row.time, [row.cite], int(seq) if isinstance(seq, int) else None))


def unseen(evidence: Evidence, attempt: Attempt) -> str | None:
    """Why the attempt that failed may be another than the one judged; None if it can be no other.

    What speaks against a cause at one time says nothing of another, so in doubt nothing is ruled out. On Linux only the
    extension's own log tells how attempts ended; it must be there, or be known not to be on the VM. The end of the evidence
    stands in for an attempt, or for the end of one that came to none, only if it is known when it was collected.
    """
    if attempt.stands_in and not evidence.collected_known:
        return "when the evidence was collected is not known, nor whether an attempt failed after it"
    if attempt.outcome == "unfinished" and not evidence.collected_known:
        return "when the evidence was collected is not known, nor how the attempt went on after it"
    if evidence.platform != "linux" or evidence.of_source("extension-log"):
        return None
    blind = evidence.blindness("extension-log", None, None)
    if not blind or blind.startswith("not there on the VM"):
        return None
    return f"which attempt failed, and when, is not certain: {blind}"


def stand_in(evidence: Evidence, attempts: list[Attempt], at: float | None = None) -> Attempt:
    """The time of collection (or `at`), standing in for an attempt that left no trace.

    It reaches back to the last success, or a day; further when the agent fell silent earlier, to its last words.
    """
    end = at if at is not None else evidence.collected
    if end is None:
        return Attempt("collection", None, None, "unknown", None, (), stands_in=True)
    spoken = evidence.last_record("wa-app-agent" if evidence.platform == "windows" else "agent-log")
    start = min(end - LOOK_BACK, spoken - 3600.0) if spoken is not None and spoken <= end else end - LOOK_BACK
    succeeded = [attempt.end for attempt in attempts if attempt.outcome == "succeeded" and attempt.end is not None and attempt.end <= end]
    if succeeded:
        start = max(start, max(succeeded) + 1)
    return Attempt("collection", min(start, end), end, "unknown", None, (), stands_in=True)


def to_judge(evidence: Evidence, attempts: list[Attempt], at: float | None = None) -> list[Attempt]:
    """The attempts to judge, the foremost first: the last one if it failed, else the state at collection.

    With `at`, the attempt around or before that time. A failure more than a day and a half before the collection comes
    second: nothing has asked for a backup since, which is the fresher trouble.
    """
    if at is not None:
        around = [attempt for attempt in attempts if attempt.start is not None and attempt.start - BEFORE <= at]
        if around and (around[-1].end is None or around[-1].end + AFTER >= at):
            return [around[-1]]
        return [stand_in(evidence, attempts, at)]
    now = stand_in(evidence, attempts)
    if not attempts or attempts[-1].outcome == "succeeded":
        return [now]
    last = attempts[-1]
    late = now.end is not None and last.end is not None and now.end - last.end > STALE
    following = replace(now, start=max(now.start or 0.0, last.end)) if last.end and now.start is not None and last.outcome == "failed" else now
    return [following, last] if late else [last, following]
