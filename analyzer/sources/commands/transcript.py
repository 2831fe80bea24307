"""What people copy out of a console: prompts with commands, each with its output below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from analyzer.model import Row

from .argv import commands_of
from .reader import Reader
from .sessions import command_of
from .text import PROMPT, Output

# What holds outputs of several commands is not looked for inside of one.
_CONVERSATIONS = ("transcript", "session")


def read_transcript(output: Output) -> Iterator[Row]:
    """The rows of each command's output in a Windows console, by the command or else by its shape."""
    return _answers(output, _windows_command_of, ("powershell", "-Command"))


def read_session(output: Output) -> Iterator[Row]:
    """The same of a Linux shell."""
    return _answers(output, command_of, ("sh", "-c"))


def _windows_command_of(line: str) -> str | None:
    found = PROMPT.match(line.rstrip()[:700])
    return found.group(1).strip() if found else None


def _answers(output: Output, asked_in: Callable[[str], str | None], shell: tuple[str, str]) -> Iterator[Row]:
    command, first, held = "", 0, list[str]()
    for place, line in enumerate(output.text.split("\n")):
        asked = asked_in(line)
        if not asked:
            held.append(line)
            continue
        if held:
            yield from _rows([*shell, command] if command else [], "\n".join(held), first, output)
        command, first, held = asked, place + 1, []
    if held:
        yield from _rows([*shell, command] if command else [], "\n".join(held), first, output)


def _rows(argv: Sequence[str], text: str, first: int, output: Output) -> Iterator[Row]:
    for readers in _readers(argv, text):
        found = {(row.table, row.line, str(row.values)): row for reader in readers if reader and reader.name not in _CONVERSATIONS
                 for row in reader.read(text, output.clock)}
        if found:
            yield from (replace(row, line=row.line + first) for row in found.values())
            return


def _readers(argv: Sequence[str], text: str) -> Iterator[list[Reader | None]]:
    """The readers of what was typed, then the one that the shape of the output suggests."""
    from .recognition import recognise
    from .sniffing import sniff
    yield [recognise([*one.argv]) for one in commands_of(argv)]
    yield [sniff(text)]
