"""Runs what may never come back (a hung mount, a slow resolver) in a child process that can be given up.

A child that does not answer in time is killed; one that even SIGKILL cannot end (a frozen file system) is left behind, and
the run goes on. Such a child must not keep the terminal or a pipe open, so none has our standard streams.

Where no process can be made any more, all is done in this one, without limits of time: better than nothing. Without fork(), on
Windows, tasks run in threads and requests in the same process.
"""

import marshal
import os
import select
import signal
import struct
import sys
import threading

from collector import stop
from collector.budget import steady_seconds

CAN_FORK = hasattr(os, "fork")
_HEADER = struct.Struct("<I")


class Hung(Exception):
    """The child gave no sign of life in time and was given up."""


class Task(object):
    """One function running in a child of its own; result() waits for what it returns (plain values only)."""

    def __init__(self, function, args, seconds):
        self._until = steady_seconds() + seconds
        self._seconds = seconds
        self._value = self._child = self._thread = None
        self._later = lambda: _attempt(function, args)
        if CAN_FORK:
            try:
                self._child = Child(lambda requests, replies: send(replies, _attempt(function, args)))
            except EnvironmentError:
                return
        else:
            self._thread = threading.Thread(target=lambda: setattr(self, "_value", _attempt(function, args)))
            self._thread.daemon = True
            self._thread.start()

    def result(self, at_most=None, patient=False):
        """What the function returned; raises Hung after its time limit, or after `at_most` seconds from now, or when the run is
        interrupted, unless `patient`."""
        wait = max(0.01, self._until - steady_seconds())
        wait = wait if at_most is None else min(wait, max(0.01, at_most))
        if self._thread:
            self._thread.join(wait)
            if self._value is None:
                raise Hung("no answer within %g s" % self._seconds)
        elif self._child is None:
            self._value = self._later()
        else:
            try:
                self._value = self._child.receive(wait, patient)
            except Hung:
                raise Hung("no answer within %g s" % self._seconds)
            finally:
                self._child.kill()
                self._child = None
        kind, value = self._value
        if kind == "error":
            raise OSError(value)
        return value

    def cancel(self):
        """End it without asking for the result."""
        if self._child:
            self._child.kill()
            self._child = None


class Worker(object):
    """A child that answers requests with streams of plain values; restarted when it hangs.

    `serve(request)` is a generator that runs in the child.
    """

    def __init__(self, serve, seconds):
        self._serve, self._seconds = serve, seconds
        self._child = None

    def ask(self, request, seconds=None):
        """Yield the answers; raises Hung when none comes within the time limit."""
        try:
            child = self._child = self._child or (Child(self._loop) if CAN_FORK else None)
        except EnvironmentError:
            child = None
        if child is None:
            for answer in self._serve(request):
                yield answer
            return
        whole = False
        try:
            child.send(request)
            while True:
                kind, value = child.receive(seconds or self._seconds)
                if kind != "more":
                    whole = True
                    break
                yield value
        finally:
            if not whole:
                self.stop()
        if kind == "error":
            raise OSError(value)

    def stop(self):
        if self._child:
            self._child.kill()
            self._child = None

    def _loop(self, requests, replies):
        while True:
            request = receive(requests, None)
            if request is None:
                return
            try:
                for answer in self._serve(request):
                    send(replies, ("more", answer))
                send(replies, ("done", None))
            except (EnvironmentError, ValueError, MemoryError, RuntimeError) as error:
                send(replies, ("error", describe(error)))


class Child(object):
    """A forked process with a pipe each way."""

    _ends = set()       # our ends of all pipes: no other child may keep them open
    living = set()      # process ids
    while_waiting = None    # called now and then while an answer is waited for

    def __init__(self, body):
        child_in, self._to = os.pipe()
        self._from, child_out = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            self._pid = os.fork()
        except EnvironmentError:
            for number in (child_in, child_out, self._to, self._from):
                os.close(number)
            raise
        self._ends.update((self._to, self._from))
        if self._pid:
            self.living.add(self._pid)
            os.close(child_in)
            os.close(child_out)
            return
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # meant for the whole group: the run decides, and its end ends this as well
            for number in self._ends:
                os.close(number)
            self._ends.clear()
            self.living.clear()
            Child.while_waiting = None
            os.setsid()  # what it starts is killed with it
            nothing = _nothing()
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            body(child_in, child_out)
            code = 0
        finally:
            os._exit(code)

    def send(self, value):
        send(self._to, value)

    def receive(self, seconds, patient=False):
        """The next value; raises Hung after `seconds`, or at once when the run is interrupted, unless `patient`."""
        value = receive(self._from, steady_seconds() + seconds, patient)
        if value is None:
            raise Hung("the helper process ended without an answer")
        return value

    def kill(self):
        """Kill and collect the child; a child that cannot die is left to itself after a moment."""
        for end in (self._to, self._from):
            self._ends.discard(end)
            os.close(end)
        for end in (os.killpg, os.kill):  # it may not have got as far as to a group of its own
            try:
                end(self._pid, signal.SIGKILL)
            except OSError:
                pass
        self.living.discard(self._pid)
        until = steady_seconds() + 0.3
        while steady_seconds() < until:
            try:
                if os.waitpid(self._pid, os.WNOHANG)[0]:
                    return
            except OSError:
                return
            pause(0.005)


def _nothing():
    """A descriptor that takes and gives nothing, also on a machine without /dev/null."""
    try:
        return os.open(os.devnull, os.O_RDWR)
    except EnvironmentError:
        return os.pipe()[1]


def pause(seconds):
    """Sleep, or a little less when a signal comes."""
    try:
        select.select([], [], [], seconds)
    except (select.error, EnvironmentError):
        pass


def describe(error):
    """The system's own words for an error, as text."""
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return words


def _attempt(function, args):
    try:
        return ("done", function(*args))
    except Exception as error:
        return ("error", describe(error))


def send(descriptor, value):
    """Write a plain value to a pipe."""
    data = marshal.dumps(value, 2)
    data = _HEADER.pack(len(data)) + data
    while data:
        data = data[os.write(descriptor, data):]


def receive(descriptor, until, patient=False):
    """The next value; None at the end of the stream. `until` is a moment of steady_seconds(), or None to wait for ever."""
    header = _read(descriptor, _HEADER.size, until, patient)
    if header is None:
        return None
    body = _read(descriptor, _HEADER.unpack(header)[0], until, patient)
    return None if body is None else marshal.loads(body)


def _read(descriptor, count, until, patient):
    parts = []
    while count:
        if until is not None:
            _wait(descriptor, until, patient)
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _wait(descriptor, until, patient):
    while True:
        left = until - steady_seconds()
        if left <= 0:
            raise Hung("no answer in time")
        if stop.requested() and not patient:
            raise Hung("the run was interrupted")
        try:
            if select.select([descriptor], [], [], min(left, 0.2))[0]:
                return
        except select.error as error:
            if error.args[0] != 4:  # EINTR: Python 2.7 does not restart the call
                raise
        if Child.while_waiting:
            Child.while_waiting()
