"""Secrets that go on over several lines: elements, objects, block texts, wrapped registry values; keys and dumps: keyblocks.py.

`opened(line)` tells whether a secret begins here and goes on below. What it returns takes every following line, by mask(), until
it is `over`. A state gives up by itself when the lines do not look like its content, so that a cut-off beginning in a log does
not hide the rest of the log.
"""

import re

from collector import hidden, tables
from collector.keyblocks import DUMP, END, Base64, Dump, HexLines, Pem
from collector.rules import CLOSES, OPENS, QUOTE
from collector.states import State

_WORDS = (br"protectedsettings|objectstr|password|passwd|passphrase|accountkey|private_?key|connectionstring|credstring|custom_?-?data|user_?-?data|secrets?"
          br"|tokens?|credentials?")
_BEGIN = re.compile(br"-----?[ ]?BEGIN [A-Z0-9 ]{3,40}-----?", re.IGNORECASE)
_VALUE_BELOW = re.compile(br"""(?:""" + _WORDS + br""")["'\\]{0,4}\s{0,4}[:=]\s*$""", re.IGNORECASE)
# `X=` without a blank is how a shell and an environment write that there is no value.
_EMPTY = re.compile(br"(?:\bexport\s+|^\++\s+|^)[A-Z_][A-Z0-9_]*=$")
# The name of a flag that ends its line: the value is the next element of the list, or follows a backslash.
_FLAG_ABOVE = re.compile(br"""(?:^|[\s"'\[,])--?[\w\-]{0,40}(?:""" + _WORDS + br"""|(?:account|access|api|storage|shared)[_\-]?key)["'\\]{0,4}\s?[,\\`]?\s*$""",
                         re.IGNORECASE)
_NAME_ABOVE = re.compile(br"(?:" + OPENS + br"(?:name|key)" + CLOSES + br"""|(?<![a-z])(?:name|key)(?:""" + QUOTE + br""")?\s{0,4}[:=]\s{0,4}(?:""" + QUOTE + br""")?)[\w.\-:]{0,60}(?:""" + _WORDS
                         + br"""|[a-z][_\-]?key)[\w.\-]{0,40}(?:(?:""" + QUOTE + br""")?[,;]?|""" + OPENS + br"/\w{1,20}" + CLOSES + br")\s*$", re.IGNORECASE)
_VALUE_OF_NAME = re.compile(br"^\s*(?:" + OPENS + br"(?:value|string)" + CLOSES + br"""|(?:""" + QUOTE + br""")?value(?:""" + QUOTE + br""")?\s{0,4}[:=])\s*""", re.IGNORECASE)
_KEY_LINE = re.compile(br"""^\s*["']?[\w.\-]{1,60}["']?\s*[:=]|^\s*[\[\]#;{}]|^\s*$""")
_BLOCK_BELOW = re.compile(br"""^([ \t]*(?:- )?)["']?[\w.\-]{0,40}(?:""" + _WORDS + br""")[\w.\-]{0,40}["']?:\s*(?:!!?\w{1,10}\s*)?[|>][+\-\d]{0,2}\s*$""",
                          re.IGNORECASE)
_ELEMENT = re.compile(br"(" + OPENS + br")((?:[\w.\-]{0,30}:)?[\w.\-]{0,40}(?:password|passwd|customdata|userdata|protectedsettings|secret|auth-user-pass)[\w.\-]{0,40})"
                      br"(?:\s[^>\n]{0,300}?)?(?<!/)" + CLOSES, re.IGNORECASE)
