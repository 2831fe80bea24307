"""What a secret looks like in the logs, settings and exports of an Azure VM. Command lines: commandlines.py."""

import re

from collector import commandlines, hidden, issuers, powershell, services, shells, sides, views
from collector.kept import HARMLESS, NO_NAME, NO_QUOTE, NO_VALUE  # noqa: F401  (HARMLESS is looked for here)
from collector.rules import (CLOSES, EQUALS, ESCAPED, OPENS, QUOTE, QUOTED_OR_BARE, SEPARATOR, UNQUOTE, VALUE_IS_NEAR, VERBOSE, WORD, WRAPPED, Rule,
                             telling)

PASS, PWD, SECRET, TOKEN = telling(b"pass"), telling(b"pwd"), telling(b"secret"), telling(b"token")
PW = telling(b"pw", br"(?![a-z])")
A_KEY = telling(b"key", br"(?:(?<=[a-z]key)|(?<=[a-z][_\- ]key))")
_DATA = (b"data", br"(?:(?<=customdata)|(?<=custom[_\-]data)|(?<=userdata)|(?<=user[_\-]data))" + VALUE_IS_NEAR)
_STRING = (b"string", br"(?:(?<=connectionstring)|(?<=connection[_\-]string)|(?<=credstring)|(?<=cred_string))" + VALUE_IS_NEAR)
# kind, where to look, the keyword within a key such as "dbPassword", whether a line `key = words to its end` counts as well
_KEYWORDS = (
    (b"protected-settings", [(b"protectedsettings", VALUE_IS_NEAR)], br"protectedsettings(?!certthumbprint)", False),
    (b"object", [(b"objectstr", VALUE_IS_NEAR)], br"objectstr", False),
    (b"password", [PASS, PWD, PW],
     br"pass(?:word|wd|[ ]?phrase|code)|(?<!by)pass(?![a-z]|:\s+-)|pwd(?![a-z])|(?:(?<![a-z])|(?<=\\[nrt])|bind|root|user|admin|db)pw(?![a-z])", True),
    (b"key", [A_KEY, (b"psk", VALUE_IS_NEAR)],
     br"(?:account|access|primary|secondary|workspace|storage|api|private|shared|bootstrap|validation|decryption|encryption|subscription"
     br"|functions?|app(?:lication)?|hmac|aes|salt|sas|session|auth(?:entication)?|consumer|wrapping|customer|ingest\w{0,5}|join|crypt\w{0,6}|master|signing|registration|licen[sc]e|activation|product|instrumentation|symmetric|service|admin|deploy|client|wep)"
     br"[_\- ]?key(?!s?vault|id\b|[_\-]?(?:name|type|path|file|url|uri|size|usage|algorithm|length))|psk(?![a-z])|accesskeyvalue", False),
    (b"secret", [SECRET], br"secret(?!s?/|mem\b)", True),
    (b"connection", [_STRING, (b"credential", VALUE_IS_NEAR)], br"connection[_\-]?string|cred_?string|credentials?(?![a-z])", True),
    (b"provisioning", [_DATA], br"custom_?-?data(?!base)|user_?-?data(?!base)", True),
    (b"disk-encryption", [(b"diskencryption", VALUE_IS_NEAR)], br"diskencryptionsettings", False),
)


# Between a key and its value: the quote that ends the key, blanks (PowerShell pads them to a column), what sets it off.
_CLOSED = br"(?P<kq>(?:\"\"|" + QUOTE + br")\]?|\](?=[ ]?=>))?[ \t]{0,48}"


def _keyed(kind, anchors, keyword):
    """`key: value` and `key=value`, quoted or bare."""
    return Rule(kind, anchors, br"""(?<!masked:)(?:""" + keyword + br""")""" + NO_NAME + br"""[\w.\-]{0,40}""" + _CLOSED
                + SEPARATOR + br"""[ \t]{0,8}""" + WRAPPED + NO_VALUE + br"(?(kq)|" + NO_QUOTE + br")" + QUOTED_OR_BARE)


def _line_keyed(kind, anchors, keyword):
    """`key = everything to the end of the line`, as in .conf and .ini files."""
    return Rule(kind, anchors, br"""
        ^[ \t]{0,20}(?:(?:new|old|current|temporary|initial|enter|retype|the|your)[ ]){0,3}[\w.\-]{0,40}(?:""" + keyword + br""")""" + NO_NAME
                + br"""[\w.\-]{0,40}[ \t]{0,48}[:=][ \t]{0,8}""" + NO_VALUE + br"""(?P<w>[^"'\s\[{][^\r\n]*)""")


