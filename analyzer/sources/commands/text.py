"""Command output as clean lines, and the small values in it: numbers, sizes, percentages, durations.

Everything here is linear in the length of its input and answers None instead of raising.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from analyzer.clock import Clock
from analyzer.model import Row, Value

MAX_LINE = 8192
MAX_LINES = 200_000
MAX_JSON = 8_000_000

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]?[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|[()][A-Z0-9]|[=>78])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
# A prompt of a Windows console, and the command behind it.
PROMPT = re.compile(r"\s{0,4}(?:PS )?(?:[A-Za-z]:\\[^<>|\r\n]{0,150}?|HK\w{2,3}:\\[^<>|\r\n]{0,150}?)>\s?(\S.{0,500})")
# A prompt of a Linux shell, and the command behind it: with a name, or bare.
SHELL_PROMPT = re.compile(r"\s{0,4}(?:\[[\w.-]{1,32}@[\w.-]{1,64} [^\]\r\n]{0,120}\]\s?[#$]|[\w.-]{1,32}@[\w.-]{1,64}:[^\s#$]{0,160}\s?[#$]"
                          r"|[\w.-]{1,40}:[~/][^\s#$]{0,100} ?[#$])\s(\S.{0,500})")
BARE_PROMPT = re.compile(r"\s{0,4}[#$] (\S.{0,500})")
_PAGER = re.compile(r"lines \d{1,9}-\d{1,9}(?:/\d{1,9})?(?: \(END\))?\s?$|\(END\)$|--More--")


class Line(NamedTuple):
    """One line of output, without colours and line end; `number` counts from 1 in the output as given."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed, and what was asked of it."""

    text: str
    lines: Sequence[Line]
    argv: tuple[str, ...] = ()
    clock: Clock = field(default_factory=Clock)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments without the program."""
        return self.argv[1:]

    def has_flag(self, letter: str) -> bool:
        """Whether a short option was given, alone or bundled (`-lnvx` has `x`)."""
        return any(part[:1] == "-" and part[:2] != "--" and letter in part[1:] for part in self.arguments)

    def operands(self) -> list[str]:
        """The arguments that are no options."""
        return [part for part in self.arguments if part[:1] != "-"]


def output_of(text: str, argv: Sequence[str] = (), clock: Clock | None = None) -> Output:
    """Split and clean the output of a command."""
    return Output(text, list(_lines(text)), tuple(argv), clock or Clock())


def _lines(text: str) -> Iterator[Line]:
    start, number, end = 0, 0, len(text)
    while start < end and number < MAX_LINES:
        stop = text.find("\n", start)
        if stop < 0:
            stop = end
        number += 1
        line = clean(text[start:min(stop, start + MAX_LINE)])
        start = stop + 1
        if not _PAGER.match(line):
            yield Line(number, line)


def clean(line: str) -> str:
    """A line without colours, control characters, carriage returns and trailing blanks."""
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    line = line.rstrip()
    if not line.isprintable():
        line = _CONTROL.sub("", line).replace("\r", "")
    return line


def row(table: str, line: int, /, **values: Value) -> Row:
    """A row without the values that are absent."""
    return Row(table, {name: value for name, value in values.items() if value is not None}, line)


def blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The runs of lines between empty lines."""
    block: list[Line] = []
    for line in lines:
        if line.text.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def load_json(text: str) -> Any:
    """The JSON value in a text, leading noise skipped; None if there is none."""
    if len(text) > MAX_JSON:
        return None
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not starts:
        return None
    try:
        return json.JSONDecoder().raw_decode(text, min(starts))[0]
    except (ValueError, RecursionError):
        return None


class Places:
    """The lines of objects in a JSON text, found by a value in them, in the order of the text."""

    def __init__(self, text: str) -> None:
        self._text, self._offset, self._line, self._misses = text, 0, 1, 0

    def line_of(self, *values: object) -> int:
        """The line of the first of these values that stands behind the last one found; that one's line if none does."""
        for value in values:
            if not isinstance(value, (str, int)) or isinstance(value, bool) or self._misses > 8:
                continue
            place = self._text.find(json.dumps(value, ensure_ascii=False), self._offset)
            if place >= 0:
                self._line += self._text.count("\n", self._offset, place)
                self._offset = place
                return self._line
            self._misses += 1
        return self._line


