"""DHCP leases, and the option 245 in them, from every client's own kind of file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from analyzer.model import Row, Value

from .text import Line, Output, integer, row
from .times import epoch, time_in

_OPTION = re.compile(
    r"(?:unknown-245|option-245|OPTION_245|private_245|unknown_245|private-245|dhcp_option_245|option_245)[\s:=]{1,6}\"?([^;\"\s]{1,80})")
_EXPIRES = re.compile(r"expire (?:\d (\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(?: UTC)?|epoch (\d{1,12})|(never))")
_QUOTED_NAME = re.compile(r'interface "([^"]{1,32})"')
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def address_of(text: str) -> str | None:
    """The dotted address in the hex of option 245; None if it is no four bytes. An address that is dotted stays.

    >>> address_of("a8:3f:81:10"), address_of("a83f8110"), address_of("168.63.129.16"), address_of("a8:3f")
    ('168.63.129.16', '168.63.129.16', '168.63.129.16', None)
    """
    text = text.strip().strip('"')
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", text):
        return text
    parts = text.split(":") if ":" in text else [text.removeprefix("0x")[place:place + 2] for place in range(0, len(text.removeprefix("0x")), 2)]
    if len(parts) != 4 or not all(re.fullmatch("[0-9a-fA-F]{1,2}", part) for part in parts):
        return None
    return ".".join(str(int(part, 16)) for part in parts)


def _known(text: str) -> str:
    return address_of(text) or text[:80]


def read_leases(output: Output) -> Iterator[Row]:
    """Rows of `leases`: one per lease of a dhclient file, one per file of the other clients."""
    text = output.text.lstrip()
    if text.startswith("<"):
        yield from _wicked(output)
    elif any(line.text.lstrip().startswith("lease ") or line.text.strip() == "lease {" for line in output.lines):
        yield from _dhclient(output)
    else:
        yield from _pairs(output)


def _dhclient(output: Output) -> Iterator[Row]:
    values: dict[str, Value] | None = None
    first = 0
    for line in output.lines:
        text = line.text.strip()
        if text.startswith("lease"):
            values, first = {}, line.number
        elif values is None:
            continue
        elif text.startswith("}"):
            yield row("leases", first, **values)
            values = None
        else:
            _statement(text[:400], values, output)
    if values:
        yield row("leases", first, **values)


def _statement(text: str, values: dict[str, Value], output: Output) -> None:
    option, expires, name = _OPTION.search(text), _EXPIRES.match(text), _QUOTED_NAME.match(text)
    if option:
        values["option_245"] = _known(option.group(1))
    elif name:
        values["interface"] = name.group(1)
    elif expires:
        values["expires_text"] = text.rstrip(";")
        if expires.group(7):
            values["expires"] = float(expires.group(7))
        elif not expires.group(8):
            parts = [int(part) for part in expires.groups()[:6]]
            year, month, day, hour, minute, second = parts
            values["expires"] = epoch(output.clock, year, month, day, hour, minute, second, "UTC")
    elif text.startswith("option dhcp-server-identifier"):
        values["server"] = text.rpartition(" ")[2].rstrip(";")
    elif text.startswith("fixed-address"):
        values["address"] = text.rpartition(" ")[2].rstrip(";")
    elif text.startswith("option routers"):
        values["gateway"] = text.rpartition(" ")[2].rstrip(";")


_KEYS = {"SERVER_ADDRESS": "server", "ADDRESS": "address", "ROUTER": "gateway", "dhcp_server_identifier": "server", "ip_address": "address",
         "routers": "gateway",
         "expiry": "expires", "dhcp4.dhcp_server_identifier": "server", "interface": "interface", "IFNAME": "interface",
         "DHCP4_IP_ADDRESS": "address",
         "device": "interface", "IP4.ADDRESS": "address", "GENERAL.DEVICE": "interface", "filename": "interface"}
_PAIR = re.compile(r"(?:DHCP4\.OPTION\[\d{1,3}\]:\s{0,40})?([\w.-]{1,60}(?:\[\d\])?)\s{0,10}[=:]\s{0,60}(.{0,300})")


def _pairs(output: Output) -> Iterator[Row]:
    """systemd-networkd, NetworkManager (file, device state, nmcli), dhcpcd --dumplease and waagent's own log line: name=value."""
    values: dict[str, Value] = {}
    first: Line | None = None
    for line in output.lines[:5000]:
        text = line.text.strip()[:400]
        option = _OPTION.search(text)
        found = _PAIR.fullmatch(text)
        if option:
            values["option_245"] = _known(option.group(1))
        elif found and (column := _KEYS.get(found.group(1).removeprefix("dhcp4."))) and column not in values:
            raw = found.group(2).strip("'\" ")
            values[column] = integer(raw) if column == "expires" else raw.partition("/")[0]
        else:
            continue
        first = first or line
    if first and values.keys() & {"option_245", "server", "address", "expires"}:
        yield row("leases", first.number, **values)


def _wicked(output: Output) -> Iterator[Row]:
    if len(output.text) > 1_000_000 or _DTD.search(output.text):
        return
    try:
        root = ElementTree.fromstring(output.text.strip())
    except (ElementTree.ParseError, ValueError):
        return
    values: dict[str, Value] = {}
    for node in root.iter():
        tag, text = node.tag.rpartition("}")[2], (node.text or "").strip()
        if tag in ("interface", "ifname") and text:
            values["interface"] = text
        elif tag == "server-id" or (tag == "server-address" and text):
            values["server"] = text
        elif tag == "address" and text and "address" not in values:
            values["address"] = text.partition("/")[0]
        elif tag in ("unknown-245", "option-245", "option245") and (text or len(node)):
            values["option_245"] = _known(text or (node[0].text or "").strip())
        elif tag == "option" and node.findtext("code") == "245":
            values["option_245"] = _known(node.findtext("data") or "")
        elif tag == "acquired":
            values["acquired"] = time_in(text, output.clock) or integer(text)
        elif tag == "lease-time":
            values["lease_seconds"] = integer(text)
    acquired, seconds = values.get("acquired"), values.get("lease_seconds")
    if isinstance(acquired, (int, float)) and isinstance(seconds, int):
        values["expires"] = acquired + seconds
    if values:
        yield row("leases", 1, **values)
