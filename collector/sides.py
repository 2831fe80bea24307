"""A name that tells of a secret, and the secret beside it: in pairs, attributes, statements of databases, sentences."""

import re

from collector.rules import CLOSES, END, INSIDE, OPENS, PASSWORD, QUOTE, QUOTED_OR_BARE, WRAPPED, Rule, telling
from collector.views import as_keys

_WORD = (br"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|authtok|(?:access|account|api|app|auth|client|encryption|master|primary|private|secondary|shared|signing|storage|secret)"
         br"[_\-.]?key)(?!s?[_\-.]?(?:files?|path|type|length|policy|name|url|uri|id\b|expir))")
NAME = br"[\w.\-:]{0,60}" + _WORD + br"[\w.\-]{0,20}"
# The words that these rules are looked for by, where a quote or a bracket ends the name, as in a list.
_LISTED = br"[\w.\-]{0,20}(?:\\*[\"']|&\w{1,4};)?\]?\s?(?:,|=>|\}|\)|&gt;|>|/>|\"|'|<|&lt;|\\u003c)"
_IN_PAIRS = [(word, _LISTED) for word in (b"pass", b"pwd", b"secret", b"token")] + [(b"key", br"(?:\\{0,15}[\"']|<|&(?:lt|quot))")]
_NOT_A_SECRET = br"(?!-|(?:publickey|keyboard-interactive|gssapi[\w\-]*|hostbased|user(?:name)?|email|login|none|null|name|password|token|secret|required|optional)[\"'\\])"
_DUMPED = [PASSWORD] + [(word, br"\w{0,20}[:=][^\s:=]{1,100} [^\n]{0,200}[})]") for word in (b"secret", b"passwd", b"token")]
_PASS = [telling(b"pass")]
_SAID = [PASSWORD, (b"passphrase", br"\s(?!for\s|from\s)[^\s:=]{6}")]
_QUOTED = [PASSWORD, (b"passphrase", br"(?:\s{1,4}\(?|\()n?\\{0,7}[\"']")]
# What follows the word in a sentence, and is no password.
_NO_PASSWORD = br"""(?!(?:for|from|of|in|on|is|was|are|has|have|had|been|to|and|or|not|no|the|a|an|by|with|at|that|this|as|if|does|did|do|will|can|cannot|could|must|may|should
    |auth\w*|based|file\w*|check\w*|chang\w*|expir\w*|reset\w*|polic\w*|required?|login\w*|prompt\w*|attempts?|hash\w*|fail\w*|incorrect|invalid|wrong|accepted|rejected|success\w*
    |(?:un)?encrypted|protected|protection|manager|management|database|store\w*|entry|entries|field|fields|length|age|provided|supplied|given|specified|set|updated|unchanged|mismatch|verification
    |requests?|information|dialog\w*|word|words|logon|only|using|sufficient|requisite|include|substack|server|service|script|quality|complexity|history|rotation|generation|hint|again|credential\w*|access
    |option\w*|parameter\w*|value|values|used|use|when|which|because|but|before|after|via|over|until|unless|has|key|keys|token\w*|string|type|types|method|methods|aging|recovery|cracker|hasher
    |disabled|enabled|locked|unlocked|empty|blank|missing|denied|unknown|error\w*|dialogue|daemon|agent|helper|plugin|module|provider|vault|safe|wallet|grant|flow|sync\w*|hashes|writeback|filter|settings?)\b)"""


def rules():
    """Pairs and attributes in either order, SQL, sentences."""
    for rule in _pairs():
        yield rule
    for rule in _attributes():
        yield rule
    for rule in _sql():
        yield rule
    for rule in _sentences():
        yield rule


