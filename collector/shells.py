"""Programs of Linux and of databases that take a secret as an argument, each in its own way; what shells show of them.

One row for a program: the word to look for, and all that stands before the value. In lists of arguments and in audit records the
same rows apply, because these are read as command lines (views.py).
"""

from collector.commandlines import GAP, VALUE, WITHIN
from collector.rules import WORD, Rule

_NAME = br"\S{0,60}(?:pass(?:word|wd|phrase)?|pwd|psk|secret|token|key|_auth|credential)[\w.\-]{0,40}"
_S = br"""["']?\s+"""
# (the words that tell, what stands before the value)
_PROGRAMS = (
    ((b"openssl",), br"openssl\s+passwd(?:\s+-salt\s+\S+|\s+-\w+)*\s+"),
    ((b"openssl",), br"openssl\s+(?:enc|aes\S*|des\S*)\b" + WITHIN + br"\s-[kK]" + GAP),
    ((b"htpasswd",), br"htpasswd\s+(?=(?:-\w+\s+){0,4}-\w*b)(?:(?:-\w+\s+){0,4}-\w*n\w*(?:\s+-\w+)*\s+\S+|(?:-\w+\s+){1,5}\S+\s+\S+)\s+"),
    ((b"kadmin", b"kdb5_util"), br"(?:kadmin|kdb5_util)\S{0,10}\s" + WITHIN + br"(?<=\s)-w" + GAP),
    ((b"kadmin",), br"kadmin\S{0,10}\b" + WITHIN + br"\s(?:cpw|change_password|addprinc|ank|add_principal)\b" + WITHIN + br"\s-pw" + GAP),
    ((b"hdbuserstore",), br"hdbuserstore\s+(?:-\w+\s+){0,3}set\s+(?:\S+\s+){3}"),
    ((b"attach ",), br"(?:ua|pro|ubuntu-advantage)\s+attach\s+(?!-)"),
    ((b"suseconnect",), br"suseconnect\b" + WITHIN + br"\s(?:-r|--regcode)" + GAP),
    ((b"rabbitmqctl",), br"rabbitmqctl\b" + WITHIN + br"\s(?:add_user|change_password|authenticate_user)\s+\S+\s+"),
    ((b"iscsiadm",), br"iscsiadm\b" + WITHIN + br"password(?:_in)?[\"']?" + WITHIN + br"\s(?:-v|--value)" + GAP),
    ((b"nmcli",), br"nmcli\b" + WITHIN + br"\s(?:password|\S*\.(?:psk|password|wep-key\d|secrets))" + GAP),
    ((b"wpa_cli", b"wpa_passphrase"), br"(?:wpa_passphrase\s+(?:\"[^\"\n]*\"|\S+)|wpa_cli\b" + WITHIN + br"\s(?:psk|password))\s+"),
    ((b"db2", b" using "), br"(?:db2\b" + WITHIN + br"|connect\s+to\s+\S+\s+)\buser\s+\S+\s+using\s+"),
    ((b"smbpasswd",), br"smbpasswd\s+(?=(?:-\w+\s+){0,4}-\w*[as])(?:-\w+\s+){1,4}[\w.$]+\s+"),
    ((b"mysqladmin",), br"mysqladmin\b" + WITHIN + br"\spassword\s+"),
    ((b"lftp",), br"lftp\b" + WITHIN + br"\s(?:-u|--user)[ =]?[^\s,\"']{1,64},"),
    ((b"splunk", b"-auth"), br"(?:splunk\b" + WITHIN + br"\s-auth\s+[\"']?[\w.\-@]{1,64}:)"),
    ((b"sentinelctl",), br"sentinelctl\b" + WITHIN + br"\stoken\s+set\s+"),
    ((b"secret set",), br"secret[ ]set\b" + WITHIN + br"--value" + GAP),
    ((b"info-set",), br"info-set\s+" + _NAME + br"\s+"),
    ((b"config",), br"config(?:ure)?\s+(?:--\w+\s+){0,2}set\s+" + _NAME + br"(?:\s+|=)"),
    ((b"setx", b"setenv"), br"set(?:x|env)\s+" + _NAME + br"\s+"),
    ((b"password-command",), br"(?<=--)password-command[ =][\"']?(?:echo|printf)\s+"),
    ((b"ldappasswd",), br"ldappasswd\b" + WITHIN + br"\s-[sa]" + GAP),
    ((b"gsql", b"vsql", b"clickhouse"), br"(?:gsql|vsql|clickhouse\S*)\b" + WITHIN + br"\s(?:-W|-w|--password)" + GAP),
    ((b"cqlsh", b"beeline", b"hdbsql", b"influx"), br"(?:cqlsh|beeline|hdbsql|influx)\b" + WITHIN + br"\s-(?:p|password)" + GAP),
    ((b"vncpasswd", b"x11vnc"), br"x11vnc\b" + WITHIN + br"\s-passwd" + GAP),
    ((b"xfreerdp", b"rdesktop"), br"rdesktop\b" + WITHIN + br"\s-p" + GAP),
    ((b"cadaver", b"gpg"), br"gpg2?\b" + WITHIN + br"\s--passphrase" + GAP),
    ((b"subscription-manager", b"rhnreg_ks"), br"(?:subscription-manager|rhnreg_ks)\b" + WITHIN + br"\s--(?:activation|serialnumber)-?(?:key)?" + GAP),
    ((b"cryptsetup", b"luks"), br"cryptsetup\b" + WITHIN + br"\s--key-file=-\s+(?![<>])"),
    ((b"wget",), br"wget\b" + WITHIN + br"\s--(?:http-|ftp-|proxy-)?password" + GAP),
)


