"""Files that are odd, huge, many, or change under the reader's hands: what was lost is in the manifest, and the rest is taken."""

import gzip
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

import pytest

from collector import reading
from collector.tree import Refused, Tree
from tests.collector import evidence
from tests.collector.machines import BOTH, NEWEST, OLDEST, needs_root, sealed, with_hung_mount
from tests.collector.running import collect, outcome


def test_files_of_every_odd_kind(pyz, vm, tmp_path):
    logs = vm / evidence.LOGS
    os.mkfifo(logs / "pipe.log")
    (tmp_path / "outside").write_text("OutsideSecret")
    (logs / "out.log").symlink_to("../../../../../../outside")
    (logs / "loop.log").symlink_to("loop.log")
    (logs / "loops.log").symlink_to("loops2.log")
    (logs / "loops2.log").symlink_to("loops.log")
    (logs / "shadow.log").symlink_to("/etc/shadow")
    (logs / "good.log").symlink_to("shell.log")
    (logs / "empty.log").write_text("")
    (logs / "dangling.log").symlink_to("/nowhere")
    done = sealed(collect(pyz, "--root", vm))
    status = {pathlib.PurePath(item["path"]).name: item["status"] for item in done.manifest["items"] if item.get("path", "").startswith("/" + evidence.LOGS)}
    assert status["pipe.log"] == "special" and status["empty.log"] == "empty" and status["good.log"] == "ok"
    assert status["out.log"] == status["loop.log"] == status["loops.log"] == "denied" and status["shadow.log"] == "skipped"
    assert not any(b"OutsideSecret" in done.read(name) for name in done.names())


def test_links_to_folders_are_followed_once_and_never_in_circles(pyz, vm):
    logs = vm / "var/log/azure"
    (logs / "again").symlink_to("Other.Extension")
    (logs / "Other.Extension/up").symlink_to("..")
    (logs / "Other.Extension/CommandExecution.log").write_text("ran\n")
    done = sealed(collect(pyz, "--root", vm, "--profile", "full"))
    taken = [item["path"] for item in done.manifest["items"] if item["status"] == "ok" and item["path"].endswith("CommandExecution.log")]
    assert "/var/log/azure/Other.Extension/CommandExecution.log" in taken and not [path for path in taken if path.count("/up/") > 1]


def test_names_that_are_not_utf_8_or_have_newlines_or_255_bytes(pyz, vm):
    logs = os.fsencode(vm / evidence.LOGS)
    for name in (b"caf\xe9.log", b"two\nlines.log", b"x" * 251 + b".log", b"back\\slash.log", b"-rf.log", b"tab\t.log"):
        with open(os.path.join(logs, name), "wb") as stream:
            stream.write(b"content\n")
    for python in {OLDEST, NEWEST}:
        names = sealed(collect(pyz, "--root", vm, python=python, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})).names()
        short = {name.rpartition("/")[2] for name in names}
        assert {"caf%E9.log", "two%0Alines.log", "x" * 251 + ".log", "-rf.log", "tab%09.log"} <= short


def test_a_sparse_terabyte_and_endless_zeros(pyz, vm):
    with open(vm / "var/log/syslog", "wb") as stream:
        stream.write(b"first line\n")
        try:
            stream.truncate(1 << 40)
        except OSError:
            stream.truncate(1 << 36)
    began = time.time()
    done = sealed(collect(pyz, "--root", vm))
    assert time.time() - began < 15 and done.item("/var/log/syslog")["status"] == "tailed"


