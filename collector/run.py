"""One run: takes the items of the plan in their order and seals the bundle, whatever happens on the way."""

import errno
import os
import re
import time

from collector import __version__, bundle, commands, manifest, places, priority, stop, summary
from collector.budget import Budget
from collector.errors import Interrupted, NoBundle, UsageError
from collector.files import FileCollector
from collector.isolate import Child, Hung, Task, describe
from collector.plan import choose
from collector.probes import Probes
from collector.redact import Redactor
from collector.tree import Tree

_WINDOWS_MARKS = ("windows", "windowsazure", "packages", "users", "program files")
_BUSY = "The processor was too busy for a program of lowest priority; went on at normal priority"
_PATIENCE = 10.0    # seconds that a write may take, fewer in a short run
_LINUX_MARKS = ("etc", "var", "usr", "bin", "lib")


class Run(object):
    """The state that all who collect share."""

    def __init__(self, options, gives_way=True):
        self.options = options
        self.budget = Budget(options.max_seconds, options.max_bytes)
        self.live = options.root is None
        root = options.root or system_root()
        self.system = system_of(root, self.live)
        self.tree = Tree(os.path.abspath(root), self.system == "windows" and os.name != "nt")
        self.plan = choose(self.system, options.profile, options.only, options.skip)
        self.started = time.time()
        self.host = manifest.host_facts(self.tree, self.system, self.live)
        self.redactor = Redactor(options.redact, self.host["hostname"])
        self.records, self.paths, self.notes = [], set(), []
        self.bundle = self.uploaded = self.interrupted = None
        self._standing = not gives_way
        if self._standing:
            self.notes.append(_BUSY)
        self._probes = Probes(self)
        self._files = FileCollector(self, self.tree, "C/" if self.system == "windows" else "")

    def add(self, record):
        self.records.append(record)
        return record

    def path_on_vm(self, path):
        """How the VM itself spells a path."""
        return "C:" + path.replace("/", "\\") if self.system == "windows" else path

    def collect(self):
        """Take everything; returns (path, bytes, SHA-256) of the sealed bundle."""
        Child.while_waiting = self._stand_up
        self._stand_up()
        self._open()
        items = self.plan.items
        if self.live and not self.options.no_probes:
            self._probes.start([item for item in items if item.kind == "probe"])
        try:
            for item in items:
                self._stand_up()
                self._take_whatever_happens(item)
        finally:
            self._probes.cancel()
            self._files.close()
        for item, reason in self.plan.skipped:
            self.add(_record(item).end(*self._mounted(item) or ("skipped", reason)))
        self.interrupted = stop.requested()
        return self._seal()

    def _stand_up(self):
        """Give way no longer when that leaves nothing for us."""
        if not self._standing and priority.starved(Child.living):
            self._standing = True
            if priority.normal(Child.living):
                self.notes.append(_BUSY)

    def complete(self):
        """Whether all vital evidence that there is was taken."""
        return not summary.vital_missing(self.records) and not summary.no_trace(self.records) and not self.interrupted

    def _take_whatever_happens(self, item):
        """One item must never end the run, not even by a defect of the collector."""
        try:
            self._take(item)
        except Exception as error:
            self.bundle.give_up_member()
            self.add(_record(item).end("failed", "defect of the collector: %s: %s" % (type(error).__name__, error)))

    def _take(self, item):
        reason = self._why_not(item)
        if reason:
            self.add(_record(item).end(*reason))
        elif item.kind == "probe":
            self._probes.take(item, self._files.hosts)
        elif item.kind == "command":
            commands.take(self, item)
        elif item.kind in ("eventlog", "registry") and self.live:
            from collector import windows
            windows.take(self, item)
        else:
            self._files.take(item)

    def _mounted(self, item):
        if not self.live and (item.kind in ("probe", "command") or not item.offline):
            return "not-applicable", "a mounted disk does not run"
        return None

    def _why_not(self, item):
        if self._mounted(item):
            return self._mounted(item)
        if self.live and not item.live:
            return "not-applicable", "only from a mounted disk"
        if item.kind == "probe" and self.options.no_probes:
            return "skipped", "--no-probes"
        if item.kind == "command" and self.options.no_commands:
            return "skipped", "--no-commands"
        if item.raw and self.options.redact == "secrets+names" and not self.live:
            return "skipped", "it is binary and cannot be masked"
        return None

    def _open(self):
        folder, name = self._wanted()
        folders = places.places(folder)
        troubles = places.problems(folders)
        removed = places.remove_leftovers([place for place in folders if not troubles[place]], name)
        if removed:
            more = " and %d more" % (len(removed) - 1) if len(removed) > 1 else ""
            self.notes.append("Removed what a killed run left behind: %s%s" % (removed[0], more))
        if stop.requested():
            raise Interrupted("interrupted before anything was taken")
        best, others, trouble = places.choose(folders, troubles)
        for place in [best] + others:
            try:
                self.bundle = self._create(place, name, [other for other in others if other != place])
                break
            except EnvironmentError as error:
                trouble = trouble or "%s: %s" % (place, describe(error))
        if self.bundle is None:
            raise NoBundle("no place for the bundle (%s). Give a folder with room: --output FOLDER" % trouble)
        if os.path.dirname(self.bundle.path) != folder.rstrip(os.sep):
            self.notes.append("Not written where it should be (%s) but to %s"
                              % (manifest.printable(trouble or "?"), manifest.printable(os.path.dirname(self.bundle.path))))

    def _create(self, folder, name, fallbacks):
        """A new bundle in this folder; with a name of our making one that is free."""
        for count in range(1, 100):
            path = os.path.join(folder, name or self._name(count))
            try:
                if not os.path.lexists(path):
                    return bundle.Bundle(path, fallbacks, min(_PATIENCE, max(2.0, self.options.max_seconds / 12)))
            except EnvironmentError as error:
                if error.errno != errno.EEXIST:
                    raise
        raise UsageError("the bundle exists already, whole or half-written: %s. Remove it or choose another --output" % path)

    def _wanted(self):
        """(folder, file name or None) that --output asks for."""
        wanted = self.options.output
        if not wanted:
            try:
                return os.getcwd(), None
            except OSError:
                self.notes.append("The working folder is gone")
                return "/var/tmp", None
        try:
            wanted = os.path.abspath(wanted) + (os.sep if wanted.endswith(("/", os.sep)) else "")
        except OSError:
            raise UsageError("the working folder is gone, so --output needs a path that begins with /")
        folder, name = os.path.split(wanted)
        what = places.what_is(wanted)
        if what in ("folder", "hung"):
            return wanted.rstrip(os.sep) or os.sep, None
        if what == "file":
            raise UsageError("the bundle exists already: %s. Remove it or choose another --output" % wanted)
        if what == "other":
            raise UsageError("%s is no regular file. Choose another --output" % manifest.printable(wanted))
        if not name or what == "no folder":
            raise UsageError("there is no folder %s to write the bundle to" % folder)
        return folder, name

    def _name(self, count):
        host = str(re.sub("[^A-Za-z0-9_-]", "-", self.host["hostname"])[:40]) if self.options.redact == "secrets" else ""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(max(0, self.started)))
        return "azure-backup-bundle-%s-%s%s.zip" % (host or "vm", stamp, "" if count == 1 else "-%d" % count)

    def _seal(self):
        path = self.bundle.seal(self._closing_members)
        self.notes += self.bundle.notes
        size, sha256 = self.bundle.digest()
        self.bundle.close()
        return path, size, sha256

    def _closing_members(self, dropped):
        for record in self.records:
            if record.member in dropped:
                record.member = record.sha256 = record.bytes = None
                record.end("budget", "it had to make room for the manifest: the disk of the bundle is full")
        finished = time.time()
        skew, source = self._probes.skew
        host = dict(self.host)
        host["hostname"] = self.redactor.text(host["hostname"]) if self.options.redact != "secrets" else host["hostname"]
        head = {"argv": [self.redactor.text(manifest.printable(word)) for word in self.options.argv], "host": host,
                "clock": manifest.clock_facts(finished, skew, source), "started": manifest.utc_text(self.started),
                "finished": manifest.utc_text(finished), "profile": self.options.profile,
                "budget": {"seconds": self.options.max_seconds, "bytes": self.options.max_bytes}, "complete": self.complete(),
                "redaction": {"mode": self.options.redact, "counts": self.redactor.counts},
                "notes": [self.redactor.text(note) for note in self.notes + self.bundle.notes]}
        readme = summary.readme(self, host["hostname"], head["finished"], __version__)
        return [("README.txt", readme), ("manifest.json", manifest.write(self.records, head))]


def system_root():
    """Where the running system lies."""
    return "/" if os.name != "nt" else os.environ.get("SystemDrive", "C:") + "\\"


def system_of(root, live):
    """"linux" or "windows", by what a mounted disk holds; raises UsageError for any other folder."""
    if live:
        return "windows" if os.name == "nt" else "linux"
    try:
        names = set(name.lower() for name in Task(os.listdir, (root,), 5.0).result())
    except EnvironmentError as error:
        raise UsageError("--root %s: %s" % (root, describe(error)))
    except Hung:
        raise UsageError("--root %s: the file system does not answer" % root)
    if names.intersection(_LINUX_MARKS) and "windowsazure" not in names:
        return "linux"
    if names.intersection(_WINDOWS_MARKS):
        return "windows"
    raise UsageError("--root %s holds neither a Linux nor a Windows system (no etc, var, Windows, WindowsAzure). "
                     "Give the folder that the disk is mounted on" % root)


def _record(item):
    return manifest.Record(item.id, item.kind, item.why, item.vital, argv=item.argv,
                           path=item.paths[0] if len(item.paths) == 1 and "*" not in item.paths[0] else None)
