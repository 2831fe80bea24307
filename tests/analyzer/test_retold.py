# ruff: noqa: E501 (a report is told on one line)
"""What reports retell of logs: status files, the portal's views, and the output of commands that were run through it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.analysis import analyse
from analyzer.sources.retold import AGENT, EXTENSION, retold
from tests.analyzer.scenes import knowledge

BACKUP = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
FAILED = "[ExtensionOperationError] Non-zero exit code: 126, main/handle.sh install\n[stdout]\n\n[stderr]\n/bin/sh: main/handle.sh: Permission denied\n"


def view(level: str = "Error", message: str = FAILED) -> str:
    return json.dumps({"extensions": [{"name": "VMSnapshotLinux", "statuses": [{"code": "ProvisioningState/failed/1007", "level": level, "message": message,
                                                                               "time": "2026-03-02T09:00:00+00:00"}], "type": BACKUP}]}, indent=2)


def test_an_error_in_the_instance_view_is_the_agents_and_the_extensions_line() -> None:
    told = retold(view())
    first = next(one for one in told if one.source == AGENT)
    assert first.text == f"2026-03-02T09:00:00Z ERROR ExtHandler ExtHandler Event: name={BACKUP}, op=Enable, message={FAILED.splitlines()[0]}, duration=0"
    assert (first.line, first.words, first.time) == (9, FAILED.splitlines()[0], 1_772_442_000.0)
    assert any(one.source == EXTENSION and "Permission denied" in one.text for one in told)


def test_what_is_no_failure_is_not_retold() -> None:
    assert retold(view("Info", "Plugin enabled")) == []
    assert retold('{"message": "all is well"}') == retold("no JSON at all") == retold("{") == []


def test_messages_of_a_status_file_are_found_at_any_depth() -> None:
    inner = json.dumps([{"status": {"name": BACKUP, "status": "error", "code": "76", "snapshotInfo": [{"isSuccessful": False, "errorMessage": "<Code>AuthorizationFailure</Code>"}]}}])
    text = json.dumps([{"timestampUTC": "2026-03-02T09:00:00Z", "status": {"name": BACKUP, "status": "success", "substatus": [{"name": inner}]}}])
    assert any(one.source == EXTENSION and one.words == "<Code>AuthorizationFailure</Code>" for one in retold(text))


def test_the_views_yaml_is_read_too() -> None:
    text = f"ext:\n- statuses:\n  - code: ProvisioningState/failed/1008\n    level: Error\n    message: {json.dumps(FAILED)}\n  type: {BACKUP}\n"
    assert retold(text)[0].text.startswith(f"ERROR ExtHandler ExtHandler Event: name={BACKUP}, op=Enable, message=[ExtensionOperationError]")


@pytest.mark.parametrize("cut", [False, True])
def test_logs_in_the_output_of_a_command_are_lines_with_their_own_time(cut: bool) -> None:
    output = "Enable succeeded: \n[stdout]\n2026-03-02T09:00:00Z WARNING ExtHandler ExtHandler Fetch failed: x\n2026-03-02 09:00:05.000000 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]y\n[stderr]\n"
    text = json.dumps({"value": [{"level": "Info", "message": output}]}, indent=1)
    told = retold(text[:-8] if cut else text)
    assert [(one.source, one.time) for one in told if one.time] and {one.source for one in told} == {AGENT, EXTENSION}
    assert next(one.time for one in told if "Fetch failed" in one.words) == 1_772_442_000.0


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["message", "status", "level", "type", "name", "time", "x"]), inner)))
def test_any_json_is_survived(data: object) -> None:
    assert len(retold(json.dumps(data))) <= 120


def judged(path: Path) -> tuple[str, str] | None:
    verdict = analyse(path, knowledge()).diagnosis.verdict
    return (verdict.signature.id, verdict.level.value) if verdict else None


def test_a_view_alone_names_the_cause(tmp_path: Path) -> None:
    (tmp_path / "view.json").write_text(view())
    assert judged(tmp_path) == ("execution-blocked", "confirmed")


def test_a_quoted_session_of_a_shell_is_read(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("> Please find below:\n>\n> [root@shop ~]# df -h /var\n> Filesystem      Size  Used Avail Use% Mounted on\n"
                                       "> /dev/sda2        30G   30G     0 100% /\n> [root@shop ~]# touch /var/lib/waagent/x\n"
                                       "> touch: cannot touch '/var/lib/waagent/x': No space left on device\n")
    found = judged(tmp_path)
    assert found is not None and found[0] == "disk-full"
