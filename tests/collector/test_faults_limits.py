"""Signals, limits of time, bytes, memory and processor, and the surroundings of a program that runs anywhere."""

import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import time

import pytest

from tests.collector import evidence
from tests.collector.machines import BOTH, NEWEST, OLDEST, needs_root, noise, programs, sealed, slow_reader, wait_for
from tests.collector.running import collect, outcome
from tests.lab import clock


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@BOTH
def test_a_signal_seals_the_bundle(pyz, vm, tmp_path, name, python):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([python, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    time.sleep(0.2)
    process.send_signal(getattr(signal, name))
    text, err = process.communicate(timeout=20)
    done = outcome(process.returncode, text.decode(), err.decode(), out)
    assert process.returncode == 130 and "manifest.json" in done.names(), (text, err)
    assert done.manifest["complete"] is False and any("interrupted" in (item.get("reason") or "") for item in done.manifest["items"])


@BOTH
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_all_its_processes_seals_the_bundle(pyz, vm, tmp_path, name, python):
    """As timeout(1), systemd and a terminal that closes send it."""
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([python, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    wait_for(lambda: list(out.glob("*.part")))
    time.sleep(0.2)
    os.killpg(process.pid, getattr(signal, name))
    text, err = process.communicate(timeout=20)
    done = outcome(process.returncode, text.decode(), err.decode(), out)
    assert process.returncode == 130 and "manifest.json" in done.names() and not list(out.glob("*.part")), (text, err)


def test_a_limit_of_processor_time_seals_the_bundle(pyz, vm, tmp_path):
    (vm / "var/log/syslog").write_bytes(b"password: x, sig=abcdef, <password>\n" * 400_000)
    done = collect(pyz, "--root", vm, prefix=["sh", "-c", 'ulimit -St 2; exec "$@"', "sh"])
    assert done.code == 130 and sealed(done, 130).manifest["complete"] is False


def test_a_signal_ends_a_command_at_once(pyz, tmp_path):
    out, fake = tmp_path / "out", programs(tmp_path, {"ps": "sleep 60"})
    out.mkdir()
    process = subprocess.Popen([sys.executable, pyz, "--output", out, "--no-probes", "--only", "processes"], env={"PATH": f"{fake}:/usr/bin:/bin"},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    time.sleep(0.5)
    began = time.time()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 130 and time.time() - began < 3


def test_a_terminal_that_closes_seals_the_bundle(pyz, vm, tmp_path):
    """The terminal is the standard streams of the run and its controlling terminal; then it is gone."""
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    pid, terminal = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, str(pyz), "--root", str(vm), "--output", str(out)])
    wait_for(lambda: list(out.glob("*.part")))
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    done = outcome(code, "", "", out)
    assert code == 130 and "manifest.json" in done.names() and done.manifest["complete"] is False


def test_nohup_goes_on_when_the_terminal_closes(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen(["nohup", sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("words", [["--list"], ["--root", "VM", "--output", "OUT"]])
def test_a_reader_that_left_early_is_no_error(pyz, vm, tmp_path, words):
    words = [{"VM": vm, "OUT": tmp_path / "b.zip"}.get(word, word) for word in words]
    ends = os.pipe()
    os.close(ends[0])
    done = subprocess.run([sys.executable, pyz, *words], stdout=ends[1], stderr=subprocess.PIPE, text=True, check=False)
    os.close(ends[1])
    assert done.returncode == 0 and "Exception" not in done.stderr and "Traceback" not in done.stderr


def test_no_defect_ends_in_a_traceback(pyz, vm, tmp_path):
    """Something inside breaks: one line and exit 3; one item breaks: a bundle that says so."""
    for broken, code in (("collector.summary.readme", 3), ("collector.manifest.utc_text", 3), ("collector.files.shape_for", 1)):
        module, _, name = broken.rpartition(".")
        script = (f"import sys\nsys.path.insert(0, sys.argv[1])\nimport collector.cli, {module}\n"
                  f"def broken(*_): raise KeyError('a defect')\n{broken} = broken\nsys.exit(collector.cli.main(['--root', sys.argv[2], '--only', 'agent-conf', '--output', sys.argv[3]]))\n")
        done = subprocess.run([sys.executable, "-c", script, pyz, vm, tmp_path / f"{code}{name}.zip"], capture_output=True, text=True, check=False)
        assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
        assert ("no bundle was written: KeyError" in done.stderr) == (code == 3)
    record = outcome(0, "", "", tmp_path / "1shape_for.zip").items["agent-conf"]
    assert record["status"] == "failed" and "defect of the collector" in record["reason"]


def test_the_time_limit_seals_the_bundle_with_the_vital_items(pyz, vm):
    for name in ("syslog", "messages", "kern.log"):
        (vm / "var/log" / name).write_bytes(b"eyJ password token: x sig= -----BEGIN\n" * 300_000)
    done = sealed(collect(pyz, "--root", vm, "--max-seconds", "1.5"))
    assert {f"files/{evidence.LOGS}/extension.log", "files/var/log/waagent.log"} <= set(done.names())
    assert "budget" in {item["status"] for item in done.manifest["items"]}


def test_the_limit_of_bytes_is_kept(pyz, vm):
    slow_reader(vm)
    done = sealed(collect(pyz, "--root", vm, "--max-bytes", "300K"))
    assert sum(item.get("bytes", 0) for item in done.manifest["items"]) < 700_000
    assert "--max-bytes" in done.out


def test_no_home_no_path_no_locale_and_a_working_folder_that_is_gone(pyz, vm, tmp_path):
    for python in {OLDEST, NEWEST}:
        gone = tmp_path / f"gone-{python.parts[-3]}"
        gone.mkdir()
        out = tmp_path / f"out-{python.parts[-3]}"
        out.mkdir()
        done = subprocess.run(["/bin/sh", "-c", f'cd {gone}; rmdir {gone}; exec env -i {python} {pyz} --root {vm} --output {out}'], capture_output=True, text=True, check=False)
        sealed(outcome(done.returncode, done.stdout, done.stderr, out))


CLOCKS = {"1970": 5, "1968": -400 * 86400, "2038": 2**31 + 60, "2108": 4_354_819_200 + 60, "2200": 7_258_118_400 + 60}


@pytest.mark.parametrize("when", CLOCKS)
@BOTH
def test_a_clock_far_from_the_truth(pyz, vm, tmp_path, when, python):
    """Every program of the run, and the interpreter's own calls, see that time; files are dated by the machine's own clock."""
    library = clock.build(tmp_path)
    if not library:
        pytest.skip("needs a C compiler: the clock is moved by a library")
    surroundings = {**os.environ, "LD_PRELOAD": str(library), "LAB_CLOCK": str(CLOCKS[when] - int(time.time()))}
    began = time.time()
    for words, code in ((["--root", vm], 0), (["--max-seconds", "15", "--profile", "min", "--no-probes"], 1)):
        done = sealed(collect(pyz, *words, python=python, env=surroundings), code)
        assert done.manifest["clock"]["utc"].startswith(when), done.manifest["clock"]
        assert not [item for item in done.manifest["items"] if "defect" in (item.get("reason") or "")]
    assert "at lowest priority" not in done.err and time.time() - began < 60


LINES = ["2026-11-23T05:20:{0:02d}.100000Z INFO ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running as the goal state agent [DEBUG HeartbeatCounter: {1}]",
         "Nov 23 05:{0:02d}:11 vm-a systemd[1]: Started Session {1} of User root (user@1000.service).",
         "Nov 23 05:{0:02d}:12 vm-a sshd[{1}]: Failed password for root from 10.1.2.3 port {1} ssh2",
         "Nov 23 05:{0:02d}:13 vm-a kernel: [12.3] audit: type=1400 audit(1.1:{1}): apparmor=\"STATUS\" operation=\"profile_load\" key=(null)",
         "2026-11-23 05:28:{0:02d}.675174 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]index: 0 blobUri: https://md-7hq2.z33.blob.storage.azure.net/a?sv=1&sig=ab%2B{1}&se=2",
         "2026-11-23T05:20:{0:02d}.1Z VERBOSE ExtHandler ExtHandler HTTP connection [GET] [/machine/?comp=goalstate] [None] [{{'x-ms-version': '2012-11-30'}}] {1}"]


def test_200_mb_of_logs_take_under_64_mb_of_memory_and_20_s_of_processor(pyz, vm, tmp_path):
    """Lines of an agent, of its extension, of syslog and of the audit log, with secrets among them; all processes of the run count."""
    text = "".join(line.format(number % 60, number) + "\n" for number in range(9_000) for line in LINES if "sig=" not in line or number % 60 == 0).encode()
    for number in range(8):
        (vm / "var/log" / (f"waagent.log.{number}" if number else "waagent.log")).write_bytes((text * (25_000_000 // len(text) + 1))[:24_900_000])
    measure = ("import resource,subprocess,sys,json\nc=subprocess.call(sys.argv[1:])\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
               "print(json.dumps([c,u.ru_maxrss,u.ru_utime+u.ru_stime]))")
    for python, share in ((NEWEST, 1), (OLDEST, 0.1)):
        limit = ["--max-bytes", str(int(200 * 1024 * 1024 * share))]
        done = subprocess.run([sys.executable, "-c", measure, python, pyz, "--root", vm, "--quiet", *limit, "--output", tmp_path / f"{python.parts[-3]}.zip"],
                              capture_output=True, text=True, check=False)
        code, kilobytes, seconds = json.loads(done.stdout)
        taken = sum(item["bytes"] for item in outcome(0, "", "", tmp_path / f"{python.parts[-3]}.zip").manifest["items"] if item.get("bytes"))
        assert kilobytes < 64 * 1024 and seconds < 20 * share + (share < 1), (python, code, kilobytes, seconds)
        assert taken > 180_000_000 * share and (tmp_path / f"{python.parts[-3]}.zip").stat().st_size < taken / 8


@needs_root
@BOTH
def test_a_memory_limit_of_128_mb_for_all_of_it(pyz, vm, tmp_path, python):
    """A control group for the run, its children and what it writes to tmpfs; without the right to make one, a limit of address space."""
    slow_reader(vm)
    group = pathlib.Path("/sys/fs/cgroup/memory") / f"collector-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(128 << 20))
        limit = f"echo $$ > {group}/cgroup.procs"
    except OSError:
        limit = "ulimit -v 131072"
    try:
        sealed(collect(pyz, "--root", vm, "--profile", "full", python=python, prefix=["sh", "-c", limit + '; exec "$@"', "sh"]))
        if group.exists():
            assert int((group / "memory.max_usage_in_bytes").read_text()) <= 128 << 20
            assert "oom_kill 0" in (group / "memory.oom_control").read_text()
    finally:
        if group.exists():
            group.rmdir()


@needs_root
def test_a_machine_that_can_make_no_process_any_more(pyz, vm):
    """Neither processes nor threads: the files are still taken, by the one process that there is."""
    group = pathlib.Path("/sys/fs/cgroup/pids") / f"collector-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("needs the pids controller of control groups")
    try:
        done = collect(pyz, "--profile", "min", "--root", vm, prefix=["sh", "-c", f'echo $$ > {group}/cgroup.procs; echo 1 > {group}/pids.max; exec "$@"', "sh"])
        sealed(done)
        assert done.item("/var/log/waagent.log")["status"] == "ok"
        done = collect(pyz, "--only", "kernel", "--only", "disk", prefix=["sh", "-c", f'echo $$ > {group}/cgroup.procs; echo 1 > {group}/pids.max; exec "$@"', "sh"])
        assert done.items["kernel"]["status"] == "failed" and done.items["disk"]["status"] == "ok" and "defect" not in done.items["kernel"]["reason"]
    finally:
        group.rmdir()


@needs_root
def test_an_address_space_of_128_mb(pyz, vm):
    slow_reader(vm)
    sealed(collect(pyz, "--root", vm, prefix=["sh", "-c", 'ulimit -v 131072; exec "$@"', "sh"]))


def test_a_large_zip_takes_no_more_memory(pyz, vm, tmp_path):
    (vm / "var/lib/waagent/logcollector").mkdir()
    (vm / "var/lib/waagent/logcollector/logs.zip").write_bytes(evidence.zipped({f"{n}.log": noise(3_300_000) for n in range(3)}))
    script = "import resource,subprocess,sys\nsubprocess.check_call(sys.argv[1:])\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", script, NEWEST, pyz, "--root", vm, "--quiet", "--profile", "full", "--output", tmp_path / "b.zip"], capture_output=True, text=True, check=True)
    item = outcome(0, "", "", tmp_path / "b.zip").items["agent-log-bundle"]
    assert item["status"] == "ok" and int(done.stdout) < 64 * 1024, (item, done.stdout)


def test_a_zip_too_large_to_be_masked_in_memory_is_not_taken(pyz, vm):
    with open(vm / "var/lib/waagent/history/2026-11-20T05-20-10__4.zip", "wb") as stream:
        stream.write(b"PK\3\4")
        stream.truncate(20_000_000)
    item = collect(pyz, "--root", vm).item("/var/lib/waagent/history/2026-11-20T05-20-10__4.zip")
    assert item["status"] == "skipped" and "a zip of more than 12582912 bytes" in item["reason"]


def test_it_runs_at_the_lowest_priority(pyz, vm, tmp_path):
    """Unless the processor is so busy that a beginning at this priority would come to nothing, which other tests may bring about."""
    slow_reader(vm)
    for number in range(5):
        out = tmp_path / f"out-{number}"
        out.mkdir()
        process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: list(out.glob("*.part")))
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
        kind = subprocess.run(["ionice", "-p", str(process.pid)], capture_output=True, text=True, check=False).stdout.strip()
        process.kill()
        process.communicate()
        if fields[16] == "19":
            break
    assert fields[16] == "19" and kind in ("idle", "")


@needs_root
@pytest.mark.parametrize("others", [1, 2, 8])
def test_a_processor_that_is_too_busy_does_not_starve_it(pyz, vm, tmp_path, others):
    """Programs keep the only processor busy. At the lowest priority nothing would be left to take the vital evidence with."""
    cpu = str(max(os.sched_getaffinity(0)))
    busy = [subprocess.Popen(["taskset", "-c", cpu, "sh", "-c", "while :; do :; done"]) for _ in range(others)]
    try:
        done = collect(pyz, "--root", vm, "--profile", "min", "--max-seconds", "15", prefix=["taskset", "-c", cpu])
    finally:
        for process in busy:
            process.kill()
            process.wait()
    sealed(done)
    assert done.manifest["complete"] is True and "went on at normal priority" in done.out
