"""A name server for the storage hosts: answers A records from a table, NXDOMAIN for the rest (RFC 1035)."""

import socket
import struct
import threading

from .state import State


class NameServer:
    """UDP port 53; a knob makes it deny everything or fall silent."""

    def __init__(self, state: State, address: str, table: dict[str, str]) -> None:
        self.state, self.table = state, table
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, client = self.socket.recvfrom(2048)
            if self.state.knobs["dns"] != "silent" and len(query) > 16:
                self.socket.sendto(self._reply(query), client)

    def _reply(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
            at += query[at] + 1
        (kind,) = struct.unpack_from(">H", query, at + 1)
        question = query[12 : at + 5]
        address = self.table.get(".".join(labels).lower()) if self.state.knobs["dns"] == "ok" else None
        answer = b""
        if address and kind == 1:
            answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
        flags = 0x8180 if address else 0x8183
        return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + question + answer
