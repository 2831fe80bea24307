"""Secrets on command lines: in lists of processes, in logs of what was executed, in audit records and histories."""

import re

from collector.rules import END, INSIDE, QUOTE, UNQUOTE, VERBOSE, WORD, Rule

# Between a flag and its value: a blank, also between the elements of a list (Python, JSON) and of an audit record (a1="..." a2="...").
_XML_QUOTE = br"&(?:amp;){0,3}(?:quot|apos|\#(?:34|39|x2[27]));"
GAP = br"""(?:(?:"|""" + _XML_QUOTE + br""")[ ]a\d{1,3}=|["']?(?:[ \t]{1,4}|\x00)|[=:]|""" + QUOTE + br",[ ]?)"
# A character of a value without quotes: not the end of an element or of a quoted word in XML. A quote between letters belongs to it.
_BARE = br"""(?:(?!""" + _XML_QUOTE + br"""|&(?:amp;){0,3}[lg]t;|</)[^\s"'\\]|(?<=[\w!@\#$%^*+.\-])["'](?=[A-Za-z0-9]))"""
_WORD = _BARE + br"""+(?:\\+(?!["'])""" + _BARE + br"+)*"
# In quotes, where they end, it may hold blanks, quotes of another kind, and begin like a flag or a variable.
_IN_QUOTES = br"(?P<v>" + INSIDE + br"(?:" + END + br"""(?:(?P=q)|"'"'|\\'')""" + INSIDE + br")*)" + UNQUOTE
VALUE = (br"""(?:(?P<q>\\{0,7}["']|""" + _XML_QUOTE + br""")(?!-(?:-\w|[A-Za-z]{1,2}(?P=q))|\[masked|(?P=q)|(?<=")\$(?:[{(]|[A-Za-z_]{1,40}(?P=q)))""" + _IN_QUOTES +
         br"""|(?:\\{0,7}["']?|""" + _XML_QUOTE + br""")(?![\-\[]|a\d{1,3}=["'&\\]|\$(?:[{(]|[A-Za-z_]{1,40}(?:[\s"';]|$))|`\s*$|<\(|\((?:convertto|get|read|new)-)(?P<w>""" + _WORD + br"))")
_LOOSE = br"""(?:[ =]{0,2}|(?:["']|""" + _XML_QUOTE + br""")(?:,?[ ]|[ ]a\d{1,3}=))(?:["']|""" + _XML_QUOTE + br")?"
_BEGIN = br"""(?:^|[\s"'=(\[,;\x00])"""
_SECRET_FLAG = (br"(?:password|passwd|passphrase|pass|pwd|pw|secret|token|credential|sas"
                br"|(?:account|access|api|subscription|workspace|storage|shared|private|activation)[_\-]?key(?:-?data)?)")
# Programs that take a password after -p, -P, -w or -a; many others mean something else by these letters.
_P_APART = br"(?:sshpass|certutil|docker|podman|nerdctl|az|psexec\w*|smbpasswd|useradd|usermod|htpasswd|mongo\w*|plink|pscp|winrs|rclone|helm|oc|hdbsql|pcs|fence_\w+)"
_P_ATTACHED = br"(?:mysql\w*|mariadb[\w\-]*|7z\w?|sshpass|unzip|zip|rar)"
_CAPITAL_P = br"(?:sqlcmd|bcp|osql|isql|ipmitool|sqsh|unzip|zip)"
# Programs that read a password from their standard input.
_READERS = br"chpasswd|kinit|passwd|vncpasswd|runas|sudo[ ]+-\w*S|su\b|smbpasswd|cryptsetup|openssl|docker|podman|az\b|realm\b|adcli"
WITHIN = br"(?:[^|;\n]|(?<=quot);|(?<=apos);){0,300}?"


