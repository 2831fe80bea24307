"""A small part of the lab for every test run; `make lab` runs the whole."""

import pytest

from . import agent, scenario
from .__main__ import CACHE, prepare
from .faults import SCENARIOS

_PART = ("healthy", "agent-stopped", "install-exit-1", "freeze-busy", "guest-snapshot-403")

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab():
    """The agent and the keys, or a skip that says what is missing."""
    try:
        real, keys = prepare()
    except agent.Unavailable as reason:
        pytest.skip(f"lab skipped: {reason}")
    if not scenario.COLLECTOR.exists():
        pytest.skip("lab skipped: build/collector.pyz is not built")
    bundles = CACHE / "bundles"
    bundles.mkdir(exist_ok=True)
    return real, keys, bundles


@pytest.mark.parametrize("one", [one for one in SCENARIOS if one.name in _PART], ids=lambda one: one.name)
def test_the_verdict_names_the_injected_fault(lab, one):
    outcome = scenario.run(one, *lab)
    assert outcome.right, f"{outcome.cause} ({outcome.level}) {outcome.error}; wanted {one.accept or 'no cause'}"


def test_every_scenario_has_a_name_of_its_own_and_known_causes():
    names = [one.name for one in SCENARIOS]
    assert len(names) == len(set(names))
    assert len([one for one in SCENARIOS if one.accept]) >= 20
    assert len([one for one in SCENARIOS if not one.accept]) >= 4
