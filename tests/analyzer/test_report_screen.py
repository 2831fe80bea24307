"""The report on a terminal and in a pipe, seen as a person sees it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.cli import main
from tests.analyzer.test_report_bundle import AGENT_LOG, EXTENSION_LINES, EXTENSION_LOG, HOSTILE, LINES, OPTIONS, bundle, signatures

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """What `analyze` prints for these words, with the made-up signatures."""
    folder = signatures(tmp_path / "signatures")
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*words: object, status: int = 0) -> str:
        assert main([*map(str, words), "--signatures", str(folder), *OPTIONS]) == status
        return capsys.readouterr().out

    return call


def on_terminal(words: list[str], columns: int, **environment: str) -> str:
    """The bytes that a terminal of that width gets."""
    import fcntl
    import struct
    import termios
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen([sys.executable, "-m", "analyzer.cli", *words], stdout=follower, stderr=follower, stdin=follower,
                          env={**variables, "TERM": "xterm-256color", **environment}) as process:
        os.close(follower)
        parts = []
        while True:
            ready, _, _ = select.select([leader], [], [], 30)
            try:
                part = os.read(leader, 65536) if ready else b""
            except OSError:
                break
            if not part:
                break
            parts.append(part)
        process.wait(30)
    os.close(leader)
    return b"".join(parts).decode()


def test_the_verdict_its_proof_and_its_remedy_come_first(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip"))
    order = [out.index(word) for word in (
        "CONFIRMED", "Door NORTH-7 is jammed.", "PROOF", "the agent found a door jammed", "WHAT TO DO", "Oil the hinges.", "BROUGHT ABOUT BY IT",
        "hall-dark", "RULED OUT", "The moon was new.", "COULD NOT LOOK", "cellar-wet", "TIMELINE")]
    assert order == sorted(order)


def test_a_proof_is_a_place_and_a_line(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip"))
    assert f"{AGENT_LOG}:3  {LINES.splitlines()[2]}\n" in out


@pytest.mark.parametrize(("system", "command", "absent"), [
    ("ID=ubuntu\n", "apt-get install oil", "dnf install oil"), ("ID=almalinux\nID_LIKE=\"rhel centos\"\n", "dnf install oil", "apt-get"),
    ("ID=nobody\n", "dnf install oil", "nothing of the kind")])
def test_the_command_is_the_one_for_the_hosts_family(tmp_path: Path, run: Run, system: str, command: str, absent: str) -> None:
    path = bundle(tmp_path / "b.zip", os_release=system, host={"platform": "linux", "hostname": "vault-1"})
    out = run(path)
    assert command in out and absent not in out


def test_a_pipe_gets_neither_colour_nor_cuts(tmp_path: Path, run: Run) -> None:
    long = "2026-04-01T10:00:09.000000Z ERROR ExtHandler ExtHandler vault door NORTH-7 jammed " + "very " * 80 + "badly\n"
    out = run(bundle(tmp_path / "b.zip", {AGENT_LOG: long}))
    assert "\x1b" not in out and "…" not in out
    assert f"{AGENT_LOG}:1  {long}" in out


def test_a_terminal_gets_colour_and_every_line_fits(tmp_path: Path) -> None:
    path, folder = bundle(tmp_path / "b.zip"), signatures(tmp_path / "s")
    for columns in (60, 80, 120, 200):
        out = on_terminal([str(path), "--signatures", str(folder), *OPTIONS], columns)
        assert "\x1b[" in out
        plain = re.sub(r"\x1b\[[0-9;]*m", "", out).replace("\r\n", "\n")
        report = plain.split("\nMore:")[0]
        assert max(len(line) for line in report.split("\n")) <= columns
        assert "waagent.log:3" in report


@pytest.mark.parametrize(("words", "environment"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})])
def test_colour_can_be_had_off(tmp_path: Path, words: list[str], environment: dict[str, str]) -> None:
    path, folder = bundle(tmp_path / "b.zip"), signatures(tmp_path / "s")
    out = on_terminal([str(path), "--signatures", str(folder), *OPTIONS, *words], 80, **environment)
    assert "CONFIRMED" in out and "\x1b" not in out


def test_the_main_part_fits_one_small_page(tmp_path: Path) -> None:
    path, folder = bundle(tmp_path / "b.zip"), signatures(tmp_path / "s")
    out = on_terminal([str(path), "--signatures", str(folder), *OPTIONS, "--no-color"], 80)
    before = out.replace("\r\n", "\n").split("BROUGHT ABOUT")[0]
    assert before.count("\n") <= 24


def test_what_evidence_says_never_acts(tmp_path: Path) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: HOSTILE, EXTENSION_LOG: EXTENSION_LINES})
    folder = signatures(tmp_path / "s")
    for words in ([], ["-v"], ["-q"]):
        out = on_terminal([str(path), "--signatures", str(folder), *OPTIONS, *words, "--no-color"], 120)
        assert "jammed" in out and "[bold]" in out.replace("\r\n      ", "")
        assert not [char for char in out if char not in "\r\n" and not char.isprintable()]


def test_a_collection_that_stands_in_for_an_attempt_says_so(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip", {AGENT_LOG: LINES.replace("Target handler state", "Something else")}))
    assert "No backup attempt in the evidence: the time of collection (2026-04-01 10:02:00 UTC) stands in for it" in out


def test_the_attempt_that_was_judged_is_named(tmp_path: Path, run: Run) -> None:
    assert "Attempt a1 of 2026-04-01 10:00:05 UTC: failed, code 9" in run(bundle(tmp_path / "b.zip"))


def test_times_are_shown_in_the_zone_asked_for_and_it_is_named(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip"), "--zone", "Asia/Kolkata")
    assert "15:30:05 +05:30" in out and "times in Asia/Kolkata" in out


def test_without_a_cause_unexplained_errors_are_the_lead(tmp_path: Path, run: Run) -> None:
    lines = "2026-04-01T10:00:09.000000Z ERROR ExtHandler ExtHandler the weathervane points inwards\n"
    out = run(bundle(tmp_path / "b.zip", {AGENT_LOG: lines, EXTENSION_LOG: EXTENSION_LINES}), status=1)
    assert "NO CAUSE FOUND" in out and "ERRORS NOBODY EXPLAINS YET" in out and f"{AGENT_LOG}:1  {lines}" in out


def test_what_could_not_be_looked_at_is_grouped_by_its_reason(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip", missing={"/var/log/syslog": "denied"}))
    line = next(line for line in out.splitlines() if "/var/log/syslog" in line)
    assert "denied" in line and "cellar-wet" in line


def test_the_checklist_is_there_when_a_symptom_is_named(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    assert "CHECKLIST" not in run(path)
    assert "CHECKLIST" in run(path, "--symptom", "ExtensionSnapshotFailedNoNetwork")


def test_quiet_is_one_line_a_bundle(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    assert run(path, "-q") == f"{path}: door-stuck (confirmed): Door NORTH-7 is jammed.\n"


def test_verbose_names_every_observation(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "b.zip"), "-v")
    assert "● seen  jammed" in out and "○ clear oiled" in out


def test_since_and_until_limit_the_timeline(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    out = run(path, "--since", "2026-04-01T10:00:11Z", "--until", "2026-04-01T10:00:30Z").split("TIMELINE")[1]
    assert "10:00:12" in out and "10:00:09" not in out


def test_a_changed_member_is_marked_where_it_is_cited(tmp_path: Path, run: Run) -> None:
    import json
    import zipfile
    path = bundle(tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(held["manifest.json"])
    manifest["items"][0]["sha256"] = "0" * 64
    held["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in held.items():
            archive.writestr(name, raw)
    out = run(path)
    assert "changed after collection" in out


def test_several_bundles_make_a_table_and_their_shared_causes(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = bundle(tmp_path / "one.zip"), bundle(tmp_path / "two.zip")
    calm = bundle(tmp_path / "calm.zip", {AGENT_LOG: "2026-04-01T10:00:00.000000Z INFO Daemon ExtHandler the moon is new\n"})
    for jobs in (1, 2):
        out = run(one, two, calm, "--jobs", jobs)
        assert re.search(r"one\.zip +a1 2026-04-01 10:00 failed 9 +door-stuck +confirmed", out)
        assert "calm.zip" in out and "no cause" in out
        shared = out.split("SHARED CAUSES")[1]
        assert "2 of 3  door-stuck" in shared and "one.zip, two.zip" in shared


def test_an_unreadable_bundle_does_not_stop_the_others(tmp_path: Path, run: Run) -> None:
    out = run(bundle(tmp_path / "one.zip"), tmp_path / "nowhere.zip", status=3)
    assert "door-stuck" in out and "no such file or folder" in out
