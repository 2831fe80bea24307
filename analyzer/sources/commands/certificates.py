"""Certificates: subject and end of validity from `openssl x509`, `certutil -store` and PowerShell's Cert: drive."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row, Value

from .objects import objects_of
from .text import Output, row
from .times import time_in
from .vss import local_time

_FIELD = re.compile(r"\s{0,20}(subject|issuer|notAfter|notBefore|serial|Subject|Issuer|Not After|Not Before|NotAfter|NotBefore"
                    r"|Thumbprint|HasPrivateKey|SHA1 Fingerprint|sha1 Fingerprint)\s{0,4}[=:]\s{0,4}(.*)")
_COLUMNS = {"subject": "subject", "issuer": "issuer", "notafter": "not_after", "notbefore": "not_before", "serial": "serial",
            "thumbprint": "thumbprint",
            "hasprivatekey": "has_private_key", "sha1fingerprint": "thumbprint"}
_ERROR = re.compile(r"(?:Can't open|Could not (?:open|read|find)|unable to load|Error opening)\b.{0,300}")


def read_x509(output: Output) -> Iterator[Row]:
    """Rows of `certificates`; a field that comes again starts the next certificate, what cannot be read gives its error."""
    if output.argv and output.argv[0] in ("get-childitem", "gci"):
        yield from _from_objects(output)
        return
    values: dict[str, Value] = {}
    first = 0
    asked = next((output.argv[place + 1] for place, word in enumerate(output.argv[:-1]) if word == "-in"), None)
    for line in output.lines[:20000]:
        found, failed = _FIELD.fullmatch(line.text[:1000]), _ERROR.search(line.text[:600])
        if failed and not values:
            yield row("certificates", line.number, path=asked, error=failed.group())
            return
        if not found:
            continue
        column = _COLUMNS[found.group(1).lower().replace(" ", "")]
        if column in values:
            yield row("certificates", first, path=asked, **values)
            values, first = {}, 0
        first = first or line.number
        text = found.group(2).strip()
        if column in ("not_after", "not_before"):
            values[column] = time_in(text, output.clock) if "GMT" in text else local_time(text, output.clock)
            values[f"{column}_text"] = text
        elif column == "has_private_key":
            values[column] = text.lower() == "true"
        else:
            values[column] = text.replace(" = ", "=")
    if values:
        yield row("certificates", first, path=asked, **values)


def _from_objects(output: Output) -> Iterator[Row]:
    for thing in objects_of(output):
        subject = thing.first("Subject", "Thumbprint")
        if subject:
            not_after, not_before = thing.first("NotAfter") or "", thing.first("NotBefore") or ""
            key = thing.first("HasPrivateKey")
            yield row("certificates", thing.line, subject=subject, issuer=thing.first("Issuer"), thumbprint=thing.first("Thumbprint"),
                      not_after=local_time(not_after, output.clock), not_after_text=not_after or None,
                      not_before=local_time(not_before, output.clock), has_private_key=key.lower() == "true" if key else None)
