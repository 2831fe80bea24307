"""Lines on a terminal: wrapped with a hanging indent, harmless whatever they quote; plain and uncut when piped.

Evidence reaches rich only as Text, never as markup.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.text import Text

from analyzer.report.clean import clean, clean_lines
from analyzer.report.remedy import in_lines

NARROWEST, WIDEST, PIPED, PROSE = 60, 200, 100, 110
STYLES = {"confirmed": "bold red", "likely": "bold yellow", "possible": "bold cyan", "ruled-out": "green", "not-seen": "dim",
          "not-assessed": "magenta"}
BADGES = {"confirmed": "bold white on red", "likely": "bold black on yellow", "possible": "bold black on cyan", "none": "bold white on blue",
          "not-assessed": "bold white on magenta"}


class _Console(Console):
    """A console that leaves a closed pipe to the command line."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Sheet:
    """A place to write a report on. `uncut` prints quoted lines whole; piped output always does."""

    def __init__(self, *, plain: bool = False, uncut: bool = False) -> None:
        terminal = sys.stdout.isatty()
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdigit() and int(columns) else 0 if terminal else PIPED
        coloured = terminal and not plain and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.console = _Console(highlight=False, markup=False, emoji=False, soft_wrap=False, width=width or None,
                               color_system="auto" if coloured else None, no_color=not coloured)
        self.width = max(NARROWEST, min(WIDEST, self.console.width))
        self.terminal = terminal
        self.uncut = uncut or not terminal

    def line(self, text: Text | str = "", style: str = "") -> None:
        """One line as it is, never wrapped or cut."""
        shown = text if isinstance(text, Text) else Text(clean(text), style=style)
        shown.rstrip()
        self.console.print(shown, soft_wrap=True)

    def gap(self) -> None:
        """An empty line between parts."""
        self.console.print()

    def heading(self, words: str, remark: str = "") -> None:
        """The title of a part, after an empty line, with a remark beside it."""
        self.gap()
        title = Text().append(words, style="bold")
        if remark:
            title.append(f"  {clean(remark)}", style="dim")
        self.wrapped(title, indent=0)

    def wrapped(self, text: Text | str, *, indent: int = 2, hang: int | None = None, prefix: str = "", style: str = "", most: int = 0) -> None:
        """Prose: wrapped to the width, later lines indented by `hang`; at most `most` lines (0: all). The prefix is dimmed."""
        shown = text.copy() if isinstance(text, Text) else Text(clean(text), style=style)
        start = " " * indent + prefix
        later = len(start) if hang is None or most == 1 else hang
        room = max(20, min(self.width, PROSE if not most else WIDEST) - max(later, len(start)))
        lines = list(shown.wrap(self.console, room, overflow="fold"))
        for one in lines:
            one.rstrip()
        if most and len(lines) > most:
            last = Text(" ").join(lines[most - 1:])
            last.truncate(room - 1)
            last.append("…")
            lines[most - 1:] = [last]
        for number, one in enumerate(lines):
            self.line(Text().append(start if number == 0 else " " * later, style="dim").append_text(one))

    def quoted(self, label: str, text: str, *, indent: int = 4, style: str = "", most: int = 2) -> None:
        """A cited line: where it stands, then its words. Whole when uncut, else at most `most` lines; never without its place."""
        words = clean(text).strip()
        shown = Text().append(clean(label), style="cyan").append("  ").append(words, style=style)
        if not self.terminal:
            self.line(Text(" " * indent).append_text(shown))
            return
        room = self.width - indent
        if len(label) > room // 2 and len(label) + 2 + len(words) > room:
            self.line(Text(" " * indent + clean(label), style="cyan"))
            self.wrapped(Text(words, style=style), indent=indent + 2, most=0 if self.uncut else most)
            return
        self.wrapped(shown, indent=indent, hang=indent + 2, most=0 if self.uncut else most)

    def command(self, command: str, *, indent: int = 5, label: str = "") -> None:
        """A command to run: broken only where pasting it stays the same."""
        if label:
            self.line(Text(" " * indent + clean(label) + ":", style="dim"))
        for whole in clean_lines(command):
            for number, one in enumerate(in_lines(whole, self.width - indent - 2)):
                mark = "$ " if number == 0 else "  "
                self.line(Text(" " * indent).append(mark, style="dim").append(clean(one), style="bold"))


def badge(level: str, words: str = "") -> Text:
    """A level in capitals and colour, or other words in that level's colour."""
    return Text().append(f" {(words or level).replace('-', ' ').upper()} ", style=BADGES[level])
