"""Event logs as people export them: copies out of Event Viewer, `wevtutil /f:text`, Format-List, tables, single lines.

Field names are translated, their order is not: log, source, date, number. A block is read by known labels, by that order,
or by one of the short forms in which events are quoted. A text without any head is an event if its body can only be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.clock import UNKNOWN_ZONE, Clock, stamp_of
from analyzer.sources.commands.vss import local_time
from analyzer.sources.windows.channels import canonical, provider_of
from analyzer.sources.windows.event import Event
from analyzer.sources.windows.neutral import OPERATIONS

MOST_LINES, LONGEST_LINE, LONGEST_MESSAGE = 400_000, 4000, 6000
_LABELS = {
    "log": "log name|logname|protokollname|protokoll|nom du journal|journal|nombre de registro|registro|nome registro|nome do log|日志名称|ログの名前|로그 이름|имя журнала|記錄檔名稱",
    "source": "source|provider|providername|provider name|sourcename|quelle|origen|origine|fonte|来源|ソース|원본|источник|來源",
    "id": "event id|eventid|id|event-id|eventcode|ereignis-id|ereigniskennung|id de l.événement|id. del evento|id evento|identificação do evento|事件 ?id|イベント ?id|이벤트 ?id"
          "|код события|事件識別碼",
    "time": "date|date and time|timecreated|time created|timegenerated|timewritten|time generated|logged|datum|fecha|data|日期|日付|날짜|дата",
    "record": "recordid|record id|eventrecordid|recordnumber|index",
    "message": "description|message|beschreibung|descripción|descrizione|descrição|描述|説明|설명|описание|meldung",
    "other": "task category|task|category|categorynumber|level|entrytype|leveldisplayname|keywords?|user|user name|computer|machinename|opcode|instanceid|aufgabenkategorie|ebene|schlüsselwörter"
             "|benutzer|catégorie de la tâche|catégorie|niveau|mots clés|utilisateur|ordinateur|任务类别|级别|关键字|用户|计算机|タスクのカテゴリ|レベル|キーワード|ユーザー|コンピューター"
             "|categoría de tarea|nivel|palabras clave|usuario|equipo|site|container|replacementstrings",
}
_LABEL = tuple((re.compile(rf"(?:{words})", re.IGNORECASE), name) for name, words in _LABELS.items())
_PAIR = re.compile(r"\s{0,8}([^\s:：=|{}\[\]][^:：=|{}\[\]]{0,38}?)\s{0,40}[:：]\s{0,12}(.*)$")
_EVENT_N = re.compile(r"\s{0,4}Event\[\d{1,9}\]:?\s*$")
_DATE = r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}\.?,?[ T]{1,3}\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?Z?(?:\s?[AaPp]\.?[Mm]\.?)?"
_WORD = r"Error|Warning|Information|Critical|Fehler|Warnung|Informationen|Erreur|Avertissement|错误|警告|信息|エラー|情報"
_ONE_LINE = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    rf"\s*(?P<source>[A-Za-z.][\w .$+-]{{1,60}}?)\s+(?:{_WORD})\s+(?P<time>{_DATE})\s+Event ?ID:? ?(?P<id>\d{{1,5}})\b(?!\.\d)[:.,]?\s*(?P<message>.*)$",
    rf"\s*(?:{_WORD})[\t ,;]+(?P<time>{_DATE})[\t ,;]+(?P<source>[A-Za-z.][\w .$+-]{{1,60}}?)[\t ,;]+(?P<id>\d{{1,5}})\b(?!\.\d)[\t ,;]*(?P<message>.*)$",
    rf"\s*(?P<time>{_DATE})[\t ,;]+(?:{_WORD})[\t ,;]+(?P<source>[A-Za-z.][\w .$+-]{{1,60}}?)[\t ,;]+(?P<id>\d{{1,5}})\b(?!\.\d)[\t ,;]*(?P<message>.*)$",
    rf"\s*(?P<time>{_DATE})[\t ,;]+(?P<source>[A-Za-z.][\w .$+-]{{1,60}}?)[\t ,;]+(?P<id>\d{{1,5}})[\t ,;]+(?:{_WORD})\b[\t ,;]*(?P<message>.*)$",
    rf"\s*(?P<time>{_DATE})\s+(?P<id>\d{{1,5}})\s+(?:{_WORD})\s+(?P<message>\S.*)$",
    r"\s*(?P<source>\.?[A-Z][\w .$+-]{1,60}?) ?(?:-|–|,|:)? (?:Event ?(?:ID)?:? ?)?(?P<id>\d{1,5})\s*:?$",
    r"\s*Event (?:ID:? ?)?(?P<id>\d{1,5}),? ?(?:from|source:?|,|\() ?(?:source )?(?P<source>[A-Za-z.][\w .$+-]{1,60}?)\)?(?:[:.] ?(?P<message>.*))?$",
    r"\s*(?:Event )?Source:? (?P<source>[A-Za-z.][\w .$+-]{1,60}?)[,;|\t ]+Event ?ID:? ?(?P<id>\d{1,5})\b(?!\.\d)[,;:|. ]*(?P<message>.*)$",
    r"\s*Event ?ID:? ?(?P<id>\d{1,5})[,;|\t ]+(?:Event )?Source:? (?P<source>[A-Za-z.][\w .$+-]{1,60}?)(?:[,;|:.] ?(?P<message>.*))?$",
))
_BARE_ID = re.compile(r"\s*(?:Event ?ID|EventID)\s?[:=]?\s?(?P<id>\d{1,5})\b[:.,]?\s*(?P<message>.*)$", re.IGNORECASE)
_VSS_BODY = re.compile(r"\bhr\s?=\s?0x[0-9A-Fa-f]{8}")
_VSS_CONTEXT = re.compile(r"System Provider|Writer Class Id|HarddiskVolumeShadowCopy|IVss|Execution Context|Volume Shadow Copy Service (?:error|warning)", re.IGNORECASE)


@dataclass(slots=True)
class _Block:
    """An event while its lines are read."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    message: list[str] = field(default_factory=list)
    in_message: bool = False


