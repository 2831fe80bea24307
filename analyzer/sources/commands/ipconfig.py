"""`ipconfig /all` in any language: an adapter is a block, its fields are told by their values and order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .addresses import is_address, prefix_of
from .objects import objects_of
from .text import Line, Output, row

_FIELD = re.compile(r"\s{1,12}(\S[^:]{0,80}?)[ .]{0,60}:(?: (.*))?$")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5,7}$")
_VALUE_ADDRESS = re.compile(r"([\da-fA-F.:]{2,45})(?:%\d{1,5})?(?:\((\w[^)]{0,40})\))?$")
_YES = {"yes", "ja", "oui", "sí", "si", "sì", "sim", "はい", "是", "예", "да", "tak", "ano", "igen", "kyllä", "evet", "áno", "da", "nai", "ναι", "כן",
        "نعم"}
_NO = {"no", "nein", "non", "não", "nao", "いいえ", "否", "아니요", "아니오", "нет", "nie", "ne", "nem", "ei", "hayır", "nej", "nee",
       "όχι", "nei", "لا", "לא"}
_DNS = re.compile(r"DNS", re.IGNORECASE)


def read_ipconfig(output: Output) -> Iterator[Row]:
    """Rows of `addresses`; the adapter's dhcp, dhcp_server, gateway and dns stand in each of its rows."""
    adapter: _Adapter | None = None
    for line in output.lines:
        text = line.text
        if text and not text[0].isspace() and text.endswith(":"):
            if adapter:
                yield from adapter.rows()
            adapter = _Adapter(line, text.rstrip(": "))
        elif adapter:
            adapter.take(line)
    if adapter:
        yield from adapter.rows()


def read_net_adapter(output: Output) -> Iterator[Row]:
    """Rows of `addresses`, without addresses, from Get-NetAdapter: which adapters there are, and whether they are up."""
    for thing in objects_of(output):
        name, status = thing.first("Name", "InterfaceAlias"), (thing.first("Status") or "").lower()
        if name and status in ("up", "disabled", "disconnected", "not present", "notpresent", "down"):
            yield row("addresses", thing.line, interface=f"{name} ({thing.first('InterfaceDescription') or 'network adapter'})", up=status == "up")


_OFF = re.compile(r"(?i)dis|dé[cs]|des|nicht|getrennt|non|ned|not|否|已禁用|断开|無効|切断")


def read_netsh(output: Output) -> Iterator[Row]:
    """Rows of `addresses`, without addresses, from `netsh interface show interface`: a rule of dashes, then four columns, of which
    the second tells whether the adapter is connected."""
    below = False
    for line in output.lines[:500]:
        text = line.text.strip()
        if re.fullmatch(r"-{20,}", text):
            below = True
            continue
        columns = re.split(r"\s{2,}", text)
        if below and len(columns) == 4:
            up = not (_OFF.match(columns[0]) or _OFF.match(columns[1]))
            yield row("addresses", line.number, interface=f"{columns[3]} (network adapter)", up=up)
        elif below:
            below = False


class _Adapter:
    """An adapter while its block is read."""

    def __init__(self, line: Line, name: str) -> None:
        self.line = line.number
        # "Ethernet adapter Ethernet 2" in any order of words: the name as printed is kept whole.
        self.name = name
        self.addresses: list[tuple[int, str, int | None]] = []
        self.gateway: str | None = None
        self.server: str | None = None
        self.dns: list[str] = []
        self.dhcp: bool | None = None
        self.mac: str | None = None
        self.after_mac = -1
        self.last = ""

    def take(self, line: Line) -> None:
        found = _FIELD.match(line.text[:300])
        label, value = (found.group(1), (found.group(2) or "").strip()) if found and not self._is_more(line.text) else ("", line.text.strip())
        if label:
            self.last = label
        if self.after_mac >= 0:
            self.after_mac += 1
        if _MAC.match(value) and self.mac is None and not self.addresses:
            self.mac, self.after_mac = value, 0
        elif self.after_mac == 1 and label:
            # The field behind the physical address tells, in every language, whether DHCP is enabled.
            self.dhcp = True if value.lower() in _YES else False if value.lower() in _NO else None
        else:
            self._address(line, self.last, value)

    @staticmethod
    def _is_more(text: str) -> bool:
        return is_address(text.strip()) and text.startswith("          ")

    def _address(self, line: Line, label: str, value: str) -> None:
        found = _VALUE_ADDRESS.match(value)
        if not found or not is_address(found.group(1)):
            return
        text, marked = found.group(1), found.group(2)
        low = label.lower()
        if marked:
            self.addresses.append((line.number, text, None))
        elif text.startswith("255.") and self.addresses and ":" not in text:
            number, address, _ = self.addresses[-1]
            self.addresses[-1] = (number, address, prefix_of(text))
        elif _DNS.search(label):
            self.dns.append(text)
        elif "dhcp" in low and "dhcpv6" not in low:
            self.server = text
        elif "ip" in re.split(r"[^a-z0-9]+", low) or "ipv4" in low or "ipv6" in low:
            self.addresses.append((line.number, text, None))
        elif self.gateway is None or (":" in self.gateway and ":" not in text):
            self.gateway = text

    def rows(self) -> Iterator[Row]:
        dhcp = self.dhcp if self.dhcp is not None else True if self.server else None
        up = bool(self.addresses) or (False if self.mac else None)
        dns = ",".join(self.dns[:8]) or None
        for number, address, prefix in self.addresses:
            yield row("addresses", number, interface=self.name, up=up, address=address, prefix=prefix,
                      family="inet6" if ":" in address else "inet", dynamic=dhcp, dhcp=dhcp, dhcp_server=self.server, gateway=self.gateway, dns=dns)
        if not self.addresses and self.mac:
            yield row("addresses", self.line, interface=self.name, up=up, dhcp=dhcp, dynamic=dhcp)
