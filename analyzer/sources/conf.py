"""Configuration files: waagent.conf by the agent's own rules, and the backup extension's INI and JSON files."""

from __future__ import annotations

import configparser
import re

from analyzer.model import Row
from analyzer.sources.rows import Artifact, Reader, load_json, row

_SWITCHES = ("Extensions.Enabled", "AutoUpdate.Enabled", "AutoUpdate.UpdateToLatestVersion", "OS.EnableFirewall", "OS.EnableFIPS",
             "Logs.Verbose", "ResourceDisk.Format", "Provisioning.Enabled")


def read_agent_conf(artifact: Artifact) -> list[Row]:
    """waagent.conf as common/conf.py reads it: a value ends at the first `#`, the last duplicate wins, None is unset.

    `inline_comment` marks a value that agents before 2.2.14 took whole, comment included (WALinuxAgent#763).
    """
    rows = []
    for number, line in enumerate(artifact.text.splitlines(), 1):
        if line.startswith("#") or "=" not in line:
            continue
        key, raw = line.split("=", 1)
        value = raw.split("#", 1)[0].strip().strip('"').strip()
        key = key.strip()
        unset = value in ("", "None")
        switch = key in _SWITCHES and value.lower() not in ("y", "n")
        rows.append(row("conf", {"key": key, "value": None if unset else value, "inline_comment": "#" in raw and raw.strip()[:1] not in ("", "#"),
                                 "ignored_switch": switch and not unset, "raw": raw.strip()}, number))
    if artifact.text.strip() and not rows:
        rows.append(row("conf", {"key": "(unreadable)", "value": None, "raw": artifact.text[:80]}))
    return rows


def read_ini(artifact: Artifact) -> list[Row]:
    """The extension's INI files under /etc/azure as rows of `ini`; a file that does not parse gives one row saying so."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(artifact.text)
    except configparser.Error as error:
        return [row("ini", {"file": artifact.path, "section": "", "key": "(unreadable)", "value": str(error).splitlines()[0]})]
    return [row("ini", {"file": artifact.path, "section": section, "key": key, "value": value},
                _line_of_key(artifact.text, key))
            for section in parser.sections() for key, value in parser.items(section)]


def _line_of_key(text: str, key: str) -> int:
    found = re.search(rf"(?im)^\s*{re.escape(key)}\s*[=:]", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def read_script_conf(artifact: Artifact) -> list[Row]:
    """VMSnapshotScriptPluginConfig.json: one row of `ini` a setting."""
    data = load_json(artifact.text)
    if not isinstance(data, dict):
        return [row("ini", {"file": artifact.path, "section": "", "key": "(unreadable)", "value": "not JSON"})]
    return [row("ini", {"file": artifact.path, "section": "", "key": key, "value": value}, _line_of_json(artifact.text, key))
            for key, value in data.items()]


def _line_of_json(text: str, key: str) -> int:
    position = text.find(f'"{key}"')
    return text.count("\n", 0, position) + 1 if position >= 0 else 1


def read_os_release(artifact: Artifact) -> list[Row]:
    """/etc/os-release as rows of `system`."""
    rows = []
    for number, line in enumerate(artifact.text.splitlines(), 1):
        key, sign, value = line.partition("=")
        if sign and re.fullmatch(r"[A-Z_]+", key):
            rows.append(row("system", {"key": key.lower(), "value": value.strip().strip('"')}, number))
    return rows


def read_word(artifact: Artifact) -> list[Row]:
    """A file of one word (Incarnation, Protocol, WireServerEndpoint, mrseq): one row of `words`."""
    text = artifact.text.strip()
    return [row("words", {"file": artifact.path, "name": artifact.path.rsplit("/", 1)[-1], "value": text[:200], "empty": not text})]


READERS: tuple[tuple[str, Reader], ...] = (
    (r"/etc/waagent\.conf", Reader(("conf",), read_agent_conf)),
    (r"/etc/azure/.*\.conf|/var/lib/waagent/[^/]+/main/[^/]+\.conf", Reader(("ini",), read_ini)),
    (r"/etc/azure/VMSnapshotScriptPluginConfig\.json", Reader(("ini",), read_script_conf)),
    (r"/etc/os-release|/usr/lib/os-release", Reader(("system",), read_os_release)),
    (r"/etc/hostname|/var/lib/waagent/(?:Incarnation|Protocol|WireServer|WireServerEndpoint|provisioned|current_version|partition)"
     r"|/var/lib/waagent/[^/]+/mrseq", Reader(("words",), read_word)),
)
