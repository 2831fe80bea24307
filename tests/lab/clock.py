"""A library that moves a machine's wall clock; time cannot be had in a namespace, and the usual tools break Python's sleep."""

import shutil
import subprocess
from pathlib import Path

LIBRARY = "usr/lib/liblabclock.so"


def build(cache: Path) -> Path | None:
    """Compiles `clock.c` once; None without a C compiler."""
    library = cache / "libclock.so"
    if not library.exists():
        if not shutil.which("gcc"):
            return None
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, capture_output=True)
    return library


def environment(offset: int) -> list[str]:
    """The command prefix that makes programs live `offset` seconds away from now."""
    return ["env", f"LD_PRELOAD=/{LIBRARY}", f"LAB_CLOCK={offset}"] if offset else []
