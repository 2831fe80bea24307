"""The options that every way of analysing shares, and what they come to. Imports nothing slow: `--version` waits for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.errors import UsageError

if TYPE_CHECKING:
    from analyzer.report.batch import Wish

LANGUAGES = ("en",)


def common_options(parser: argparse.ArgumentParser) -> None:
    """Options that every way of analysing shares."""
    parser.add_argument("--at", metavar="TIME", help="judge the attempt around this time (ISO 8601, UTC unless it names a zone)")
    parser.add_argument("--symptom", metavar="CODE", help="what the portal said: an error code or a symptom's id")
    parser.add_argument("--signatures", metavar="DIR", type=Path, action="append", default=[], help="further signatures, added (repeatable)")
    parser.add_argument("--only", metavar="ID", action="append", default=[], help="judge only this cause (repeatable)")
    parser.add_argument("--skip", metavar="ID", action="append", default=[], help="leave this cause out (repeatable)")
    parser.add_argument("--zone", metavar="NAME", help="zone in which times are shown (default UTC)")
    parser.add_argument("--max-memory", metavar="SIZE", help="stop when more memory is needed, such as 500M or 2G; not on Windows")
    parser.add_argument("--lang", metavar="CODE", default="en", help="language of the report; there is: " + ", ".join(LANGUAGES))
    parser.add_argument("--no-color", action="store_true", help="plain text (so does the variable NO_COLOR)")


def wish(options: argparse.Namespace) -> Wish:
    """The common options, checked and put into effect. Raises UsageError."""
    from analyzer.report.batch import Wish
    from analyzer.report.times import time_given, zone_named
    if options.lang not in LANGUAGES:
        raise UsageError(f"--lang {options.lang!r} is not there", advice="there is: " + ", ".join(LANGUAGES))
    zone_named(options.zone)
    _limit_memory(options.max_memory)
    return Wish(time_given("--at", options.at), options.symptom, tuple(options.only), tuple(options.skip), tuple(options.signatures))


def _limit_memory(size: str | None) -> None:
    if size is None:
        return
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    number = size.upper().removesuffix("B").removesuffix("I")
    factor = units.get(number[-1:], 1)
    digits = number[:-1] if factor > 1 else number
    if not digits.isascii() or not digits.isdigit() or not int(digits):
        raise UsageError(f"--max-memory {size!r} is no size", advice="write 500M or 2G")
    try:
        import resource
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = int(digits) * factor
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    except ImportError:
        raise UsageError("--max-memory cannot be kept on this system", advice="leave it out") from None
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"--max-memory {size!r} cannot be kept: {error}") from error
