"""Machines in trouble: each fault is made for real, and a sealed bundle, or one clear line and exit 3, comes out of it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from tests.collector import evidence
from tests.collector.running import INTERPRETERS, ROOT, collect, outcome

needs_root = pytest.mark.skipif(not ROOT, reason="needs root: makes mounts, namespaces or other users")
NAMESPACE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private"]
OLDEST, NEWEST = (INTERPRETERS or [pathlib.Path(sys.executable)])[0], (INTERPRETERS or [pathlib.Path(sys.executable)])[-1]
BOTH = pytest.mark.parametrize("python", [OLDEST, NEWEST], ids=lambda path: path.parts[-3])


def inside(script, *words, timeout=120, env=None):
    """Run a shell script in namespaces of its own: mounts, network, processes."""
    done = subprocess.run([*NAMESPACE, "sh", "-e", "-c", script, "sh", *map(str, words)], capture_output=True, timeout=timeout, check=False, env=env)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def sealed(done, code=0):
    assert done.code == code, (done.code, done.out, done.err)
    assert "Traceback" not in done.err and done.names()
    return done


def noise(size):
    """Lines that deflate badly."""
    return "".join(os.urandom(50).hex() + "\n" for _ in range(size // 50))


VOID = ("ip link add d0 type veth peer name d1; ip link set d1 up; ip addr add 10.9.9.1/24 dev d0; ip link set d0 up; ip link set lo up; "
        "ip route add default via 10.9.9.2; ip neigh add 10.9.9.2 lladdr 02:00:00:00:00:01 dev d0; ")


# The output

@needs_root
@BOTH
def test_a_full_output_folder_makes_it_go_elsewhere(pyz, vm, tmp_path, python):
    (tmp_path / "full").mkdir()
    code, out, err = inside('mount -t tmpfs -o size=256k x "$1"; head -c 250k /dev/zero > "$1/fill" || true; "$4" "$2" --root "$3" --output "$1" --json; '
                            'cat /dev/shm/azure-backup-bundle-* > "$5"; rm /dev/shm/azure-backup-bundle-*', tmp_path / "full", pyz, vm, python, tmp_path / "b.zip")
    assert code == 0 and "Not written where it should be" in out, (out, err)
    assert zipfile.ZipFile(tmp_path / "b.zip").testzip() is None


STAGE = 'mkdir -p /mnt; mount -t tmpfs x /mnt; cp "$1" /mnt/c.pyz; cp -a "$2" /mnt/vm; mkdir /mnt/out; '


@needs_root
@BOTH
def test_a_disk_that_fills_up_on_the_way_makes_it_move(pyz, vm, python):
    (vm / "var/log/syslog").write_text(noise(3_000_000))
    code, out, err = inside(STAGE + 'mount -t tmpfs -o size=900k x /mnt/out; mount -t tmpfs x /dev/shm; '
                            '"$3" - <<END\nimport sys\nsys.path.insert(0, "/mnt/c.pyz")\nfrom collector import cli, places\nplaces.WANTED_ROOM = 600000\n'
                            'sys.exit(cli.main(["--root", "/mnt/vm", "--output", "/mnt/out", "--json"]))\nEND\n'
                            'unzip -tq /dev/shm/*.zip; unzip -l /dev/shm/*.zip; ls /mnt/out', pyz, vm, python)
    assert code == 0 and "No space left on device; the bundle went on in /dev/shm" in out and "No errors" in out and "var/log/syslog" in out, (out, err)
    assert not out.rstrip().endswith(".part")


@needs_root
def test_with_no_room_anywhere_the_least_valuable_goes_and_the_manifest_stays(pyz, vm):
    (vm / "var/log/syslog").write_text(noise(2_000_000))
    code, out, err = inside(STAGE + 'mount -t tmpfs -o size=800k x /mnt/out; for d in /dev/shm /run /tmp /var/tmp; do mount -t tmpfs -o size=16k x $d; done; '
                            f'{sys.executable} /mnt/c.pyz --root /mnt/vm --output /mnt/out/b.zip; unzip -tq /mnt/out/b.zip; unzip -l /mnt/out/b.zip', pyz, vm)
    assert code == 0 and "manifest.json" in out and "waagent.log" in out and "files/var/log/syslog" not in out, (out, err)
    assert "/var/log/syslog: budget (no room left for the bundle" in out and "--output FOLDER" in out


@needs_root
def test_nowhere_to_write_ends_with_one_line_and_exit_3(pyz, vm, tmp_path):
    code, out, err = inside('mkdir -p /mnt; mount -t tmpfs x /mnt; cp "$1" /mnt/c.pyz; cp -r "$2" /mnt/vm; mount -o remount,ro /mnt; for d in /dev/shm /run /tmp /var/tmp; do mount -t tmpfs -o ro x $d; done; cd /mnt; '
                            f'{sys.executable} /mnt/c.pyz --root /mnt/vm', pyz, vm)
    assert code == 3 and "--output FOLDER" in err and err.strip().count("\n") <= 1, (code, out, err)


@needs_root
def test_a_read_only_root_and_no_dev_shm(pyz, vm):
    code, out, err = inside('mkdir -p /mnt; mount -t tmpfs x /mnt; cp "$1" /mnt/c.pyz; cp -r "$2" /mnt/vm; mount -o remount,ro /mnt; umount -l /dev/shm; mount -o bind / / || true; mount -o remount,ro,bind /; '
                            f'mount -t tmpfs x /run; cd /mnt; {sys.executable} /mnt/c.pyz --root /mnt/vm --json; ls /run', pyz, vm)
    assert code == 0 and "azure-backup-bundle" in out, (out, err)


@BOTH
def test_the_output_folder_vanishes_while_it_runs(pyz, vm, tmp_path, python):
    folder = tmp_path / "gone"
    folder.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([python, pyz, "--root", vm, "--output", folder, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(folder.glob("*.part")))
    shutil.rmtree(folder)
    out, err = process.communicate(timeout=60)
    bundle = pathlib.Path(json.loads(out)["bundle"])
    assert process.returncode == 0 and zipfile.ZipFile(bundle).testzip() is None and bundle.parent != folder, err
    bundle.unlink()


def slow_reader(vm):
    """Enough to read that the run takes a moment."""
    for name in ("syslog", "messages", "kern.log"):
        (vm / "var/log" / name).write_bytes((b"a line that says token: nothing\n" * 2 + b"password: x, sig=abcdef, <password>\n" * 40_000)[:1_900_000])


def wait_for(condition, seconds=20):
    until = time.time() + seconds
    while time.time() < until:
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it did not happen")


# The files

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


def test_two_hundred_thousand_small_files(pyz, vm):
    folder = vm / evidence.HANDLER / "status"
    for number in range(200_000):
        os.close(os.open(folder / f"{number}_status", os.O_CREAT | os.O_WRONLY))
    (folder / "199999_status").write_text("[]")
    began = time.time()
    done = sealed(collect(pyz, "--root", vm, "--profile", "min"))
    assert time.time() - began < 60 and len(done.names()) < 500


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


# Signals, limits, neighbours

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


def test_what_kill_9_leaves_is_removed_by_the_next_run(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    process.kill()
    process.communicate()
    left = list(out.iterdir())
    assert len(left) == 1 and left[0].name.startswith("azure-backup-bundle-") and left[0].name.endswith(".zip.part")
    (out / "mine.zip.part").write_text("not of the collector")
    done = sealed(collect(pyz, "--root", vm, output=out))
    assert "Removed what a killed run left behind" in done.out
    assert sorted(path.suffix for path in out.iterdir()) == [".part", ".zip"] and (out / "mine.zip.part").exists()


def test_two_at_the_same_time_do_not_disturb_each_other(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    both = [subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    bundles = list(out.glob("*.zip"))
    assert len(bundles) == 2 and not list(out.glob("*.part"))
    assert all(zipfile.ZipFile(bundle).testzip() is None for bundle in bundles)


def test_the_time_limit_seals_the_bundle_with_the_vital_items(pyz, vm):
    for name in ("syslog", "messages", "kern.log"):
        (vm / "var/log" / name).write_bytes(b"eyJ password token: x sig= -----BEGIN\n" * 300_000)
    done = sealed(collect(pyz, "--root", vm, "--max-seconds", "1.5"))
    assert {f"files/{evidence.LOGS}/extension.log", "files/var/log/waagent.log"} <= set(done.names())
    assert "budget" in {item["status"] for item in done.manifest["items"]}


@needs_root
def test_cut_off_after_ten_seconds_on_a_machine_where_much_hangs_the_vital_items_are_there(pyz, tmp_path):
    """The network drops packets, two programs hang, a log is long: files, processes and probes of the vital part are in the bundle."""
    fake = programs(tmp_path, {"df": "sleep 60", "systemctl": "sleep 60"})
    evidence.linux(tmp_path / "vm")
    (tmp_path / "vm/var/log/syslog").write_text(noise(10_000_000))
    began = time.time()
    code, out, err = inside(VOID + 'mount -t proc proc /proc; mount -t tmpfs x /mnt; cp -a "$2/var/log" /mnt/log; cp -a "$2/var/lib/waagent" /mnt/lib; mount -t tmpfs x /var/lib; mkdir /var/lib/waagent; '
                            'mount --bind /mnt/log /var/log; mount --bind /mnt/lib /var/lib/waagent; mount -t tmpfs x /srv; '
                            f'PATH="$3:$PATH" {sys.executable} "$1" --max-seconds 10 --output /srv --json || true; cd /srv; unzip -l *.zip; cat *.zip > "$4"',
                            pyz, tmp_path / "vm", fake, tmp_path / "b.zip")
    done = outcome(0, out, err, tmp_path / "b.zip")
    assert time.time() - began < 16, (out, err)
    items = done.items
    for name in ("agent-log", "snapshot-log", "process", "disk", "mounts", "processes", "addresses", "routes", "agent-folder"):
        assert items[name]["status"] == "ok", (name, items[name])
    assert {items[name]["status"] for name in ("wireserver", "hostgaplugin", "wireserver-tcp")} <= {"ok", "timeout"}
    assert items["disk-space"]["status"] == "timeout" and done.manifest["complete"] is False


def test_the_limit_of_bytes_is_kept(pyz, vm):
    slow_reader(vm)
    done = sealed(collect(pyz, "--root", vm, "--max-bytes", "2M"))
    assert sum(item.get("bytes", 0) for item in done.manifest["items"]) < 2_700_000
    assert "--max-bytes" in done.out


def test_no_home_no_path_no_locale_and_another_folder_deleted_under_it(pyz, vm, tmp_path):
    for python in {OLDEST, NEWEST}:
        sealed(collect(pyz, "--root", vm, python=python, env={}))


@needs_root
def test_a_clock_set_to_1970(pyz, vm):
    shim = pathlib.Path(pyz).parent / "epoch.py"
    shim.write_text("import sys, time, runpy\nreal = time.time\nstart = real()\ntime.time = lambda: real() - start + 5.0\n"
                    "sys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n")
    for python in {OLDEST, NEWEST}:
        out = pathlib.Path(pyz).parent / f"epoch-{python.parts[-3]}"
        out.mkdir()
        done = subprocess.run([python, shim, pyz, "--root", vm, "--output", out], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert outcome(0, "", "", out).manifest["clock"]["utc"].startswith("1970-01-01T")


def test_memory_stays_under_64_mb_with_200_mb_of_logs(pyz, vm, tmp_path):
    line = b"2026-11-23T05:20:11.100000Z INFO ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running as the goal state agent\n"
    for name in ("syslog", "messages", "kern.log", "waagent.log", "syslog.1", "messages.1", f"azure/{evidence.NAME}/extension.log", "messages-1"):
        (vm / "var/log" / name).write_bytes(line * (24_500_000 // len(line)))
    measure = ("import resource,subprocess,sys,json\nc=subprocess.call(sys.argv[1:])\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
               "print(json.dumps([c,u.ru_maxrss,u.ru_utime+u.ru_stime]))")
    for python in {OLDEST, NEWEST}:
        done = subprocess.run([sys.executable, "-c", measure, python, pyz, "--root", vm, "--quiet", "--output", tmp_path / f"{python.parts[-3]}.zip"],
                              capture_output=True, text=True, check=True)
        code, kilobytes, seconds = json.loads(done.stdout)
        assert code == 0 and kilobytes < 64 * 1024 and seconds < 20, (python, kilobytes, seconds)


@needs_root
def test_a_memory_limit_of_128_mb(pyz, vm):
    slow_reader(vm)
    done = collect(pyz, "--root", vm, prefix=["sh", "-c", 'ulimit -v 131072; exec "$@"', "sh"])
    sealed(done)


def test_it_runs_at_the_lowest_priority(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    kind = subprocess.run(["ionice", "-p", str(process.pid)], capture_output=True, text=True, check=False).stdout.strip()
    process.communicate()
    assert fields[16] == "19" and kind in ("idle", "")


# Programs

def programs(tmp_path, scripts):
    """A folder of stand-in programs."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name, body in scripts.items():
        (folder / name).write_text("#!/bin/sh\n" + body + "\n")
        (folder / name).chmod(0o755)
    return folder


