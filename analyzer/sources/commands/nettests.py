"""Tests of connections and names that a person makes: Test-NetConnection, nslookup, curl, telnet, tcping, as rows of `probes`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, row

_FIELD = re.compile(r"\s{0,4}(ComputerName|RemoteAddress|RemotePort|TcpTestSucceeded|NameResolutionSucceeded|PingSucceeded)\s{0,40}:\s{0,4}(.*)")
_HOST = r"(?P<host>[\w.-]{1,253})"
_SENTENCES: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple((re.compile(pattern, re.IGNORECASE), probe, ok) for pattern, probe, ok in (
    (rf"TCP connect to \(?{_HOST} ?: ?(?P<port>\d{{1,5}})\)? ?failed", "tcp", False),
    (rf"Name resolution of {_HOST} failed", "dns", False),
    (rf"curl: \((?:7|28|56|52)\).{{0,80}}?{_HOST}(?: port|:) ?(?P<port>\d{{1,5}})", "tcp", False),
    (rf"(?:nc|netcat): connect to {_HOST}(?: \([\d.]+\))? port (?P<port>\d{{1,5}}) ?(?:\(tcp\))? ?(?:failed|timed out)", "tcp", False),
    (rf"connect to {_HOST} port (?P<port>\d{{1,5}}) ?(?:from \S+ port \d+ )?(?:failed|timed out)", "tcp", False),
    (rf"Failed to connect to {_HOST} port (?P<port>\d{{1,5}})", "tcp", False),
    (rf"Connection to {_HOST}(?: \([\d.]+\))? (?:port )?(?P<port>\d{{1,5}}) (?:port )?\[?(?:tcp)?\S{{0,20}} ?succeeded", "tcp", True),
    (rf"Connecting to {_HOST}(?: \([^)]*\))?(?:\|[\d.]+\|)?:(?P<port>\d{{1,5}})\.\.\. ?failed", "tcp", False),
    (rf"Connecting to {_HOST}(?: \([^)]*\))?(?:\|[\d.]+\|)?:(?P<port>\d{{1,5}})\.\.\. ?connected", "tcp", True),
    (rf"wget: unable to resolve host address .?{_HOST}", "dns", False),
    (rf"ping: (?:unknown host |{_HOST}: (?:Name or service not known|Temporary failure))", "dns", False),
    (rf"curl: \(6\) Could not resolve host:? {_HOST}", "dns", False),
    (rf"Connecting To {_HOST}\.\.\..{{0,80}}port (?P<port>\d{{1,5}})", "tcp", False),
    (rf"(?:Connecting to|Probing) {_HOST}:(?P<port>\d{{1,5}})\b.{{0,80}}(?:timeout period expired|No response|refused|failed|unreachable)",
     "tcp", False),
    (rf"(?:Connecting to|Probing) {_HOST}:(?P<port>\d{{1,5}})\b.{{0,80}}(?:Port is open|: \d[\d.]{{0,8}} ?ms)", "tcp", True),
    (rf"\*\*\* \S{{1,253}} .{{1,40}}? {_HOST}\s?[:：]\s?\S", "dns", False),
    (rf"\*\* server can't find {_HOST}: \w", "dns", False),
    (rf"Resolve-DnsName\s?: {_HOST}\s?: ", "dns", False),
    (rf"{_HOST}:(?P<port>\d{{1,5}})\b.{{0,60}}Reachable: False", "tcp", False),
    (rf"{_HOST}:(?P<port>\d{{1,5}})\b.{{0,60}}Reachable: True", "tcp", True),
    (rf"Ping request could not find host {_HOST}\.", "dns", False),
))
# `ping` of Windows names the host above what became of it.
_PINGING = re.compile(r"\s{0,4}\S.{0,40}?\b(\d{1,3}(?:\.\d{1,3}){3})\b.{0,80}(?:\d{1,5}|:)\s?\S{0,20}:?$")
_PING_FAILED = re.compile(r"(?i)(?:PING: )?(?:transmit failed|General failure|Allgemeiner Fehler|Défaillance générale|Error general|一般故障"
                          r"|一般エラー)")
# `curl -v` names the host in one line and what became of it in another.
_TRYING = re.compile(rf"\*\s+Trying {_HOST}:(?P<port>\d{{1,5}})\.\.\.")
_CURL_GAVE_UP = re.compile(r"curl: \((?:28|56|52|7)\) (?!.*\b(?:port|to) \S)")
_NAME = re.compile(r"(?:Name|Nom|Nombre|Nome|名称|名前|名稱|이름|Имя)\s?[:：]\s{1,8}\S+\.\S+")
MARKS = re.compile(
    r"\s{0,4}(?:TcpTestSucceeded|RemotePort)\s{0,40}:|.{0,20}TCP connect to \(?[\w.-]{1,253} ?:|curl: \(\d"
    r"|\*\*\* \S{1,253} .{1,40}? \S{1,253}\s?[:：]|\*\* server can't find |.{0,40}(?:Connecting To \S|Probing \S)"
    r"|(?:nc|netcat): connect to |\* (?:connect to \S+ port|Failed to connect to) |Connection to \S+ (?:port )?\d{1,5} "
    r"|.{0,40}\d:\d{1,5}\b.{0,60}Reachable: (?:True|False)|wget: unable to resolve|ping: \S|Resolve-DnsName\s?:"
    r"|Ping request could not find host |.{0,12}Name resolution of \S+ failed")


def read_nettests(output: Output) -> Iterator[Row]:
    """Rows of `probes` with host, port, whether it worked and in which words it did not."""
    held: dict[str, tuple[Line, str]] = {}
    trying: re.Match[str] | None = None
    pinged = ""
    for line in output.lines[:5000]:
        text = line.text[:600]
        field = _FIELD.match(text)
        if field:
            if field.group(1) in held and field.group(1) in ("ComputerName", "RemoteAddress"):
                yield from _connection(held)
                held = {}
            held[field.group(1)] = (line, field.group(2).strip())
            continue
        trying = _TRYING.match(text) or trying
        if trying and _CURL_GAVE_UP.match(text):
            yield row("probes", line.number, probe="tcp", target=f"{trying['host']}:{trying['port']}", host=trying["host"], port=int(trying["port"]),
                      ok=False, error=text.strip()[:200])
            trying = None
            continue
        pinging = _PINGING.fullmatch(text)
        pinged = pinging.group(1) if pinging else pinged
        if pinged and _PING_FAILED.match(text.strip()):
            error = f"network is unreachable: {text.strip()[:160]}"
            yield row("probes", line.number, probe="ping", target=pinged, host=pinged, ok=False, error=error)
            pinged = ""
            continue
        for pattern, probe, ok in _SENTENCES:
            found = pattern.search(text)
            if found:
                port = found.groupdict().get("port")
                yield row("probes", line.number, probe=probe, target=found.group("host") + (f":{port}" if port else ""), host=found.group("host"),
                          port=int(port) if port else None, ok=ok, error=None if ok else text.strip()[:200])
                break
    yield from _connection(held)
    yield from _lookup(output)


def _connection(held: dict[str, tuple[Line, str]]) -> Iterator[Row]:
    outcome = held.get("TcpTestSucceeded")
    host = (held.get("ComputerName") or held.get("RemoteAddress") or (None, ""))[1]
    port = (held.get("RemotePort") or (None, ""))[1]
    if not outcome or not host or not port.isdigit():
        return
    ok = outcome[1].lower() == "true"
    yield row("probes", outcome[0].number, probe="tcp", target=f"{host}:{port}", host=host, port=int(port), ok=ok,
              error=None if ok else "TcpTestSucceeded: False")


def _lookup(output: Output) -> Iterator[Row]:
    """nslookup prints the server first, then the name and its addresses, in the machine's words; only the second pair is an answer."""
    names = [line for line in output.lines[:200] if _NAME.match(line.text[:300])]
    for line in names[:20]:
        host = re.split(r"[:：]\s{1,8}", line.text[:300], maxsplit=1)[1].strip()
        yield row("probes", line.number, probe="dns", target=host, host=host, ok=True)
