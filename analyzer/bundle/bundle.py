"""A bundle, whatever it came in: its members with their paths on the VM, its manifest, and what is wrong with it."""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from analyzer.bundle.archive import (
    PROBLEMS_WHILE_READING,
    Entry,
    compression,
    decompress,
    is_tar,
    is_zip,
    open_container,
    tar_entries,
    zip_entries,
)
from analyzer.bundle.layout import normalise, vm_path
from analyzer.bundle.limits import DEFAULT, Limits
from analyzer.bundle.manifest import Item, Manifest, parse_manifest
from analyzer.errors import BundleError

_NESTED = re.compile(r"(?i)\.(?:zip|tar|tgz|txz|tbz2?|tar\.(?:gz|xz|bz2|zst))$")
_PACKAGES = re.compile(r"(?:^|/)(?:WALinuxAgent-[\d.]+\.zip|[\w.]+__[\d.]+\.zip)$")
_COMPRESSED = re.compile(r"\.(?:gz|xz|bz2|zst)$")


# Status of a problem that costs nothing but what was written last: a log that was in use when it was copied.
UNCLOSED = "unclosed"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bundle. `path` is where it lay on the VM, or None; `item` what the manifest says of it."""

    name: str
    entry: Entry
    path: str | None = None
    item: Item | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The command whose output this is, if the manifest says so."""
        return self.item.argv if self.item else ()

    @property
    def size(self) -> int:
        """Bytes, as the archive claims."""
        return self.entry.size


@dataclass(slots=True)
class Problem:
    """Something about the bundle that the reader of the report must know."""

    item: str
    status: str
    reason: str


