"""The JSON report as a file of its own."""

from __future__ import annotations

from analyzer.report.findings import Findings
from analyzer.report.jsonreport import dumps
from analyzer.report.times import Zone


def render(found: Findings, zone: Zone) -> str:
    """The report as it is; its times are UTC whatever the zone."""
    return dumps(found.body)
