"""Secrets on command lines: in lists of processes, in logs of what was executed, in audit records and histories."""

import re

from collector.rules import QUOTE, VERBOSE, WORD, Rule

# Between a flag and its value: a blank, also between the elements of a list (Python, JSON) and of an audit record (a1="..." a2="...").
_XML_QUOTE = br"&(?:amp;){0,3}(?:quot|apos|\#(?:34|39|x2[27]));"
_GAP = br"""(?:(?:"|""" + _XML_QUOTE + br""")[ ]a\d{1,3}=|["']?(?:[ \t]{1,4}|\x00)|[=:]|""" + QUOTE + br",[ ]?)"
# A character of a value without quotes: not the end of an element or of a quoted word in XML.
_BARE = br"""(?:(?!""" + _XML_QUOTE + br"""|&(?:amp;){0,3}[lg]t;)[^\s"'\\])"""
_WORD = _BARE + br"""+(?:\\+(?!["'])""" + _BARE + br"+)*"
# In quotes, where they end, it may hold blanks.
_VALUE = (br"""(?:(?P<q>\\{0,7}["']|""" + _XML_QUOTE + br""")(?![\-\[])(?P<v>[^\n]{1,300}?)(?<![\\])(?P=q)"""
          br"""|(?:\\{0,7}["']?|""" + _XML_QUOTE + br""")(?![\-\[])(?P<w>""" + _WORD + br"))")
_LOOSE = br"""(?:[ =]{0,2}|(?:["']|""" + _XML_QUOTE + br""")(?:,?[ ]|[ ]a\d{1,3}=))(?:["']|""" + _XML_QUOTE + br")?"
_BEGIN = br"""(?:^|[\s"'=(\[,;\x00])"""
_SECRET_FLAG = (br"(?:password|passwd|passphrase|pass|pwd|pw|secret|token|credential|sas"
                br"|(?:account|access|api|subscription|workspace|storage|shared|private|activation)[_\-]?key(?:-?data)?)")
# Programs that take a password after -p, -P, -w or -a; many others mean something else by these letters.
_P_APART = br"(?:sshpass|docker|podman|nerdctl|az|psexec\w*|smbpasswd|useradd|usermod|htpasswd|mongo\w*|plink|pscp|winrs|rclone|helm|oc|hdbsql|pcs|fence_\w+)"
_P_ATTACHED = br"(?:mysql\w*|mariadb[\w\-]*|7z\w?|sshpass|unzip|zip|rar)"
_CAPITAL_P = br"(?:sqlcmd|bcp|osql|isql|ipmitool|sqsh|unzip|zip)"
# Programs that read a password from their standard input.
_READERS = br"chpasswd|kinit|passwd|sudo[ ]+-\w*S|su\b|smbpasswd|cryptsetup|openssl|docker|podman|az\b|realm\b|adcli"
_WITHIN = br"(?:[^|;\n]|(?<=quot);|(?<=apos);){0,300}?"


