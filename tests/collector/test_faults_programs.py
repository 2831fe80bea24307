"""Programs of the VM that hang, ignore signals, keep pipes open, print without end, or lie where nothing answers."""

import os
import resource
import subprocess
import sys
import time

import pytest

from collector import commands
from tests.collector.machines import BOTH, OLDEST, needs_root, programs, with_hung_mount
from tests.collector.running import collect, outcome


def run_program(pyz, tmp_path, body, *words, python=sys.executable):
    fake = programs(tmp_path, {"ps": body})
    return collect(pyz, "--only", "processes", "--no-probes", *words, python=python, env={"PATH": f"{fake}:/usr/bin:/bin"})


@pytest.mark.parametrize(("body", "status"), [
    ("setsid sleep 9 & echo begun; wait", "timeout"),
    ("echo out; exec 1>&-; sleep 60", "timeout"),
    ("printf 'no end of line'", "ok"),
    ("sleep 60", "timeout"),
    ("trap '' TERM INT HUP; echo begun; while :; do sleep 1; done", "timeout"),
    ("sleep 60 & echo out; exit 0", "ok"),
    ("(trap '' TERM; sleep 60) & wait", "timeout"),
    ("yes 'all work and no play'", "tailed"),
    ("head -c 3000000 /dev/urandom", "ok"),
    ("echo problem >&2; exit 3", "failed"),
    ("exit 0", "empty"),
    ("kill -9 $$", "failed"),
    ("cat; echo done", "ok"),
])
@BOTH
def test_programs_that_misbehave(pyz, tmp_path, body, status, python):
    began, limit = time.time(), 3 if status == "timeout" else 40
    done = run_program(pyz, tmp_path, body, "--max-seconds", str(limit), python=python)
    assert time.time() - began < limit + 4
    item = done.items["processes"]
    assert item["status"] == status, item
    assert "manifest.json" in done.names()
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "bin/ps")], capture_output=True, check=False).stdout
    assert not left


def test_a_program_is_killed_after_its_ten_seconds_with_all_that_it_started(pyz, tmp_path):
    done = subprocess.run([sys.executable, "-c", "import sys\nsys.path.insert(0, sys.argv[1])\nfrom collector import cli, commands\nassert commands.SECONDS == 10\ncommands.SECONDS = 1.0\n"
                           "sys.exit(cli.main(['--only', 'processes', '--no-probes', '--output', sys.argv[2]]))", pyz, tmp_path / "b.zip"],
                          env={"PATH": f"{programs(tmp_path, {'ps': 'echo begun; (sleep 61 & sleep 62)'})}:/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    item = outcome(done.returncode, "", "", tmp_path / "b.zip").items["processes"]
    assert item["status"] == "timeout" and item["reason"] == "ended after 1 s without being done" and 0.9 < item["seconds"] < 5
    assert not subprocess.run(["pgrep", "-f", "^sleep 6[12]$"], capture_output=True, check=False).stdout


@needs_root
@pytest.mark.parametrize("body", ["(sleep 6301 & sleep 6302)", "yes", "head -c 3000000000 /dev/zero"])
def test_programs_that_probes_ask_may_hang_or_print_without_end(pyz, tmp_path, body):
    """openssl and the agent's Python are asked for their versions. That they do not answer in time says nothing of them."""
    (tmp_path / "waagent").write_text(f"#!{programs(tmp_path, {'agents-python': body})}/agents-python\n")
    script = f'mount --bind {tmp_path}/bin/agents-python /usr/bin/openssl; cp -a /usr/sbin /mnt; cp {tmp_path}/waagent /mnt/sbin; mount --bind /mnt/sbin /usr/sbin; exec "$@"'
    done = collect(pyz, "--only", "openssl", "--only", "agent-python", "--no-commands", "--max-seconds", "20", "--output", tmp_path,
                   prefix=["unshare", "--mount", "--propagation", "private", "sh", "-ec", "mount -t tmpfs x /mnt; " + script, "sh"])
    for name in ("openssl", "agent-python"):
        assert done.items[name]["status"] in ("failed", "timeout"), done.items[name]
    assert not subprocess.run(["pgrep", "-f", "^sleep 630[12]$"], capture_output=True, check=False).stdout
    usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert usage < 400 * 1024, usage


def test_secrets_in_what_programs_print_and_complain_are_masked(pyz, tmp_path):
    done = run_program(pyz, tmp_path, "echo 'x --password TopSecret99'; echo 'sig=TopSecret99abc' >&2")
    assert all(b"TopSecret" not in done.read(name) for name in done.names()) and "commands/processes.err.txt" in done.names()


def test_a_secret_that_a_program_was_killed_over_is_not_half_shown(pyz, tmp_path):
    done = run_program(pyz, tmp_path, "echo first line; printf 'see http://user:TopSecret99'; sleep 60", "--max-seconds", "2")
    assert done.items["processes"]["status"] == "timeout" and done.read("commands/processes.txt") == b"first line\nsee"


@needs_root
def test_a_folder_of_path_on_a_mount_that_hangs_costs_its_time_once(pyz, tmp_path):
    """Looking for a program there blocks: it is given up, and the programs are found in the other folders."""
    (tmp_path / "tools").mkdir()
    done = with_hung_mount(tmp_path / "tools", [sys.executable, pyz, "--only", "processes", "--only", "uptime", "--only", "kernel", "--no-probes", "--max-seconds", "8", "--output", tmp_path],
                           env={**os.environ, "PATH": f"{tmp_path / 'tools'}:/usr/bin:/bin:/usr/sbin:/sbin"})
    result = outcome(done.returncode, done.stdout, done.stderr, tmp_path)
    assert {result.items[name]["status"] for name in ("processes", "uptime", "kernel")} == {"ok"} and done.seconds < 6, (done.stdout, done.stderr)


def test_many_open_files_allowed_do_not_slow_the_start_of_programs(pyz, tmp_path):
    """Python 2.7 closes all descriptors that may be open, one by one."""
    began = time.time()
    done = collect(pyz, "--only", "kernel", "--only", "uptime", "--only", "date", "--no-probes", python=OLDEST,
                   prefix=["sh", "-c", 'ulimit -n $(ulimit -Hn) 2>/dev/null; exec "$@"', "sh"])
    assert done.items["kernel"]["status"] == "ok" and time.time() - began < 10


def test_the_environment_of_programs_is_the_same_for_everyone():
    variables = commands.environment()
    assert variables["LC_ALL"] == "C" and variables["PATH"].endswith("/bin") and variables["PAGER"] == "cat" and variables["HOME"]
