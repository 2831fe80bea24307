"""What people copy out of a console: prompts with commands, each with its output below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.model import Row

from .argv import commands_of
from .sessions import command_of
from .text import PROMPT, Output


def read_transcript(output: Output) -> Iterator[Row]:
    """The rows of each command's output, by the command or else by its shape."""
    command, first, held = "", 0, list[str]()
    lines = output.text.split("\n")
    for place, line in enumerate([*lines, "C:\\>exit"]):
        found = PROMPT.match(line.rstrip()[:700])
        if not found:
            held.append(line)
            continue
        if held:
            yield from _rows(command, "\n".join(held), first, output)
        command, first, held = found.group(1).strip(), place + 1, []


def read_session(output: Output) -> Iterator[Row]:
    """The same of a Linux shell."""
    command, first, held = "", 0, list[str]()
    for place, line in enumerate([*output.text.split("\n"), "# exit"]):
        asked = "exit" if line == "# exit" else command_of(line)
        if not asked:
            held.append(line)
            continue
        if held:
            yield from _rows(command, "\n".join(held), first, output, ("sh", "-c"))
        command, first, held = asked, place + 1, []


def _rows(command: str, text: str, first: int, output: Output, shell: tuple[str, str] = ("powershell", "-Command")) -> Iterator[Row]:
    from .recognition import recognise
    from .sniffing import sniff
    asked = [recognise([*one.argv]) for one in commands_of([*shell, command])] if command else []
    known = [reader for reader in asked if reader is not None and reader.name not in ("transcript", "session")]
    sniffed = sniff(text)
    for readers in (known, [sniffed] if sniffed is not None and sniffed.name not in ("transcript", "session") else []):
        found = {(row.table, row.line, str(row.values)): row for reader in readers for row in reader.read(text, output.clock)}
        rows = list(found.values())
        if rows:
            yield from (replace(row, line=row.line + first) for row in rows)
            return
