"""Requests made by hand in PowerShell, and how they failed: the error stands above, the command with its address is repeated below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Output, row

MARK = re.compile(r"(?i)\s{0,4}(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget|Start-BitsTransfer)\s?: \S")
_ADDRESS = re.compile(r"(?i)\b(https?)://([\w.-]{3,253})(?::(\d{1,5}))?")
_ANSWERED = re.compile(r"\s{0,4}StatusCode\s{1,40}: (\d{3})")
_FURTHEST = 8


def read_requests(output: Output) -> Iterator[Row]:
    """Rows of `probes`: no connection, or no name. An answer with an error is an answer, and gives no row."""
    from analyzer.sources.windows.failures import failures_of
    lines = output.lines[:2000]
    for place, line in enumerate(lines):
        if not MARK.match(line.text[:300]):
            continue
        below = [entry.text[:600] for entry in lines[place:place + _FURTHEST]]
        address = next((found for text in below if (found := _ADDRESS.search(text))), None) or _ADDRESS.search(" ".join(output.arguments))
        numbers = {number for provider, number, _ in failures_of("System.Net.WebException: " + " ".join(below[:3])) if provider == "socket"}
        if address and numbers:
            host, port = address.group(2), int(address.group(3) or (443 if address.group(1).lower() == "https" else 80))
            unnamed = 11001 in numbers
            yield row("probes", line.number, probe="dns" if unnamed else "tcp", target=host if unnamed else f"{host}:{port}", host=host,
                      port=None if unnamed else port, ok=False, error=line.text.strip()[:200])
    asked = _ADDRESS.search(" ".join(output.arguments))
    answered = next((line for line in lines if _ANSWERED.match(line.text[:100])), None)
    if asked and answered:
        host, port = asked.group(2), int(asked.group(3) or (443 if asked.group(1).lower() == "https" else 80))
        yield row("probes", answered.number, probe="tcp", target=f"{host}:{port}", host=host, port=port, ok=True)
