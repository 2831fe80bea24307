"""Times in every form that agents, extensions, journals and Windows write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.clock import Clock, format_utc, parse_duration, parse_iso, stamp_of, zone_of

NEAR = parse_iso("2026-01-02T10:00:00Z")
UTC_CLOCK = Clock(zone_of("UTC"), NEAR)
TOKYO = Clock(zone_of("Asia/Tokyo"), NEAR)


@pytest.mark.parametrize(("line", "when"), [
    ("2024-05-30T13:15:45.331589Z INFO Daemon Daemon x", "2024-05-30T13:15:45.331Z"),
    ("2018/03/05 14:31:57.747218 ERROR Event: x", "2018-03-05T14:31:57.747Z"),
    ("2015/09/29 20:33:48 ERROR:Socket IOError", "2015-09-29T20:33:48Z"),
    ("2026/11/23 06:14:13.815681  Info  2026-11-23 06:14:13.812794 Failed", "2026-11-23T06:14:13.815Z"),
    ("Mon Nov 18 00:05:10 UTC 2024- python3 path exists", "2024-11-18T00:05:10Z"),
    ("Thu May 21 05:04:31 PM UTC 2026- 1 returned from handle.py", "2026-05-21T17:04:31Z"),
    ("[00000011] [12/11/2018 06:27:55.66] [WARN]  (Ignoring)", "2018-12-11T06:27:55.660Z"),
    ("[00000018] 2021-01-12T16:35:45Z [INFO]  x", "2021-01-12T16:35:45Z"),
    ("type=AVC msg=audit(1500000000.123:45): avc:  denied", "2017-07-14T02:40:00.123Z"),
    ("q2017/08/02 15:09:57.713136 INFO Event", "2017-08-02T15:09:57.713Z"),
    ("web7 login: 2018/01/05 08:39:48.439268 INFO Mount resource disk", "2018-01-05T08:39:48.439Z"),
    ("2024-02-27 03:04:05 +0200 something", "2024-02-27T01:04:05Z"),
])
def test_each_form_is_read(line: str, when: str) -> None:
    stamp = stamp_of(line, UTC_CLOCK)
    assert stamp is not None and format_utc(stamp.time) == when


def test_the_programs_own_stamp_counts_behind_a_journal_prefix() -> None:
    stamp = stamp_of("Jan 04 00:31:50 web7 python3[688]: 2022-01-03T13:31:50.396932Z INFO ExtHandler x", TOKYO)
    assert stamp is not None and format_utc(stamp.time) == "2022-01-03T13:31:50.396Z"


def test_an_old_syslog_names_no_process_before_the_programs_own_stamp() -> None:
    stamp = stamp_of("Jul 24 04:02:18 db02 python: 2018/07/24 02:02:18.114202 INFO Event: name=x", TOKYO)
    assert stamp is not None and format_utc(stamp.time) == "2018-07-23T17:02:18.114Z"


def test_a_time_that_a_record_merely_quotes_is_not_its_own() -> None:
    stamp = stamp_of("2018/03/05 14:31:57.747218 INFO Created: 2017-01-01T00:00:00Z", UTC_CLOCK)
    assert stamp is not None and format_utc(stamp.time) == "2018-03-05T14:31:57.747Z"


def test_a_guessed_time_supplies_the_year_that_lies_nearest() -> None:
    guessed = Clock(zone_of("UTC"), parse_iso("2018-03-05T00:00:00Z"), guessed=True)
    later, before = (stamp_of(f"{day} 04:00:00 db02 kernel: x", guessed) for day in ("Jul 24", "Dec 30"))
    assert later is not None and format_utc(later.time)[:10] == "2018-07-24"
    assert before is not None and format_utc(before.time)[:10] == "2017-12-30"


def test_a_year_less_stamp_lies_before_the_collection() -> None:
    stamp = stamp_of("Dec 31 23:59:59 web7 kernel: x", UTC_CLOCK)
    assert stamp is not None and format_utc(stamp.time) == "2025-12-31T23:59:59Z"


def test_local_and_utc_lines_of_one_file_meet() -> None:
    local, utc = (stamp_of(line, TOKYO) for line in ("2026/01/02 18:00:00.000001 INFO x", "2026-01-02T09:00:00.000001Z INFO Daemon Daemon x"))
    assert local is not None and utc is not None and local.time == utc.time


def test_an_unknown_zone_is_a_doubt_of_half_a_day() -> None:
    stamp = stamp_of("2026/01/02 18:00:00.000001 INFO x", Clock(None, NEAR))
    assert stamp is not None and stamp.uncertainty == 12 * 3600


@pytest.mark.parametrize("line", ["", "no time here", "2026-13-45T99:99:99Z x", "Foo 99 25:61:61 x", "version 10:20:30:40"])
def test_what_is_no_time_gives_none(line: str) -> None:
    assert stamp_of(line, UTC_CLOCK) is None


@given(st.text(max_size=300))
def test_no_line_breaks_the_reader(line: str) -> None:
    stamp_of(line, TOKYO)


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2100, 1, 1)))
def test_iso_times_survive_the_round_trip(moment: datetime) -> None:
    time = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000).timestamp()
    read = parse_iso(format_utc(time))
    assert read is not None and abs(read - time) < 0.0011


def test_durations_and_zones() -> None:
    assert (parse_duration("1h30m"), parse_duration("90s"), parse_duration("7d")) == (5400.0, 90.0, 604800.0)
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration("soon")
    assert zone_of("Mars/Olympus") is None and zone_of("+99:00") is None


def test_a_program_that_writes_utc_may_write_some_lines_locally() -> None:
    import re
    mixed = Clock(zone_of("UTC"), NEAR, re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d "), zone_of("Asia/Tokyo"))
    local, utc, block = (stamp_of(line, mixed) for line in (
        "2026/01/02 18:00:00 ERROR:[x]Failed to decrypt", "2026-01-02 09:00:00.000001 [x]y", "2026/01/02 09:00:00.000001  Info  z"))
    assert local and utc and block and round(local.time) == round(utc.time) == round(block.time)