def events_in(text: str, channel: str, clock: Clock) -> list[Event]:
    """The events of a text, oldest line first; nothing if it is no export of events."""
    blocks = [block for block in _blocks(text) if _is_event(block)]
    if not blocks:
        headless = _headless(text)
        return [headless] if headless else []
    return [event for block in blocks if (event := _event(block, channel, clock))]


def looks_exported(text: str) -> bool:
    """Whether the head of a text looks like exported events: two fields of a head near each other, or a short form."""
    lines = text[:20_000].splitlines()[:200]
    for place, line in enumerate(lines):
        if any(form.match(line[:400]) and _one_line(line) for form in _ONE_LINE):
            return True
        if _label(line) == "id" or _EVENT_N.match(line):
            near = {_label(other) for other in lines[max(0, place - 6):place + 8]}
            if len(near & {"source", "time", "log", "message"}) >= 1 or _BARE_ID.match(line):
                return True
    return _headless(text) is not None


def _label(line: str) -> str | None:
    found = _PAIR.match(line[:LONGEST_LINE])
    if not found:
        return None
    return next((name for pattern, name in _LABEL if pattern.fullmatch(found.group(1).strip())), None)


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    lines = [line.rstrip("\r") for line in text.split("\n", MOST_LINES)[:MOST_LINES]]
    for number, line in enumerate(lines, 1):
        line = line[:LONGEST_LINE]
        if _EVENT_N.match(line):
            if block:
                yield block
            block = _Block(number)
            continue
        whole = _one_line(line)
        if whole:
            if block:
                yield block
            block = _Block(number, whole, [whole["message"]] if whole.get("message") else [], True)
            continue
        name = _label(line) or _by_place(lines, number - 1)
        pair = _PAIR.match(line) if name else None
        value = pair[2].strip() if pair else ""
        if name and name != "message" and (block is None or _opens(block, name, value)):
            if block and (block.values or block.message):
                yield block
            block = _Block(number)
        if block is None:
            continue
        if name == "message" and not block.in_message:
            block.in_message = True
            block.message += [value] if value else []
        elif name and not block.in_message:
            if name != "other":
                block.values.setdefault(name, value)
        elif line.strip() and sum(map(len, block.message)) < LONGEST_MESSAGE:
            # What no label introduces is the message: in translated exports its label may be unknown.
            block.in_message = block.in_message or "id" in block.values
            block.message.append(line.strip())
    if block:
        yield block


