"""What a secret looks like in the logs, settings and exports of an Azure VM.

A rule is tried only on lines that hold one of its literals (lower case), so that masking costs little more than searching.
Its pattern names the secret itself `v`, `w` or `o`; everything around it stays. All patterns work on bytes, are bounded
where they repeat, and never cross a line.
"""

import re

# A quote as it stands in JSON, in JSON inside JSON (\" and \\\"), in XML attributes and in Python's repr.
_QUOTE = br"""(?:\\{0,7}["']|&quot;|&\#34;|&apos;|&\#39;|\\{1,4}u002[27])"""
_ESCAPED = br"""(?:\\{1,4}u00(?!26|22|27|3[cCeE])[0-9a-fA-F]{2}|&\#x?[0-9a-fA-F]{1,4};|\\{1,4}/)"""

_KEYWORDS = (
    (b"protected-settings", br"protectedsettings(?!certthumbprint)"),
    (b"object", br"objectstr"),
    (b"password", br"pass(?:word|wd|phrase)|\bpwd|admin_?pass\b"),
    (b"key", br"(?:account|access|primary|secondary|workspace|storage|api|private|shared|bootstrap|validation|decryption)[_\- ]?key"
             br"(?!name|type|path|file|url)|wep-key\d?|\bpsk|_psk|accesskeyvalue"),
    (b"secret", br"secret(?!s?/)"),
    (b"connection", br"connection[_\-]?string|credstring|cred_string"),
    (b"token", br"(?:sas|access|refresh|id|auth|snapshot|task|security|session)_?token"),
    (b"provisioning", br"custom_?-?data(?!base)|user_?-?data(?!base)"),
    (b"disk-encryption", br"diskencryptionsettings"),
)
_LITERALS = {
    b"protected-settings": [b"protectedsettings"],
    b"object": [b"objectstr"],
    b"password": [b"password", b"passwd", b"passphrase", b"pwd", b"adminpass", b"admin_pass"],
    b"key": [b"key", b"psk"],
    b"secret": [b"secret"],
    b"connection": [b"connectionstring", b"connection_string", b"connection-string", b"credstring", b"cred_string"],
    b"token": [b"token"],
    b"provisioning": [b"customdata", b"custom_data", b"custom-data", b"userdata", b"user_data", b"user-data"],
    b"disk-encryption": [b"diskencryptionsettings"],
}
# Words that mean something only with a value behind them.
KEY_LITERALS = frozenset(literal for literals in _LITERALS.values() for literal in literals)


class Rule(object):
    """One class of secrets: the kind that its tag shows, literals one of which a line must hold, and the pattern.

    A rule that has no literal names a `scan` instead: a cheap pattern, beginning with a fixed character, of which every line in
    question holds a match.
    """

    __slots__ = ("kind", "literals", "pattern", "scan")

    def __init__(self, kind, literals, pattern, flags=re.IGNORECASE, scan=None):
        self.kind, self.literals = kind.decode("ascii"), tuple(literals)
        self.pattern = re.compile(pattern, flags)
        self.scan = re.compile(scan) if scan else None


def _keyed(kind, keyword):
    """`key: value` and `key=value`, quoted or bare; a bare value that begins its line runs to the end of the line."""
    return Rule(kind, _LITERALS[kind], br"""
        (?<!masked:)(?:""" + keyword + br""")[\w.\-]{0,40}(?:""" + _QUOTE + br""")?[ \t]{0,8}(?:=>|[:=]|%3[ad])[ \t]{0,8}[ub]?
        (?:(?P<q>""" + _QUOTE + br""")(?P<v>[^\n]*?)(?:(?<!\\)(?P=q)|(?=[\r\n]|\Z))
          |(?P<o>\{[^{}\n]*\}|\[[^\[\]\n]*\]|[{][^\n]*)
          |(?P<w>hex(?:\([0-9a-f]{1,8}\))?:[^\r\n]*|(?!masked:)[^\s"'<>,;&|\)\}]+))""", re.IGNORECASE | re.VERBOSE)


