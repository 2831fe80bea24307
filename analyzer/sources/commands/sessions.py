"""Prompts of Linux shells: which lines of a text are commands that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from .recognition import is_program
from .text import BARE_PROMPT, SHELL_PROMPT, Line

FEWEST_BARE = 2
"""So many prompts without a name make a session of what might be comments."""


def command_of(line: str) -> str | None:
    """The command behind a prompt of a Linux shell, or None; behind a bare one only a program with a reader counts.

    >>> command_of("root@db2:~# df -h"), command_of("# df -h"), command_of("# a comment")
    ('df -h', 'df -h', None)
    """
    named = SHELL_PROMPT.match(line[:700])
    if named:
        return named.group(1).strip()
    bare = BARE_PROMPT.match(line[:600])
    return bare.group(1).strip() if bare and is_program(bare.group(1).split()[0]) else None


def is_session(lines: Sequence[Line]) -> bool:
    """Whether a text is what was copied out of a Linux shell."""
    named = sum(bool(SHELL_PROMPT.match(line.text[:700])) for line in lines[:2000])
    return named > 0 or sum(bool(command_of(line.text)) for line in lines[:2000]) >= FEWEST_BARE
