"""Registry values from `reg query` and from exported .reg files; option 245 out of the cached DHCP answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from .text import Output, row

_KEY = re.compile(r"\[?-?(HKEY_[A-Z_]{5,30}|HKLM|HKU|HKCU|HKCR)(\\[^\]]{0,1000})?\]?$")
_VALUE = re.compile(r"\s{2,8}(.{0,300}?)(?:\t|\s{2,8})(REG_[A-Z_]{2,30})(?:(?:\t|\s{1,8})(.*))?$")
_EXPORTED = re.compile(r'(@|"(?:[^"\\]|\\.){0,1000}")=(.*)$')
_HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT"}
_TYPES = {"hex": "REG_BINARY", "dword": "REG_DWORD", "hex(2)": "REG_EXPAND_SZ", "hex(7)": "REG_MULTI_SZ", "hex(b)": "REG_QWORD", "hex(0)": "REG_NONE"}


def read_reg(output: Output) -> Iterator[Row]:
    """Rows of `registry` (numbers as numbers, binary as hex), of `leases` for DhcpInterfaceOptions, and of what the keys mean.

    A key without values gives a row with the key alone, so that its presence can be told.
    """
    from analyzer.sources.windows.keys import interpret
    rows = list(_values(output))
    yield from rows
    yield from _leases(rows)
    yield from interpret(rows)


def _values(output: Output) -> Iterator[Row]:
    key, number_of_key, empty = "", 0, False
    held, held_line = "", 0
    for line in output.lines:
        text = f"{held}{line.text.strip()}" if held else line.text
        number_of_line, held = (held_line if held else line.number), ""
        if text.endswith("\\") and _EXPORTED.match(text[:400]) and len(text) < 200_000:
            held, held_line = text[:-1], number_of_line
            continue
        found = _KEY.match(text[:1200])
        if found:
            if empty:
                yield row("registry", number_of_key, key=key)
            key, number_of_key, empty = _HIVES.get(found.group(1), found.group(1)) + (found.group(2) or ""), line.number, True
            continue
        value = _queried(text) or _exported(text)
        if value and key:
            empty = False
            name, kind, content = value
            yield row("registry", number_of_line, key=key, name=name, type=kind, value=content)
    if empty:
        yield row("registry", number_of_key, key=key)


def _leases(rows: list[Row]) -> Iterator[Row]:
    """A row of `leases` for each interface whose cached answer is told, with the server that stands beside it."""
    servers = {one.values.get("key"): one.values.get("value") for one in rows if str(one.values.get("name")).lower() == "dhcpserver"}
    for one in rows:
        if str(one.values.get("name")).lower() == "dhcpinterfaceoptions":
            server = servers.get(one.values.get("key"))
            yield lease_of(str(one.values["key"]), str(one.values.get("value") or ""), one.line, str(server) if server else None)


def _queried(text: str) -> tuple[str, str, Value] | None:
    found = _VALUE.match(text[:8000])
    if not found:
        return None
    name, kind, content = found.group(1).strip(), found.group(2), (found.group(3) or "").strip()
    name = "(Default)" if name.startswith("(") and name.endswith(")") else name
    if kind in ("REG_DWORD", "REG_QWORD") and re.fullmatch(r"0x[\da-fA-F]{1,16}", content):
        return name, kind, int(content, 16)
    return name, kind, content


def _exported(text: str) -> tuple[str, str, Value] | None:
    found = _EXPORTED.match(text)
    if not found:
        return None
    name = "(Default)" if found.group(1) == "@" else _unquoted(found.group(1))
    raw = found.group(2).strip()
    if raw.startswith('"'):
        return name, "REG_SZ", _unquoted(raw)
    prefix, _, body = raw.partition(":")
    kind = _TYPES.get(prefix.lower())
    if kind == "REG_DWORD" and re.fullmatch(r"[\da-fA-F]{1,8}", body):
        return name, kind, int(body, 16)
    packed = re.sub(r"[^\da-fA-F]", "", body)
    if kind == "REG_QWORD" and len(packed) == 16:
        return name, kind, int.from_bytes(bytes.fromhex(packed), "little")
    if kind in ("REG_EXPAND_SZ", "REG_MULTI_SZ") and len(packed) % 2 == 0:
        return name, kind, bytes.fromhex(packed).decode("utf-16-le", "replace").rstrip("\0").replace("\0", r"\0")
    return (name, kind, packed) if kind else None


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.strip()[1:-1] if text.strip().endswith('"') else text.strip()[1:])


def lease_of(key: str, packed: str, line: int, server: str | None) -> Row:
    """The cached answer of the DHCP server to the interface of a key, as a row of `leases`: records of code, length and
    expiry, all little endian, in hex.

    A record of code 245 without data was asked for and not answered; pseudo codes above 255 and options inside 43 do not count.
    """
    packed = re.sub(r"[^\da-fA-F]", "", packed)
    data = bytes.fromhex(packed[:len(packed) // 2 * 2])
    interface = key.rpartition("\\")[2]
    place, option, expires, asked = 0, None, None, False
    for _ in range(256):
        if place + 20 > len(data):
            break
        code, _, length, vendor, until = (int.from_bytes(data[place + step:place + step + 4], "little") for step in range(0, 20, 4))
        body = data[place + 20:place + 20 + length]
        place += 20 + (length + 3) // 4 * 4
        if code == 245 and not vendor:
            asked = True
            if len(body) == 4:
                option, expires = ".".join(str(part) for part in body), until
    return row("leases", line, interface=interface, server=server, option_245=option, expires=expires, asked=asked, text="DhcpInterfaceOptions")