_BRACKET = re.compile(br"""(?:""" + _WORDS + br""")[\w.\-]{0,40}["'\\]{0,4}\s{0,4}[:=]\s{0,4}([\[{][^\n]*)$""", re.IGNORECASE)
_STRING = re.compile(br""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_JSON_LINE = re.compile(br"""^[ \t]*["'{}\[\]]|^\s*$|^[ \t]*(?:true|false|null|-?\d+(?:\.\d+)?),?\s*$""")
_ACCOUNTS_BELOW = re.compile(br"^[ \t]*chpasswd:\s*$|\bchpasswd\b[^\n]{0,60}<<-?\s*[\\'\"]{0,2}\w+[\"']?\s*$|'random' passwords\s*$", re.IGNORECASE)
_ACCOUNT = re.compile(br"""^([ \t]*(?:- )?["']?[\w.\-]{1,64}:)(\S+)(\s*)$""")
_ACCOUNT_FRAME = re.compile(br"^[ \t]*(?:expire|list|users|type|name|- name|- \{)[^\n]*$|^[ \t]*\|\s*$")
_REG_HEX = re.compile(br"=hex(?:\([0-9a-f]+\))?:[^\n]*\\\s*$", re.IGNORECASE)
_REG_SECRET = re.compile(br'^"[^"]*(?:password|secret|passphrase|private_?key|accountkey|token)[^"]*"=', re.IGNORECASE)
_STAMP = re.compile(br"^\W{0,3}(?:\d{4}[\-/]\d\d[\-/]\d\d[ T][\d:.,]*Z?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)")
_BLOB_END = re.compile(br"MI[G-L][A-Za-z0-9+/]{40,}\s*$")
# Where to look for a beginning that no rule is anchored at.
ANCHORS = ((b"'random' pass", b""), (b"---- begin", b""), (b"chpasswd", br"[^\n]{0,60}<<"), (b"ansible_vault", b""), (b"stringdata:", br"\s"), (b"kind: secret", br"\s"), (b"00000", br"0{0,3}:?\s{1,2}[0-9a-f]{2}"),
           (b"privateexponent", br":\s*[\r\n]"), (b"auth-user-pass>", b"")) + tables.ANCHORS
_HEX_BELOW = re.compile(br"^\s*(?:privateExponent|prime[12]|exponent[12]|coefficient|priv):$|-----BEGIN OpenVPN Static key", re.IGNORECASE)
_KIND_SECRET = re.compile(br"^\s*kind:\s*Secret$")
_MAPPED = re.compile(br"""^([ \t]*["']?[\w.\-]{1,100}["']?:[ ]+["']?)([^\s"'|>][^\r\n]*?)(["']?\s*)$""")
_NEAR = 3


def opened(line):
    """The state that takes the next lines, or None."""
    body = line.rstrip()
    last = body[-1:]
    if b"OpenVPN Static key" in body:
        return HexLines()
    if b"--" in body and _BEGIN.search(body) and not END.search(body, [match.end() for match in _BEGIN.finditer(body)][-1]):
        return Pem()
    if last == b"\\" and _REG_HEX.search(line):
        return RegHex(bool(_REG_SECRET.match(line)))
    if (last in (b":", b"s") or b"<<" in body) and _ACCOUNTS_BELOW.search(body):
        return Accounts()
    if last in (b":", b"=") and _VALUE_BELOW.search(body) and not _EMPTY.search(body):
        return ValueBelow()
    if b"-" in body and _FLAG_ABOVE.search(body):
        return ValueBelow()
    if (b"ame" in body or b"ey" in body or b"AME" in body) and _NAME_ABOVE.search(body):
        return NamedBelow()
    if b"|" in body[-3:] or b">" in body[-3:]:
        block = _BLOCK_BELOW.match(line)
        if block:
            return Block(len(block.group(1).expandtabs()))
    if last in (b"{", b"[", b","):
        bracket = _BRACKET.search(body)
        depth = _depth(bracket.group(1)) if bracket else 0
        if depth > 0:
            return Brackets(depth)
    if body.startswith(b"$ANSIBLE_VAULT;") or _HEX_BELOW.search(body):
        return HexLines()
    if _KIND_SECRET.match(body):
        return SecretOfKubernetes()
    if body.endswith(b"stringData:"):
        return Mapping(len(body) - len(body.lstrip()))
    if DUMP.match(body):
        return Dump()
    table = tables.heading(line)
    if table:
        return table
    if b"MI" in body and _BLOB_END.search(body):
        return Base64()
    if b"<" in body or b"&" in body or b"u003" in body:
        return _open_element(line)
    return None


def _open_element(line):
    for element in _ELEMENT.finditer(line):
        ending = re.compile(OPENS + br"\\{0,3}/" + re.escape(element.group(2)), re.IGNORECASE)
        if not ending.search(line, element.end()):
            return Element(ending)
    return None


class ValueBelow(State):
    """The key ends its line, the value stands on the next, unless that is another key: then the value was empty."""

    def _mask(self, masker, line):
        self.over = True
        if _KEY_LINE.match(line):
            return masker.line(line)
        return masker.whole(line, "secret")


class NamedBelow(State):
    """A name that tells of a secret; its value stands on one of the next lines, among other properties."""

    def _mask(self, masker, line):
        value = _VALUE_OF_NAME.match(line)
        self.over = bool(value) or self.seen > _NEAR
        if not value or not line[value.end():].strip():
            return masker.line(line)
        return line[:value.end()] + masker.whole(line[value.end():], "secret")


class RegHex(State):
    """A registry value in hexadecimal over several lines; held back until it is whole, and then looked into."""

    def __init__(self, secret):
        self._secret, self._lines = secret, []

    def _mask(self, masker, line):
        self._lines.append(line)
        if line.rstrip().endswith(b"\\"):
            return b""
        self.over = True
        return self.rest(masker)

    def first(self, line):
        """Take the line that opened it as well."""
        self._lines.append(line)

    def rest(self, masker):
        lines, self._lines = self._lines, []
        if not lines:
            return b""
        name, _, value = lines[0].partition(b"=")
        digits = value.partition(b":")[2] + b"".join(lines[1:])
        if not self._secret and not masker.holds_secret(hidden.from_reg_hex(digits)):
            return b"".join(lines)
        return name + b"=" + masker.whole(value, "secret") + b"".join(masker.whole(line, "secret") for line in lines[1:])


class Mapping(State):
    """The data of a Secret of Kubernetes in plain text: what every key below is set to."""

    def __init__(self, indent):
        self._indent = indent

    def _mask(self, masker, line):
        pair = _MAPPED.match(line)
        if not pair or len(line) - len(line.lstrip()) <= self._indent:
            self.over = True
            return masker.line(line)
        return pair.group(1) + masker.tag("secret", pair.group(2)) + pair.group(3)


class SecretOfKubernetes(State):
    """Below `kind: Secret`: its data, until the document ends."""

    def __init__(self):
        self._data = None

    def _mask(self, masker, line):
        if self._data:
            masked = self._data.mask(masker, line)
            if not self._data.over:
                return masked
        self._data = None
        self.over = self.seen > 60 or line.startswith((b"---", b"kind:")) or not line.strip()
        if line.strip() in (b"data:", b"stringData:"):
            self._data = Mapping(len(line) - len(line.lstrip()))
        return masker.plain(line)


class Element(State):
    """Inside an XML element that is closed on a later line."""

    def __init__(self, ending):
        self._ending = ending

    def _mask(self, masker, line):
        end = self._ending.search(line)
        stamp = _STAMP.match(line)
        if not end and stamp and len(line[stamp.end():].split()) > 1 and line[stamp.end():].lstrip()[:1] != b"<":
            self.over = True
            return masker.line(line)
        if not end:
            return masker.whole(line, "secret")
        self.over = True
        return masker.whole(line[:end.start()], "secret") + masker.line(line[end.start():])


class Brackets(State):
    """Inside an object or a list in JSON that stands below a telling key."""

    def __init__(self, depth):
        self._depth = depth

    def _mask(self, masker, line):
        if not _JSON_LINE.match(line):
            self.over = True
            return masker.line(line)
        self._depth += _depth(line)
        self.over = self._depth <= 0
        if not line.strip(b" \t\r\n,{}[]"):
            return line
        return masker.whole(line, "secret")


class Block(State):
    """A block text of YAML: all lines that are indented deeper than its key."""

    def __init__(self, indent):
        self._indent = indent

    def _mask(self, masker, line):
        expanded = line.expandtabs()
        if line.strip() and len(expanded) - len(expanded.lstrip()) <= self._indent:
            self.over = True
            return masker.line(line)
        return masker.whole(line, "secret")


class Accounts(State):
    """`name:password` lines as cloud-init's chpasswd takes and prints them."""

    def _mask(self, masker, line):
        if _ACCOUNT_FRAME.match(line):
            return masker.plain(line)
        account = _ACCOUNT.match(line)
        if not account:
            self.over = True
            return masker.line(line)
        return account.group(1) + masker.tag("password", account.group(2)) + account.group(3)


def _depth(text):
    text = _STRING.sub(b"", text)
    return text.count(b"{") + text.count(b"[") - text.count(b"}") - text.count(b"]")
