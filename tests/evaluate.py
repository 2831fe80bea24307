"""Scores `analyze` on labelled cases: `make evaluate`.

A case is a folder with a case.toml (kind = "fault" | "healthy" | "unknown"; accept = [cause ids]; guide_cause; at) and the
evidence laid out as on the VM. Labelled cases beside the repository are scored by the script that came with them, if there
are any; else those in fixtures/cases, by the same rules:

fault    hit   the named cause is in accept, confirmed or likely
         near  the right cause is second among the confirmed and likely ones, or what is named is its usual consequence,
               or another cause of the same guide step that is only likely
         miss  nothing found, or only something else likely;  wrong  another cause is confirmed
healthy  quiet no cause is confirmed or likely;  false alarm  one is

Always exits 0: what is not good enough is for people to judge.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "fixtures" / "cases"
BESIDE = ROOT.parent / "shared"
STRONG = ("confirmed", "likely")


def beside() -> list[Path]:
    """Folders of labelled cases beside the repository."""
    return [folder for folder in (BESIDE / "lab", BESIDE / "corpus") if folder.is_dir()]


def cases(folder: Path) -> list[Path]:
    """The cases in a folder, by name."""
    return sorted(path.parent for path in folder.glob("*/case.toml"))


def label(case: Path) -> dict[str, Any]:
    """What a case says of itself."""
    return tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))


def consequences() -> dict[str, tuple[str, ...]]:
    """What each cause leads to, as the signatures say."""
    from analyzer.language.knowledge import load_knowledge
    return {name: signature.leads_to for name, signature in load_knowledge().signatures.items()}


def judge(case: dict[str, Any], report: dict[str, Any], leads_to: dict[str, tuple[str, ...]]) -> str:
    """How a report does on a case."""
    verdict = report.get("verdict") or {}
    cause, level = verdict.get("cause"), verdict.get("level")
    named = bool(cause) and level in STRONG
    if case["kind"] == "unknown":
        return "unscored"
    if case["kind"] == "healthy":
        return "false alarm" if named else "quiet"
    accept = case["accept"]
    if named and cause in accept:
        return "hit"
    strong = [one["id"] for one in report.get("causes", []) if one["level"] in STRONG]
    if any(one in accept for one in strong[:2]) or any(cause in leads_to.get(right, ()) for right in accept):
        return "near"
    if cause and level == "confirmed":
        return "wrong"
    return "near" if named and verdict.get("guide_cause") == case.get("guide_cause") else "miss"


def report_on(case: Path) -> dict[str, Any]:
    """The report on a case, without its label in sight."""
    import shutil
    import tempfile
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / "case"
        shutil.copytree(case, place, symlinks=True, ignore=shutil.ignore_patterns("case.toml"))
        at = label(case).get("at")
        argv = [str(Path(sys.executable).with_name("analyze")), "--json", "-", *(["--at", str(at)] if at else []), str(place)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"error": f"exit {done.returncode}: {done.stderr.strip()[-160:]}"}
    return found


def score(folder: Path) -> Counter[str]:
    """Score every case in a folder; prints a line for each, and the sum."""
    leads_to = consequences()
    tally: Counter[str] = Counter()
    for case in cases(folder):
        report, wanted = report_on(case), label(case)
        outcome = "error" if "error" in report else judge(wanted, report, leads_to)
        tally[outcome] += 1
        verdict = report.get("verdict") or {}
        said = report.get("error") or f"{verdict.get('cause')} ({verdict.get('level')})"
        print(f"{outcome:11} {case.name:40} wanted {'|'.join(wanted.get('accept', [])) or wanted['kind']}; got {said}")
    faults = sum(tally[one] for one in ("hit", "near", "miss", "wrong", "error"))
    healthy = tally["quiet"] + tally["false alarm"]
    print(f"top-1 {tally['hit']}/{faults}, near {tally['near']}, wrong {tally['wrong']}, false alarms {tally['false alarm']}/{healthy}")
    return tally


def main() -> int:
    """Score what there is."""
    script = BESIDE / "evaluate.py"
    if script.is_file() and beside():
        command = [sys.executable, str(script), "--analyze", str(Path(sys.executable).with_name("analyze"))]
        for folder in beside():
            print(f"{folder.name}:", flush=True)
            subprocess.run([*command, str(folder)], check=False)
    else:
        score(OWN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
