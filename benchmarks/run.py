"""Speed and memory of the analyzer: start-up, a small bundle, a large one, and what grep and ripgrep need for the same text.

usage: python benchmarks/run.py [--megabytes N] [--repeat N]
Prints medians of wall-clock seconds; figures depend on the machine, so compare them, do not quote them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Run all measurements and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=300)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    from fixtures.generate import write_bundle
    analyze = [sys.executable, "-m", "analyzer.cli"]
    with tempfile.TemporaryDirectory() as folder:
        small, large, literals = Path(folder) / "small.zip", Path(folder) / "large.zip", Path(folder) / "literals.txt"
        write_bundle(small, 1)
        write_bundle(large, options.megabytes)
        literals.write_text("".join(f"{literal}\n" for literal in sorted(all_literals())))
        row("analyze --version", [*analyze, "--version"], options.repeat)
        row("analyze, bundle of 1 MB", [*analyze, "--json", os.devnull, "-q", str(small)], options.repeat)
        row(f"analyze, bundle of {options.megabytes:g} MB", [*analyze, "--json", os.devnull, "-q", str(large)], options.repeat)
        row("unzip -p to nowhere", ["sh", "-c", f"unzip -p {large} > /dev/null"], options.repeat)
        for peer in ("rg", "grep"):
            if shutil.which(peer):
                pipeline = f"unzip -p {large} | LC_ALL=C {peer} -c -F -f {literals} > /dev/null"
                row(f"unzip -p | {peer} -c -F -f literals", ["sh", "-c", pipeline], options.repeat)


def all_literals() -> set[str]:
    """Every literal that the scan looks for."""
    from analyzer.attempts import PATTERNS
    from analyzer.language.knowledge import load_knowledge
    return {literal for pattern in (*PATTERNS, *load_knowledge().patterns()) for literal in pattern.literals()}


def row(label: str, command: Sequence[str], repeat: int) -> None:
    """Run a command some times and print the median time and the largest memory it held."""
    times, peak = [], 0
    for _ in range(repeat):
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        times.append(time.perf_counter() - begun)
        peak = max(peak, used.ru_maxrss)
    print(f"{label:42} {statistics.median(times):7.2f} s   {peak / 1024:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
