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


def rules():
    """Rules whose values have to be opened. Telemetry of the agent is base64 of zlib; audit records give command lines in hexadecimal."""
    yield Rule(b"packed", [(b"ej", br"[a-z0-9+/]{24}")], br"(?<![A-Za-z0-9+/])(?P<v>eJ[A-Za-z0-9+/]{24,}={0,2})", 0, unzip, zip_again)
    yield Rule(b"packed", [(b"h4si", br"[a-z0-9+/]{24}")], br"(?<![A-Za-z0-9+/])(?P<v>H4sI[A-Za-z0-9+/]{24,}={0,2})", 0, gunzip)
    yield Rule(b"command", [b"proctitle=", (b"type=", br"(?:user_cmd|execve|tty|user_tty)")],
               br"\b(?:proctitle|cmd|a\d{1,3})=(?P<v>(?:[0-9A-F]{2}){4,})\b", 0, from_hex)
    yield Rule(b"command", [(b"type=", br"(?:user_cmd|execve|tty|user_tty)")], br"type=(?:USER_)?TTY[^\n]*\bdata=(?P<v>\S+)", 0)
    yield Rule(b"secret", [(b"=hex", br"[(:]")], br"(?i)=hex(?:\([0-9a-f]+\))?:(?P<v>[0-9a-f]{2}(?:,[0-9a-f]{2}){3,})", 0, from_reg_hex)


def unzip(value):
    """base64 of zlib -> text; None for anything else."""
    return _inflate(value, 15)


def gunzip(value):
    """base64 of gzip -> text; None for anything else."""
    return _inflate(value, 31)


def zip_again(text):
    """The reverse of unzip()."""
    return base64.b64encode(zlib.compress(text))


def from_hex(value):
    """Hexadecimal digits -> the words of a command line."""
    return binascii.unhexlify(value).replace(b"\0", b" ")


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
