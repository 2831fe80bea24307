"""Stories moved in time keep the form of every stamp."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analyzer.clock import Clock, parse_iso, stamp_of, zone_of
from analyzer.language.knowledge import load_knowledge
from analyzer.language.scene import scene_of
from analyzer.language.shift import moved, over_new_year, rewritten, rezoned
from tests.signatures.samples import signature_of

NEAR = parse_iso("2026-05-04T10:00:00Z") or 0.0


@pytest.mark.parametrize(("text", "later"), [
    ("2026-05-04T09:59:59.123456Z INFO", "2026-05-04T10:00:01.123456Z INFO"),
    ("2026/05/04 09:59:59.123 ERROR", "2026/05/04 10:00:01.123 ERROR"),
    ("2026-05-04 09:59:59,5 x", "2026-05-04 10:00:01,5 x"),
    ("2026-05-04T09:59:59+02:00 x", "2026-05-04T10:00:01+02:00 x"),
    ("se=2026-05-04T09%3A59%3A59Z&sig", "se=2026-05-04T10%3A00%3A01Z&sig"),
    ("May  4 09:59:59 vm kernel", "May  4 10:00:01 vm kernel"),
    ("Mon May  4 09:59:59 UTC 2026", "Mon May  4 10:00:01 UTC 2026"),
    ("Mon May  4 12:59:59 PM UTC 2026", "Mon May  4 01:00:01 PM UTC 2026"),
    ("Date: Mon, 04 May 2026 09:59:59 GMT", "Date: Mon, 04 May 2026 10:00:01 GMT"),
    ("notAfter=May  4 09:59:59 2026 GMT", "notAfter=May  4 10:00:01 2026 GMT"),
    ("5/4/2026 9:59:59 AM - x", "5/4/2026 10:00:01 AM - x"),
    ("[05/04/2026 11:59:59.12] x", "[05/04/2026 12:00:01.12] x"),
    ("msg=audit(1777888799.101:17)", "msg=audit(1777888801.101:17)"),
    ('"638134848000000000"', '"638134848020000000"'),
    ("/Date(1777888799000)/", "/Date(1777888801000)/"),
    ("version 2.9.0.4, code 76, 168.63.129.16", "version 2.9.0.4, code 76, 168.63.129.16"),
    ("2026-13-45T09:59:59Z", "2026-13-45T09:59:59Z"),
])
def test_every_form_of_a_stamp_moves(text: str, later: str) -> None:
    assert rewritten(text, lambda when, _zoned: when + timedelta(seconds=2), NEAR) == later


def test_a_story_over_new_year_has_december_and_january() -> None:
    scene = scene_of({"files": {"/var/log/syslog": "May  4 09:59:30 vm a: b\nMay  4 10:00:30 vm a: c\n"}, "expect": "confirmed"},
                     signature_of(), 1, load_knowledge().catalogue)
    text = over_new_year(scene, NEAR - 30, NEAR + 30).files["/var/log/syslog"]
    assert text == "Dec 31 23:59:30 vm a: b\nJan  1 00:00:30 vm a: c\n"


def test_another_zone_keeps_the_instants() -> None:
    text = "2026/05/04 09:59:30.5 INFO x\n2026-05-04T09:59:31Z INFO y\n"
    scene = scene_of({"files": {"/var/log/waagent.log": text}, "expect": "confirmed"}, signature_of(), 1, load_knowledge().catalogue)
    there = rezoned(scene, "Asia/Kolkata", load_knowledge().catalogue)
    lines = there.files["/var/log/waagent.log"].splitlines()
    assert lines == ["2026/05/04 15:29:30.5 INFO x", "2026-05-04T09:59:31Z INFO y"]
    stamp = stamp_of(lines[0], Clock(zone_of(there.zone)))
    assert stamp is not None
    assert stamp.time == NEAR - 29.5


def test_a_clock_that_is_off_moves_everything_alike() -> None:
    scene = scene_of({"files": {"/var/log/waagent.log": "2026-05-04T09:59:00Z a\n"}, "expect": "confirmed", "at": "2026-05-04T09:59:00Z",
                      "mtimes": {"/var/log/waagent.log": "2026-05-04T09:59:00Z"}}, signature_of(), 1, load_knowledge().catalogue)
    later = moved(scene, 3600)
    assert (later.collected, later.at) == (NEAR + 3600, NEAR + 3540)
    assert later.mtimes == {"/var/log/waagent.log": NEAR + 3540}
    assert later.files == {"/var/log/waagent.log": "2026-05-04T10:59:00Z a\n"}
