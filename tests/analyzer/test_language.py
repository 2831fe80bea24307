"""The signature language: three-valued conditions, observations, and errors that say what to write instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SignatureError
from analyzer.language.expression import parse
from analyzer.language.load import signature_from
from analyzer.language.operators import check, version_key
from analyzer.model import Level
from analyzer.report.analysis import analyse
from tests.analyzer.scenes import AGENT_LOG, EXTENSION_LOG, agent, analysed, bundle, extension, knowledge

VALUES = st.sampled_from([True, False, None])
BASE: dict[str, Any] = {"schema": "azure-backup-signature/1", "id": "x", "title": "X", "guide-cause": "other", "platforms": ["linux"],
                        "evidence": {"a": {"source": "agent-log", "match": "alpha beta"}}, "verdict": {"confirmed": "a"}}


@given(VALUES, VALUES, VALUES)
def test_blind_decides_only_what_it_cannot_change(a: bool | None, b: bool | None, c: bool | None) -> None:
    """Kleene: a result other than blind stays the same whatever the blind values turn out to be."""
    condition = parse("(a or not b) and 2 of x-* or c", ["a", "b", "c", "x-1", "x-2"])
    seen = {"a": a, "b": b, "c": c, "x-1": a, "x-2": b}
    result = condition(seen)
    if result is not None:
        for first in (True, False):
            sure = {name: (first if value is None else value) for name, value in seen.items()}
            assert condition(sure) is result


@pytest.mark.parametrize(("text", "words"), [("a and", "ends too early"), ("a or zz", "names no evidence"), ("(a", "missing"),
                                             ("a b", "unexpected"), ("3 of x-*", "needs 3")])
def test_a_wrong_condition_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text, ["a", "x-1"])


@pytest.mark.parametrize(("change", "words"), [
    ({"colour": "red"}, "unknown key 'colour'"),
    ({"evidence": {"a": {"source": "agent-log", "match": "x y z w", "windw": "any"}}}, "unknown key 'windw'"),
    ({"evidence": {"a": {"table": "disk", "where": {"mount": {"not-matches": "x"}}}}}, "where: mount: unknown key 'not-matches'"),
    ({"evidence": {"a": {"match": "x", "fact": "y"}}}, "exactly one shape"),
    ({"evidence": {"a": {"source": "agent-log", "match": "alpha", "window": "yesterday"}}}, "window"),
    ({"evidence": {"a": {"source": "agent-log", "match": "alpha", "cleared-by": ["b"]}}}, "'b' names no evidence"),
    ({"guide-cause": "magic"}, "one of: no-internet"),
    ({"verdict": {"confirmed": "a and q"}}, "'q' names no evidence"),
    ({"schema": "other/9"}, "schema"),
])
def test_a_wrong_signature_names_file_key_and_way_out(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SignatureError, match=words) as caught:
        signature_from({**BASE, **change}, "folder/x.toml")
    assert "folder/x.toml" in str(caught.value)


def test_versions_compare_part_by_part() -> None:
    assert version_key("1.0.91.0") < version_key("1.0.9103.0") < version_key("1.0.9220.0")
    assert check("version-lt", "2.2.9", "2.2.10") and not check("version-lt", "2.11.1.12", "2.11.1.4")


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20)), st.sampled_from(
    ["is", "is-not", "lt", "le", "gt", "ge", "version-lt", "version-ge", "matches", "exists"]))
def test_no_value_breaks_a_comparison(value: Any, operator: str) -> None:
    check(operator, value, "12")


def custom(tmp_path: Path, evidence: str, verdict: str) -> Path:
    folder = tmp_path / "signatures"
    folder.mkdir(exist_ok=True)
    (folder / "mine.toml").write_text(f"""
schema = "azure-backup-signature/1"
id = "mine"
title = "Mine"
guide-cause = "other"
platforms = ["linux"]
{evidence}
[verdict]
{verdict}
""")
    return folder


def level_of(tmp_path: Path, evidence: str, verdict: str, where: Path) -> Level:
    from analyzer.language.knowledge import load_knowledge
    extended = load_knowledge([custom(tmp_path, evidence, verdict)])
    (judged,) = analyse(where, extended, only=["mine"]).diagnosis.judgements
    return judged.level


def test_a_line_healed_before_the_attempt_ends_is_clear(tmp_path: Path) -> None:
    evidence = """
