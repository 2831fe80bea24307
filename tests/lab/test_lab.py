"""A part of the lab for every test run, one of each kind of fault; `make lab` runs the whole."""

import concurrent.futures

import pytest

from . import agent, scenario, table
from .__main__ import again_alone, prepare
from .faults import SCENARIOS

# Network, agent, disk, certificate, goal state, download, installation, freeze, storage, script; nothing and noise.
_PART = ("healthy", "noisy-script-configuration", "link-down", "wireserver-refused-later", "storage-refused", "agent-stopped", "agent-module-missing",
         "extensions-disabled", "disk-full-later", "certificates-garbage", "goal-state-500", "zip-html", "install-exit-1", "freeze-busy",
         "guest-snapshot-403", "host-snapshot-limit", "pre-script-fails")


@pytest.mark.lab
def test_the_verdict_names_the_injected_fault_also_when_the_collector_is_cut_off_after_ten_seconds(tmp_path):
    """Side by side, for the runs mostly wait."""
    try:
        real, keys = prepare()
    except agent.Unavailable as reason:
        pytest.skip(f"lab skipped: {reason}")
    if not scenario.COLLECTOR.exists():
        pytest.skip("lab skipped: build/collector.pyz is not built")
    chosen = [one for one in SCENARIOS if one.name in _PART]
    assert len(chosen) == len(_PART)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = [*pool.map(lambda one: scenario.run(one, real, keys, tmp_path), chosen)]
    outcomes = [again_alone(outcome, real, keys, tmp_path) for outcome in outcomes]
    assert all(outcome.right for outcome in outcomes), [table.line(outcome) for outcome in outcomes if not outcome.right]


def test_every_scenario_has_a_name_of_its_own_and_known_causes():
    names = [one.name for one in SCENARIOS]
    assert len(names) == len(set(names))
    assert len([one for one in SCENARIOS if one.accept]) >= 20
    assert len([one for one in SCENARIOS if not one.accept]) >= 4
