"""`analyze signatures ...`: what authors of signatures work with. Described in docs/adding-a-cause.md."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.language.knowledge import Knowledge, load_knowledge
from analyzer.language.load import GUIDE_CAUSES
from analyzer.language.schema import Signature


def run(argv: Sequence[str]) -> int:
    """Run one of the tools; `argv` is what follows the word `signatures`.

    Returns 0 if all is well and 1 if a test failed or lint found an error. Raises SignatureError (status 5) for knowledge
    that cannot be loaded and UsageError (status 2) for what cannot be done.
    """
    options = _parser().parse_args(list(argv))
    status: int = options.tool(options, load_knowledge(options.signatures))
    return status


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--signatures", metavar="DIR", type=Path, action="append", default=[], help="further signatures, added (repeatable)")
    parser = argparse.ArgumentParser(prog="analyze signatures", description="Tools for the authors of signatures.")
    tools = parser.add_subparsers(dest="name", metavar="TOOL", required=True)

    tools.add_parser("list", parents=[common], help="every cause, by the guide's order").set_defaults(tool=_list)
    show = tools.add_parser("show", parents=[common], help="one cause as a page of Markdown")
    show.add_argument("id", metavar="ID")
    show.set_defaults(tool=_show)
    lint = tools.add_parser("lint", parents=[common], help="what is missing or out of place in signatures")
    lint.add_argument("ids", metavar="ID", nargs="*", help="only these signatures")
    lint.add_argument("-q", "--quiet", action="store_true", help="errors only, no warnings")
    lint.set_defaults(tool=_lint)
    test = tools.add_parser("test", parents=[common], help="run the tests inside signatures, and repeat them under other conditions")
    test.add_argument("ids", metavar="ID", nargs="*", help="only these signatures")
    test.add_argument("--plain", action="store_true", help="the tests alone, without their repetitions")
    test.add_argument("-v", "--verbose", action="store_true", help="name every test")
    test.set_defaults(tool=_test)
    docs = tools.add_parser("docs", parents=[common], help="write a page for every cause")
    docs.add_argument("--output", metavar="DIR", type=Path, default=Path("docs/causes"), help="where to (default docs/causes)")
    docs.set_defaults(tool=_docs)
    new = tools.add_parser("new", parents=[common], help="a signature file to start from, out of a log line")
    new.add_argument("id", metavar="ID", help="the id of the new cause: lower-case words joined by hyphens")
    new.add_argument("--line", required=True, help="the log line that shows it, pasted whole")
    new.add_argument("--guide-cause", choices=GUIDE_CAUSES, default="other", help="the guide's cause it belongs to (default other)")
    new.add_argument("--output", metavar="DIR", type=Path, help="folder of signatures (default: the first --signatures, else signatures)")
    new.set_defaults(tool=_new)
    return parser


def _list(_options: argparse.Namespace, knowledge: Knowledge) -> int:
    width = max((len(name) for name in knowledge.signatures), default=0)
    for guide in GUIDE_CAUSES:
        for one in sorted(knowledge.signatures.values(), key=lambda one: one.id):
            if one.guide_cause == guide:
                print(f"{one.id:{width}}  {guide:21}  {'+'.join(sorted(one.platforms)):13}  {one.severity:8}  {one.status:6}  {one.title}")
    return 0


def _show(options: argparse.Namespace, knowledge: Knowledge) -> int:
    from analyzer.language.docs import page
    print(page(knowledge, _known(knowledge, options.id)), end="")
    return 0


def _known(knowledge: Knowledge, name: str) -> Signature:
    if name not in knowledge.signatures:
        raise UsageError(f"there is no signature {name!r}", advice="`analyze signatures list` shows them")
    return knowledge.signatures[name]


def _lint(options: argparse.Namespace, knowledge: Knowledge) -> int:
    from analyzer.language.lint import lint
    for name in options.ids:
        _known(knowledge, name)
    findings = lint(knowledge, options.ids)
    for finding in findings:
        if finding.severity == "error" or not options.quiet:
            print(finding)
    errors = sum(finding.severity == "error" for finding in findings)
    print(f"{len(options.ids) or len(knowledge.signatures)} signatures, {errors} errors, {len(findings) - errors} warnings")
    return 1 if errors else 0


def _test(options: argparse.Namespace, knowledge: Knowledge) -> int:
    from analyzer.language.selftest import run_tests
    from analyzer.language.trials import hostile_lines
    passed = failed = slow = 0
    for tested in run_tests(knowledge, options.ids, not options.plain):
        passed += not tested.failures
        failed += bool(tested.failures)
        if tested.failures or options.verbose:
            print(f"{'FAILED' if tested.failures else 'passed'}  {tested.id}")
        for failure in tested.failures:
            print(_indented(failure))
    for signature in knowledge.signatures.values():
        if options.plain or (options.ids and signature.id not in options.ids):
            continue
        for failure in hostile_lines(signature):
            slow += 1
            print(f"FAILED  {signature.id}: long lines\n{_indented(failure)}")
    print(f"{passed} of {passed + failed} tests passed" + (f", {slow} regexes are too slow" if slow else ""))
    return 1 if failed or slow else 0


def _indented(text: object) -> str:
    return "\n".join(f"    {line}" for line in str(text).splitlines())


def _docs(options: argparse.Namespace, knowledge: Knowledge) -> int:
    from analyzer.language.docs import write
    try:
        written, removed = write(knowledge, options.output)
    except OSError as error:
        raise UsageError(f"cannot write to {options.output}: {error.strerror or error}") from error
    print(f"{options.output}: {len(knowledge.signatures)} causes, {written} pages written, {removed} removed")
    return 0


def _new(options: argparse.Namespace, knowledge: Knowledge) -> int:
    from analyzer.language.starter import starter
    folder = options.output or (options.signatures[0] if options.signatures else Path("signatures"))
    path = folder / options.guide_cause / f"{options.id}.toml"
    text = starter(knowledge, options.id, options.line, options.guide_cause)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    print(f"{path}\nfill it in, then: analyze signatures lint {options.id} && analyze signatures test {options.id}")
    return 0


if __name__ == "__main__":
    import sys

    from analyzer.errors import TriageError
    try:
        sys.exit(run(sys.argv[1:]))
    except TriageError as error:
        print(f"analyze: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
