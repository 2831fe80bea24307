"""Versions of programs and packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, row

_DAEMON = re.compile(r"(?:WALinuxAgent|Azure Linux Agent)[- ](\d[\w.+~-]{0,40}) running on (.{1,120})")
_AGENT_PYTHON = re.compile(r"Python: (\d[\w.+]{0,30})$")
_GOAL_STATE = re.compile(r"Goal state agent: (\d[\w.+-]{0,40})")
_PYTHON = re.compile(r"Python (\d[\w.+]{0,30})(?:\s|$)")
_OPENSSL = re.compile(r"(OpenSSL|LibreSSL) (\d[\w.-]{0,40})")
_UNAME = re.compile(r"(Linux|FreeBSD|OpenBSD|SunOS|Darwin) (\S{1,80}) (\d\S{0,80})(?:\s|$)")
_ANY = re.compile(r"(?<![\w.])v?(\d{1,9}(?:\.\d{1,9}){1,5}(?:[-+~][\w.]{1,40})?)")
_TOOLS = re.compile(
    r"(systemd|iptables|ip6tables|nft(?:ables)?|curl|cloud-init|GNU bash|bash|rpm|util-linux|chronyd|sudo|Docker version)\b", re.IGNORECASE)
_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,9}){1,5}[\w.+~-]{0,60}$")


def read_versions(output: Output) -> Iterator[Row]:
    """Rows of `versions`; the agent's three lines become waagent, waagent-python and waagent-goal-state."""
    found = False
    for entry in _known(output):
        found = True
        yield entry
    if found:
        return
    for line in output.lines[:2000]:
        plain = _plain(line.number, line.text[:400].strip(), output)
        if plain:
            yield plain
            return


def _known(output: Output) -> Iterator[Row]:
    in_agent = False
    for line in output.lines[:2000]:
        text = line.text[:400].strip()
        found = _DAEMON.search(text)
        if found:
            in_agent = True
            yield row("versions", line.number, program="waagent", version=found.group(1), distribution=found.group(2), text=text)
        elif (found := _GOAL_STATE.search(text)):
            yield row("versions", line.number, program="waagent-goal-state", version=found.group(1), text=text)
        elif in_agent and (found := _AGENT_PYTHON.match(text)):
            yield row("versions", line.number, program="waagent-python", version=found.group(1), text=text)
        elif (found := _PYTHON.match(text)):
            program = _asked(output) or ("python3" if found.group(1)[0] == "3" else "python")
            yield row("versions", line.number, program=program, version=found.group(1), text=text)
        elif (found := _OPENSSL.match(text)):
            yield row("versions", line.number, program="openssl", version=found.group(2), text=text)
        elif (found := _UNAME.match(text)):
            yield row("versions", line.number, program="kernel", version=found.group(3), text=text)


def _asked(output: Output) -> str | None:
    name = output.argv[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe") if output.argv else None
    return "windows" if name == "ver" else name


def _plain(line: int, text: str, output: Output) -> Row | None:
    """Any program's `--version`: the first thing that looks like one. `uname -r` is a bare kernel version."""
    program, tool = _asked(output), _TOOLS.match(text)
    if program == "uname":
        return row("versions", line, program="kernel", version=text, text=text) if text[:1].isdigit() else None
    found = re.match(r"systemd (\d{3})", text) or _ANY.search(text)
    if not found or not (tool or _PLAIN.match(text) or (program and program.lower() in text.lower())):
        return None
    return row("versions", line, program=program or (tool.group(1).lower() if tool else None), version=found.group(1), text=text)


_DEB = re.compile(r"([a-zUHR][A-Za-z ]{1,2})\s{1,6}([\w.+-]{1,120})(?::\w{1,12})?\s{1,200}([\w.:~+-]{1,100})\s{1,100}(\S{1,20})(?:\s|$)")
_RPM = re.compile(
    r"([\w.+-]{1,120}?)-(?:(\d{1,6}):)?([\w.~^+]{1,60})-([\w.~^+]{1,80}?)(?:\.(x86_64|noarch|aarch64|i[3-6]86|ppc64le|s390x|src))?(?:\s|$)")
_PAIR = re.compile(r"([\w.+-]{2,120})(?::\w{1,12})?[\t ,;|=]{1,60}(\d[\w.:~+^-]{0,100})(?:[\t ,;|].*)?$")
_NOT_INSTALLED = re.compile(
    r"(?:package|Paket|le paquet|paquete|软件包|パッケージ)\s?([\w.+-]{1,120}) (?:is not installed|ist nicht installiert|n'est pas|no está|未安装)"
    r"|未安装软件包 ([\w.+-]{1,120})")
_ABSENT = re.compile(r"([\w.+-]{1,120})\s{1,40}\S{3,20} \S{2,10} (?:not-installed|config-files)$")
_COLUMNS = re.compile(r"([\w.+-]{1,120})\.(x86_64|noarch|aarch64|i[3-6]86)\s{1,100}(?:\d{1,4}:)?([\w.~^+-]{1,80})\s{1,100}@?\S{1,60}$")
_RPM_PROGRAMS = ("rpm", "zypper", "dnf", "yum", "tdnf")


def read_packages(output: Output) -> Iterator[Row]:
    """Rows of `packages` from dpkg, dpkg-query, rpm, dnf, apk and apt lists."""
    program = _asked(output) or ""
    for line in output.lines:
        found = _package(line, program)
        if found:
            yield found


def _package(line: Line, program: str) -> Row | None:
    text = line.text[:400].rstrip()
    found = _NOT_INSTALLED.search(text)
    if found:
        return row("packages", line.number, name=found.group(1) or found.group(2), installed=False, text=text)
    found = _ABSENT.match(text)
    if found:
        return row("packages", line.number, name=found.group(1), installed=False, text=text)
    found = _DEB.match(text)
    if found and found.group(1)[0] in "uirph" and found.group(1)[1:2] in "ncHUFWti":
        return row("packages", line.number, name=found.group(2), version=found.group(3), state=found.group(1).strip(), architecture=found.group(4),
                   installed=found.group(1)[1] in "iWt", text=text)
    found = _COLUMNS.match(text)
    if found:
        return row("packages", line.number, name=found.group(1), version=found.group(3), architecture=found.group(2), installed=True, text=text)
    found = _PAIR.match(text)
    if found and program not in _RPM_PROGRAMS:
        return row("packages", line.number, name=found.group(1), version=found.group(2), installed=" deinstall" not in text, text=text)
    found = _RPM.match(text)
    if found:
        name, _, version, release, architecture = found.groups()
        return row("packages", line.number, name=name, version=f"{version}-{release}", architecture=architecture, installed=True, text=text)
    if found is None and _PAIR.match(text):
        pair = _PAIR.match(text)
        return row("packages", line.number, name=pair.group(1), version=pair.group(2), installed=True, text=text) if pair else None
    return None


_OPTION = re.compile(r"([A-Z][\w.]{2,60}) = (.{0,200})")
_SAID = {"True": "y", "False": "n", "None": None, "": None}


def read_agent_conf(output: Output) -> Iterator[Row]:
    """Rows of `conf` from `waagent --show-configuration`, which prints the values in force, switches as True and False."""
    for line in output.lines[:500]:
        found = _OPTION.fullmatch(line.text.strip()[:300])
        if found:
            value = found.group(2).strip()
            yield row("conf", line.number, key=found.group(1), value=_SAID.get(value, value), inline_comment=False, ignored_switch=False, raw=value)
