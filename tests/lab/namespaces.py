"""Machines and fabrics in namespaces of their own, torn down whatever happens.

A fabric is a process in a network namespace; a machine is an init process in mount, network, pid and uts namespaces, with a
root built by `machine.sh`. Both read their standard input and end with it, so they cannot outlive the lab, even if it is
killed; the kernel then takes everything else: processes with the pid namespace, mounts and loop devices with the mounts.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .agent import Unavailable
from .fabric import names
from .unit import Unit

_HERE = Path(__file__).parent
_DROPPED = "-sys_time,-sys_module,-sys_boot,-sys_rawio,-mknod"
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
                "PYTHONPATH": "/usr/lib/python3/dist-packages"}


def check() -> None:
    """Raises `Unavailable` unless this host can hold a machine: root, loop devices, overlay, namespaces, the tools."""
    if os.geteuid() != 0:
        raise Unavailable("needs root")
    tools = ("unshare", "nsenter", "setpriv", "losetup", "mkfs.ext4", "ip", "openssl", "pivot_root")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        raise Unavailable(f"needs {', '.join(missing)}")
    if "overlay" not in Path("/proc/filesystems").read_text():
        subprocess.run(["modprobe", "overlay"], capture_output=True, check=False)
    if "overlay" not in Path("/proc/filesystems").read_text() or not Path("/dev/loop-control").exists():
        raise Unavailable("needs overlay file systems and loop devices")
    attempt = ["unshare", "--mount", "--net", "--pid", "--uts", "--fork", "true"]
    if subprocess.run(attempt, capture_output=True, check=False).returncode:
        raise Unavailable("may not make namespaces")


class Fabric:
    """A fabric process, driven by JSON lines."""

    def __init__(self, keys: Path, package: Path) -> None:
        command = ["unshare", "--net", sys.executable, "-m", "tests.lab.fabric", str(keys), str(package)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_HERE.parents[1],
                                        start_new_session=True)
        self.pid = self.process.pid

    def do(self, what: str, **more: Any) -> dict[str, Any]:
        """Sends a command and returns the answer; raises if the fabric could not do it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline() or '{"ok": false, "error": "the fabric died"}')
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return answer

    def net(self, *command: str) -> None:
        """Runs `ip` in the fabric's network."""
        subprocess.run(["nsenter", "--target", str(self.pid), "--net", "ip", *command], check=True, capture_output=True)

    def close(self) -> None:
        """Ends the process."""
        _end(self.process)


class Machine:
    """A machine without an agent process yet; `run` executes in it, `start` leaves something running in it."""

    def __init__(self, work: Path, python: Path | None) -> None:
        command = ["unshare", "--mount", "--net", "--pid", "--uts", "--fork", "--kill-child", "/bin/sh",
                   str(_HERE / "machine.sh"), str(work), names.MACHINE_NAME, *([str(python)] if python else [])]
        self.errors = (work / "machine.err").open("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
                                        start_new_session=True)
        self.environment = dict(_ENVIRONMENT)
        self.prefix: list[str] = []
        self.unit = Unit()
        assert self.process.stdout
        if self.process.stdout.readline() != "ready\n":
            self.process.wait(10)
            self.errors.seek(0)
            raise RuntimeError(f"the machine did not come up: {self.errors.read().strip()}")
        self.pid = int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])
        self.root = Path(f"/proc/{self.pid}/root")

    def _enter(self, command: list[str]) -> list[str]:
        spaces = ["--mount", "--net", "--pid", "--uts", "--root", "--wdns=/"]
        return ["nsenter", "--target", str(self.pid), *spaces, "setpriv", f"--bounding-set={_DROPPED}", *self.prefix, *command]

    def run(self, command: str, limit: float = 60) -> str:
        """Runs a shell command in the machine, returns its standard output; it may fail."""
        done = subprocess.run(self._enter(["/bin/sh", "-c", command]), env=self.environment, capture_output=True, text=True,
                              errors="replace", timeout=limit, check=False, stdin=subprocess.DEVNULL)
        return done.stdout

    def start(self, command: list[str]) -> None:
        """Starts the agent's service in the machine; what it prints is kept with its time, as the journal would."""
        process = subprocess.Popen(self._enter(["setsid", *command]), env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.unit.start()

        def keep() -> None:
            assert process.stdout
            with process.stdout as lines:
                for line in lines:
                    self.unit.say(line.rstrip("\n"), f"python3[{self.unit.pid}]")

        def watch() -> None:
            self.unit.end(process.wait())

        threading.Thread(target=keep, daemon=True).start()
        threading.Thread(target=watch, daemon=True).start()
        for _ in range(20):
            pids = self.run("pgrep -o -f -- '/usr/sbin/waagent -daemon'").split()
            if pids or self.unit.ended:
                break
            time.sleep(0.1)
        self.unit.pid = int(pids[0]) if pids else 0

    def net(self, *command: str) -> None:
        """Runs `ip` in the machine's network."""
        subprocess.run(["nsenter", "--target", str(self.pid), "--net", "ip", *command], check=True, capture_output=True)

    def read(self, path: str) -> str:
        """A file of the machine, or an empty text."""
        with contextlib.suppress(OSError):
            return (self.root / path.lstrip("/")).read_text(errors="replace")
        return ""

    def thaw(self) -> None:
        """Thaws what a scenario left frozen; a frozen file system could not be unmounted."""
        with contextlib.suppress(subprocess.SubprocessError):
            self.run("fsfreeze -u /data; fsfreeze -u /", limit=10)

    def close(self) -> None:
        """Ends every process of the machine; its mounts and loop devices go with it."""
        if self.process.poll() is None:
            self.thaw()
        _end(self.process)
        self.errors.close()


def connect(fabric: Fabric, machine: Machine) -> None:
    """Lays the cable between the two, gives addresses and routes, then lets the fabric serve."""
    fabric.net("link", "add", "gateway", "type", "veth", "peer", "name", "eth0", "netns", str(machine.pid))
    fabric.net("link", "set", "lo", "up")
    for address in (names.WIRESERVER, names.METADATA, names.STORAGE):
        fabric.net("address", "add", f"{address}/32", "dev", "lo")
    fabric.net("address", "add", f"{names.GATEWAY}/24", "dev", "gateway")
    fabric.net("link", "set", "gateway", "up")
    machine.net("link", "set", "lo", "up")
    machine.net("link", "set", "eth0", "address", "00:0d:3a:1b:2c:3d", "up")
    machine.net("address", "add", f"{names.MACHINE}/24", "dev", "eth0")
    machine.net("route", "add", "default", "via", names.GATEWAY)
    for address in (names.WIRESERVER, names.METADATA):
        machine.net("route", "add", address, "via", names.GATEWAY, "dev", "eth0")
    fabric.do("serve")


def _end(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
