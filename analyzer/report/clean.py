"""Text of the evidence made harmless: nothing in a log line may act on a terminal, a page or a reader's eye."""

from __future__ import annotations

TAB = "    "


def clean(text: object) -> str:
    """One line that only shows: controls as their pictures, direction marks and other unprintables as U+FFFD.

    >>> clean("a\\x1b[31mb\\u202ec")
    'a␛[31mb\ufffdc'
    """
    words = str(text)
    if words.isascii() and words.isprintable():
        return words
    return "".join(char if char.isprintable() else _shown(char) for char in words)


def clean_lines(text: object) -> list[str]:
    """The same for text that may have several lines, such as a command to run."""
    return [clean(line) for line in str(text).replace("\r\n", "\n").split("\n")]


def _shown(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return TAB
    if char in "\u00a0\u2007\u202f\u3000":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
