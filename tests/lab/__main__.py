"""`python -m tests.lab`: runs the scenarios, prints what the analyzer made of them, writes docs/lab.md after a whole run.

Exit status: 0 if every verdict was right, or if the lab cannot run here (one line says why); 1 otherwise; 130 if interrupted.
"""

import argparse
import concurrent.futures
import dataclasses
import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from . import agent, clock, namespaces, scenario, table
from .fabric.pki import Pki
from .faults import SCENARIOS

_REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = _REPOSITORY / "build/lab"


def prepare() -> tuple[agent.Agent, Path]:
    """The agent and the folder of keys; raises `agent.Unavailable` if the lab cannot run here."""
    namespaces.check()
    CACHE.mkdir(parents=True, exist_ok=True)
    for left in CACHE.glob("lab-*"):  # of a run that was killed; a living one is younger
        if time.time() - left.stat().st_mtime > 3600:
            shutil.rmtree(left, ignore_errors=True)
    keys = CACHE / "keys"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test workers may come here at once
        Pki(keys)
        clock.build(CACHE)
        return agent.fetch(CACHE), keys


def again(chosen: list[scenario.Scenario], keep: Path) -> int:
    """Judges kept bundles anew, for whoever works on signatures."""
    def play(one: scenario.Scenario) -> scenario.Outcome:
        outcome = scenario.judge(one, keep, time.monotonic())
        print(table.line(outcome), flush=True)
        return outcome

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = [*pool.map(play, chosen)]
    print(table.summary(outcomes, 0))
    return 0 if all(outcome.right for outcome in outcomes) else 1


def again_alone(outcome: scenario.Outcome, real: agent.Agent, keys: Path, keep: Path) -> scenario.Outcome:
    """A run that went wrong is repeated once with the machine to itself, for time-outs beside many others prove little."""
    if outcome.right:
        return outcome
    second = dataclasses.replace(scenario.run(outcome.scenario, real, keys, keep), repeated=True)
    print(table.line(second), flush=True)
    return second


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="The real agent under injected faults.")
    parser.add_argument("--only", default="", metavar="SUBSTR", help="only runs with this in their name")
    parser.add_argument("--jobs", type=int, default=6 * (os.cpu_count() or 1), metavar="N", help="runs at a time: they mostly wait")
    parser.add_argument("--keep", type=Path, default=CACHE / "bundles", metavar="DIR", help="where the bundles go")
    parser.add_argument("--time-limit", type=float, default=0, metavar="S", help="start no run after this many seconds")
    parser.add_argument("--again", action="store_true", help="no run: analyze the kept bundles again")
    options = parser.parse_args()
    chosen = sorted((one for one in SCENARIOS if options.only in one.name), key=lambda one: -one.long)
    if options.again:
        return again([one for one in chosen if all(path.exists() for path in scenario.bundles(one, options.keep))], options.keep)
    try:
        real, keys = prepare()
    except agent.Unavailable as reason:
        print(f"lab skipped: {reason}")
        return 0
    if not clock.build(CACHE):
        print("runs with another clock skipped: no C compiler")
        chosen = [one for one in chosen if not one.clock]
    options.keep.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()

    def play(one: scenario.Scenario) -> scenario.Outcome | None:
        if scenario.STOP.is_set() or (options.time_limit and time.monotonic() - began > options.time_limit):
            return None
        outcome = scenario.run(one, real, keys, options.keep)
        print(table.line(outcome), flush=True)
        return outcome

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(play, one) for one in chosen]
        try:
            ran = [outcome for future in waiting if (outcome := future.result())]
            finished = [again_alone(outcome, real, keys, options.keep) for outcome in ran]
        except KeyboardInterrupt:
            scenario.STOP.set()
            print("interrupted; taking the machines down", file=sys.stderr)
            return 130
    order = {one.name: position for position, one in enumerate(SCENARIOS)}
    outcomes = sorted(finished, key=lambda outcome: order[outcome.scenario.name])
    print(table.summary(outcomes, len(chosen) - len(outcomes)))
    if len(outcomes) == len(SCENARIOS):
        table.write(_REPOSITORY / "docs/lab.md", outcomes, real, time.monotonic() - began)
    return 0 if all(outcome.right for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
