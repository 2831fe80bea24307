"""Builds collector.pyz: `python -m collector.build build/collector.pyz`. The same sources give the same bytes."""

import hashlib
import io
import os
import sys
import zipfile

_LEFT_OUT = ("build.py",)
_LIMIT = 200 * 1024
_MAIN = b"import sys\nfrom collector.__main__ import run\nsys.exit(run())\n"
_SHEBANG = b"#!/usr/bin/env python3\n"


def build(target, source=None):
    """Write the program to `target`; returns its SHA-256. `source` is the folder of the package."""
    source = source or os.path.dirname(os.path.abspath(__file__))
    content = io.BytesIO()
    content.write(_SHEBANG)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "__main__.py", _MAIN)
        for name in sorted(os.listdir(source)):
            if name.endswith((".py", ".json")) and name not in _LEFT_OUT:
                with open(os.path.join(source, name), "rb") as stream:
                    _put(archive, "collector/" + name, stream.read())
    data = content.getvalue()
    if len(data) > _LIMIT:
        raise SystemExit("collector.pyz would have %d bytes; the limit is %d" % (len(data), _LIMIT))
    folder = os.path.dirname(os.path.abspath(target))
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(target, "wb") as stream:
        stream.write(data)
    os.chmod(target, 0o755)
    return hashlib.sha256(data).hexdigest()


def _put(archive, name, data):
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    archive.writestr(info, data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m collector.build TARGET")
    print("%s  %s" % (build(sys.argv[1]), sys.argv[1]))
