"""What reports in JSON retell of logs: the messages of failures, as lines of the log that the agent or the extension wrote them to.

The agent copies an extension's error into its status report, and the platform copies that into what the portal and `az vm
get-instance-view` show; a signature that knows the log's line need not know the report. Only what a report calls an error,
or no success, is retold.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
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
FEWEST_ESCAPES = 3
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


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known on the way down: the extension, the report's time, and whether it tells of a failure."""

    handler: str = ""
    time: float | None = None
    bad: bool = False


def retold(text: str) -> list[Retold]:
    """The lines that a report in JSON, or the YAML of `az`, retells, at most `MOST_LINES`; none for any other text."""
    data = load_json(text.lstrip("\ufeff")) if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else None
    lines = _walk(data, _Context(), text, 0) if isinstance(data, (dict, list)) else itertools.chain(_of_yaml(text), _of_pieces(text))
    found: dict[tuple[str, str], Retold] = {}
    for one in lines:
        found.setdefault((one.source, one.words), one)
        if len(found) >= MOST_LINES:
            break
    return list(found.values())


def _walk(data: Any, context: _Context, text: str, depth: int) -> Iterator[Retold]:
    if depth > DEEPEST:
        return
    if isinstance(data, list):
        for one in data[:MOST_ITEMS]:
            yield from _walk(one, context, text, depth + 1)
    elif isinstance(data, dict):
        context = _deeper(data, context)
        for key, value in list(data.items())[:MOST_ITEMS]:
            inner = load_json(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else None
            if isinstance(inner, (dict, list)):
                yield from _walk(inner, context, text, depth + 1)
            elif isinstance(value, (dict, list)):
                yield from _walk(value, context, text, depth + 1)
            elif isinstance(value, str) and key.lower() in _MESSAGES:
                yield from _lines(value, context, text) if context.bad else _pasted(value, _number(value, text))


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


def _lines(message: str, context: _Context, text: str) -> Iterator[Retold]:
    number = _number(message, text)
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


def _of_yaml(text: str) -> Iterator[Retold]:
    """Messages of errors in what `az vm get-instance-view -o yaml` prints: the level stands above, the extension's type below."""
    found = list(_YAML.finditer(text))
    for place, one in enumerate(found):
        level = next((other["value"] for other in reversed(found[:place]) if other["key"] == "level"), "")
        if one["key"] != "message" or not _BAD.search(level):
            continue
        handler = next((other["value"] for other in found[place:] if other["key"] == "type"), "")
        message = one["value"]
        quoted = load_json(message) if message.startswith('"') else None
        context = _Context(handler if _HANDLER.match(handler) else "", None, True)
        yield from _lines(quoted if isinstance(quoted, str) else message, context, text)


def _of_pieces(text: str) -> Iterator[Retold]:
    """Lines out of JSON that was cut off: what stands between escaped ends of lines."""
    for number, line in enumerate(text.split("\n")[:MOST_ITEMS], 1):
        if line.count("\\n") >= FEWEST_ESCAPES:
            yield from _pasted(line.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t"), number)


def _pasted(message: str, number: int) -> Iterator[Retold]:
    """Lines of logs in the output of a command that was run through the portal."""
    if message.count("\n") < FEWEST_ESCAPES - 1:
        return
    time: float | None = None
    for line in message.split("\n")[:MOST_LINES]:
        words = line.strip()
        stamp = stamp_of(words, _UTC)
        time = stamp.time if stamp else time
        if words:
            yield Retold(EXTENSION if _EXTENSION_LINE.search(words) else AGENT, number, time, words, words)


def _number(message: str, text: str) -> int:
    """The line of the report on which the message stands; the first where it cannot be told."""
    place = text.find(message[:40].split("\n")[0].replace('"', '\\"')) if message else -1
    return text.count("\n", 0, place) + 1 if place >= 0 else 1