def _line_keyed(kind, keyword):
    """`key = everything to the end of the line`, as in .conf and .ini files."""
    return Rule(kind, _LITERALS[kind], br"""
        ^[ \t]{0,20}[\w.\-]{0,40}(?:""" + keyword + br""")[\w.\-]{0,40}[ \t]{0,8}[:=][ \t]{0,8}(?P<w>[^"'\s\[{][^\r\n]*)""",
                re.IGNORECASE | re.VERBOSE)


def _element(kind, keyword):
    """`<Element attributes>value</Element>`, also with its angle brackets escaped."""
    return Rule(kind, _LITERALS[kind], br"""
        (?:<|&lt;)(?P<n>(?:[\w.\-]{0,30}:)?[\w.\-]{0,40}(?:""" + keyword + br""")[\w.\-]{0,40})(?:\s(?:(?!&gt;)[^>\n])*?)?(?<!/)(?:>|&gt;)
        (?P<v>[^\n]*?)(?:(?:</|&lt;/)(?P=n)|(?=[\r\n]|\Z))""", re.IGNORECASE | re.VERBOSE)


def _rules():
    yield Rule(b"pem", [b"-----begin"], br"-----BEGIN [A-Z0-9 ]{3,40}-----(?P<v>[^\n]*?)(?=-----END|[\r\n]|\Z)")
    for kind, keyword in _KEYWORDS:
        yield _element(kind, keyword)
        if kind not in (b"protected-settings", b"object", b"disk-encryption", b"key", b"token"):
            yield _line_keyed(kind, keyword)
        yield _keyed(kind, keyword)
    yield Rule(b"sas", [b"sig=", b"sig%3d", b"sig%253d", b"u003d"], br"""
        (?:(?<![A-Za-z0-9_])|(?<=%26)|(?<=%2526)|(?<=u0026))sig(?:=|%3d|%253d|\\{1,4}u003d)
        (?P<v>(?:(?!%26|%2526)[A-Za-z0-9%+/=_.~\-]|""" + _ESCAPED + br""")+)""", re.IGNORECASE | re.VERBOSE)
    yield Rule(b"token", [b"bearer", b"sharedkey", b"basic "],
               br"""\b(?:bearer|sharedkey(?:lite)?(?:[ ][\w\-]{1,60}:)|basic)[ :"'\\]{1,6}(?P<v>[A-Za-z0-9+/=_.~\-]{8,})""")
    yield Rule(b"token", [b"authorization", b"cookie"],
               br"""(?:x-ms-)?(?:authorization|(?:set-)?cookie)['"\\]{0,4}[ ]?[:=][ ]?['"\\]{0,4}(?P<w>(?!bearer|sharedkey|basic)[^\r\n"'\\]{8,})""")
    yield Rule(b"token", [b"token"], br"""
        \btoken(?:""" + _QUOTE + br""")?[ ]{0,3}[:=][ ]{0,3}(?:""" + _QUOTE + br""")?(?P<v>[A-Za-z0-9+/=_.~%\-]{12,})""",
               re.IGNORECASE | re.VERBOSE)
    yield Rule(b"userinfo", [b"@"], br"""://(?P<v>[^\s/@"'<>]{1,200}:[^\s"'<>/]{0,300}|[^\s/@:"'<>]{16,300})@""")
    yield Rule(b"userinfo", [b"proxy"], br"""[=;"'](?P<v>[^\s/@"'<>;=:\\]{1,100}:[^\s@"'<>/]{1,200})@[\w.\-]{1,200}:\d{2,5}""")
    yield Rule(b"token", [b"eyj"], br"""(?P<v>eyJ[A-Za-z0-9_\-]{10,8192}\.[A-Za-z0-9_\-]{10,16384}(?:\.[A-Za-z0-9_\-]{0,16384})?)""", 0)
    yield Rule(b"blob", [b"eyj"], br"""(?P<v>eyJ[A-Za-z0-9+/_\-]{100,}={0,2})""", 0)
    yield Rule(b"blob", [b"mii"], br"""(?P<v>MII(?:[A-Za-z0-9+/=]|\\{1,4}[rn/]|""" + _ESCAPED + br"""){90,})""", re.VERBOSE)
    yield Rule(b"key", [b"=="], br"""(?<![A-Za-z0-9+/=])(?P<v>[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])""", 0)
    yield Rule(b"command", [b"commandtoexecute", b"script"], br"""
        (?:commandtoexecute|(?<=["'])script)(?:""" + _QUOTE + br""")?[ ]{0,4}[:=][ ]{0,4}[ub]?
        (?:(?P<q>""" + _QUOTE + br""")(?!\w{1,20}(?P=q))(?P<v>[^\n]*?)(?:(?<!\\)(?P=q)|(?=[\r\n]|\Z))|(?P<w>[^\s"'\\][^\r\n]*[ ][^\r\n]*))""",
               re.IGNORECASE | re.VERBOSE)
    yield Rule(b"password", [b"password", b"passwd", b"passphrase", b"pwd", b"-pass ", b"/pass:", b"-pw ", b"/p:", b"token", b"secret", b"key"], br"""
        (?:(?<=\s)|(?<=["'])|^)(?:--?|/)(?:password|passwd|passphrase|pass|pwd|pw|p:|token|secret|account-key|api-key|client-secret|sas-token)
        (?:[ =:]|(?<=:)){1,3}(?P<q>["']?)(?P<v>[^\s"']+)(?P=q)""", re.IGNORECASE | re.VERBOSE)
    yield Rule(b"password", [b" -p "],
               br"""[ ]-p[ ](?!ipv6|[\-/\d%.])(?P<v>(?=\S{0,200}[A-Za-z])(?=\S{0,200}[\d!@\#$^*])[^\s"']{6,})""", re.VERBOSE)
    yield Rule(b"password-hash", [b"$"], br"""(?P<v>\$(?:1|2[abxy]?|5|6|7|y|gy)\$[./A-Za-z0-9$=,]{20,})""", 0)
    yield Rule(b"recovery-key", [], br"""(?<![\d\-])(?P<v>\d{6}(?:-\d{6}){7})(?![\d\-])""", 0,
               br"-\d{6}-\d{6}-")
    yield Rule(b"licence", [], br"""(?<![A-Z0-9\-])(?P<v>(?=[A-Z0-9\-]*[A-Z])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})(?![A-Z0-9\-])""", 0,
               br"-[A-Z0-9]{5}-[A-Z0-9]{5}-")
    yield Rule(b"vault", [b".vault."],
               br"""https?://[\w\-]{1,60}\.vault\.[\w.\-]{1,60}(?::\d{1,5})?/(?P<v>(?:keys|secrets|certificates)/[^\s"'<>\\,;]+)""")


RULES = tuple(_rules())

# Values behind a telling key that are no secrets: switches, and what somebody else masked already.
HARMLESS = re.compile(br"""^(?:y|n|yes|no|on|off|true|false|none|null|nil|\d{1,2}|\{\}|\[\]|\*+|<null>|x+|X+|<SAS_SIGNATURE>
    |\W{0,4}\[?masked:[^\r\n]*|\W{0,9}redacted\W{0,9}|amd64|i386|arm64|noarch|any|all|\*SENSITIVE\*DATA\*DELETED\*)$""", re.IGNORECASE | re.VERBOSE)

# A line that holds nothing but base64 is the inside of a key, a certificate or an encrypted setting.
LONE_BASE64 = re.compile(br"(?m)^[ \t]*[A-Za-z0-9+/]{60,}={0,2}[ \t\r]*$")
LONE_BASE64_SCAN = re.compile(br"\n[ \t]*[A-Za-z0-9+/]{60}")
ONLY_HEX = re.compile(br"^[0-9A-Fa-f]+$")
