"""Backup attempts out of whatever evidence there is, and which of them is judged."""

from __future__ import annotations

import json
from pathlib import Path

from analyzer.model import Level
from tests.analyzer.scenes import AGENT_LOG, EXTENSION, EXTENSION_LOG, agent, analysed, bundle, extension, outcomes

GOOD = ("09:00:01 current seq no is 7", "09:00:03 Enable,success,4,Transitioning state in extension,False",
        "09:00:05 sequence number from environment variable is 7", "09:00:06 Enable,success,4,Transitioning state in extension,False",
        "09:00:30 Enable,success,1,,False")
BAD = ("10:00:01 current seq no is 8", "10:00:03 Enable,success,4,Transitioning state in extension,False", "10:00:30 Enable,success,76,,False")


def test_both_parts_of_a_run_are_one_attempt(tmp_path: Path) -> None:
    assert outcomes(analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*GOOD)}))) == [("succeeded", "1")]


def test_the_code_counts_not_the_word(tmp_path: Path) -> None:
    found = analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*GOOD, *BAD)}))
    assert outcomes(found) == [("succeeded", "1"), ("failed", "76")]
    assert found.diagnosis.attempt.id == "a2"


def test_a_retry_that_worked_leaves_only_the_present_to_judge(tmp_path: Path) -> None:
    bad_first = extension(*(line.replace("10:", "08:", 1) for line in BAD), *GOOD)
    found = analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: bad_first}))
    assert found.diagnosis.attempt.stands_in and found.diagnosis.verdict is None and found.exit_code in (1, 4)


def test_a_run_that_never_ended_is_unfinished(tmp_path: Path) -> None:
    found = analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*GOOD, *BAD[:2])}))
    assert outcomes(found)[-1] == ("unfinished", None)


def test_a_run_skipped_as_already_done_is_no_attempt(tmp_path: Path) -> None:
    lines = extension(*GOOD, "09:10:00 current seq no is 7", "09:10:00 the sequence number are same, so skip, current:7== last:7")
    assert outcomes(analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: lines}))) == [("succeeded", "1")]


def test_an_attempt_that_the_agent_alone_tells_of(tmp_path: Path) -> None:
    log = agent(f"09:00:00 [{EXTENSION}-1.0.9220.0] Target handler state: enabled [incarnation_3]",
                f"09:00:09 Event: name={EXTENSION}, op=Install, message=[ExtensionOperationError] Non-zero exit code: 1, x, duration=0")
    assert outcomes(analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: log}))) == [("failed", "agent:Install")]


def test_a_status_file_tells_of_a_run_whose_log_is_gone(tmp_path: Path) -> None:
    status = json.dumps([{"version": "1.0", "timestampUTC": "2026-03-02T09:00:30Z",
                          "status": {"name": EXTENSION, "operation": "Enable", "status": "success", "code": "121", "substatus": []}}])
    path = f"/var/lib/waagent/{EXTENSION}-1.0.9220.0/status/8.status"
    assert outcomes(analysed(bundle(tmp_path / "b.zip", {path: status}))) == [("failed", "121")]


def test_a_request_that_nobody_ran_is_an_attempt_too(tmp_path: Path) -> None:
    ticks = 621355968000000000 + 17724456000000000  # 2026-03-02T10:00:00Z
    settings = json.dumps({"runtimeSettings": [{"handlerSettings": {"publicSettings": {
        "commandToExecute": "snapshot", "commandStartTimeUTCTicks": str(ticks)}}}]})
    path = f"/var/lib/waagent/{EXTENSION}-1.0.9220.0/config/8.settings"
    found = analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*GOOD), path: settings}))
    assert outcomes(found) == [("succeeded", "1"), ("unfinished", None)]


def test_without_any_attempt_the_collection_stands_in(tmp_path: Path) -> None:
    found = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: agent("09:00:00 quiet")}))
    assert found.diagnosis.attempts == () and found.diagnosis.attempt.stands_in


def test_at_chooses_the_attempt_around_that_time(tmp_path: Path) -> None:
    from analyzer.clock import parse_iso
    again = extension(*(line.replace("10:", "11:", 1).replace("is 8", "is 9").replace(",76,", ",121,") for line in BAD))
    where = bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*GOOD, *BAD) + again})
    assert analysed(where, at=parse_iso("2026-03-02T10:00:20Z")).diagnosis.attempt.code == "76"
    assert analysed(where).diagnosis.attempt.code == "121"


def test_an_old_failure_is_second_to_the_present(tmp_path: Path) -> None:
    found = analysed(bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension(*BAD)}, collected="2026-03-09T12:00:00Z"))
    assert outcomes(found) == [("failed", "76")]
    assert found.diagnosis.attempt.stands_in or found.diagnosis.verdict is not None


def test_nothing_is_ruled_out_while_the_log_that_tells_of_the_attempts_is_missing(tmp_path: Path) -> None:
    log = agent(f"09:00:00 [{EXTENSION}-1.0.9220.0] Enable extension: [main/handle.sh enable]",
                "09:30:00 [HEARTBEAT] Agent WALinuxAgent-2.12.0.4 is running as the goal state agent [DEBUG HeartbeatCounter: 3;]")
    whole = analysed(bundle(tmp_path / "a.zip", {AGENT_LOG: log, EXTENSION_LOG: extension(*GOOD, *BAD)}))
    less = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: log}))
    assert whole.diagnosis.at_level(Level.RULED_OUT) and not less.diagnosis.at_level(Level.RULED_OUT)
    assert all(one.doubt for one in less.diagnosis.at_level(Level.NOT_ASSESSED) if not any(seen.reason for seen in one.observations.values()))