def _element(kind, anchors, keyword):
    """`<Element attributes>value</Element>`, also with its angle brackets escaped."""
    return Rule(kind, anchors, OPENS + br"(?P<n>(?:[\w.\-]{0,30}:)?[\w.\-]{0,40}(?:" + keyword + br")[\w.\-]{0,40})(?:\s(?:(?!"
                + CLOSES + br")[^>\n]){0,300}?)?(?<!/)" + CLOSES + br"(?P<v>[^\n]*?)(?:" + OPENS + br"\\{0,3}/(?P=n)|(?=[\r\n]|\Z))")


def _named(kind, anchors, keyword):
    """A name and its value side by side: {"name": "DB_PASSWORD", "value": "..."}, <add key="Password" value="..."/>."""
    return Rule(kind, anchors, br"(?<![a-z])(?:name|key)" + QUOTE + br"?\s{0,4}[:=]\s{0,4}" + QUOTE + br"[\w.\-:]{0,60}(?:" + keyword + br")[\w.\-]{0,40}"
                + QUOTE + br"[,\s]{0,6}" + QUOTE + br"?value" + QUOTE + br"?\s{0,4}[:=]\s{0,4}" + QUOTED_OR_BARE)


def _in_columns():
    """`DefaultPassword    REG_SZ    value` of `reg query`, and two words on a line of their own, as some .conf files have them."""
    key = (br"(?:" + b"|".join(word for kind, _, word, _ in _KEYWORDS if kind in (b"password", b"key", b"secret"))
           + br"|token(?!s?type))[\w.\-]{0,20}")
    anchors = [PASS, PW, A_KEY, SECRET, TOKEN]
    yield Rule(b"secret", anchors, key + br"[ \t]{1,20}REG_(?:(?:EXPAND_|MULTI_)?SZ|BINARY)[ \t]{1,20}(?P<w>[^\r\n]+)")
    yield Rule(b"secret", anchors, br"^[ \t|]{0,20}[\w.\-]{0,40}" + key + br"(?:[ \t]{1,40}|[ \t]{0,40}\|[ \t]{0,40})[\"']?(?![/\[])"
               br"(?P<w>(?=\S{0,200}\d)[^\s\"'|]{8,}|[^\s\"'|]{16,})[\"']?[ \t|]{0,40}(?=[\r\n]|\Z)")


def _by_key():
    for kind, anchors, keyword, to_the_end in _KEYWORDS:
        yield _element(kind, anchors, keyword)
        if to_the_end:
            yield _line_keyed(kind, anchors, keyword)
        if kind in (b"password", b"secret", b"key"):
            yield _named(kind, anchors, keyword)
        yield _keyed(kind, anchors, keyword)


