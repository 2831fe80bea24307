"""What reports in JSON retell of logs: the messages of failures, as lines of the log that the agent or the extension wrote them to.

The agent copies an extension's error into its status report, and the platform copies that into what the portal and `az vm
get-instance-view` show; a signature that knows the log's line need not know the report. Only what a report calls an error,
or no success, is retold.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from analyzer.clock import format_utc, parse_iso, stamp_of, utc_clock
from analyzer.sources.rows import at, load_json

MOST_LINES, DEEPEST, MOST_ITEMS = 120, 12, 200
AGENT, EXTENSION = "agent-log", "extension-log"
_HANDLER = re.compile(r"^[A-Z]\w{1,40}(?:\.\w{1,60}){1,8}$")
_BACKUP = "VMSnapshotLinux"
_BAD = re.compile(r"(?i)error|not ?ready|fail|unresponsive|warning")
_MESSAGES = ("message", "errormessage", "messagestr", "formattedmessage")
_NAMES = ("handlername", "type", "publisher", "name")
_TIMES = ("timestamputc", "time")
_YAML = re.compile(r"(?m)^[ -]{0,40}(?P<key>level|message|type): (?P<value>.{1,4000})$")
_EXTENSION_LINE = re.compile(r"VMSnapshotLinux-[\d.]{1,20}\]|^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}  (?:Info|Error)|_sslobj|ssl\.SSL")
_UTC = utc_clock()
FEWEST_BREAKS, FEWEST_ESCAPES = 2, 3
_DOTNET = re.compile(r"/Date\((\d{12,14})\)/")


@dataclass(frozen=True, slots=True)
class Retold:
    """One line: the source whose line it would be, its number in the report, when it was reported (None: not told), the
    words of the report, and the line in the log's own form.
    """

    source: str
    line: int
    time: float | None
    words: str
    text: str


class _Report:
    """The text of a report, which tells on what line a message stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._numbers: dict[str, int] = {}

    def line_of(self, message: str) -> int:
        """The line on which a message stands; the first where it cannot be told. Equal beginnings are looked for once."""
        begin = message[:40].split("\n")[0].replace('"', '\\"')
        if begin not in self._numbers:
            self._numbers[begin] = self.text.count("\n", 0, max(0, self.text.find(begin))) + 1
        return self._numbers[begin]


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known on the way down: the extension, the report's time, and whether it tells of a failure."""

    handler: str = ""
    time: float | None = None
    bad: bool = False


def retold(text: str) -> list[Retold]:
    """The lines that a report in JSON, or the YAML of `az`, retells, at most `MOST_LINES`; none for any other text."""
    data = load_json(text.lstrip("\ufeff")) if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else None
    report = _Report(text)
    lines = _walk(data, _Context(), report, 0) if isinstance(data, (dict, list)) else itertools.chain(_of_yaml(report), _of_pieces(text))
    found: dict[tuple[str, str], Retold] = {}
    for one in lines:
        found.setdefault((one.source, one.words), one)
        if len(found) >= MOST_LINES:
            break
    return list(found.values())


def _walk(data: Any, context: _Context, report: _Report, depth: int) -> Iterator[Retold]:
    if depth > DEEPEST:
        return
    if isinstance(data, list):
        for one in data[:MOST_ITEMS]:
            yield from _walk(one, context, report, depth + 1)
    elif isinstance(data, dict):
        context = _deeper(data, context)
        for key, value in list(data.items())[:MOST_ITEMS]:
            inner = load_json(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else None
            if isinstance(inner, (dict, list)):
                yield from _walk(inner, context, report, depth + 1)
            elif isinstance(value, (dict, list)):
                yield from _walk(value, context, report, depth + 1)
            elif isinstance(value, str) and key.lower() in _MESSAGES:
                if context.bad:
                    yield from _lines(value, context, report)
                elif value.count("\n") >= FEWEST_BREAKS:
                    yield from _pasted(value, report.line_of(value))


def _deeper(data: dict[str, Any], context: _Context) -> _Context:
    """The context below an object that names its extension, its time, or how it went."""
    low = {key.lower(): value for key, value in data.items()}
    name = next((low[key] for key in _NAMES if isinstance(low.get(key), str) and _HANDLER.match(low[key])), context.handler)
    when = next((_time(low[key]) for key in _TIMES if isinstance(low.get(key), str)), None)
    if low.get("issuccessful") is False:
        bad = True
    elif isinstance(low.get("level"), str):
        bad = bool(_BAD.search(low["level"]))
    elif isinstance(low.get("status"), str):
        bad = bool(_BAD.search(low["status"]))
    else:
        inner = at(data, "status", "status")
        bad = bool(_BAD.search(inner)) if isinstance(inner, str) else context.bad
    return replace(context, handler=name, time=context.time if when is None else when, bad=bad)


def _time(text: str) -> float | None:
    found = _DOTNET.search(text)
    return int(found.group(1)) / 1000 if found else parse_iso(text)


def _lines(message: str, context: _Context, report: _Report) -> Iterator[Retold]:
    number = report.line_of(message)
    stamp = format_utc(context.time) if context.time is not None else ""
    first = True
    for line in message.replace("\r", "\n").split("\n")[:MOST_LINES]:
        words = line.strip()
        if not words:
            continue
        event = f"Event: name={context.handler}, op=Enable, message={words}, duration=0" if first and context.handler else words
        yield Retold(AGENT, number, context.time, words, f"{stamp} ERROR ExtHandler ExtHandler {event}".lstrip())
        if _BACKUP in context.handler:
            yield Retold(EXTENSION, number, context.time, words, f"{stamp} [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]{words}".lstrip())
        first = False


def _of_yaml(report: _Report) -> Iterator[Retold]:
    """Messages of errors in what `az vm get-instance-view -o yaml` prints: the level stands above, the extension's type below."""
    level, waiting = "", dict[str, None]()
    for one in _YAML.finditer(report.text):
        if one["key"] == "level":
            level = one["value"]
        elif one["key"] == "message" and _BAD.search(level):
            waiting.setdefault(one["value"])
        elif one["key"] == "type":
            yield from _errors_of(one["value"], waiting, report)
            waiting.clear()
    yield from _errors_of("", waiting, report)


def _errors_of(extension: str, messages: Iterable[str], report: _Report) -> Iterator[Retold]:
    context = _Context(extension if _HANDLER.match(extension) else "", None, True)
    for message in messages:
        quoted = load_json(message) if message.startswith('"') else None
        yield from _lines(quoted if isinstance(quoted, str) else message, context, report)


def _of_pieces(text: str) -> Iterator[Retold]:
    """Lines out of JSON that was cut off: what stands between escaped ends of lines."""
    for number, line in enumerate(text.split("\n")[:MOST_ITEMS], 1):
        if line.count("\\n") >= FEWEST_ESCAPES:
            yield from _pasted(line.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t"), number)


def _pasted(message: str, number: int) -> Iterator[Retold]:
    """Lines of logs in the output of a command that was run through the portal."""
    time: float | None = None
    for line in message.split("\n")[:MOST_LINES]:
        words = line.strip()
        stamp = stamp_of(words, _UTC)
        time = stamp.time if stamp else time
        if words:
            yield Retold(EXTENSION if _EXTENSION_LINE.search(words) else AGENT, number, time, words, words)
