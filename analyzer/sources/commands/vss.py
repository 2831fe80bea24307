"""Volume shadow copies from `vssadmin list ...`, in any language.

Labels, quotes and even the words of a state are translated; identifiers, the number in brackets and the order are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.clock import Clock
from analyzer.model import Row

from .text import Line, Output, number, row, size
from .times import epoch, time_in

_GUID = re.compile(r"\{[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\}")
_STATE = re.compile(r"[^:：\[]{0,60}[:：]\s?\[\s?(\d{1,2})\s?\]\s{0,4}(.{0,120})")
_VERSION = re.compile(r"[:：]\s{0,4}(\d{1,5}(?:\.\d{1,6}){1,3})$")
_VOLUME = re.compile(r"(\([A-Za-z]:\))?\s?(\\\\\?\\Volume\{[\da-fA-F-]{36}\}\\?)|(?:[:：]\s?)([A-Za-z]:\\?)$")
_HRESULT = re.compile(r"0x([\da-fA-F]{8})")
_QUOTES = " '\"“”„‟«»‹›‘’‚「」『』\u00a0"

STATES = ("unknown", "stable", "waiting-for-freeze", "waiting-for-thaw", "waiting-for-post-snapshot", "waiting-for-completion", "failed-at-identify",
          "failed-at-prepare-backup", "failed-at-prepare-snapshot", "failed-at-freeze", "failed-at-thaw", "failed-at-post-snapshot",
          "failed-at-backup-complete", "failed-at-pre-restore", "failed-at-post-restore", "failed-at-backup-shutdown")
WRITERS = {
    "e8132975-6f93-4464-a53e-1050253ae220": "System Writer", "be000cbe-11fe-4426-9c58-531aa6355fc4": "ASR Writer",
    "afbab4a2-367d-4d15-a586-71dbb18f8485": "Registry Writer", "542da469-d3e1-473c-9f4f-7847f01fc64f": "COM+ REGDB Writer",
    "4dc3bdd4-ab48-4d07-adb0-3bee2926fd7f": "Shadow Copy Optimization Writer", "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a": "SqlServerWriter",
    "b2014c9e-8711-4c5c-a5a9-3cf384484757": "NTDS", "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de": "Microsoft Hyper-V VSS Writer",
    "a6ad56c2-b509-4e6c-bb19-49d8f43532f0": "WMI Writer", "d61d61c8-d73a-4eee-8cdd-f6f9786b7124": "Task Scheduler Writer",
    "2a40fd15-dfca-4aa8-a654-1f8c654603f6": "IIS Config Writer", "59b1f0cf-90ef-465f-9609-6ca8b2938366": "IIS Metabase Writer",
    "2707761b-2324-473d-88eb-eb007a359533": "DFS Replication service writer", "be9ac81e-3619-421f-920f-4c6fea9e93ad": "DHCP Jet Writer",
    "6f5b15b5-da24-4d88-b737-63063e3a1f86": "Certificate Authority", "cd3f2362-8bef-46c7-9181-d62844cdc0b2": "MSSearch Service Writer",
    "0bada1de-01a9-4625-8278-69e735f39dd2": "Performance Counters Writer", "4969d978-be47-48b0-b100-f328f07ac1e0": "BITS Writer",
    "76fe1ac4-15f7-4bcd-987e-8e1acb462fb7": "Microsoft Exchange Writer", "75dfb225-e2e4-4d39-9ac9-ffaff65ddf06": "VSS Metadata Store Writer",
    "8d5194e1-e455-434a-b2e5-51296cce67df": "WIDWriter",
}
_FINE = {"no error", "kein fehler", "aucune erreur", "pas d'erreur", "sin errores", "ningún error", "sin error", "nessun errore", "nenhum erro",
         "sem erro", "sem erros",
         "geen fout", "нет ошибок", "ошибок нет", "brak błędów", "brak błędu", "inget fel", "ingen fejl", "žádná chyba", "nincs hiba", "ei virhettä",
         "hata yok", "没有错误", "无错误",
         "沒有錯誤", "無錯誤", "エラーなし", "エラーはありません", "エラー なし", "오류 없음"}
_BAD = re.compile(r"retryable|timed out|timeout|inconsistent|not responding|out of resources|unexpected|wiederholbar|zeitüberschreitung"
                  r"|inkonsistent|délai|récupérable|reprise"
                  r"|超时|重试|不可重试|タイムアウト|再試行|reintent|tiempo de espera|riprova|timeout", re.IGNORECASE)


@dataclass(slots=True)
class _Writer:
    """A writer while its lines are read."""

    line: int
    name: str
    writer_id: str
    instance_id: str | None = None
    state: int | None = None
    state_text: str | None = None
    last_error: str | None = None


_BANNER = re.compile(r"vssadmin 1\.1\b|\(C\) ")
# A list that never came: nothing below the program's name but that it waits, and the key that ended it.
_WAITING = re.compile(
    r"(?i)\s{0,8}(?:waiting for responses|these may be delayed|warten auf antwort|en attente d|esperando |in attesa |等待响应|応答を待|\^C)")


def _value(text: str) -> str:
    """What stands behind the first colon of a line, without quotes."""
    places = [place for place in (text.find(":"), text.find("：")) if place >= 0]
    return text[min(places) + 1:].strip(_QUOTES) if places else text.strip(_QUOTES)


def read_writers(output: Output) -> Iterator[Row]:
    """Rows of `writers`; `name` is English where the identifier is known, `error_ok` None where it cannot be told."""
    told = [line for line in output.lines if line.text.strip()]
    writers = _writers(told)
    banner = next((line for line in told if _BANNER.match(line.text[:200])), None)
    if banner and not writers and all(_BANNER.match(line.text[:200]) or _WAITING.match(line.text[:200]) for line in told):
        yield row("writers", banner.number, listed=False)
    fine = _usual(writers)
    for writer in writers:
        known = writer.state is not None and writer.state < len(STATES)
        yield row("writers", writer.line, name=WRITERS.get(writer.writer_id) or writer.name, name_text=writer.name, writer_id=writer.writer_id,
                  instance_id=writer.instance_id, state=writer.state, state_text=writer.state_text,
                  state_name=STATES[writer.state or 0] if known else None,
                  last_error=writer.last_error, error_ok=_fine(writer.last_error, fine))


def _writers(lines: Sequence[Line]) -> list[_Writer]:
    writers: list[_Writer] = []
    awaiting = False
    for place, line in enumerate(lines):
        guid, state = _GUID.search(line.text[:400]), _STATE.match(line.text[:400])
        current = writers[-1] if writers else None
        if guid and current and current.instance_id is None and current.state is None:
            current.instance_id, awaiting = guid.group()[1:-1].lower(), False
        elif guid:
            name = lines[place - 1] if place else line
            writers.append(_Writer(name.number, _value(name.text[:300]), guid.group()[1:-1].lower()))
            awaiting = False
        elif state and current:
            current.state, current.state_text, awaiting = int(state.group(1)), state.group(2).strip(), True
        elif awaiting and current:
            # The last error is the line behind the state, unless that is the name of the next writer already.
            following = lines[place + 1].text if place + 1 < len(lines) else ""
            if not _GUID.search(following[:400]) or not line.text.rstrip().endswith(tuple("'\"”“»」’")):
                current.last_error = _value(line.text[:300])
            awaiting = False
    return writers


def _usual(writers: Sequence[_Writer]) -> str | None:
    """What most of the stable writers say of their last error: that there was none."""
    said = Counter(writer.last_error.lower() for writer in writers if writer.state == 1 and writer.last_error)
    most = said.most_common(1)
    return most[0][0] if most and most[0][1] * 2 > sum(said.values()) and most[0][1] > 1 and not _BAD.search(most[0][0]) else None


def _fine(text: str | None, usual: str | None) -> bool | None:
    if not text:
        return None
    low = text.lower().rstrip(".。")
    code = _HRESULT.search(text)
    if code:
        return int(code.group(1), 16) < 0x80000000
    if low in _FINE or low == usual:
        return True
    return False if usual or _BAD.search(low) else None


def read_providers(output: Output) -> Iterator[Row]:
    """Rows of `providers`: name and type stand above the identifier, the version below."""
    lines = [line for line in output.lines if line.text.strip()]
    for place, line in enumerate(lines):
        guid = _GUID.search(line.text[:400])
        if not guid or place < 1:
            continue
        above = [entry for entry in lines[max(0, place - 2):place] if not _VERSION.search(entry.text[:300]) and re.search("[:：]", entry.text)]
        name = next((entry for entry in above if not entry.text[:1].isspace()), above[0] if above else line)
        kind = above[-1] if above and above[-1] is not name else None
        version = next((found.group(1) for entry in lines[place + 1:place + 3] if (found := _VERSION.search(entry.text[:300]))), None)
        yield row("providers", name.number, name=_value(name.text[:300]), type=_value(kind.text[:300]) if kind else None,
                  provider_id=guid.group()[1:-1].lower(), version=version)


_NUMERIC = re.compile(
    r"(\d{1,4})([./-])\s?(\d{1,2})[./-]\s?(\d{1,4})\.?,?\s{1,3}(?:(AM|PM|上午|下午|午前|午後)\s?)?(\d{1,2})[:.](\d\d)[:.](\d\d)(?:\s?([AaPp]\.?[Mm]))?")


def local_time(text: str, clock: Clock, day_first: bool | None = None) -> float | None:
    """A time in a Windows format, where it can be told which number is the day; None where it cannot.

    `day_first` is what other times of the same output tell, for one that could be read both ways.

    >>> local_time("11/23/2026 1:05:09 PM", Clock()), local_time("23.11.2026 13:05:09", Clock()), local_time("nothing", Clock())
    (1795439109, 1795439109, None)
    """
    iso = time_in(text, clock)
    if iso is not None:
        return iso
    found = _NUMERIC.search(text[:200])
    if not found:
        return None
    first, mark, second, third = int(found.group(1)), found.group(2), int(found.group(3)), int(found.group(4))
    half = (found.group(9) or found.group(5) or "").lower().replace(".", "")
    if first > 31:
        year, month, day = first, second, third
    elif mark == "." or first > 12:
        day, month, year = first, second, third
    elif second > 12 or half in ("am", "pm") or day_first is False:
        month, day, year = first, second, third
    elif day_first:
        day, month, year = first, second, third
    else:
        return None
    hour = int(found.group(6))
    if half:
        hour = hour % 12 + (12 if half in ("pm", "下午", "午後") else 0)
    return epoch(clock, year, month, day, hour, int(found.group(7)), int(found.group(8)))


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Whether the day stands before the month in the times of one output; None if none of them tells."""
    for text in texts:
        found = _NUMERIC.search(text[:200])
        if found and int(found.group(1)) <= 31 and max(int(found.group(1)), int(found.group(3))) > 12:
            return int(found.group(1)) > 12
    return None


