"""Masks secrets in a stream of bytes, line by line, before anything of it is written.

The same secret gets the same tag, `[masked:sas:3f2a91]`, so that two places that name it can still be matched; the tag is a
keyed hash with a key that is thrown away after the run. The number of lines never changes.
"""

import binascii
import codecs
import hashlib
import hmac
import os
import re

from collector.names import keep_name, name_rules
from collector.secrets import HARMLESS, KEY_LITERALS, LONE_BASE64, LONE_BASE64_SCAN, ONLY_HEX, RULES

BLOCK = 256 * 1024
LONGEST_LINE = 1024 * 1024
_CUT_MARK = b"[the rest of a line of more than 1048576 bytes was left out]"
_BREAKS = re.compile(br"""[\s"'<>,;&]""")
_TOKEN = re.compile(br"[A-Za-z0-9+/=_\-]+(?=[\s\"'\\<]*$)")
_WIDE_RUN = re.compile(br"(?:[\x09\x20-\x7e]\x00){6,}")
_VALUE_FOLLOWS = re.compile(br"""(?:protectedsettings|objectstr|password|passwd|accountkey|connectionstring|customdata|secret)["'\\]{0,4}\s{0,4}[:=]\s*$""",
                            re.IGNORECASE)
_HEX_CONTINUES = re.compile(br"=\s*hex(?:\([0-9a-f]+\))?:.*\\\s*$", re.IGNORECASE)
_SECRET_VALUE_NAME = re.compile(br'^"[^"]*(?:password|secret|passphrase|private_?key|accountkey)[^"]*"=', re.IGNORECASE)
_UNFINISHED_ELEMENT = re.compile(br"<((?:[\w.\-]{0,30}:)?[\w.\-]{0,40}(?:password|passwd|customdata|userdata|protectedsettings|secret)[\w.\-]{0,40})"
                                 br"(?:\s[^>\n]*?)?(?<!/)>((?!.*</\1)[^\n]*)$", re.IGNORECASE)
_VALUE_IS_NEAR = re.compile(br"[^\n]{0,80}?[:=>%]|[^\n]{0,20}u003d")
_MAX_PEM_LINES = 400


