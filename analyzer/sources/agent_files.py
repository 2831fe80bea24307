"""The agent's own small files: downloaded versions and their failures, leases, fstab."""

from __future__ import annotations

import re

from analyzer.model import Row
from analyzer.sources.rows import Artifact, Reader, at, load_json, row

_VERSION = re.compile(r"/WALinuxAgent-(\d+(?:\.\d+)+)/")


def read_agent_error(artifact: Artifact) -> list[Row]:
    """WALinuxAgent-x/error.json: one row of `agent-versions` with its failures; was_fatal means banned."""
    data = load_json(artifact.text)
    found = _VERSION.search(artifact.path)
    return [row("agent-versions", {
        "version": found.group(1) if found else None, "failure_count": at(data, "failure_count"), "was_fatal": at(data, "was_fatal"),
        "reason": at(data, "reason"), "last_failure": at(data, "last_failure"), "readable": isinstance(data, dict)})]


def read_lease(artifact: Artifact) -> list[Row]:
    """A DHCP client's lease file in any of its forms: rows of `leases`."""
    from analyzer.sources.commands import read_lease as parse
    return parse(artifact.text, artifact.clock)


def read_fstab(artifact: Artifact) -> list[Row]:
    """/etc/fstab: rows of `fstab`."""
    rows = []
    for number, line in enumerate(artifact.text.splitlines(), 1):
        cells = line.split()
        if len(cells) >= 4 and not cells[0].startswith("#"):
            rows.append(row("fstab", {"device": cells[0], "mount": cells[1], "type": cells[2], "options": cells[3]}, number))
    return rows


READERS: tuple[tuple[str, Reader], ...] = (
    (r"/var/lib/waagent/WALinuxAgent-[\d.]+/error\.json", Reader(("agent-versions",), read_agent_error)),
    (r"/var/lib/(?:dhcp|dhclient|NetworkManager|wicked)/.*lease.*|/run/systemd/netif/leases/.*|/run/NetworkManager/devices/.*"
     r"|/run/net.*lease.*", Reader(("leases",), read_lease)),
    (r"/etc/fstab", Reader(("fstab",), read_fstab)),
)
