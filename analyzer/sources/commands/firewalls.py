"""Rules of nftables, firewalld, ufw and the Windows firewall."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from analyzer.model import Row

from .iptables import read_iptables
from .text import Line, Output, integer, output_of, row

_TABLE = re.compile(r"\s{0,40}table (?:(ip6?|inet|arp|bridge|netdev) )?(\S{1,64}) \{")
_CHAIN = re.compile(r"\s{0,40}chain (\S{1,64}) \{")
_HOOK = re.compile(r"type \w{1,16} hook \w{1,16} .{0,80}policy (\w{1,12});")
_ACTION = re.compile(r"(?<![\w-])(accept|drop|reject|return|queue|(?:jump|goto) \S{1,64}|masquerade|dnat|snat)(?![\w-])")
_DESTINATION = re.compile(r"(?<!\w)ip6? daddr (?:!= )?(\{[^}]{0,300}\}|\S{1,64})")
_SOURCE = re.compile(r"(?<!\w)ip6? saddr (?:!= )?(\{[^}]{0,300}\}|\S{1,64})")
_PORT = re.compile(r"(?<!\w)(tcp|udp|th) dport (?:!= )?(\{[^}]{0,300}\}|\S{1,64})")
_USER = re.compile(r"meta skuid (?:!= )?(\S{1,32})")
_PACKETS = re.compile(r"counter packets (\d{1,18})")
_PROTOCOL = re.compile(r"(?:meta l4proto|ip protocol) (\w{1,12})")


def read_nft(output: Output) -> Iterator[Row]:
    """Rows of `firewall` from `nft list ruleset`: the table's name is kept with its family (`ip walinuxagent`)."""
    table, chain = "", ""
    for line in output.lines:
        text = line.text[:4000]
        opened, chained = _TABLE.match(text), _CHAIN.match(text)
        if opened:
            table, chain = f"{opened.group(1) or 'ip'} {opened.group(2)}", ""
        elif chained:
            chain = chained.group(1)
        elif table and chain and text.strip() not in ("", "}"):
            policy = _HOOK.search(text)
            if policy:
                yield row("firewall", line.number, tool="nft", table=table, chain=chain, action=f"policy {policy.group(1)}", text=text.strip())
            elif not text.lstrip().startswith(("type ", "comment ", "#", "policy ")):
                yield _rule(line, table, chain)


def _rule(line: Line, table: str, chain: str) -> Row:
    text = line.text[:4000]
    port, user, packets, protocol = _PORT.search(text), _USER.search(text), _PACKETS.search(text), _PROTOCOL.search(text)
    actions = _ACTION.findall(text.partition(' comment "')[0])
    destination, source = _DESTINATION.search(text), _SOURCE.search(text)
    return row("firewall", line.number, tool="nft", table=table, chain=chain, action=actions[-1] if actions else None,
               protocol=port.group(1) if port else protocol.group(1) if protocol else None, destination=destination.group(1) if destination else None,
               source=source.group(1) if source else None, port=_number(port.group(2)) if port else None,
               owner_uid=(0 if user.group(1) in ("root", '"root"') else _number(user.group(1))) if user else None,
               packets=int(packets.group(1)) if packets else None, text=text.strip())


def _number(text: str) -> int | str:
    plain = integer(text)
    return text if plain is None else plain


_DIRECT = re.compile(r"(ipv[46]|eb) (\w{1,16}) (\S{1,64}) (-?\d{1,9}) (-.{0,2000})")


def read_firewalld(output: Output) -> Iterator[Row]:
    """Rows of `firewall` from `firewall-cmd`: the direct rules (`--direct --get-all-rules|--get-all-passthroughs`), state, zones as text."""
    for line in output.lines:
        text = line.text.strip()
        direct = _DIRECT.fullmatch(text[:2200])
        if direct:
            yield from _as_iptables(line, f"-A {direct.group(3)} {direct.group(5)}", direct.group(2))
        elif text.startswith(("ipv4 -", "ipv6 -")):
            words = text.split()
            table = words[words.index("-t") + 1] if "-t" in words[:-1] else "filter"
            place = next((place for place, word in enumerate(words) if word in ("-A", "-I")), None)
            if place is not None:
                yield from _as_iptables(line, " ".join(["-A", *words[place + 1:]]), table)
        elif text in ("running", "not running"):
            yield row("firewall", line.number, tool="firewalld", action=text, text=text)
        elif re.match(r"(?:target|services|ports|rich rules|rule family|interfaces|sources)\b", text):
            yield row("firewall", line.number, tool="firewalld", text=text[:2000])


def _as_iptables(line: Line, text: str, table: str) -> Iterator[Row]:
    for found in read_iptables(output_of(text, ["iptables", "-t", table])):
        yield Row("firewall", {**found.values, "tool": "firewalld", "text": line.text.strip()}, line.number)


