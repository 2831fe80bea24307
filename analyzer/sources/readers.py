"""Which reader a member's path on the VM calls for."""

from __future__ import annotations

import re
from functools import cache

from analyzer.sources import agent_files, conf, goal_state, handler
from analyzer.sources.rows import Reader
from analyzer.sources.windows import statefiles


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], Reader], ...]:
    return tuple((re.compile(pattern), reader)
                 for module in (conf, handler, goal_state, agent_files, statefiles) for pattern, reader in module.READERS)


def reader_for(path: str) -> Reader | None:
    """The reader of the artifact that lies at `path` on the VM, or None."""
    return next((reader for pattern, reader in _compiled() if pattern.fullmatch(path)), None)
