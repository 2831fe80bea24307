"""The agent's service as systemd would show it; machines have no systemd, only the answers of its tools.

Debian's unit of this package has no Restart=, so an agent that dies stays dead (walinuxagent.service of the package).
"""

import signal
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

NAME = "walinuxagent.service"
ABOUT = "Azure Linux Agent"


@dataclass(slots=True)
class Unit:
    """What happened to the service: the journal as (time, who, text), when it began, when and how it ended."""

    offset: float = 0.0
    journal: list[tuple[float, str, str]] = field(default_factory=list)
    began: float | None = None
    ended: float | None = None
    code: int = 0
    pid: int = 0
    stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, text: str, who: str = "systemd[1]") -> None:
        """A line of the journal."""
        with self.lock:
            self.journal.append((time.time() + self.offset, who, text))

    def start(self) -> None:
        """The service was started."""
        self.began, self.ended = time.time() + self.offset, None
        self.say(f"Started {NAME} - {ABOUT}.")

    def end(self, code: int) -> None:
        """Its main process ended: `code` as of subprocess, negative for a signal."""
        self.ended, self.code = time.time() + self.offset, code
        if self.stopping:
            self.say(f"{NAME}: Deactivated successfully.")
            self.say(f"Stopped {NAME} - {ABOUT}.")
        elif code == 127:  # what a shell makes of a program that cannot be executed; systemd has a step and a number for it
            self.code = 203
            self.say(f"{NAME}: Failed at step EXEC spawning /usr/sbin/waagent: No such file or directory", f"(waagent)[{self.pid}]")
            self.say(f"{NAME}: Main process exited, code=exited, status=203/EXEC")
            self.say(f"{NAME}: Failed with result 'exit-code'.")
        elif code:
            how = (f"killed, status={-code}/{signal.Signals(-code).name.removeprefix('SIG')}" if code < 0
                   else f"exited, status={code}/FAILURE")
            self.say(f"{NAME}: Main process exited, code={how}")
            self.say(f"{NAME}: Failed with result '{self._result()}'.")
        else:
            self.say(f"{NAME}: Deactivated successfully.")

    def _result(self) -> str:
        if self.stopping or self.ended is None or not self.code:
            return "success"
        return "signal" if self.code < 0 else "exit-code"

    def _state(self) -> tuple[str, str]:
        if self.began is None or (self.ended and self._result() == "success"):
            return "inactive", "dead"
        return ("failed", "failed") if self.ended else ("active", "running")

    def lay_out(self, folder: Path) -> None:
        """Writes what the shims of journalctl and systemctl print into a folder of the machine."""
        folder.mkdir(exist_ok=True)
        with self.lock:
            lines = "".join(f"{moment:.6f} {who} {text}\n" for moment, who, text in self.journal)
        (folder / "journal").write_text(lines)
        active, sub = self._state()
        (folder / "active").write_text(active + "\n")
        running = active == "active"
        shown = {
            "Id": NAME, "Names": NAME, "Description": ABOUT, "LoadState": "loaded", "ActiveState": active, "SubState": sub,
            "UnitFileState": "enabled", "Result": self._result(), "MainPID": str(self.pid if running else 0), "NRestarts": "0",
            "Restart": "no", "ExecMainStartTimestamp": self._stamp(self.began), "ExecMainExitTimestamp": self._stamp(self.ended),
            "ExecMainPID": str(self.pid), "ExecMainStatus": str(abs(self.code) if self.ended else 0), "Type": "simple",
            "ActiveEnterTimestamp": self._stamp(self.began), "InactiveEnterTimestamp": self._stamp(self.ended),
            "StateChangeTimestamp": self._stamp(self.ended or self.began), "FragmentPath": "/lib/systemd/system/walinuxagent.service",
        }
        (folder / "show").write_text("".join(f"{key}={value}\n" for key, value in shown.items()))
        (folder / "status").write_text(self._status(active, sub))

    @staticmethod
    def _stamp(moment: float | None) -> str:
        return datetime.fromtimestamp(moment, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC") if moment else ""

    def _status(self, active: str, sub: str) -> str:
        since = self.ended or self.began
        ago = int(time.time() + self.offset - since) if since else 0
        state = f"{active} ({sub})" if active == "active" else f"{active} (Result: {self._result()})" if active == "failed" else "inactive (dead)"
        tail = f" since {self._stamp(since)}; {ago}s ago" if since else ""
        mark = {"active": "●", "failed": "×", "inactive": "○"}[active]
        text = (f"{mark} {NAME} - {ABOUT}\n     Loaded: loaded (/lib/systemd/system/{NAME}; enabled; preset: enabled)\n"
                f"     Active: {state}{tail}\n")
        if active == "active":
            text += f"   Main PID: {self.pid} (python3)\n"
        elif self.began:
            how = f"code=killed, signal={signal.Signals(-self.code).name.removeprefix('SIG')}" if self.code < 0 else (
                f"code=exited, status={self.code}{ {0: '/SUCCESS', 203: '/EXEC'}.get(self.code, '/FAILURE')}")
            text += f"    Process: {self.pid} ExecStart=/usr/sbin/waagent -daemon ({how})\n   Main PID: {self.pid} ({how})\n"
        return text
