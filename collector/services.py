"""Secrets in the configuration files of services, where no key of the usual kind tells of them."""

from collector.rules import PASSWORD, VERBOSE, Rule

_QUOTED = br"""(?:"(?P<v>[^"\r\n]+)"|(?P<w>[^\s"]\S*))"""


def rules():
    """Directives that take a secret, files of users and keys, SNMP communities and users, the names and secrets of PPP, keys of name servers and time servers, RADIUS clients."""
    yield Rule(b"password", [(b"community", br"6?[ \t]+\S")],
               br"^[ \t]*(?:r[ow]community6?|com2sec6?(?:[ \t]+-\S+[ \t]+\S+)?[ \t]+\S+[ \t]+\S+|trapcommunity)[ \t]+" + _QUOTED)
    yield Rule(b"password", [(b"com2sec", br"6?[ \t]"), (b"sink", br"[ \t]+\S+[ \t]+\S")],
               br"^[ \t]*(?:com2sec6?(?:[ \t]+-\S+[ \t]+\S+)?[ \t]+\S+[ \t]+\S+|(?:trap|trap2|inform)sink[ \t]+\S+)[ \t]+" + _QUOTED)
    for place in (br"", br"[ \t]+" + br"""(?:"[^"\r\n]*"|\S+)[ \t]+(?:DES|AES\w*)"""):
        yield Rule(b"password", [b"createuser", b"usmuser"],
                   br"""(?:createuser[ \t]+(?:-e[ \t]+\S+[ \t]+)?\S+[ \t]+(?:MD5|SHA[\d\-]*)""" + place + br")[ \t]+" + _QUOTED)
    yield Rule(b"password", [(b"*", br"""["']?[ \t]+["']?[^\s*]\S{0,99}(?:[ \t]+["']?(?:\*|[\d.]{7,15})["']?)?[ \t]*(?:[\r\n]|\Z)""")],
               br"""^[ \t]*["']?[\w.@\\\-]{1,64}["']?[ \t]+["']?\*["']?[ \t]+["']?(?![\d.]+[\s"'])(?P<v>[^\s"'*/][^\s"']{3,})["']?(?:[ \t]+["']?(?:\*|[\d.]{7,15})["']?)?[ \t]*(?=[\r\n]|\Z)""")
    yield Rule(b"secret", [(b"secret", br"""[ \t]+["']?[\w+/=\-]+["']?;""")], br"""(?<![\w\-])secret[ \t]+["']?(?P<v>[\w+/=\-]+)["']?;""", VERBOSE)
    for rule in _directives():
        yield rule
    for rule in _files_of_users():
        yield rule


# Words of configuration files behind which a secret stands, set off by blanks.
_DIRECTIVES = (br"bindpw|rootbindpw|bindpasswd|rootpwmodpw|ldap_?bindpw|requirepass|masterauth|sentinel[ ]auth-pass[ ]\S+|cachemgr_passwd|rootpw|rootdn_pw|insecure-password|key-string|authkey"
               br"|(?:enable[ ])?(?:password|secret)(?:[ ]\d)?(?=[ \t]+\S+[ \t]*(?:[\r\n]|\Z))|neighbor[ ]\S+[ ]password(?:[ ]\d)?|message-digest-key[ ]\d+[ ]md5(?:[ ]\d)?|authentication[ ]text"
               br"|(?:tacacs|radius)-server[ ](?:host[ ]\S+[ ])?key(?:[ ]\d)?|login[ ]=[ ](?:cleartext|des)|shared_secret|proxy_pass_secret|wins_secret|mysql_pwd|login[ ]cleartext")
_NO_SECRET = br"(?!\[masked|[/\[=:]|--plaintext|(?:sufficient|requisite|required|optional|include|substack|yes|no|none|on|off|authentication|encryption|sha512|file|--iscrypted|--lock|expired|protected)\b)"