class Redactor(object):
    """The masking of one run: one key, one count for each kind of secret. `mode` is "secrets" or "secrets+names"."""

    def __init__(self, mode="secrets", hostname="", key=None):
        self.mode, self.counts = mode, {}
        self._key = key or os.urandom(16)
        self.rules = RULES + (name_rules(hostname) if mode == "secrets+names" else ())
        self._scanned = [rule for rule in self.rules if rule.scan]
        self._by_literal = {}
        for rule in self.rules:
            for literal in rule.literals:
                self._by_literal.setdefault(literal, []).append(rule)

    def stream(self):
        """A masker for one file or one command's output."""
        return Masker(self)

    def text(self, words):
        """Mask a short text."""
        masker = self.stream()
        return (masker.feed(words.encode("utf-8", "replace")) + masker.finish()).decode("utf-8", "replace")

    def tag(self, kind, secret):
        """The replacement for `secret`, the same for every spelling of it."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        digest = hmac.new(self._key, _plain(secret), hashlib.sha256).hexdigest()[:6]
        return ("[masked:%s:%s]" % (kind, digest)).encode("ascii")

    def hits(self, block):
        """[(start of line, rules to try on it)] for a block of whole lines, in order."""
        low, found = block.lower(), {}
        for literal, rules in self._by_literal.items():
            at, telling = low.find(literal), literal in KEY_LITERALS
            while at >= 0:
                if telling and not _VALUE_IS_NEAR.match(low, at) and low[at - 1:at] not in (b"-", b"/"):
                    at = low.find(literal, at + 1)
                    continue
                start = block.rfind(b"\n", 0, at) + 1
                found.setdefault(start, set()).update(rules)
                end = block.find(b"\n", at)
                if end < 0:
                    break
                at = low.find(literal, end)
        for rule in self._scanned:
            for match in rule.scan.finditer(block):
                found.setdefault(block.rfind(b"\n", 0, match.start()) + 1, set()).add(rule)
        for match in LONE_BASE64_SCAN.finditer(block):
            found.setdefault(match.start() + 1, set())
        if LONE_BASE64.match(block):
            found.setdefault(0, set())
        return sorted(found.items(), key=lambda pair: pair[0])


class Masker(object):
    """Masks one stream: feed() returns what is ready, finish() the rest. `count` is the number of maskings so far."""

    def __init__(self, redactor):
        self._redactor = redactor
        self._tail = b""
        self._decoder = self._encoding = None
        self._sniffed = False
        self._skipping_line = False
        self._inside = None
        self.count = 0
        self.bytes_left_out = 0

    def feed(self, data):
        if not self._sniffed:
            self._sniffed = True
            self._encoding = wide_encoding(data)
            if self._encoding:
                self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        if self._decoder:
            return self._widen(self._lines(self._decoder.decode(data).encode("utf-8", "replace")))
        return self._lines(data)

    def finish(self):
        rest = b""
        if self._decoder:
            self._tail += self._decoder.decode(b"", True).encode("utf-8", "replace")
        if self._tail:
            rest, self._tail = self._block(self._tail), b""
        return self._widen(rest)

    @property
    def encoding(self):
        """"utf-16-le", "utf-16-be" or None for anything else."""
        return self._encoding

    def _widen(self, data):
        return data.decode("utf-8", "replace").encode(self._encoding) if self._encoding else data

    def _lines(self, data):
        """Mask what of `data` forms whole lines; keep the last, unfinished one."""
        if self._skipping_line:
            end = data.find(b"\n")
            self.bytes_left_out += len(data) if end < 0 else end
            if end < 0:
                return b""
            data, self._skipping_line = data[end:], False
        data = self._tail + data
        end = data.rfind(b"\n") + 1
        self._tail = data[end:]
        done = [self._block(data[:end])] if end else []
        if len(self._tail) > LONGEST_LINE:
            done.append(self._cut_line())
        return b"".join(done)

    def _cut_line(self):
        """The head of an endless line, up to a place where no secret can be cut in two."""
        head = self._tail[:LONGEST_LINE]
        near = [match.start() for match in _BREAKS.finditer(head, len(head) - 8192)]
        head = head[:near[-1] if near else len(head) - 8192]
        self.bytes_left_out += len(self._tail) - len(head)
        self._tail, self._skipping_line = b"", True
        return self._block(head) + _CUT_MARK

    def _block(self, block):
        out, at, hits, index = [], 0, self._redactor.hits(block), 0
        if b"\0" in block:
            block = _WIDE_RUN.sub(self._wide_run, block)
            hits = self._redactor.hits(block)
        while at < len(block):
            if self._inside:
                end = _line_end(block, at)
                out.append(self._continued(block[at:end]))
                at = end
                continue
            while index < len(hits) and hits[index][0] < at:
                index += 1
            if index == len(hits):
                out.append(block[at:])
                break
            start, rules = hits[index]
            end = _line_end(block, start)
            out.append(block[at:start])
            out.append(self._line(block[start:end], rules))
            at = end
        return b"".join(out)

    def _wide_run(self, match):
        """UTF-16 text inside a file of bytes."""
        narrow = match.group(0)[::2]
        masked = self._line(narrow, self._redactor.rules)
        self._inside = None
        return b"".join(masked[i:i + 1] + b"\0" for i in range(len(masked)))

    def _line(self, line, rules):
        if LONE_BASE64.match(line) and not ONLY_HEX.match(line.strip()):
            self._inside = ("base64", 0)
            return self._whole(line, "blob")
        self._note_open_end(line)
        for rule in self._redactor.rules if len(rules) > 1 else rules:
            if rule in rules:
                line = rule.pattern.sub(lambda match, kind=rule.kind: self._replace(match, kind), line)
        return line

    def _replace(self, match, kind):
        groups = match.groupdict()
        for name in ("v", "w", "o"):
            value = groups.get(name)
            if value and not HARMLESS.match(value) and not keep_name(kind, value):
                start, end = match.start(name) - match.start(), match.end(name) - match.start()
                self.count += 1
                whole = match.group(0)
                return whole[:start] + self._redactor.tag(kind, value) + whole[end:]
        return match.group(0)

    def _whole(self, line, kind):
        """Mask everything on the line but its ends."""
        body = line.strip()
        if not body:
            return line
        self.count += 1
        start = line.index(body)
        return line[:start] + self._redactor.tag(kind, body) + line[start + len(body):]

    def _note_open_end(self, line):
        """Remember a secret that goes on in the next line."""
        body = line.rstrip()
        begin = line.upper().rfind(b"-----BEGIN ") if b"-----" in line else -1
        if begin >= 0 and line.upper().find(b"-----END", begin) < 0 and b"-----" in line[begin + 11:]:
            self._inside = ("pem", 0)
        elif body.endswith((b":", b"=")) and _VALUE_FOLLOWS.search(line):
            self._inside = ("value", 0)
        elif body.endswith(b"\\") and _SECRET_VALUE_NAME.match(line) and _HEX_CONTINUES.search(line):
            self._inside = ("hex", 0)
        elif b"<" in line:
            element = _UNFINISHED_ELEMENT.search(line.rstrip(b"\r\n"))
            if element:
                self._inside = ("element", element.group(1).lower())

    def _continued(self, line):
        """A line inside of something that began earlier."""
        state, detail = self._inside
        return getattr(self, "_inside_" + state)(line, detail)

    def _inside_pem(self, line, seen):
        end = line.upper().find(b"-----END")
        if end >= 0:
            self._inside = None
            head, rest = line[:end], line[end:]
            return self._last_token(head) + self._line(rest, self._redactor.rules)
        self._inside = ("pem", seen + 1) if seen < _MAX_PEM_LINES else None
        return self._last_token(line)

    def _last_token(self, line):
        """Mask the base64 that ends a line; what stands before it, such as a time stamp, stays."""
        body = line.rstrip(b"\r\n")
        match = _TOKEN.search(body)
        if not match:
            return self._line_again(line)
        self.count += 1
        return self._line_again(body[:match.start()]) + self._redactor.tag("pem", match.group(0)) + body[match.end():] + line[len(body):]

    def _line_again(self, line):
        inside, self._inside = self._inside, None
        line = self._line(line, self._redactor.rules)
        self._inside = inside
        return line

    def _inside_base64(self, line, _):
        body = line.strip()
        if LONE_BASE64.match(line) or (body and len(body) < 60 and re.match(br"^[A-Za-z0-9+/]+={0,2}$", body)):
            if not LONE_BASE64.match(line):
                self._inside = None
            return self._whole(line, "blob")
        self._inside = None
        return self._line(line, self._redactor.rules)

    def _inside_value(self, line, _):
        self._inside = None
        return self._whole(line, "secret")

    def _inside_hex(self, line, _):
        if not line.rstrip().endswith(b"\\"):
            self._inside = None
        return self._whole(line, "secret")

    def _inside_element(self, line, name):
        end = line.lower().find(b"</" + name)
        if end < 0:
            return self._whole(line, "secret")
        self._inside = None
        return self._whole(line[:end], "secret") + self._line(line[end:], self._redactor.rules)


def wide_encoding(sample):
    """"utf-16-le" or "utf-16-be" when `sample`, the beginning of a file, is UTF-16 with or without a mark; else None."""
    if sample.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if sample.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = sample[:4096]
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even, odd = sample[0:pairs * 2:2].count(b"\0"), sample[1:pairs * 2:2].count(b"\0")
    if odd > pairs * 0.4 and even < pairs * 0.1:
        return "utf-16-le"
    if even > pairs * 0.4 and odd < pairs * 0.1:
        return "utf-16-be"
    return None


def _line_end(block, at):
    end = block.find(b"\n", at)
    return len(block) if end < 0 else end + 1


def _plain(secret):
    """One spelling for the same secret: percent signs, JSON and XML escapes undone."""
    def unescape(match):
        return binascii.unhexlify(match.group(1))
    secret = re.sub(br"\\+u00([0-9a-fA-F]{2})", unescape, secret)
    secret = re.sub(br"%25([0-9a-fA-F]{2})", br"%\1", secret)
    secret = re.sub(br"%([0-9a-fA-F]{2})", unescape, secret)
    secret = re.sub(br"&#x([0-9a-fA-F]{2});", unescape, secret)
    return re.sub(br"\\+(?=[/\"'])", b"", secret).replace(b"&#43;", b"+").replace(b"&amp;", b"&").strip()
