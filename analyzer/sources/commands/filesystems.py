"""Room on file systems: `df` in blocks and inodes, whatever its language, and its Windows cousins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, digits, integer, percent, row, share, size

_INODES = re.compile(r"i-?node|in[œo]ud|nodos-?i|iノード|\(i\)|ifree|iuse", re.IGNORECASE)
_BLOCK = re.compile(r"(?<![\w.])(\d{1,9})([KMGTkmgt])?(i?B)?[-‑ ]?(?:[Bb]l|块|ブロック|bloc|octets|кб|Blöcke)")
_TYPE = re.compile(r"\s(?:Type|Typ|Tipo|タイプ|类型|類型|Тип|유형|Típus|Tür)\b")
_TYPES = {"ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "tmpfs", "devtmpfs", "overlay", "squashfs", "nfs", "nfs4", "cifs", "iso9660", "udf",
          "zfs", "efivarfs", "fuseblk", "ramfs", "proc", "sysfs", "cgroup", "cgroup2", "autofs", "fuse.sshfs", "ceph", "gfs2", "ocfs2", "jfs"}


def read_df(output: Output) -> Iterator[Row]:
    """Rows of `disk`, or of `inodes` where the header or the arguments say so."""
    inodes = output.has_flag("i") or "--inodes" in output.argv
    typed, unit, both = output.has_flag("T") or "--print-type" in output.argv, 1024, False
    carried = ""
    for line in output.lines:
        if _is_header(line.text):
            head = line.text[:300]
            both = bool(re.search(r"\biused\b.*%iused", head))
            inodes = bool(_INODES.search(head)) or (inodes and not _BLOCK.search(head))
            typed, unit = typed or bool(_TYPE.search(head)), _unit(head)
            carried = ""
            continue
        if both:
            yield from _both(line, unit)
            continue
        text = f"{carried} {line.text}" if carried and line.text[:1].isspace() else line.text
        carried = ""
        parts = text.split(None, 40)
        place = _percent_place(parts)
        if place is None:
            # A device name longer than its column stands on a line of its own, the numbers below it.
            carried = text if len(parts) == 1 and len(text) < 1000 and not text[:1].isspace() else ""
            continue
        yield from _rows(line, parts, place, inodes=inodes, typed=typed, unit=unit)


def _is_header(text: str) -> bool:
    head = text[:300]
    return "%" in head and not re.search(r"\d%|\s-\s", head)


def _unit(head: str) -> int:
    found = _BLOCK.search(head)
    if not found:
        return 1024
    return size(f"{found.group(1)}{found.group(2) or ''}") or 1024


def _percent_place(parts: list[str]) -> int | None:
    for place in range(len(parts) - 2, 2, -1):
        numbers = parts[place - 3:place]
        if (percent(parts[place]) is not None or parts[place] == "-") and all(size(cell) is not None or cell == "-" for cell in numbers) \
                and parts[place + 1][:1] in ("/", "-", "[") and place >= 4:
            return place
    return None


def _rows(line: Line, parts: list[str], place: int, *, inodes: bool, typed: bool, unit: int) -> Iterator[Row]:
    whole, used, free = parts[place - 3:place]
    front, mount = parts[:place - 3], " ".join(parts[place + 1:])
    kind = None
    if len(front) > 1 and (typed or front[-1] in _TYPES):
        kind = front.pop()
    name = " ".join(front)
    if inodes:
        yield row("inodes", line.number, filesystem=name, type=kind, inodes=size(whole), used=size(used), free=size(free),
                  used_percent=percent(parts[place]), mount=mount)
    else:
        yield row("disk", line.number, filesystem=name, type=kind, size_bytes=size(whole, unit), used_bytes=size(used, unit),
                  available_bytes=size(free, unit), used_percent=percent(parts[place]), mount=mount)


def _both(line: Line, unit: int) -> Iterator[Row]:
    """`df -i` of the BSDs counts blocks and inodes in one row."""
    parts = line.text.split(None, 12)
    if len(parts) < 9 or percent(parts[4]) is None or percent(parts[7]) is None:
        return
    name, mount = parts[0], " ".join(parts[8:])
    yield row("disk", line.number, filesystem=name, size_bytes=size(parts[1], unit), used_bytes=size(parts[2], unit),
              available_bytes=size(parts[3], unit), used_percent=percent(parts[4]), mount=mount)
    used, free = integer(parts[5]), integer(parts[6])
    yield row("inodes", line.number, filesystem=name, inodes=None if used is None or free is None else used + free, used=used, free=free,
              used_percent=percent(parts[7]), mount=mount)


def read_wmic_disk(output: Output) -> Iterator[Row]:
    """Rows of `disk` from `wmic logicaldisk`, `Get-CimInstance Win32_LogicalDisk`, `Get-Volume` or `Get-PSDrive`."""
    from .objects import objects_of

    for thing in objects_of(output):
        name = thing.first("DeviceID", "Caption", "DriveLetter", "Name")
        whole, free = digits(thing.first("Size") or ""), digits(thing.first("FreeSpace", "SizeRemaining", "Free") or "")
        used = digits(thing.first("Used") or "")
        if whole is None and used is not None and free is not None:
            whole = used + free
        if not name or (whole is None and free is None):
            continue
        mount = name if name.endswith(":") else f"{name}:"
        used = whole - free if whole is not None and free is not None else None
        yield row("disk", thing.line, filesystem=mount, type=thing.first("FileSystem", "FileSystemType"), size_bytes=whole, used_bytes=used,
                  available_bytes=free, used_percent=share(used, whole), mount=mount)


def read_fsutil(output: Output) -> Iterator[Row]:
    """One row of `disk` from `fsutil volume diskfree C:`: total and free bytes, told by their order and size."""
    amounts: list[int] = []
    for line in output.lines[:40]:
        _, colon, value = line.text.partition(":")
        plain = value.split("(")[0].strip()
        amount = digits(plain) if colon and plain[:1].isdigit() else None
        if amount is not None:
            amounts.append(amount)
    if len(amounts) < 2:
        return
    whole = max(amounts[:3])
    free = amounts[0] if amounts[0] < whole else min(amounts[:3])
    mount = next((part.rstrip("\\") for part in output.operands() if re.fullmatch(r"[A-Za-z]:\\?", part)), None)
    yield row("disk", 1, filesystem=mount, size_bytes=whole, available_bytes=free, used_bytes=whole - free,
              used_percent=share(whole - free, whole), mount=mount)