def _tokens():
    token = [TOKEN]
    yield _named(b"token", token, br"token")
    yield _element(b"token", token, br"token(?!s?type)")
    yield Rule(b"token", token, br"(?<!publickey)(?<!public\skey\s)(?<!masked:)token(?!ized?|s?[_\-]?(?:type|endpoint|url|uri|length|count|expir|name))" + NO_NAME + br"[\w.\-]{0,40}(?:" + QUOTE
               + br"\]?|\](?=[ ]?=>))?[ \t]{0,48}" + SEPARATOR + br"[ \t]{0,8}" + WRAPPED + NO_VALUE + br"(?:[ubnr]{0,2}(?P<q>" + QUOTE + br")(?P<v>(?:(?!(?P=q))[^\n]){6,})"
               br"|(?!line\b|null|none|masked:|\[masked)(?P<w>[A-Za-z0-9+/=_.~%\-]{6,}))")
    yield Rule(b"token", [b"bearer", b"basic ", A_KEY], br"""
        \b(?:bearer|sharedkey(?:lite)?(?:[ ][\w\-]{1,60}(?=:))|basic)(?:[ :"'\\+]|%(?:25)?20){1,6}(?!(?:authorization(?:_uri)?|realm|resource|error|scope|service|claims)=)(?P<v>[A-Za-z0-9+/=_.~%\-]{8,})""")
    yield Rule(b"token", [(b"auth", br"""(?:\\{0,63}["']|&(?:amp;)*quot;)\s?:""")], br"(?:(?<=[\"'])|(?<=quot;))auth" + QUOTE + br"\s?:\s?" + QUOTE + br"""(?P<v>[A-Za-z0-9+/=]{12,})""")
    yield Rule(b"token", [A_KEY, (b"-auth", br"\\*[\"']?\s?[:=]"), (b"-api", br"\\*[\"']?\s?[:=]"), (b"aeg-sas-", br"(?:key|token)")],
               br"(?:x-[\w\-]{0,40}(?:auth|api|key)|aeg-sas-(?:key|token))\w{0,20}(?:" + QUOTE + br")?\s?[:=]\s?(?:" + QUOTE + br")?(?P<v>[\w+/=.~\-]{16,})")
    yield Rule(b"token", [(b"_auth", br"\s?[:=]"), (b"_session", br"\s?[:=]")], br"(?<![a-z])(?:[A-Z0-9]{2,30}|)_(?:auth|session)\s?[:=]\s?[\"']?(?!(?:none|basic|plain|login|digest|true|false)\b)(?P<v>[^\s\"']{6,})")
    yield Rule(b"userinfo", [(b"creds", br"[\"']?\s?[:=]"), (b"auth", br"[\"']?\s?[:=]\s?[\"']?[\w.\-@]{1,64}:"), (b"login=", br"\S+:")],
               br"(?:creds|(?:basic|cloud|http|proxy)?[_.\-]?auth|(?<![\w])login)[\"']?\s?[:=]\s?[\"']?(?!\[masked|\w+://|\w{1,20}:\d{1,5}\b)(?P<v>[\w.\-@]{1,64}:(?!//)[^\s\"',]{5,})")
    yield Rule(b"password", [(b"pin", br"\s?[:=]\s?\d{4}")], br"(?<![A-Za-z])PIN\s?[:=]\s?(?P<v>\d{4,12})(?!\d)", re.VERBOSE)
    yield Rule(b"token", [b"authorization", b"cookie", (b"identity", br"[_\-]header")],
               br"""(?:[\w\-]{0,40}authorization|(?:set-)?cookie|identity[_\-]header)(?:['"\\]{0,63}|""" + QUOTE + br""")[ ]?[:=][ ]?(?:['"\\]{0,63}|""" + QUOTE + br""")
               (?P<w>(?![ ]|bearer|sharedkey|basic)(?:[^\r\n"'\\]|(?<==)\\{0,3}"[^"\r\n]*"){4,})""")
    yield Rule(b"token", [b"eyj"], br"(?:(?<![A-Za-z0-9_\-])|(?<=%3[Dd])|(?<=u003[Dd]))"
                                   br"(?P<v>eyJ[A-Za-z0-9_\-]{10,65000}\.[A-Za-z0-9_\-]{10,65000}(?:\.[A-Za-z0-9_\-]{0,65000}){0,3})", 0)


def _sas():
    """The signature of a shared access signature; what it allows and until when stays, because an expired one is a cause."""
    where = [(b"sig", br"""(?:\s?[:=]|%(?:25){0,3}3d|\\+[ux](?:00)?3d|&(?:\#|equals)|(?:\\*["']|&(?:amp;)*quot;|%(?:25){0,3}22)\s?[:,])""")]
    sig = br"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt])|(?<=%26)|(?<=%2526)|(?<=%252526)|(?<=u0026)|(?<=x26))sig\s?"
    yield Rule(b"sas", where, sig + br"=\s?(?P<v>(?:[A-Za-z0-9%+/=_.~\-]|" + ESCAPED + br")+)")
    yield Rule(b"sas", where, sig + EQUALS + br"(?!\[)(?P<v>(?:(?!%(?:25){0,3}26|\\{1,4}x26)[A-Za-z0-9%+/=_.~\-]|" + ESCAPED + br")+)")
    yield Rule(b"sas", where, sig + br"""[:=]\s?(?:""" + QUOTE + br""")?(?P<v>[A-Za-z0-9%+/=_.~\-]{10,})""")
    yield Rule(b"sas", [b"signature="], br"[?&;](?:x-(?:amz|goog)-)?signature=(?P<v>[A-Za-z0-9%+/=_.~\-]{10,})")
    yield Rule(b"sas", where, br"(?P<k>" + QUOTE + br")sig(?P=k)\s?[:,]\s?" + QUOTED_OR_BARE)
    yield Rule(b"key", [b"azurewebsites."], br"[?&]code=(?P<v>[A-Za-z0-9%+/=_\-]{16,})")
    # what a browser brings back from a sign-in
    yield Rule(b"token", [(b"code=", br"[\w.~%\-]{20}")], br"[?&\s]code=(?P<v>(?=[\w.~%\-]{0,40}\d)(?=[\w.~%\-]{0,40}[A-Za-z])[\w.~%\-]{20,})")


