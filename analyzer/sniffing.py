"""What a text without a known name looks like, and which date the texts of a bundle name."""

from __future__ import annotations

import itertools
import re

from analyzer.bundle.archive import PROBLEMS_WHILE_READING
from analyzer.bundle.bundle import Bundle
from analyzer.clock import latest_date

HEAD, MOST_HEADS = 1 << 16, 64
_BINARY = re.compile(r"(?i)\.(?:evtx|etl|dat|hve|zip|gz|xz|bz2|zst|egg|pyc|so|exe|dll|journal|db|png|jpg)$")
_QUOTED = re.compile(r"(?m)^(?:> ?){1,8}")
_COMPRESSED_TEXT = re.compile(r"(?i)\.(?:log|txt|\d+)\S*\.(?:gz|xz|bz2|zst)$")
_AGENT_LINE = re.compile(
    rb"(?m)(?:(?:INFO|WARNING|ERROR|VERBOSE) (?:Daemon|ExtHandler|MainThread|\w+Handler) "
    rb"|^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{6})? (?:INFO|WARNING|ERROR)\b)")
_EXTENSION_LINE = re.compile(rb"\[Microsoft\.Azure\.RecoveryServices\.VMSnapshotLinux-[\d.]+\]")
_WINDOWS_AGENT_LINE = re.compile(rb"(?m)^(?:\[\d{8}\] )\[?\d[\d/-]{7,9}[ T][\d:.]{8,15}Z?\]? \[(?:INFO|WARN|ERROR|TRACE|HEART)\]")
_SYSLOG_LINE = re.compile(rb"(?m)^(?:[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ [\w./-]+(?:\[\d+\])?:")


def sniff_sources(head: bytes) -> list[str]:
    """What a text without a known name looks like: an agent log, an extension log, a system log, or other text."""
    agent, extension, syslog = (len(pattern.findall(head)) for pattern in (_AGENT_LINE, _EXTENSION_LINE, _SYSLOG_LINE))
    lines = head.count(b"\n") + 1
    if len(_WINDOWS_AGENT_LINE.findall(head)) > lines * 0.3:
        return ["wa-app-agent"]
    if extension > max(agent, lines * 0.2):
        return ["extension-log"]
    if agent > lines * 0.3 and agent > syslog:
        return ["agent-log"]
    return ["console"]


def unquoted(text: str) -> str:
    """A text that was quoted in a mail, without the marks in front of its lines; any other text as it is."""
    lines = [line for line in text.split("\n") if line.strip()]
    quoted = sum(line.startswith(">") for line in lines)
    return _QUOTED.sub("", text) if lines and quoted * 3 >= len(lines) else text


def is_binary(name: str) -> bool:
    """Whether a member's name tells that it holds no text."""
    return bool(_BINARY.search(name)) and not _COMPRESSED_TEXT.search(name)


def date_in(bundle: Bundle) -> float | None:
    """A time in the evidence to read stamps without a year by, for want of a collection time: the latest in the heads of its texts.

    Not looked for in a tar, which would have to be read twice.
    """
    found: list[float] = []
    if bundle.layout not in ("bundle", "folder", "zip", "file"):
        return None
    for member in itertools.islice(bundle.members(), MOST_HEADS):
        if member.entry.problem or is_binary(member.name):
            continue
        chunks = bundle.chunks(member)
        try:
            date = latest_date(next(chunks, b"")[:HEAD], member.name)
        except PROBLEMS_WHILE_READING:
            continue
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        if date is not None:
            found.append(date)
    return max(found, default=None)
