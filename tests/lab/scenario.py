"""One run: a machine with one fault, the collector inside it, the analyzer outside, and what came of it."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import clock, image
from .agent import Agent
from .fabric import names
from .fabric.pki import Pki
from .handler import package
from .namespaces import Fabric, Machine, connect

_REPOSITORY = Path(__file__).resolve().parents[2]
COLLECTOR = _REPOSITORY / "build/collector.pyz"
HANDLER = f"/var/lib/waagent/{names.EXTENSION}-{names.VERSION}"
AGENT_LOG = "/var/log/waagent.log"
EXTENSION_LOG = f"/var/log/azure/{names.EXTENSION}/extension.log"
_FINAL = re.compile(r'"code": "(?!4")\d+", "taskId"')
# Seconds after which the second run of the collector is cut off, and the programs that hang meanwhile: some of vital items, and others.
CUT = 10
HANGING = ("df", "ps", "systemctl", "lsblk", "iptables-save", "nft", "ss", "dpkg-query", "resolvectl")
STOP = threading.Event()  # set when the whole lab is to end


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault as data. `accept`: the causes that a right verdict may name, none for a healthy run; `steps`: what happens."""

    name: str
    fault: str
    accept: tuple[str, ...]
    steps: tuple["Step", ...]
    conf: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    package: dict[str, str | None] = field(default_factory=dict)
    data_disk: bool = False
    system_python: bool = False
    clock: int = 0  # seconds that the machine's clock is off
    long: int = 0  # rough seconds of a long run; it is started early


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the analyzer says of a bundle."""

    cause: str | None
    level: str | None
    roots: tuple[str, ...] = ()

    def right(self, accept: tuple[str, ...]) -> bool:
        """True if it names one of `accept` with confidence, or nothing where there is nothing to accept."""
        strong = self.cause if self.level in ("confirmed", "likely") else None
        return strong in accept if accept else strong is None


_NONE = Verdict(None, None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: the verdict on the whole bundle and on the one that was cut off, or why there is none."""

    scenario: Scenario
    seconds: float
    whole: Verdict = _NONE
    cut: Verdict = _NONE
    error: str = ""
    repeated: bool = False
    """Whether a first run, beside others, went wrong."""

    @property
    def right(self) -> bool:
        """True if both verdicts are."""
        return not self.error and all(verdict.right(self.scenario.accept) for verdict in (self.whole, self.cut))


class NotReproduced(Exception):
    """The fault did not leave the trace that the scenario waits for."""


class Stopped(Exception):
    """The lab is being ended."""


class Lab:
    """A running machine with its fabric; what steps act on."""

    def __init__(self, fabric: Fabric, machine: Machine, python: str) -> None:
        self.fabric, self.machine, self.python = fabric, machine, python
        self.sequence = -1

    def wait(self, what: str, test: Callable[[], bool], limit: float) -> None:
        """Waits until `test` holds; raises `NotReproduced` after `limit` seconds."""
        end = time.monotonic() + limit
        while not test():
            if time.monotonic() > end:
                raise NotReproduced(f"no {what} after {limit:.0f} s")
            self.pause(0.4)

    @staticmethod
    def pause(seconds: float) -> None:
        """Sleeps, but not on when the lab is to end."""
        if STOP.wait(seconds):
            raise Stopped

    def status(self) -> str:
        """The extension's last report on the current request, empty if none."""
        return self.machine.read(f"{HANDLER}/status/{self.sequence}.status")

    def finished(self) -> bool:
        """True if the extension has given its last word on the current request."""
        return bool(_FINAL.search(self.status().replace('\\"', "")))

    def pids(self, pattern: str) -> list[int]:
        """Processes of the machine, by a pattern on their command line."""
        return [int(pid) for pid in self.machine.run(f"pgrep -f -- '{pattern}'").split()]


Step = Callable[[Lab], None]


