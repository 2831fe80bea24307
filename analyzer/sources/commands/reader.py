"""A reader: the knowledge of one command's output, loaded when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.clock import Clock
    from analyzer.model import Row

    from .text import Output

MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what one command printed into rows.

    `tables` are filled whole when the output is whole, so that a missing row proves something; a filtered list
    (`ps aux | grep x`) claims none. `fills` are all tables that may get rows.
    """

    name: str
    tables: tuple[str, ...]
    fills: tuple[str, ...]
    place: str
    argv: tuple[str, ...] = ()

    def read(self, text: str, clock: Clock | None = None) -> list[Row]:
        """The rows of an output. Never raises: an output that makes no sense gives the rows up to there.

        `clock` supplies the VM's zone for times that name none, and the year for those without.
        """
        rows: list[Row] = []
        try:
            for row in self.rows(text, clock):
                rows.append(row)
                if len(rows) >= MAX_ROWS:
                    break
        except Exception:  # the output is hostile by assumption; what was read before it broke is still true
            return rows
        return rows

    def rows(self, text: str, clock: Clock | None = None) -> Iterator[Row]:
        """As `read`, one by one and unguarded."""
        from .text import output_of

        yield from self._function()(output_of(text, self.argv, clock))

    def _function(self) -> Callable[[Output], Iterator[Row]]:
        module, _, function = self.place.partition(":")
        found: Callable[[Output], Iterator[Row]] = getattr(import_module(f"{__package__}.{module}"), function)
        return found