def _hashes():
    """Hashes of passwords: crypt(3), shadow files, LDAP, dumps of Windows accounts."""
    kind, account = b"password-hash", [(b":", br"(?:[0-9a-f]{32}(?::::|:\[|\s*(?:[\r\n]|\Z))|\d{4,6}:\d{0,6}:\d{0,6}:\d{0,6}:)")]
    yield Rule(kind, [(b"$", br"[\dyg][abxy]?\$")], br"""(?P<v>\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|md5|sha1|argon2\w{1,2})\$[./A-Za-z0-9$=,+]{20,})""", re.VERBOSE)
    yield Rule(kind, [b"$apr1$", b"$argon2"], br"""(?P<v>\$(?:apr1|argon2\w{1,2})\$[./A-Za-z0-9$=,+]{20,})""", re.VERBOSE)
    yield Rule(kind, [(b"pbkdf2.sha", br"\d{1,3}\.")], br"pbkdf2\.sha\d{1,3}\.\d{1,8}\.(?P<v>[0-9A-F]{16,}\.[0-9A-F]{16,})")
    yield Rule(kind, account, br":(?P<v>[0-9a-fx]{32}:[0-9a-f]{32}):\[")
    yield Rule(kind, account, br"^[\w.@\-]{1,64}:[^:\r\n]{1,60}:(?P<v>[0-9a-f]{32})(?=\s*(?:[\r\n]|\Z))")
    yield Rule(kind, account, br"""(?:^|[\s'"])[a-z_][\w.\-]{0,31}:(?P<v>[^:\s*!]{2,200}):\d{4,6}:\d{0,6}:\d{0,6}:\d{0,6}:""")
    yield Rule(kind, account, br":(?P<v>[0-9a-f]{32}:[0-9a-f]{32}):::")
    yield Rule(kind, [(b"{", br"(?:s?sha|s?md5|crypt|pbkdf2)[\w\-]{0,10}\}")],
               br"(?P<v>\{(?:S?SHA|S?MD5|CRYPT|PBKDF2)[\w\-]{0,10}\}[A-Za-z0-9+/=.$]{8,})")


def _addresses():
    """User and password in front of a host."""
    user = br"""(?!\[masked)(?P<v>(?:(?!\\{1,4}u0040)[^\s/@"'<>:]){0,200}:[^\s"'<>/]{0,300}|[^\s/@:"'<>]{12,300})"""
    yield Rule(b"userinfo", [(b"://", br"""[^\s/@"'<>]{0,500}(?:@|u0040|&\#)"""), (b":\\/\\/", br"""[^\s/@"'<>]{0,500}@"""), b":\\u002f"],
               br":(?:/|\\{1,3}/|\\{1,4}u002f){2}" + user + br"(?:@|\\{1,4}u0040|&\#(?:64|x40);)(?=[\w\[.])")
    yield Rule(b"userinfo", [(b"%2f%2f", br"[^\s/]{0,500}%40")], br"""%3[a]%2f%2f(?!\[masked)(?P<v>(?:(?!%40|%3[a]|%2f)[^\s"'<>/]){0,200}%3[a]
        (?:(?!%2f)[^\s"'<>/]){0,300})%40(?=\w)""")
    yield Rule(b"userinfo", [(b"://", br"""[^\s/@:"'<>]{0,200}:(?!\d{1,5}/)[^\s"'<>@]{1,300}@""")],
               br"""://(?!\[masked)(?P<v>[^\s/@:"'<>]{0,200}:(?!\d{1,5}/)[^\s"'<>]{1,300})@(?=[\w.\-\[\]]{1,200}(?::\d{1,5})?(?:[/\s"'<>,;)\]]|$))""")
    yield Rule(b"userinfo", [(b"=", br"""["']?[\w.\-\\]{1,64}:[^\s@"'<>/]{1,200}@"""), (b"proxy", br"""[^\n]{0,80}?:[^\s@"'<>/]{1,200}@"""),
                             (b"@", br"[\w.\-]{1,100}:\d{2,5}(?!\d)")],
               br"""(?:^|[\s=;"'])(?!\w{1,10}://|mailto:|\[masked)(?P<v>[\w.\-\\]{1,64}:[^\s@"'<>/]{1,200})@
        [\w.\-]{1,200}(?::\d{2,5})?(?=[\s;"'/,]|$)""")


