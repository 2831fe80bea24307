"""Packet filter rules of iptables: `-S`, `iptables-save`, and `-L` with or without counters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, integer, row, size

_CHAIN = re.compile(r"Chain (\S{1,64}) \((?:policy (\w{1,12})(?: (\d{1,18}[KMGT]?) packets)?|(\d{1,6}) references)")
_SAVED_TABLE = re.compile(r"\*(\w{1,16})$")
_POLICY = re.compile(r"(?::(\S{1,64}) (\w{1,12}|-) \[(\d{1,18}):\d{1,20}\]|-P (\S{1,64}) (\w{1,12})(?: -c (\d{1,18}) \d{1,20})?)$")
_RULE = re.compile(r"(?:\[(\d{1,18}):\d{1,20}\] )?-A (\S{1,64})(?: (.{0,3000}))?$")
_COUNTERS = re.compile(r"\s{0,12}(?:\d{1,6}\s{1,8})?(\d{1,18}[KMGT]?)\s{1,20}(\d{1,20}[KMGT]?)\s{1,20}(.*)")
_UID = re.compile(r"owner UID match (!?\s?\S{1,32})")
_PORTS = re.compile(r"(?:dpts?:|dports )(\S{1,60})")
_PROTOCOL = re.compile(r"all|tcp|udp|udplite|icmp|icmpv6|ipv6-icmp|esp|ah|sctp|igmp|mh|gre|\d{1,3}")
_BUILT_IN = {"ACCEPT", "DROP", "REJECT", "QUEUE", "RETURN"}


def read_iptables(output: Output) -> Iterator[Row]:
    """Rows of `firewall`: one per rule, and one per chain for its policy (action `policy DROP`)."""
    tool, table, chain = _tool(output), _asked_table(output), ""
    for line in output.lines:
        text = line.text
        head, saved = _CHAIN.match(text), _SAVED_TABLE.match(text)
        if head:
            chain = head.group(1)
            if head.group(2):
                yield _policy(line, tool, table, chain, head.group(2), size(head.group(3)))
        elif saved:
            table, chain = saved.group(1), ""
        elif (policy := _POLICY.match(text[:200])):
            name, action, packets = policy.groups()[:3] if policy.group(1) else policy.groups()[3:]
            if action != "-":
                yield _policy(line, tool, table, name, action, integer(packets))
        elif (rule := _RULE.match(text)):
            yield _saved(line, rule, tool, table)
        elif chain:
            found = _listed(line, tool, table, chain)
            if found:
                yield found


def _tool(output: Output) -> str:
    return "ip6tables" if output.argv and output.argv[0].startswith("ip6") else "iptables"


def _asked_table(output: Output) -> str:
    words = output.arguments
    for place, word in enumerate(words):
        if word in ("-t", "--table") and place + 1 < len(words):
            return words[place + 1]
        if word.startswith("--table="):
            return word.partition("=")[2]
    return "filter"


def _policy(line: Line, tool: str, table: str, chain: str, action: str, packets: int | None) -> Row:
    return row("firewall", line.number, tool=tool, table=table, chain=chain, action=f"policy {action}", packets=packets, text=line.text.strip())


def _saved(line: Line, rule: re.Match[str], tool: str, table: str) -> Row:
    packets, chain, body = rule.group(1), rule.group(2), rule.group(3) or ""
    words = body.split()
    values = {word: words[place + 1] for place, word in enumerate(words[:-1]) if word.startswith("-")}
    negated = {word: words[place + 2] for place, word in enumerate(words[:-2]) if word == "!" and words[place + 1].startswith("-")}
    counted = values.get("-c")
    return row("firewall", line.number, tool=tool, table=table, chain=chain, action=values.get("-j") or values.get("-g"), protocol=values.get("-p"),
               source=_host(values.get("-s")), destination=_host(values.get("-d")), port=_port(values.get("--dport") or values.get("--dports")),
               owner_uid=_uid(values.get("--uid-owner")), packets=integer(packets or counted), negated=bool(negated) or None,
               extra="!" in words or None, text=line.text.strip())


def _listed(line: Line, tool: str, table: str, chain: str) -> Row | None:
    text, packets = line.text, None
    counters = _COUNTERS.match(text)
    if counters:
        packets, text = size(counters.group(1)), counters.group(3)
    # Counters are powers of 1000 unless -x was given; the small difference never matters, zero and growth do.
    words = text.split()
    place = next((place for place, word in enumerate(words[:3]) if _PROTOCOL.fullmatch(word)), None)
    if place is None or len(words) < place + 3:
        return None
    action = words[place - 1] if place else None
    rest = words[place + 2:]
    addresses = rest[2:4] if counters else rest[:2]
    if len(addresses) < 2:
        return None
    user, port = _UID.search(text[:2000]), _PORTS.search(text[:2000])
    return row("firewall", line.number, tool=tool, table=table, chain=chain, action=action, protocol=None if words[place] == "all" else words[place],
               source=_host(addresses[0]), destination=_host(addresses[1]), port=_port(port.group(1) if port else None),
               owner_uid=_uid(user.group(1) if user else None), packets=packets, text=line.text.strip())


def _host(text: str | None) -> str | None:
    return None if text in (None, "0.0.0.0/0", "::/0", "anywhere") else str(text).removesuffix("/32").removesuffix("/255.255.255.255")


def _port(text: str | None) -> int | str | None:
    plain = integer(text)
    return plain if plain is not None else text


def _uid(text: str | None) -> int | str | None:
    if text == "root":
        return 0
    plain = integer(text)
    return plain if plain is not None else text
