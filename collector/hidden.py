"""Secrets inside of something packed: base64 of compressed text, hexadecimal, encoded scripts.

Such a value is opened; when the text in it holds a secret, it is masked inside and packed again where that is possible, or else
masked as a whole. What holds none stays as it is, because it is evidence.
"""

import base64
import binascii
import re
import zlib

from collector.rules import Rule

_LARGEST = 1024 * 1024
_WIDE = re.compile(br"^(?:[\x01-\x7f]\x00){2,}")
# The characters of base64, also of its spelling for URLs, as one letter, so that a long row of them is found by a plain search.
_ALPHABET = frozenset(bytearray(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"))
_ROWS = bytes(bytearray(65 if byte in _ALPHABET else 32 for byte in range(256)))
_LONG_ROW = b"A" * 32
# Fifteen bytes in a row without a high bit, as base64 spells them: text, also in UTF-16.
_TEXT = re.compile(br"(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/\-_]){5}")
_LINE_ENDS = re.compile(br"(?:\\{1,4}r)?\\{1,4}n|\\+(?=/)")
_SPELT = re.compile(br"(?:\\{1,4}u00|%(?:25)?)(2[BbFf])")
_UNREADABLE = re.compile(br"[^\x09\x0a\x0d\x20-\x7e]")
_READABLE = re.compile(br"[\x09\x0a\x0d\x20-\x7e]{16,}|(?:[\x09\x0a\x0d\x20-\x7e]\x00){12,}")


def rules():
    """Rules whose values have to be opened. Telemetry of the agent is base64 of zlib; audit records give command lines in hexadecimal."""
    yield Rule(b"packed", [(b"ej", br"[a-z0-9+/]{24}")], br"(?<![A-Za-z0-9+/])(?P<v>eJ[A-Za-z0-9+/]{24,}={0,2})", 0, unzip, zip_again)
    yield BASE64
    yield Rule(b"packed", [(b"h4si", br"[a-z0-9+/]{24}")], br"(?<![A-Za-z0-9+/])(?P<v>H4sI[A-Za-z0-9+/]{24,}={0,2})", 0, gunzip)
    yield Rule(b"command", [b"proctitle=", (b"type=", br"(?:user_cmd|execve|tty|user_tty)")],
               br"\b(?:proctitle|cmd|a\d{1,3})=(?P<v>(?:[0-9A-F]{2}){4,})\b", 0, from_hex)
    yield Rule(b"command", [(b"type=", br"(?:user_cmd|execve|tty|user_tty)")], br"type=(?:USER_)?TTY[^\n]*\bdata=(?P<v>\S+)", 0)
    yield Rule(b"packed", [(b"0x", br"[0-9a-f]{32}")], br"(?<![0-9A-Za-z])(?P<v>0x(?:[0-9a-f]{2}){16,32000})(?![0-9a-z])", re.IGNORECASE, from_digits)
    yield Rule(b"packed", [(letter, br"(?:[0-9a-f]{2} ){4}") for letter in (b" 3a ", b" 3d ")], br"(?<![0-9A-Za-z])(?P<v>[0-9a-f]{2}(?:[ ][0-9a-f]{2}){15,32000})(?![0-9a-z])", re.IGNORECASE, from_digits)
    yield Rule(b"packed", [(letter, br"(?:\d{2,3}, ){4}") for letter in (b", 32, ", b", 58, ", b", 61, ", b", 62, ")], br"(?<![0-9A-Za-z])(?P<v>\d{1,3}(?:,[ ]\d{1,3}){15,32000})(?![0-9a-z])", 0, from_numbers)
    yield Rule(b"secret", [(b"=hex", br"[(:]")], br"(?i)=hex(?:\([0-9a-f]+\))?:(?P<v>[0-9a-f]{2}(?:,[0-9a-f]{2}){3,})", 0, from_reg_hex)


def long_rows(block):
    """Where base64 of anything may stand in `block`."""
    rows = block.translate(_ROWS)
    at = rows.find(_LONG_ROW)
    while at >= 0:
        end = rows.find(b" ", at)
        end = len(rows) if end < 0 else end
        if _TEXT.search(block, at, end):
            yield at
        at = rows.find(_LONG_ROW, end)


def readable(value):
    """base64 -> the text in it, wherever in `value` it begins; None when there is none."""
    value = _SPELT.sub(lambda match: b"+" if match.group(1) in (b"2B", b"2b") else b"/", _LINE_ENDS.sub(b"", value))
    text = _TEXT.search(value)
    if not text:
        return None
    value = value[text.start() % 4:].replace(b"-", b"+").replace(b"_", b"/")
    data = base64.b64decode(value + b"A" * (-len(value) % 4))
    return b"\n".join(narrow(match.group(0)) for match in _READABLE.finditer(data)) or None


def unzip(value):
    """base64 of zlib -> text; None for anything else."""
    return _inflate(value, 15)


def gunzip(value):
    """base64 of gzip -> text; None for anything else."""
    return _inflate(value, 31)


def zip_again(text):
    """The reverse of unzip()."""
    return base64.b64encode(zlib.compress(text))


BASE64 = Rule(b"packed", [], br"(?P<v>[A-Za-z0-9+/\-_](?:[A-Za-z0-9+/\-_]|\\{1,7}/|(?:\\{1,4}r)?\\{1,4}n|\\{1,4}u002[bBfF]|%(?:25)?2[bBfF]){31,})"
              br"(?:={1,2}|%3[dD]){0,2}", 0, readable)


def from_hex(value):
    """Hexadecimal digits -> the words of a command line."""
    return binascii.unhexlify(value).replace(b"\0", b" ")


def from_digits(value):
    """`0x7b22`, `7b 22` -> the text that they spell, or None."""
    return _text(binascii.unhexlify(re.sub(br"^0x|[^0-9a-fA-F]", b"", value)))


def from_numbers(value):
    """`123, 34, 117`, as the journal gives what is not plain text -> the text that they spell, or None."""
    numbers = [int(number) for number in value.split(b",")]
    return _text(bytes(bytearray(numbers))) if max(numbers) < 256 else None


def _text(data):
    data = narrow(data)
    return data if len(_UNREADABLE.findall(data)) * 20 < len(data) else None


def from_reg_hex(value):
    """`53,00,65,00`, over any number of lines, as `reg export` writes it -> text; UTF-16 becomes narrow."""
    digits = re.sub(br"[^0-9a-fA-F]", b"", value)
    return narrow(binascii.unhexlify(digits[:len(digits) & ~1]))


def narrow(data):
    """UTF-16 as bytes of one character each; anything else unchanged, with NUL as a blank."""
    if _WIDE.match(data):
        return data.decode("utf-16-le", "replace").encode("utf-8", "replace").replace(b"\0", b" ")
    return data.replace(b"\0", b" ")


def _inflate(value, wbits):
    try:
        return zlib.decompressobj(wbits).decompress(base64.b64decode(value + b"=" * (-len(value) % 4)), _LARGEST) or None
    except (TypeError, ValueError, zlib.error):
        return None
