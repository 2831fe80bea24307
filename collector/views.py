"""Text that is spelt in another way: lists of arguments, audit records, strings in JSON, URLs, escapes of every kind, colours.

A view reads such a stretch as the plain text that it stands for, so that every rule finds in it what it finds in plain text. What
it masks there is then put back where it came from, and the spelling around it stays. A view is a function from the stretch to a
list of pieces (text, begin, end): `text` stands for stretch[begin:end]; where both are equal it stands for nothing, as a blank
between two arguments does. None means that the stretch is nothing of the sort.
"""

import binascii
import re

from collector.rules import Rule

_MARK = re.compile(br"\[masked:[\w\-]+:[0-9a-f]{6}\]")
_QUOTE = br"""(?:\\{0,15}["']|&(?:amp;){0,3}(?:quot|apos|\#3[49]);)"""
_ARGUMENT = re.compile(br"(?:(?<=\s)|^)a\d{1,3}(?:\[\d{1,3}\])?=")
_OPENING = re.compile(_QUOTE, re.VERBOSE)
_HEX = re.compile(br"(?:[0-9A-F]{2}){4,}$")
_ELEMENT = re.compile(br"(?P<q>" + _QUOTE + br")(?P<v>(?:(?!(?<!\\)(?P=q))[^\n]){0,4000})(?P=q)", re.VERBOSE)
_BETWEEN = re.compile(br"^\s*,\s*\[?\s*[ubr]{0,2}$")
_COMMANDS = re.compile(br"""^(?:\S*[/\\])?(?:(?:ba|da|z|k)?sh|sudo|net1?|net\.exe|rabbitmqctl|ua|pro|rman|sqlplus|nmcli|db2|htpasswd|hdbuserstore|splunk
    |openssl|lftp|smbpasswd|rasdial|mysqladmin|echo|passwd|chpasswd|setx|aws|az|reg|curl|mysql\w*|sshpass|cmd|powershell|pwsh)(?:\.exe)?$""", re.VERBOSE | re.IGNORECASE)
_NEEDS_QUOTES = re.compile(br"[\s'\"<>|&;()]|^$")
_BEFORE_QUOTES = re.compile(br'^[^"]+|"[^"]*')
_FIELD = re.compile(br"""(\()|N?'(?:[^'\n]|'')*'|"(?:[^"\n]|"")*"|(?!values\b)[\w.+\-]+(?:\([^()\n]*\))?""", re.IGNORECASE)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ENTITIES = {b"quot": b'"', b"apos": b"'", b"lt": b"<", b"gt": b">", b"amp": b"&"}
_DIGITS = br"[0-9a-fA-F]{2}"


