"""The sub-commands of `analyze`: their options, and what each calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.report.options import common_options, wish


def run(name: str, argv: Sequence[str]) -> int:
    """Run one sub-command; returns the exit status. Raises TriageError."""
    if name == "signatures":
        from analyzer.language.tools import run as tools
        return tools(argv)
    return _COMMANDS[name](argv)


def _parser(name: str, about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"analyze {name}", description=about, allow_abbrev=False)
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="a bundle, folder, archive or log file")
    return parser


def _timeline(argv: Sequence[str]) -> int:
    from analyzer.report.times import duration_given, time_given, zone_named
    parser = _parser("timeline", "Attempts, the evidence of every cause, silences and steps of the clock, in order.")
    parser.add_argument("--around", metavar="DURATION", help="only so far before and after the attempt, such as 30m or 2h")
    parser.add_argument("--since", metavar="TIME", help="from this time on (ISO 8601, UTC unless it names a zone)")
    parser.add_argument("--until", metavar="TIME", help="up to this time")
    common_options(parser)
    options = parser.parse_args(list(argv))
    asked = wish(options)
    since, until = time_given("--since", options.since), time_given("--until", options.until)
    reach = duration_given("--around", options.around) if options.around else None
    from analyzer.language.knowledge import load_knowledge
    from analyzer.report.batch import find
    from analyzer.report.screen_time import page
    found = find(options.bundle, asked, load_knowledge(asked.signatures))
    page(found, zone_named(options.zone), since=since, until=until, around=reach, plain=options.no_color)
    return 0


def _why(argv: Sequence[str]) -> int:
    from analyzer.report.times import zone_named
    parser = _parser("why", "Each observation of one cause (seen, clear or blind), and how they make its verdict.")
    parser.add_argument("cause", metavar="CAUSE", help="a cause's id; `analyze signatures list` names them")
    parser.add_argument("--json", metavar="PATH", help="write it as JSON (- for standard output)")
    common_options(parser)
    options = parser.parse_args(list(argv))
    asked = wish(options)
    from analyzer.language.knowledge import load_knowledge
    from analyzer.report.analysis import analyse
    from analyzer.report.batch import readable
    from analyzer.report.why import explain, show, write
    knowledge = load_knowledge(asked.signatures)
    if options.cause not in knowledge.signatures:
        from difflib import get_close_matches
        near = get_close_matches(options.cause, knowledge.signatures, 3, 0.4)
        raise UsageError(f"no cause {options.cause!r}", advice=f"did you mean {' or '.join(near)}?" if near else "see `analyze signatures list`")
    readable(options.bundle)
    analysis = analyse(options.bundle, knowledge, at=asked.at, symptom=asked.symptom, only=asked.only, skip=asked.skip)
    explained = explain(analysis, knowledge, options.cause)
    if options.json:
        write(explained, options.json)
    if options.json != "-":
        show(explained, zone_named(options.zone), plain=options.no_color)
    return 0


def _show(argv: Sequence[str]) -> int:
    parser = _parser("show", "The lines of one member: all of them, or those around one.")
    parser.add_argument("member", metavar="MEMBER[:LINE]", help="its name in the bundle, its path on the VM, or the end of either")
    parser.add_argument("--around", metavar="N", type=int, default=10, help="lines before and after LINE (default 10)")
    parser.add_argument("--no-color", action="store_true", help="plain text")
    options = parser.parse_args(list(argv))
    if options.around < 0:
        raise UsageError(f"--around {options.around} is no number of lines")
    from analyzer.bundle.bundle import open_bundle
    from analyzer.report.batch import readable
    from analyzer.report.excerpt import show
    readable(options.bundle)
    show(open_bundle(options.bundle), options.member, options.around, plain=options.no_color)
    return 0


def _files(argv: Sequence[str]) -> int:
    parser = _parser("files", "Every member: its path on the VM, what it was taken for, its size, times and status; and what was not collected.")
    parser.add_argument("--unclaimed", action="store_true", help="only members that were taken for nothing")
    common_options(parser)
    options = parser.parse_args(list(argv))
    asked = wish(options)
    from analyzer.report.batch import readable
    from analyzer.report.inventory import gathered, show
    from analyzer.report.times import zone_named
    readable(options.bundle)
    show(gathered(options.bundle, asked.signatures), zone_named(options.zone), unclaimed=options.unclaimed, plain=options.no_color)
    return 0


def _diff(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="analyze diff", description="What changed between two bundles of one VM.", allow_abbrev=False)
    parser.add_argument("old", metavar="OLD", type=Path, help="the earlier bundle")
    parser.add_argument("new", metavar="NEW", type=Path, help="the later bundle")
    common_options(parser)
    options = parser.parse_args(list(argv))
    asked = wish(options)
    from analyzer.language.knowledge import load_knowledge
    from analyzer.report.batch import find
    from analyzer.report.difference import show
    from analyzer.report.times import zone_named
    knowledge = load_knowledge(asked.signatures)
    show(find(options.old, asked, knowledge), find(options.new, asked, knowledge), zone_named(options.zone), plain=options.no_color)
    return 0


_COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "timeline": _timeline, "why": _why, "show": _show, "files": _files, "diff": _diff}