def run_program(pyz, tmp_path, body, *words, python=sys.executable):
    fake = programs(tmp_path, {"ps": body})
    return collect(pyz, "--only", "processes", "--no-probes", *words, python=python, env={"PATH": f"{fake}:/usr/bin:/bin"})


@pytest.mark.parametrize(("body", "status"), [
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
    began = time.time()
    done = run_program(pyz, tmp_path, body, "--max-seconds", "6", python=python)
    assert time.time() - began < 8
    item = done.items["processes"]
    assert item["status"] == status, item
    assert "manifest.json" in done.names()
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "bin/ps")], capture_output=True, check=False).stdout
    assert not left


def test_programs_are_killed_after_ten_seconds_by_themselves(pyz, tmp_path):
    began = time.time()
    assert run_program(pyz, tmp_path, "sleep 60").items["processes"]["status"] == "timeout"
    assert 9 < time.time() - began < 14


def test_secrets_in_what_programs_print_and_complain_are_masked(pyz, tmp_path):
    done = run_program(pyz, tmp_path, "echo 'x --password TopSecret99'; echo 'sig=TopSecret99abc' >&2")
    assert all(b"TopSecret" not in done.read(name) for name in done.names()) and "commands/processes.err.txt" in done.names()


# File systems and networks that do not answer

