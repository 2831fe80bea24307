"""Looking at one member of a bundle: found by its name or its path on the VM, streamed, with lines counted as citations do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from difflib import get_close_matches

from analyzer.bundle.archive import PROBLEMS_WHILE_READING, open_container
from analyzer.bundle.bundle import Bundle, Member
from analyzer.bundle.layout import normalise
from analyzer.errors import BundleError, UsageError
from analyzer.report.places import Places, last_part
from analyzer.scan.lines import as_utf8, decode, whole_lines
from analyzer.sources.windows.reading import lines_of as windows_lines

ABOUT_THE_BUNDLE = ("manifest.json", "README.txt")
SAMPLE = 4096


def split_line(wanted: str) -> tuple[str, int | None]:
    """A member and the line asked for, of `MEMBER[:LINE]`.

    >>> split_line("C:/WindowsAzure/Logs/WaAppAgent.log:12")
    ('C:/WindowsAzure/Logs/WaAppAgent.log', 12)
    """
    name, colon, line = wanted.rpartition(":")
    if colon and line.isascii() and line.isdigit() and name:
        return name, int(line)
    return wanted, None


def locate(bundle: Bundle, wanted: str) -> tuple[Member, int | None]:
    """The member that `wanted` names, and the line. Raises UsageError if there is none, or more than one.

    The walk ends at the member: one of a tar must be read before the next is asked for.
    """
    name, line = split_line(wanted)
    if name in ABOUT_THE_BUNDLE and bundle.manifest:
        return _about(bundle, name), line
    listed = [(member.name, member.path) for member in bundle.members()]
    for candidate, number in ((wanted, None), (name, line)):
        matches = Places(listed).find(candidate)
        if len(matches) == 1:
            return next(member for member in bundle.members() if member.name == matches[0]), number
        if matches:
            shown = ", ".join(matches[:4]) + (f" and {len(matches) - 4} more" if len(matches) > 4 else "")
            raise UsageError(f"{candidate!r} may mean {len(matches)} members", where=str(bundle.path), advice=f"name one: {shown}")
    known = {last_part(full): full for pair in listed for full in pair if full}
    near = [known[one] for one in get_close_matches(last_part(name), known, 2)]
    advice = f"did you mean {' or '.join(near)}?" if near else "`analyze files BUNDLE` lists what there is"
    raise UsageError(f"no member {name!r}", where=str(bundle.path), advice=advice)


def _about(bundle: Bundle, name: str) -> Member:
    _, entries = open_container(bundle.path, bundle.limits)
    for entry in entries:
        if normalise(entry.name) == bundle.prefix + name:
            return Member(name, entry)
    raise UsageError(f"no member {name!r}", where=str(bundle.path))


def lines_of(bundle: Bundle, member: Member) -> Iterator[str]:
    """The member's lines as text, decompressed and decoded, one at a time whatever its size. Raises BundleError, UsageError."""
    if member.entry.problem:
        raise BundleError(f"{member.name} cannot be read: {member.entry.problem}", where=str(bundle.path))
    listed = windows_lines(member, bundle.chunks(member))
    if listed is not None:
        yield from listed
        return
    first = True
    with contextlib.closing(whole_lines(as_utf8(bundle.chunks(member)))) as blocks:  # type: ignore[type-var]
        try:
            for block in blocks:
                if first and b"\0" in block[:SAMPLE]:
                    raise UsageError(f"{member.name} is binary ({member.size} bytes)", where=str(bundle.path),
                                     advice="unpack the bundle to look at it")
                first = False
                lines = block.split(b"\n")
                if not lines[-1]:
                    lines.pop()
                yield from map(decode, lines)
        except PROBLEMS_WHILE_READING as error:
            raise BundleError(f"{member.name} could be read in part only: {error}", where=str(bundle.path)) from error


def around(lines: Iterator[str], line: int, reach: int) -> tuple[list[tuple[int, str]], int]:
    """The lines within `reach` of a line, numbered from 1, and the number of the last line that was read."""
    kept: list[tuple[int, str]] = []
    number = 0
    for number, text in enumerate(lines, 1):
        if number >= line - reach:
            kept.append((number, text))
        if number >= line + reach:
            break
    return kept, number
