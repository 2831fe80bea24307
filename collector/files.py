"""Takes files: finds what a pattern names, reads it in the helper process, masks it, writes it to the bundle."""

import re
import time

from collector import machine, manifest
from collector.bundle import NoRoom
from collector.content import Unreadable, left_out_words, shape_for
from collector.isolate import CAN_FORK, Hung, Task, Worker
from collector.reading import serve
from collector.tree import Refused
from collector.ziparchive import ArchiveFull

# A storage host is looked for by its zone, which few lines hold, and only then by the account in front of it.
_STORAGE_ZONE = re.compile(br"\.(?:blob|table|queue|file)\.(?:core|storage)\.(?:windows\.net|azure\.net|chinacloudapi\.cn|usgovcloudapi\.net|cloudapi\.de)\b",
                           re.IGNORECASE)
_ACCOUNT = re.compile(br"[a-z0-9](?:[a-z0-9\-]{1,61}[a-z0-9])?(?:\.z\d{1,2})?\Z", re.IGNORECASE)
_LONGEST_ACCOUNT = 68
_WILD = re.compile(r"[*?\[]")
_NO_ANSWER = "the file system does not answer"
_ALIVE_SECONDS = 5.0
_MAX_HOSTS = 200


class FileCollector(object):
    """Takes files of one tree. `run` is the Run that it works for."""

    def __init__(self, run, tree, prefix):
        self._run, self._tree, self._prefix = run, tree, prefix
        self._worker = Worker(serve, _ALIVE_SECONDS)
        self._hung = set()
        self.hosts = {}

    def close(self):
        self._worker.stop()

    def take(self, item):
        """All files that the item names; one record for each, and one for each pattern that matched nothing."""
        for pattern in item.paths:
            spent = self._run.budget.spent()
            if spent:
                self._record(item, pattern).end("budget", spent)
                continue
            try:
                found, more = self._find(pattern)
            except Hung as error:
                self._record(item, pattern).end("timeout", str(error))
            except Refused as refused:
                self._record(item, pattern).end(refused.status, str(refused))
            else:
                self._take_found(item, pattern, found)
                if more:
                    self._record(item, pattern).end("skipped", "%d older files match as well" % more)

    def _take_found(self, item, pattern, found):
        found = [entry for entry in found if entry[0] not in self._run.paths]
        if not found:
            self._record(item, pattern).end("absent", "no such file" if "*" not in pattern else "nothing matches")
            return
        chosen = sorted(found, key=lambda entry: -entry[1])
        kept = _newest(chosen, item.newest) if item.newest else None
        since = self._run.options.since_seconds
        for path, mtime in chosen:
            record = self._record(item, path, pattern)
            if self._never(path):
                record.end("skipped", "never taken: it may hold keys or passwords")
            elif kept is not None and path not in kept:
                record.end("skipped", "only the newest %d are taken" % item.newest)
            elif since and "*" in pattern and mtime < time.time() - since:
                record.end("skipped", "older than --since")
            else:
                self._take_one(item, path, record)

    def _take_one(self, item, path, record):
        spent = self._run.budget.spent()
        if spent or self._is_hung(path):
            record.end(*("budget", spent) if spent else ("timeout", _NO_ANSWER))
            return
        record.started = manifest.utc_text(time.time())
        began = self._run.budget.elapsed
        try:
            self._run.bundle.retry(lambda: _Transfer(self._run, self._tree, self._worker, item, path, record,
                                                     self._note_hosts if item.hosts else None, self._prefix).go())
        except Hung as error:
            record.end("timeout", str(error))
        except NoRoom as error:
            record.end("budget", str(error))
        except (EnvironmentError, ValueError, MemoryError, ArchiveFull) as error:
            record.end("failed", str(error))
        if record.status == "timeout":
            self._give_up(path, None)
        record.seconds = round(self._run.budget.elapsed - began, 3)

    def _find(self, pattern):
        """([(path, mtime)] of the newest files, number of older ones)."""
        found, more, folder = [], 0, _WILD.split(pattern)[0].rpartition("/")[0]
        if self._is_hung(folder):
            raise Hung(_NO_ANSWER)
        try:
            for answer in self._worker.ask(("find", self._tree.root, self._tree.ignore_case, pattern)):
                if answer[0] == "end":
                    raise Refused(*answer[1:])
                if answer[0] == "more":
                    more = answer[1]
                if answer[0] == "found":
                    found.append(answer[1:])
        except Hung:
            self._give_up(folder, folder)
            raise
        return found, more

    def _give_up(self, path, otherwise):
        """Do not ask the mount again that `path` is on; when it is the root or one of the kernel's own, only what is below `otherwise`."""
        mount = self._mount(path)
        if mount or otherwise:
            self._hung.add(mount or otherwise)

    def _mount(self, path):
        root = self._tree.root.rstrip("/")
        try:
            row = machine.mount_of(root + path, Task(machine.read_mounts, (), 2.0).result()) if CAN_FORK else None
        except (Hung, EnvironmentError):
            return None
        if row is None or row["fstype"].startswith(machine.PSEUDO) or not row["mount"].startswith(root + "/") or row["mount"] == "/":
            return None
        return row["mount"][len(root):]

    def _is_hung(self, path):
        return any(path == hung or path.startswith(hung + "/") for hung in self._hung)

    def _never(self, path):
        low = path.lower()
        return any(word in low for word in self._run.plan.never)

    def _record(self, item, path, pattern=None):
        name = self._run.redactor.name(manifest.printable(path))
        single = pattern is None and len(item.paths) == 1 or path == pattern and len(item.paths) == 1
        record = manifest.Record(item.id if single else "%s:%s" % (item.id, name), item.kind, item.why, item.vital,
                                 path=self._run.path_on_vm(name))
        if pattern is not None:
            self._run.paths.add(path)
        return self._run.add(record)

    def _note_hosts(self, data):
        for zone in _STORAGE_ZONE.finditer(data):
            account = _ACCOUNT.search(data[max(0, zone.start() - _LONGEST_ACCOUNT):zone.start()])
            name = (account.group(0) + zone.group(0)).decode("ascii").lower() if account else ""
            if account and (name in self.hosts or len(self.hosts) < _MAX_HOSTS):
                self.hosts[name] = self.hosts.get(name, 0) + 1


