"""Finds what a registry hive holds of passwords, by the names of its values and keys, so that it can be blanked in place.

A hive is a row of cells; a value is a `vk` cell and a key an `nk` cell, which name their data and their class by offsets. Data
carries no checksum, so blanks of equal length leave the hive readable. Layout: the public description of the regf format, version
1.3 to 1.6. The boot key of Windows, which unlocks the account database, is spread over the classes of four keys below Control\\Lsa.
"""

import re
import struct

_VALUE = struct.Struct("<2sHIIIHH")
_KEY_CLASS, _KEY_NAME_LENGTH, _KEY_NAME = 0x30, 0x48, 0x4C
_BOOT_KEY = (b"JD", b"Skew1", b"GBG", b"Data")
_BOOT_KEY_PART = 16
_FIRST_BIN = 0x1000
_INLINE = 0x80000000
_LARGEST = 1024 * 1024
_STEP = 1024 * 1024
_LONGEST_NAME = 256
_TELLING = re.compile(br"password|passphrase|secret|accountkey|privatekey|digitalproductid|productkey|proxypass", re.IGNORECASE)


def secret_ranges(read_at, size):
    """[(offset, length)] of what has to be blanked. `read_at(offset, count)` reads from the hive of `size` bytes."""
    found, at = [], _FIRST_BIN
    while at < size:
        block = read_at(at, _STEP + _VALUE.size + _LONGEST_NAME)
        for mark, look in ((b"vk", _value), (b"nk", _boot_key)):
            place = block.find(mark)
            while 0 <= place < _STEP:
                telling = look(block, place, at, size)
                if telling:
                    found.append(telling)
                place = block.find(mark, place + 2)
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


def _value(block, place, base, size):
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


def _boot_key(block, place, base, size):
    if len(block) < place + _KEY_NAME + 8:
        return None
    name_length, class_length = struct.unpack_from("<HH", block, place + _KEY_NAME_LENGTH)
    if class_length != _BOOT_KEY_PART or block[place + _KEY_NAME:place + _KEY_NAME + name_length] not in _BOOT_KEY:
        return None
    start = _FIRST_BIN + struct.unpack_from("<I", block, place + _KEY_CLASS)[0] + 4
    return (start, class_length) if start + class_length <= size else None
