"""What people copy out of a Windows console: prompts with commands, each with its output below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.model import Row

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


def _rows(command: str, text: str, first: int, output: Output) -> Iterator[Row]:
    from .recognition import recognise
    from .sniffing import sniff
    known = recognise(["powershell", "-Command", command]) if command else None
    for reader in (known, sniff(text)):
        rows = reader.read(text, output.clock) if reader is not None and reader.name != "transcript" else []
        if rows:
            yield from (replace(row, line=row.line + first) for row in rows)
            return
