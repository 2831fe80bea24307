"""Registry values as PowerShell prints them: Get-ItemProperty and its kin, whose output names the key or whose command does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from .objects import objects_of
from .text import Output, integer, row

_KEY = re.compile(r"(?i)(?:Microsoft\.PowerShell\.Core\\)?(?:Registry::)?\\{0,2}(HKEY_[A-Z_]{5,30}|HKLM|HKCU|HKU|HKCR):?\\(.{1,1000})$")
_HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT"}
_OF_POWERSHELL = {"pspath", "psparentpath", "pschildname", "psdrive", "psprovider", "pscomputername", "runspaceid"}
_HIVE = re.compile(r"\s{0,8}[^:]{3,20}: (HKEY_\S.{0,500})$")
_LISTED = re.compile(r"(\S.{0,120}?)?\s{2,200}([A-Za-z_(][\w ().-]{0,80}?)\s{0,60}: (.{0,2000})$")


def key_of(text: str) -> str | None:
    """A key's path in full, from any way to write it.

    >>> key_of("HKLM:\\\\SOFTWARE\\\\X"), key_of("Microsoft.PowerShell.Core\\\\Registry::HKEY_LOCAL_MACHINE\\\\A"), key_of("C:\\\\Windows")
    ('HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\X', 'HKEY_LOCAL_MACHINE\\\\A', None)
    """
    found = _KEY.match(text.strip("\"' "))
    if not found:
        return None
    return _HIVES.get(found.group(1).upper(), found.group(1).upper()) + "\\" + found.group(2).rstrip("\\").rstrip()


def read_properties(output: Output) -> Iterator[Row]:
    """Rows of `registry` and of what the keys mean, from Get-ItemProperty, Get-ItemPropertyValue and Get-Item."""
    from analyzer.sources.windows.keys import interpret
    rows = list(_rows(output))
    yield from rows
    yield from interpret(rows)


def _rows(output: Output) -> Iterator[Row]:
    asked = next((key for word in output.arguments if (key := key_of(word))), None)
    if any(_HIVE.match(line.text[:600]) for line in output.lines[:10]):
        yield from _items(output)
        return
    told = [line for line in output.lines if line.text.strip()]
    name = _one_name(output)
    if asked and name and len(told) == 1 and not re.search(r"\s:\s", told[0].text):
        yield row("registry", told[0].number, key=asked, name=name, value=_value(told[0].text))
        return
    for thing in objects_of(output):
        key = key_of(thing.values.get("pspath", "")) or asked
        if key:
            for name, text in thing.values.items():
                if name not in _OF_POWERSHELL and text:
                    yield row("registry", thing.line, key=key, name=name, value=_value(text))


def _one_name(output: Output) -> str | None:
    """The one value that was asked for: behind `-Name`, or behind the dot of `(Get-ItemProperty KEY).NAME`."""
    words = output.arguments
    if words and words[-1].startswith("."):
        return words[-1][1:]
    low = [word.lower() for word in words]
    place = low.index("-name") + 1 if "-name" in low else 0
    return words[place] if "".join(output.argv[:1]).lower() in ("get-itempropertyvalue", "gpv") and 0 < place < len(words) else None


def _items(output: Output) -> Iterator[Row]:
    """Get-Item and Get-ChildItem: the parent above, each key with its values behind it."""
    hive, key = "", ""
    for line in output.lines:
        parent, value = _HIVE.match(line.text[:600]), _LISTED.match(line.text[:3000])
        if parent:
            hive, key = parent.group(1).rstrip("\\"), ""
        elif hive and value:
            key = hive + "\\" + value.group(1) if value.group(1) else key
            if key:
                yield row("registry", line.number, key=key, name=value.group(2), value=_value(value.group(3)))


def _value(text: str) -> Value:
    text = text.strip()
    number = integer(text)
    return number if number is not None else text