def read_shadows(output: Output) -> Iterator[Row]:
    """Rows of `shadows`: a set opens unindented, each of its copies indented below."""
    set_id, created_text = None, None
    values: dict[str, str | float | None] = {}
    first, after_set = 0, False
    for line in output.lines:
        text = line.text[:500]
        guid, volume = _GUID.search(text), _VOLUME.search(text)
        bare = guid if guid and "Volume{" not in text else None
        if bare and not text[:1].isspace():
            if values:
                yield row("shadows", first, **values)
            set_id, created_text, values, after_set = bare.group()[1:-1].lower(), None, {}, True
        elif bare and set_id:
            if values:
                yield row("shadows", first, **values)
            first = line.number
            values = {"set_id": set_id, "shadow_id": bare.group()[1:-1].lower(), "created_text": created_text,
                      "created": local_time(created_text or "", output.clock)}
        elif after_set and text.strip():
            created_text, after_set = _value(text), False
        elif values and "HarddiskVolumeShadowCopy" in text:
            values["device"] = _value(text)
        elif values and volume and "volume" not in values:
            values["volume"] = (volume.group(1) or volume.group(3) or volume.group(2)).strip("()")
        elif values and text.rstrip().endswith(tuple("'\"”“»」")) and "provider" not in values:
            values["provider"] = _value(text)
    if values:
        yield row("shadows", first, **values)