def _blobs():
    """Keys, certificates and packed settings that stand alone."""
    yield Rule(b"pem", [b"-----begin"], br"-----BEGIN[ ][A-Za-z0-9 ]{3,40}-----(?!(?:\\n)?[\"'](?![^\n]{0,300}?[A-Za-z0-9+/]{20}))(?P<v>[^\n]*?)(?=-----END|[\r\n]|\Z)")
    # the same with its blanks or dashes spelt out, as in URLs and XML
    yield Rule(b"pem", [(b"begin", br"(?:[ +]|%20)[^\n]{0,30}private(?:[ +]|%20)key")], br"""
        (?<!-----)BEGIN(?:[ +]|%20)(?:[A-Z0-9]{2,12}(?:[ +]|%20)){0,3}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?(?P<v>[^\n]*?)(?=END(?:[ +]|%20)|[\r\n]|\Z)
        |-----BEGIN(?:\+|%20)(?:[A-Z0-9]{2,12}(?:\+|%20)){0,3}PRIVATE(?:\+|%20)KEY(?P<w>[^\n]*?)(?=END(?:\+|%20)|[\r\n]|\Z)""")
    yield Rule(b"key", [(b"d>", br"[a-z0-9+/=]{8}"), (b"d&gt;", br"[a-z0-9+/=]{8}")],
               OPENS + br"(?:D|P|Q|DP|DQ|InverseQ)" + CLOSES + br"(?P<v>[A-Za-z0-9+/=]{8,})")
    yield Rule(b"key", [(b"kty", br"""(?:\\*["']|&quot;)""")], QUOTE + br"(?:d|p|q|dp|dq|qi|k)" + QUOTE + br"\s?:\s?" + QUOTE + br"""(?P<v>[\w\-+/=]{8,})""")
    yield Rule(b"key", [b"dm-crypt", (b"crypt ", br"[a-z0-9]{2,20}-"), b"volume key ", b"master key ", b"client_random", b"server_traffic", b"client_traffic"],
               br"(?:crypt\s[a-z0-9]{2,20}-[a-z0-9:\-]{2,60}\s|(?:volume|master)\skey:?\s(?:is\s)?|(?:CLIENT_RANDOM|(?:SERVER|CLIENT)_(?:HANDSHAKE_)?TRAFFIC_SECRET\w*)\s)(?:0x)?(?P<v>[0-9a-f]{32,}(?:[ ][0-9a-f]{32,})?)")
    yield Rule(b"blob", [b"01000000d08c9ddf"], br"(?P<v>01000000d08c9ddf[0-9a-f]{16,})")
    yield Rule(b"blob", [b"private-mac"], br"private-mac:\s(?P<v>[0-9a-f]{32,})")
    yield Rule(b"key", [(b"psk", br"[^\n]{0,60}hexdump")], br"hexdump\w*\(len=\d{1,4}\):\s(?!\[)(?P<w>[^\r\n]+)")
    yield Rule(b"public-key", [(b"aaaa", br"(?:b3nza|c3nza|e2vj)")], br"(?P<v>AAAA(?:B3Nza|C3Nza|E2Vj)[A-Za-z0-9+/=]{16,})", 0)
    yield Rule(b"key", [(b"key", br"[\"']?\s?[:=]\s?[\"']?[a-z0-9+/=_\-]{20}")], br"""
        (?<![\w\-])[Kk][Ee][Yy]["']?\s?[:=]\s?["']?(?P<v>(?=[^\s"']{0,99}[a-z])(?=[^\s"']{0,99}[A-Z])(?=[^\s"']{0,99}\d)[A-Za-z0-9+/=_\-]{20,})""", re.VERBOSE)
    yield Rule(b"blob", [b"eyj"], br"""(?P<v>eyJ[A-Za-z0-9+/_\-]{100,}={0,2})""", re.VERBOSE)
    yield Rule(b"blob", [(b"mi", br"[g-l][a-z0-9+/=\\&#;]{50}")], br"""
        (?<![A-Za-z0-9+/])(?P<v>MI[G-L](?:[A-Za-z0-9+/=]|\\{1,4}[rn/]|""" + ESCAPED + br"""){50,})""", re.VERBOSE)
    yield Rule(b"key", [(b"==", br"(?<=[a-z0-9+/]{8}==)")], br"""(?<![A-Za-z0-9+/])(?<!sha512-)(?!eJ)(?P<v>[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])""", re.VERBOSE)
    groups = [(b"-", br"[a-z0-9]{5,6}-[a-z0-9]{5,6}-")]
    yield Rule(b"recovery-key", groups, br"""(?<![\d\-])(?P<v>\d{6}(?:-\d{6}){7})(?![\d\-])""", re.VERBOSE)
    yield Rule(b"licence", groups,
               br"""(?<![A-Z0-9\-])(?P<v>(?=[A-Z0-9\-]*[A-Z])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})(?![A-Z0-9\-])""", re.VERBOSE)
    yield Rule(b"vault", [b".vault.", b".managedhsm."], br"""
        https?://[\w\-]{1,60}\.(?:vault|managedhsm)\.[\w.\-]{1,60}(?::\d{1,5})?/(?P<v>(?:keys|secrets|certificates)/[^\s"'<>\\,;]+)""")