def rules():
    """Every spelling with the places where it is looked for; tried after all rules for plain text."""
    yield _view([(b"a0=", br"(?:[\"'\\&]|(?!0x|[0-9a-f]+(?:\s|$))[a-z./])")], br"(?<!\w)(?P<v>a0=[^\n]{1,65000})", _audit)
    begin = br"[\w./:\\\-]{1,120}"
    lists = [(opened + quote, begin + quote + br",\s{0,4}\[?[ubr]?[\"']") for opened in (b"[", b"(", b"{") for quote in (b"'", b'"')]
    lists += [(b"[\\", br"{0,15}\"" + begin + br"\",\s?\\"), (b"[&", br"(?:amp;){0,3}(?:quot|apos|\#3[49]);" + begin + br"&(?:amp;){0,3}\w{2,4};,\s?&")]
    yield _view(lists, br"[\[({](?P<v>" + _QUOTE + br"[^\n]{1,65000})", _list)
    yield _view([(b", -", br"-?[a-z]{1,20}[,=\]]")], br"\[(?P<v>[\w./\-]{1,100}(?:,[ ][^\s,\[\]\"']{1,200}){2,40})\]", _bare_list)
    yield _view([(b"%", br"(?:25)?(?:20|0a)"), (b"+%", br"(?:25)?[0-9a-f]{2}"), (b"+-", br"-?[a-z]")], br"(?P<v>[^\s\"'<>]{1,65000})", _percent)
    yield _view([(b"\\u00", br"(?:20|0a|09|2d)")], br"(?P<v>[^\"\n]{1,65000})", _undo(br"\\{1,8}u00(" + _DIGITS + br")", _byte))
    yield _view([(b"\\x", _DIGITS + br"\\{1,4}x" + _DIGITS + br"\\{1,4}x")], br"(?P<v>(?:\\{1,4}x" + _DIGITS + br"){8,20000})", _undo(br"\\{1,4}x(" + _DIGITS + br")", _byte))
    yield _view([(b"\\0", br"(?:40|42|12|11|47)"), (b"#0", br"(?:12|11|15)")], br"(?P<v>[^\n]{1,65000})", _undo(br"(?:\\{1,4}|\#)([01][0-7]{2})", _octal))
    yield _view([b"quot;", b"apos;", b"&#39;", b"&#34;"], br"(?P<v>[^\n]{1,65000})",
                _undo(br"&(?:amp;){0,3}(quot|apos|lt|gt|amp|\#(?:3[4-9]|4\d|6[0-4]));", lambda match: _ENTITIES.get(match.group(1)) or bytes(bytearray([int(match.group(1)[1:])]))))
    yield _view([b"\x1b["], br"(?P<v>[^\n]{1,65000})", _undo(br"\x1b\[[0-9;?]{0,20}[A-Za-z]", lambda match: b""))
    yield _view([b'\\"', b"\\n"], br"\"(?P<v>(?:[^\"\\\n]|\\[^\n]){2,65000})", _undo(br"\\{1,15}([\"'/nrt])", lambda match: _LETTERS.get(match.group(1), match.group(1))))
    yield _view([(b"\\n", br"[^\n]{0,2000}'"), b"\\'"], br"(?<!\w)[ubr]{0,2}'(?P<v>(?:[^'\"\\\n]|\\[^\n]){2,65000})'", _undo(br"\\{1,15}([\"'/nrt])", lambda match: _LETTERS.get(match.group(1), match.group(1))))


def as_keys(value):
    """`t (user, password) VALUES ('bob', 'x'), ('al', 'y')` -> a line `user = 'bob'`, `password = 'x'` for each value."""
    head, _, rest = value.partition(b")")
    columns = [column.strip(b" `\"[]\r\t") for column in head.partition(b"(")[2].split(b",")]
    pieces, number, offset = [], 0, len(head) + 1
    for match in _FIELD.finditer(rest):
        if match.group(1):
            number = 0
        elif number < len(columns):
            begin = offset + match.start()
            pieces += [(columns[number] + b" = ", begin, begin), (match.group(0), begin, begin + len(match.group(0))), (b"\n", begin, begin)]
            number += 1
    return pieces or None


def text_of(pieces):
    """The text that a view shows."""
    return b"".join(piece[0] for piece in pieces)


def put_back(value, pieces, masked):
    """`value` with the marks of `masked`, which is the text of its pieces after masking; None when the two do not fit."""
    spans = _spans(text_of(pieces), masked)
    if spans is None:
        return None
    out, done = [], 0
    for begin, end, mark in _sources(value, pieces, spans):
        begin = max(begin, done)
        if begin < end:
            out += [value[done:begin], mark]
            done = end
    return b"".join(out) + value[done:]


def _view(anchors, pattern, view):
    return Rule(b"packed", anchors, pattern, view=view)


def _spans(text, masked):
    """[(begin, end, mark)] in `text`: what was replaced. Between two marks the text is what it was."""
    marks = [match.group(0) for match in _MARK.finditer(masked)]
    between = _MARK.split(masked)
    if not text.startswith(between[0]):
        return None
    spans, at = [], len(between[0])
    for number, mark in enumerate(marks):
        after, last = between[number + 1], number == len(marks) - 1
        if text.startswith(mark + after, at) and (not last or at + len(mark + after) == len(text)):
            at += len(mark + after)
            continue
        end = len(text) - len(after) if last else text.find(after, at + 1)
        if end <= at or not text.startswith(after, end):
            return None
        spans.append((at, end, mark))
        at = end + len(after)
    return spans


def _sources(value, pieces, spans):
    """The places in `value` that make up `spans` of the text, in order; a span that nothing interrupts is one place."""
    place, index = 0, 0
    held = None
    for chunk, begin, end in pieces:
        stop = place + len(chunk)
        while index < len(spans) and spans[index][0] < max(stop, place + 1):
            first, last, mark = spans[index]
            if begin == end:
                if held:
                    yield held
                held = None
            elif first < stop or not chunk and first < place:
                exact = chunk == value[begin:end]
                source = (begin + max(first - place, 0), begin + min(last, stop) - place) if exact else (begin, end)
                if held and (held[1] != source[0] or held[2] != mark):
                    yield held
                    held = source + (mark,)
                else:
                    held = (held[0] if held else source[0], source[1], mark)
            if last > stop or last == stop and not chunk:
                break
            if held:
                yield held
            held = None
            index += 1
        place = stop
    if held:
        yield held


