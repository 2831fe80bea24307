"""Commands of Windows and PowerShell that take a secret, and what their logs show of the arguments."""

from collector.commandlines import VALUE, WITHIN
from collector.rules import END, WORD, Rule

_TELLING = br"(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|credential)"
_NAME = br"""["']?[\w.\-]{0,60}""" + _TELLING + br"""\w{0,40}["']?"""
# A quote of PowerShell: doubled or behind a backtick it does not end the value.
_INSIDE = br"[^\n\\\"'&%`]*(?:(?:`[^\n]|(?!" + END + br")[\\\"'&%])[^\n\\\"'&%`]*)*"
_QUOTED = br"(?P<q>\\{0,7}[\"'])(?!(?P=q))(?P<v>" + _INSIDE + br"(?:" + END + br"(?P=q)" + _INSIDE + br")*)" + END


def rules():
    """reg, certutil, signtool, ktpass, rasdial; secure strings, credentials, properties, environment, bound parameters."""
    yield Rule(b"secret", [(b"reg", br"(?:\.exe)?[\"']?\s+add\s")], br"/v\s+" + _NAME + br"\s[^\n]{0,80}?/d\s+" + VALUE)
    yield Rule(b"password", [(b"/pass", br"(?:word|wd)?\s+[^\s/]"), (b"/pwd ", br"[^\s/]"), (b"/pw ", br"[^\s/]")],
               br"""(?:^|[\s"'])/(?:pass(?:word|wd)?|pwd|pw)\s+(?!/|\w+\s*=)""" + VALUE)
    yield Rule(b"password", [b"signtool"], WORD + br"signtool\b" + WITHIN + br"\s[/\-]p\s+" + VALUE)
    yield Rule(b"password", [b"rasdial"], WORD + br"rasdial(?:\.exe)?[\"']?\s+(?:\"[^\"\n]*\"|\S+)\s+(?!/)\S+\s+(?!/)" + VALUE)
    yield Rule(b"password", [(b"password", br"\s?51:b:")], br"password\s?51:b:(?P<v>[0-9a-f]{16,})")
    yield Rule(b"password", [b"securestring"], br"to-securestring(?:\s+-(?:asplaintext|force|string|securekey))*\s+-?(?:string\s+)?(?!\"\$[A-Za-z_]{1,40}\")" + _QUOTED)
    yield Rule(b"password", [b"securestring"], br"to-securestring(?:\s+-(?:asplaintext|force|string))*\s+(?:\\{0,7}[\"'])?(?![$\-(\"'\[])(?P<v>[^\s\"'\\)]+)")
    yield Rule(b"password", [b"securestring"], _QUOTED + br"\s?\|\s?convertto-securestring")
    yield Rule(b"password", [b"securestring", b"appendchar"], _QUOTED + br"\.tochararray")
    yield Rule(b"password", [b"networkcredential", b"pscredential", b"-argumentlist"],
               br"(?:networkcredential|pscredential|-argumentlist)[\]:'\"\w]{0,12}\s?[@(\s]{0,4}[\"'][^\"'\n]{0,100}[\"']\s?,\s?(?:\(\s?)?" + _QUOTED)
    yield Rule(b"password", [b"parameterbinding("], br"parameterbinding\((?:convertto-securestring)\):[^\n]{0,300}?name=\\{0,7}[\"']string\\{0,7}[\"'];\s?value=" + _QUOTED)
    yield Rule(b"password", [b"parameterbinding("], br"name=\\{0,7}[\"']argumentlist\\{0,7}[\"'];\s?value=\\{0,7}[\"'][\w.\-]{0,60}[\\@]{1,2}[\w.\-]{1,60},\s(?P<v>[^\"'\n]+)[\"']")
    yield Rule(b"password", [(b"-name", br"\s+[\"']?[\w.\-]{0,60}" + _TELLING)], br"-name\s+" + _NAME + br"[^\n|;]{0,160}?\s-(?:value|propertyvalue)\s+" + VALUE)
    # .\join.ps1 'corp\admin' 'x': an account, and behind it what can only be its password
    yield Rule(b"password", [(b".ps1 " + quote, br"[\w.\-]{1,60}\\{1,4}[\w.\-$]{1,60}[\"']\s") for quote in (b"'", b'"')], br"[\"'][\w.\-]{1,60}\\{1,4}[\w.\-$]{1,60}[\"']\s+" + _QUOTED)