@pytest.fixture
def many():
    """A VM's disk in memory, where so many files are made and deleted soon."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        evidence.linux(folder)
        yield pathlib.Path(folder)


def test_a_terabyte_that_says_it_is_gzipped(pyz, vm):
    with open(vm / "var/log/waagent.log.2.gz", "wb") as stream:
        stream.write(gzip.compress(b"an old line\n"))
        stream.truncate(1 << 40)
    done = sealed(collect(pyz, "--root", vm))
    assert gzip.decompress(done.read("files/var/log/waagent.log.2.gz")) == b"an old line\n"


def test_small_files_that_hold_a_lot_end_in_time(pyz, vm):
    """Gzipped zeros in a zip, hundreds of them: each is small enough, all of them are not."""
    bomb, holder = gzip.compress(b"eyJ password token: x sig= -----BEGIN\n" * 1_200_000, 9), io.BytesIO()
    with zipfile.ZipFile(holder, "w") as archive:
        for number in range(60):
            archive.writestr(f"{number}.log", bomb)
    (vm / "var/log/waagent.log.1").write_bytes(holder.getvalue())
    began = time.time()
    done = collect(pyz, "--root", vm, "--max-seconds", "6")
    sealed(done, done.code)
    assert time.time() - began < 9 and done.code in (0, 1)
    assert len(done.bundle.read_bytes()) < 5_000_000


def test_of_two_hundred_thousand_small_files_the_newest_are_taken(pyz, many):
    """The newest stand anywhere in the order of names; how many were left out is in the manifest."""
    vm, folder = many, many / evidence.HANDLER / "status"
    for number in range(200_000):
        os.close(os.open(folder / f"{number}_status", os.O_CREAT | os.O_WRONLY))
    later = time.time() + 60
    for number in (5, 99_000, 199_999):
        (folder / f"{number}_status").write_text("[]")
        os.utime(folder / f"{number}_status", (later, later))
    began = time.time()
    done = sealed(collect(pyz, "--root", vm, "--profile", "min"))
    assert time.time() - began < 60 and len(done.names()) < 500
    assert all(done.item(f"/{evidence.HANDLER}/status/{number}_status")["status"] == "ok" for number in (5, 99_000, 199_999))
    assert [item for item in done.manifest["items"] if item.get("reason") == "199501 older files match as well" and item["status"] == "skipped"]


class Reader:
    """Reads one file, and lets something happen between two answers."""

    def __init__(self, folder, name="a.log", limit=None):
        self.path = folder / name
        self._answers = reading.read(Tree(str(folder)), "/" + name, limit, [])

    def after_the_first_answer(self, action):
        answers = [next(self._answers)]
        action()
        return answers + list(self._answers)


CHANGES = {
    "grows": (lambda path: path.open("ab").write(b"more\n" * 1000), "changed", "grew"),
    "shrinks": (lambda path: os.truncate(path, 10), "changed", "shrank"),
    "is emptied": (lambda path: os.truncate(path, 0), "changed", "shrank"),
    "vanishes": (os.unlink, "ok", None),
    "is replaced": (lambda path: (os.unlink(path), path.write_text("another\n")), "ok", None),
    "becomes a link": (lambda path: (os.unlink(path), path.symlink_to("/etc/shadow")), "ok", None),
    "becomes a pipe": (lambda path: (os.unlink(path), os.mkfifo(path)), "ok", None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_the_file_that_was_opened(tmp_path, change):
    action, status, words = CHANGES[change]
    (tmp_path / "a.log").write_bytes(b"line of the file\n" * 40_000)
    reader = Reader(tmp_path)
    answers = reader.after_the_first_answer(lambda: action(reader.path))
    data = b"".join(answer[1] for answer in answers if answer[0] == "data")
    assert answers[-1][1] == status and (words is None or words in answers[-1][2])
    assert len(data) <= 17 * 40_000 and not data.replace(b"line of the file\n", b"").strip(b"line of the file\n")


SWAPS = {"gone": os.unlink, "a link": lambda path: (os.unlink(path), path.symlink_to("/etc/shadow")), "a pipe": lambda path: (os.unlink(path), os.mkfifo(path)),
         "another file": lambda path: (path.rename(path.with_suffix(".old")), path.write_text("x")),
         "in another folder": lambda path: (path.parent.rename(path.parent.with_suffix(".old")), path.parent.symlink_to("/etc"))}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_file_that_is_swapped_while_it_is_opened_is_not_taken(tmp_path, monkeypatch, swap):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "hosts").write_text("what was looked at\n")
    real_open = os.open

    def open_late(name, flags, *more):
        monkeypatch.undo()
        SWAPS[swap](folder / "hosts")
        return real_open(name, flags, *more)

    monkeypatch.setattr(os, "open", open_late)
    with pytest.raises(Refused) as refused:
        list(reading.read(Tree(str(tmp_path)), "/logs/hosts", None, []))
    assert refused.value.status == ("absent" if swap == "gone" else "special" if swap in ("a link", "a pipe") else "vanished")


def test_a_folder_that_is_swapped_before_its_file_is_looked_at_leads_nowhere(tmp_path, monkeypatch):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "hosts").write_text("what was resolved\n")

    def late(tree, path, resolve=Tree.resolve):
        resolved = resolve(tree, path)
        SWAPS["in another folder"](folder / "hosts")
        return resolved

    monkeypatch.setattr(Tree, "resolve", late)
    with pytest.raises(Refused) as refused:
        list(reading.read(Tree(str(tmp_path)), "/logs/hosts", None, []))
    assert refused.value.status == "vanished"


def test_a_file_that_was_found_and_is_gone_has_vanished(pyz, vm, tmp_path):
    """A named pipe holds the reader up... a slow predecessor does: the log is deleted while an earlier file is read."""
    script = ("import sys, os\nsys.path.insert(0, sys.argv[1])\nfrom collector import cli, files\ntake = files.FileCollector._take_one\n"
              "def late(self, item, path, record):\n    if path.endswith('shell.log'): os.unlink(sys.argv[2] + path)\n    return take(self, item, path, record)\n"
              "files.FileCollector._take_one = late\nsys.exit(cli.main(['--root', sys.argv[2], '--output', sys.argv[3], '--quiet']))\n")
    done = subprocess.run([sys.executable, "-c", script, pyz, vm, tmp_path / "b.zip"], capture_output=True, text=True, check=False)
    item = outcome(done.returncode, done.stdout, done.stderr, tmp_path / "b.zip").item(f"/{evidence.LOGS}/shell.log")
    assert item["status"] == "vanished" and item["vital"] and done.returncode == 1


@BOTH
def test_files_that_change_while_they_are_read(pyz, vm, python):
    log, folder = vm / "var/log/waagent.log", vm / evidence.LOGS
    script = f"""
