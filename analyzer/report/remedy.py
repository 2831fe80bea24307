"""Which of a fix's commands fits the host: by the distribution's family."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_FAMILIES = (
    ("azurelinux", r"azure ?linux|mariner"),
    ("debian", r"debian|ubuntu|mint\b|kali"),
    ("suse", r"suse|\bsles\b|sle[-_]"),
    ("rhel", r"rhel|red ?hat|centos|alma|rocky|oracle|\bol\b|fedora|amzn|scientific"),
)
TITLES = {"debian": "Debian, Ubuntu", "rhel": "RHEL, CentOS, Oracle, Alma, Rocky", "suse": "SUSE", "azurelinux": "Azure Linux", "windows": "Windows",
          "any": "any Linux"}


def family_of(platform: str, words: Iterable[object]) -> str:
    """debian, rhel, suse, azurelinux or windows, out of the platform and what os-release says; `any` if neither tells.

    >>> family_of("linux", ["ol", "fedora"])
    'rhel'
    """
    if platform == "windows":
        return "windows"
    for word in words:
        for family, pattern in _FAMILIES:
            if word and re.search(pattern, str(word), re.IGNORECASE):
                return family
    return "any"


def commands(run: Mapping[str, str], family: str) -> list[tuple[str, str]]:
    """The command for this family with an empty label; with none that fits, all there are, each labelled by its family."""
    fitting = run.get(family) or run.get("any")
    if fitting:
        return [("", fitting)]
    if family != "any":
        return []
    return [(TITLES.get(name, name), command) for name, command in sorted(run.items()) if command]


def in_lines(command: str, width: int) -> list[str]:
    """A command too long for the width, broken after `;` and `&&` so that pasting all lines does the same.

    >>> in_lines("ip addr; ip route && echo 'a; b'", 20)
    ['ip addr', 'ip route &&', "echo 'a; b'"]
    """
    lines: list[str] = []
    for line in command.strip().replace("\r\n", "\n").split("\n"):
        lines += [line] if len(line) <= width or ";;" in line else _broken(line)
    return lines


def _broken(line: str) -> list[str]:
    parts, quote, depth, start, position = [], "", 0, 0, 0
    while position < len(line):
        char = line[position]
        if quote:
            position += 1 if char == "\\" and quote == '"' else 0
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "\\":
            position += 1
        elif char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif not depth and line.startswith("; ", position):
            parts.append(line[start:position])
            start = position + 2
        elif not depth and line.startswith("&& ", position):
            parts.append(line[start:position + 2])
            start = position + 3
        position += 1
    return [part.strip() for part in (*parts, line[start:]) if part.strip()]
