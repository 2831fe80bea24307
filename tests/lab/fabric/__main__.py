"""The fabric as a process: `python -m tests.lab.fabric FOLDER PACKAGE`, inside a network namespace of its own.

Reads one JSON command per line and answers each with one JSON line: {"do": "serve"}, {"do": "set", "knobs": {...}},
{"do": "backup"} and {"do": "quit"}. Ends when its standard input ends, so that it never outlives the lab.
"""

import json
import sys
from pathlib import Path
from typing import Any

from . import names
from .dns import NameServer
from .pki import Pki
from .state import State
from .storage import HostPlugin, Storage
from .web import Server
from .wireserver import Metadata, Wireserver


class Fabric:
    """All servers, opened and closed as the knobs say."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.servers = {
            "wireserver": Server(state, Wireserver, names.WIRESERVER, 80),
            "hostplugin": Server(state, HostPlugin, names.WIRESERVER, names.HOSTPLUGIN_PORT),
            "storage": Server(state, Storage, names.STORAGE, 443, state.pki.host),
            "metadata": Server(state, Metadata, names.METADATA, 80),
        }
        table = dict.fromkeys((*names.PACKAGE_HOSTS, names.DISK_HOST), names.STORAGE)
        self.names = NameServer(state, names.WIRESERVER, table)

    def follow(self) -> None:
        """Brings the listening sockets in line with the knobs."""
        for name, server in self.servers.items():
            server.open(self.state.knobs.get(name) != "refuse")


def main() -> None:
    """Serves until told to stop; addresses must be up before "serve", else answers would come from the wrong one."""
    state = State(Pki(Path(sys.argv[1])), Path(sys.argv[2]).read_bytes())
    fabric: Fabric | None = None
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        answer: dict[str, Any] = {"ok": True}
        try:
            if command["do"] == "serve":
                fabric = Fabric(state)
            elif command["do"] == "set":
                state.turn(command["knobs"])
            elif command["do"] == "backup":
                answer["sequence"] = state.ask_for_backup()
            if fabric:
                fabric.follow()
        except Exception as failure:  # the lab shows it and ends the run; the fabric must not die first
            answer = {"ok": False, "error": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(answer), flush=True)
        if command["do"] == "quit":
            break


if __name__ == "__main__":
    main()