import os, sys, time
log, folder = {str(log)!r}, {str(folder)!r}
end = time.time() + 12
n = 0
while time.time() < end and os.getppid() > 1:
    n += 1
    with open(log, "a") as f: f.write("2026-11-23T05:20:11.000000Z INFO grown line\\n" * 200)
    path = os.path.join(folder, "flip%d.log" % (n % 7))
    try: os.unlink(path)
    except OSError: pass
    kind = n % 4
    if kind == 0: open(path, "w").write("data\\n" * 1000)
    elif kind == 1: os.symlink("/etc/shadow", path)
    elif kind == 2: os.mkfifo(path)
    if n % 3 == 0: os.truncate(os.path.join(folder, "shell.log"), 0)
    else: open(os.path.join(folder, "shell.log"), "a").write("x" * 100000 + "\\n")
    time.sleep(0.01)
"""
    writer = subprocess.Popen([sys.executable, "-c", script])
    try:
        for _ in range(3):
            done = sealed(collect(pyz, "--root", vm, python=python))
            assert done.item("/var/log/waagent.log")["status"] in ("ok", "changed", "tailed")
            assert not any(b"root:$6$" in done.read(name) for name in done.names())
    finally:
        writer.kill()
        writer.wait()


@needs_root
def test_a_link_of_another_user_is_not_followed(pyz, vm):
    (vm / "etc/secret-of-root").write_text("RootsOwnText")
    (vm / f"{evidence.LOGS}/planted.log").symlink_to("/etc/secret-of-root")
    os.lchown(vm / f"{evidence.LOGS}/planted.log", 65534, 65534)
    done = sealed(collect(pyz, "--root", vm))
    assert done.item(f"/{evidence.LOGS}/planted.log")["status"] == "denied"


@needs_root
def test_without_root_it_says_what_is_denied_and_how_to_get_it(pyz, vm, tmp_path):
    os.chmod(vm / "var/log/waagent.log", 0o600)
    for folder in [vm, *vm.parents[:-2]]:
        os.chmod(folder, 0o755)
    out = tmp_path / "out"
    out.mkdir(mode=0o777)
    os.chmod(out, 0o777)
    copy = tmp_path / "c.pyz"
    shutil.copy(pyz, copy)
    os.chmod(copy, 0o755)
    done = collect(copy, "--root", vm, output=out, python="/usr/bin/python3", user=65534, group=65534, extra_groups=[])
    assert done.item("/var/log/waagent.log")["status"] == "denied"
    assert done.code == 1 and "run it as root" in done.out and "agent-log" in done.out.strip().splitlines()[-1].lower()


# What does not answer

@needs_root
def test_evidence_on_a_mount_that_hangs_is_given_up_once_for_the_whole_mount(pyz, vm, tmp_path):
    done = with_hung_mount(vm / "var/log/azure", [sys.executable, pyz, "--root", vm, "--output", tmp_path, "--max-seconds", "30"])
    result = outcome(done.returncode, done.stdout, done.stderr, tmp_path)
    assert result.code == 1 and "timeout" in result.out and done.seconds < 16, (done.stdout, done.stderr)
    assert result.item("/var/log/waagent.log")["status"] == "ok"
    assert {item["status"] for item in result.manifest["items"] if item.get("path", "").startswith(f"/{evidence.LOGS}")} == {"timeout"}


@needs_root
def test_an_entry_of_proc_that_blocks_costs_itself_only(pyz, tmp_path):
    done = with_hung_mount("/proc/stat", [sys.executable, pyz, "--only", "machine", "--no-commands", "--max-seconds", "30", "--output", tmp_path], rootmode=0o100444)
    result = outcome(done.returncode, done.stdout, done.stderr, tmp_path)
    assert result.item("/proc/stat")["status"] == "timeout" and result.item("/proc/meminfo")["status"] == "ok" and done.seconds < 25, done.stderr
    assert result.manifest["host"]["boot_time"] is None


@needs_root
def test_a_disk_to_collect_from_that_hangs_ends_with_one_line(pyz, tmp_path):
    (tmp_path / "disk").mkdir()
    done = with_hung_mount(tmp_path / "disk", [sys.executable, pyz, "--root", tmp_path / "disk", "--output", tmp_path])
    assert done.returncode == 2 and done.stderr.strip().endswith("the file system does not answer") and done.seconds < 12