_UFW = re.compile(r"(?:\[\s{0,3}\d{1,4}\]\s)?(\S.{0,60}?)\s{2,40}(ALLOW|DENY|REJECT|LIMIT)(?: (IN|OUT|FWD))?\s{1,40}(\S.{0,120})")
_DEFAULT = re.compile(r"(\w{4,8}) \((incoming|outgoing|routed)\)")


def read_ufw(output: Output) -> Iterator[Row]:
    """Rows of `firewall` from `ufw status`, its own state and defaults included."""
    for line in output.lines:
        text = line.text.strip()[:400]
        label, colon, value = text.partition(": ")
        rule = _UFW.fullmatch(text)
        if colon and label in ("Status", "Zustand", "État", "Estado", "状态", "状態"):
            yield row("firewall", line.number, tool="ufw", action=value, text=text)
        elif text.startswith("Default:"):
            for action, direction in _DEFAULT.findall(text):
                yield row("firewall", line.number, tool="ufw", chain=direction, action=f"policy {action}", text=text)
        elif rule:
            target, action, direction, _ = rule.groups()
            port = re.search(r"(?<![\d.])(\d{1,5})(?:/(tcp|udp))?(?: on .*)?$", target)
            host = re.match(r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?", target)
            yield row("firewall", line.number, tool="ufw", chain=direction or "IN", action=action, destination=host.group() if host else None,
                      protocol=port.group(2) if port and not host else None, port=int(port.group(1)) if port and not host else None, text=text)


_FIELD = re.compile(r"(\S[^:]{0,60}?)\s{0,60}:\s{0,80}(.*)")
_BLOCKED = {"block", "blockieren", "bloquer", "bloquear", "阻止", "ブロック", "blocca", "запретить", "blokkeren"}
_ALLOWED = {"allow", "zulassen", "autoriser", "permitir", "允许", "許可", "consenti", "разрешить", "toestaan"}


def read_netsh(output: Output) -> Iterator[Row]:
    """Rows of `firewall` from `netsh advfirewall`: rules by blocks that a rule of dashes opens, and the profiles' state as text."""
    block: list[Line] = []
    title = ""
    for line in output.lines:
        if re.fullmatch(r"-{10,200}", line.text.strip()):
            last = block.pop() if block else None
            yield from _netsh_block(block, title)
            title, block = (last.text.strip() if last else ""), []
        elif line.text.strip():
            block.append(line)
    yield from _netsh_block(block, title)


def _netsh_block(block: Sequence[Line], title: str) -> Iterator[Row]:
    fields = [(line, found.group(1), found.group(2).strip()) for line in block if (found := _FIELD.fullmatch(line.text[:500]))]
    name = _FIELD.fullmatch(title[:500])
    actions = [value for _, _, value in fields if value.lower() in _BLOCKED or value.lower() in _ALLOWED]
    if name and fields and len(fields) >= 5:
        action = "block" if any(value.lower() in _BLOCKED for value in actions) else "allow" if actions else None
        texts = {label.lower(): value for _, label, value in fields}
        yield row("firewall", fields[0][0].number, tool="netsh", chain=texts.get("direction", texts.get("richtung")), action=action,
                  protocol=texts.get("protocol", texts.get("protokoll")), destination=_any(texts.get("remoteip")), port=_any(texts.get("remoteport")),
                  enabled=texts.get("enabled"), name=name.group(2),
                  text=f"{name.group(2)}: {', '.join(f'{label}={value}' for _, label, value in fields)}"[:1000])
        return
    for line in block:
        policy = re.search(r"(Block|Allow)Inbound(?:Always)?,(Block|Allow)Outbound", line.text[:300])
        if policy:
            yield row("firewall", line.number, tool="netsh", table=title or None, chain="inbound", action=f"policy {policy.group(1).lower()}",
                      text=line.text.strip())
            yield row("firewall", line.number, tool="netsh", table=title or None, chain="outbound", action=f"policy {policy.group(2).lower()}",
                      text=line.text.strip())
        elif re.search(r"\s(?:ON|OFF|EIN|AUS)$", line.text[:300]) and block[0] is line:
            yield row("firewall", line.number, tool="netsh", table=title or None, action=line.text.split()[-1].lower(), text=line.text.strip())


def read_rules(output: Output) -> Iterator[Row]:
    """Rows of `firewall` from Get-NetFirewallRule; what its filters asked for holds for each rule."""
    from .objects import objects_of

    words = [word.lower() for word in output.argv]
    asked = dict(pairwise(words))
    for thing in objects_of(output):
        name = thing.first("DisplayName", "Name", "InstanceID")
        if name:
            action, direction = thing.first("Action") or asked.get("-action"), thing.first("Direction") or asked.get("-direction")
            yield row("firewall", thing.line, tool="netfirewall", chain=direction, action=action.lower() if action else None, name=name,
                      enabled=thing.first("Enabled") or asked.get("-enabled"), text=name)


def _any(text: str | None) -> str | None:
    return None if text in (None, "Any", "Beliebig", "Alle") else text