def _undo(pattern, plain):
    """A view that replaces what `pattern` finds by what plain(match) gives."""
    pattern = re.compile(pattern)

    def view(value):
        pieces, at = [], 0
        for match in pattern.finditer(value):
            pieces += [(value[at:match.start()], at, match.start())] if match.start() > at else []
            pieces.append((plain(match), match.start(), match.end()))
            at = match.end()
        return pieces + [(value[at:], at, len(value))] if pieces and at < len(value) else pieces or None
    return view


def _byte(match):
    return binascii.unhexlify(match.group(1)).replace(b"\0", b" ")


def _octal(match):
    return bytes(bytearray([int(match.group(1), 8)])).replace(b"\0", b" ")


_OF_PERCENT = _undo(br"%(?:25){0,3}(" + _DIGITS + br")", _byte)
_OF_FORM = _undo(br"%(?:25){0,3}(" + _DIGITS + br")|\+", lambda match: _byte(match) if match.group(1) else b" ")


def _percent(value):
    """A URL or a form: where no blank is spelt %20, it is spelt +."""
    if b"%" not in value and b"+" not in value:
        return None
    return (_OF_PERCENT if b"%20" in value or b"%2520" in value or b"+" not in value else _OF_FORM)(value)


def _audit(value):
    """a0="mysql" a1="-uroot", also with the quotes of XML, without any, and in hexadecimal -> a command line."""
    starts, pieces = list(_ARGUMENT.finditer(value)), []
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(value)
        begin, opening = start.end(), _OPENING.match(value, start.end())
        if opening:
            begin = opening.end()
            close = value.find(opening.group(0), begin, end)
            end = close if close >= 0 else end
        else:
            close = value.find(b"<", begin, end)
            end = begin + len(value[begin:close if close >= 0 else end].rstrip())
        word = value[begin:end]
        _add(pieces, word, begin, binascii.unhexlify(word) if not opening and _HEX.match(word) else None)
    return pieces or None


def _list(value):
    """'curl', '-u', 'bob:x'] -> a command line, one for each list on the line that looks like the arguments of a program."""
    pieces, run, last = [], [], 0
    for match in _ELEMENT.finditer(value):
        if run and not _BETWEEN.match(value[last:match.start()]):
            _add_list(pieces, run)
            run = []
        run.append((match.group("v"), match.start("v")))
        last = match.end()
    _add_list(pieces, run)
    return pieces or None


def _add_list(pieces, run):
    if len(run) < 2 or not (_COMMANDS.match(run[0][0]) or any(word[:1] == b"-" for word, _ in run)):
        return
    if pieces:
        pieces.append((b"\n", run[0][1], run[0][1]))
    for number, (word, begin) in enumerate(run):
        _add(pieces, word, begin, blank=number > 0)


def _bare_list(value):
    """mysqladmin, -u, root, password, x -> a command line."""
    pieces, at = [], 0
    for word in value.split(b", "):
        _add(pieces, word, at)
        at += len(word) + 2
    return pieces


def _add(pieces, word, begin, decoded=None, blank=True):
    """One argument, in quotes where a shell would need them."""
    if pieces and blank:
        pieces.append((b" ", begin, begin))
    shown = word if decoded is None else decoded.replace(b"\0", b" ")
    quote = b"" if not _NEEDS_QUOTES.search(shown) else b"'" if b"'" not in shown else b'"'
    pieces.append((quote, begin, begin))
    if decoded is not None:
        pieces.append((shown, begin, begin + len(word)))
    else:
        at = 0
        for part in _BEFORE_QUOTES.findall(shown) if quote == b'"' else [shown]:
            pieces += [(b"\\", begin + at, begin + at)] if part[:1] == b'"' and quote == b'"' else []
            pieces.append((part, begin + at, begin + at + len(part)))
            at += len(part)
    pieces.append((quote, begin + len(word), begin + len(word)))