@needs_root
def test_a_frozen_file_system_is_named_and_does_not_hold_it_up(pyz, tmp_path):
    if not os.path.exists("/dev/loop-control"):
        pytest.skip("needs loop devices")
    image, mount = tmp_path / "disk.img", tmp_path / "mnt"
    mount.mkdir()
    with open(image, "wb") as stream:
        stream.truncate(32 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    code, out, err = inside('mount -o loop "$1" "$2"; mkdir "$2/out"; fsfreeze -f "$2"; '
                            f'{sys.executable} "$3" --only frozen --only disk --only disk-space --json --output "$2/out" || true; fsfreeze -u "$2"; '
                            'for f in /dev/shm/azure-backup-bundle-*; do unzip -p "$f" probes/frozen.json manifest.json; rm "$f"; done',
                            image, mount, pyz, timeout=60)
    assert f'"frozen": [\n  "{mount}"' in out and "frozen or does not answer" in out, (out, err)


@needs_root
@pytest.mark.parametrize("where", ["evidence", "output"])
def test_a_mount_that_hangs_is_given_up(pyz, tmp_path, vm, where):
    """A FUSE file system whose server never answers: a bare /dev/fuse mount."""
    if not os.path.exists("/dev/fuse"):
        pytest.skip("needs /dev/fuse")
    hung, out = (vm / "var/log/azure", tmp_path) if where == "evidence" else (tmp_path / "share", tmp_path / "share")
    hung.mkdir(exist_ok=True)
    script = f"""
import ctypes, os, subprocess, sys
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"hung", {os.fsencode(hung)!r}, b"fuse.hung", 0, b"fd=%d,rootmode=40755,user_id=0,group_id=0" % fd):
    sys.exit(77)
import time
began = time.time()
done = subprocess.run([sys.executable, {str(pyz)!r}, "--root", {str(vm)!r}, "--output", {str(out)!r}, "--max-seconds", "30"])
print("seconds", time.time() - began)
libc.umount2({os.fsencode(hung)!r}, 2)
sys.exit(done.returncode)
"""
    done = subprocess.run([*NAMESPACE, sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    if done.returncode == 77:
        pytest.skip("needs the right to mount FUSE")
    assert float(done.stdout.rsplit("seconds", 1)[1]) < 32
    if where == "output":
        bundle = pathlib.Path(done.stdout.split("Bundle: ")[1].split(" (")[0])
        assert done.returncode == 0 and bundle.parent == pathlib.Path("/dev/shm") and "does not answer" in done.stdout
        bundle.unlink()
        return
    result = outcome(done.returncode, done.stdout, done.stderr, tmp_path)
    assert result.code == 1 and "timeout" in result.out, (done.stdout, done.stderr)
    assert result.item("/var/log/waagent.log")["status"] == "ok"


@needs_root
@BOTH
def test_no_network_at_all(pyz, tmp_path, python):
    done = collect(pyz, "--profile", "min", "--no-commands", prefix=NAMESPACE, python=python)
    probe = json.loads(done.read("probes/wireserver.json"))
    assert probe["ok"] is False and "unreachable" in probe["error"].lower() and probe["target"] == "http://168.63.129.16:80/?comp=versions"
    assert done.manifest["clock"]["skew_seconds"] is None and done.code in (0, 1)


@needs_root
def test_a_fabric_that_drops_packets_and_names_that_never_resolve(pyz, tmp_path):
    """Packets to an address on a link where nobody answers vanish."""
    began = time.time()
    code, out, err = inside(VOID + 'mount -t tmpfs x /mnt; echo nameserver 10.9.9.3 > /mnt/r; mount --bind /mnt/r /etc/resolv.conf; '
                            'ip neigh add 10.9.9.3 lladdr 02:00:00:00:00:02 dev d0; mkdir -p /mnt/log; printf "https://%s/x\\n" "$2" > /mnt/log/waagent.log; mount --bind /mnt/log /var/log; '
                            f'{sys.executable} "$1" --profile min --no-commands --output /mnt --json || true; cd /mnt; unzip -qq *.zip; cat probes/*.json',
                            pyz, evidence.HOST)
    assert time.time() - began < 30 and code in (0, 1), (out, err)
    assert out.count('"timed out"') >= 5, out
    assert f'"target": "{evidence.HOST}"' in out


@needs_root
def test_the_fabric_answers_and_the_clock_is_compared(pyz, tmp_path):
    server = ("import http.server,sys\nclass H(http.server.BaseHTTPRequestHandler):\n def do_GET(s):\n  s.protocol_version='HTTP/1.1'\n  s.send_response_only(200)\n"
              "  s.send_header('Date','Mon, 23 Nov 2026 00:00:00 GMT')\n  s.end_headers()\n  s.wfile.write(b'{\"compute\":{\"vmSize\":\"Standard_B2s\",\"userData\":\"TopSecret\",\"customData\":\"TopSecret\"}}')\n log_message=lambda *a:None\n"
              "http.server.HTTPServer((sys.argv[1],int(sys.argv[2])),H).serve_forever()\n")
    code, out, err = inside('ip link set lo up; for a in 168.63.129.16 169.254.169.254; do ip addr add $a/32 dev lo; done; mount -t tmpfs x /mnt; '
                            f'for p in "168.63.129.16 80" "168.63.129.16 32526" "169.254.169.254 80"; do {sys.executable} -c "$2" $p & done; sleep 1; '
                            f'{sys.executable} "$1" --profile min --no-commands --output /mnt --json || true; cd /mnt; unzip -qq *.zip; cat probes/wireserver.json probes/hostgaplugin.json probes/imds.json probes/clock.json manifest.json',
                            pyz, server)
    assert out.count('"status": 200') == 3 and '"vmSize": "Standard_B2s"' in out and "TopSecret" not in out, (out, err)
    assert '"skew_source": "Date header of http://168.63.129.16:80/?comp=versions"' in out and '"probe": "clock"' in out
