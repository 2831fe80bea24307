"""The lines of one member on a terminal, numbered; the one asked for is marked."""

from __future__ import annotations

from rich.text import Text

from analyzer.bundle.bundle import Bundle
from analyzer.errors import UsageError
from analyzer.report.clean import clean
from analyzer.report.screen_sheet import Sheet
from analyzer.view import around, lines_of, locate

LONGEST = 4000


def show(bundle: Bundle, wanted: str, reach: int, *, plain: bool = False) -> None:
    """Print the member that `wanted` names (`MEMBER[:LINE]`). Raises UsageError when it, or the line, is not there."""
    member, line = locate(bundle, wanted)
    sheet = Sheet(plain=plain)
    lines = lines_of(bundle, member)
    if line is None:
        for number, text in enumerate(lines, 1):
            _line(sheet, number, text, 1, False)
        return
    kept, last = around(lines, line, reach)
    if not 1 <= line <= last:
        raise UsageError(f"{member.name} has no line {line}: it has {last}", where=str(bundle.path))
    title = Text().append(clean(member.path or member.name), style="bold")
    sheet.line(title.append(f"  {clean(member.name)}" if member.path not in (None, member.name) else "", style="dim"))
    for number, text in kept:
        _line(sheet, number, text, len(str(kept[-1][0])), number == line)


def _line(sheet: Sheet, number: int, text: str, digits: int, marked: bool) -> None:
    words = clean(text)
    if len(words) > LONGEST:
        words = f"{words[:LONGEST]}… ({len(words) - LONGEST} more characters)"
    sheet.line(Text().append(f"{'>' if marked else ' '} {number:>{max(digits, 4)}}  ", style="bold yellow" if marked else "dim")
               .append(words, style="bold" if marked else ""))
