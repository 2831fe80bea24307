"""Command output as tables: which reader understands it, and its rows.

A reader is found by the command (`recognise`), by the text (`sniff`), or by the name of the file that holds it (`guess_argv`, which
gives a command to recognise). Readers are loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.clock import Clock
    from analyzer.model import Row

__all__ = ["Reader", "guess_argv", "read_lease", "read_probe", "read_state_probe", "recognise", "sniff"]


def recognise(argv: Sequence[str]) -> Reader | None:
    """The reader for what this command prints, wrappers taken off; None if there is none."""
    from .recognition import recognise as find

    return find(argv)


def sniff(text: str) -> Reader | None:
    """The reader for a text of unknown origin; None if it looks like no command's output."""
    from .sniffing import sniff as find

    return find(text)


def guess_argv(path: str) -> list[str] | None:
    """The command whose output other collectors keep under such a file name, or None."""
    from .filenames import guess_argv as guess

    return guess(path)


def read_lease(text: str, clock: Clock | None = None) -> list[Row]:
    """Rows of `leases` from a DHCP client's lease file in any of its forms."""
    from .catalogue import reader

    return reader("lease").read(text, clock)


def read_probe(text: str) -> list[Row]:
    """Rows of `probes` from the JSON of a live probe."""
    from .catalogue import reader

    return reader("probe").read(text)


def read_state_probe(text: str) -> tuple[list[Row], tuple[str, ...]]:
    """Rows of the tables that commands fill, from the JSON of a probe of the machine, and the tables of which it tells all."""
    from .stateprobes import read_state

    return read_state(text)
