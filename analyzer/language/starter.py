"""A signature to start from, out of one pasted log line: its regex generalised, and tests that hold already."""

from __future__ import annotations

import re
from datetime import date

from analyzer.clock import stamp_of, utc_clock
from analyzer.errors import UsageError
from analyzer.language.knowledge import Knowledge
from analyzer.language.load import SCHEMA
from analyzer.scan.literals import MIN_LENGTH, required_literals
from analyzer.sniffing import sniff_sources
from analyzer.sources.catalogue import Catalogue

_PATHS = {"agent-log": "/var/log/waagent.log", "console": "/var/log/syslog"}
_PREFIX = re.compile(r"^(?:\s*(?:VERBOSE|INFO|WARNING|WARN|ERROR|CRITICAL)\b)?(?:\s+(?:Daemon|ExtHandler|MainThread|\w+Handler)\b)*"
                     r"(?:\s*\[(?:P\d+|[\w.]+-[\d.]+|\d+|000)\])*[\s:,-]*")
_SYSLOG_HEAD = re.compile(r"^\s*\S+ [\w./-]+(?:\[\d+\])?:\s*(?:\[ *\d+\.\d+\]\s*)?")
_VARIABLE = re.compile(r"""(?P<guid>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)
    |(?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b) |(?P<url>https?://[^\s'"\]]+) |(?P<path>(?<![\w/.])(?:/[\w.@+-]+){2,}|[A-Za-z]:\\[^\s'"]+)
    |(?P<number>(?<![\w.])-?\d+(?:\.\d+)*(?![\w.]))""", re.VERBOSE)
_FORMS = {"guid": r"[0-9A-Fa-f-]{36}", "address": r"\d+\.\d+\.\d+\.\d+",
          "url": r"https?://[^\s'\"\]]+", "path": r"[^\s'\"]+", "number": r"-?\d[\d.]*"}
_NAMED = {"address": "address", "url": "url", "path": "path"}


def starter(knowledge: Knowledge, name: str, line: str, guide_cause: str) -> str:
    """The text of a new signature file. Raises UsageError when the id is taken or the line says too little."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise UsageError(f"{name!r} is no id", advice="lower-case words joined by hyphens")
    if name in knowledge.signatures:
        raise UsageError(f"the id {name!r} is taken by {knowledge.signatures[name].file}")
    line = line.strip("\r\n")
    source = sniff_sources((line + "\n").encode())[0]
    source = "syslog" if source == "console" and "syslog" in knowledge.catalogue else source
    match = generalised(message_of(line))
    if not required_literals(match) or min(map(len, required_literals(match))) < MIN_LENGTH:
        raise UsageError("the line says too little to be known again", advice="paste a whole line with its message")
    return _TEMPLATE.format(schema=SCHEMA, id=name, title=name.replace("-", " ").capitalize(), guide=guide_cause, today=date.today().isoformat(),
                            source=source, match=_literal(match), path=path_of(knowledge.catalogue, source), line=_quoted(line),
                            harmless=_quoted(line.replace(message_of(line), "something else, harmless")))


def message_of(line: str) -> str:
    """What a log line says, without its time, level, thread and program."""
    stamp = stamp_of(line, utc_clock())
    rest = line[stamp.end:] if stamp else line
    if stamp and not _PREFIX.match(rest):
        return rest.strip()
    syslog = _SYSLOG_HEAD.match(rest)
    rest = rest[syslog.end():] if syslog and stamp else rest
    found = _PREFIX.match(rest)
    return (rest[found.end():] if found else rest).strip() or line.strip()


def generalised(message: str) -> str:
    """A regex for this message and others like it: numbers, addresses, paths and ids may differ, the first of each is named."""
    out: list[str] = []
    used: set[str] = set()
    position = 0
    for found in _VARIABLE.finditer(message):
        kind = str(found.lastgroup)
        out.append(_escaped(message[position:found.start()]))
        group = _NAMED.get(kind)
        out.append(f"(?P<{group}>{_FORMS[kind]})" if group and group not in used else _FORMS[kind])
        used.add(group or "")
        position = found.end()
    return "".join([*out, _escaped(message[position:])])


def path_of(catalogue: Catalogue, source: str) -> str:
    """A path on a VM that belongs to a source."""
    if source in _PATHS:
        return _PATHS[source]
    for candidate in ("/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log", "/var/log/syslog"):
        if source in catalogue.of(candidate, ()):
            return candidate
    return "/var/log/waagent.log"


def _escaped(text: str) -> str:
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _literal(text: str) -> str:
    return f"'{text}'" if "'" not in text else f"'''{text}'''"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '""\\"')


_TEMPLATE = '''schema = "{schema}"
id = "{id}"
title = "{title}"
guide-cause = "{guide}"
platforms = ["linux"]
severity = "blocker"
status = "trial"
leads-to = []
reviewed = "{today}"
links = []
about = """
What is true when this is the cause, and how it stops a backup."""

[evidence.failed]
source = "{source}"
match = {match}
note = "what this line means"

[verdict]
confirmed = "failed"

[say]
confirmed = "What happened, in one sentence; captures in braces."

[[fix]]
do = "What to do."
verify = "How to see that it helped."

[[test]]
name = "the line that was met"
files = {{ "{path}" = """
{line}
""" }}
expect = "confirmed"
cites = ["{path}:1"]

[[test]]
name = "a log without it"
files = {{ "{path}" = """
{harmless}
""" }}
expect = "not-seen"

[[test]]
name = "no log"
missing = ["{path}"]
expect = "not-assessed"
blind = ["failed"]
'''