@dataclass(slots=True)
class Bundle:
    """An opened bundle. `layout` is bundle, folder, zip, tar or file; `members()` may be walked more than once."""

    path: Path
    layout: str
    manifest: Manifest | None
    limits: Limits
    prefix: str = ""
    problems: list[Problem] = field(default_factory=list)
    tampered: set[str] = field(default_factory=set)
    verified: int = 0
    hashed: set[str] = field(default_factory=set)
    total_bytes: int = 0

    def members(self) -> Iterator[Member]:
        """Every member in the container's order; nested archives follow as `outer.zip!/inner`."""
        by_name = {item.member: item for item in self.manifest.items if item.member} if self.manifest else {}
        _, entries = open_container(self.path, self.limits)
        count = 0
        for entry in entries:
            name = normalise(entry.name)
            short = name.removeprefix(self.prefix)
            if self.manifest and short in ("manifest.json", "README.txt", "manifest.json.tmp"):
                continue
            item = by_name.get(short)
            if self.manifest and item is None:
                self._problem(short, "unlisted", "not in the manifest: it was not read")
                continue
            path = item.path if item and item.path else None
            if path is None and not (item and item.kind in ("command", "probe")):
                path = vm_path(short)
            member = Member(short, entry, path, item)
            count += 1
            if count > self.limits.members:
                self._problem("(bundle)", "budget", f"more than {self.limits.members} members: the rest was not read")
                return
            yield member
            if _NESTED.search(name) and not _PACKAGES.search(name):
                yield from self._nested(member, 1)

    def read(self, member: Member, most: int | None = None) -> bytes:
        """The member's plain bytes, at most `most`; what a damaged member still gives, with a problem noted."""
        limit = self.limits.structured_bytes if most is None else most
        parts: list[bytes] = []
        left = limit
        try:
            for chunk in self.chunks(member):
                if left > 0:
                    parts.append(chunk[:left])
                    left -= len(chunk)
                elif not (member.item and member.item.sha256):
                    break
        except PROBLEMS_WHILE_READING as error:
            self._problem(member.name, "failed", f"could be read in part only: {error}")
        return b"".join(parts)

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes, decompressed if the file itself is compressed, hashed on the way where a hash is known."""
        stream = self._hashed(member)
        if not _COMPRESSED.search(member.name):
            yield from stream
            return
        first = next(stream, b"")
        kind = compression(first[:16])
        joined = _chain(first, stream)
        if kind is None:
            yield from joined
            return
        yield from decompress(kind, joined, self.limits.member_bytes)
        for _ in joined:
            pass

    def drain(self, member: Member) -> None:
        """Read a member that nobody wants, only to check its hash."""
        if member.item and member.item.sha256 and member.name not in self.hashed:
            try:
                for _ in self._hashed(member):
                    pass
            except PROBLEMS_WHILE_READING as error:
                self._problem(member.name, "failed", f"could not be read: {error}")

    def note(self, member: str, error: BaseException) -> None:
        """Remember that reading a member failed midway."""
        self._problem(member, "failed", f"could be read in part only: {error}")

    def note_text(self, member: str, reason: str, status: str = "failed") -> None:
        """Remember what of a member was lost, in words."""
        self._problem(member, status, reason)

    def _hashed(self, member: Member) -> Iterator[bytes]:
        expected = member.item.sha256 if member.item else None
        digest = hashlib.sha256() if expected and member.name not in self.hashed else None
        for chunk in member.entry.chunks():
            self.total_bytes += len(chunk)
            if self.total_bytes > self.limits.total_bytes:
                raise ValueError("the bundle inflates to more than the limit: the rest was not read")
            if digest:
                digest.update(chunk)
            yield chunk
        if digest and expected:
            self.hashed.add(member.name)
            if digest.hexdigest() == expected.lower():
                self.verified += 1
            else:
                self.tampered.add(member.name)
                self._problem(member.name, "tampered", "its content is not what the collector wrote: the hash differs")

    def _problem(self, item: str, status: str, reason: str) -> None:
        if not any(known.item == item and known.status == status for known in self.problems):
            self.problems.append(Problem(item, status, reason))

    def _nested(self, outer: Member, depth: int) -> Iterator[Member]:
        if depth > self.limits.nesting or outer.size > self.limits.nested_archive_bytes:
            self._problem(outer.name, "budget", "an archive inside the bundle was not opened: too deep or too large")
            return
        raw = self.read(outer, self.limits.nested_archive_bytes + 1)
        if len(raw) > self.limits.nested_archive_bytes:
            return
        try:
            for entry in _archive_in_memory(raw, self.limits, outer.name):
                inner = normalise(entry.name)
                name = f"{outer.name}!/{inner}"
                member = Member(name, replace(entry, name=name), _nested_path(outer, inner), None)
                yield member
                if _NESTED.search(inner) and not _PACKAGES.search(inner):
                    yield from self._nested(member, depth + 1)
        except BundleError as error:
            self._problem(outer.name, "failed", error.what)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _archive_in_memory(raw: bytes, limits: Limits, where: str) -> Iterator[Entry]:
    if is_zip(raw[:4]):
        return zip_entries(io.BytesIO(raw), limits, where)
    kind = compression(raw[:16])
    if kind:
        plain = b"".join(decompress(kind, iter([raw]), limits.nested_archive_bytes))
        if is_tar(plain[:512]):
            return tar_entries(lambda: io.BytesIO(plain), limits, where)
    if is_tar(raw[:512]):
        return tar_entries(lambda: io.BytesIO(raw), limits, where)
    return iter(())


def _nested_path(outer: Member, inner: str) -> str | None:
    """A goal state's history zip stands for a folder of its name; other archives bring their own paths."""
    if outer.path and "/waagent/history/" in outer.path:
        return f"{posixpath.splitext(outer.path)[0]}/{inner}"
    return vm_path(inner)


def open_bundle(path: Path, limits: Limits = DEFAULT) -> Bundle:
    """Open what lies at `path`. Raises BundleError if it cannot be read, or holds nothing at all."""
    kind, entries = open_container(path, limits)
    manifest: Manifest | None = None
    prefix, count = "", 0
    present: set[str] = set()
    problems: list[Problem] = []
    for entry in entries:
        count += 1
        name = normalise(entry.name)
        present.add(name)
        if entry.problem:
            problems.append(Problem(name, "failed", entry.problem))
        if manifest is None and posixpath.basename(name) == "manifest.json" and name.count("/") <= 2:
            try:
                raw = b"".join(_first(entry.chunks(), 64 << 20))
            except PROBLEMS_WHILE_READING as error:
                problems.append(Problem(name, "failed", str(error)))
                continue
            manifest = parse_manifest(raw)
            prefix = name[:-len("manifest.json")] if manifest else ""
    if not count:
        raise BundleError("holds no files", where=str(path), advice="give the bundle, or the folder it was unpacked to")
    bundle = Bundle(path, "bundle" if manifest else kind, manifest, limits, prefix, problems)
    if manifest:
        _missing_members(bundle, manifest, present)
    return bundle


def _first(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            return
        yield chunk


def _missing_members(bundle: Bundle, manifest: Manifest, present: set[str]) -> None:
    for item in manifest.items:
        if item.member and bundle.prefix + item.member not in present and item.status in ("ok", "tailed", "changed"):
            bundle.problems.append(Problem(item.member, "missing", "the manifest lists it, but it is not in the bundle"))
