"""The command line: exit codes, errors in one clear line, and the sub-commands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import __version__
from analyzer.cli import main, overall
from tests.analyzer.test_report_bundle import AGENT_LOG, EXTENSION_LINES, EXTENSION_LOG, LINES, OPTIONS, bundle, signatures

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit status, output and errors of `analyze` with these words."""
    def call(*words: object) -> tuple[int, str, str]:
        try:
            status = main(list(map(str, words)))
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture
def known(tmp_path: Path) -> list[str]:
    """Options that bring the made-up signatures."""
    return ["--signatures", str(signatures(tmp_path / "signatures")), *OPTIONS]


def refused(result: tuple[int, str, str], status: int, words: str) -> None:
    """Assert one line on standard error that says `words`, nothing on standard output, and the status."""
    code, out, err = result
    assert (code, out) == (status, "") and err.count("\n") == 1 and err.startswith("analyze: ") and words in err


def a_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return path


def test_what_cannot_be_opened_is_refused_in_one_line(tmp_path: Path, run: Run) -> None:
    whole = bundle(tmp_path / "whole.zip").read_bytes()
    (tmp_path / "page.zip").write_bytes(b"<html>not found</html>")
    (tmp_path / "half.zip").write_bytes(whole[:len(whole) // 2])
    (tmp_path / "empty").mkdir()
    (tmp_path / "nothing.zip").touch()
    (tmp_path / "noise.bin").write_bytes(os.urandom(4096).replace(b"\n", b""))
    a_zip(tmp_path / "bare.zip", {})
    a_zip(tmp_path / "pictures.zip", {"cat.jpg": b"\xff\xd8\xff"})
    for name, words in {"gone.zip": "no such file", "page.zip": "not a zip", "half.zip": "truncated or damaged", "empty": "holds no files",
                        "nothing.zip": "empty", "bare.zip": "holds no files"}.items():
        refused(run(tmp_path / name), 3, words)
    for name in ("pictures.zip", "noise.bin"):
        assert run(tmp_path / name)[0] in (3, 4)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_refused(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    path.chmod(0)
    refused(run(path), 3, "permission denied")


@pytest.mark.parametrize(("words", "says"), [
    (["--zone", "Europe/Berlim"], "Europe/Berlin"), (["--zone", "../../etc/passwd"], "not a time zone"),
    (["--at", "yesterday"], "--at 'yesterday' is no time"),
    (["--since", "x"], "--since"), (["--until", "x"], "--until"), (["--lang", "tlh"], "there is: en"), (["--symptom", "Fever"], "Fever"),
    (["--max-memory", "lots"], "500M"), (["--jobs", "-3"], "--jobs"), (["--since", "2026-04-02", "--until", "2026-04-01"], "later"),
    (["--json", "-", "--markdown", "-"], "same place"), (["--json", "/no/such/folder/r.json"], "cannot write --json")])
def test_a_wrong_option_is_refused_in_one_line(tmp_path: Path, run: Run, words: list[str], says: str) -> None:
    refused(run(bundle(tmp_path / "b.zip"), *words), 2, says)


def test_a_report_never_overwrites_its_bundle(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    before = path.read_bytes()
    refused(run(path, "--html", path), 2, "overwrite")
    assert path.read_bytes() == before


def test_an_unknown_option_is_a_usage_error(tmp_path: Path, run: Run) -> None:
    assert run(bundle(tmp_path / "b.zip"), "--frobnicate")[0] == 2
    assert run()[0] == 2


def test_a_bad_signature_is_status_5(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "x.toml").write_text("schema = 1\n[")
    refused(run(bundle(tmp_path / "b.zip"), "--signatures", folder), 5, "x.toml")
    refused(run(bundle(tmp_path / "b.zip"), "--signatures", tmp_path / "none"), 5, "no such folder")


def test_the_status_says_whether_a_cause_was_found(tmp_path: Path, run: Run, known: list[str]) -> None:
    calm = bundle(tmp_path / "calm.zip", {AGENT_LOG: LINES.splitlines()[0] + "\n", EXTENSION_LOG: ""})
    blind = bundle(tmp_path / "blind.zip", {"/etc/hostname": "vault-1\n"})
    assert run(bundle(tmp_path / "b.zip"), *known)[0] == 0
    assert run(calm, *known)[0] == 1
    assert run(blind, *known)[0] == 4
    assert [overall(statuses) for statuses in ([0, 3, 1], [1, 0, 4], [1, 4], [1, 1])] == [3, 0, 4, 1]


def test_several_bundles_and_one_report_do_not_go_together(tmp_path: Path, run: Run) -> None:
    refused(run(bundle(tmp_path / "a.zip"), bundle(tmp_path / "b.zip"), "--json", "-"), 2, "one bundle at a time")


def test_the_version_comes_at_once() -> None:
    best = 9.0
    for _ in range(5):
        begun = time.perf_counter()
        out = subprocess.run([sys.executable, "-m", "analyzer.cli", "--version"], capture_output=True, text=True, check=True).stdout
        best = min(best, time.perf_counter() - begun)
    assert out == f"analyze {__version__}\n" and best < 0.3
    heavy = "import sys; import analyzer.cli; print([name for name in ('rich', 'lxml', 'hyperscan', 'regex', 'zoneinfo') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, known: list[str]) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: LINES + "filler\n" * 200_000})
    for words in ([str(path), "-v", *known], ["show", str(path), AGENT_LOG], [str(path), "--json", "-", *known]):
        with subprocess.Popen([sys.executable, "-m", "analyzer.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout and process.stderr
            process.stdout.close()
            assert process.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_is_status_130(tmp_path: Path) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: (LINES * 2000) * 60})
    code = f"import os, signal, threading; threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start(); " \
           f"from analyzer.cli import main; raise SystemExit(main(['show', {str(path)!r}, {AGENT_LOG!r}]))"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (130, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory")
@pytest.mark.parametrize("limit", ["30M", "45M"])
def test_too_little_memory_is_said_in_one_line(tmp_path: Path, limit: str) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: LINES * 50_000})
    done = subprocess.run([sys.executable, "-m", "analyzer.cli", str(path), "--max-memory", limit], capture_output=True, text=True, check=False)
    assert done.returncode == 3 and done.stderr.count("\n") == 1 and "memory" in done.stderr


def test_a_path_that_exists_wins_over_a_sub_command(tmp_path: Path, run: Run, known: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bundle(tmp_path / "show")
    assert "NORTH-7" in run("show", *known)[1]


def test_timeline_tells_in_order_and_within_limits(tmp_path: Path, run: Run, known: list[str]) -> None:
    path = bundle(tmp_path / "b.zip")
    status, out, _ = run("timeline", path, *known)
    places = [out.index(word) for word in ("10:00:05", "10:00:09", "10:00:10", "10:00:12", "10:02:00")]
    assert status == 0 and places == sorted(places) and f"{AGENT_LOG}:3" in out
    assert "10:02:00" not in run("timeline", path, "--around", "1m", *known)[1]
    assert "10:00:09" not in run("timeline", path, "--since", "2026-04-01T10:00:10Z", *known)[1]
    refused(run("timeline", path, "--around", "soon"), 2, "not a duration")


def test_the_rest_of_an_extension_between_attempts_is_no_silence(tmp_path: Path, run: Run, known: list[str]) -> None:
    later = [line.replace("2026-04-01", "2026-04-02") for line in EXTENSION_LINES.splitlines()]
    path = bundle(tmp_path / "b.zip", {EXTENSION_LOG: "\n".join([*EXTENSION_LINES.splitlines(), *later, ""])})
    assert "without a record" not in run("timeline", path, *known)[1]
    path = bundle(tmp_path / "c.zip", {AGENT_LOG: LINES + LINES.replace("T10", "T13")})
    assert "without a record" in run("timeline", path, *known)[1]


def test_why_tells_each_observation_and_the_truth_of_each_name(tmp_path: Path, run: Run, known: list[str]) -> None:
    path = bundle(tmp_path / "b.zip", missing={"/var/log/syslog": "denied"})
    status, out, _ = run("why", path, "door-stuck", *known)
    assert status == 0 and "● seen  jammed" in out and "○ clear oiled" in out and f"{AGENT_LOG}:3" in out
    assert "jammed[seen] and not oiled[clear]" in out
    told = run("why", path, "cellar-wet", *known)[1]
    assert "? blind wet" in told and "denied" in told and "unknown" in told
    told = json.loads(run("why", path, "door-stuck", "--json", "-", *known)[1])
    assert told["level"] == "confirmed" and [one["value"] for one in told["conditions"]] == ["true", "false"]
    refused(run("why", path, "dor-stuck", *known), 2, "door-stuck")


@pytest.mark.parametrize("name", [AGENT_LOG, f"files{AGENT_LOG}", "waagent.log", "log/waagent.log"])
def test_show_finds_a_member_by_its_name_or_path(tmp_path: Path, run: Run, name: str) -> None:
    status, out, _ = run("show", bundle(tmp_path / "b.zip"), f"{name}:3", "--around", "1")
    lines = out.splitlines()
    assert status == 0 and len(lines) == 4 and lines[2].startswith(">") and "jammed" in lines[2] and "Target handler" in lines[1]


def test_show_looks_into_archives_and_folders(tmp_path: Path, run: Run) -> None:
    inner = a_zip(tmp_path / "inner.zip", {"var/log/waagent.log": LINES.encode()})
    outer = a_zip(tmp_path / "outer.zip", {"logs.zip": inner.read_bytes(), "other/notes.txt": b"hello\n"})
    assert "jammed" in run("show", outer, "logs.zip!/var/log/waagent.log:3")[1]
    (tmp_path / "folder/var/log").mkdir(parents=True)
    (tmp_path / "folder/var/log/waagent.log").write_text(LINES)
    assert run("show", tmp_path / "folder", AGENT_LOG)[1].count("\n") == 4


def test_show_tells_what_is_not_there(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip")
    refused(run("show", path, "waagnet.log"), 2, "waagent.log")
    refused(run("show", path, f"{AGENT_LOG}:99"), 2, "it has 4")
    refused(run("show", path, f"{AGENT_LOG}:0"), 2, "no line 0")
    two = a_zip(tmp_path / "two.zip", {"a/x.txt": b"1\n", "b/x.txt": b"2\n", "c.bin": b"\0" * 64})
    refused(run("show", two, "x.txt"), 2, "a/x.txt, b/x.txt")
    refused(run("show", two, "c.bin"), 2, "binary")
    assert '"azure-backup-bundle/1"' in run("show", path, "manifest.json")[1]


def test_show_makes_evidence_harmless(tmp_path: Path, run: Run) -> None:
    path = a_zip(tmp_path / "b.zip", {"x.log": b"a\x1b[31mred\x07[bold]\xe2\x80\xae\xff\n"})
    assert run("show", path, "x.log")[1] == "     1  a␛[31mred␇[bold]��\n"


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory")
def test_show_streams_a_huge_member(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("big.log", "w") as out:
        for block in range(200):
            out.write(b"".join(b"%d some words that vary a little %d\n" % (block * 20000 + line, line * 7919) for line in range(20000)))
    code = "import sys; from analyzer.cli import main; " \
           f"status = main(['show', {str(path)!r}, 'big.log:3999000', '--around', '2']); " \
           "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')); " \
           "print(peak.split()[1], file=sys.stderr); raise SystemExit(status)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "> 3999000  3998999 some words" in done.stdout and int(done.stderr) < 80_000


def test_files_tells_what_each_member_is_and_what_is_missing(tmp_path: Path, run: Run) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: LINES, "/srv/diary.txt": "dear diary\n"}, missing={"/var/log/syslog": "denied"})
    out = run("files", path)[1]
    line = next(line for line in out.splitlines() if "waagent.log" in line)
    assert "ok" in line and "agent-log" in line and "2026-04-01 10:00:00 – 10:00:10" in line
    missing = next(line for line in out.splitlines() if "/var/log/syslog" in line)
    assert "denied" in missing and "no permission" in missing and "to know" in missing
    unclaimed = run("files", path, "--unclaimed")[1]
    assert "diary.txt" in unclaimed and "waagent.log" not in unclaimed


def test_diff_tells_what_changed(tmp_path: Path, run: Run, known: list[str]) -> None:
    old = bundle(tmp_path / "old.zip", {AGENT_LOG: LINES.splitlines()[0] + "\n", EXTENSION_LOG: ""})
    out = run("diff", old, bundle(tmp_path / "new.zip"), *known)[1]
    assert "door-stuck  not-seen → confirmed" in out and "failed, code 9" in out
    assert "Nothing that the report speaks of has changed." in run("diff", old, old, *known)[1]


def test_a_reader_that_leaves_early_does_not_change_the_exit_status(tmp_path: Path) -> None:
    log = tmp_path / "waagent.log"
    log.write_text("2026-03-02T09:00:00.000000Z INFO ExtHandler ExtHandler hello\n" * 50)
    for words in ([str(log)], ["--json", "-", str(log)], [str(log), str(log.parent)]):
        process = subprocess.Popen([sys.executable, "-m", "analyzer.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) == main([*words, "-q"] if "--json" not in words else ["--json", os.devnull, "-q", str(log)])


def test_the_tools_of_signatures_are_reached_beside_a_folder_of_that_name(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "signatures").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run("signatures", "list")[0] == 0
    refused(run("signatures"), 3, "holds no files")


def test_a_stamp_without_a_year_takes_it_from_the_other_logs_if_the_manifest_names_no_time(tmp_path: Path, run: Run, known: list[str]) -> None:
    path = bundle(tmp_path / "b.zip", {AGENT_LOG: LINES, "/var/log/syslog": "Apr  1 10:00:08 vault-1 kernel: dry\n"}, started=None, finished=None)
    assert re.search(r"syslog\s+~?2026-04-01 10:00:08", run("files", path)[1])
