"""A Python that is damaged or set up in an odd way, streams that are closed, names that no encoding knows."""

import os
import pathlib
import stat
import subprocess
import sys

import pytest

from tests.collector.machines import BOTH, inside, needs_root, sealed
from tests.collector.running import collect, outcome


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&-", "<&- >&- 2>&-"])
@BOTH
def test_closed_streams_do_not_keep_it_from_its_work(pyz, vm, tmp_path, closed, python):
    """The first files that are opened take the numbers of what is closed, and would be written to as if they were the terminal."""
    out = tmp_path / "out"
    out.mkdir()
    code = subprocess.call(["sh", "-c", f'exec "$1" "$2" --root "$3" --output "$4" {closed}', "sh", python, pyz, vm, out])
    done = sealed(outcome(code, "", "", out))
    assert [path.suffix for path in out.iterdir()] == [".zip"] and b"Collecting" not in done.read("manifest.json")


@pytest.mark.parametrize("words", [["-W", "error"], ["-X", "dev"], ["-O"], ["-I"], ["-S", "-E"]])
def test_switches_of_the_interpreter_change_nothing(pyz, vm, tmp_path, words):
    done = subprocess.run([sys.executable, *words, pyz, "--profile", "min", "--max-seconds", "20", "--output", tmp_path], capture_output=True, text=True,
                          env={**os.environ, "PYTHONWARNINGS": "error"}, check=False)
    assert "Warning" not in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert outcome(done.returncode, "", "", tmp_path).manifest["items"]


@pytest.mark.parametrize("module", ["argparse", "json", "hashlib", "socket", "zipfile"])
@BOTH
def test_without_a_module_that_it_cannot_do_without_it_says_so_in_one_line(pyz, vm, tmp_path, module, python):
    (tmp_path / f"{module}.py").write_text("raise ImportError('libsomething.so.1: cannot open shared object file')\n")
    done = collect(pyz, "--root", vm, python=python, env={"PYTHONPATH": str(tmp_path)})
    assert done.code == 3 and done.bundle is None, done.err
    assert done.err.count("\n") == 1 and done.err.startswith("collector: this Python (") and "libsomething.so.1" in done.err and "Try another" in done.err


@BOTH
def test_without_tls_all_the_rest_is_taken(pyz, tmp_path, python):
    (tmp_path / "ssl.py").write_text("raise ImportError('libssl.so.1.1: cannot open shared object file')\n")
    done = sealed(collect(pyz, "--only", "agent-conf", "--only", "storage", "--only", "date", "--max-seconds", "10", python=python,
                          env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}))
    assert done.items["date"]["status"] == "ok"


@pytest.mark.parametrize("mask", ["777", "277", "000"])
def test_whatever_the_umask_the_bundle_is_for_its_owner_to_read_and_write(pyz, vm, tmp_path, mask):
    done = sealed(collect(pyz, "--root", vm, prefix=["sh", "-c", f'umask {mask}; exec "$@"', "sh"]))
    assert stat.S_IMODE(done.bundle.stat().st_mode) == 0o600


@BOTH
def test_an_output_whose_name_is_not_utf_8(pyz, vm, tmp_path, python):
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(folder)
    done = subprocess.run([python, pyz, "--root", vm, "--output", folder + b"/b\xe4.zip"], capture_output=True, check=False)
    assert done.returncode == 0 and b"%FF%FE/b%E4.zip" in done.stdout, (done.stdout, done.stderr)
    assert os.listdir(folder) == [b"b\xe4.zip"]


@needs_root
@BOTH
def test_a_host_name_that_is_not_utf_8(pyz, tmp_path, python):
    code, out, err = inside("unshare --uts sh -ec 'printf \"vm-\\377\\376\" > /proc/sys/kernel/hostname; \"$1\" \"$2\" --only date --output \"$3\"' sh "
                            '"$1" "$2" "$3"', python, pyz, tmp_path)
    done = sealed(outcome(code, out, err, tmp_path))
    assert done.manifest["host"]["hostname"].startswith("vm-")


def test_a_relative_output_from_a_folder_that_is_gone(pyz, vm, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(["sh", "-c", f"cd {gone}; rmdir {gone}; exec {sys.executable} {pyz} --root {vm} --output b.zip"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "the working folder is gone" in done.stderr and done.stderr.count("\n") <= 2, done.stderr


def test_limits_beyond_all_bounds(pyz, vm, tmp_path):
    assert collect(pyz, "--root", vm, "--since", "9" * 400 + "d").code == 2
    done = sealed(collect(pyz, "--root", vm, "--max-file-bytes", "1", "--max-bytes", "9" * 30))
    assert not [item for item in done.manifest["items"] if "defect" in (item.get("reason") or "")]
    assert pathlib.Path(done.bundle).stat().st_size
