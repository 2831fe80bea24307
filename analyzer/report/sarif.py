"""SARIF 2.1.0 (OASIS, 2020): every cause confirmed, likely or possible is a result of the rule that is its signature."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from analyzer.report.clean import clean
from analyzer.report.findings import Body, Findings, proof
from analyzer.report.times import Zone

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"confirmed": "error", "likely": "warning", "possible": "note"}


def render(found: Findings, zone: Zone) -> str:
    """One run with its rules and results; what was ruled out is a result of kind `pass`. Times are UTC."""
    body = found.body
    causes, out = list(body["causes"]), list(body["ruled_out"])
    rules = [_rule(one) for one in causes] + [{"id": one["id"]} for one in out]
    results = [_result(found, one, place) for place, one in enumerate(causes)]
    results += [{"ruleId": one["id"], "ruleIndex": len(causes) + place, "kind": "pass", "level": "none", "message": {"text": clean(one["because"])},
                 "locations": [_location(body["cites"][number]) for number in one["cites"][:1]]} for place, one in enumerate(out)]
    results += [{"ruleId": one["id"], "kind": "open", "level": "none",
                 "message": {"text": clean("; ".join(sorted({spot["reason"] for spot in one["blind"]})) or "could not be looked at")}}
                for one in body["not_assessed"]]
    run: dict[str, Any] = {
        "tool": {"driver": {"name": body["tool"]["name"], "version": body["tool"]["version"], "rules": rules}},
        "originalUriBaseIds": {"BUNDLE": {"description": {"text": clean(body["bundle"]["path"])}}},
        "invocations": [{"executionSuccessful": True, "exitCode": found.exit_code}],
        "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _rule(cause: Body) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": cause["id"], "shortDescription": {"text": clean(cause["title"])},
                            "properties": {"guide_cause": cause["guide_cause"], "severity": cause["severity"]}}
    if cause["fixes"]:
        rule["help"] = {"text": " ".join(clean(fix["do"]) for fix in cause["fixes"])}
        link = next((fix["link"] for fix in cause["fixes"] if fix["link"].startswith("https://")), None)
        if link:
            rule["helpUri"] = link
    return rule


def _result(found: Findings, cause: Body, place: int) -> dict[str, Any]:
    numbers = list(dict.fromkeys(number for one in proof(found, cause) for number in one.cites))
    locations = [_location(found.body["cites"][number]) for number in numbers]
    return {"ruleId": cause["id"], "ruleIndex": place, "kind": "fail", "level": _LEVELS[cause["level"]], "rank": _rank(cause),
            "message": {"text": clean(cause["sentence"])}, "locations": locations[:1],
            "relatedLocations": [{**one, "id": number} for number, one in enumerate(locations[1:], 1)],
            "partialFingerprints": {"cause/v1": cause["id"]},
            "properties": {"level": cause["level"], "root": cause["root"], "consequence_of": cause["consequence_of"]}}


def _rank(cause: Body) -> float:
    return {"confirmed": 100.0, "likely": 70.0, "possible": 30.0}[cause["level"]]


def _location(cite: Body) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(str(cite["member"]), safe="/!", errors="replace"), "uriBaseId": "BUNDLE"}}
    if cite.get("line") is not None:
        physical["region"] = {"startLine": cite["line"], "snippet": {"text": clean(cite["text"])}}
    return {"physicalLocation": physical, "message": {"text": clean(cite["text"])}}