def rules(*telling):
    """The rules for command lines; `telling` are the anchors of telling words."""
    flag = list(telling) + [(b"-pw", br"[\s\"',=:]"), b"/p:", b"/pw:", b"credential", b"--sas"]
    yield Rule(b"password", flag, _BEGIN + br"--?[\w\-]{0,40}?" + _SECRET_FLAG + GAP + br"(?!pass:|env:|file:|fd:|stdin\b)" + VALUE)
    yield Rule(b"password", flag, _BEGIN + br"/(?:p|" + _SECRET_FLAG + br"):" + VALUE)
    yield Rule(b"password", [b"/rp "], WORD + br"schtasks\b" + WITHIN + br"/rp\s+" + VALUE)
    yield Rule(b"password", list(telling[:1]), br"(?:-passin|-passout|-password|-pass)\s+pass:(?P<v>[^\s\"']+)")
    small_p = [(b"-p", br"""(?<=[\s"'\[,]-p)(?!\s(?:tcp|udp|icmp|all)\b)[^\n]""")]
    no_port = br"""(?!(?:[\d.]+:)?\d{1,5}(?::\d{1,5})?(?:/\w+)?(?:[\s"']|$))"""
    yield Rule(b"password", small_p, WORD + _P_APART + br"\b" + WITHIN + br"""[\s"']-p""" + GAP + no_port + VALUE)
    yield Rule(b"password", small_p, WORD + _P_ATTACHED + br"\b" + WITHIN + br"""[\s"']-p(?!ass)(?P<v>[^\s"'\-=][^\s"']*)""", 0)
    yield Rule(b"password", small_p, WORD + _CAPITAL_P + br"\b" + WITHIN + br"""\s-P[ ]?["']?(?P<v>[^\s"'\-][^\s"']*)""", 0)
    yield Rule(b"password", small_p, br"""
        [ ]-p[ ](?!ipv6|[\-/\d%.])(?P<q>["']?)(?P<v>(?=\S{0,200}[A-Za-z])(?=\S{0,200}[\d!@\#$^*])[^\s"']{6,})""")
    yield Rule(b"password", [(b"ldap", br"\w{3,10}\s"), b"redis-cli"],
               WORD + br"(?:ldap\w+\b" + WITHIN + br"\s-w|redis-cli\b" + WITHIN + br"\s-a)[ ]?" + VALUE)
    curl = WORD + br"(?:curl\b" + WITHIN + br"""[\s"';](?:-[A-Za-z]{0,8}[uU]|--user|--proxy-user|--cert|-E)|(?<=--)proxy-user|https?\s(?:\S+\s){0,4}?(?:-a|--auth))"""
    not_a_pair = br"(?!\d+:\d+\b|\[masked|\w+://|[A-Za-z]:[\\/])"
    for user in (curl + _LOOSE + not_a_pair + br"""(?P<v>(?:(?!\[masked)[^\s"':@])*:(?!\d{1,5}(?:[\s/"']|$))""" + _BARE + br"+)",
                 curl + br"""[ =]{0,2}(?P<q>["'])""" + not_a_pair + br"(?P<v>[^\s\"':@]*:" + INSIDE + br"(?:" + END + br"(?:\"'\"'|\\'')" + INSIDE + br")*)" + END,
                 curl + br"""[ =]{0,2}""" + not_a_pair + br"""(?P<v>[^\s"':@]*:(?:'[^'\n]*'(?:"'"'[^'\n]*')*|"(?:[^"\\\n]|\\.)*"))"""):
        yield Rule(b"userinfo", [b"curl", b"proxy-user", (b" -a ", br"[\w.\-]{1,64}:\S")], user)
    yield Rule(b"userinfo", [b"curl"], WORD + br"curl\b" + WITHIN + br"""[\s"';](?:-[A-Za-z]{0,8}x|--proxy)""" + _LOOSE
               + br"""(?!\d+:\d+\b|\[masked|\w+://)(?P<v>[^\s"':@]*:(?!\d{1,5}(?:[\s/"']|$))[^\s"'/]+)(?=@)""")
    yield Rule(b"token", [b"curl"], WORD + br"curl\b" + WITHIN + br"""\s(?:-b|--cookie)[ =]?["']?(?P<v>[\w.\-]+=[^\r\n"']+?)(?=["']|\s|$)""")
    yield Rule(b"key", [(b"key", br"[ =\"',]{1,4}[a-z0-9+/=_\-]{12}")], br"""
        (?:^|[\s"'])--?(?:\w{1,30}[_\-])?key""" + GAP + br"""["']?(?![/.~\-])(?P<v>[A-Za-z0-9+/=_\-]{12,})""")
    yield Rule(b"password", [(b" -u ", br"\S{1,100}%")], br"""[ ]-U\s["']?[\w.\\/@\-]+%(?P<v>[^\s"']+)""", VERBOSE & ~re.IGNORECASE)
    yield Rule(b"password", [(b"net", br"1?(?:\.exe)?[\"']?\s{1,4}use")],
               WORD + br"""net1?(?:\.exe)?["']?\s+user\s+(?:"[^"\n]*"|\S+)\s+(?!/)""" + VALUE)
    yield Rule(b"password", [(b"net", br"1?(?:\.exe)?[\"']?\s{1,4}use")],
               WORD + br"""net(?:\.exe)?["']?\s+use\s[^\n]{0,80}?\\\\\S+\s+(?:/\S+\s+){0,4}(?![/*])""" + VALUE)
    yield Rule(b"password", [b"netdom"], WORD + br"netdom\b" + WITHIN + br"/p(?:d|o|assword[do]):" + VALUE)
    here = br"(?:<|&(?:amp;){0,3}lt;|\\u003c){3}"
    yield Rule(b"password", [b"<<<", (b"lt;", br"&(?:amp;){0,3}lt;&"), (b"\\u003c", br"\\u003c")], WORD + br"(?:" + _READERS + br")\b[^|;\n<&]{0,200}" + here
               + br"""\s*(?:\\{0,7}["']|""" + _XML_QUOTE + br""")?(?:[\w.\-]{1,64}:)?(?P<v>(?:(?!\|)""" + _BARE + br")+)")
    piped = br"\s*\|\s*(?:sudo\s+)?(?:\S{1,40}/)?(?:" + _READERS + br")"
    anchor = [(b"|", br"\s?(?:sudo\s)?(?:\S{1,40}/)?(?:" + _READERS.lower() + br")")]
    said = br"(?:echo|printf)\s+(?:-\w\s+)?"
    yield Rule(b"password", anchor, said + br"(?P<q>[\"'])(?:[\w.\-]{1,64}:)?(?P<v>" + INSIDE + br"(?:" + END + br"(?:\"'\"'|\\'')" + INSIDE + br")*)" + END + piped)
    yield Rule(b"password", anchor, said + br"""["']?(?:[\w.\-]{1,64}:)?(?P<v>(?:(?!\[masked)[^\s"'|])+)["']?""" + piped)
    yield Rule(b"password", [b"sp_addlogin", b"sp_password"], WORD + br"sp_(?:addlogin|password)\s+(?P<w>[^\r\n]+)")
    yield Rule(b"password", [b"mysqladmin"], WORD + br"mysqladmin\b" + WITHIN + br"""\spassword\s+["']?(?P<v>[^\s"']+)""")
    yield Rule(b"secret", [b"secret set"], WORD + br"secret[ ]set\b" + WITHIN + br"--value" + GAP + VALUE)
    yield Rule(b"key", [b"omsadmin"], WORD + br"omsadmin\S*" + WITHIN + br"\s-s" + GAP + VALUE)
    yield Rule(b"command", [b"powershell", b"pwsh", b"-enc"], br"""
        (?:powershell|pwsh|-enc)[^|\n]{0,200}?(?<=-)e(?:c|nc|ncodedcommand)?\s{1,4}["']?(?P<v>[A-Za-z0-9+/]{24,}={0,2})""")
