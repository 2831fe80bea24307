"""Runs the built collector and looks into its bundles."""

import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass

ROOT = os.geteuid() == 0
INTERPRETERS = sorted(pathlib.Path.home().glob(".pyenv/versions/*/bin/python"), key=lambda path: [int(n) for n in path.parts[-3].split(".")])


@dataclass
class Outcome:
    code: int
    out: str
    err: str
    bundle: "pathlib.Path | None"

    @property
    def manifest(self):
        return json.loads(self.read("manifest.json"))

    @property
    def items(self):
        return {item["id"]: item for item in self.manifest["items"]}

    def item(self, path):
        """The record of one file of the VM."""
        return next(item for item in self.manifest["items"] if item.get("path") == path)

    def read(self, name):
        with zipfile.ZipFile(self.bundle) as archive:
            return archive.read(name)

    def names(self):
        with zipfile.ZipFile(self.bundle) as archive:
            assert archive.testzip() is None
            return archive.namelist()


def collect(pyz, *words, python=sys.executable, output=None, env=None, timeout=150, prefix=(), **more):
    """Run the collector; `output` is a folder (a new one below the program's by default)."""
    if output is None:
        output = pathlib.Path(pyz).parent / f"out-{os.urandom(4).hex()}"
        output.mkdir()
    command = [*map(str, prefix), str(python), str(pyz), *map(str, words), "--output", str(output)]
    done = subprocess.run(command, capture_output=True, env=env, timeout=timeout, check=False, **more)
    return outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), output)


def outcome(code, out, err, output):
    found = sorted(pathlib.Path(output).glob("*.zip")) if pathlib.Path(output).is_dir() else [pathlib.Path(output)]
    return Outcome(code, out, err, found[-1] if found else None)


def every_byte(data, name="bundle"):
    """(name, bytes) of everything inside, zips and gzipped members unpacked, texts in UTF-16 decoded."""
    yield name, data
    for encoding in ("utf-16-le", "utf-16-be"):
        for shift in (0, 1):
            text = data[shift:shift + (len(data) - shift) // 2 * 2].decode(encoding, "replace")
            yield f"{name} as {encoding}", text.encode("utf-8", "replace")
    if data[:2] == b"\x1f\x8b":
        yield from every_byte(gzip.decompress(data), name + "!gz")
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield info.filename, info.filename.encode()
                yield from every_byte(archive.read(info), name + "!" + info.filename)