def rules():
    """One rule for each row, and what a trace of a shell shows of secrets that go through a pipe or a script."""
    for words, before in _PROGRAMS:
        yield Rule(b"password", [(word, b"" if word != b"config" else br"(?:ure)?\s+(?:--\w+\s+){0,2}set\s") for word in words], WORD + before + VALUE)
    # sqlplus system/x@db: behind the user and a slash
    yield Rule(b"password", [b"sqlplus"], WORD + br"sqlplus\b" + WITHIN + br"""[\s"'=][\w.$\#]+/(?P<v>[^\s@"'/]+)(?=[@\s"']|$)""")
    oracle = [b"rman", b"expdp", b"impdp", b"sqlldr", b"sqlcl", b"userid=", b"oracle:"]
    yield Rule(b"password", oracle, br"""(?:\b(?:rman|expdp|impdp|sqlldr|sqlcl)\b""" + WITHIN + br"""[\s"'=]|userid=["']?|:(?:thin|oci8?):)(?!/)[\w.$\#]{1,60}/"""
               br"""(?P<v>"[^"\n]+"|[^\s@"'/]+)(?=@)""")
    # the word behind -A or -X: one command may have several
    yield Rule(b"password", [(b"snmp", br"(?:get|walk|set|bulk\w*|table|status|trap|inform|df|netstat|vacm|usm)\b")], br"""(?<=\s)(?:-[cAX])[ ]?["']?(?P<v>[^\s"'\-][^\s"']*)""", 0)
    yield Rule(b"password", [b"sshpass"], WORD + br"""sshpass\s+-p[ ]?(?!["'\[])(?P<v>-\S+)""")
    yield Rule(b"password", [b"ftp "], WORD + br"(?:ftp|lftp)\b" + WITHIN + br"\buser[ ][\w.@\-]{1,64}[, ](?P<v>[^\s\"'\\]{3,})")
    yield Rule(b"password", [b"sed -", b"sed 's", b"sed s"],
               br"(?<!\w)s(?P<k>[/|])[\w@{}%.\-]{0,40}(?:pass|pwd|secret|token|key)[\w@{}%.\-]{0,40}(?P=k)(?P<v>[^\s\"'/|]{4,})(?P=k)")
    # + echo 'root:x', which a trace shows apart from the program that reads it
    yield Rule(b"password", [b"echo "], br"^\++[ ](?:echo|printf)[ ](?:-\w[ ])?[\"']?(?:root|admin\w{0,20}|azureuser|ubuntu|centos|ec2-user|\w{1,20}user|\w{1,20}admin):(?!\d{1,5}\b)(?P<v>[^\s\"'|]{6,})[\"']?\s*$")
    # what expect types after it was asked
    yield Rule(b"password", [(b"send ", br"(?:-- )?\\{0,7}[\"'{]")], br"(?:assword|assphrase)[^\n]{0,60}?\bsend(?:_user)?[ ](?:--[ ])?\\{0,7}[\"'{](?P<v>[^\"\n{}]{3,}?)(?:\\+[rn])*\\{0,7}[\"'}]")
