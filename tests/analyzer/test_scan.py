"""The scan: literals that are really required, lines found whatever the blocks, times for lines without one."""

from __future__ import annotations

import base64
import re
import textwrap
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.clock import Clock, format_utc, zone_of
from analyzer.errors import SignatureError
from analyzer.language.knowledge import load_knowledge
from analyzer.scan.literals import required_literals
from analyzer.scan.pattern import Pattern
from analyzer.scan.scanner import Scanner
from analyzer.scan.unwrap import unwrap

CLOCK = Clock(zone_of("UTC"), None)


def pattern(match: str, **more: object) -> Pattern:
    return Pattern("p", match, frozenset({"s"}), **more)  # type: ignore[arg-type]


def scan(text: bytes, *patterns: Pattern, step: int = 1 << 20) -> Scanner:
    scanner = Scanner(patterns)
    pieces: Iterator[bytes] = (text[start:start + step] for start in range(0, len(text), step))
    scanner.scan("m", "/m", ["s"], pieces, CLOCK, pulse=True)
    return scanner


@pytest.mark.parametrize(("match", "samples"), [
    (r"No (?:space left|room) on device", ["No space left on device", "No room on device"]),
    (r"colou?red lines", ["colored lines", "coloured lines"]),
    (r"(?:alpha|beta beta) gamma(?: delta)?", ["alpha gamma", "beta beta gamma delta"]),
    (r"abcdefghij{2,3}k", ["abcdefghijjk"]),
    (r"x[\]|a]+ literal text y*", ["x] literal text "]),
    (r"IOError \[Errno (?P<n>\d+)\] .* attempts", ["IOError [Errno 5] x attempts"]),
    (r"one long literal|another long literal", ["one long literal", "another long literal"]),
    (r"(?i)Mixed Case Text", ["mixed CASE text"]),
])
def test_a_required_literal_stands_in_every_match(match: str, samples: list[str]) -> None:
    literals = required_literals(match)
    for sample in samples:
        assert re.search(match, sample)
        assert any(literal.lower() in sample.lower() for literal in literals), (literals, sample)


def test_every_pattern_of_the_knowledge_finds_what_its_regex_finds() -> None:
    for one in load_knowledge().patterns():
        assert one.literals()


def test_a_pattern_without_a_literal_is_refused() -> None:
    with pytest.raises(SignatureError, match="no literal"):
        pattern(r"\d+ \w+").literals()


@given(st.lists(st.sampled_from(["2026-03-02T09:00:00Z INFO a needle one", "no stamp, a needle", "hay", "", "2026-03-02T09:00:01Z INFO hay"]),
                max_size=30), st.integers(1, 64))
def test_blocks_of_any_size_give_the_same_lines(lines: list[str], step: int) -> None:
    text = "\n".join(lines).encode()
    found = [hit.cite.line for hit in scan(text, pattern("a needle"), step=step).hits.get("p", ())]
    assert found == [number for number, line in enumerate(lines, 1) if "a needle" in line]


def test_a_line_without_a_time_takes_the_one_above() -> None:
    text = b"2026-03-02T09:00:00Z ERROR x\nTraceback (most recent call last):\n  File\nKeyError: 'needle in it'\n"
    (hit,) = scan(text, pattern("needle in it")).hits["p"]
    assert format_utc(hit.time) == "2026-03-02T09:00:00Z" and hit.cite.line == 4


def test_utf16_is_read_with_and_without_its_mark() -> None:
    for raw in ("hay\na needle\n".encode("utf-16"), "hay\na needle\n".encode("utf-16-le"), "hay\na needle\n".encode("utf-16-be")):
        assert [hit.cite.line for hit in scan(raw, pattern("a needle")).hits["p"]] == [2]


def test_a_packed_message_is_unpacked() -> None:
    packed = base64.b64encode(zlib.compress(b"the very needle in the message")).decode()
    line = f"2026-03-02T09:00:00Z ERROR Event: name=x, op=y, message={packed}, duration=0\n".encode()
    (hit,) = scan(line, pattern("very needle")).hits["p"]
    assert "very needle" in hit.cite.text


def test_control_characters_do_not_reach_a_citation() -> None:
    (hit,) = scan(b"\x1b[31ma needle\x07\n", pattern("a needle")).hits["p"]
    assert "\x1b" not in hit.cite.text and "\x07" not in hit.cite.text


def test_a_hostile_line_costs_bounded_time() -> None:
    evil = b"needle " + b"a" * 5_000_000 + b"!\n"
    assert "p" not in scan(evil, pattern(r"needle (a+)+b")).hits


