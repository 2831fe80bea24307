"""JUnit XML, for the pipelines that show it: one case a cause. Confirmed or likely fails, ruled out passes, unknown is skipped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from analyzer.report.clean import clean
from analyzer.report.findings import Body, Findings, proof
from analyzer.report.times import Zone

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(found: Findings, zone: Zone) -> str:
    """One suite: the bundle's. Times are in `zone`."""
    body = found.body
    strong = [cause for cause in body["causes"] if cause["level"] in ("confirmed", "likely")]
    weak = [cause for cause in body["causes"] if cause["level"] == "possible"]
    cases = [_case(one["id"], one["guide_cause"], _failure(found, one)) for one in strong]
    cases += [_case(one["id"], one["guide_cause"], _skipped(f"possible: {one['sentence']}")) for one in weak]
    cases += [_case(one["id"], "ruled-out", f"<system-out>{_text(one['because'])}</system-out>") for one in body["ruled_out"]]
    cases += [_case(one["id"], "not-assessed", _skipped("could not look: " + "; ".join(sorted({spot["reason"] for spot in one["blind"]}))))
              for one in body["not_assessed"]]
    skipped = len(weak) + len(body["not_assessed"])
    stamp = zone.moment(body["bundle"]["collected_at"])
    timestamp = f" timestamp={quoteattr(f'{stamp:%Y-%m-%dT%H:%M:%S}')}" if stamp else ""
    head = f"name={_attribute(body['bundle']['path'])} tests=\"{len(cases)}\" failures=\"{len(strong)}\" errors=\"0\" skipped=\"{skipped}\""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites tests=\"{len(cases)}\" failures=\"{len(strong)}\" skipped=\"{skipped}\">",
             f"  <testsuite {head}{timestamp}>", *cases, "  </testsuite>", "</testsuites>"]
    return "\n".join(lines) + "\n"


def _case(name: str, group: str, inside: str) -> str:
    return f"    <testcase classname={_attribute(group)} name={_attribute(name)}>{inside}</testcase>"


def _failure(found: Findings, cause: Body) -> str:
    lines = [cause["sentence"]]
    for one in proof(found, cause):
        lines.append(one.note or one.name)
        lines += [f"  {found.full_labels[number]}  {found.text(number)}" for number in one.cites]
    lines += [f"do: {fix['do']}" for fix in cause["fixes"]]
    body = "\n".join(_text(line) for line in lines)
    return f"<failure type={_attribute(cause['level'])} message={_attribute(cause['title'])}>{body}</failure>"


def _skipped(words: str) -> str:
    return f"<skipped message={_attribute(words)}/>"


def _text(words: object) -> str:
    return escape(_NOT_XML.sub("\ufffd", clean(words)))


def _attribute(words: object) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", clean(words)))