def _scripts():
    """What other extensions were told to run, and secrets in the statements of databases and key files."""
    yield Rule(b"command", [(b"commandtoexecute", b""), (b"script", br"""(?:\\*["']|&quot;|&#|\\+u00|%22)""")],
               br"(?:commandtoexecute|(?:(?<=[\"'])|(?<=quot;)|(?<=u0022))script)(?:" + QUOTE + br")?[ ]{0,4}[:=][ ]{0,4}[ub]?(?:(?P<q>" + QUOTE
               + br""")(?!\w{1,20}(?P=q))(?P<v>[^\n]*?)""" + UNQUOTE + br"""|(?P<w>[^\s"'\\][^ \r\n]{0,2000}[ ][^\r\n]*))""")
    yield Rule(b"protected-settings", [b"exception decoding "],
               br"json[ ]exception[ ]decoding[ ](?:decrypted[ ]protected[ ]settings)?[ :,]{0,3}(?P<w>[{\[\"'\\b][^\r\n]*)")
    yield Rule(b"password", [b"kennwort", b"\xc3\xb1a", b"\xe5\xaf\x86\xe7", b"\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf", PASS],
               b"(?:kennwort|passwort|mot[ ]de[ ]passe|contrase(?:\xc3\xb1|\\\\u00f1)a|\xe5\xaf\x86\xe7(?:\xa0\x81|\xa2\xbc)|\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89)"
               br"""["']?\s?(?:[:=]|\xef\xbc\x9a)\s?["']?(?!\[masked)(?P<w>[^\s"'][^\r\n"']*)""")
    yield Rule(b"password", [(b"pass", br"word\s+(?:is|was|set)\s")],
               br"""password\s+(?:is|was|set[ ]to)\s+["']?(?P<v>(?=[^\s"']*[\d!@\#$%^&*])[^\s"']{4,})""")
    yield Rule(b"password", [(b"machine", br"\s+\S+\s+login\s"), (b"default", br"\s+login\s")], WORD + br"(?:machine\s+\S+|default)\s+login\s+\S+\s+password\s+(?P<v>\S+)")


RULES = (tuple(_hashes()) + tuple(sides.dumps()) + tuple(_by_key()) + tuple(_in_columns()) + tuple(_sas()) + tuple(_tokens()) + tuple(_addresses()) + tuple(_blobs()) + tuple(_scripts())
         + tuple(commandlines.rules(PASS, PWD, SECRET, TOKEN, A_KEY)) + tuple(shells.rules()) + tuple(powershell.rules()) + tuple(sides.rules())
         + tuple(services.rules()) + tuple(issuers.rules())
         + tuple(hidden.rules()) + tuple(views.rules()))
