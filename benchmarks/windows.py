"""Speed and memory of the analyzer on Windows evidence: event logs whole and damaged, a large hive.

usage: python benchmarks/windows.py [--megabytes N] [--repeat N]
Figures that were measured stand in benchmarks/windows.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Run all measurements and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    from benchmarks.run import row
    analyze = [sys.executable, "-m", "analyzer.cli"]
    quiet = [*analyze, "--json", os.devnull, "-q"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: what this one has held at most would be counted for each child.
        preparing = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder, options.megabytes))
        preparing.start()
        preparing.join()
        row("analyze --version", [*analyze, "--version"], options.repeat)
        row(f"analyze, event logs of {options.megabytes:g} MB", [*quiet, str(folder / "logs.zip")], options.repeat)
        row("analyze, the same, each chunk damaged", [*quiet, str(folder / "damaged")], options.repeat)
        row("the library evtx, records as JSON", [sys.executable, "-c", WITH_EVTX, str(folder / "plain")], options.repeat)
        row("python-evtx, 1000 records of each log", [sys.executable, "-c", WITH_PYTHON_EVTX, str(folder / "plain")], 1)
        size = (folder / HIVE).stat().st_size / 1e6
        row(f"analyze, a hive SYSTEM of {size:.0f} MB", [*quiet, str(folder / "hive")], options.repeat)


HIVE = "hive/Windows/System32/config/SYSTEM"
WITH_EVTX = """
import evtx, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.evtx"):
    print(sum(1 for _ in evtx.PyEvtxParser(str(path)).records_json()))
"""
WITH_PYTHON_EVTX = """
import Evtx.Evtx, itertools, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.evtx"):
    with Evtx.Evtx.Evtx(str(path)) as log:
        print(sum(len(record.xml()) for record in itertools.islice(log.records(), 1000)))
"""


def prepare(folder: Path, megabytes: float) -> None:
    """Write what is measured: a bundle of event logs, the same as plain and as damaged files, a large hive."""
    from fixtures.windows.load import write_bundle
    print(write_bundle(folder / "logs.zip", megabytes), "events")
    with zipfile.ZipFile(folder / "logs.zip") as archive:
        archive.extractall(folder / "plain", [name for name in archive.namelist() if name.endswith(".evtx")])
    unpack_damaged(folder / "plain", folder / "damaged")
    (folder / HIVE).parent.mkdir(parents=True)
    (folder / HIVE).write_bytes(large_hive())


def unpack_damaged(plain: Path, folder: Path) -> None:
    """The same logs, a page of each chunk zeroed."""
    for path in plain.rglob("*.evtx"):
        raw = bytearray(path.read_bytes())
        for chunk in range(4096, len(raw), 65536):
            raw[chunk + 32768:chunk + 36864] = bytes(4096)
        where = folder / path.relative_to(plain / "files/C")
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(raw)


def large_hive() -> bytes:
    """A SYSTEM hive with the services and devices of a server that was installed long ago."""
    from fixtures.windows.hive import write_hive
    from fixtures.windows.story import load
    keys = dict(load("baseline")["registry"]["SYSTEM"])
    for number in range(900):
        keys[rf"ControlSet001\Services\Service{number:04d}"] = {"Start": 3, "ImagePath": r"%SystemRoot%\System32\svchost.exe -k netsvcs", "Type": 32}
    device = {"Service": "netvsc", "DeviceDesc": "x" * 200, "HardwareID": ["a" * 60, "b" * 60]}
    keys |= {rf"ControlSet001\Enum\VMBUS\{{f8615163}}\{number:06d}": device for number in range(60_000)}
    return write_hive(keys, "SYSTEM", 1_773_000_000)


if __name__ == "__main__":
    main()