def _one_line(line: str) -> dict[str, str] | None:
    """The fields of an event told on one line."""
    if not any(char.isdigit() for char in line):
        return None
    for form in _ONE_LINE:
        found = form.match(line[:LONGEST_LINE])
        if not found:
            continue
        values = {key: value.strip() for key, value in found.groupdict().items() if value}
        known = canonical(values.get("source", ""))[1] is not None
        if known or ("source" not in values and provider_of(int(values["id"]))):
            return values
        if "time" in values and "source" in values and not values["source"][0].isdigit() and int(values["id"]) < 65536:
            return values
    bare = _BARE_ID.match(line[:LONGEST_LINE])
    if bare and len(bare.group("message")) > 12 and provider_of(int(bare.group("id"))):
        return {"id": bare.group("id"), "message": bare.group("message")}
    return None


def _by_place(lines: list[str], index: int) -> str | None:
    """The field a line holds by the order of an Event Viewer copy: log, source, date, number."""
    for offset, name in enumerate(("log", "source", "time", "id")):
        start = index - offset
        if start < 0 or start + 3 >= len(lines):
            continue
        pairs = [_PAIR.match(line[:300]) for line in lines[start:start + 4]]
        if all(pairs) and (pairs[3] or [""] * 3)[2].strip().isdigit() and re.search(r"\d\d?[.:]\d\d", (pairs[2] or [""] * 3)[2]) \
                and re.match(r"[A-Z][\w /-]{2,60}$", (pairs[0] or [""] * 3)[2].strip()) and not re.search(r"\d", (pairs[0] or [""] * 3)[2]):
            return name
    return None


def _opens(block: _Block, name: str, value: str) -> bool:
    """Whether this field begins another event: it stands in the present one already, or its message has begun."""
    if block.in_message:
        return (name in ("log", "id", "time") and (name != "id" or value[:5].strip().isdigit()) and (
            name != "time" or bool(re.search(r"\d[:.]\d\d", value))) and name in block.values) or (name == "log" and "id" in block.values)
    return name in block.values


def _is_event(block: _Block) -> bool:
    number = re.match(r"\d{1,5}\b", block.values.get("id", ""))
    return bool(number) and int(number.group()) < 65536 and bool(  # type: ignore[union-attr]
        block.values.get("source") or provider_of(int(number.group())) or _VSS_BODY.search(" ".join(block.message)))  # type: ignore[union-attr]


def _event(block: _Block, channel: str, clock: Clock) -> Event | None:
    number = int(re.match(r"\d{1,5}", block.values["id"]).group())  # type: ignore[union-attr]
    message = "\n".join(block.message)[:LONGEST_MESSAGE]
    provider = block.values.get("source") or provider_of(number)
    if not provider or (not block.values.get("source") and _VSS_BODY.search(message) and _VSS_CONTEXT.search(message)):
        provider = "VSS" if _VSS_BODY.search(message) else provider
    time, doubt = time_of(block.values.get("time", ""), clock)
    record = block.values.get("record", "")
    return Event(provider, number, time, doubt, block.values.get("log") or channel, int(record) if record.isdigit() else None, block.line, message=message)


def time_of(text: str, clock: Clock) -> tuple[float | None, float]:
    """Epoch seconds and uncertainty of a time as Windows prints it; None where it is no time."""
    stamp = stamp_of(text, clock)
    if stamp:
        return stamp.time, stamp.uncertainty
    time = local_time(text, clock)
    return time, UNKNOWN_ZONE if clock.zone is None and time is not None else 0.0


def _headless(text: str) -> Event | None:
    """A VSS message quoted without its head: a result code, and words that are VSS's own in every language."""
    head = text[:8000]
    code = _VSS_BODY.search(head)
    if not code or not (_VSS_CONTEXT.search(head) or OPERATIONS.search(head)) or re.search(r"(?m)^(?:\[\d{8}\] )?\[?\d{2,4}[-/]\d\d[-/]\d\d", head):
        return None
    return Event("VSS", 0, line=head.count("\n", 0, code.start()) + 1, message=head[:LONGEST_MESSAGE])
