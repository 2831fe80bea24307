"""Sockets from `ss` and `netstat`, on Linux and Windows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.model import Row

from .text import Line, Output, row

_PROTOCOL = re.compile(r"(?:tcp|udp|raw|sctp|dccp|icmp6?|u_str|u_dgr|u_seq|p_raw|p_dgr|nl|mptcp|v_str)[46L]{0,2}$", re.IGNORECASE)
_STATES = {"LISTEN", "ESTAB", "ESTABLISHED", "UNCONN", "SYN-SENT", "SYN-RECV", "SYN_SENT", "SYN_RECV", "SYN_RECEIVED", "TIME-WAIT", "TIME_WAIT",
           "CLOSE-WAIT",
           "CLOSE_WAIT", "FIN-WAIT-1", "FIN-WAIT-2", "FIN_WAIT1", "FIN_WAIT2", "FIN_WAIT_1", "FIN_WAIT_2", "LAST-ACK", "LAST_ACK", "CLOSING", "CLOSE",
           "LISTENING", "ABHÖREN", "HERGESTELLT", "WARTEND"}
_ENDPOINT = re.compile(r"(?:\S{1,80}:(?:\d{1,5}|\*|[\w-]{1,32})|\*:\*)$")
_USERS = re.compile(r'users:\(\("([^"]{1,64})",pid=(\d{1,10})')
_PROGRAM = re.compile(r"(\d{1,10})/(\S.{0,60})$")


def read_sockets(output: Output) -> Iterator[Row]:
    """Rows of `sockets`: internet sockets only."""
    for line in output.lines:
        found = _socket(line)
        if found:
            yield found


def _socket(line: Line) -> Row | None:
    text = line.text[:1000]
    words = text.split()
    protocol = words.pop(0).lower() if words and _PROTOCOL.match(words[0]) else None
    state = next((word for word in words[:6] if word.upper() in _STATES), None)
    ends = [word for word in words if _ENDPOINT.match(word)]
    if len(ends) < 2 or (protocol is None and state is None) or (protocol or "").startswith(("u_", "p_", "nl", "v_")):
        return None
    process, pid = None, None
    users = _USERS.search(text)
    program = _PROGRAM.search(text)
    if users:
        process, pid = users.group(1), int(users.group(2))
    elif program:
        process, pid = program.group(2).strip(), int(program.group(1))
    elif words[-1].isdigit() and words[-1] not in ends and len(words[-1]) < 11 and words[0] in ends:
        pid = int(words[-1])
    return row("sockets", line.number, protocol=protocol, local=ends[0], remote=ends[1], state=state, process=process, pid=pid)