[evidence.broke]
source = "agent-log"
match = 'it broke down'
cleared-by = ["mended"]
[evidence.mended]
source = "agent-log"
match = 'it was mended'
"""
    broke = bundle(tmp_path / "1.zip", {AGENT_LOG: agent("09:00:00 it was mended", "09:01:00 it broke down")})
    lines = agent("09:00:00 it broke down", "09:01:00 it was mended")
    healed = bundle(tmp_path / "2.zip", {AGENT_LOG: lines}, statuses={EXTENSION_LOG: "absent"})
    uncertain = bundle(tmp_path / "3.zip", {AGENT_LOG: lines}, statuses={EXTENSION_LOG: "denied"})
    verdict = 'confirmed = "broke"\nruled-out = "not broke"'
    assert level_of(tmp_path, evidence, verdict, broke) is Level.CONFIRMED
    assert level_of(tmp_path, evidence, verdict, healed) is Level.RULED_OUT
    assert level_of(tmp_path, evidence, verdict, uncertain) is Level.NOT_ASSESSED


def test_what_was_not_collected_is_never_ruled_out(tmp_path: Path) -> None:
    evidence = "[evidence.broke]\nsource = 'agent-log'\nmatch = 'it broke down'\n"
    verdict = 'confirmed = "broke"\nruled-out = "not broke"'
    for status in ("denied", "timeout", "budget", "absent"):
        where = bundle(tmp_path / f"{status}.zip", {"/etc/hostname": "x\n"}, statuses={AGENT_LOG: status, EXTENSION_LOG: "absent"})
        assert level_of(tmp_path, evidence, verdict, where) is Level.NOT_ASSESSED


def test_a_count_within_a_time_is_a_burst(tmp_path: Path) -> None:
    evidence = "[evidence.often]\nsource = 'agent-log'\nmatch = 'it broke down'\ncount = { at-least = 3, within = '10m' }\n"
    spread = agent("07:00:00 it broke down", "08:00:00 it broke down", "09:00:00 it broke down")
    burst = agent("07:00:00 it broke down", "08:00:00 it broke down", "08:01:00 it broke down", "08:02:00 it broke down")
    assert level_of(tmp_path, evidence, 'confirmed = "often"', bundle(tmp_path / "1.zip", {AGENT_LOG: spread})) is Level.NOT_SEEN
    assert level_of(tmp_path, evidence, 'confirmed = "often"', bundle(tmp_path / "2.zip", {AGENT_LOG: burst})) is Level.CONFIRMED


def test_a_beginning_without_an_end_is_unfinished_once_time_has_passed(tmp_path: Path) -> None:
    evidence = "[evidence.hung]\nsource = 'agent-log'\nbegin = 'work begins'\nend = 'work is done'\nwithin = '5m'\n"
    log = {AGENT_LOG: agent("09:00:00 work begins")}
    soon = bundle(tmp_path / "1.zip", log, collected="2026-03-02T09:02:00Z")
    late = bundle(tmp_path / "2.zip", log, collected="2026-03-02T09:30:00Z")
    done = bundle(tmp_path / "3.zip", {AGENT_LOG: agent("09:00:00 work begins", "09:01:00 work is done")})
    assert [level_of(tmp_path, evidence, 'confirmed = "hung"', where) for where in (soon, late, done)] == [
        Level.NOT_ASSESSED, Level.CONFIRMED, Level.NOT_SEEN]


def test_silence_is_measured_to_the_collection(tmp_path: Path) -> None:
    evidence = "[evidence.quiet]\nsource = 'agent-log'\nsilent-for = '40m'\n"
    log = {AGENT_LOG: agent("09:00:00 a", "09:30:00 b")}
    assert level_of(tmp_path, evidence, 'confirmed = "quiet"', bundle(tmp_path / "1.zip", log, collected="2026-03-02T09:45:00Z")) is Level.NOT_SEEN
    assert level_of(tmp_path, evidence, 'confirmed = "quiet"', bundle(tmp_path / "2.zip", log, collected="2026-03-02T10:45:00Z")) is Level.CONFIRMED


def test_the_root_is_named_and_its_consequence_called_so(tmp_path: Path) -> None:
    log = agent("09:10:33 Error fetching the goal state: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] "
                "GET http://168.63.129.16/machine/ -- IOError [Errno 101] Network is unreachable -- 6 attempts made")
    found = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: log}, commands={"ip route": "\n", "ip addr": (
        "2: eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc mq state DOWN group default qlen 1000\n"
        "    link/ether 00:0d:3a:00:00:01 brd ff:ff:ff:ff:ff:ff\n")}, probes=[
        {"probe": "tcp", "target": "168.63.129.16:80", "ok": False, "error": "[Errno 101] Network is unreachable"}]))
    verdict = found.diagnosis.verdict
    assert verdict is not None and verdict.signature.id == "network-down"
    wireserver = next(one for one in found.diagnosis.judgements if one.signature.id == "wireserver-unreachable")
    assert wireserver.consequence_of == ("network-down",) and not wireserver.root


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    from analyzer.report.jsonreport import dumps, report
    where = bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension("09:00:01 current seq no is 7", "09:00:30 Enable,error,121,,False")})
    assert dumps(report(analysed(where))) == dumps(report(analysed(where)))


def test_the_symptom_breaks_ties_and_walks_the_checklist(tmp_path: Path) -> None:
    where = bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension("09:00:01 current seq no is 7", "09:00:30 Enable,error,121,,False")})
    found = analyse(where, knowledge(), symptom="UserErrorFsFreezeFailed")
    assert found.symptom == "vmsnapshot-failed" and found.order[0] == "snapshot-not-taken"


def test_places_that_nothing_is_known_for_are_left_out(tmp_path: Path) -> None:
    where = bundle(tmp_path / "b.zip", {EXTENSION_LOG: extension("09:00:01 current seq no is 7", "09:00:30 Enable,error,122,,False")})
    verdict = analysed(where).diagnosis.verdict
    assert verdict is not None and verdict.signature.id == "fsfreeze-failed"
    assert "unknown" not in verdict.sentence and "\0" not in verdict.sentence and ": (" not in verdict.sentence


def observed(tmp_path: Path, evidence: dict[str, Any], lines: str) -> dict[str, str]:
    """The states of a signature's evidence over an agent log."""
    signature = signature_from({**BASE, "evidence": evidence, "verdict": {"confirmed": next(iter(evidence))}}, "other/x.toml")
    known = replace(knowledge(), signatures={"x": signature})
    found = analyse(bundle(tmp_path / "b.zip", {AGENT_LOG: lines}), known)
    return {name: one.state.value for name, one in found.diagnosis.judgements[0].observations.items()}


