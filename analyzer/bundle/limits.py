"""Bounds on what an archive may make us do. Archives are hostile: sizes in their headers are claims, not facts."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one analysis. What a cap cuts off is reported as a problem of the bundle, never silently dropped."""

    members: int = 250_000
    total_bytes: int = 16 * GIB
    member_bytes: int = 8 * GIB
    ratio: int = 400
    ratio_from_bytes: int = 64 * MIB
    nesting: int = 3
    nested_archive_bytes: int = 128 * MIB
    name_length: int = 1024
    structured_bytes: int = 4 * MIB
    structured_total_bytes: int = 96 * MIB


DEFAULT = Limits()
