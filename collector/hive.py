"""Finds the values of a registry hive that hold passwords, so that they can be blanked in place.

A hive is a row of cells; a value is a `vk` cell that names its data by an offset. Data carries no checksum, so equal-length
blanks leave the hive readable. Layout: the public description of the regf format, version 1.3 to 1.6.
"""

import re
import struct

_VALUE = struct.Struct("<2sHIIIHH")
_FIRST_BIN = 0x1000
_INLINE = 0x80000000
_LARGEST = 1024 * 1024
_STEP = 1024 * 1024
_LONGEST_NAME = 256
_TELLING = re.compile(br"password|passphrase|secret|accountkey|privatekey|digitalproductid|productkey|proxypass", re.IGNORECASE)


def secret_ranges(read_at, size):
    """[(offset, length)] of the data of telling values. `read_at(offset, count)` reads from the hive of `size` bytes."""
    found, at = [], _FIRST_BIN
    while at < size:
        block = read_at(at, _STEP + _VALUE.size + _LONGEST_NAME)
        place = block.find(b"vk")
        while 0 <= place < _STEP:
            telling = _range(block, place, at, size)
            if telling:
                found.append(telling)
            place = block.find(b"vk", place + 2)
        at += _STEP
    return sorted(found)


def blank(data, offset, ranges):
    """`data`, which stands at `offset` of the hive, with the ranges zeroed."""
    out = bytearray(data)
    for start, length in ranges:
        first, last = max(start - offset, 0), min(start + length - offset, len(out))
        if first < last:
            out[first:last] = b"\0" * (last - first)
    return bytes(out)


def _range(block, place, base, size):
    if len(block) < place + _VALUE.size:
        return None
    _, name_length, data_size, data_offset, _, flags, _ = _VALUE.unpack_from(block, place)
    name = block[place + _VALUE.size:place + _VALUE.size + name_length]
    if not 0 < name_length <= _LONGEST_NAME or len(name) != name_length:
        return None
    if not _TELLING.search(name if flags & 1 else name.replace(b"\0", b"")):
        return None
    if data_size & _INLINE:
        return (base + place + 8, 4)
    start = _FIRST_BIN + data_offset + 4
    if data_size == 0 or start >= size:
        return None
    return (start, min(data_size, _LARGEST, size - start))
