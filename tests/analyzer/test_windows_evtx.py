# ruff: noqa: E501 (an event is told on one line)
"""Event logs: what we write is read alike by two readers, damage costs what it damaged, and memory holds what matters."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.sources.windows.chunks import Harvest
from analyzer.sources.windows.evtx import read_evtx
from fixtures.windows.evtx import DIRTY, NO_CRC32, write_evtx
from fixtures.windows.story import cases
from fixtures.windows.templates import Event
from tests.analyzer.eventlogs import ours, same_values, theirs

HEADER, CHUNK, START = 4096, 65536, 1_773_000_000.0
SCM = {"guid": "{555908d1-a6d7-4695-8e1e-26931d2012f4}", "qualifiers": 16384}
# Samples of real logs beside the repository, if there are any.
REAL = Path(__file__).resolve().parents[3] / "shared" / "evtx"


def change(service: str, state: int, time: float, display: str = "x") -> Event:
    return Event("Service Control Manager", 7036, time, {"param1": display, "param2": "?"}, f"{service}/{state}\0".encode("utf-16-le"), **SCM)  # type: ignore[arg-type]


def mixed(count: int) -> list[Event]:
    """Events of every shape: named, unnamed and no data, UserData, binary, typed values, other scripts."""
    shapes: list[Callable[[float], Event]] = [
        lambda time: change("VSS", 4, time, "Volumeschattenkopie"),
        lambda time: Event("EventLog", 6013, time, ["42", "60", "-60 W. Europe Standard Time"], b"\x31\0\x2e\0", qualifiers=32768),
        lambda time: Event("VSS", 8224, time, [], b"- CMD:  C:\\x   - User", qualifiers=0),
        lambda time: Event("Microsoft-Windows-Kernel-General", 12, time, {"MajorVersion": 10, "Big": 1 << 40, "StartTime": datetime(2026, 3, 1, tzinfo=UTC),
                                                                          "Id": uuid.UUID(int=77), "On": True}, guid="{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
                           user="S-1-5-18"),
        lambda time: Event("Microsoft-Windows-Resource-Exhaustion-Detector", 2004, time, guid="{9988748e-c2e8-4054-85f6-0c3e1cad2470}", level=3,
                           user_data=("MemoryExhaustionInfo", "http://manifests.microsoft.com/x", {"SystemCommitLimit": 8589934592, "Name": "sqlservr.exe"})),
        lambda time: Event("MSSQL$PROD", 18265, time, ["注文 – ログ", "µ<&>\"'"], b"", qualifiers=16384, channel="Application", computer="別"),
    ]
    return [shapes[place % len(shapes)](START + place) for place in range(count)]


def read(raw: bytes) -> tuple[list[int], Harvest]:
    """Record numbers, and what the file gave besides."""
    harvest = Harvest()
    return [sighting.record for sighting in read_evtx((raw[at:at + 7000] for at in range(0, len(raw), 7000)), None, harvest)], harvest


def test_what_is_written_is_read_alike_by_two_readers(tmp_path: Path) -> None:
    raw = write_evtx(mixed(600), "System", "web01", first_record=41)
    (tmp_path / "System.evtx").write_bytes(raw)
    mine, harvest = ours(raw)
    others = list(theirs(tmp_path / "System.evtx"))
    assert len(raw) > HEADER + 2 * CHUNK and harvest.problem is None and harvest.channels == {"System", "Application"}
    assert [one.record for one in mine] == list(range(41, 641)) == [one.record for one in others]
    for one, other in zip(mine, others, strict=True):
        assert (one.provider, one.event_id, one.channel, one.time) == (other.provider, other.event_id, other.channel, other.time)
        assert one.values == other.values and one.binary == other.binary
    assert mine[5].values == ("注文 – ログ", "µ<&>\"'")


def test_the_checksums_of_what_is_written_are_right(tmp_path: Path) -> None:
    import Evtx.Evtx
    (tmp_path / "x.evtx").write_bytes(write_evtx(mixed(900), "System"))
    with Evtx.Evtx.Evtx(str(tmp_path / "x.evtx")) as log:
        assert log.get_file_header().verify() and all(chunk.verify() for chunk in log.chunks())


def test_the_same_events_give_the_same_bytes_and_too_large_ones_are_refused() -> None:
    assert write_evtx(mixed(50), "System") == write_evtx(mixed(50), "System")
    with pytest.raises(ValueError, match="longer than 65,535 bytes"):
        write_evtx([Event("VSS", 1, START, ["x" * 40_000], qualifiers=0)], "Application")


def zeroed(raw: bytes, stretch: tuple[int, int]) -> bytes:
    return raw[:stretch[0]] + bytes(stretch[1] - stretch[0]) + raw[stretch[1]:]


def stale(raw: bytes) -> bytes:
    """As a log in use lies on the disk: marked so, its header and that of its last chunk as they were some time ago."""
    out = bytearray(raw)
    struct.pack_into("<Q", out, 16, 0)
    struct.pack_into("<H", out, 42, 1)
    struct.pack_into("<I", out, 120, DIRTY)
    last = HEADER + (len(raw) - HEADER) // CHUNK * CHUNK - CHUNK
    struct.pack_into("<QQQQIII", out, last + 8, 1, 1, 1, 1, 128, 512, 600)
    return bytes(out)


def untouched(raw: bytes, *damaged: tuple[int, int]) -> list[int]:
    """The numbers of the records that lie outside of these stretches of the file."""
    numbers, at = [], HEADER + 512
    while at < len(raw):
        magic, size, number = struct.unpack_from("<4sIQ", raw, at)
        if magic != b"**\0\0":
            at = (at - HEADER + CHUNK) // CHUNK * CHUNK + HEADER + 512
            continue
        if all(at + size <= start or at >= end for start, end in damaged):
            numbers.append(number)
        at += size
    return numbers


WHOLE = write_evtx([change("VSS", 4, START + place) for place in range(1500)], "System")
FIRST, SECOND = HEADER, HEADER + CHUNK
PAGE, OTHER = (SECOND + 8192, SECOND + 12288), (SECOND + 40960, SECOND + 45056)
DAMAGED: dict[str, tuple[bytes, list[int], str]] = {
    "cut in a chunk": (WHOLE[:SECOND + 30_000], untouched(WHOLE, (SECOND + 30_000, len(WHOLE))), "it ends in the middle of chunk 2"),
    "cut in its header": (WHOLE[:2000], [], "it breaks off in its header"),
    "empty": (b"", [], "the file is empty"),
    "another file": (b"hello" * 3000, [], "no event log: its first bytes are not `ElfFile`"),
    "header zeroed": (zeroed(WHOLE, (0, HEADER)), untouched(WHOLE), "its header is damaged"),
    "a page zeroed": (zeroed(WHOLE, PAGE), untouched(WHOLE, PAGE), "chunk 2 holds 1 damaged stretch"),
    "two pages zeroed": (zeroed(zeroed(WHOLE, PAGE), OTHER), untouched(WHOLE, PAGE, OTHER), "chunk 2 holds 2 damaged stretches"),
    "a page of junk": (WHOLE[:PAGE[0]] + b"\xaa" * 4096 + WHOLE[PAGE[1]:], untouched(WHOLE, PAGE), "chunk 2 holds 1 damaged stretch"),
    "a chunk zeroed": (zeroed(WHOLE, (SECOND, SECOND + CHUNK)), untouched(WHOLE, (SECOND, SECOND + CHUNK)), "1 empty chunks between others, the first is chunk 2"),
    "a chunk's head zeroed": (zeroed(WHOLE, (SECOND, SECOND + 512)), untouched(WHOLE), "chunk 2 does not begin with `ElfChnk`"),
    "a bit turned": (WHOLE[:SECOND + 20_000] + bytes([WHOLE[SECOND + 20_000] ^ 1]) + WHOLE[SECOND + 20_001:], untouched(WHOLE),
                     "chunk 2 is not what its checksum says"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_costs_what_it_damaged_and_gives_one_warning(damage: str) -> None:
    raw, left, said = DAMAGED[damage]
    records, harvest = read(raw)
    assert records == left and harvest.records == len(left)
    assert harvest.problem == f"a damaged event log, read in part: {said}; {len(left)} records were read"


@pytest.mark.parametrize("raw", [WHOLE, WHOLE + bytes(3 * CHUNK), write_evtx(mixed(900), "System", flags=NO_CRC32), write_evtx([], "System")],
                         ids=["whole", "room kept", "no checksums", "no records"])
def test_whole_logs_are_no_matter_for_warnings(raw: bytes) -> None:
    records, harvest = read(raw)
    assert harvest.problem is None and not harvest.unclosed and records == list(range(1, harvest.records + 1))


def test_a_log_in_use_is_read_beyond_its_stale_headers_and_told_to_be_so() -> None:
    records, harvest = read(stale(WHOLE))
    assert records == list(range(1, 1501)) and harvest.problem is None and harvest.unclosed


def test_remains_of_an_earlier_round_are_not_taken_for_records() -> None:
    old = write_evtx([change("VSS", 4, START + place) for place in range(180)], "System", first_record=1)
    new = write_evtx([change("VSS", 1, START + 9000 + place) for place in range(20)], "System", first_record=5000)
    free = struct.unpack_from("<I", new, HEADER + 48)[0]
    wrapped = bytearray(new[:HEADER + free] + old[HEADER + free:])
    struct.pack_into("<I", wrapped, 120, DIRTY)
    struct.pack_into("<II", wrapped, HEADER + 48, 600, 0)
    records, harvest = read(bytes(wrapped))
    assert records == list(range(5000, 5020)) and harvest.problem is None


@pytest.mark.parametrize("case", [name for name in cases() if name in ("healthy", "sql-writer")])
def test_the_logs_of_the_fixtures_are_read_alike_too(case: str, tmp_path: Path) -> None:
    from fixtures.windows.disk import build
    for path in sorted(build(case, tmp_path).rglob("*.evtx")):
        mine, harvest = ours(path.read_bytes())
        others = list(theirs(path))
        assert harvest.problem is None and len(mine) == len(others) > 0
        assert all((one.record, one.provider, one.event_id, one.time) == (other.record, other.provider, other.event_id, other.time) and same_values(one, other)
                   for one, other in zip(mine, others, strict=True))


@pytest.mark.skipif(not REAL.is_dir(), reason="no folder of real event logs beside the repository")
def test_real_logs_give_the_records_that_another_reader_gives() -> None:
    import Evtx.Evtx
    for path in sorted(REAL.glob("*.evtx")):
        mine, harvest = ours(path.read_bytes())
        known = {one.record: one for one in mine}
        numbers: list[int] = []
        with Evtx.Evtx.Evtx(str(path)) as log:
            for chunk in log.get_file_header().chunks(include_inactive=True):
                numbers += [record.record_num() for record in chunk.records()] if chunk.check_magic() else []
        if path.name.startswith("broken"):
            # Records that are cut short are given by the other reader, and those behind the damage by ours.
            assert harvest.problem and len(known) >= len(numbers) and len(set(numbers) - set(known)) < 5, path.name
            continue
        assert harvest.problem is None and sorted(known) == sorted(numbers) and len(mine) == len(numbers), path.name
        for other in theirs(path, every=max(1, len(numbers) // 150)):
            one = known[other.record]
            assert (one.provider, one.event_id, one.channel, one.time) == (other.provider, other.event_id, other.channel, other.time)
            assert same_values(one, other), (one, other)
