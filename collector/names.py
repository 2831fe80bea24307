"""Names that are no secrets but tell who and where: pseudonyms for --redact secrets+names.

What the diagnosis needs stays: the fabric addresses, loopback and link-local addresses, netmasks, host names of storage
endpoints, well-known accounts. Agent and extension versions look like addresses; they begin below 10 or have parts above
255, and are left alone.
"""

import re

from collector.rules import Rule

_KEPT_ADDRESSES = re.compile(br"^(?:168\.63\.129\.16|169\.254\.|127\.|0\.|255\.|22[4-9]\.|23\d\.)")
_ADDRESS = (br"(?<![\w.\-])(?P<v>(?:[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?![\w.]*\d\.\d|\w)")


def name_rules(hostname):
    """Rules that pseudonymise; `hostname` is the VM's own name (text) or empty."""
    ignore = re.IGNORECASE
    rules = [
        Rule(b"address", [(b".", br"\d{1,3}\.\d{1,3}\.")], _ADDRESS, 0),
        Rule(b"id", [(b"-", br"[0-9a-f]{4}-[0-9a-f]{4}-")],
             br"(?<![0-9a-fA-F\-])(?P<v>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-fA-F\-])", ignore),
        Rule(b"mac", [(b":", br"[0-9a-f]{2}:[0-9a-f]{2}:")], br"(?<![0-9a-fA-F:])(?P<v>[0-9a-f]{2}(?::[0-9a-f]{2}){5})(?![0-9a-fA-F:])", ignore),
        Rule(b"mail", [b"@"], br"(?P<v>[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5})", ignore),
        Rule(b"account", [b"s-1-5-21-"], br"(?P<v>S-1-5-21(?:-\d{1,10}){3}-[1-9]\d{3,9})", ignore),
        Rule(b"account", [b"/home/", b"\\users\\", b"/users/"],
             br"(?:/home/|[\\/]users[\\/]{1,2})(?!public\b|default\b|all users)(?P<v>[^/\\\s:\"'<>]{1,64})", ignore),
        Rule(b"account", [b"user"], br"\b(?:user(?:name)?|for|ruser)[= ](?:invalid user )?(?!root\b|unknown\b|is\b|the\b|a\b)"
                                    br"(?P<v>[a-z_][\w.\-]{1,31})(?= (?:from|by|on)\b)", ignore),
        Rule(b"subscription", [b"/resourcegroups/"], br"/resourcegroups/(?P<v>[^/\s\"']{1,90})", ignore),
    ]
    short = hostname.split(".")[0].encode("utf-8", "replace")
    if len(short) > 2 and short.lower() not in (b"localhost",):
        rules.append(Rule(b"host", [short.lower()], br"(?<![\w\-])(?P<v>" + re.escape(short) + br")(?![\w\-])(?!\.(?:blob|table|queue|file)\.)", ignore))
    return tuple(rules)


def keep_name(kind, value):
    """Whether this name has to stay because the diagnosis rests on it."""
    return kind == "address" and bool(_KEPT_ADDRESSES.match(value))