_AMOUNT = re.compile(r"[:：]\s{0,4}(\d[\d.,\u00a0\u202f ]{0,20}?)\s?([KMGTP]?)"
                     r"(?:i?[BboOБб]\w{0,6}|octets?|КБ|МБ|ГБ|ТБ)?\s{0,3}(?:\((\d{1,3}) ?%\))?$")


def read_shadowstorage(output: Output) -> Iterator[Row]:
    """Rows of `shadowstorage`: two volumes, then used, allocated and maximum space in this order."""
    volumes: list[str] = []
    amounts: list[int | None] = []
    first, percent = 0, None
    for line in output.lines:
        text = line.text[:400].rstrip()
        volume = _VOLUME.search(text)
        if volume:
            if len(volumes) >= 2:
                volumes, amounts = [], []
            first = first if volumes else line.number
            volumes.append((volume.group(1) or volume.group(3) or volume.group(2)).strip("()\\"))
        elif len(volumes) >= 2 and re.search("[:：]", text) and len(amounts) < 3:
            found = _AMOUNT.search(text)
            amounts.append(_bytes(found) if found else None)
            percent = int(found.group(3)) if found and found.group(3) else None
            if len(amounts) == 3:
                yield row("shadowstorage", first, volume=volumes[0], storage_volume=volumes[1], used_bytes=amounts[0], allocated_bytes=amounts[1],
                          maximum_bytes=amounts[2], unbounded=amounts[2] is None, maximum_percent=percent)


def _bytes(found: re.Match[str]) -> int | None:
    plain = re.sub(r"[\s\u00a0\u202f]", "", found.group(1))
    known = number(plain)
    return size(f"{plain}{found.group(2)}") if known is not None else None
