"""Secrets in the configuration files of services, where no key of the usual kind tells of them."""

from collector.rules import VERBOSE, Rule

_QUOTED = br"""(?:"(?P<v>[^"\r\n]+)"|(?P<w>[^\s"]\S*))"""


def rules():
    """SNMP communities and users, the names and secrets of PPP, keys of name servers and time servers, RADIUS clients."""
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
