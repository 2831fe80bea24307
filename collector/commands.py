"""Runs programs of the VM: own process group, time limit, bounded output, no input, English words."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

from collector import manifest, stop
from collector.budget import steady_seconds
from collector.bundle import NoRoom
from collector.isolate import describe, pause
from collector.programs import Programs, search_path
from collector.ziparchive import ArchiveFull

# One program may use a third of the time that is left at most, so that a few that hang do not use up all of it.
SECONDS = 10.0
OUTPUT_BYTES = 4 * 1024 * 1024
ERROR_BYTES = 64 * 1024
if hasattr(subprocess, "MAXFD"):
    subprocess.MAXFD = min(subprocess.MAXFD, 1024)  # Python 2.7 closes so many descriptors one by one, for each program
_PROGRAMS = Programs()


class Finished(object):
    """What became of a program: `fate` is None when it ended by itself, else "timeout", "too-long" or "stopped"."""

    def __init__(self, fate, exit_code, errors):
        self.fate, self.exit_code, self.errors = fate, exit_code, errors


def take(run, item, argv=None):
    """Run the item's program and keep what it prints."""
    argv = argv or fill_in(item.argv, run.options)
    record = run.add(manifest.Record(item.id, item.kind, item.why, item.vital, argv=argv))
    spent = run.budget.spent()
    if spent:
        return record.end("budget", spent)
    record.started, began = manifest.utc_text(time.time()), steady_seconds()
    try:
        run.bundle.retry(lambda: _keep(run, item, argv, record))
    except NoSuchProgram:
        record.end("absent", "there is no program %s" % argv[0])
    except (NoRoom, ArchiveFull) as error:
        record.end("budget", str(error))
    except (EnvironmentError, ValueError, RuntimeError) as error:
        record.end("failed", describe(error))  # RuntimeError: no thread can be started
    record.seconds = round(steady_seconds() - began, 3)
    return record


def _keep(run, item, argv, record):
    member = run.bundle.member("commands/%s.txt" % item.id, time.time())
    masker = run.redactor.stream()
    limit = min(item.limit or OUTPUT_BYTES, run.options.max_file_bytes, run.budget.bytes_left)
    left = run.budget.seconds_left
    seconds = min(item.seconds or SECONDS, max(left / 3, 1.0), left)
    try:
        ended = execute(argv, seconds, limit, lambda data: member.write(masker.feed(data)))
        if ended.fate:
            masker.cut()
        member.write(masker.finish())
        run.budget.used += member.bytes
        if member.bytes:
            member.finish()
            record.member, record.bytes, record.sha256, record.redactions = member.name, member.bytes, member.sha256, masker.count
        else:
            member.abandon()
    except NoRoom:
        raise
    except Exception:
        member.abandon()
        raise
    record.exit_code = ended.exit_code
    errors = run.redactor.stream()
    complaint = errors.feed(ended.errors) + errors.finish()
    if complaint.strip():
        extra = run.bundle.member("commands/%s.err.txt" % item.id, time.time())
        extra.write(complaint)
        extra.finish()
        record.stderr_member = extra.name
    _judge(run, record, ended, complaint, seconds)


def _judge(run, record, ended, complaint, seconds):
    words = complaint.decode("utf-8", "replace").strip().split("\n")[0][:200]
    if ended.fate == "timeout":
        record.end("timeout", "ended after %g s without being done" % seconds)
    elif ended.fate == "stopped":
        record.end("budget", run.budget.spent() or "the run was interrupted")
    elif ended.fate == "too-long":
        record.end("tailed", "only the first %d bytes of its output" % (record.bytes or 0))
    elif record.member:
        record.end("ok")
    elif ended.exit_code:
        record.end("failed", words or "exit code %d" % ended.exit_code)
    else:
        record.end("empty", words or None)


def execute(argv, seconds, limit, sink, errors_limit=ERROR_BYTES, apart=True):
    """Run it; `sink` gets standard output as it comes, at most `limit` bytes. Raises NoSuchProgram.

    `apart`: in a process group of its own, which is killed in the end. A helper process, which is killed with its whole group, keeps it in that.
    """
    program = _PROGRAMS.find(argv[0])
    if program is None:
        raise NoSuchProgram(argv[0])
    until = steady_seconds() + seconds
    process = _Start([program] + argv[1:], apart).process(until)
    if process is None:
        return Finished("stopped" if stop.requested() else "timeout", None, b"")
    fate, pipes = None, []
    try:
        pipes += [_Pipe(process.stdout, limit), _Pipe(process.stderr, errors_limit)]
        out, err = pipes
        while fate is None:
            sink(out.take(0.05))
            if out.full:
                fate = "too-long"
            elif stop.requested():
                fate = "stopped"
            elif steady_seconds() > until:
                fate = "timeout"
            elif process.poll() is not None:
                _drain(out, err, sink)
                break
    finally:
        kill_group(process, apart)
        for pipe in pipes:
            pipe.close()
    sink(out.take(0))
    return Finished(fate, None if fate else process.returncode, err.take(0))