def run(scenario: Scenario, agent: Agent, keys: Path, keep: Path) -> Outcome:
    """Plays a scenario; the bundle ends up as `keep/NAME.zip`."""
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="lab-", dir=keys.parent))
    try:
        _play(scenario, agent, keys, work, keep)
        return judge(scenario, keep, began)
    except Stopped:
        raise
    except Exception as failure:  # one broken run must not end the others; it counts as wrong and is shown
        return Outcome(scenario, time.monotonic() - began, error=f"{type(failure).__name__}: {failure}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def judge(scenario: Scenario, keep: Path, began: float) -> Outcome:
    """What the analyzer makes of a scenario's bundles in `keep`; `began` as of time.monotonic()."""
    whole, cut = (_verdict(path) for path in bundles(scenario, keep))
    return Outcome(scenario, time.monotonic() - began, whole, cut)


def bundles(scenario: Scenario, keep: Path) -> tuple[Path, Path]:
    """Where a scenario's bundles are kept: the whole one, and the one that was cut off."""
    return keep / f"{scenario.name}.zip", keep / f"{scenario.name}.cut.zip"


def _verdict(bundle: Path) -> Verdict:
    report = analyze(bundle)
    verdict = report.get("verdict") or {}
    roots = tuple(cause["id"] for cause in report.get("causes", []) if cause.get("root") and cause.get("level") in
                  ("confirmed", "likely"))
    return Verdict(verdict.get("cause"), verdict.get("level"), roots)


def _play(scenario: Scenario, agent: Agent, keys: Path, work: Path, keep: Path) -> None:
    chosen = agent.system_python if scenario.system_python else agent.python
    image.build(work, Pki(keys), scenario.conf, scenario.files, scenario.data_disk)
    (work / "package.zip").write_bytes(package(scenario.package))
    (work / "agent").symlink_to(agent.layer)
    _layer(work / "layer", agent.layer, chosen.home, clock.build(keys.parent) if scenario.clock else None)
    fabric = Fabric(keys, work / "package.zip")
    try:
        machine = Machine(work, chosen.home)
        machine.prefix, machine.unit.offset = clock.environment(scenario.clock), scenario.clock
        try:
            connect(fabric, machine)
            lab = Lab(fabric, machine, "/usr/bin/python3")
            try:
                for step in scenario.steps:
                    step(lab)
            finally:
                whole, cut = bundles(scenario, keep)
                collect(lab, whole)
                collect_cut(lab, cut)
        finally:
            machine.close()
    finally:
        fabric.close()


def _layer(layer: Path, package_root: Path, python: Path | None, library: Path | None) -> None:
    programs = layer / "usr/bin"
    programs.mkdir(parents=True)
    for shim in sorted((Path(__file__).parent / "shims").glob("*")):
        shutil.copy(shim, programs / shim.name)
        (programs / shim.name).chmod(0o755)
    shutil.copytree(package_root / "lib/systemd", layer / "usr/lib/systemd")
    if library:
        shutil.copy(library, layer / clock.LIBRARY)
    if python:
        (programs / "python3").symlink_to(python / "bin/python3")


def collect(lab: Lab, bundle: Path, *options: str, path: str = "$PATH") -> None:
    """Runs the collector in the machine and takes the bundle out; `path` is where it finds programs."""
    if not COLLECTOR.exists():
        raise FileNotFoundError("build/collector.pyz is not built: make collector")
    bundle.unlink(missing_ok=True)
    machine = lab.machine
    shutil.copy(COLLECTOR, machine.root / "run/collector.pyz")
    machine.unit.lay_out(machine.root / "run/lab")
    # Into a file: what the collector leaves behind on a frozen file system would keep a pipe open until the thaw.
    machine.run(f"rm -f /dev/shm/bundle.zip; PATH={path} {lab.python} /run/collector.pyz --output /dev/shm/bundle.zip --quiet {' '.join(options)} "
                "> /run/collector.out 2>&1", limit=170)
    made = machine.root / "dev/shm/bundle.zip"
    if not made.exists():
        raise RuntimeError(f"the collector made no bundle: {machine.read('/run/collector.out').strip()[-300:]}")
    shutil.copy(made, bundle)


def collect_cut(lab: Lab, bundle: Path) -> None:
    """The same on a machine where programs hang, cut off after ten seconds; raises if nothing had to be left out for want of time."""
    hanging = lab.machine.root / "run/hanging"
    hanging.mkdir(exist_ok=True)
    for name in HANGING:
        (hanging / name).write_text("#!/bin/sh\nexec sleep 60\n")
        (hanging / name).chmod(0o755)
    collect(lab, bundle, "--max-seconds", str(CUT), path="/run/hanging:$PATH")
    with zipfile.ZipFile(bundle) as packed:
        statuses = {item["status"] for item in json.loads(packed.read("manifest.json"))["items"]}
    if not {"timeout", "budget"} <= statuses:
        raise RuntimeError(f"the run of {CUT} s was not cut off: {sorted(statuses)}")


def analyze(bundle: Path) -> dict[str, Any]:
    """The analyzer's report on a bundle."""
    done = subprocess.run([Path(sys.executable).parent / "analyze", "--json", "-", bundle], capture_output=True, text=True,
                          timeout=120, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"analyze ended with {done.returncode}: {done.stderr.strip()[-300:]}") from None
    return report
