"""A made-up VM whose backup fails, as bundles of several kinds, for the tests of everything that people see."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

AGENT_LOG = "/var/log/waagent.log"
EXTENSION_LOG = "/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log"
OPTIONS = ["--only", "door-stuck", "--only", "hall-dark", "--only", "moon-full", "--only", "cellar-wet"]

SIGNATURES = {
    "door-stuck": r"""
title = "The vault's door is stuck"
guide-cause = "snapshot-not-taken"
leads-to = ["hall-dark"]
[evidence.jammed]
source = "agent-log"
match = 'vault door (?P<door>\S+) jammed'
note = "the agent found a door jammed"
[evidence.oiled]
source = "agent-log"
match = 'door oiled'
note = "somebody oiled it"
[verdict]
confirmed = "jammed and not oiled"
ruled-out = "oiled and not jammed"
[say]
confirmed = "Door {door} is jammed."
[[fix]]
do = "Oil the hinges."
run = { debian = "apt-get install oil; oil --hinge left && oil --hinge right", rhel = "dnf install oil" }
risk = "smells"
verify = "the door opens"
link = "https://example.org/hinges"
""", "hall-dark": r"""
title = "The hall is dark"
guide-cause = "snapshot-not-taken"
[evidence.dark]
source = "agent-log"
match = 'no light in the hall'
[verdict]
confirmed = "dark"
""", "moon-full": r"""
title = "The moon is full"
guide-cause = "no-internet"
[evidence.new-moon]
source = "agent-log"
match = 'the moon is new'
[evidence.full]
source = "agent-log"
match = 'the moon is full'
[verdict]
confirmed = "full"
ruled-out = "new-moon and not full"
[say]
ruled-out = "The moon was new."
""", "cellar-wet": r"""
title = "The cellar is wet"
guide-cause = "agent-outdated"
[evidence.wet]
source = "syslog"
match = 'water in the cellar'
[verdict]
confirmed = "wet"
"""}

_HANDLER = "[Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9200.0]"
LINES = f"""\
2026-04-01T10:00:00.000000Z INFO Daemon ExtHandler the moon is new
2026-04-01T10:00:05.000000Z INFO ExtHandler ExtHandler {_HANDLER} Target handler state: enabled [incarnation_1]
2026-04-01T10:00:09.000000Z ERROR ExtHandler ExtHandler vault door NORTH-7 jammed, error 13
2026-04-01T10:00:10.000000Z ERROR ExtHandler ExtHandler no light in the hall
"""
EXTENSION_LINES = """\
2026-04-01 10:00:06.000000 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]current seq no is 3
2026-04-01 10:00:12.000000 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]Enable,error,9,,False
"""
HOSTILE = "2026-04-01T10:00:08.000000Z ERROR ExtHandler ExtHandler vault door " \
    "\x1b[31mRED\x1b]0;owned\x07[bold]\u202egnp.exe<script>alert(1)</script> jammed\n"


def signatures(folder: Path) -> Path:
    """A folder with the signatures above."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SIGNATURES.items():
        head = f'schema = "azure-backup-signature/1"\nid = "{name}"\nplatforms = ["linux"]\n'
        (folder / f"{name}.toml").write_text(head + text, encoding="utf-8")
    return folder


def bundle(path: Path, files: dict[str, str] | None = None, *, os_release: str = "ID=ubuntu\nPRETTY_NAME=\"Ubuntu 24.04\"\n",
           missing: dict[str, str] | None = None, **manifest: Any) -> Path:
    """A collector's zip of these files (path on the VM to text); `missing` are planned items with their status."""
    held = {AGENT_LOG: LINES, EXTENSION_LOG: EXTENSION_LINES} if files is None else files
    held = {**held, "/etc/os-release": os_release}
    items: list[dict[str, Any]] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for where, text in held.items():
            raw = text.encode()
            member = f"files{where}"
            archive.writestr(member, raw)
            items.append({"id": where, "kind": "file", "why": "to know", "path": where, "member": member, "status": "ok", "bytes": len(raw),
                          "sha256": hashlib.sha256(raw).hexdigest()})
        for where, status in (missing or {}).items():
            items.append({"id": where, "kind": "file", "why": "to know", "path": where, "status": status, "reason": "no permission"})
        body = {"schema": "azure-backup-bundle/1", "host": {"platform": "linux", "hostname": "vault-1", "os": "Ubuntu 24.04", "timezone": "UTC"},
                "started": "2026-04-01T10:01:00Z", "finished": "2026-04-01T10:02:00Z", "complete": True, "items": items, **manifest}
        archive.writestr("manifest.json", json.dumps(body))
    return path


def test_the_made_up_vm_is_a_bundle_of_the_collectors_format(tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle(tmp_path / "b.zip")) as archive:
        assert json.loads(archive.read("manifest.json"))["schema"] == "azure-backup-bundle/1"
        assert archive.read(f"files{AGENT_LOG}").decode() == LINES
