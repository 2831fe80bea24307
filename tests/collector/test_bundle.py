"""What a run leaves behind: the bundle, its manifest, the summary, the exit codes."""

import base64
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import types
import zipfile
import zlib

import pytest

from collector import build, summary
from collector.manifest import LOST, Record
from collector.redact import Redactor
from tests.collector import evidence
from tests.collector.running import INTERPRETERS, collect

STATUSES = {"ok", "tailed", "changed", "vanished", "denied", "absent", "empty", "timeout", "failed", "special", "budget", "skipped", "not-applicable"}


def test_the_same_sources_build_the_same_bytes(tmp_path):
    first, second = build.build(str(tmp_path / "a.pyz")), build.build(str(tmp_path / "b" / "b.pyz"))
    assert first == second == hashlib.sha256((tmp_path / "a.pyz").read_bytes()).hexdigest()
    assert (tmp_path / "a.pyz").stat().st_size < 200 * 1024
    assert "collector/build.py" not in zipfile.ZipFile(tmp_path / "a.pyz").namelist()


@pytest.mark.parametrize("python", INTERPRETERS[1:] if len(INTERPRETERS) > 1 else [], ids=lambda path: path.parts[-3])
def test_every_python_takes_the_same(pyz, by_the_oldest_python, python):
    disk, bundle = by_the_oldest_python
    assert plain(collect(pyz, "--root", disk, "--profile", "full", python=python)) == bundle


@pytest.fixture(scope="module")
def by_the_oldest_python(pyz, tmp_path_factory):
    """(a disk, what the oldest Python took of it)."""
    disk = tmp_path_factory.mktemp("disk")
    evidence.linux(disk)
    (disk / "var/log/azure/Other.Extension/na\u00efve log.log").write_text("ok\n")
    return disk, plain(collect(pyz, "--root", disk, "--profile", "full", python=INTERPRETERS[0]))


def plain(done):
    """Members without tags and times."""
    assert done.code == 0, done.err
    members = {name: unpacked(done.read(name)) for name in done.names() if name not in ("manifest.json", "README.txt")}
    items = [{key: item.get(key) for key in ("id", "status", "reason", "note", "path", "member", "original_bytes", "mtime", "redactions")}
             for item in done.manifest["items"]]
    return set(done.names()), members, items


def unpacked(data):
    """The content of a member without the keys of its marks, down to what is packed in it."""
    if data[:2] == b"\x1f\x8b":
        return unpacked(gzip.decompress(data))
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(unpacked(name.encode()), unpacked(archive.read(name))) for name in archive.namelist()]
    data = re.sub(rb"message=(eJ[^,]+)", lambda match: zlib.decompress(base64.b64decode(match.group(1))), data)
    return re.sub(rb"(?<=\[masked:)([a-z-]+):\w{6}", rb"\1", data)


def test_the_manifest_accounts_for_every_planned_item(pyz, vm):
    done = collect(pyz, "--root", vm)
    manifest = done.manifest
    assert manifest["schema"] == "azure-backup-bundle/1" and manifest["complete"] is True and manifest["profile"] == "backup"
    assert manifest["host"]["platform"] == "linux" and manifest["host"]["hostname"] == "vm-harbour" and "bookworm" in manifest["host"]["os"]
    assert {item["status"] for item in manifest["items"]} <= STATUSES
    assert all(item["why"] and item["kind"] in ("file", "command", "probe", "eventlog", "registry") for item in manifest["items"])
    planned = {item["id"] for item in json.loads(subprocess.check_output([sys.executable, pyz, "--list", "--json", "--root", vm]))}
    assert planned <= {item["id"].split(":")[0] for item in manifest["items"]}
    listed = {item["member"]: item for item in manifest["items"] if item.get("member")}
    assert set(listed) == set(done.names()) - {"manifest.json", "README.txt"}
    for name, item in listed.items():
        assert hashlib.sha256(done.read(name)).hexdigest() == item["sha256"] and len(done.read(name)) == item["bytes"]
    assert all(item["status"] == "not-applicable" for item in manifest["items"] if item["kind"] in ("command", "probe"))
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z$", manifest["started"])


def test_the_readme_lists_what_was_masked_and_what_is_missing(pyz, vm):
    os.mkfifo(vm / f"{evidence.LOGS}/pipe.log")
    done = collect(pyz, "--root", vm)
    readme = done.read("README.txt").decode()
    assert re.search(r"Masked: \d+ secrets \(.*sas \d+", readme) and "pipe.log: special" in readme and "vm-harbour" in readme
    log = done.item("/var/log/waagent.log")
    assert re.search(rf"^ +{log['redactions']}  files/var/log/waagent\.log$", readme, re.MULTILINE)
    assert "Never taken: private keys" in readme


LOSSES = {"denied": "run it as root", "budget": "--max-seconds 600", "timeout": "hung mounts and frozen file systems", "failed": "run it again",
          "vanished": "run it again", "special": "no regular file"}


@pytest.mark.parametrize("status", LOSSES)
def test_the_summary_says_what_to_do_about_every_kind_of_loss(status):
    record = Record("agent-log", "file", "why", True, path="/var/log/waagent.log").end(status, "the reason")
    run = types.SimpleNamespace(records=[record], notes=[], redactor=Redactor(), uploaded=None, interrupted=None, budget=types.SimpleNamespace(elapsed=1.0))
    text = summary.screen(run, "/tmp/b.zip", 1, "0" * 64)
    assert f"(vital) /var/log/waagent.log: {status} (the reason)" in text and LOSSES[status] in text
    assert text.strip().split("\n")[-1].startswith("INCOMPLETE: vital evidence is missing: agent-log.") and LOSSES[status][:8].lower() in text.strip().split("\n")[-1].lower()


