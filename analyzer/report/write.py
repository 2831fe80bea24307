"""Reports as files: which module renders what, and where it goes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from analyzer.errors import UsageError
from analyzer.report.findings import Findings
from analyzer.report.times import Zone, zone_named

_MODULES = {"json": "as_json", "html": "page", "markdown": "markdown", "sarif": "sarif", "junit": "junit", "csv": "spreadsheet",
            "timesketch": "timesketch"}


def render(name: str, found: Findings, zone: Zone) -> str:
    """The text of one kind of report. Each renderer is a module of this package with a function `render`."""
    return cast(str, import_module(f"analyzer.report.{_MODULES[name]}").render(found, zone))


def write(found: Findings, wanted: Mapping[str, str], zone: str | None = None) -> None:
    """Write each report, by its kind, to its path; `-` is standard output. Raises UsageError where it cannot be written."""
    shown = zone_named(zone)
    for name, path in wanted.items():
        text = render(name, found, shown)
        if path == "-":
            sys.stdout.write(text)
            continue
        try:
            Path(path).write_text(text, encoding="utf-8", errors="replace", newline="")
        except OSError as error:
            raise UsageError(f"cannot write --{name} {path}: {error.strerror or error}", advice="give a path that can be written") from error
