"""Machines in trouble: namespaces of their own, networks that swallow packets, programs that misbehave."""

import os
import pathlib
import subprocess
import sys
import time

import pytest

from tests.collector.running import INTERPRETERS, ROOT

needs_root = pytest.mark.skipif(not ROOT, reason="needs root: makes mounts, namespaces or other users")
NAMESPACE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private"]
OLDEST, NEWEST = (INTERPRETERS or [pathlib.Path(sys.executable)])[0], (INTERPRETERS or [pathlib.Path(sys.executable)])[-1]
BOTH = pytest.mark.parametrize("python", [OLDEST, NEWEST], ids=lambda path: path.parts[-3])
# An interface on whose other side nobody answers: packets vanish.
VOID = ("ip link add d0 type veth peer name d1; ip link set d1 up; ip addr add 10.9.9.1/24 dev d0; ip link set d0 up; ip link set lo up; "
        "ip route add default via 10.9.9.2; ip neigh add 10.9.9.2 lladdr 02:00:00:00:00:01 dev d0; ")
# The program and a VM's disk on a file system of their own.
STAGE = 'mkdir -p /mnt; mount -t tmpfs x /mnt; cp "$1" /mnt/c.pyz; cp -a "$2" /mnt/vm; mkdir /mnt/out; '
# Nowhere else to write than where a test says.
NO_OTHER_PLACE = "for d in /dev/shm /run /tmp /var/tmp; do mount -t tmpfs -o size=16k x $d; done; "


def inside(script, *words, timeout=120, env=None):
    """Run a shell script in namespaces of its own: mounts, network, processes."""
    done = subprocess.run([*NAMESPACE, "sh", "-e", "-c", script, "sh", *map(str, words)], capture_output=True, timeout=timeout, check=False, env=env)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def sealed(done, code=0):
    """A bundle came out of it, whole, and no traceback."""
    assert done.code == code, (done.code, done.out, done.err)
    assert "Traceback" not in done.err and done.names()
    return done


def noise(size):
    """Lines that deflate badly."""
    return "".join(os.urandom(50).hex() + "\n" for _ in range(size // 50))


def slow_reader(vm):
    """Enough to read that the run takes a moment."""
    for name in ("syslog", "messages", "kern.log"):
        (vm / "var/log" / name).write_bytes(b"password: x, sig=abcdef, <password>\n" * 6_000)


def wait_for(condition, seconds=20):
    until = time.time() + seconds
    while time.time() < until:
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it did not happen")


def programs(tmp_path, scripts):
    """A folder of stand-in programs."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name, body in scripts.items():
        (folder / name).write_text("#!/bin/sh\n" + body + "\n")
        (folder / name).chmod(0o755)
    return folder


def with_hung_mount(where, command, env=None, rootmode=0o40755):
    """Run `command` while a FUSE file system whose server never answers is mounted at `where`; returns the finished process.

    `rootmode` says whether the mount is a folder or, with 0o100444, a single file. Skips the test where FUSE cannot be mounted.
    """
    if not os.path.exists("/dev/fuse"):
        pytest.skip("needs /dev/fuse")
    script = f"""
import ctypes, os, subprocess, sys
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"hung", {os.fsencode(where)!r}, b"fuse.hung", 0, b"fd=%d,rootmode={rootmode:o},user_id=0,group_id=0" % fd):
    sys.exit(77)
code = subprocess.call({list(map(str, command))!r})
libc.umount2({os.fsencode(where)!r}, 2)
sys.exit(code)
"""
    began = time.time()
    done = subprocess.run([*NAMESPACE, "--mount-proc", sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False, env=env)
    if done.returncode == 77:
        pytest.skip("needs the right to mount FUSE")
    done.seconds = time.time() - began
    return done


def with_loop_disk(tmp_path, script, *words, size=200, timeout=100):
    """Run a shell script in namespaces with a fresh ext4 file system of `size` MB mounted at "$1"."""
    if not os.path.exists("/dev/loop-control"):
        pytest.skip("needs loop devices")
    image, mount = tmp_path / "disk.img", tmp_path / "mnt"
    mount.mkdir()
    with open(image, "wb") as stream:
        stream.truncate(size << 20)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", image], check=True)
    return inside(f'mount -o loop "{image}" "$1"; mkdir "$1/out"; ' + script, mount, *words, timeout=timeout)
