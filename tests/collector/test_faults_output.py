"""Where the bundle goes when its place is full, read-only, frozen, hung or taken away: a sealed bundle, or one line and exit 3."""

import errno
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import zipfile

import pytest

from collector import bundle, places, stop, store
from tests.collector import evidence
from tests.collector.machines import (BOTH, NO_OTHER_PLACE, STAGE, inside, needs_root, noise, programs, sealed, slow_reader, wait_for, with_hung_mount,
                                      with_loop_disk)
from tests.collector.running import collect

# The interpreter itself: a virtual environment may lie where a test mounts something.
BARE = os.path.realpath(sys.executable)


@needs_root
@BOTH
def test_a_full_output_folder_makes_it_go_elsewhere(pyz, vm, tmp_path, python):
    (tmp_path / "full").mkdir()
    code, out, err = inside('mount -t tmpfs x /dev/shm; mount -t tmpfs -o size=256k x "$1"; head -c 250k /dev/zero > "$1/fill" || true; '
                            '"$4" "$2" --root "$3" --output "$1" --json; cat /dev/shm/azure-backup-bundle-* > "$5"',
                            tmp_path / "full", pyz, vm, python, tmp_path / "b.zip")
    assert code == 0 and "Not written where it should be" in out, (out, err)
    assert zipfile.ZipFile(tmp_path / "b.zip").testzip() is None


@needs_root
def test_a_full_tmp_does_not_matter_even_when_started_there(pyz, vm):
    code, out, err = inside(STAGE + "mount -t tmpfs -o size=64k x /tmp; head -c 60k /dev/zero > /tmp/fill || true; mount -t tmpfs x /dev/shm; cd /tmp; "
                            f"{BARE} /mnt/c.pyz --root /mnt/vm; unzip -tq /dev/shm/*.zip; ls -A /tmp", pyz, vm)
    assert code == 0 and "(/tmp: only 4 KB free) but to /dev/shm" in out and "No errors" in out and out.rstrip().endswith("fill"), (out, err)


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
    code, out, err = inside(STAGE + "mount -t tmpfs -o size=800k x /mnt/out; " + NO_OTHER_PLACE
                            + f"{BARE} /mnt/c.pyz --root /mnt/vm --output /mnt/out/b.zip; unzip -tq /mnt/out/b.zip; unzip -l /mnt/out/b.zip", pyz, vm)
    assert code == 0 and "manifest.json" in out and "waagent.log" in out and "files/var/log/syslog" not in out, (out, err)
    assert "/var/log/syslog: budget (no room left for the bundle" in out and "--output FOLDER" in out


@needs_root
def test_nowhere_to_write_ends_with_one_line_and_exit_3(pyz, vm):
    code, out, err = inside(STAGE + "mount -o remount,ro /mnt; for d in /dev/shm /run /tmp /var/tmp; do mount -t tmpfs -o ro x $d; done; cd /mnt; "
                            f"{BARE} /mnt/c.pyz --root /mnt/vm", pyz, vm)
    assert code == 3 and "--output FOLDER" in err and err.strip().count("\n") <= 1 and not out, (code, out, err)


@needs_root
def test_a_read_only_root_and_no_dev_shm(pyz, vm, tmp_path):
    """All of the machine is read-only and /dev/shm is gone; only /run takes files."""
    root = tmp_path / "root"
    root.mkdir()
    code, out, err = inside('mount --rbind / "$3"; mount -o remount,ro,bind "$3"; cd "$3"; mount -t tmpfs x dev; mknod -m 666 dev/null c 1 3; mount -o remount,ro dev; '
                            'mount -t tmpfs -o ro x var/tmp; mount -t tmpfs x run; cp "$1" run/c.pyz; cp -a "$2" run/vm; mount -t tmpfs -o ro x tmp; '
                            f'exec chroot . sh -c "touch /x /tmp/x 2>/dev/null && exit 9; test -e /dev/shm && exit 9; cd /; {BARE} /run/c.pyz --root /run/vm --json"',
                            pyz, vm, root)
    assert code == 0 and '"bundle": "/run/azure-backup-bundle' in out, (code, out, err)