_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:[.,]\d{0,18})?|[.,]\d{1,18})")
_SIZE = re.compile(r"([+-]?\d{1,18}(?:[.,]\d{1,9})?)\s?([KMGTPEkmgtpe])?(i)?(?:[Bbo]|[Bb]ytes?|oct(?:ets?)?)?")
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def integer(text: str | None) -> int | None:
    """A whole number, or None.

    >>> integer("42"), integer("4.2"), integer(None)
    (42, None, None)
    """
    return int(text) if text and _INTEGER.fullmatch(text) and text.isascii() else None


def number(text: str | None) -> int | float | None:
    """A number with a decimal point or comma, or None.

    >>> number("0,3"), number("12"), number("-")
    (0.3, 12, None)
    """
    if not text or not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    return int(text) if _INTEGER.fullmatch(text) else float(text.replace(",", "."))


def size(text: str | None, unit: int = 1) -> int | None:
    """Bytes of `1.8G`, `23Gi`, `512M`, `1,93 GB`; a bare number counts `unit` bytes.

    >>> size("1.5K"), size("3", 1024), size("0B"), size("-")
    (1536, 3072, 0, None)
    """
    found = _SIZE.fullmatch(text) if text and text.isascii() else None
    if not found:
        return None
    amount = float(found.group(1).replace(",", ".")) if found.group(1).count(".") or "," in found.group(1) else int(found.group(1))
    if found.group(2):
        return int(amount * 1024 ** _POWERS[found.group(2).upper()])
    return int(amount * unit)


def digits(text: str) -> int | None:
    """The number in a text grouped by any locale (`12.345 K`, `12 345`).

    >>> digits("12.345 K")
    12345
    """
    kept = "".join(mark for mark in text[:60] if mark.isascii() and mark.isdigit())
    return int(kept) if kept and len(kept) <= 18 else None


def percent(text: str | None) -> int | float | None:
    """The number of `88%`, or None.

    >>> percent("88%"), percent("-")
    (88, None)
    """
    return number(text[:-1]) if text and text.endswith("%") else None


def share(part: int | float | None, whole: int | float | None) -> float | None:
    """How much of `whole` `part` is, in percent."""
    return round(100.0 * part / whole, 1) if part is not None and whole else None


def elapsed(text: str | None) -> int | None:
    """Seconds of `[[days-]hours:]minutes:seconds`, or of plain seconds.

    >>> elapsed("2-03:04:05"), elapsed("01:07"), elapsed("1224")
    (183845, 67, 1224)
    """
    if not text or len(text) > 24:
        return None
    days, dash, clock = text.partition("-") if "-" in text else ("0", "", text)
    parts = [integer(part) for part in clock.split(".")[0].split(":")]
    whole = integer(days)
    if whole is None or len(parts) > 3 or (dash and len(parts) == 1):
        return None
    total = 0
    for part in parts:
        if part is None or part < 0:
            return None
        total = total * 60 + part
    return whole * 86400 + total


_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s?(us|ms|min|months?|month|years?|y|weeks?|w|days?|d|hours?|h|minutes?|m|seconds?|s)(?![a-z])")
_SPAN_SECONDS = {"us": 1e-6, "ms": 1e-3, "min": 60.0, "mo": 2629800.0, "y": 31557600.0, "w": 604800.0, "d": 86400.0, "h": 3600.0,
                 "mi": 60.0, "m": 60.0, "s": 1.0}


def span(text: str) -> float | None:
    """Seconds of systemd's `1 day 2h 3min 4s`, or None.

    >>> span("3min 9s"), span("1 month 2 days"), span("soon")
    (189.0, 2802600.0, None)
    """
    total, seen = 0.0, False
    for amount, unit in _SPAN.findall(text[:120]):
        factor = _SPAN_SECONDS.get(unit) or _SPAN_SECONDS.get(unit[:2]) or _SPAN_SECONDS[unit[0]]
        total += float(amount) * factor
        seen = True
    return total if seen else None