def test_distinct_values_are_counted_once(tmp_path: Path) -> None:
    count = {"at-least": 2, "distinct": "version"}
    spec = {"a": {"source": "agent-log", "match": r"banned version (?P<version>\S+)", "count": count}}
    assert observed(tmp_path, spec, agent("11:00:00 banned version 1", "11:00:05 banned version 1")) == {"a": "clear"}
    assert observed(tmp_path, spec, agent("11:00:00 banned version 1", "11:00:05 banned version 2")) == {"a": "seen"}


def test_a_span_ends_with_what_follows_it_although_the_clock_was_set_back(tmp_path: Path) -> None:
    spec = {"a": {"source": "agent-log", "begin": "work begins here", "end": "work ends here", "within": "60s", "want": "unfinished"}}
    assert observed(tmp_path, spec, agent("11:00:00 work begins here", "08:00:20 work ends here")) == {"a": "clear"}
    assert observed(tmp_path, spec, agent("11:00:20 work ends here", "11:00:30 work begins here")) == {"a": "seen"}


def test_in_a_journal_lines_of_one_second_keep_their_order(tmp_path: Path) -> None:
    """A record's first line has its own fine stamp, what belongs to it only the journal's."""
    spec = {"a": {"source": "agent-log", "match": "unclosed token", "cleared-by": ["b"]},
            "b": {"source": "agent-log", "match": "Fetched new vmSettings"}}
    head = "2026-03-02T11:00:00+0000 web7 python3[8]: "
    lines = (f"{head}2026-03-02T11:00:00.600000Z INFO ExtHandler ExtHandler Fetched new vmSettings\n", f"{head}ExpatError: unclosed token: line 5\n")
    assert observed(tmp_path, spec, "".join(lines))["a"] == "seen"
    assert observed(tmp_path, spec, "".join(reversed(lines)))["a"] == "clear"
