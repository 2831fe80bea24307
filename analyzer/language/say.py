"""Sentences of a signature with their placeholders filled: captures, facts, limits, the attempt, and the evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analyzer.clock import format_utc
from analyzer.language.schema import Signature
from analyzer.model import Attempt, Fact, Level, Observation, Value

_PLACE = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
UNKNOWN = "\0"


def sentence(signature: Signature, level: Level, seen: Mapping[str, Observation], variables: Mapping[str, Value],
             facts: Mapping[str, Fact], limits: Mapping[str, Any], attempt: Attempt, platform: str) -> str:
    """What a signature says at a level on a platform; its title where it says nothing of its own."""
    levels = [level.value, *(["confirmed"] if level in (Level.LIKELY, Level.POSSIBLE) else [])]
    template = next((signature.say[key] for one in levels for key in (f"{platform}.{one}", one) if signature.say.get(key)), None)
    return fill(template or signature.title, seen, variables, facts, limits, attempt)


def fill(template: str, seen: Mapping[str, Observation], variables: Mapping[str, Value], facts: Mapping[str, Fact],
         limits: Mapping[str, Any], attempt: Attempt) -> str:
    """`template` with every `{...}` replaced; what is not known is left out."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name.startswith("limits."):
            limit = limits.get(name[7:])
            return str(limit.get("value") if isinstance(limit, Mapping) else limit)
        if name.startswith("attempt."):
            return _attempt(attempt, name[8:])
        if name.startswith("evidence."):
            return _evidence(seen, name[9:])
        if name in facts and facts[name].known and facts[name].value is not None:
            return _plain(facts[name].value)
        if variables.get(name) is not None:
            return _plain(variables[name])
        return UNKNOWN

    return _mended(_PLACE.sub(value, template))


def _mended(text: str) -> str:
    """A sentence without the places that nothing is known for: brackets around them go, and loose marks."""
    text = re.sub(r"\s*\([^()]*\0[^()]*\)", "", text).replace(UNKNOWN, "")
    text = re.sub(r"\s+", " ", re.sub(r"[:,;]?\s*(?=\()", " ", text))
    text = re.sub(r" ?[:,;] ?(?=[.:,;]|$)", "", re.sub(r"\s+([.,;:])", r"\1", text))
    return text.strip()


def _plain(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _attempt(attempt: Attempt, field: str) -> str:
    if field in ("start", "end"):
        return format_utc(attempt.start if field == "start" else attempt.end) or UNKNOWN
    return str(getattr(attempt, field, None) or UNKNOWN)


def _evidence(seen: Mapping[str, Observation], path: str) -> str:
    name, _, field = path.rpartition(".")
    one = seen.get(name)
    if one is None:
        return UNKNOWN
    if field == "count":
        return str(one.count)
    if field == "text":
        return one.cites[-1].text if one.cites else UNKNOWN
    return format_utc(one.last if field in ("last", "when") else one.first) or UNKNOWN
