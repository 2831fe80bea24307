"""The genuine agent: Debian's package, fetched with apt and unpacked into a folder. It is never installed.

`layer()` gives the folder that machines see on top of the host's /usr. Under Python 3.10 and newer the package 2.7.3.0 hides
every formatted error behind one of its own (`format_exception() got an unexpected keyword argument 'etype'`), so an older
Python is taken if the host has one from pyenv; a scenario can ask for the system's instead.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PACKAGES = ("waagent", "python3-distro")
_OLD_ENOUGH = re.compile(r"3\.[6-9]\.\d+")


class Unavailable(Exception):
    """The lab cannot run here; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter for the machine: a folder outside of /usr that it needs (None for the system's) and its version."""

    home: Path | None
    version: str


@dataclass(frozen=True, slots=True)
class Agent:
    """The unpacked agent: the layer with /usr and /etc, its version, and the Python it runs with."""

    layer: Path
    version: str
    python: Python
    system_python: Python


def fetch(cache: Path) -> Agent:
    """Downloads and unpacks the packages once into `cache`; raises `Unavailable` if they cannot be had."""
    layer = cache / "agent"
    if not (layer / "complete").exists():
        _unpack(cache, layer)
    text = (layer / "usr/lib/python3/dist-packages/azurelinuxagent/common/version.py").read_text()
    found = re.search(r"^AGENT_VERSION = '([\d.]+)'", text, re.MULTILINE)
    system = Python(None, _version(Path("/usr/bin/python3")))
    return Agent(layer, found.group(1) if found else "unknown", _older() or system, system)


def _unpack(cache: Path, layer: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("no apt-get here to fetch Debian's package waagent")
    packages = cache / "packages"
    shutil.rmtree(layer, ignore_errors=True)
    packages.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["apt-get", "download", *_PACKAGES], cwd=packages, capture_output=True, text=True, check=False)
    files = [*packages.glob("*.deb")]
    if done.returncode or len(files) < len(_PACKAGES):
        raise Unavailable(f"Debian's package waagent cannot be had: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    for file in files:
        subprocess.run(["dpkg", "-x", file, layer], check=True)
    (layer / "complete").touch()


def _older() -> Python | None:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    homes = [home for home in root.glob("3.*") if _OLD_ENOUGH.fullmatch(home.name) and (home / "bin/python3").exists()]
    best = max(homes, key=lambda home: [int(part) for part in home.name.split(".")], default=None)
    return Python(best, best.name) if best else None


def _version(python: Path) -> str:
    if not python.exists():
        raise Unavailable("no /usr/bin/python3 for the agent")
    done = subprocess.run([python, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True)
    return done.stdout.strip()
