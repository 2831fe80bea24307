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

from collector.finder import Finder, line_end
from collector.names import keep_name, name_rules
from collector.keyblocks import Base64, Dump, is_lone_base64
from collector.openends import RegHex, opened
from collector.secrets import HARMLESS, RULES
from collector.views import put_back, text_of
from collector.wide import NARROW_RUN, SAMPLE, WIDE_RUN, wide_encoding

BLOCK = 256 * 1024
LONGEST_LINE = 1024 * 1024
_CUT_MARK = b"[the rest of a line of more than 1048576 bytes was left out]"
_BREAKS = re.compile(br"""[\s"'<>,;&]""")
_NESTED = 2


class Redactor(object):
    """The masking of one run: one key, one count for each kind of secret. `mode` is "secrets" or "secrets+names"."""

    def __init__(self, mode="secrets", hostname="", key=None):
        self.mode, self.counts = mode, {}
        self._key = key or os.urandom(16)
        self.rules = RULES + (name_rules(hostname) if mode == "secrets+names" else ())
        self.hits = Finder(self.rules).hits

    def stream(self):
        """A masker for one file or one command's output."""
        return Masker(self)

    def text(self, words):
        """Mask a short text."""
        masker = self.stream()
        return (masker.feed(words.encode("utf-8", "replace")) + masker.finish()).decode("utf-8", "replace")

    def name(self, words):
        """Mask a name, such as that of a file, in which a secret stands."""
        return self.stream().plain(words.encode("utf-8", "replace")).decode("utf-8", "replace")

    def tag(self, kind, secret):
        """The replacement for `secret`, the same for every spelling of it."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        digest = hmac.new(self._key, _plain(secret), hashlib.sha256).hexdigest()[:6]
        return ("[masked:%s:%s]" % (kind, digest)).encode("ascii")


class Masker(object):
    """Masks one stream: feed() returns what is ready, finish() the rest. `count` is the number of maskings so far."""

    def __init__(self, redactor, depth=0, views=0):
        self._redactor, self._depth, self._views = redactor, depth, views
        self._head, self._sniffed = b"", False
        self._tail = self._ready = b""
        self._decoder = self._encoding = None
        self._skipping_line = self._mixed = False
        self._open = self._open_in_wide = None
        self.count = 0
        self.bytes_left_out = 0

    def feed(self, data):
        if not self._sniffed:
            self._head += data
            if len(self._head) < SAMPLE:
                return b""
            return self._sniff()
        ready, self._ready = self._ready, b""
        return ready + self._through(data)

    def _sniff(self):
        """Begin, now that enough is there to tell the encoding by, or nothing more comes."""
        head, self._head, self._sniffed = self._head, b"", True
        self._encoding = wide_encoding(head)
        if self._encoding:
            self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        return self._through(head)

    def _through(self, data):
        if self._decoder:
            return self._widen(self._lines(self._decoder.decode(data).encode("utf-8", "replace")))
        return self._lines(data)

    def finish(self):
        ready = self._ready if self._sniffed else self._sniff()
        rest = half = b""
        if self._decoder:
            half = self._decoder.getstate()[0]
        if self._tail:
            rest, self._tail = self._block(self._tail), b""
        if self._open:
            rest += self._open.rest(self)
        return ready + self._widen(rest) + half

    @property
    def encoding(self):
        """"utf-16-le", "utf-16-be" or None for anything else."""
        return self._encoding

    def _widen(self, data):
        """Back to the encoding of the file. Programs add narrow lines to wide files; those went through it undecoded."""
        if not self._encoding:
            return data
        data = data.decode("utf-8", "replace").encode(self._encoding)
        self._mixed = self._mixed or bool(NARROW_RUN.search(data))
        if self._mixed:
            data = NARROW_RUN.sub(lambda match: self.plain(match.group(0)), data)
            data = WIDE_RUN.sub(self._wide_run, data)
        return data

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

    def cut(self):
        """What follows is missing: of an unfinished line keep what ends where no secret can be cut in two."""
        if not self._sniffed:
            self._ready = self._sniff()
        self._tail = _whole_words(self._tail)

    def _cut_line(self):
        head = _whole_words(self._tail[:LONGEST_LINE])
        self.bytes_left_out += len(self._tail) - len(head)
        self._tail, self._skipping_line = b"", True
        return self._block(head) + _CUT_MARK

    def _block(self, block):
        if b"\0" in block:
            block = WIDE_RUN.sub(self._wide_run, block)
        out, at, hits, index = [], 0, self._redactor.hits(block), 0
        while at < len(block):
            if self._open:
                end = line_end(block, at)
                out.append(self._continued(block[at:end]))
                at = end
                continue
            while index < len(hits) and hits[index][0] < at:
                index += 1
            if index == len(hits):
                out.append(block[at:])
                break
            start, rules = hits[index]
            end = line_end(block, start)
            out.append(block[at:start])
            out.append(self.line(block[start:end], rules))
            at = end
        return b"".join(out)

    def _continued(self, line):
        """A line inside of something that began earlier."""
        state, self._open = self._open, None
        masked = state.mask(self, line)
        if not state.over:
            self._open = state
        return masked

    def _wide_run(self, match):
        """UTF-16 text inside a file of bytes; what is open there is open for the next such run."""
        narrow = match.group(0)[::2]
        outside, self._open = self._open, self._open_in_wide
        masked = self._continued(narrow) if self._open else self.line(narrow)
        self._open_in_wide, self._open = self._open, outside
        return b"".join(masked[i:i + 1] + b"\0" for i in range(len(masked)))

    def line(self, line, rules=None):
        """Mask one line, and remember a secret that goes on in the next."""
        if is_lone_base64(line):
            self._open = Base64()
            return self.whole(line, "blob")
        state = opened(line)
        if isinstance(state, (Dump, RegHex)):
            state.first(line)
            self._open = state
            return b""
        self._open = state
        return self.plain(line, rules)

    def plain(self, line, rules=None):
        """Mask one line that stands for itself. `rules` are those that may apply; by default they are looked for."""
        if rules is None:
            rules = self._rules_for(line)
        if len(rules) == 1:
            return self._apply(next(iter(rules)), line)
        for rule in self._redactor.rules if rules else ():
            if rule in rules:
                line = self._apply(rule, line)
        return line

    def tag(self, kind, secret):
        """A mark in place of `secret`; what is masked already stays."""
        if HARMLESS.match(secret):
            return secret
        self.count += 1
        return self._redactor.tag(kind, secret)

    def whole(self, line, kind):
        """Mask everything on the line but its ends."""
        body = line.strip()
        if not body:
            return line
        start = line.index(body)
        return line[:start] + self.tag(kind, body) + line[start + len(body):]

    def holds_secret(self, data):
        """Whether anything in `data`, some unpacked text, would be masked."""
        if self._depth >= _NESTED:
            return True
        counts = dict(self._redactor.counts)
        inner = Masker(self._redactor, self._depth + 1)
        inner.feed(data)
        inner.finish()
        self._redactor.counts.clear()
        self._redactor.counts.update(counts)
        return inner.count > 0

    def _rules_for(self, line):
        found = set()
        for _, rules in self._redactor.hits(line):
            found.update(rules)
        return found

    def _apply(self, rule, line):
        return rule.pattern.sub(lambda match: self._replace(match, rule), line)

    def _replace(self, match, rule):
        groups = match.groupdict()
        for name in ("v", "w", "o"):
            value = groups.get(name)
            if value and not HARMLESS.match(value) and not keep_name(rule.kind, value):
                start, end = match.start(name) - match.start(), match.end(name) - match.start()
                whole = match.group(0)
                hide = self._packed if rule.decode else self._seen if rule.view else self._tagged
                return whole[:start] + hide(rule, value) + whole[end:]
        return match.group(0)

    def _tagged(self, rule, value):
        return self.tag(rule.kind, value)

    def _seen(self, rule, value):
        """A value that is spelt in another way: what is masked in the text that it stands for is masked in it."""
        pieces = rule.view(value) if self._views < _NESTED else None
        if not pieces:
            return value
        inner = Masker(self._redactor, self._depth, self._views + 1)
        masked = inner.feed(text_of(pieces)) + inner.finish()
        if not inner.count:
            return value
        self.count += inner.count
        masked = put_back(value, pieces, masked)
        return self.tag(rule.kind, value) if masked is None else masked

    def _packed(self, rule, value):
        """A value that has to be opened to see whether it holds a secret."""
        text = rule.decode(value)
        if text is None or not self.holds_secret(text):
            return value
        if rule.encode is None:
            return self.tag(rule.kind, value)
        inner = Masker(self._redactor, self._depth + 1)
        text = inner.feed(text) + inner.finish()
        self.count += inner.count
        return rule.encode(text)


def _whole_words(line):
    """The beginning of a line that was cut, up to a place where no secret can be cut in two."""
    near = [match.start() for match in _BREAKS.finditer(line, max(0, len(line) - 8192))]
    return line[:near[-1] if near else max(0, len(line) - 8192)]


def _plain(secret):
    """One spelling for the same secret: percent signs, JSON and XML escapes undone."""
    def unescape(match):
        return binascii.unhexlify(match.group(1))
    secret = re.sub(br"\\{1,8}(?:u00|x)([0-9a-fA-F]{2})", unescape, secret)
    secret = re.sub(br"%25([0-9a-fA-F]{2})", br"%\1", secret)
    secret = re.sub(br"%([0-9a-fA-F]{2})", unescape, secret)
    secret = re.sub(br"&#x([0-9a-fA-F]{2});", unescape, secret)
    return re.sub(br"\\{1,8}(?=[/\"'])", b"", secret).replace(b"&#43;", b"+").replace(b"&amp;", b"&").strip()
