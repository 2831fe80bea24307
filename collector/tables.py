"""Secrets in tables, below a heading that tells of them: what MySQL and psql draw, CSV, columns of PowerShell; files of keys.

A table is left as soon as a line is none of its rows, so that a heading in a log hides nothing of what follows.
"""

import re

from collector.rules import PASSWORD

_CELL = re.compile(br"""^["'`]?(?:[\w.\-]{0,40}[_ \-.])?(?:password|passwd|pwd|passphrase|secret|client_?secret|secret_?key|access_?key|account_?key|api_?key|private_?key|authentication_string
    |primary_?key_?value|token|(?:db|admin|user|root|smtp|bind|mail)_?(?:pass(?:word)?|pwd))["'`]?$""", re.VERBOSE | re.IGNORECASE)
_NAMES = re.compile(br"""^["'`]?[A-Za-z_][\w .\-/#()]{0,40}["'`]?$""")
_RULER = re.compile(br"^[\s|+\-=]+$")
_DASHES = re.compile(br"^ *-{2,}(?: +-{2,})+ *\r?\n?$")
# Where to look for a heading.
ANCHORS = tuple((word, br"s?[\"'`]?[ \t]{0,40}(?:[|,;\t\r\n]|[ ]{2})") for word in (b"passwd", b"pwd", b"secret", b"token", b"access_key", b"api_key")) + (PASSWORD, (b"client", br"\s+server\s+secret"),)
_PPP = re.compile(br"^#?\s*client\s+server\s+secret", re.IGNORECASE)


def heading(line):
    """The table that this line heads, or None."""
    if len(line) > 2000:
        return None
    body = line.strip()
    if b"|" in body:
        cells = [cell.strip() for cell in body.strip(b"|").split(b"|")]
        telling = [number for number, cell in enumerate(cells) if _CELL.match(cell)]
        return Drawn(telling, len(cells)) if telling and len(cells) > 1 and all(_NAMES.match(cell) for cell in cells) else None
    if _PPP.match(body):
        return Words(2)
    for separator in (b",", b";", b"\t"):
        cells = [cell.strip() for cell in body.split(separator)]
        telling = [number for number, cell in enumerate(cells) if _CELL.match(cell)]
        if len(cells) > 1 and telling and all(_NAMES.match(cell) for cell in cells):
            return Separated(telling, len(cells), separator)
    cells = body.split()
    return Columns(line) if 1 < len(cells) < 20 and any(_CELL.match(cell) for cell in cells) else None


class Table(object):
    """What is common: the rows of a table, one at a time."""

    over = False

    def mask(self, masker, line):
        """The line as it may be shown; sets `over` when it is no row."""
        places = self.places(line)
        if places is None:
            self.over = True
            return masker.line(line)
        out, at = [], 0
        for begin, end in places:
            out += [masker.plain(line[at:begin]), masker.tag("secret", line[begin:end])]
            at = end
        return b"".join(out) + masker.plain(line[at:]) if places else line

    def places(self, line):
        """[(begin, end)] of the secrets in a row; None when the line is none."""
        raise NotImplementedError

    def rest(self, masker):
        """Nothing is held back."""
        return b""


class Drawn(Table):
    """| user | password |, with or without the lines at its sides."""

    def __init__(self, telling, width):
        self._telling, self._width, self._ruled = telling, width, False

    def places(self, line):
        if _RULER.match(line) and line.strip():
            self._ruled = True
            return []
        if not self._ruled:
            return None
        bars = [match.start() for match in re.finditer(br"\|", line)]
        outer = 1 if line.lstrip()[:1] == b"|" else 0
        edges = bars if outer else [-1] + bars + [len(line.rstrip(b"\r\n"))]
        if len(edges) < self._width + 1:
            return None
        return [place for number in self._telling for place in _stripped(line, edges[number] + 1, edges[number + 1])]


class Separated(Table):
    """CSV: fields, some of them in quotes."""

    def __init__(self, telling, width, separator):
        self._telling, self._width = telling, width
        self._field = re.compile(br'[ ]*"(?:[^"]|"")*"|[^' + re.escape(separator) + br"]*")
        self._separator = separator

    def places(self, line):
        body, at, fields = line.rstrip(b"\r\n"), 0, []
        while at <= len(body):
            match = self._field.match(body, at)
            fields.append(match.span())
            if body[match.end():match.end() + 1] not in (self._separator, b""):
                return None
            at = match.end() + 1
        if len(fields) != self._width:
            return None
        return [place for number in self._telling for place in _stripped(line, *fields[number])]


class Columns(Table):
    """Columns of PowerShell: a line of dashes below the heading, then rows, until an empty line."""

    def __init__(self, heading_line):
        self._heading, self._telling, self._begins = heading_line.rstrip(), [], []

    def places(self, line):
        if not self._begins:
            if not _DASHES.match(line):
                return None
            self._begins = [match.start() for match in re.finditer(br"-+", line)]
            ends = self._begins[1:] + [len(self._heading) + 1]
            self._telling = [number for number, begin in enumerate(self._begins) if _CELL.match(self._heading[begin:ends[number]].strip())]
            return [] if self._telling else None
        body = line.rstrip()
        if not body:
            return None
        places = []
        for number in self._telling:
            begin = self._begins[number]
            next_begin = self._begins[number + 1] if number + 1 < len(self._begins) else len(body)
            word = re.compile(br"\S+").search(body, begin)
            if word and word.start() < next_begin:
                places += _stripped(line, begin, max(word.end(), next_begin if body[next_begin - 1:next_begin] in (b" ", b"") or next_begin == len(body) else word.end()))
        return places


class Words(Table):
    """Rows of words set off by blanks, as in the files of PPP; comments between them."""

    def __init__(self, number):
        self._number = number

    def places(self, line):
        if line[:1] in (b"#", b"\n", b"\r"):
            return []
        words = list(re.finditer(br'"[^"\n]*"|\S+', line))
        return [words[self._number].span()] if self._number < len(words) < 8 else None


def _stripped(line, begin, end):
    """The place without the blanks and quotes at its ends, in a list; an empty one when nothing is left."""
    text = line[begin:end]
    begin += len(text) - len(text.lstrip(b" \t\"'"))
    end = begin + len(line[begin:end].rstrip(b" \t\r\n\"'"))
    return [(begin, end)] if end > begin else []
