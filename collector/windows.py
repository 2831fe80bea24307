"""Evidence that Windows gives out through its own programs: event logs by wevtutil, registry keys by reg.

Both write to a temporary folder that is removed again. An event log is kept twice: as the .evtx that Windows exports, which
cannot be masked, and as masked JSON, one event a line.
"""

import binascii
import json
import os
import shutil
import tempfile
import time
import xml.etree.ElementTree as ElementTree

from collector import commands, manifest
from collector.budget import steady_seconds
from collector.bundle import NoRoom
from collector.hidden import narrow
from collector.ziparchive import ArchiveFull

_SECONDS = 30.0
_EVENTS = 20000
_LONGEST_EVENT = 1024 * 1024
_PREFIX, _STALE_SECONDS = "azure-backup-export-", 3600
_RECENT = "*[System[TimeCreated[timediff(@SystemTime) <= {since-ms}]]]"
_SPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"


def take(run, item):
    """Take one channel or one key of the running Windows."""
    _remove_leftovers()
    folder = tempfile.mkdtemp(prefix=_PREFIX)
    try:
        if item.kind == "eventlog":
            _take_channel(run, item, os.path.join(folder, "log.evtx"))
        else:
            _take_key(run, item, os.path.join(folder, "key.reg"))
    finally:
        shutil.rmtree(folder, True)


def _remove_leftovers():
    """Delete what a killed run exported, once it is old enough that no other run can be at it."""
    for name in os.listdir(tempfile.gettempdir()):
        path = os.path.join(tempfile.gettempdir(), name)
        try:
            if name.startswith(_PREFIX) and os.lstat(path).st_mtime < time.time() - _STALE_SECONDS:
                shutil.rmtree(path, True)
        except EnvironmentError:
            continue


def _take_channel(run, item, exported):
    query = commands.fill_in([_RECENT], run.options)[0]
    if run.options.redact == "secrets":
        argv = ["wevtutil", "epl", item.channel, exported, "/ow:true", "/q:" + query]
        record = run.add(manifest.Record(item.id, item.kind, item.why, item.vital, path=run.path_on_vm(item.paths[0]), argv=argv))
        record.note = "binary: not masked"
        _guarded(run, record, lambda: _keep_file(run, item, record, argv, exported, "files/C" + item.paths[0], True))
    argv = ["wevtutil", "qe", item.channel, "/q:" + query, "/f:XML", "/rd:true", "/uni:true", "/c:%d" % _EVENTS]
    record = run.add(manifest.Record(item.id + "-events", item.kind, item.why, item.vital, path=run.path_on_vm(item.paths[0]), argv=argv))
    _guarded(run, record, lambda: _keep_events(run, item, record, argv))


def _take_key(run, item, exported):
    argv = ["reg", "export", item.key, exported, "/y", "/reg:64"]
    record = run.add(manifest.Record(item.id, item.kind, item.why, item.vital, argv=argv))
    _guarded(run, record, lambda: _keep_file(run, item, record, argv, exported, "registry/%s.reg" % item.id, False))


def _guarded(run, record, action):
    spent = run.budget.spent()
    if spent:
        record.end("budget", spent)
        return
    record.started, began = manifest.utc_text(time.time()), steady_seconds()
    try:
        run.bundle.retry(action)
    except (NoRoom, ArchiveFull) as error:
        record.end("budget", str(error))
    except (EnvironmentError, ValueError) as error:
        record.end("failed", getattr(error, "strerror", None) or str(error))
    record.seconds = round(steady_seconds() - began, 3)


def _execute(run, record, argv, sink):
    """Run the program; whether it went well. If not, the record says why."""
    seconds = min(_SECONDS, run.budget.seconds_left)
    try:
        ended = commands.execute(argv, seconds, run.options.max_file_bytes * 4, sink)
    except commands.NoSuchProgram:
        record.end("failed", "there is no program " + argv[0])
        return False
    record.exit_code = ended.exit_code
    if ended.fate == "timeout":
        record.end("timeout", "ended after %g s without being done" % seconds)
    elif ended.fate == "stopped":
        record.end("budget", "the run was interrupted")
    elif ended.exit_code:
        words = run.redactor.text(ended.errors.decode("utf-8", "replace")).strip().split("\n")[0][:200]
        record.end(*_refusal(ended.exit_code, words))
    return record.status is None


def _refusal(code, words):
    """wevtutil: 15007 no such channel, 5 access denied; reg: 1 for a key that is not there."""
    if code == 15007 or "15007" in words or code == 1 and "access" not in words.lower():
        return "absent", words or "there is no such channel or key"
    if code == 5 or "access" in words.lower():
        return "denied", words or "access is denied"
    return "failed", words or "exit code %d" % code


