"""A small signature to try the tools on, and what to change in it to make each of them complain."""

from __future__ import annotations

from pathlib import Path

import tomli

from analyzer.language.load import signature_from
from analyzer.language.schema import Signature

TEXT = '''
schema = "azure-backup-signature/1"
id = "paper-jam"
title = "The printer is jammed"
guide-cause = "other"
platforms = ["linux"]
reviewed = "2026-05-04"
about = "Paper stops everything."

[evidence.jammed]
source = "agent-log"
match = 'paper jam in tray (?P<tray>\\d+)'
cleared-by = ["cleared"]
note = "paper is stuck"

[evidence.cleared]
source = "agent-log"
match = 'paper path is clear'
note = "it was taken out"

[verdict]
confirmed = "jammed"
ruled-out = "not jammed"

[say]
confirmed = "Paper is stuck in tray {tray}."
ruled-out = "No paper is stuck."

[[fix]]
do = "Pull."
verify = "It prints."

[[test]]
name = "a jam"
files = { "/var/log/waagent.log" = """
2026-05-04T09:58:00.000000Z INFO ExtHandler ExtHandler printing
2026-05-04T09:59:00.000000Z ERROR ExtHandler ExtHandler paper jam in tray 3
""" }
expect = "confirmed"
vars = { tray = "3" }
cites = ["/var/log/waagent.log:2"]

[[test]]
name = "a jam that was cleared"
files = { "/var/log/waagent.log" = """
2026-05-04T09:58:00.000000Z ERROR ExtHandler ExtHandler paper jam in tray 3
2026-05-04T09:59:00.000000Z INFO ExtHandler ExtHandler paper path is clear
""" }
expect = "ruled-out"

[[test]]
name = "no log"
missing = ["/var/log/waagent.log"]
expect = "not-assessed"
blind = ["jammed"]
'''


def signature_of(text: str = TEXT, file: str = "other/paper-jam.toml") -> Signature:
    """The signature in a text."""
    return signature_from(tomli.loads(text), file)


def folder_with(where: Path, text: str = TEXT, file: str = "other/paper-jam.toml") -> Path:
    """A folder of signatures with one file in it."""
    path = where / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return where
