"""Files as `ls` lists them: several folders, any time style, links, and what could not be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from analyzer.clock import Clock
from analyzer.model import Row

from .text import Line, Output, integer, row, size
from .times import epoch, month_of, time_in, without_year

TYPES = {"-": "file", "d": "folder", "l": "link", "c": "device", "b": "device", "p": "fifo", "s": "socket", "D": "door"}
_MODE = r"([-dlcbpsD?][-rwxsStTlL?]{9})[.+@]?"
_ENTRY = re.compile(
    rf"(?:\s{{0,10}}\d{{1,18}}\s{{1,10}})?(?:\d{{1,12}}[KMG]?\s{{1,10}})?{_MODE}\s{{1,20}}(\d{{1,9}}|\?)\s{{1,20}}(\S{{1,64}})\s{{1,40}}"
    r"(?:(\S{1,64})\s{1,40})?"
    r"(\d{1,18}(?:[.,]\d)?[KMGTP]?|\d{1,6},\s{0,6}\d{1,9}|\?)\s{1,20}(\S.*)")
_FULL_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: [+-]\d{4})?) (.*)")
_RECENT = re.compile(r"([^\W\d]{2,5}\.?|\d{1,2}月)\s{1,3}(\d{1,2})\.?\s{1,3}(?:(\d{1,2}):(\d\d)|(\d{4}))\s(.*)")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s{1,3}([^\W\d]{2,5}\.?)\s{1,3}(?:(\d{1,2}):(\d\d)|(\d{4}))\s(.*)")
_ISO_RECENT = re.compile(r"(\d\d)-(\d\d) (\d\d):(\d\d) (.*)")
_ISO_OLD = re.compile(r"(\d{4})-(\d\d)-(\d\d)\s{1,3}(.*)")
_HUNG = re.compile(r"\?\s{1,20}(\S.*)")
_MISSING = re.compile(
    r".{0,60}[‘'\"`«„“]([^’'\"»“”]{1,400})[’'\"»“”].{0,40}: (.{1,200})$|ls: (?:cannot access )?([^\s:‘'\"][^:]{0,400}): (.{1,200})$")
_FOLDER = re.compile(r"(?:'|\")?(/.{0,1000}?|\.{1,2}/?.{0,1000}?|[A-Za-z]:.{0,1000}?)(?:'|\")?:$")


class _Named(NamedTuple):
    time: float | None
    name: str


def read_ls(output: Output) -> Iterator[Row]:
    """Rows of `files`; a folder's name comes from its heading, or from the arguments if only one was listed."""
    places = [part for part in output.operands() if "*" not in part]
    folder = places[0] if len(places) == 1 and not output.has_flag("d") else ""
    for line in output.lines:
        text = line.text
        heading = _FOLDER.fullmatch(text) if text.endswith(":") else None
        if heading:
            folder = heading.group(1)
            continue
        entry = _ENTRY.match(text[:2000])
        if entry:
            found = _entry(line, entry, folder, output.clock)
            if found:
                yield found
        else:
            missing = _missing(line)
            if missing:
                yield missing


def _missing(line: Line) -> Row | None:
    if not line.text.startswith(("ls:", "stat:", "find:", "du:", "/bin/ls:", "/usr/bin/ls:", "cat:")):
        return None
    found = _MISSING.match(line.text[:900])
    if not found:
        return None
    path, why = found.group(1) or found.group(3), found.group(2) or found.group(4)
    return row("files", line.number, path=path, name=path.rstrip("/").rpartition("/")[2], type="missing", error=why)


def _entry(line: Line, entry: re.Match[str], folder: str, clock: Clock) -> Row | None:
    mode, _, owner, group, amount, rest = entry.groups()
    named = _dated(rest, clock)
    if not named:
        return None
    name, arrow, target = named.name.partition(" -> ") if mode[0] == "l" else (named.name, "", "")
    name = name.strip("'\"") if name[:1] in "'\"" else name
    if name == "..":
        return None
    absolute = name.startswith("/") or not folder
    path = name if absolute else f"{folder.rstrip('/')}/{name}" if name != "." else folder
    return row("files", line.number, path=path, name=name.rstrip("/").rpartition("/")[2] or name, type=TYPES.get(mode[0], "unknown"), mode=mode,
               permissions=octal(mode), owner=owner, group=group, size=None if "," in amount and mode[0] in "bc" else size(amount), mtime=named.time,
               target=target.strip("'\"") if arrow else None)


def octal(mode: str) -> str | None:
    """The permissions of `rwxr-xr-x` as four octal digits.

    >>> octal("drwxrwxrwt"), octal("-rwsr-xr-x")
    ('1777', '4755')
    """
    bits = mode[1:10]
    if len(bits) != 9 or "?" in bits:
        return None
    special, plain = 0, 0
    for place, mark in enumerate(bits):
        if mark in "rwxst":
            plain |= 1 << (8 - place)
        if mark in "sStT":
            special |= {2: 4, 5: 2, 8: 1}.get(place, 0)
    return f"{special}{plain:03o}"


def _dated(rest: str, clock: Clock) -> _Named | None:
    found = _FULL_TIME.match(rest)
    if found:
        return _Named(time_in(found.group(1), clock), found.group(2))
    found = _RECENT.match(rest)
    if found and month_of(found.group(1)):
        return _named(clock, month_of(found.group(1)) or 1, found.group(2), *found.groups()[2:])
    found = _DAY_FIRST.match(rest)
    if found and month_of(found.group(2)):
        return _named(clock, month_of(found.group(2)) or 1, found.group(1), *found.groups()[2:])
    found = _ISO_RECENT.match(rest)
    if found:
        return _named(clock, int(found.group(1)), found.group(2), found.group(3), found.group(4), None, found.group(5))
    found = _ISO_OLD.match(rest)
    if found:
        return _Named(epoch(clock, int(found.group(1)), int(found.group(2)), int(found.group(3)), 0, 0), found.group(4))
    found = _HUNG.match(rest)
    if found:
        return _Named(None, found.group(1))
    # A date in a language we do not know: its last word is still the name.
    parts = rest.split(None, 3)
    return _Named(None, parts[3]) if len(parts) == 4 else None


def _named(clock: Clock, month: int, day: str, hour: str | None, minute: str | None, year: str | None, name: str) -> _Named:
    known = integer(day) or 0
    if year:
        return _Named(epoch(clock, int(year), month, known, 0, 0), name)
    return _Named(without_year(clock, month, known, int(hour or 0), int(minute or 0)), name)
