"""Probes of the machine stand in for commands that gave nothing, and only for these."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sources.commands import read_state_probe
from tests.analyzer.scenes import AGENT_LOG, agent, analysed, bundle, cause

AGENT = "/usr/bin/python3 -u /usr/sbin/waagent -daemon"
DISK = {"probe": "disk", "target": "file systems of the agent", "ok": False, "uid": 0, "error": "full: /", "full": ["/"], "rows": [
    {"path": path, "mount": "/", "fstype": "ext4", "bytes": 1000, "free_bytes": 0, "inodes": 50, "free_inodes": 25} for path in ("/", "/var")]}
MOUNTS = {"probe": "mounts", "target": "file systems of the agent", "ok": False, "uid": 0, "error": "read-only or noexec: /", "rows": [
    {"path": "/", "mount": "/", "fstype": "xfs", "source": "/dev/sda2", "read_only": True, "noexec": False}]}
DAEMON = {"pid": 71, "ppid": 1, "role": "daemon", "state": "S", "age_seconds": 812.4, "rss_kb": 20, "args": AGENT}
NOBODY = {"probe": "process", "target": "waagent", "ok": False, "uid": 0, "error": "no process of the agent's daemon", "processes": []}
SERVICE = {"probe": "service", "target": "waagent", "ok": False, "uid": 0, "enabled": False, "units": [
    {"path": f"{folder}/systemd/system/waagent.service", "masked": False, "exec_start": [AGENT]} for folder in ("/usr/lib", "/lib")]}


@pytest.mark.parametrize(("probe", "rows", "whole"), [
    (DISK, [("disk", {"mount": "/", "type": "ext4", "size_bytes": 1000, "used_bytes": 1000, "available_bytes": 0, "used_percent": 100.0}),
            ("inodes", {"mount": "/", "type": "ext4", "inodes": 50, "used": 25, "free": 25, "used_percent": 50.0})], ("disk", "inodes")),
    (MOUNTS, [("mounts", {"device": "/dev/sda2", "mount": "/", "type": "xfs", "options": "ro", "read_only": True, "noexec": False})], ()),
    ({**NOBODY, "processes": [DAEMON]},
     [("processes", {"pid": 71, "ppid": 1, "state": "S", "elapsed_seconds": 812, "rss_bytes": 20480, "command": AGENT, "kind": "agent-daemon"})],
     ("processes",)),
    (NOBODY, [], ("processes",)),
    ({**NOBODY, "uid": 1000}, [], ()),
    (SERVICE, [("services", {"unit": "waagent", "load": "loaded", "enabled": "disabled", "exec_start": AGENT})], ()),
    ({"probe": "tcp", "target": "168.63.129.16:80", "ok": True}, [], ()),
])
def test_rows_of_a_probe(probe, rows, whole):
    found, all_of = read_state_probe(json.dumps(probe))
    assert ([(row.table, dict(row.values)) for row in found], all_of) == (rows, whole)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([DISK, MOUNTS, {**NOBODY, "processes": [DAEMON]}, SERVICE]), st.data(),
       st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)))
def test_a_probe_with_anything_anywhere_is_read(probe, data, anything):
    changed = json.loads(json.dumps(probe))
    rows = next(value for value in changed.values() if isinstance(value, list) and value and isinstance(value[0], dict))
    target = data.draw(st.sampled_from([changed, rows[0]]))
    target[data.draw(st.sampled_from(sorted(target)))] = anything
    read_state_probe(json.dumps(changed))


LOG = agent("09:00:00 [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running as the goal state agent")
PS = f"    PID    PPID STAT     ELAPSED COMMAND\n      1       0 Ss         21:07 /sbin/init\n     71       1 Ss         21:07 {AGENT}\n"


def test_a_dead_agent_is_seen_although_ps_hung(tmp_path):
    done = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: LOG}, probes=[NOBODY], commands={"ps -ef": PS}, statuses={"ps -ef": "timeout"}))
    assert cause(done) == "agent-not-running"
    assert done.diagnosis.verdict.observations["no-agent-process"].state.value == "seen"


def test_where_ps_told_the_probe_adds_nothing(tmp_path):
    done = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: LOG}, probes=[NOBODY], commands={"ps -eo pid,ppid,stat,etime,args": PS}))
    assert [row.values["command"] for row in done.evidence.rows("processes")][1:] == [AGENT]
    assert cause(done) != "agent-not-running"


def test_a_full_disk_is_seen_although_df_hung_and_cited_as_the_probe_said_it(tmp_path):
    done = analysed(bundle(tmp_path / "b.zip", {AGENT_LOG: LOG}, probes=[DISK], commands={"df -kPT": "x"}, statuses={"df -kPT": "timeout"}))
    assert cause(done) == "disk-full"
    (cite,) = set(done.diagnosis.verdict.observations["full-log"].cites)
    assert cite.member == "probes/p0.json" and cite.text == "disk file systems of the agent: full: / at collection"
