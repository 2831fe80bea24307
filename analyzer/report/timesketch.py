"""The timeline as JSON lines that Timesketch imports (message, datetime, timestamp_desc)."""

from __future__ import annotations

import json
from datetime import UTC

from analyzer.clock import parse_iso
from analyzer.report.clean import clean
from analyzer.report.findings import Findings
from analyzer.report.times import Zone


def render(found: Findings, zone: Zone) -> str:
    """One event a line, in UTC; `timestamp` is in microseconds."""
    lines = []
    host = found.body["host"]["hostname"]
    for one in found.body["timeline"]:
        moment, epoch = zone.moment(one["time"]), parse_iso(one["time"])
        if moment is None or epoch is None:
            continue
        cite = found.body["cites"].get(one["cite"], {}) if one["cite"] else {}
        event = {"message": clean(one["text"]), "datetime": moment.astimezone(UTC).isoformat(timespec="milliseconds"),
                 "timestamp": round(epoch * 1000) * 1000,
                 "timestamp_desc": one["kind"], "source": one["source"], "cause": one["cause"], "hostname": host,
                 "uncertainty_seconds": one["uncertainty_seconds"], "member": cite.get("member"), "path": cite.get("path"), "line": cite.get("line"),
                 "record": cite.get("record")}
        lines.append(json.dumps({key: value for key, value in event.items() if value is not None}, sort_keys=True, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)
