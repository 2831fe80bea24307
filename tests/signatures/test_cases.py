"""The labelled cases of our own are judged right, and the scorer counts as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import evaluate

LEADS_TO = {"disk-full": ("agent-crash",)}
FAULT = {"kind": "fault", "accept": ["disk-full"], "guide_cause": "extension-not-loading"}


def report(cause: str | None, level: str = "confirmed", guide: str = "no-internet", second: str | None = None) -> dict[str, Any]:
    causes = [{"id": name, "level": level} for name in (cause, second) if name]
    return {"verdict": {"cause": cause, "level": level, "guide_cause": guide}, "causes": causes}


@pytest.mark.parametrize(("found", "outcome"), [
    (report("disk-full"), "hit"),
    (report("disk-full", "likely"), "hit"),
    (report("dns-failure", second="disk-full"), "near"),
    (report("agent-crash"), "near"),
    (report("noexec", "likely", "extension-not-loading"), "near"),
    (report("dns-failure"), "wrong"),
    (report("dns-failure", "likely"), "miss"),
    (report(None, "not-seen"), "miss"),
])
def test_a_fault_is_scored_by_what_is_named(found: dict[str, Any], outcome: str) -> None:
    assert evaluate.judge(FAULT, found, LEADS_TO) == outcome


def test_a_healthy_machine_is_scored_by_what_is_not_named() -> None:
    healthy = {"kind": "healthy", "accept": []}
    assert evaluate.judge(healthy, report(None, "not-seen"), {}) == "quiet"
    assert evaluate.judge(healthy, report("disk-full", "possible"), {}) == "quiet"
    assert evaluate.judge(healthy, report("disk-full", "likely"), {}) == "false alarm"


@pytest.mark.parametrize("case", evaluate.cases(evaluate.OWN), ids=lambda case: case.name)
def test_our_own_cases_are_judged_right(case: Path) -> None:
    found, label = evaluate.report_on(case), evaluate.label(case)
    assert "error" not in found, found.get("error")
    assert evaluate.judge(label, found, evaluate.consequences()) in ("hit", "quiet")