@BOTH
def test_the_output_folder_vanishes_while_it_runs(pyz, vm, tmp_path, python):
    folder = tmp_path / "gone"
    folder.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([python, pyz, "--root", vm, "--output", folder, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(folder.glob("*.part")))
    shutil.rmtree(folder)
    out, err = process.communicate(timeout=60)
    written = pathlib.Path(json.loads(out)["bundle"])
    assert process.returncode == 0 and zipfile.ZipFile(written).testzip() is None and written.parent != folder, err
    written.unlink()


@needs_root
def test_a_frozen_output_is_noticed_on_every_run_and_holds_nobody_up(pyz, tmp_path):
    """The second run asks for a name anew: the kernel would answer for the first one without asking the frozen file system."""
    began = time.time()
    code, out, err = with_loop_disk(tmp_path, f'mount -t tmpfs x /dev/shm; {BARE} "$2" --only frozen --quiet --output "$1/out/first.zip"; fsfreeze -f "$1"; '
                                    f'timeout -s KILL 40 {BARE} "$2" --only frozen --only disk --only disk-space --json --output "$1/out" | cat || true; echo; fsfreeze -u "$1"; '
                                    'unzip -p /dev/shm/*.zip probes/frozen.json', pyz)
    assert f'"frozen": [\n  "{tmp_path / "mnt"}"\n ]' in out and "frozen or does not answer" in out, (code, out, err)
    assert time.time() - began < 30


@needs_root
def test_an_output_that_freezes_on_the_way_makes_it_move(pyz, tmp_path):
    """A program of the VM, here a stand-in for the second command, freezes the file system that the bundle lies on. The time limit holds."""
    fake = programs(tmp_path, {"uname": f"fsfreeze -f {tmp_path / 'mnt'}; echo frozen"})
    code, out, err = with_loop_disk(tmp_path, 'mount -t tmpfs x /dev/shm; cp "$2" /dev/shm/c.pyz; '
                                    f'export PATH="$3:$PATH"; {BARE} /dev/shm/c.pyz --only uptime --only kernel --only date --only memory --no-probes --max-seconds 6 --json --output "$1/out" || true; '
                                    'fsfreeze -u "$1"; unzip -tq /dev/shm/*.zip; unzip -l /dev/shm/*.zip', pyz, fake)
    assert "the file system does not answer; the bundle went on in /dev/shm" in out and "No errors" in out, (code, out, err)
    assert all(f"commands/{name}.txt" in out for name in ("uptime", "kernel", "date"))
    assert float(re.search(r'"seconds": ([\d.]+)', out).group(1)) < 8


@needs_root
def test_a_share_that_hangs_makes_it_go_elsewhere(pyz, vm, tmp_path):
    share = tmp_path / "share"
    share.mkdir()
    done = with_hung_mount(share, [sys.executable, pyz, "--root", vm, "--output", share])
    assert done.returncode == 0 and done.seconds < 15 and "does not answer" in done.stdout, (done.stdout, done.stderr)
    written = pathlib.Path(done.stdout.split("Bundle: ")[1].split(" (")[0])
    assert zipfile.ZipFile(written).testzip() is None
    written.unlink()


def test_a_store_that_cannot_answer_remembers_what_was_written(tmp_path):
    first, second = store.Store(str(tmp_path / "a"), 5.0), store.Store(str(tmp_path / "b"), 5.0)
    first.write(b"one two three")
    first.seek(4)
    first.write(b"TWO")
    first.close()
    assert first.dead
    with pytest.raises(OSError):
        first.write(b"more")
    first.copy_to(second, 9)
    second.publish(str(tmp_path / "c"))
    assert (tmp_path / "c").read_bytes() == b"one TWO t" and second.digest()[0] == 9
    second.close()


def test_a_file_that_appears_under_the_bundles_name_meanwhile_is_not_overwritten(pyz, vm, tmp_path):
    slow_reader(vm)
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", tmp_path / "b.zip", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    part = tmp_path / "b.zip.part"
    wait_for(lambda: part.exists() and part.stat().st_size)
    (tmp_path / "b.zip").write_text("precious")
    out, _ = process.communicate(timeout=60)
    written = pathlib.Path(json.loads(out)["bundle"])
    assert (tmp_path / "b.zip").read_text() == "precious" and written.parent != tmp_path and zipfile.ZipFile(written).testzip() is None
    written.unlink()


def test_a_bundle_taken_for_a_leftover_before_it_was_locked_is_begun_anew(tmp_path, monkeypatch):
    lock, path = store.fcntl.flock, tmp_path / "b.zip.part"

    def too_late(descriptor, how):
        path.unlink()
        return lock(descriptor, how)

    monkeypatch.setattr(store.fcntl, "flock", too_late)
    with pytest.raises(OSError) as error:
        store.Store(str(path), 5.0)
    assert error.value.errno == errno.EEXIST


def test_a_bundle_that_another_run_seals_just_before_is_noticed_before_anything_is_taken(tmp_path, monkeypatch):
    class Late(store.Store):
        def __init__(self, path, patience):
            (tmp_path / "b.zip").write_text("of the other run")
            super().__init__(path, patience)

    monkeypatch.setattr(bundle, "Store", Late)
    with pytest.raises(OSError) as error:
        bundle.Bundle(str(tmp_path / "b.zip"), [])
    assert error.value.errno == errno.EEXIST and [path.read_text() for path in tmp_path.iterdir()] == ["of the other run"]


def test_a_disk_that_is_full_only_when_the_bundle_is_sealed_makes_it_move(tmp_path, monkeypatch):
    for name in ("full", "spare"):
        (tmp_path / name).mkdir()
    made = bundle.Bundle(str(tmp_path / "full/b.zip"), [str(tmp_path / "spare")])
    member = made.member("files/a")
    member.write(b"evidence")
    member.finish()
    write = store.Store.write

    def full(self, data):
        if "/full/" in self.path:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(store.Store, "write", full)
    assert made.seal(lambda dropped: [("manifest.json", b"{}")]) == str(tmp_path / "spare/b.zip")
    made.close()
    archive = zipfile.ZipFile(tmp_path / "spare/b.zip")
    assert archive.read("files/a") == b"evidence" and archive.read("manifest.json") == b"{}" and not list((tmp_path / "full").iterdir())


@pytest.mark.parametrize("room", [30_000, 60_000, 100_000])
def test_a_disk_that_filled_up_early_keeps_the_most_valuable_and_the_manifest(tmp_path, monkeypatch, room):
    """Nowhere else is room. What came first is kept as far as the manifest leaves room for it."""
    write = store.Store.write

    def full(self, data):
        if self.tell() + len(data) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(store.Store, "write", full)
    made = bundle.Bundle(str(tmp_path / "b.zip"), [])
    with pytest.raises(bundle.NoRoom):
        for number in range(1000):
            member = made.member(f"files/{number}")
            member.write(os.urandom(2_000))
            member.finish()
    made.seal(lambda dropped: [("README.txt", os.urandom(2_000)), ("manifest.json", os.urandom(10_000))])
    made.close()
    names = zipfile.ZipFile(tmp_path / "b.zip").namelist()
    assert names[0] == "files/0" and names[-1] == "manifest.json" and len(names) > room // 8_000


def test_an_interrupted_run_still_finds_a_place(tmp_path, monkeypatch):
    """Interrupted is not hung: what was taken is kept."""
    monkeypatch.setattr(stop, "requested", lambda: "SIGTERM")
    assert places.problems([str(tmp_path)]) == {str(tmp_path): None} and places.what_is(str(tmp_path)) == "folder"


# Leftovers and neighbours

def killed_run(pyz, vm, output, watched):
    slow_reader(vm)
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", output], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(watched.glob("*.part")))
    time.sleep(0.1)
    process.kill()
    process.communicate()
    return process.pid


def test_what_kill_9_leaves_is_removed_by_the_next_run(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    killed_run(pyz, vm, out, out)
    left = list(out.iterdir())
    assert len(left) == 1 and left[0].name.startswith("azure-backup-bundle-") and left[0].name.endswith(".zip.part")
    (out / "mine.zip.part").write_text("not of the collector")
    (out / "azure-backup-bundle-x.zip.part").write_text("named like one, but something else")
    done = sealed(collect(pyz, "--root", vm, output=out))
    assert "Removed what a killed run left behind" in done.out
    assert sorted(path.name for path in out.iterdir() if path.suffix == ".part") == ["azure-backup-bundle-x.zip.part", "mine.zip.part"]
    assert len(list(out.glob("*.zip"))) == 1


def test_what_kill_9_leaves_under_a_given_name_is_removed_as_well(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    killed_run(pyz, vm, out / "case-17.zip", out)
    assert [path.name for path in out.iterdir()] == ["case-17.zip.part"]
    sealed(collect(pyz, "--root", vm, output=out / "case-17.zip"))
    assert [path.name for path in out.iterdir()] == ["case-17.zip"]


def test_kill_9_leaves_no_process_behind(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    killed_run(pyz, vm, out, out)
    wait_for(lambda: not subprocess.run(["pgrep", "-f", str(out)], capture_output=True, check=False).stdout, 5)


def test_many_leftovers_take_one_line_of_the_summary(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for number in range(200):
        (out / f"azure-backup-bundle-of-a-machine-with-a-rather-long-name-{number:04d}.zip.part").write_bytes(b"PK\3\4")
    for words in ((), ("--json",)):
        done = sealed(collect(pyz, "--root", vm, *words, output=out))
        assert len(done.out.encode()) <= 4000 and not list(out.glob("*.part"))
        assert words or "and 199 more" in done.out


@pytest.mark.parametrize("target", ["", "same.zip"])
def test_two_at_the_same_time_do_not_disturb_each_other(pyz, vm, tmp_path, target):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    both = [subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out / target], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in both) == ([0, 2] if target else [0, 0])
    bundles = list(out.glob("*.zip"))
    assert len(bundles) == (1 if target else 2) and not list(out.glob("*.part"))
    assert all(zipfile.ZipFile(bundle).testzip() is None for bundle in bundles)


def test_an_existing_file_is_not_overwritten(pyz, vm, tmp_path):
    target = tmp_path / "mine.zip"
    target.write_text("precious")
    assert collect(pyz, "--root", vm, output=target).code == 2
    assert target.read_text() == "precious"


def test_the_bundle_is_for_its_owner_alone(pyz, vm, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    slow_reader(vm)
    process = subprocess.Popen([sys.executable, pyz, "--root", vm, "--output", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: list(out.glob("*.part")))
    assert next(out.glob("*.part")).stat().st_mode & 0o777 == 0o600
    process.communicate()
    assert next(out.glob("*.zip")).stat().st_mode & 0o777 == 0o600


def test_evidence_is_in_the_bundle_in_the_order_of_its_value(pyz, vm):
    names = sealed(collect(pyz, "--root", vm)).names()
    order = ["files/etc/waagent.conf", "files/var/log/waagent.log", f"files/{evidence.LOGS}/extension.log", "files/etc/fstab", "README.txt", "manifest.json"]
    assert [name for name in names if name in order] == order
    assert os.path.commonprefix(order) == ""
