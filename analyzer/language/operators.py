"""Comparisons shared by facts and table cells: `is`, `is-not`, `in`, `lt`, `le`, `gt`, `ge`, versions, `matches`, `exists`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analyzer.model import Value

OPERATORS = ("is", "is-not", "in", "not-in", "lt", "le", "gt", "ge", "version-lt", "version-ge", "matches", "exists")


def version_key(text: object) -> tuple[int, ...]:
    """The numbers of a version, compared part by part: 1.0.91.0 is older than 1.0.9103.0."""
    return tuple(int(part) for part in re.findall(r"\d+", str(text))[:8])


def check(operator: str, value: Value, wanted: Any) -> bool:
    """Whether `value` satisfies one comparison; an absent value satisfies only `exists = false` and `is-not`."""
    if operator == "exists":
        return (value is not None) is bool(wanted)
    if operator == "is-not":
        return not _equal(value, wanted)
    if operator == "not-in":
        return not any(_equal(value, one) for one in wanted)
    if value is None:
        return False
    if operator == "is":
        return _equal(value, wanted)
    if operator == "in":
        return any(_equal(value, one) for one in wanted)
    if operator == "matches":
        from analyzer.scan.pattern import TIME_LIMIT, compiled
        try:
            return compiled(str(wanted)).search(str(value)[:4096], timeout=TIME_LIMIT) is not None
        except TimeoutError:
            return False
    if operator in ("version-lt", "version-ge"):
        key = version_key(value)
        return bool(key) and (key < version_key(wanted) if operator == "version-lt" else key >= version_key(wanted))
    return _ordered(operator, value, wanted)


def _equal(value: Value, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, (int, float)) and isinstance(wanted, (int, float)):
        return value == wanted
    return value is not None and str(value).lower() == str(wanted).lower()


def _ordered(operator: str, value: Value, wanted: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        left, right = float(value), float(wanted)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return {"lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[operator]


def row_matches(values: Mapping[str, Value], where: Mapping[str, Any]) -> bool:
    """Whether a table's row fits `where`: column -> wanted value, or column -> {operator = value}."""
    for column, wanted in where.items():
        value = values.get(column)
        if isinstance(wanted, Mapping):
            if not all(check(operator, value, operand) for operator, operand in wanted.items()):
                return False
        elif not _equal(value, wanted):
            return False
    return True