def _directives():
    words = [b"bindpw", b"bindpasswd", b"rootpw", b"requirepass", b"masterauth", b"auth-pass", b"cachemgr_passwd", b"insecure-password", b"key-string", b"authkey", b"shared_secret",
             b"message-digest-key", b"-server ", b"cleartext", PASSWORD, (b"secret", br"(?:\s\d)?[ \t]+\S+[ \t]*(?:[\r\n]|\Z)")]
    yield Rule(b"password", words, br"^[ \t]*(?:user[ ]\S+[ ]|ip[ ]ospf[ ]|user[ ]=[ ]\S+[ ]\{[ ])?(?:" + _DIRECTIVES + br")[ \t]+(?:--plaintext[ \t]+)?" + _NO_SECRET + _QUOTED)
    yield Rule(b"password", [b"authtok"], br"ldap_default_authtok[ \t]*=[ \t]*(?P<w>[^\s][^\r\n]*)")
    yield Rule(b"password", [b"passwd/"], br"passwd/[\w\-]+[ \t]+password[ \t]+(?!\[masked)(?P<w>[^\s][^\r\n]*)")
    yield Rule(b"userinfo", [b"stats auth", b"auth-user"], br"(?:stats[ ]auth|auth-user)[ \t]+(?!\[masked)(?P<v>[\w.\-@]{1,64}:\S+)")
    yield Rule(b"password", [(b"user ", br"\S+\s+(?:on|off)\b[^\n]*>")], br"\buser\s+\S+\s+(?:on|off)\b[^\n]*?\s>(?P<v>\S+)")
    yield Rule(b"password", [(b"cifs", b""), (b"smb", br"\d?\s")], br"\buser(?:name)?=[^\s,%\"']{1,64}%(?P<v>[^\s,\"']+)")
    yield Rule(b"key", [(b"psk", br"\s+[\"0]"), (b"eap", br"\s+[\"0]"), (b"xauth", br"\s+[\"0]"), (b"ntlm", br"\s+[\"0]"), (b": rsa ", b""), (b": ecdsa ", b""), (b": pkcs", b""), (b": pin ", b"")],
               br"(?:^|\s):[ \t]+(?:(?:PSK|EAP|XAUTH|NTLM|PIN)[ \t]+|(?:RSA|ECDSA|PKCS8|PKCS12)[ \t]+\S+[ \t]+)(?:\"(?P<v>[^\"\r\n]+)\"|(?P<w>0[xs][^\s]+))")
    yield Rule(b"key", [b"usmuser"], br"(?<=\s)0x(?P<v>[0-9a-f]{32,})")
    yield Rule(b"key", [(b"md5 ", br"\S{3,64}\s*(?:[\r\n]|\Z)"), (b" sha", br"\d{1,3}\s\S{8,}\s*(?:[\r\n]|\Z)"), (b" aes", br"\d{1,3}\s\S{8,}\s*(?:[\r\n]|\Z)")],
               br"^[ \t]*\d{1,5}[ \t]+(?:MD5|SHA\d{1,3}|AES\d{1,3}|M)[ \t]+(?:HEX:|ASCII:)?(?P<v>\S{3,})[ \t]*(?=[\r\n]|\Z)")


def _files_of_users():
    yield Rule(b"password", [b":*:", b":5432:", b":6432:"],
               br"^[\w.*\-]{1,200}:(?:\d{2,5}|\*):[^:\s]{1,64}:[^:\s]{1,64}:(?P<v>[^\s:]+)[ \t]*(?=[\r\n]|\Z)")
    yield Rule(b"password", [(b"@", br"[\w.\-]+:[^\s:]{5,200}\s*(?:[\r\n]|\Z)")],
               br"^\[?[\w.\-]{1,200}\]?(?::\d{1,5})?[ \t]+[\w.+\-]{1,64}@[\w.\-]{1,100}:(?!\d{1,5}\s)(?P<v>[^\s:]{5,})[ \t]*(?=[\r\n]|\Z)")
    # rsyncd.secrets: nothing but a user and what has a letter, a digit and a mark that no name has
    yield Rule(b"password", [(b"!", br"[^\s:/=]{0,40}\s*(?:[\r\n]|\Z)")], br"^[a-z_][\w\-]{0,31}:(?=[^\s]{0,60}\d)(?=[^\s]{0,60}[A-Za-z])(?P<v>[^\s:/=()<>{}\[\]\"',;&?]{8,64})[ \t]*(?=[\r\n]|\Z)")
