"""Routes: `ip route`, `ip route get`, `route -n`, `netstat -rn`, /proc/net/route and `route print`.

A destination is `default`, a host address, or `network/prefix`; IPv4 hosts have no prefix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from analyzer.model import Row

from .addresses import is_address, prefix_of
from .text import Line, Output, Places, integer, load_json, row

_TYPES = ("unreachable", "blackhole", "prohibit", "throw", "local", "broadcast", "multicast", "anycast", "unicast", "nat")
_HEX = re.compile(r"([\w.:@-]{1,32})\s{1,30}([0-9A-Fa-f]{8})\s{1,30}([0-9A-Fa-f]{8})\s{1,30}([0-9A-Fa-f]{4})\s")
_DOTTED = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_TABLE = re.compile(
    rf"({_DOTTED}|default)\s{{1,30}}({_DOTTED}|\*|[\w.-]{{1,60}})\s{{1,30}}({_DOTTED})\s{{1,30}}([A-Z!]{{1,8}})\s{{1,30}}(.{{1,120}})")
_WINDOWS = re.compile(rf"\s{{1,20}}({_DOTTED})\s{{1,30}}({_DOTTED})\s{{1,30}}(\S[^\r\n]{{1,80}})")
_BSD = re.compile(
    rf"(default|{_DOTTED}(?:/\d{{1,2}})?|[\da-f:]{{2,39}}(?:/\d{{1,3}})?)\s{{1,30}}(\S{{1,45}})\s{{1,30}}([UGHSBLcCdDMRb1-3]{{1,10}})\s{{1,30}}"
    rf"(.{{0,80}})")


def named(address: str, mask: str | None) -> str:
    """A destination by address and mask.

    >>> named("0.0.0.0", "0.0.0.0"), named("168.63.129.16", "255.255.255.255"), named("10.0.0.0", "255.255.255.0")
    ('default', '168.63.129.16', '10.0.0.0/24')
    """
    prefix = prefix_of(mask) if mask else None
    if prefix == 0 and address in ("0.0.0.0", "default"):
        return "default"
    return address if prefix in (None, 32) else f"{address}/{prefix}"


def read_routes(output: Output) -> Iterator[Row]:
    """Rows of `routes`, the form told line by line."""
    if output.text.lstrip()[:2] in ("[{", "[ "):
        yield from _from_json(output)
        return
    metrics = True
    for line in output.lines:
        if line.text.startswith("==="):
            continue
        windows = _WINDOWS.fullmatch(line.text[:200])
        found = _hex(line) or _table(line, metrics) or (_windows(line, windows) if windows else None) or _bsd(line) or _ip_route(line, output)
        if found:
            yield found
        else:
            metrics = metrics and "irtt" not in line.text


def _hex(line: Line) -> Row | None:
    found = _HEX.match(line.text[:300])
    if not found:
        return None
    cells = line.text.split()
    device, destination, gateway, flags = found.groups()
    mask = _hex_address(cells[7]) if len(cells) > 7 else None
    return row("routes", line.number, destination=named(_hex_address(destination), mask), gateway=_none(_hex_address(gateway)), device=device,
               metric=integer(cells[6]) if len(cells) > 6 else None, type="unreachable" if int(flags, 16) & 0x200 else "unicast")


def _hex_address(text: str) -> str:
    if len(text) != 8 or any(mark not in "0123456789abcdefABCDEF" for mark in text):
        return text
    return ".".join(str(int(text[place:place + 2], 16)) for place in (6, 4, 2, 0))


def _none(gateway: str) -> str | None:
    return None if gateway in ("0.0.0.0", "*", "::") or gateway.startswith("link#") else gateway


def _table(line: Line, metrics: bool) -> Row | None:
    found = _TABLE.fullmatch(line.text[:300])
    if not found:
        return None
    destination, gateway, mask, flags, rest = found.groups()
    cells = rest.split()
    return row("routes", line.number, destination=named(destination, mask), gateway=_none(gateway), device=None if flags == "!H" else cells[-1],
               metric=integer(cells[0]) if len(cells) == 4 and metrics else None,
               type="unreachable" if "!" in flags else "unicast")


def _windows(line: Line, found: re.Match[str]) -> Row | None:
    destination, mask, rest = found.groups()
    cells = rest.split()
    if len(cells) >= 3 and is_address(cells[-2]):
        return row("routes", line.number, destination=named(destination, mask), gateway=cells[0] if is_address(cells[0]) else None,
                   device=cells[-2], source=cells[-2], metric=integer(cells[-1]), type="unicast")
    # Persistent routes name no interface.
    if len(cells) not in (2, 3):
        return None
    return row("routes", line.number, destination=named(destination, mask), gateway=cells[0] if is_address(cells[0]) else None,
               metric=integer(cells[-1]), type="persistent")


def _bsd(line: Line) -> Row | None:
    found = _BSD.fullmatch(line.text[:300])
    if not found or "U" not in found.group(3):
        return None
    destination, gateway, _, rest = found.groups()
    cells = rest.split()
    device = next((cell for cell in cells if cell[0].isalpha()), None)
    return row("routes", line.number, destination=destination, gateway=_none(gateway), device=device, type="unicast")


def _ip_route(line: Line, output: Output) -> Row | None:
    words = line.text.split(None, 60)
    if not words or line.text[:1].isspace():
        return None
    kind = "unicast"
    if words[0] in _TYPES and len(words) > 1:
        kind, words = words[0], words[1:]
    if "get" in output.argv and kind in ("unicast", "local"):
        kind = "get" if kind == "unicast" else kind
    destination = words[0]
    if destination != "default" and not is_address(destination.partition("/")[0]):
        return None
    pairs = dict(pairwise(words[1:]))
    if "dev" not in pairs and "via" not in pairs and kind == "unicast":
        return None
    gateway = pairs.get("via")
    if gateway in ("inet", "inet6"):
        gateway = pairs.get(gateway)
    if kind == "unicast" and "uid" in pairs:
        kind = "get"
    destination = "default" if destination in ("0.0.0.0/0", "::/0") else destination.removesuffix("/32")
    return row("routes", line.number, destination=destination, gateway=gateway, device=pairs.get("dev"), metric=integer(pairs.get("metric")),
               source=pairs.get("src"), type=kind)


def _from_json(output: Output) -> Iterator[Row]:
    routes: Any = load_json(output.text)
    places = Places(output.text)
    for route in routes if isinstance(routes, list) else []:
        if isinstance(route, dict) and isinstance(route.get("dst"), str):
            metric = route.get("metric")
            yield row("routes", places.line_of(route["dst"]), destination=route["dst"],
                      gateway=_text(route.get("gateway")), device=_text(route.get("dev")),
                      metric=metric if isinstance(metric, int) else None, source=_text(route.get("prefsrc")),
                      type=_text(route.get("type")) or "unicast")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
