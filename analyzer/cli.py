"""The command line of `analyze`. Options, sub-commands and exit codes: docs/command-line.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer import __version__
from analyzer.errors import BundleError, TriageError, UsageError
from analyzer.report.options import common_options, wish

if TYPE_CHECKING:
    from analyzer.report.batch import Wish
    from analyzer.report.findings import Findings

SIGNATURE_TOOLS = ("list", "lint", "test", "docs", "new", "show")
SUBCOMMANDS = ("timeline", "why", "show", "files", "diff", "signatures")
RENDERERS = {
    "json": "the report as JSON (schema: docs/report.schema.json)", "html": "one page that needs nothing else, for reading and printing",
    "markdown": "Markdown, for a ticket", "sarif": "SARIF 2.1.0", "junit": "JUnit XML, one case a cause",
    "csv": "the timeline, for a spreadsheet", "timesketch": "the timeline as JSON lines for Timesketch"}
DESCRIPTION = "Finds why an Azure VM backup failed, from a support bundle, offline."
EPILOG = """sub-commands (a path that exists wins over a name; each has its own --help):
  analyze timeline BUNDLE            everything in order, around the attempt
  analyze why BUNDLE CAUSE           each observation of one cause: seen, clear or blind
  analyze show BUNDLE MEMBER[:LINE]  a member's lines
  analyze files BUNDLE [--unclaimed] what is in the bundle, and what it was taken for
  analyze diff OLD NEW               what changed between two bundles
  analyze signatures list|lint|test|docs|new|show

exit status: 0 a cause is confirmed or likely, 1 none is, 2 usage, 3 bundle unreadable, 4 too incomplete, 5 bad signature
several bundles: 3 if any is unreadable, then 0 if any has a cause, then 4, then 1"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Errors for the reader are one line on standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        status = _run(words)
        sys.stdout.flush()
        return status
    except TriageError as error:
        return _complain(str(error), error.exit_code)
    except BrokenPipeError:
        _hang_up()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if _starved(error):
            return _complain("more memory is needed than there is, or than --max-memory allows", BundleError.exit_code)
        if "-v" in words or "--verbose" in words:
            raise
        return _complain(f"this should not happen: {type(error).__name__}: {error} (run with -v to see where)", BundleError.exit_code)


def _run(words: Sequence[str]) -> int:
    if words and _names_subcommand(words):
        from analyzer import commands
        return commands.run(words[0], words[1:])
    return _analyze(_parser().parse_args(words))


def _names_subcommand(words: Sequence[str]) -> bool:
    """Whether the first word is a sub-command. A path that exists wins, but for a tool of `signatures`: in the folder of this
    project, which holds one of that name, its authors would else not reach the tools."""
    if words[0] not in SUBCOMMANDS:
        return False
    if not Path(words[0]).exists():
        return True
    return words[0] == "signatures" and len(words) > 1 and words[1] in SIGNATURE_TOOLS


def _hang_up() -> None:
    """The reader has gone: what is still buffered must not fail again while Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _whoever_reads() -> Iterator[None]:
    """Printing a result that has its own exit status, also when the reader (`head`, `less`) leaves before the end."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _hang_up()


def _starved(error: Exception) -> bool:
    """Whether memory ran out, in whatever words a library says so."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in words for sign in (
        "cannot allocate", "unable to allocate", "failed to map segment", "can't start new thread", "bad_alloc"))


def _complain(words: str, status: int) -> int:
    shown = "".join(char if char.isprintable() else "\ufffd" for char in words.replace("\n", " "))
    print(f"analyze: {shown}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="analyze", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", metavar="BUNDLE", nargs="+", type=Path, help="a bundle, folder, archive or log file")
    common_options(parser)
    parser.add_argument("--since", metavar="TIME", help="show the timeline from this time on")
    parser.add_argument("--until", metavar="TIME", help="show the timeline up to this time")
    parser.add_argument("--jobs", metavar="N", type=int, default=0, help="processes for several bundles (default: one for each processor)")
    for name, about in RENDERERS.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=f"write {about} (- for standard output)")
    parser.add_argument("-q", "--quiet", action="store_true", help="one line a bundle")
    parser.add_argument("-v", "--verbose", action="store_true", help="every cause, every observation")
    parser.add_argument("--version", action="version", version=f"analyze {__version__}")
    return parser


def _analyze(options: argparse.Namespace) -> int:
    from analyzer.report.times import time_given
    asked = wish(options)
    since, until = time_given("--since", options.since), time_given("--until", options.until)
    if since is not None and until is not None and since > until:
        raise UsageError("--since is later than --until")
    if options.jobs < 0:
        raise UsageError(f"--jobs {options.jobs} is no number of processes", advice="write 1 or more")
    wanted: dict[str, str] = {name: getattr(options, name) for name in RENDERERS if getattr(options, name) is not None}
    if len(options.bundles) > 1:
        if wanted:
            raise UsageError(f"--{next(iter(wanted))} takes one bundle at a time")
        return _several(options, asked)
    _check_outputs(wanted, options.bundles[0])
    from analyzer.language.knowledge import load_knowledge
    from analyzer.report.batch import find
    found = find(options.bundles[0], asked, load_knowledge(asked.signatures))
    with _whoever_reads():
        if wanted:
            from analyzer.report.write import write
            write(found, wanted, options.zone)
        if "-" not in wanted.values():
            from analyzer.report.screen import show_findings
            show_findings(found, options)
    return found.exit_code


def _check_outputs(wanted: Mapping[str, str], bundle: Path) -> None:
    """Refuse, before any work is done, two reports on one output, and a report over the bundle itself."""
    seen: dict[str, str] = {}
    for name, path in wanted.items():
        place = path if path == "-" else os.path.realpath(path)
        if place in seen:
            raise UsageError(f"--{seen[place]} and --{name} would write to the same place", advice="give each its own")
        seen[place] = name
        if place == os.path.realpath(bundle):
            raise UsageError(f"--{name} {path} would overwrite the bundle", advice="give another path")


def _several(options: argparse.Namespace, asked: Wish) -> int:
    from analyzer.report.batch import find_all
    from analyzer.report.screen_many import show_many
    paths = list(dict.fromkeys(options.bundles))
    found: dict[str, Findings | str] = {}
    statuses: list[int] = []
    for path, one in find_all(paths, asked, options.jobs or os.cpu_count() or 1):
        if isinstance(one, TriageError):
            _complain(str(one), one.exit_code)
            found[str(path)] = one.what
        else:
            found[str(path)] = one
        statuses.append(one.exit_code)
    with _whoever_reads():
        show_many(found, options)
    return overall(statuses)


def overall(statuses: Sequence[int]) -> int:
    """The status of several bundles: the worst of 3, then 0 if any was found, else 4, else 1."""
    return next((status for status in (3, 0, 4) if status in statuses), 1)


if __name__ == "__main__":
    sys.exit(main())
