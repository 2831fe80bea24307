"""The verbs of `faults.py`: each makes a step that acts on a running machine or its fabric."""

import os
import re
import signal

from .fabric import names
from .scenario import AGENT_LOG, EXTENSION_LOG, Lab, Step

DAEMON = ["/usr/bin/python3", "-u", "/usr/sbin/waagent", "-daemon"]
AGENT = "/usr/sbin/waagent -(daemon|run-exthandlers)"


def backup(lab: Lab) -> None:
    """The service asks for a backup."""
    lab.sequence = int(lab.fabric.do("backup")["sequence"])


def agent(lab: Lab) -> None:
    """The agent's service starts."""
    lab.machine.start([lab.python, *DAEMON[1:]])


def finish(limit: float) -> Step:
    """The extension finishes with the last request within a time."""
    return lambda lab: lab.wait("final report of the extension", lab.finished, limit)


done = finish(60)


def reported(lab: Lab) -> None:
    """The agent has told the service about it (its goal state period is 6 s)."""
    lab.wait("status in the agent's log", lambda: "Extension status: [(" in lab.machine.read(AGENT_LOG), 30)


GOOD: tuple[Step, ...] = (backup, agent, done, reported)


def turn(**knobs: object) -> Step:
    """Turns knobs of the fabric; underscores stand for dashes."""
    return lambda lab: _ignore(lab.fabric.do("set", knobs={name.replace("_", "-"): value for name, value in knobs.items()}))


def sh(command: str) -> Step:
    """Runs a shell command in the machine."""
    return lambda lab: _ignore(lab.machine.run(command))


def pause(seconds: float) -> Step:
    """Waits: for faults that leave no line."""
    return lambda lab: lab.pause(seconds)


def until(pattern: str, path: str = AGENT_LOG, limit: float = 60) -> Step:
    """Waits for a line in a log of the machine, then a little more, so that what follows it is there too."""
    wanted = re.compile(pattern)

    def step(lab: Lab) -> None:
        lab.wait(f"/{pattern}/ in {path}", lambda: bool(wanted.search(lab.machine.read(path))), limit)
        lab.pause(2)

    return step


def until_extension(pattern: str, limit: float = 60) -> Step:
    """Waits for a line in extension.log."""
    return until(pattern, EXTENSION_LOG, limit)


def until_output(pattern: str, limit: float = 60) -> Step:
    """Waits for a line that the agent printed to its service's journal."""
    wanted = re.compile(pattern)
    return lambda lab: lab.wait(f"/{pattern}/ in the journal",
                                lambda: any(wanted.search(text) for _, _, text in list(lab.machine.unit.journal)), limit)


def drop(what: str) -> Step:
    """Packets to an address of the fabric vanish without an answer."""
    address = {"wireserver": names.WIRESERVER, "storage": names.STORAGE}[what]
    return lambda lab: lab.fabric.net("address", "del", f"{address}/32", "dev", "lo")


def link(state: str) -> Step:
    """The machine's network interface goes down or up."""
    return lambda lab: lab.machine.net("link", "set", "eth0", state)


def send(number: signal.Signals, pattern: str = AGENT) -> Step:
    """Sends a signal to processes of the machine, each by its id inside the machine."""

    def step(lab: Lab) -> None:
        pids = lab.pids(pattern)
        if not pids:
            raise RuntimeError(f"no process like {pattern}")
        lab.machine.unit.stopping = number == signal.SIGTERM
        lab.machine.run(f"kill -{int(number)} {' '.join(map(str, pids))}")

    return step


def path_exists(path: str, limit: float = 30) -> Step:
    """Waits for a file in the machine."""
    return lambda lab: lab.wait(path, lambda: os.path.lexists(lab.machine.root / path.lstrip("/")), limit)


def late(python: str) -> Step:
    """From here on the agent and the collector run with another interpreter of the machine."""

    def step(lab: Lab) -> None:
        lab.python = python

    return step


def _ignore(_: object) -> None:
    return None