class NoSuchProgram(Exception):
    """There is no such program on this machine."""


class _Start(object):
    """Starts a program, in a thread: it may lie on a mount that hangs."""

    def __init__(self, argv, apart):
        self._argv, self._apart, self._process, self._error = argv, apart, None, None
        self._lock, self._given_up = threading.Lock(), False
        self._thread = threading.Thread(target=self._run)
        self._thread.daemon = True
        self._thread.start()

    def process(self, until):
        """The process; None when it could not be started until then, or the run was interrupted. Raises what starting it raised."""
        while self._thread.is_alive() and steady_seconds() < until and not stop.requested():
            _wait(lambda: self._thread.join(0.05))
        with self._lock:
            self._given_up = self._process is None
        if self._error:
            raise self._error
        return self._process

    def _run(self):
        try:
            process = _popen(self._argv, self._apart)
        except Exception as error:  # raised again where it is waited for
            self._error = error
            return
        with self._lock:
            self._process = process
            if not self._given_up:
                return
        kill_group(process, self._apart)


def _popen(argv, apart):
    flags = {}
    if os.name == "nt":
        flags["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    elif not apart:
        pass
    elif sys.version_info[0] > 2:
        flags["start_new_session"] = True
    else:
        flags["preexec_fn"] = os.setsid
    nothing, end = os.pipe()
    os.close(end)
    try:
        return subprocess.Popen(argv, stdin=nothing, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
                                close_fds=os.name != "nt", cwd=os.path.abspath(os.sep), **flags)
    finally:
        os.close(nothing)


def _drain(out, err, sink):
    """The program has ended; take what is in the pipes, but do not wait for a grandchild that keeps them open."""
    until = steady_seconds() + 0.5
    while steady_seconds() < until and not (out.ended and err.ended) and not out.full:
        sink(out.take(0.02))
    sink(out.take(0))


def _wait(action):
    """Wait for a thread; in Python 2.7 a signal ends that with an error."""
    try:
        action()
    except EnvironmentError:
        pass


class _Pipe(object):
    """A thread that reads one pipe, no faster than the bytes are taken."""

    def __init__(self, stream, limit):
        self._stream, self._left = stream, limit
        self._parts, self._held, self._change = [], 0, threading.Condition()
        self.ended, self.full, self._closed = False, False, False
        thread = threading.Thread(target=self._read)
        thread.daemon = True
        thread.start()

    def _read(self):
        try:
            while True:
                data = os.read(self._stream.fileno(), 65536)
                with self._change:
                    if not data or self._closed:
                        break
                    self.full = len(data) > self._left
                    data = data[:self._left]
                    self._left -= len(data)
                    self._parts.append(data)
                    self._held += len(data)
                    self._change.notify()
                    while self._held > 1 << 20 and not self._closed:
                        self._change.wait(1.0)
                    if self.full or self._closed:
                        return
        except (EnvironmentError, ValueError):
            pass
        finally:
            with self._change:
                self.ended = True
                self._change.notify()

    def take(self, seconds):
        """What has come so far; waits at most `seconds` for something."""
        with self._change:
            if not self._parts and not self.ended and seconds:
                _wait(lambda: self._change.wait(seconds))
            elif self.ended and seconds and not self._parts:
                pause(min(seconds, 0.01))
            data, self._parts, self._held = b"".join(self._parts), [], 0
            self._change.notify()
        return data

    def close(self):
        with self._change:
            self._closed = True
            self._change.notify()


def kill_group(process, apart=True):
    """End the program and, where it has a group of its own, everything it started, without asking; do not wait for what cannot die."""
    if os.name == "nt":
        if process.poll() is None:
            subprocess.call(["taskkill", "/F", "/T", "/PID", str(process.pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    else:
        try:
            (os.killpg if apart else os.kill)(process.pid, signal.SIGKILL)
        except OSError:
            pass
    until = steady_seconds() + 1.0
    while process.poll() is None and steady_seconds() < until:
        pause(0.01)


def environment():
    """The environment of a program: the same for everyone who runs the collector."""
    variables = dict(os.environ)
    folders = [folder for folder in search_path() if folder not in _PROGRAMS.hung]
    variables.update({"PATH": os.pathsep.join(folders), "LC_ALL": "C", "LANG": "C", "LANGUAGE": "C", "TERM": "dumb", "PAGER": "cat",
                      "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1"})
    variables.setdefault("HOME", "/root" if os.name != "nt" else "C:\\")
    return variables


def fill_in(argv, options):
    """`{since}` becomes a moment that journalctl understands; `{since-ms}` milliseconds for wevtutil."""
    seconds = options.since_seconds or 14 * 86400
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(max(0, time.time() - seconds)))
    return [re.sub(r"\{since-ms\}", str(int(seconds * 1000)), word.replace("{since}", moment)) for word in argv]