def dumps():
    """{User:bob Password:two words Host:h} and Config(user=bob, password=two words, port=1); tried before other rules."""
    # what Go and Java print of an object: up to the next name, or the bracket that ends it
    yield Rule(b"secret", _DUMPED, br"(?:\{|\s)\w{0,40}" + _WORD + br"\w{0,20}:(?![\s/])(?P<v>[^\s{}\[\]\"'][^\n{}]{0,200}?)(?=[ ][A-Z]\w{0,40}:|\})")
    yield Rule(b"secret", _DUMPED, br"[(,]\s?\w{0,40}" + _WORD + br"\w{0,20}=(?P<v>[^\s()\[\]{}\"',][^\n()\[\]{}]{0,200}?)(?=,[ ]\w{1,40}=|\)(?:[\s,;]|\Z))")


def _pairs():
    """('password', 'x'), define('X_PASSWORD', 'x'), {password, "x"}, "a" -> "b"."""
    yield Rule(b"secret", _IN_PAIRS, br"[(\[{,]\s?(?P<k>" + QUOTE + br"|(?<=\{))[\w.\-:/ ]{0,60}?" + _WORD + br"[\w.\-]{0,20}(?P=k)\s?,\s?" + WRAPPED + br"(?=[ubr]{0,2}(?:\\{0,15}[\"']|&))"
               br"[ubr]{0,2}(?P<q>" + QUOTE + br")" + _NOT_A_SECRET + br"(?P<v>" + INSIDE + br")" + END)
    yield Rule(b"secret", [(b"->", br"\s\\{0,3}\"")], br"(?:" + _WORD + br")\w{0,40}\"?\s{1,40}[=:]\s\\{0,3}\"[^\"\n]{0,300}\"\s->\s(?P<q>\\{0,3}\")(?P<v>" + INSIDE + br")" + END)


def _attributes():
    """name="x" ... value="y" in either order, <property name="x">y</property>, {"type": "SecureString", "value": "y"}."""
    named = br"(?<![a-z])(?:name|key|id|parametername)" + QUOTE + br"?\s{0,4}[:=]\s{0,4}(?:" + QUOTE + br")?" + NAME + br"(?:" + QUOTE + br")?"
    valued = br"(?<![a-z])value" + QUOTE + br"?\s{0,4}[:=]\s{0,4}"
    where = [(b"value", br"(?:\\*[\"']|&\w{1,4};)?\s{0,4}[:=]")]
    yield Rule(b"secret", where, named + br"(?=[\s,;])[^\n{}<>]{0,120}?" + valued + QUOTED_OR_BARE)
    yield Rule(b"secret", where, valued + br"(?P<q>" + QUOTE + br")(?P<v>" + INSIDE + br")" + END + br"[,;\s]{1,6}(?:" + QUOTE + br")?" + named)
    yield Rule(b"secret", [(b"secure", br"(?:string|object)")], br"secure(?:string|object)" + QUOTE + br"[,\s]{1,6}" + QUOTE + br"(?:value|defaultvalue)" + QUOTE + br"\s?:\s?" + QUOTED_OR_BARE)
    yield Rule(b"secret", [(b"secure", br"(?:string|object)")], QUOTE + br"(?:value|defaultvalue)" + QUOTE + br"\s?:\s?(?P<q>" + QUOTE + br")(?P<v>" + INSIDE + br")" + END
               + br"[,\s]{1,6}" + QUOTE + br"type" + QUOTE + br"\s?:\s?" + QUOTE + br"secure(?:string|object)")
    yield Rule(b"secret", _IN_PAIRS, OPENS + br"[\w:.\-]{1,40}\s[^<>\n]{0,200}?(?:name|key|id|parameter)\s?=\s?" + QUOTE + NAME + QUOTE + br"[^<>\n]{0,100}?(?<!/)" + CLOSES
               + br"(?:\s{0,8}" + OPENS + br"(?:value|string)" + CLOSES + br")?(?P<v>[^\n<&]{1,2000}?)" + OPENS + br"/")
    yield Rule(b"secret", _IN_PAIRS, OPENS + br"(?:name|key)" + CLOSES + NAME + OPENS + br"/\w{1,20}" + CLOSES + br"\s{0,8}" + OPENS + br"(?:value|string)" + CLOSES
               + br"(?P<v>[^\n]*?)(?:" + OPENS + br"/|(?=[\r\n]|\Z))")


