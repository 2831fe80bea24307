"""The outcome as a table: on the screen, and as docs/lab.md."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .agent import Agent
from .scenario import CUT, HANGING, Outcome


def _cells(outcome: Outcome) -> tuple[str, ...]:
    whole, cut = outcome.whole, outcome.cut
    same = (cut.cause, cut.level) == (whole.cause, whole.level)
    return (outcome.scenario.name, whole.cause or "-", whole.level or "-", ", ".join(whole.roots) or "-",
            "the same" if same else f"{cut.cause or '-'} ({cut.level or '-'})", f"{outcome.seconds:.0f}")


def line(outcome: Outcome) -> str:
    """One run as a line of the screen."""
    mark = "right" if outcome.right else "WRONG"
    name, verdict, level, _, cut, seconds = _cells(outcome)
    cut = "" if cut == "the same" else f"  cut off: {cut}"
    wanted = "" if outcome.right else f"  wanted {' or '.join(outcome.scenario.accept) or 'no cause'}"
    error = ("  repeated alone" if outcome.repeated else "") + (f"  {outcome.error}" if outcome.error else "")
    return f"{mark}  {name:32} {verdict:26} {level:10} {seconds:>4} s{cut}{wanted}{error}"


def summary(outcomes: Sequence[Outcome], not_run: int) -> str:
    """The last line."""
    faults = [outcome for outcome in outcomes if outcome.scenario.accept]
    healthy = [outcome for outcome in outcomes if not outcome.scenario.accept]
    more = f", {not_run} not run for want of time" if not_run else ""
    return (f"{sum(outcome.right for outcome in faults)} of {len(faults)} faults named, "
            f"{sum(outcome.right for outcome in healthy)} of {len(healthy)} healthy or noisy runs left in peace{more}")


def write(path: Path, outcomes: Sequence[Outcome], agent: Agent, seconds: float) -> None:
    """Writes the page from the outcomes of a whole run."""
    rows = [*_table((outcome for outcome in outcomes if outcome.scenario.accept), "fault"), "",
            "## Healthy and noisy runs", "", "Here the right verdict is that there is no cause.", "",
            *_table((outcome for outcome in outcomes if not outcome.scenario.accept), "disturbance")]
    path.write_text("\n".join((
        "# The lab", "", "<!-- Written by `make lab`; do not edit. -->", "",
        "The real Azure Linux agent runs in namespaces of its own against a small fake fabric, with a handler of our own under the",
        "backup extension's name. One fault is injected a run; then the collector runs inside the machine, and the analyzer must name",
        "the fault from the bundle alone. It does so twice: a second bundle comes from a machine where programs hang",
        f"({', '.join(HANGING)}), and is cut off after {CUT} seconds; the column *cut off* is its verdict.",
        "`tests/lab/faults.py` holds the faults, `python -m tests.lab --only NAME` repeats one. What went wrong beside the other runs",
        "was repeated once with the machine to itself, and says so.", "",
        f"Run of {datetime.now(UTC):%Y-%m-%d}, agent {agent.version} (Debian's package `waagent`) with Python {agent.python.version}"
        f" ({agent.system_python.version} where a run says so): {summary(outcomes, 0)}, in {seconds:.0f} s.", "",
        "## Faults", "", *rows, "")))


def _table(outcomes: Iterable[Outcome], what: str) -> list[str]:
    rows = [f"| run | {what} | verdict | level | root | cut off | seconds |", "|---|---|---|---|---|---|---|"]
    for outcome in outcomes:
        name, verdict, level, root, cut, seconds = _cells(outcome)
        wrong = "" if outcome.right else f" **wrong**{': ' + outcome.error if outcome.error else ''}"
        repeated = " (repeated)" if outcome.repeated else ""
        row = f"| {name} | {outcome.scenario.fault} | {verdict}{wrong}{repeated} | {level} | {root} | {cut} | {seconds} |"
        rows.append(row.replace("||", "| |"))
    return rows
