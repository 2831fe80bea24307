"""Keys, encoded blocks and dumps of bytes that go on over several lines."""

import binascii
import re

from collector.hidden import narrow
from collector.states import State

END = re.compile(br"-----?[ ]?END ", re.IGNORECASE)
_LAST_TOKEN = re.compile(br"[A-Za-z0-9+/=]+(?=[\s\"'\\<,;)\]}]*$)")
_LONG_TOKEN = re.compile(br"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}(?=\\n|[\"'])|(?<=[\"'])[A-Za-z0-9+/]{4,}={1,2}(?=\\n|[\"'])")
_MASKED_END = re.compile(br"\[masked:[\w\-]+:[0-9a-f]{6}\]\s*$")
_LEAD_TOKEN = re.compile(br"^[ \t]*([A-Za-z0-9+/]+={0,2})")
_HEX_LINE = re.compile(br"^\s*(?:[0-9a-fA-F]{2}:?){8,}\s*$|^\s+(?:[0-9a-fA-F]{2}:){2,}[0-9a-fA-F]{0,2}\s*$")
DUMP = re.compile(br"^([0-9a-f]{6,8}:?[ ]{1,2})((?:[0-9a-f]{2}[ ]?){2,2}[0-9a-f ]{0,48}[0-9a-f])([ ]{2,})(\S.*)$|^([0-9a-f]{6,8})$")
_PEM_PAUSE = 10

# A line that holds nothing but base64 is the inside of a key, a certificate or an encrypted setting.
LONE_BASE64 = re.compile(br"(?m)^[ \t]*[A-Za-z0-9+/]{60,}={0,2}[ \t\r]*$")
_NO_WORDS = re.compile(br"[\d+=]")
ONLY_HEX = re.compile(br"^[0-9A-Fa-f]+$")


def is_lone_base64(line):
    """Whether the line is nothing but base64, and neither a checksum nor a path."""
    return bool(LONE_BASE64.match(line)) and not ONLY_HEX.match(line.strip()) and bool(_NO_WORDS.search(line))


class Pem(State):
    """Inside a PEM block, with or without time stamps in front of its lines: the base64 that ends a line is masked."""

    def __init__(self):
        self._pause, self._body = 0, False

    def _mask(self, masker, line):
        end = END.search(line)
        if end:
            self.over = True
            return self._token(masker, line[:end.start()]) + masker.line(line[end.start():])
        if _MASKED_END.search(line) or b"[masked:pem" in line:
            return line
        token = _LAST_TOKEN.search(line.rstrip(b"\r\n"))
        if not token or len(token.group(0)) < 16:
            token = _LONG_TOKEN.search(line) or token
        telling = bool(token) and not ONLY_HEX.match(token.group(0)) and (
            len(token.group(0)) >= 24 or token.group(0).endswith(b"=") or token.group(0) == line.strip())
        if telling or (token and self._body):
            self._body, self._pause = telling, 0 if telling else self._pause + 1
            return self._token(masker, line)
        self._pause += 1
        self.over = self._pause > _PEM_PAUSE
        return masker.line(line)

    @staticmethod
    def _token(masker, line):
        body = line.rstrip(b"\r\n")
        if _MASKED_END.search(body):
            return line
        match = _LAST_TOKEN.search(body)
        if not match or len(match.group(0)) < 16:
            match = _LONG_TOKEN.search(body) or match
        if not match:
            return masker.line(line)
        return masker.plain(body[:match.start()]) + masker.tag("pem", match.group(0)) + body[match.end():] + line[len(body):]


class Base64(State):
    """Below a line of nothing but base64: more such lines, and the shorter one that ends it."""

    def _mask(self, masker, line):
        if is_lone_base64(line):
            return masker.whole(line, "blob")
        self.over = True
        lead = _LEAD_TOKEN.match(line)
        rest = line[lead.end():] if lead else b""
        if lead and (not rest.strip() or rest[:1] in b"<\"'\\&"):
            return line[:lead.start(1)] + masker.tag("blob", lead.group(1)) + masker.line(rest)
        return masker.line(line)


class HexLines(State):
    """Below a line that tells of it: nothing but hexadecimal digits, in an encrypted file or a key."""

    def _mask(self, masker, line):
        if _HEX_LINE.match(line):
            return masker.whole(line, "blob")
        self.over = True
        return masker.line(line)


class Dump(State):
    """The dump of some bytes (hexdump -C, xxd): held back until it is whole, and then looked into."""

    def __init__(self):
        self._lines = []

    def first(self, line):
        """Take the line that opened it as well."""
        self._lines.append(line)

    def _mask(self, masker, line):
        if DUMP.match(line.rstrip()):
            self._lines.append(line)
            return b""
        self.over = True
        return self.rest(masker) + masker.line(line)

    def rest(self, masker):
        lines, self._lines = self._lines, []
        digits = re.sub(br"[^0-9a-f]", b"", b"".join(DUMP.sub(br"\2", line.rstrip()) for line in lines if not re.match(br"^[0-9a-f]{6,8}\s*$", line)))
        if not masker.holds_secret(narrow(binascii.unhexlify(digits[:len(digits) & ~1]))):
            return b"".join(lines)
        return b"".join(DUMP.sub(lambda match: (match.group(1) or match.group(5)) + (masker.tag("packed", match.group(2)) if match.group(2) else b""), line.rstrip())
                        + line[len(line.rstrip()):] for line in lines)