def _keep_file(run, item, record, argv, exported, name, raw):
    if not _execute(run, record, argv, lambda data: None):
        return
    size = os.path.getsize(exported) if os.path.exists(exported) else 0
    record.original_bytes = size
    if not size:
        record.end("empty")
        return
    if size > min(item.limit or run.options.max_file_bytes, run.budget.bytes_left):
        record.end("budget", "%d bytes are more than the limit" % size)
        return
    member, masker = run.bundle.member(name, time.time()), run.redactor.stream()
    with open(exported, "rb") as stream:
        data = stream.read(1 << 18)
        while data:
            run.budget.used += len(data)
            member.write(data if raw else masker.feed(data))
            data = stream.read(1 << 18)
    if not raw:
        member.write(masker.finish())
        record.redactions = masker.count
    _close(record, member)


def _keep_events(run, item, record, argv):
    member, masker = run.bundle.member("files/C%s.events.jsonl" % item.paths[0][:-len(".evtx")], time.time()), run.redactor.stream()
    reader = EventReader(lambda event: member.write(masker.feed(_line(event, masker))))
    if not _execute(run, record, argv, reader.feed) and not reader.count:
        member.abandon()
        return
    reader.finish()
    member.write(masker.finish())
    record.redactions = masker.count
    run.budget.used += member.bytes
    if not reader.count:
        member.abandon()
        record.end("empty")
        return
    status, reason = record.status, record.reason
    _close(record, member)
    if status or reader.count >= _EVENTS:
        record.end("tailed", reason or "only the newest %d events" % _EVENTS)


def _close(record, member):
    member.finish()
    record.member, record.bytes, record.sha256 = member.name, member.bytes, member.sha256
    record.end("ok")


def _line(event, masker):
    """One event as a line; binary data that spells out a secret is masked as a whole."""
    if event.get("binary") and _spells_a_secret(event["binary"], masker):
        event["binary"] = masker.tag("packed", event["binary"].encode("ascii", "replace")).decode("ascii")
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def _spells_a_secret(digits, masker):
    try:
        return masker.holds_secret(narrow(binascii.unhexlify(digits.encode("ascii"))))
    except (TypeError, ValueError):
        return False


class EventReader(object):
    """Splits what `wevtutil qe /f:XML` prints into events, as plain values; events that are not XML are passed over."""

    def __init__(self, sink):
        self._sink, self._text, self._raw = sink, u"", b""
        self._wide = None
        self.count = 0

    def feed(self, data):
        self._raw += data
        if self._wide is None and len(self._raw) >= 4:
            self._wide = self._raw[:2] == b"\xff\xfe" or self._raw[1:2] == b"\0"
        if self._wide is None:
            return
        whole = len(self._raw) & ~1 if self._wide else len(self._raw)
        piece, self._raw = self._raw[:whole], self._raw[whole:]
        self._text += piece.decode("utf-16-le" if self._wide else "utf-8", "replace").replace(u"\ufeff", u"")
        self._split()

    def finish(self):
        self._split()

    def _split(self):
        while True:
            end = self._text.find(u"</Event>")
            if end < 0:
                if len(self._text) > _LONGEST_EVENT:
                    self._text = u""
                return
            text, self._text = self._text[:end + 8], self._text[end + 8:]
            event = _event(text[max(0, text.find(u"<Event")):])
            if event:
                self.count += 1
                self._sink(event)


def _event(text):
    """One event: provider, event id, time in UTC, level, channel, record id, computer, data by name or position, binary."""
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except (ElementTree.ParseError, ValueError):
        return None
    system = root.find(_SPACE + "System")
    if system is None:
        return None
    provider, number, created = system.find(_SPACE + "Provider"), system.find(_SPACE + "EventID"), system.find(_SPACE + "TimeCreated")
    event = {"provider": provider.get("Name") if provider is not None else None, "event_id": _number(number),
             "time": created.get("SystemTime") if created is not None else None, "level": _number(system.find(_SPACE + "Level")),
             "record_id": _number(system.find(_SPACE + "EventRecordID")), "channel": system.findtext(_SPACE + "Channel"),
             "computer": system.findtext(_SPACE + "Computer")}
    named, unnamed = {}, []
    for data in root.iter(_SPACE + "Data"):
        if data.get("Name"):
            named[data.get("Name")] = data.text or ""
        else:
            unnamed.append(data.text or "")
    user = root.find(_SPACE + "UserData")
    for element in user.iter() if user is not None else ():
        if element.text and element.text.strip():
            named[element.tag.rpartition("}")[2]] = element.text.strip()
    event["data"] = named or unnamed
    binary = root.find("%sEventData/%sBinary" % (_SPACE, _SPACE))
    if binary is not None and binary.text:
        event["binary"] = binary.text
    return event


def _number(element):
    try:
        return int(element.text)
    except (AttributeError, TypeError, ValueError):
        return None
