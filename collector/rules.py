"""What a rule is: where to look for a secret, how it looks, and the pieces that its pattern is made of.

A rule is tried only on lines that hold one of its anchors: a literal, and after it a short pattern that tells a secret's
surroundings from ordinary words. Anchors are searched in lower case. The pattern names the secret itself `v`, `w` or `o`;
everything around it stays. All patterns work on bytes, are bounded where they repeat, and never cross a line.
"""

import re

# A quote as it stands in JSON, in JSON inside JSON (\" and \\\"), in XML (escaped again inside XML), in Python's repr and in a URL.
QUOTE = (br"""(?:\\{0,63}(?:["']|&(?:amp;){0,3}(?:quot|apos|\#(?:34|39|x2[27]));)|\\{1,8}u002[27]"""
         br"""|(?:%(?:25){0,3}5c){0,3}%(?:25){0,3}2[27])""")
# A word begins, also behind a line feed or a tab that is spelt out.
WORD = br"(?:\b|(?<=\\[nrt]))"
EQUALS = br"(?:=|%(?:25){0,3}3d|\\{1,4}u003d|\\{1,4}x3d|&equals;|&\#(?:61|x3d);)"
SEPARATOR = br"(?:[=\-]>|:=|:|\xef\xbc\x9a|%(?:25){0,3}3a|\\{1,4}u003a|" + EQUALS + br")"
# A character that JSON, XML or a URL has spelt out, but none that ends a value there.
ESCAPED = br"(?:\\{1,4}u00(?!26|22|27|3[cCeE])[0-9a-fA-F]{2}|&\#(?!38;|34;|39;|60;|62;)x?[0-9a-fA-F]{1,4};|\\{1,4}/)"
OPENS = br"(?:<|&(?:amp;){0,3}(?:lt|\#(?:60|x3c));|\\{1,4}u003c|%(?:25){0,3}3c)"
CLOSES = br"(?:>|&(?:amp;){0,3}(?:gt|\#(?:62|x3e));|\\{1,4}u003e|%(?:25){0,3}3e)"
# A value without quotes: up to a blank, or to a character after which another key or the end of the sentence follows.
BARE = br"""(?!masked:)(?:[^\s"'<>,;&|)}\]\\]
    |\\+(?!["'\\])
    |[,;](?![\w.\-"']{1,40}\s?[:=]|[\s,;"']|\Z)
    |&(?!(?:amp;)?[\w.\-]{0,40}[=;]|\#x?\w{1,4};|\s|\Z)
    |[|)}\]>](?=[^\s"'<>,;&|)}\]])
    |(?<=[\w!@\#$%^*+.\-])["'](?=[A-Za-z0-9])|<(?!/|\w{1,10}\s?/?>)(?=\w))+"""
_BRACES = br"\{[^{}\n]*(?:\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}[^{}\n]*)*\}"
_BRACKETS = br"\[[^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*\]"
# The quote that ends what `q` began: not one with a backslash before it, unless that is the second of a pair.
END = br"""(?:(?<!\\)|(?:(?<=[^\\]\\\\)|(?<=[^\\]\\\\\\\\))(?=["']))(?P=q)"""
UNQUOTE = br"(?:" + END + br"|(?=[\r\n]|\Z))"
# What a quoted value may begin with; where quotes are doubled (CSV) or tripled (TOML, Python), all of them.
_QUOTES = br"""(?:\"{3}|'{3}|""(?=[\w!@\#$*+.~\-])|""" + QUOTE + br")"
# Between the quotes: also two of them in a row, which stand for one (SQL, YAML, PowerShell), and what a shell writes for one.
INSIDE = br"""[^\n\\"'&%]*(?:(?!""" + END + br""")[\\"'&%][^\n\\"'&%]*)*"""
QUOTED = br"[ubnr]{0,2}(?P<q>" + _QUOTES + br")(?P<v>" + INSIDE + br"(?:" + END + br"""(?:(?P=q)|"'"'|\\'')""" + INSIDE + br")*)" + UNQUOTE
# A value inside of something: Some("x"), (string) (len=1) "x", string(1) "x", <<"x">>.
WRAPPED = br"""(?:(?:\((?:string|len=\d{1,5}|\*?[\w.]{1,30})\)[ ]?){1,3}(?=\\{0,7}["'])|string\(\d{1,5}\)[ ]|(?:Some|Just|Ok|String|Secret\w{0,20}|str|bytes)?\((?=\\{0,7}["'])|<<(?=")
    |!!?\w{1,10}[ ]|&\w{1,20}[ ])?"""
QUOTED_OR_BARE = (br"(?:" + QUOTED +
                  br"|(?P<o>" + _BRACES + br"|" + _BRACKETS + br"|[{\[][^\n]*)"
                  br"|(?P<w>hex(?:\([0-9a-f]{1,8}\))?:[^\r\n]*|" + BARE + br"))")
# After a telling key: within reach, something that sets a value off.
VALUE_IS_NEAR = br"[^\n]{0,60}?(?:[:=>%&]|u003|\xef\xbc\x9a)"
# "password" without a colon: a quote, a value, the end of a cell behind it. "Failed password for root" is the most frequent line of
# many a log, and must not be looked at.
PASSWORD = (b"password", br"(?:(?:\s{1,4}\(?|\()n?\\{0,7}[\"']|\s(?!for\s|from\s|authentication)(?:is\s|\d\s)?[^\s:=]{6}|[ \t]+\S+[ \t]*(?:[\r\n]|\Z)"
            br"|s?[\"'`]?[ \t]{0,40}(?:[|,;\t\r\n]|[ ]{2})|\w{0,20}[:=][^\s:=]{1,100} [^\n]{0,200}[})])")
# What may follow the word in columns: a type of the registry, or a value that ends its line.
_COLUMNS = br"""[\w.\-]{0,20}[ \t|]{1,40}(?:reg_[a-z_]{2,10}[ \t]|["']?[^\s"']{8,}[ \t|"']*(?:[\r\n]|\Z))"""
VERBOSE = re.IGNORECASE | re.VERBOSE


class Rule(object):
    """One class of secrets.

    kind     what the mark in its place will say, as in [masked:KIND:3f2a91]
    anchors  literals in lower case, or pairs of a literal and the pattern that has to follow it
    pattern  finds the secret in a line
    decode   for what is packed: turns the value into bytes that are searched in turn, or None when it is nothing of the sort;
             such a value is masked only if a secret is found in it
    encode   the reverse, if what was found can be masked inside
    view     for what is spelt in another way: reads the value as plain text, as views.py tells
    """

    __slots__ = ("kind", "anchors", "pattern", "decode", "encode", "view")

    def __init__(self, kind, anchors, pattern, flags=VERBOSE, decode=None, encode=None, view=None):
        self.kind = kind.decode("ascii")
        self.anchors = tuple(anchor if isinstance(anchor, tuple) else (anchor, b"") for anchor in anchors)
        self.pattern = re.compile(pattern, flags)
        self.decode, self.encode, self.view = decode, encode, view


def telling(word, before=b""):
    """The anchor of a telling word: a value is near, or the word is the name of a flag or the first column. `before` narrows it."""
    flag = b"|".join(b"(?<=" + char + word + b")" for char in (b"-", b"/", b"[a-z]", b"_"))
    return (word, before + br"(?:" + VALUE_IS_NEAR + br"|(?:" + flag + br")(?:word|wd|phrase|-data)?[\"'\s,\x00]|" + _COLUMNS + br")")