def rules(*telling):
    """The rules for command lines; `telling` are the anchors of telling words."""
    flag = list(telling) + [(b"-p", br"w[\s\"',=:]"), b"/p:", b"/pw:", b"credential", b"--sas"]
    yield Rule(b"password", flag, _BEGIN + br"--?[\w\-]{0,40}?" + _SECRET_FLAG + _GAP + br"(?!pass:|env:|file:|fd:|stdin\b)" + _VALUE)
    yield Rule(b"password", flag, _BEGIN + br"/(?:p|" + _SECRET_FLAG + br"):" + _VALUE)
    yield Rule(b"password", [b"/rp "], WORD + br"schtasks\b" + _WITHIN + br"/rp\s+" + _VALUE)
    yield Rule(b"password", list(telling[:1]), br"(?:-passin|-passout|-password|-pass)\s+pass:(?P<v>[^\s\"']+)")
    small_p = [(b"-p", br"""(?<=[\s"'\[,]-p)(?!\s(?:tcp|udp|icmp|all)\b)[^\n]""")]
    no_port = br"""(?!(?:[\d.]+:)?\d{1,5}(?::\d{1,5})?(?:/\w+)?(?:[\s"']|$))"""
    yield Rule(b"password", small_p, WORD + _P_APART + br"\b" + _WITHIN + br"""[\s"']-p""" + _GAP + no_port + _VALUE)
    yield Rule(b"password", small_p, WORD + _P_ATTACHED + br"\b" + _WITHIN + br"""[\s"']-p(?!ass)(?P<v>[^\s"'\-=][^\s"']*)""", 0)
    yield Rule(b"password", small_p, WORD + _CAPITAL_P + br"\b" + _WITHIN + br"""\s-P[ ]?["']?(?P<v>[^\s"'\-][^\s"']*)""", 0)
    yield Rule(b"password", small_p, br"""
        [ ]-p[ ](?!ipv6|[\-/\d%.])(?P<q>["']?)(?P<v>(?=\S{0,200}[A-Za-z])(?=\S{0,200}[\d!@\#$^*])[^\s"']{6,})""")
    yield Rule(b"password", [(b"ldap", br"\w{3,10}\s"), b"redis-cli"],
               WORD + br"(?:ldap\w+\b" + _WITHIN + br"\s-w|redis-cli\b" + _WITHIN + br"\s-a)[ ]?" + _VALUE)
    yield Rule(b"userinfo", [b"curl", b"proxy-user"], WORD + br"(?:curl\b" + _WITHIN + br"""[\s"';](?:-[A-Za-z]{0,8}[uUx]|--user|--proxy)|(?<=--)proxy-user)"""
               + _LOOSE + br"""(?!\d+:\d+\b|\[masked|\w+://)(?P<v>[^\s"':@]*:(?!\d{1,5}(?:[\s/"']|$))(?:(?!@)""" + _BARE + br")+)")
    yield Rule(b"token", [b"curl"], WORD + br"curl\b" + _WITHIN + br"""\s(?:-b|--cookie)[ =]?["']?(?P<v>[\w.\-]+=[^\r\n"']+?)(?=["']|\s|$)""")
    yield Rule(b"key", [(b"key", br"[ =\"',]{1,4}[a-z0-9+/=_\-]{12}")], br"""
        (?:^|[\s"'])--?(?:\w{1,30}[_\-])?key""" + _GAP + br"""["']?(?![/.~\-])(?P<v>[A-Za-z0-9+/=_\-]{12,})""")
    yield Rule(b"password", [(b" -u ", br"\S{1,100}%")], br"""[ ]-U\s["']?[\w.\\/@\-]+%(?P<v>[^\s"']+)""", VERBOSE & ~re.IGNORECASE)
    yield Rule(b"password", [(b"net", br"1?(?:\.exe)?\s{1,4}use")],
               WORD + br"""net1?(?:\.exe)?\s+user\s+(?:"[^"\n]*"|\S+)\s+(?P<v>(?!/)\S+)
               |""" + WORD + br"""net(?:\.exe)?\s+use\s[^\n]{0,80}?\\\\\S+\s+(?:/\S+\s+){0,4}(?P<w>(?![/*])\S+)""")
    yield Rule(b"password", [b"netdom"], WORD + br"netdom\b" + _WITHIN + br"/p(?:d|o|assword[do]):" + _VALUE)
    here = br"(?:<|&(?:amp;){0,3}lt;|\\u003c){3}"
    yield Rule(b"password", [b"<<<", (b"lt;", br"&(?:amp;){0,3}lt;&"), (b"\\u003c", br"\\u003c")], WORD + br"(?:" + _READERS + br")\b[^|;\n<&]{0,200}" + here
               + br"""\s*(?:\\{0,7}["']|""" + _XML_QUOTE + br""")?(?:[\w.\-]{1,64}:)?(?P<v>(?:(?!\|)""" + _BARE + br")+)")
    yield Rule(b"password", [(b"|", br"\s?(?:sudo\s)?(?:\S{1,40}/)?(?:" + _READERS.lower() + br")")], br"""
        (?:echo|printf)\s+(?:-\w\s+)?["']?(?:[\w.\-]{1,64}:)?(?P<v>[^\s"'|]+)["']?\s*
        \|\s*(?:sudo\s+)?(?:\S{1,40}/)?(?:""" + _READERS + br")")
    yield Rule(b"password", [b"sp_addlogin", b"sp_password"], WORD + br"sp_(?:addlogin|password)\s+(?P<w>[^\r\n]+)")
    yield Rule(b"password", [b"mysqladmin"], WORD + br"mysqladmin\b" + _WITHIN + br"""\spassword\s+["']?(?P<v>[^\s"']+)""")
    yield Rule(b"secret", [b"secret set"], WORD + br"secret[ ]set\b" + _WITHIN + br"--value" + _GAP + _VALUE)
    yield Rule(b"key", [b"omsadmin"], WORD + br"omsadmin\S*" + _WITHIN + br"\s-s" + _GAP + _VALUE)
    yield Rule(b"secret", [b"setx "], WORD + br"setx\s+\w{0,40}(?:pass|pwd|secret|token|key)\w{0,20}\s+" + _VALUE)
    yield Rule(b"password", [b"sqlplus"], WORD + br"sqlplus\b" + _WITHIN + br"""[\s"'=][\w.$\#]+/(?P<v>[^\s@"'/]+)(?=[@\s"']|$)""")
    yield Rule(b"password", [b"securestring"], br"""to-securestring(?:\s+-string)?\s+(?:\\{0,7}["'])?(?![$\-])(?P<v>[^\s"'\\]+)""")
    yield Rule(b"command", [b"powershell", b"pwsh", b"-enc"], br"""
        (?:powershell|pwsh|-enc)[^|\n]{0,200}?(?<=-)e(?:c|nc|ncodedcommand)?\s{1,4}["']?(?P<v>[A-Za-z0-9+/]{24,}={0,2})""")
