"""Files as `find -ls`, `stat`, `du` and Windows `dir` list them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from . import listings
from .objects import objects_of
from .text import Line, Output, digits, integer, row, size
from .times import epoch, time_in

_STAT_NAME = re.compile(r"\s{0,6}\S{1,12}: [‘'`\"“]?(/.*?|\.{1,2}/.*?)[’'\"”]?(?: -> [‘'`\"“]?(.*?)[’'\"”]?)?$")
_STAT_SIZE = re.compile(r"\s{0,6}\S{1,14}: (\d{1,18})\s{1,30}\S.{0,60}: \d{1,18}\s{1,30}\S.{0,60}?\s(\S.{0,60})$")
_STAT_ACCESS = re.compile(
    r".{0,40}: \((\d{3,5})/([-dlcbps][-rwxsStT]{9})\)\s{1,6}Uid: \(\s{0,10}(\d{1,10})/\s{0,30}(\S{1,64})\)\s{1,6}Gid: \(\s{0,10}"
    r"(\d{1,10})/\s{0,30}(\S{1,64})\)")
_STAT_TIME = re.compile(r"\s{0,6}\S{1,16}\s?:? {1,3}(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*)")
_DU = re.compile(r"(\d{1,18}(?:[.,]\d{1,3})?[KMGTP]?)\t(\S.*)|(\d{1,18}(?:[.,]\d{1,3})?[KMGTP]?)\s{1,20}(/.*)")


def read_find(output: Output) -> Iterator[Row]:
    """Rows of `files` from `find -ls` (as from ls), and bare paths from a plain `find`."""
    found = False
    for entry in listings.read_ls(output):
        found = True
        yield entry
    if found:
        return
    for line in output.lines:
        if line.text.startswith("/"):
            yield row("files", line.number, path=line.text, name=line.text.rstrip("/").rpartition("/")[2])


def read_stat(output: Output) -> Iterator[Row]:
    """Rows of `files` from `stat`, its labels in any language: a name line opens each file."""
    values: dict[str, Value] = {}
    first, times = 0, 0
    for line in output.lines:
        text = line.text[:1200]
        missing = text.startswith("stat:")
        named = None if missing else _STAT_NAME.fullmatch(text)
        if named or missing:
            if values:
                yield row("files", first, **values)
            path = named.group(1) if named else ""
            values, first, times = {}, line.number, 0
            if named:
                values = {"path": path, "name": path.rstrip("/").rpartition("/")[2] or path, "target": named.group(2)}
            else:
                yield from listings.read_ls(Output(line.text, [line]))
        elif values:
            times = _stat_field(text, values, times, output)
    if values:
        yield row("files", first, **values)


def _stat_field(text: str, values: dict[str, Value], times: int, output: Output) -> int:
    amount, access, stamp = _STAT_SIZE.match(text), _STAT_ACCESS.match(text), _STAT_TIME.match(text)
    if amount and "size" not in values:
        values["size"] = int(amount.group(1))
    elif access:
        values.update(permissions=access.group(1).zfill(4), mode=access.group(2), type=listings.TYPES.get(access.group(2)[0]), owner=access.group(4),
                      group=access.group(6))
    elif stamp:
        # Access, modification and change stand in this order in every language.
        times += 1
        name = {1: "atime", 2: "mtime", 3: "ctime"}.get(times)
        if name:
            values[name] = time_in(stamp.group(1), output.clock)
    return times


def read_du(output: Output) -> Iterator[Row]:
    """Rows of `files` with path and size from `du`."""
    unit = 1 if output.has_flag("b") or "--bytes" in output.argv else 1024 ** 2 if output.has_flag("m") else 1024
    for line in output.lines:
        found = _DU.fullmatch(line.text[:2000])
        if found:
            amount, path = found.group(1) or found.group(3), found.group(2) or found.group(4)
            yield row("files", line.number, path=path, name=path.rstrip("/").rpartition("/")[2] or path, size=size(amount, unit))


_DIR_ENTRY = re.compile(
    r"(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?)\s{1,4}(\d{1,2}[:.]\d\d)(?::\d\d)?\s?([AaPp]\.?[Mm]\.?)?\s{1,30}"
    r"(<[A-Z]{2,9}>|[\d.,’'\u00a0\u202f ]{1,26})\s{1,30}(\S.*)")
_DIR_FOLDER = re.compile(r"\s(?:.{0,40}\s|.{0,40}：?)([A-Za-z]:\\.{0,1000}?)(?: 的目录| のディレクトリ| 디렉터리|-Verzeichnis)?$")
_DIR_KINDS = {"<DIR>": "folder", "<SYMLINKD>": "link", "<SYMLINK>": "link", "<JUNCTION>": "link"}


def read_dir(output: Output) -> Iterator[Row]:
    """Rows of `files` from Windows `dir`, with or without /s; PowerShell's Get-ChildItem as list, table, CSV or JSON."""
    folder, entries = "", False
    day_first = _day_first(output)
    for line in output.lines:
        text = line.text[:1500]
        heading = _DIR_FOLDER.match(text)
        found = _DIR_ENTRY.fullmatch(text)
        if heading and not found:
            folder = heading.group(1)
        elif found and found.group(5) not in (".", ".."):
            entries = True
            yield _dir_entry(line, found, folder, day_first, output)
    if not entries:
        yield from _child_items(output)


def _day_first(output: Output) -> bool:
    """Some day above 12 tells 23/11/2026 from 11/23/2026; so does a dot between the parts."""
    for line in output.lines[:5000]:
        found = _DIR_ENTRY.match(line.text[:300])
        if not found:
            continue
        parts = re.split(r"[./-]", found.group(1).rstrip("."))
        if "." in found.group(1).rstrip(".") or (len(parts) == 3 and (integer(parts[0]) or 0) > 12 and len(parts[0]) == 2):
            return True
        if len(parts) == 3 and (integer(parts[1]) or 0) > 12:
            return False
    return False


def _dir_entry(line: Line, found: re.Match[str], folder: str, day_first: bool, output: Output) -> Row:
    date, clock, half, kind, name = found.groups()
    first, second, third = (integer(part) or 0 for part in re.split(r"[./-]", date.rstrip(".")))
    if first > 31:
        year, month, day = first, second, third
    else:
        year, month, day = (third, second, first) if day_first else (third, first, second)
    hour, minute = (int(part) for part in re.split("[:.]", clock))
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    name, arrow, target = name.partition(" [") if kind in ("<SYMLINKD>", "<SYMLINK>", "<JUNCTION>") else (name, "", "")
    path = f"{folder}\\{name}".replace("\\\\", "\\") if folder else name
    mtime = epoch(output.clock, year + (2000 if year < 100 else 0), month, day, hour, minute)
    return row("files", line.number, path=path, name=name, type=_DIR_KINDS.get(kind, "file"),
               size=None if kind.startswith("<") else digits(kind), mtime=mtime, target=target.rstrip("]") if arrow else None)


def _child_items(output: Output) -> Iterator[Row]:
    for thing in objects_of(output):
        path, length = thing.first("FullName", "PSPath", "Name"), integer(thing.first("Length"))
        stamp = thing.first("LastWriteTimeUtc", "LastWriteTime")
        if path and (length is not None or stamp):
            folder = (thing.first("PSIsContainer") or "").lower() == "true" or (thing.first("Mode") or "").startswith("d")
            yield row("files", thing.line, path=path, name=path.replace("\\", "/").rpartition("/")[2], size=length,
                      type="folder" if folder else "file", mtime=time_in(stamp or "", output.clock))
