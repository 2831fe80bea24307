"""A newer agent for the agent to update itself to, good for nothing (WALinuxAgent's self-update, azurelinuxagent/ga/update.py)."""

import io
import json
import zipfile

from .names import PACKAGE_HOSTS

VERSION = "2.99.0.0"
MANIFEST = "/7d89d439b79f4452950452399add2c90/Microsoft.OSTCLinuxAgent_Prod_manifest.xml"
PACKAGE = f"/7d89d439b79f4452950452399add2c90/WALinuxAgent__{VERSION}.zip"
_EGG = f"bin/WALinuxAgent-{VERSION}-py2.7.egg"
_PROGRAMS = {"hangs": "import time\ntime.sleep(100000)\n", "crashes": "import sys\nsys.exit(1)\n"}


def manifest() -> str:
    """The agent family's manifest with one version."""
    return ('<?xml version="1.0" encoding="utf-8"?><PluginVersionManifest xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            f"<Plugins><Plugin><Version>{VERSION}</Version><Uris><Uri>https://{PACKAGE_HOSTS[0]}{PACKAGE}</Uri></Uris></Plugin>"
            "</Plugins></PluginVersionManifest>")


def package(how: str) -> bytes:
    """The new agent's zip; its only program hangs or crashes, as `how` says."""
    egg = _zip({"__main__.py": _PROGRAMS[how]})
    handler = {"installCommand": "", "uninstallCommand": "", "updateCommand": "", "disableCommand": "",
               "enableCommand": f"python -u {_EGG} -run-exthandlers", "rebootAfterInstall": False, "reportHeartbeat": False}
    return _zip({"HandlerManifest.json": json.dumps([{"name": "WALinuxAgent", "version": 1.0, "handlerManifest": handler}]), _EGG: egg})


def _zip(members: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return buffer.getvalue()
