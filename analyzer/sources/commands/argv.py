"""The command that really ran: wrappers (shells, sudo, timeout, environment) taken off an argument list."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r'"([^"]*)"|\'([^\']*)\'|(\|\||&&|[|;&\n(){}])|(\d?>{1,2}(?:&\d|\s*[^\s|;&)]+)?|<\s*[^\s|;&)]+)|([^\s"\'|;&(){}<>]+)')
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHELLS = {"sh", "bash", "dash", "ksh", "zsh", "ash"}
_POWERSHELLS = {"powershell", "pwsh", "powershell_ise"}
# Programs that run another: how many operands of their own they take.
_WRAPPERS = {"sudo": 0, "env": 0, "timeout": 1, "nice": 0, "ionice": 0, "nohup": 0, "stdbuf": 0, "setsid": 0, "time": 0, "chroot": 1, "busybox": 0,
             "toybox": 0,
             "exec": 0, "command": 0, "nsenter": 0, "doas": 0, "unbuffer": 0, "start": 0, "call": 0, "taskset": 1, "chrt": 1, "systemd-run": 0}
_TAKES_VALUE = {"sudo": "ugUpCh", "doas": "u", "env": "uC", "timeout": "ks", "nice": "n", "ionice": "cn", "stdbuf": "oie", "nsenter": "t",
                "systemd-run": "pu"}
_FILTERS = {"grep", "egrep", "fgrep", "head", "tail", "awk", "sed", "findstr", "find", "where", "where-object", "select-string", "?", "cut"}
# What counts its input prints no table any more.
_COUNTERS = {"measure-object", "measure", "wc"}
_NOISE = {"echo", "cd", "set", "export", "chcp", "true", "test", "[", "if", "then", "for", "do", "done", "fi", "printf", "mode", "@echo", "rem"}
MAX_SCRIPT = 20_000


class Command(NamedTuple):
    """One simple command, and whether a filter in its pipeline dropped lines."""

    argv: tuple[str, ...]
    filtered: bool


def program_of(word: str) -> str:
    r"""The lower-case name of a program.

    >>> program_of(r"C:\Windows\System32\SC.EXE"), program_of("/usr/bin/ps")
    ('sc', 'ps')
    """
    name = word.strip("\"'").replace("\\", "/").rpartition("/")[2].lower()
    return name.removesuffix(".exe").removesuffix(".com") or name


def commands_of(argv: Sequence[str], depth: int = 0) -> Iterator[Command]:
    """The simple commands behind an argument list, in order; those that only set the stage are left out."""
    words = [str(word) for word in argv if word is not None][:2000]
    if len(words) == 1 and " " in words[0].strip() and not words[0].replace("\\", "/").startswith(("C:/", "c:/")):
        yield from _script(words[0], depth)
        return
    words = _bare(words)
    if not words or depth > 4:
        return
    program, rest = program_of(words[0]), words[1:]
    script = _inner(program, rest)
    if script is not None:
        yield from _script(script, depth)
    elif program not in _NOISE:
        yield Command((program, *rest), False)


def _bare(words: list[str]) -> list[str]:
    """The words without assignments and wrappers in front."""
    for _ in range(12):
        while words and (_ASSIGNMENT.match(words[0]) or words[0] in ("&", ".", "")):
            words = words[1:]
        wrapper = program_of(words[0]) if words else ""
        own = _WRAPPERS.get(wrapper)
        if own is None or len(words) < 2:
            return words
        words = words[1:]
        while words and words[0].startswith("-") and words[0] != "--":
            takes = len(words[0]) == 2 and words[0][1] in _TAKES_VALUE.get(wrapper, "")
            words = words[2:] if takes else words[1:]
        words = words[1:] if words[:1] == ["--"] else words
        while words and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        words = words[own:]
    return words


def _inner(program: str, rest: list[str]) -> str | None:
    """The script a shell was given, or None."""
    if program in _SHELLS:
        for place, word in enumerate(rest):
            if word[:1] == "-" and word[:2] != "--" and word.endswith("c") and place + 1 < len(rest):
                return rest[place + 1]
        return None
    if program == "cmd":
        switch = next((place for place, word in enumerate(rest) if word.lower() in ("/c", "/k", "/r")), None)
        return None if switch is None else _joined(rest[switch + 1:])
    if program in _POWERSHELLS:
        return _powershell(rest)
    return None


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else " ".join(f'"{word}"' if " " in word and not re.search("[&|;<>]", word) else word for word in words)


def _powershell(rest: list[str]) -> str | None:
    for place, word in enumerate(rest):
        low = word.lower().replace("/", "-", 1)
        if len(low) > 1 and "-command".startswith(low):
            return _joined(rest[place + 1:])
        if low in ("-e", "-ec", "-enc", "-encodedcommand") and place + 1 < len(rest):
            try:
                return base64.b64decode(rest[place + 1][:MAX_SCRIPT * 4]).decode("utf-16-le", "replace")
            except (binascii.Error, ValueError):
                return None
    if rest and not rest[0].startswith(("-", "/")) and not rest[0].lower().endswith(".ps1"):
        return _joined(rest)
    return None


def _script(script: str, depth: int) -> Iterator[Command]:
    """The commands of a script: the head of every pipeline, marked when what follows filters it."""
    words: list[str] = []
    head: list[str] | None = None
    filtered = False
    for double, single, mark, redirect, plain in [*_TOKEN.findall(script[:MAX_SCRIPT]), ("", "", ";", "", "")]:
        if redirect:
            continue
        if not mark:
            words.append(plain or double or single)
            continue
        if mark in "(){}" and (head is not None or words):
            continue
        if head is None:
            head = words
        elif words and program_of(words[0]) in _COUNTERS:
            head = []
        elif words:
            filtered = filtered or program_of(words[0]) in _FILTERS or any(word.lower() in ("-first", "-last") for word in words)
        words = []
        if mark != "|":
            yield from _closed(head, filtered, depth)
            head, filtered = None, False


def _closed(head: list[str], filtered: bool, depth: int) -> Iterator[Command]:
    if len(head) > 2 and head[0][:1] == "$" and head[1] == "=":
        head = head[2:]
    if not head or (len(head) == 1 and " " in head[0]):
        return
    for found in commands_of(head, depth + 1):
        yield Command(found.argv, filtered or found.filtered)