def test_many_long_notes_do_not_push_the_verdict_out_of_the_portals_window():
    run = types.SimpleNamespace(records=[Record("agent-log", "file", "why", True).end("denied", "x" * 3000)] * 50, notes=["n" * 1000] * 50, redactor=Redactor(), uploaded=None,
                                interrupted=None, budget=types.SimpleNamespace(elapsed=1.0), complete=lambda: False)
    assert len(summary.screen(run, "/tmp/" + "d" * 200 + "/b.zip", 1, "0" * 64)) <= 4000 and len(summary.as_json(run, "/tmp/b.zip", 1, "0" * 64)) <= 4000


def test_every_status_that_means_a_loss_has_an_advice():
    assert set(LOSSES) == set(LOST) and {status for status, _ in summary._ADVICE} == set(LOST)


def test_key_files_are_never_taken(pyz, vm):
    names = " ".join(collect(pyz, "--root", vm, "--profile", "full").names()).lower()
    for word in (".prv", ".pem", "certificates", "ovf-env", "customdata", "remoteaccess", "managedidentity", "shadow"):
        assert word not in names


def test_a_large_file_keeps_its_head_its_tail_and_its_line_numbers(pyz, vm):
    lines = [f"2026-11-23T05:20:11.{n:06d}Z INFO ExtHandler line {n}" for n in range(100_000)]
    (vm / "var/log/waagent.log").write_text("\n".join(lines) + "\n")
    done = collect(pyz, "--root", vm, "--max-file-bytes", "1M")
    item, text = done.item("/var/log/waagent.log"), done.read("files/var/log/waagent.log").decode().split("\n")
    assert item["status"] == "tailed" and item["original_bytes"] > 4_000_000 and item["bytes"] < 1_100_000
    gap = next(n for n, line in enumerate(text) if "bytes left out here" in line)
    assert text[:gap] == lines[:gap] and text[gap + 1] == lines[item["first_line"] - 1] and text[-2] == lines[-1]
    assert item["dropped_lines"] == item["first_line"] - gap - 1


def test_only_and_skip_choose_items(pyz, vm):
    done = collect(pyz, "--root", vm, "--only", "agent-conf")
    assert set(done.names()) == {"files/etc/waagent.conf", "README.txt", "manifest.json"}
    done = collect(pyz, "--root", vm, "--skip", "agent-conf")
    assert "files/etc/waagent.conf" not in done.names() and done.items["agent-conf"]["status"] == "skipped"


def test_since_leaves_older_rotated_files_out(pyz, vm):
    evidence.put(vm, "var/log/waagent.log.2", "old\n", mtime=1_600_000_000)
    done = collect(pyz, "--root", vm, "--since", "7d")
    assert done.item("/var/log/waagent.log.2")["status"] == "skipped" and done.item("/var/log/waagent.log.1.gz")["status"] == "ok"


@pytest.mark.parametrize("words", [["--frobnicate"], ["--only", "nothing"], ["--max-bytes", "x"], ["--since", "soon"], ["--root", "/nowhere"],
                                   ["--max-seconds", "-1"], ["--profile", "huge"], ["--upload", "http://example.com/x?sig=1"]])
def test_usage_errors_take_one_line_and_exit_2(pyz, vm, words):
    words = words if "--root" in words or "--upload" not in words else [*words, "--root", str(vm)]
    done = collect(pyz, *words)
    assert done.code == 2 and done.bundle is None
    assert done.err.strip().splitlines()[-1].startswith("collector: ") and "Traceback" not in done.err


def test_an_empty_folder_is_no_disk(pyz, tmp_path):
    (tmp_path / "empty").mkdir()
    done = collect(pyz, "--root", tmp_path / "empty")
    assert done.code == 2 and "neither a Linux nor a Windows system" in done.err


def test_a_disk_without_an_agent_says_so_in_the_last_line(pyz, tmp_path):
    evidence.put(tmp_path / "vm", "etc/hostname", "x\n")
    done = collect(pyz, "--root", tmp_path / "vm")
    assert done.code == 1 and "no trace of an Azure agent" in done.out.strip().splitlines()[-1]


def test_an_existing_file_is_not_overwritten(pyz, vm, tmp_path):
    target = tmp_path / "mine.zip"
    target.write_text("precious")
    assert collect(pyz, "--root", vm, output=target).code == 2
    assert target.read_text() == "precious"


def test_the_bundle_is_for_its_owner_alone(pyz, vm):
    assert collect(pyz, "--root", vm).bundle.stat().st_mode & 0o777 == 0o600


def test_list_says_what_and_why_and_takes_nothing(pyz, tmp_path):
    done = subprocess.run([sys.executable, pyz, "--list"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "agent-log  [file, vital]  What the agent did" in done.stdout and "/var/log/waagent.log" in done.stdout
    assert not list(tmp_path.iterdir())


def test_json_summary(pyz, vm):
    done = collect(pyz, "--root", vm, "--json")
    data = json.loads(done.out)
    assert data["complete"] is True and data["bundle"] == str(done.bundle) and data["sha256"] == hashlib.sha256(done.bundle.read_bytes()).hexdigest()


def test_quiet_says_nothing_when_all_is_well(pyz, vm):
    done = collect(pyz, "--root", vm, "--quiet")
    assert (done.out, done.err) == ("", "")


def test_the_summary_fits_a_portal_however_much_is_missing(pyz, vm):
    for number in range(400):
        os.mkfifo(vm / f"{evidence.LOGS}/a-rather-long-name-of-a-pipe-that-is-no-log-{number:04d}.log")
    done = collect(pyz, "--root", vm)
    assert len(done.out.encode()) <= 4000 and "more: see manifest.json" in done.out and "Missing:" in done.out