def test_silences_and_steps_back_are_noted() -> None:
    text = (b"2026-03-02T09:00:00Z a\n2026-03-02T09:30:00Z b\n2026-03-02T09:30:05Z c\n2026-03-02T08:00:00Z d\n")
    activity = Scanner([]).scan("m", "/m", ["s"], iter([text]), CLOCK, pulse=True)
    assert [(round(gap.seconds), gap.line) for gap in activity.gaps] == [(1800, 2), (-5405, 4)]


def test_levels_filter() -> None:
    text = b"2026-03-02T09:00:00Z INFO x a needle\n2026-03-02T09:00:00Z WARN x a needle\n"
    hits = scan(text, pattern("a needle", levels=frozenset({"WARNING"}))).hits["p"]
    assert [hit.cite.line for hit in hits] == [2]


def wrapped(text: str, width: int, doubled: bool) -> str:
    """A text as a terminal of that width breaks it, with the character at the edge printed twice or not."""
    room = width - doubled
    pieces = []
    for line in text.split("\n"):
        while len(line) > room:
            pieces.append(line[:room] + (line[room - 1] if doubled else ""))
            line = line[room:]
        pieces.append(line)
    return "\n".join(pieces)


RECORDS = "".join(f"2018/03/20 06:{minute:02}:12.905020 INFO Protocol endpoint not found: WireProtocol, GET http://168.63.129.16/?comp=versions"
                  f" -- IOError timed out -- 6 attempts made, again {minute}\n" for minute in range(4))


@pytest.mark.parametrize("doubled", [True, False])
def test_lines_that_a_terminal_broke_are_joined_and_keep_their_numbers(doubled: bool) -> None:
    broken = wrapped(RECORDS, 80, doubled)
    joined = unwrap(broken)
    assert [line for line in joined.split("\n") if line] == RECORDS.rstrip("\n").split("\n")
    assert joined.count("\n") == broken.count("\n")
    assert joined.split("\n").index(RECORDS.split("\n")[2]) == broken.split("\n").index(broken.split("\n")[6])


def test_records_that_a_mailer_wrapped_are_joined_and_keep_their_line():
    record = "2021-03-02T05:10:{0}Z WARNING ExtHandler ExtHandler Fetching the goal state failed: [ProtocolError] [Wireserver Failed] URI " \
             "http://168.63.129.16/machine/4c8e0c36-0e0f-4f9a-a8e3-61f4de5c2d3c?comp=config&type=extensionsConfig [HTTP Failed] Status Code 500"
    whole = [record.format(second) for second in range(10, 16)]
    wrapped = [piece for one in whole for piece in textwrap.wrap(one, 72)]
    letter = ["Hello,", "", "the log as requested. This line of the letter itself is a good deal longer than the log's lines are.", ""]
    text = "\n".join([*letter, *wrapped, ""])
    joined = unwrap(text).split("\n")
    assert [line for line in joined[4:] if line] == whole and len(joined) == text.count("\n") + 1
    assert joined.index(whole[1]) == text.split("\n").index(textwrap.wrap(whole[1], 72)[0])


@pytest.mark.parametrize("below", ["Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: x", '{\n "code": 1,\n "message": "x"\n}',
                                   "NAME      STATE\neth0      UP\nlo        UNKNOWN"])
def test_what_stands_below_a_record_without_being_wrapped_stays_as_it_is(below):
    text = "".join(f"2021-03-02T05:10:{second}Z INFO ExtHandler ExtHandler {'word ' * (second % 7 + 1)}\n{below}\n" for second in range(10, 20))
    assert unwrap(text) == text


def test_lines_of_one_length_are_no_broken_ones() -> None:
    for text in (RECORDS, "x" * 80 + "\n" + "y" * 80 + "\n", "".join(f"{'a' * 75} {number:04}\n" for number in range(9)) + "short\n"):
        assert unwrap(text) == text


@given(st.text(st.sampled_from("ab \n\r2018/:"), max_size=600))
def test_joining_never_loses_a_line_number(text: str) -> None:
    assert unwrap(text).count("\n") == text.count("\n")


def test_a_source_borrows_only_the_marked_lines_of_its_lenders() -> None:
    text = (b"Mar  2 09:00:00 web7 mailer[7]: ModuleNotFoundError: No module named 'x'\n"
            b"Mar  2 09:00:01 web7 python3[8]: ModuleNotFoundError: No module named 'x'\n")
    one = Pattern("p", r"No module named '(?P<name>\w+)'", frozenset({"own"}), lenders=frozenset({"s"}), tag=r" python[\d.]*\[\d+\]: ")
    assert [hit.cite.line for hit in scan(text, one).hits["p"]] == [2]
