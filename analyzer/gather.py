"""The walk over a bundle: each member is recognised, scanned as text, read into tables, or both. One pass, in order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from analyzer.bundle.archive import PROBLEMS_WHILE_READING
from analyzer.bundle.bundle import Bundle, Member
from analyzer.clock import DAY, Clock, zone_of
from analyzer.coverage import members_table, spread_tables
from analyzer.evidence import Evidence, MemberInfo, Table, TableRow, cite_line
from analyzer.model import Row
from analyzer.scan.activity import Activity
from analyzer.scan.lines import as_utf8
from analyzer.scan.pattern import Pattern
from analyzer.scan.scanner import Scanner
from analyzer.scan.unwrap import unwrap
from analyzer.sniffing import date_in, is_binary, sniff_sources, unquoted
from analyzer.sources.catalogue import Catalogue
from analyzer.sources.readers import reader_for
from analyzer.sources.retold import retold
from analyzer.sources.rows import Artifact, Reader
from analyzer.sources.windows.reading import LARGEST_TEXT, WindowsReader, zone_in
from analyzer.sources.windows.reading import recognise as recognise_windows
from analyzer.standins import StateProbes, probe_sentence

if TYPE_CHECKING:
    from analyzer.sources.commands import Reader as CommandReader

# Pasted pieces are small; logs that a program wrote are not broken by a terminal.
SMALL = 1 << 19
RETELL = frozenset({"statuses", "reported-status", "handler-status"})
"""Tables of the reports that retell what was logged."""
MOST_RETOLD = 3000
"""Retold lines of one bundle: each is compared with every pattern."""
# What a person wrote down holds sentences beside the tables that are read out of it.
PASTED = ("transcript", "session", "nettest")
# Commands that only Windows has, and words that only texts about Windows hold: a fragment may show nothing else.
WINDOWS_COMMANDS = frozenset({"sc", "net", "net-adapter", "get-service", "tasklist", "win32-process", "win-disks", "fsutil", "win-cpu", "typeperf",
                              "netsh-firewall", "win-rules", "ipconfig", "systeminfo", "reg", "winhttp", "transcript", "w32tm", "vss-writers",
                              "vss-providers", "vss-shadows", "vss-shadowstorage"})
_WINDOWS_WORDS = re.compile(r"(?i)\b[C-Z]:\\|WindowsAzure|WaAppAgent|\bRdAgent\b|IaaS(?:Vm|Bcdr)|\bvssadmin\b|\bVSS\b|HKEY_LOCAL_MACHINE|\bHKLM\b"
                            r"|PowerShell|BitLocker|COM\+|Visual C\+\+|Redistributable|\.NET Framework|Test-NetConnection|TcpTestSucceeded"
                            r"|Windows (?:Server|Azure Guest Agent)|osType\W{1,5}Windows|windowsConfiguration")


def gather(bundle: Bundle, catalogue: Catalogue, patterns: Sequence[Pattern], scanner: Scanner | None = None) -> Evidence:
    """Everything `bundle` yields for these patterns. Damaged members give what they can, and a problem.

    A `scanner` of the same patterns, without hits, may be given: building one costs more than reading a small bundle.
    """
    walk = _Walk(bundle, catalogue, scanner or Scanner(patterns))
    for member in bundle.members():
        walk.take(member)
    return walk.finish()


class _Walk:
    def __init__(self, bundle: Bundle, catalogue: Catalogue, scanner: Scanner) -> None:
        manifest = bundle.manifest
        self.bundle, self.catalogue, self.scanner = bundle, catalogue, scanner
        self.evidence = Evidence(bundle, catalogue, hits=scanner.hits)
        self.structured = self.retold = 0
        self.state_probes = StateProbes()
        zone = (zone_of(manifest.timezone) if manifest else None) or zone_in(bundle)
        self.evidence.zone = (manifest.timezone if manifest else None) or (str(zone) if zone else "unknown")
        near = manifest.finished if manifest else None
        guess = date_in(bundle) if near is None else None
        self.local = Clock(zone, near or guess, guessed=guess is not None)
        self.utc = Clock(zone_of("UTC"), near or guess, guessed=guess is not None)
        self.windows = bool(manifest and manifest.platform == "windows")
        self.windows_words = False
        self.winreader = WindowsReader(bundle, catalogue.events, self.local)

    def take(self, member: Member) -> None:
        """Recognise one member and read it as what it is."""
        sources = self.catalogue.of(member.path, member.argv or _guessed(member))
        self.windows = self.windows or bool(member.path and re.match(r"[A-Z]:/", member.path))
        if member.entry.problem:
            return
        if (member.item and member.item.kind == "probe") or member.name.startswith("probes/"):
            self._probe(member)
            return
        kind = recognise_windows(member)
        if kind in ("evtx", "hive"):
            self._windows(member, kind, sources)
            return
        reader = reader_for(member.path) if member.path else None
        command = None if kind else _recognised(member)
        if kind == "events":
            self._events(member, sources)
        elif reader or command:
            self._structured(member, reader, command, sources)
        elif sources:
            self._text(member, sources, self.bundle.chunks(member))
        else:
            self._unknown(member)

    def _windows(self, member: Member, kind: str, sources: list[str]) -> None:
        if kind == "evtx":
            found, activity = self.winreader.evtx(member)
            self._remember(member, [*dict.fromkeys((*found, *sources))], (), activity)
            return
        rows, listing = self.winreader.hive(member)
        tables = tuple(dict.fromkeys(row.table for row in rows))
        self._add(member, rows, tables, listing)
        self._remember(member, sources, tables, None)

    def _events(self, member: Member, sources: list[str]) -> None:
        """What its name calls an export of events; read as other text if it is none."""
        raw = self.bundle.read(member, LARGEST_TEXT)
        text = b"".join(as_utf8(iter([raw]))).decode("utf-8", errors="replace")
        found = self.winreader.text(member, text)
        if found is None:
            self._structured(member, None, None, sources)
            return
        self._pasted(member, text)
        self._text(member, [*dict.fromkeys((*found[0], *sources))], iter([text.encode(errors="replace")]), activity=found[1])

    def _pasted(self, member: Member, text: str) -> None:
        """The output of commands that somebody pasted beside exported events."""
        command = _sniffed(text)
        if command is not None and command.name in PASTED:
            self._add(member, command.read(text, self.local), (), text)

    def _unknown(self, member: Member) -> None:
        """A member that neither its path nor its command tells of: small ones are sniffed whole, large ones by their head."""
        if is_binary(member.name):
            self.bundle.drain(member)
            self._remember(member, [], (), None)
        elif member.size <= self.bundle.limits.structured_bytes:
            self._structured(member, None, None, [])
        else:
            chunks = self.bundle.chunks(member)
            head = next(chunks, b"")
            self._text(member, sniff_sources(head[:65536]), itertools.chain([head], chunks))

    def _text(self, member: Member, sources: list[str], chunks: Iterator[bytes], tables: tuple[str, ...] = (),
              activity: Activity | None = None) -> None:
        clock = self._clock(sources)
        known, activity = activity, Activity()
        try:
            activity = self.scanner.scan(member.name, member.path or member.name, sources,
                                         _mended(chunks) if member.size <= SMALL else chunks, clock,
                                         size=member.size, pulse=any(self.catalogue[name].pulse for name in sources))
        except PROBLEMS_WHILE_READING as error:
            self.bundle.note(member.name, error)
        self._remember(member, sources, tables, known if known and known.latest is not None else activity)

    def _clock(self, sources: list[str]) -> Clock:
        """How this member's stamps without a zone are read: as UTC where its program writes UTC, but for the lines it writes locally."""
        for name in sources:
            source = self.catalogue[name]
            if source.zone == "utc":
                return Clock(self.utc.zone, self.utc.near, source.local_form, self.local.zone, self.utc.guessed)
        return self.local

    def _structured(self, member: Member, reader: Reader | None, command: CommandReader | None, sources: list[str]) -> None:
        """A small artifact: read whole, so that it can be sniffed, parsed and scanned."""
        if self.structured > self.bundle.limits.structured_total_bytes:
            self.bundle.drain(member)
            self._remember(member, sources, (), None)
            return
        raw = self.bundle.read(member)
        self.structured += len(raw)
        text = b"".join(as_utf8(iter([raw]))).decode("utf-8", errors="replace")
        if not (reader or command or sources or member.argv):
            text = unquoted(text)
        exported = None if reader or command or sources or member.argv else self.winreader.text(member, text)
        if exported:
            self._pasted(member, text)
            self._text(member, exported[0], iter([text.encode(errors="replace")]), activity=exported[1])
            return
        tables: tuple[str, ...] = ()
        rows: list[Row] = []
        if reader and member.path:
            mtime = (member.item.mtime if member.item else None) or (member.entry.mtime if self.bundle.layout == "folder" else None)
            rows, tables = reader.read(Artifact(member.path, text, self.local, mtime)), reader.tables
        else:
            command = command or (None if sources or member.argv else _sniffed(text))
            if command is not None:
                rows, tables = command.read(text, self.local), tuple(command.tables)
                if not rows and not member.argv and command != (told := _sniffed(text)) and told is not None:  # a name guessed wrong
                    command, rows, tables = told, told.read(text, self.local), tuple(told.tables)
                self.windows = self.windows or (bool(rows) and command.name in WINDOWS_COMMANDS)
        self._add(member, rows, tables, text)
        if not sources and (not rows or (command and command.name in PASTED)) and "\0" not in text[:4096]:
            sources = sniff_sources(text[:65536].encode(errors="replace"))
        if self.retold < MOST_RETOLD and (not reader or RETELL.intersection(reader.tables)):
            for one in retold(text):
                self.retold += 1
                self.scanner.scan_line(member.name, member.path or member.name, one.source, one.line, one.text, one.words, one.time)
        self.windows_words = self.windows_words or bool(not reader and _WINDOWS_WORDS.search(text[:65536]))
        known = tuple(dict.fromkeys((*tables, *(row.table for row in rows))))
        self._text(member, sources, iter([text.encode(errors="replace")]), known)

    def _probe(self, member: Member) -> None:
        from analyzer.sources.commands import read_probe
        text = self.bundle.read(member).decode("utf-8", errors="replace")
        rows = read_probe(text)
        self._add(member, rows, ("probes",), text)
        self._remember(member, [], ("probes",), None)
        if rows:
            self.state_probes.take(cite_line(member, rows[0].line, probe_sentence(rows[0].values)), member, text)

    def _add(self, member: Member, rows: list[Row], tables: tuple[str, ...], text: str) -> None:
        lines = text.split("\n") if rows else []
        whole = _whole(member, rows) and member.name not in self.bundle.tampered
        for name in {*tables, *(row.table for row in rows)}:
            table = self.evidence.tables.setdefault(name, Table())
            if name in tables and whole and not table.whole and table.reason == Table().reason:
                table.whole, table.reason = True, ""
            taken = member.item.started if member.item and not (self.bundle.manifest and self.bundle.manifest.mounted) else None
            table.taken = taken if table.taken is None else table.taken
        for row in rows:
            cited = lines[row.line - 1] if 0 < row.line <= len(lines) else ""
            if row.table == "probes":
                cited = probe_sentence(row.values)
            cite = cite_line(member, row.line, cited.strip("\r"))
            self.evidence.tables[row.table].rows.append(TableRow(row.values, cite, row.time))

    def _remember(self, member: Member, sources: list[str], tables: tuple[str, ...], activity: Activity | None) -> None:
        self.evidence.members.append(MemberInfo(member.name, member.path, tuple(sources), tables, member.size, activity, member.item))

    def _collected(self, times: list[float]) -> tuple[float | None, bool]:
        """When the evidence was collected, and whether that is known: by the manifest, or by a person who asked for the time.

        A mounted disk was collected some time after its last sign of life, which is what counts. `times` are the last times
        of the members.
        """
        manifest, latest = self.bundle.manifest, max(times, default=None)
        if manifest and manifest.finished:
            return min(manifest.finished, latest) if manifest.mounted and latest is not None else manifest.finished, True
        told = [row.values.get("value") for row in self.evidence.rows("clock") if row.values.get("key") == "now"]
        asked = self.evidence.asked = max((float(time) for time in told if isinstance(time, (int, float))), default=None)
        if asked is not None and (latest is None or asked >= latest - DAY):
            return asked, True
        return latest, False

    def finish(self) -> Evidence:
        """Close the walk: the platform, the collection time, and what the manifest says of tables."""
        evidence, manifest = self.evidence, self.bundle.manifest
        self.winreader.finish(evidence)
        self.windows = self.windows or self.winreader.met or any(evidence.rows(name) for name in ("writers", "registry", "winproxy"))
        platforms = {self.catalogue[name].platform for member in evidence.members for name in member.sources}
        self.windows = self.windows or "windows" in platforms or (self.windows_words and "linux" not in platforms)
        evidence.platform = (manifest.platform if manifest and manifest.platform else None) or ("windows" if self.windows else "linux")
        times = [member.activity.latest for member in evidence.members
                 if member.activity and member.activity.latest and member.activity.uncertainty < 40 * 86400 and "clock" not in member.tables]
        evidence.collected, evidence.collected_known = self._collected(times)
        members_table(evidence)
        spread_tables(evidence)
        self.state_probes.stand_in(evidence)
        return evidence


def _mended(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A small text as one block of UTF-8, the lines that a terminal broke joined. Raises what reading raises, after what came before."""
    held: list[bytes] = []
    trouble: Exception | None = None
    try:
        held.extend(as_utf8(chunks))
    except PROBLEMS_WHILE_READING as error:
        trouble = error
    yield unwrap(b"".join(held).decode(errors="surrogateescape")).encode(errors="surrogateescape")
    if trouble:
        raise trouble


def _whole(member: Member, rows: list[Row]) -> bool:
    """Whether a member tells all there was: collected whole, and no command that failed with nothing to say."""
    item = member.item
    return item is None or (item.whole and (item.exit_code in (None, 0) or bool(rows)))


def _guessed(member: Member) -> Sequence[str]:
    """The command that a member's name tells of, if no path does."""
    from analyzer.sources import commands
    return (commands.guess_argv(member.name) or ()) if member.path is None else ()


def _recognised(member: Member) -> CommandReader | None:
    from analyzer.sources import commands
    argv = member.argv or _guessed(member)
    return commands.recognise(argv) if argv else None


def _sniffed(text: str) -> CommandReader | None:
    from analyzer.sources import commands
    return commands.sniff(text)
