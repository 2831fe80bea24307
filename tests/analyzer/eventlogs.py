"""A second opinion on event logs: what python-evtx reads, in the words of our reader."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from analyzer.sources.windows.chunks import Harvest
from analyzer.sources.windows.evtx import read_evtx

_SPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"
_STRINGS = re.compile(r"<string>(.*?)</string>", re.DOTALL)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)\S*")


@dataclass(frozen=True)
class Told:
    """What a reader tells of a record, spelled alike: empty values left out, times to the second."""

    record: int
    provider: str
    event_id: int
    channel: str
    time: str
    values: tuple[str, ...]
    binary: str


def ours(raw: bytes, piece: int = 50_000) -> tuple[list[Told], Harvest]:
    """By the analyzer, handed over piece by piece as an archive does."""
    harvest = Harvest()
    told = []
    for sighting in read_evtx((raw[at:at + piece] for at in range(0, len(raw), piece)), None, harvest):
        event = sighting.event()
        assert event is not None and (event.provider.lower(), event.event_id) == (event.provider.lower(), sighting.event_id)
        told.append(Told(sighting.record, event.provider, event.event_id, event.channel, "" if event.time is None else _second(sighting.text),
                         tuple(_plain(value) for value in event.values if _plain(value)), event.binary.upper()))
    return told, harvest


def _second(text: str) -> str:
    return _plain(re.findall(r'"SystemTime":"([^"]+)"', text)[0])


def theirs(path: Path, every: int = 1) -> Iterator[Told]:
    """By python-evtx, of every chunk that bears its mark; it takes milliseconds for a record, so perhaps only one of so many."""
    import Evtx.Evtx
    count = 0
    with Evtx.Evtx.Evtx(str(path)) as log:
        for chunk in log.get_file_header().chunks(include_inactive=True):
            for record in chunk.records() if chunk.check_magic() else ():
                count += 1
                if count % every == 0:
                    yield _told(record.record_num(), etree.fromstring(record.xml().encode()))


def same_values(mine: Told, other: Told) -> bool:
    """Whether all that the other reader tells is told by ours. After empty strings of an array it tells the ends of others, and it
    prints binary fields in base64."""
    known = [*mine.values, *(_base64(value) for value in mine.values)]
    return mine.binary == other.binary and all(any(one.endswith(value) for one in known) for value in other.values)


def _base64(packed: str) -> str:
    return base64.b64encode(bytes.fromhex(packed)).decode() if re.fullmatch(r"(?:[0-9A-F]{2})+", packed) else packed


def _told(record: int, root: etree._Element) -> Told:
    system = root.find(f"{_SPACE}System")
    assert system is not None
    provider, created = system.find(f"{_SPACE}Provider"), system.find(f"{_SPACE}TimeCreated")
    assert provider is not None and created is not None
    values: list[str] = []
    for data in root.iterfind(f"{_SPACE}EventData/{_SPACE}Data"):
        strings = _STRINGS.findall(data.text or "")
        values += strings if strings else [data.text or ""]
    user = root.find(f"{_SPACE}UserData")
    values += [element.text for element in user.iter() if element.text] if user is not None else []
    packed = root.findtext(f"{_SPACE}EventData/{_SPACE}Binary") or ""
    return Told(record, provider.get("Name") or "", int(system.findtext(f"{_SPACE}EventID") or 0), system.findtext(f"{_SPACE}Channel") or "",
                _plain(created.get("SystemTime") or ""), tuple(_plain(value) for value in values if _plain(value)),
                base64.b64decode(packed).hex().upper() if packed else "")


def _plain(value: str) -> str:
    """A value without what readers spell each in their own way: the fraction of a time, the case and zeros of hex, of words."""
    text = value.replace("\r\n", "\n").strip().strip("{}")
    time = _TIME.fullmatch(text)
    if time:
        return "" if time.group(1)[:4] in ("0001", "1601") else f"{time.group(1)} {time.group(2)}"
    return re.sub(r"^0x0*(?=.)", "0x", text.lower()) if re.fullmatch(r"0[xX][0-9a-fA-F]+|[Tt]rue|[Ff]alse|[0-9a-fA-F-]{36}", text) else text
