"""Network interfaces and their addresses: `ip addr` in all forms and `ifconfig`. One row per address, or per bare interface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analyzer.model import Row, Value

from .text import Line, Output, Places, integer, load_json, row

_LINK = re.compile(r"\d{1,6}: ([\w.:-]{1,32})(?:@[\w.:-]{1,32})?: <([\w,-]{0,200})>")
_STATE = re.compile(r" state ([A-Z]{2,20})")
_INET = re.compile(r"\s{0,20}(inet6?) ([\da-fA-F:.]{2,45})(?: peer [\da-fA-F:.]{2,45})?(?:/(\d{1,3}))?(?:\s|$)")
_ONE_LINE = re.compile(r"\d{1,6}: ([\w.:-]{1,32})\s{1,20}(inet6?) ([\da-fA-F:.]{2,45})(?:/(\d{1,3}))?(?:\s|$)")
_BRIEF = re.compile(r"([\w.:-]{1,32})(?:@[\w.:-]{1,32})?\s{1,30}(UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT)(?:\s|$)")
_IFCONFIG = re.compile(r"([\w.-]{1,32}(?::\d{1,4})?):?\s{1,20}(?:flags=[\da-fA-F]{1,10}<([\w,]{0,200})>|Link [\w]{2,12}:|Protokoll:|Lien )")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.])")
_SIX = re.compile(r"(?<![\w:])([\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,7})(?:%\w{1,16})?(?:/(\d{1,3}))?(?![\w:])")


def read_addresses(output: Output) -> Iterator[Row]:
    """Rows of `addresses` from `ip addr`, `ip -o`, `ip -br`, `ip -j` and both looks of `ifconfig`."""
    if output.text.lstrip()[:1] == "[":
        yield from _from_json(output)
        return
    seen: _Interface | None = None
    for line in output.lines:
        single = _ONE_LINE.match(line.text)
        if single:
            name, family, address, prefix = single.groups()
            yield _Interface(line.number, name).address(line, family, address, integer(prefix))
            continue
        started = _interface(line)
        if started:
            if seen and seen.bare:
                yield seen.alone()
            seen = started
            yield from _brief(line, seen)
        elif seen:
            found = _address(line)
            if found:
                yield seen.address(line, *found)
            elif line.text[:1].isspace() and line.text.lstrip().startswith("UP "):
                seen.flags(line.text.split())
    if seen and seen.bare:
        yield seen.alone()


class _Interface:
    """An interface while its lines are read."""

    def __init__(self, line: int, name: str) -> None:
        self.line, self.bare = line, True
        self.values: dict[str, Value] = {"interface": name}

    def flags(self, flags: list[str]) -> None:
        self.values["up"] = "UP" in flags
        self.values["carrier"] = ("LOWER_UP" in flags or "RUNNING" in flags) and "NO-CARRIER" not in flags

    def address(self, line: Line, family: str, address: str, prefix: int | None) -> Row:
        self.bare = False
        words = line.text.split()
        scope = words[words.index("scope") + 1] if "scope" in words[:-1] else None
        dynamic = "dynamic" in words if "scope" in words else None
        return row("addresses", line.number, **self.values, address=address, prefix=prefix,
                   family="inet6" if ":" in address else family[:5].rstrip("6"),
                   scope=scope, dynamic=dynamic)

    def alone(self) -> Row:
        return row("addresses", self.line, **self.values)


def _interface(line: Line) -> _Interface | None:
    found = _LINK.match(line.text)
    if found:
        seen = _Interface(line.number, found.group(1))
        seen.flags(found.group(2).split(","))
        state = _STATE.search(line.text[:400])
        seen.values["state"] = state.group(1) if state else None
        return seen
    found = _BRIEF.match(line.text)
    if found:
        seen = _Interface(line.number, found.group(1))
        seen.values.update(state=found.group(2), up=found.group(2) in ("UP", "UNKNOWN"))
        return seen
    found = _IFCONFIG.match(line.text)
    if found:
        seen = _Interface(line.number, found.group(1))
        if found.group(2) is not None:
            seen.flags(found.group(2).split(","))
        return seen
    return None


def _brief(line: Line, seen: _Interface) -> Iterator[Row]:
    if not _BRIEF.match(line.text):
        return
    for word in line.text.split()[2:]:
        address, slash, prefix = word.partition("/")
        if slash and (_DOTTED.fullmatch(address) or _SIX.fullmatch(address)):
            yield seen.address(line, "inet", address, integer(prefix))


def _address(line: Line) -> tuple[str, str, int | None] | None:
    text = line.text[:400]
    found = _INET.match(text)
    if found and "netmask" not in text and "prefixlen" not in text:
        return found.group(1), found.group(2), integer(found.group(3))
    words = text.split(None, 2)
    if not words or not words[0].startswith("inet"):
        return None
    dotted = _DOTTED.findall(text)
    if dotted:
        mask = re.search(r"netmask 0x([\da-fA-F]{8})", text)
        prefix = bin(int(mask.group(1), 16)).count("1") if mask else prefix_of(dotted[-1] if "netmask" not in text else _after(text, "netmask"))
        return "inet", dotted[0], prefix
    six = _SIX.search(text)
    length = re.search(r"prefixlen (\d{1,3})", text)
    return ("inet6", six.group(1), integer(length.group(1) if length else six.group(2))) if six else None


def _after(text: str, word: str) -> str:
    return (text.partition(word)[2].split() or [""])[0]


def prefix_of(mask: str) -> int | None:
    """The prefix length of a dotted mask, or None if it is none.

    >>> prefix_of("255.255.255.0"), prefix_of("10.0.0.4")
    (24, None)
    """
    parts = [integer(part) for part in mask.split(".")]
    if len(parts) != 4 or any(part is None or not 0 <= part <= 255 for part in parts):
        return None
    bits = "".join(f"{part:08b}" for part in parts)
    return bits.count("1") if "01" not in bits else None


def _from_json(output: Output) -> Iterator[Row]:
    links: Any = load_json(output.text)
    places = Places(output.text)
    for link in links if isinstance(links, list) else []:
        if not isinstance(link, dict) or not isinstance(link.get("ifname"), str):
            continue
        seen = _Interface(places.line_of(link["ifname"]), link["ifname"])
        flags = link.get("flags")
        if isinstance(flags, list):
            seen.flags([str(flag) for flag in flags])
        state = link.get("operstate")
        seen.values["state"] = state if isinstance(state, str) else None
        for entry in link.get("addr_info") or []:
            if isinstance(entry, dict) and isinstance(entry.get("local"), str):
                seen.bare = False
                prefix = entry.get("prefixlen")
                yield row("addresses", places.line_of(entry["local"]), **seen.values, address=entry["local"],
                          prefix=prefix if isinstance(prefix, int) else None,
                          family=str(entry.get("family", "")), scope=str(entry.get("scope", "")), dynamic=bool(entry.get("dynamic")))
        if seen.bare:
            yield seen.alone()


def is_address(text: str) -> bool:
    """Whether a text is an IP address, with or without a zone (`%eth0`).

    >>> is_address("10.7.0.4"), is_address("fe80::1%6"), is_address("10.7.0.400"), is_address("On-link")
    (True, True, False, False)
    """
    if _DOTTED.fullmatch(text):
        return all(int(part) < 256 for part in text.split("."))
    return _SIX.fullmatch(text) is not None and text.count("::") < 2
