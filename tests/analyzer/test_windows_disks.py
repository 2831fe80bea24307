"""Mounted system disks of Windows VMs: collected by the collector as it is built, analyzed, and judged right."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analyzer.report.analysis import analyse
from analyzer.report.jsonreport import report as report_of
from fixtures.windows.disk import build
from fixtures.windows.story import cases, load
from tests import evaluate
from tests.analyzer.scenes import knowledge
from tests.analyzer.windows import gathered, rows

# A disk that does not run has no probes, so that an unreachable platform may stay likely.
LIKELY = {"no-internet"}
# How the attempt of the last night ended, where the request reached the agent.
LAST_NIGHT = {"healthy": ["succeeded"], "provider-disabled": ["failed"], "sql-writer": ["failed"]}


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collector as customers get it."""
    from collector.build import build as build_collector
    path = tmp_path_factory.mktemp("program") / "collector.pyz"
    build_collector(str(path))
    return path


def collect(collector: Path, disk: Path, output: Path) -> Path:
    command = [sys.executable, collector, "--root", disk, "--output", output, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return output


@pytest.mark.parametrize("name", cases())
def test_the_verdict_is_right_and_what_it_rests_on_is_told(name: str, collector: Path, tmp_path: Path) -> None:
    where = collect(collector, build(name, tmp_path / "disk"), tmp_path / "bundle.zip")
    found = analyse(where, knowledge())
    label, report = dict(load(name)), report_of(found)
    assert evaluate.judge(label, report, evaluate.consequences()) in ("hit", "quiet"), report["verdict"]
    assert report["verdict"]["guide_cause"] == label.get("guide_cause")
    assert label["kind"] == "healthy" or report["verdict"]["level"] == "confirmed" or name in LIKELY
    assert (report["host"]["hostname"], report["host"]["platform"], report["bundle"]["integrity"]) == ("WEB01", "windows", "verified")
    assert not [problem for problem in report["bundle"]["problems"] if problem["status"] != "skipped"]
    assert all(cite.text.strip() for judged in found.diagnosis.judgements for one in judged.observations.values() for cite in one.cites)
    assert [attempt.outcome for attempt in found.diagnosis.attempts][10:13] == ["succeeded"] * 3, "their status files are still there"
    assert {attempt.outcome for attempt in found.diagnosis.attempts[:10]} == {"unknown"}, "the agent's log tells only that they began"
    assert [attempt.outcome for attempt in found.diagnosis.attempts][13:] == LAST_NIGHT.get(name, [])


@pytest.mark.parametrize("name", ["guest-shutdown", "provider-disabled"])
def test_a_disk_looked_at_on_the_same_day_is_judged_the_same(collector: Path, tmp_path: Path, name: str) -> None:
    last_night = datetime.now(UTC) - timedelta(hours=11)
    where = collect(collector, build(name, tmp_path / "disk", last_night), tmp_path / "bundle.zip")
    assert evaluate.judge(dict(load(name)), report_of(analyse(where, knowledge())), evaluate.consequences()) == "hit"


def test_a_disk_is_the_same_each_time_and_looks_like_one(tmp_path: Path) -> None:
    one, other = build("sql-writer", tmp_path / "one"), build("sql-writer", tmp_path / "other")
    paths = [path.relative_to(one).as_posix() for path in sorted(one.rglob("*")) if path.is_file()]
    assert all((one / path).read_bytes() == (other / path).read_bytes() for path in paths)
    assert {"Windows/System32/winevt/Logs/System.evtx", "Windows/System32/config/SYSTEM", "WindowsAzure/Logs/WaAppAgent.log",
            "Packages/Plugins/Microsoft.Azure.RecoveryServices.VMSnapshot/1.9.31.0/Status/14.status"} <= set(paths)


def test_a_folder_is_read_without_the_collector_too(tmp_path: Path) -> None:
    found = gathered(build("agent-stopped", tmp_path / "disk"))
    assert found.platform == "windows" and rows(found, "services", unit="RdAgent")[0]["start_type"] == "disabled"
    assert {"event-system", "event-application", "event-azure", "wa-app-agent"} <= {source for member in found.members for source in member.sources}
