"""Mounted file systems: `mount`, /proc/mounts, mountinfo and `findmnt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyzer.model import Row

from .text import Line, Output, Places, load_json, row

_OCTAL = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2}))")
_INFO = re.compile(r"\d{1,9} \d{1,9} \d{1,6}:\d{1,9} ")
_TYPE = re.compile(r"[a-z][\w.-]{1,40}")
_FINDMNT_PAIR = re.compile(r'([A-Z%:-]{1,20})="([^"]{0,4000})"')


def unescape(text: str) -> str:
    r"""A path with the kernel's escapes decoded.

    >>> unescape(r"/mnt/my\040disk")
    '/mnt/my disk'
    """
    if "\\" not in text:
        return text
    return _OCTAL.sub(lambda found: chr(int(found.group(1), 16) if found.group(1) else int(found.group(2), 8)), text)


def read_mounts(output: Output) -> Iterator[Row]:
    """Rows of `mounts` from any of the forms, told apart line by line."""
    if output.text.lstrip()[:1] == "{":
        yield from _from_json(output)
        return
    tree = next((line for line in output.lines[:5] if line.text.startswith("TARGET ") and "SOURCE" in line.text), None)
    if tree:
        yield from _findmnt(output, tree)
        return
    for line in output.lines:
        found = _mountinfo(line) or _pairs(line) or _mount(line) or _proc_mounts(line)
        if found:
            yield found


def _row(line: int, device: str, mount: str, kind: str | None, options: str, root: str | None = None, extra: str = "",
         device_number: str | None = None) -> Row:
    flags = {*options.replace(" ", "").split(","), *(part for part in extra.split(",") if part == "ro")}
    return row("mounts", line, device=unescape(device), mount=unescape(mount), type=kind, options=options,
               read_only="ro" in flags or "read-only" in flags, noexec="noexec" in flags, root=root, device_number=device_number)


def _mountinfo(line: Line) -> Row | None:
    if not _INFO.match(line.text):
        return None
    front, dash, back = line.text.partition(" - ")
    left, right = front.split(" "), back.split(" ")
    if not dash or len(left) < 6 or len(right) < 2:
        return None
    return _row(line.number, right[1], left[4], right[0], left[5], unescape(left[3]), right[2] if len(right) > 2 else "", left[2])


def _proc_mounts(line: Line) -> Row | None:
    parts = line.text.split(" ")
    if len(parts) != 6 or not parts[4].isdigit() or not parts[5].isdigit() or not parts[1].startswith("/"):
        return None
    return _row(line.number, parts[0], parts[1], parts[2], parts[3])


def _mount(line: Line) -> Row | None:
    text = line.text.rstrip()
    label = text.rfind(" [") if text.endswith("]") else -1
    if label > 0:
        text = text[:label].rstrip()
    place = text.rfind(" (")
    if place < 0 or not text.endswith(")"):
        return None
    front, options = text[:place], text[place + 2:-1]
    words = front.split(" ")
    # BSDs name the type as the first option; everywhere else two words, perhaps translated, stand between the three names.
    if len(words) >= 5 and _TYPE.fullmatch(words[-1]) and not words[-1].startswith("/"):
        body, kind = words[:-2], words[-1]
    else:
        body, (kind, _, options) = words, options.partition(", ")
    for place, word in enumerate(body[2:], 2):
        if word.startswith("/") and place >= 2:
            return _row(line.number, " ".join(body[:place - 1]), " ".join(body[place:]), kind, options.replace(", ", ","))
    return None


def _pairs(line: Line) -> Row | None:
    if '="' not in line.text[:24]:
        return None
    cells = dict(_FINDMNT_PAIR.findall(line.text))
    if "TARGET" not in cells:
        return None
    return _row(line.number, cells.get("SOURCE", ""), cells["TARGET"], cells.get("FSTYPE"), cells.get("OPTIONS", ""))


def _findmnt(output: Output, head: Line) -> Iterator[Row]:
    names = head.text.split()
    starts = [head.text.find(name) for name in names]
    for line in output.lines:
        if line.number <= head.number or not line.text.strip():
            continue
        text = line.text
        bare = text[:starts[1]].lstrip(" │├└─|`-")
        aligned = len(bare) < starts[1] and text[starts[1] - 1:starts[1]] in (" ", "")
        rest = text[starts[1]:].split() if aligned else text.lstrip(" │├└─|`-").split()[1:]
        target = bare.strip() if aligned else text.lstrip(" │├└─|`-").split(" ")[0]
        if not target.startswith("/") or not rest:
            continue
        cells = dict(zip(names[1:], rest))
        yield _row(line.number, cells.get("SOURCE", ""), target, cells.get("FSTYPE"), cells.get("OPTIONS", ""))


def _from_json(output: Output) -> Iterator[Row]:
    value, places = load_json(output.text), Places(output.text)
    waiting: list[Any] = list(reversed(value.get("filesystems") or [])) if isinstance(value, dict) else []
    while waiting:
        entry = waiting.pop()
        if not isinstance(entry, dict):
            continue
        if isinstance(entry.get("target"), str):
            line, source = places.line_of(entry["target"]), str(entry.get("source") or "")
            yield _row(line, source, entry["target"], str(entry.get("fstype") or "") or None, str(entry.get("options") or ""))
        children = entry.get("children")
        waiting.extend(reversed(children) if isinstance(children, list) else [])