class _Transfer(object):
    """One file on its way into the bundle."""

    def __init__(self, run, tree, worker, item, path, record, note_hosts, prefix):
        self._run, self._tree, self._worker, self._item, self._path = run, tree, worker, item, path
        self._record, self._note_hosts, self._prefix = record, note_hosts, prefix
        self._member = self._shape = None

    def go(self):
        limit = None if self._item.raw else self._limit()
        hive = self._item.raw and self._item.kind == "registry"
        request = ("read", self._tree.root, self._tree.ignore_case, self._path, limit, self._run.plan.never, hive)
        answers = self._worker.ask(request, max(0.2, min(_ALIVE_SECONDS, self._run.budget.seconds_left)))
        try:
            try:
                self._all(answers)
            except Hung as error:
                self._close("timeout", str(error))
        except Unreadable as error:
            self._abandon()
            self._record.end("skipped", "%s, and what cannot be masked is not taken" % error)
        except NoRoom:
            self._member = None
            raise
        finally:
            answers.close()
            self._abandon()

    def _all(self, answers):
        for answer in answers:
            if self._handle(answer):
                if answer[0] != "end":
                    return
                continue
            spent = self._run.budget.spent()
            if spent and answer[0] != "meta":
                self._close("budget", spent + "; the rest of the file is missing")
                return

    def _limit(self):
        own = self._item.limit or self._run.options.max_file_bytes
        return min(own, self._run.options.max_file_bytes)

    def _handle(self, answer):
        """One answer of the helper; whether it was the last one."""
        kind = answer[0]
        if kind == "meta":
            return self._begin(answer[1])
        if kind == "blanked":
            self._shape.blanked = answer[1]
        if kind == "data":
            self._run.budget.used += len(answer[1])
            if self._note_hosts:
                self._note_hosts(answer[1])
            self._shape.feed(answer[1])
        elif kind == "gap":
            self._record.dropped_bytes, self._record.dropped_lines = answer[1], answer[2]
            self._shape.gap(answer[1])
            if answer[2] is not None:
                self._record.first_line = self._member_lines() + answer[2] + 1
        elif kind == "end":
            self._close(answer[1], answer[2])
            return True
        return bool(self._shape and self._shape.cut) and self._close("tailed", "only its first %d bytes of text" % self._limit()) is None

    def _begin(self, meta):
        record = self._record
        if self._item.raw:
            record.note = "binary: not masked" if self._item.kind == "eventlog" else "binary: secrets that show by their name or form were blanked"
        record.original_bytes, record.mtime = meta["size"], manifest.utc_text(meta["mtime"])
        room = self._item.limit or self._run.options.max_file_bytes
        if self._item.raw and meta["size"] > min(max(room, self._run.options.max_file_bytes), self._run.budget.bytes_left):
            record.end("budget", "%d bytes are more than the limit, and it cannot be cut" % meta["size"])
            return True
        name = self._run.redactor.name(manifest.printable(self._path)).lstrip("/").replace("\\", "%5C")
        self._member = self._run.bundle.member("files/" + self._prefix + name, meta["mtime"])
        self._lines = 0
        self._shape = shape_for(self._path, self._item, self._run.redactor, self._write, self._limit(), self._run.plan.never,
                                lambda: not self._run.budget.seconds_left)
        return False

    def _write(self, data):
        self._lines += data.count(b"\n")
        self._member.write(data)

    def _member_lines(self):
        """Lines written before the gap; the mark itself is not a line of the file."""
        return self._lines - 1

    def _close(self, status, reason):
        record = self._record
        if status == "absent":
            status, reason = "vanished", "it was there a moment ago"
        if self._member is None:
            record.end(status, reason)
            return
        if status == "empty":
            self._abandon()
            record.bytes = 0
            record.end(status, reason)
            return
        if status in ("budget", "timeout", "changed", "failed"):
            self._shape.stop()
        self._shape.finish()
        self._member.finish()
        member, self._member = self._member, None
        record.member, record.bytes, record.sha256 = member.name, member.bytes, member.sha256
        record.redactions = self._shape.redactions
        record.note = record.note or left_out_words([manifest.printable(name) for name in self._shape.dropped])
        if self._shape.left_out:
            status, reason = "tailed", "endless lines were cut after 1048576 bytes"
            record.dropped_bytes = (record.dropped_bytes or 0) + self._shape.left_out
        record.end(status, reason)

    def _abandon(self):
        if self._member is not None:
            self._member.abandon()
            self._member = None


def _newest(entries, count):
    """Paths of the `count` newest; the files of one history folder count as one."""
    kept, groups = set(), set()
    for path, _ in entries:
        group = path.split("/history/", 1)[1].split("/", 1)[0] if "/history/" in path else path
        if group in groups or len(groups) < count:
            groups.add(group)
            kept.add(path)
    return kept
