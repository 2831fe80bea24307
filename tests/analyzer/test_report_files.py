"""Reports as files: the JSON and its schema, and the renderers that are fed from it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from analyzer.cli import main
from tests.analyzer.test_report_bundle import AGENT_LOG, EXTENSION_LINES, EXTENSION_LOG, HOSTILE, LINES, OPTIONS, bundle, signatures

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/report.schema.json").read_text(encoding="utf-8"))
CASES = Path(__file__).parents[2] / "fixtures/cases"
Written = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The text of one kind of report on a bundle."""
    folder = signatures(tmp_path / "signatures")

    def call(kind: str, path: Path, *words: str) -> str:
        out = tmp_path / f"report.{kind}"
        assert main([str(path), "--signatures", str(folder), *OPTIONS, "-q", f"--{kind}", str(out), *words]) in (0, 1, 4)
        return out.read_bytes().decode()

    return call


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A bundle whose evidence attacks its reader."""
    return bundle(tmp_path / "hostile.zip", {AGENT_LOG: HOSTILE, EXTENSION_LOG: EXTENSION_LINES})


def check(report: Any) -> None:
    """Raises when a report is not as the schema says, or cites what is not there."""
    Draft202012Validator(SCHEMA).validate(report)
    used = set(re.findall(r'"(c\d+)"', json.dumps({key: value for key, value in report.items() if key != "cites"})))
    assert used == set(report["cites"])


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("files", [
    {AGENT_LOG: LINES, EXTENSION_LOG: EXTENSION_LINES}, {AGENT_LOG: LINES}, {AGENT_LOG: HOSTILE}, {AGENT_LOG: ""},
    {EXTENSION_LOG: EXTENSION_LINES.replace(",9,", ",1,")}, {"/var/log/syslog": "Apr  1 10:00:09 vault-1 kernel: water in the cellar\n"}])
def test_a_report_is_as_its_schema_says(tmp_path: Path, written: Written, files: dict[str, str]) -> None:
    check(json.loads(written("json", bundle(tmp_path / "b.zip", files))))


def test_a_report_with_all_the_knowledge_is_as_its_schema_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bundle(tmp_path / "b.zip", missing={"/var/log/syslog": "denied"})
    for words in ([], ["--symptom", "GuestAgentSnapshotTaskStatusError"], ["--at", "2026-04-01T10:00:30Z"]):
        main([str(path), "--json", "-", *words])
        check(json.loads(capsys.readouterr().out))


def test_a_report_on_a_loose_log_is_as_its_schema_says(tmp_path: Path, written: Written) -> None:
    (tmp_path / "waagent.log").write_text(LINES)
    check(json.loads(written("json", tmp_path / "waagent.log")))


def test_two_runs_give_the_same_bytes(tmp_path: Path, written: Written) -> None:
    path = bundle(tmp_path / "b.zip")
    for kind in ("json", "html", "markdown", "sarif", "junit", "csv", "timesketch"):
        assert written(kind, path) == written(kind, path)


@pytest.mark.parametrize("case", ["no-room-for-the-package", "proxy-that-refuses"])
def test_two_processes_say_the_same_in_the_same_order(case: str) -> None:
    """Two causes cite one line here: Python orders sets otherwise in each process."""
    told = []
    for seed in ("1", "2", "3", "4"):
        words = [sys.executable, "-c", "from analyzer.cli import main; main()", "--json", "-", str(CASES / case)]
        ran = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": seed})
        told.append(json.loads(ran.stdout)["timeline"])
    assert told[0] and all(one == told[0] for one in told)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_tells_all_and_needs_nothing(tmp_path: Path, written: Written) -> None:
    page = _Page(written("html", bundle(tmp_path / "b.zip")))
    for words in ("Door NORTH-7 is jammed.", f"{AGENT_LOG}:3", "Oil the hinges.", "apt-get install oil",
                  "hall-dark", "The moon was new.", "cellar-wet"):
        assert words in page.words
    assert not {"script", "img", "iframe", "object", "embed", "form"} & set(page.tags) and "link" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert {value for name, value in page.attributes if name == "href"} == {"https://example.org/hinges"}


def test_evidence_on_the_page_is_text(hostile: Path, written: Written) -> None:
    text = written("html", hostile)
    page = _Page(text)
    assert "script" not in page.tags and "<script>alert(1)</script>" in page.words
    assert "\x1b" not in text and "\u202e" not in text


def test_evidence_in_markdown_is_text(tmp_path: Path, written: Written) -> None:
    line = "2026-04-01T10:00:09.000000Z ERROR ExtHandler ExtHandler vault door `[x](http://evil.example)```<img>@all jammed\n"
    text = written("markdown", bundle(tmp_path / "b.zip", {AGENT_LOG: line, EXTENSION_LOG: EXTENSION_LINES}))
    assert "# The vault's door is stuck" in text.splitlines()[0]
    fence = next(mark for mark in text.splitlines() if mark.strip().endswith("text") and "````" in mark)
    assert fence.strip() == "````text"
    outside = re.sub(r"(?ms)^\s*(`{3,})text$.*?^\s*\1$", "", text)
    assert r"\]" in outside and not re.search(r"(?<!\\)(?:\]\(|<img|`\[|@all)", outside)


def test_sarif_names_each_cause_and_its_place(tmp_path: Path, written: Written) -> None:
    run = json.loads(written("sarif", bundle(tmp_path / "b.zip")))["runs"][0]
    results = {one["ruleId"]: one for one in run["results"]}
    assert results["door-stuck"]["level"] == "error" and results["moon-full"]["kind"] == "pass" and results["cellar-wet"]["kind"] == "open"
    place = results["door-stuck"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"files{AGENT_LOG}" and place["region"]["startLine"] == 3
    for one in run["results"]:
        if "ruleIndex" in one:
            assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_junit_fails_passes_and_skips(tmp_path: Path, hostile: Path, written: Written) -> None:
    suite = ElementTree.fromstring(written("junit", bundle(tmp_path / "b.zip")))[0]
    children = {case.get("name"): [child.tag for child in case] for case in suite}
    assert children["door-stuck"] == ["failure"] and children["moon-full"] == ["system-out"] and children["cellar-wet"] == ["skipped"]
    assert suite.get("failures") == str(sum(tags == ["failure"] for tags in children.values()))
    ElementTree.fromstring(written("junit", hostile))


@pytest.mark.parametrize("start", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", "  =1", "\t=1"])
def test_no_cell_is_a_formula(tmp_path: Path, written: Written, start: str) -> None:
    lines = f"2026-04-01T10:00:09.000000Z INFO Daemon ExtHandler x\n{start} vault door A jammed\n"
    text = written("csv", bundle(tmp_path / "b.zip", {AGENT_LOG: lines, EXTENSION_LOG: EXTENSION_LINES}))
    assert "door A jammed" in text
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.strip()[:1] in ("=", "+", "-", "@")]


def test_csv_has_a_row_a_moment_in_the_zone_asked_for(tmp_path: Path, written: Written) -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", bundle(tmp_path / "b.zip"), "--zone", "+02:00"))))
    jammed = next(row for row in rows if "jammed" in row["text"])
    assert (jammed["time"], jammed["cause"], jammed["path"], jammed["line"]) == ("2026-04-01 12:00:09.000", "door-stuck", AGENT_LOG, "3")


def test_timesketch_gets_an_event_a_line(tmp_path: Path, written: Written) -> None:
    events = [json.loads(line) for line in written("timesketch", bundle(tmp_path / "b.zip"), "--zone", "Asia/Tokyo").splitlines()]
    assert all({"message", "datetime", "timestamp_desc"} <= set(event) for event in events)
    jammed = next(event for event in events if "jammed" in event["message"])
    assert jammed["datetime"] == "2026-04-01T10:00:09.000+00:00" and jammed["timestamp"] == 1775037609000000