def _sql():
    """PASSWORD 'x', PASSWORD('x'), IDENTIFIED BY x, and the values that an INSERT gives to its columns."""
    quoted = br"N?(?P<q>\\{0,7}[\"'])(?!(?P=q))(?P<v>" + INSIDE + br"(?:" + END + br"(?P=q)" + INSIDE + br")*)" + END
    yield Rule(b"password", _QUOTED, br"(?:password|passphrase)(?:\s{1,4}\(?|\()" + quoted)
    yield Rule(b"password", [b"identified"], br"identified\s+(?:with\s+[\w\"']{1,60}\s+)?(?:by|as)\s+(?:values\s+|password\s+|random\s+password\b)?(?:" + quoted
               + br"|(?!values\b|password\b|random\b|\[masked)(?P<w>[^\s\"';,]{3,}))")
    yield Rule(b"password", [b"insert into", b"replace into"], br"(?:insert|replace)\s+into\s+(?P<v>[^\n()]{1,200}\([^()\n]{1,2000}\)\s*values\s*\([^\n]{1,8000})", view=as_keys)
    yield Rule(b"password-hash", [b"scram-sha-"], br"(?P<v>SCRAM-SHA-\d{1,3}\$\d{1,7}:[A-Za-z0-9+/=]{8,}\$[A-Za-z0-9+/=]{8,}:[A-Za-z0-9+/=]{8,})")


def _sentences():
    """What programs say of passwords, with the password."""
    yield Rule(b"password", _PASS, br"""(?:set|generated?|new|temporary|initial|created|changed|reset|default|random|one-time|auto-?generated|root|admin)\b[^\n:=]{0,60}?
        \b(?:password|passphrase)s?\b(?:[ ][^\n:=]{1,80})?:[ ]{1,4}["']?(?!\[masked)""" + _NO_PASSWORD + br"""(?P<v>[^\s"',]{6,})["']?[ \t]*(?=[\r\n]|\Z)""")
    yield Rule(b"password", _PASS, br"(?:password|passphrase)\b[^\n:=]{1,60}\bgenerated\b[^\n:=]{0,60}:[ ](?P<v>\S{6,})[ \t]*(?=[\r\n]|\Z)")
    yield Rule(b"password", [(b"password for", br"\s[\w.\-]{1,64}@[\w.\-]{1,100}:\s")], br"password[ ]for[ ][\w.\-]{1,64}@[\w.\-]{1,100}:[ ]" + _NO_PASSWORD + br"(?P<v>\S{6,})[ \t]*(?=[\r\n]|\Z)")
    yield Rule(b"password", _SAID, br"""\b(?:with|using|trying|user(?:name)?[ ]\S{1,64})[ ](?:the[ ])?password[ ](?:is[ ])?(?!\[masked|["'])""" + _NO_PASSWORD + br"""(?P<v>[^\s"',;:()\[]{6,})(?=[\s,;.]|\Z)""")
    yield Rule(b"password", [(b"pwd ", br"[\"\w]\S*\d")], br"\bpwd[ ]\"?(?P<v>(?=[^\s\"']{0,60}\d)(?=[^\s\"']{0,60}[A-Za-z])[^\s\"'=:/\\]{8,})(?=[\s\",;]|\Z)")
    yield Rule(b"password", _PASS, br"(?:pass(?:word|phrase)?|password[ ]is|password[ ](?:is|was))(?:[ ](?:is|was|set[ ]to))[ ]{0,2}:[ ]{0,4}[\"']?" + _NO_PASSWORD + br"(?P<v>[^\s\"']{4,})")
    yield Rule(b"secret", [(b"seed", br"\s[a-z0-9]{16}")], br"\bseed\s(?P<v>[A-Z2-7]{16,}|[A-Z0-9]{20,})", re.VERBOSE)
    yield Rule(b"userinfo", [(b"user:pass", br"(?:word)?\s")], br"user:pass(?:word)?\s(?!\[masked)(?P<v>[a-z_][\w.\-]{0,63}:[^\s@:/]{6,200})(?=@[\w.\-]+|\s|\Z)")
