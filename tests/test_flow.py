"""Imports go one way: what tells a person uses what reads a bundle, never the other way round.

The table below is the architecture; docs/architecture.md explains it. Imports inside functions and under TYPE_CHECKING
count like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# From the bottom up: a row's modules may use each other and every row above theirs in this list. A name stands for the
# module or package and all within; the longest that fits decides.
LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the version", ("analyzer",)),
    ("errors and values", ("analyzer.errors", "analyzer.model")),
    ("time", ("analyzer.clock",)),
    ("a bundle and its members", ("analyzer.bundle",)),
    ("lines that match", ("analyzer.scan",)),
    ("what an artifact is and how to read it", ("analyzer.sources",)),
    ("what was gathered, and what it covers", ("analyzer.evidence",)),
    ("Windows members taken into what was gathered", ("analyzer.sources.windows.reading", "analyzer.sources.windows.told")),
    ("texts without a name, what the manifest accounts for, and what stands in", ("analyzer.sniffing", "analyzer.coverage", "analyzer.standins")),
    ("the walk over a bundle", ("analyzer.gather",)),
    ("tables that follow from tables", ("analyzer.derived",)),
    ("attempts", ("analyzer.attempts",)),
    ("comparisons and conditions", ("analyzer.language.operators", "analyzer.language.expression")),
    ("facts", ("analyzer.facts",)),
    ("the signatures' language", ("analyzer.language",)),
    ("causes judged", ("analyzer.diagnosis",)),
    ("what happened when", ("analyzer.timeline",)),
    ("what nothing explains", ("analyzer.novelty",)),
    ("the report", ("analyzer.report", "analyzer.view")),
    ("tools of signature authors", tuple(f"analyzer.language.{name}" for name in (
        "scene", "stage", "shift", "hostile", "outcome", "trials", "selftest", "lint", "starter", "tools"))),
    ("the command line", ("analyzer.commands", "analyzer.cli", "analyzer.__main__")),
)


@dataclass(frozen=True)
class Import:
    """One import: who, whom, and where it stands."""

    importer: str
    imported: str
    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.importer} imports {self.imported}"


def modules(package: str) -> dict[str, Path]:
    """Every module of a package with its file."""
    found = {}
    for path in (ROOT / package).rglob("*.py"):
        found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """The imports of a module, wherever in it they stand; relative ones resolved."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, path, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[:len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield Import(name, whole if whole in known else base, path, node.lineno)


def place(module: str) -> int | None:
    """The row of a module, from 0 at the bottom; None if the table does not know it."""
    fits = [(len(name), row) for row, (_, names) in enumerate(LAYERS) for name in names
            if module == name or (name != "analyzer" and module.startswith(f"{name}."))]
    return max(fits)[1] if fits else None


def every_import(package: str) -> list[Import]:
    known = modules(package)
    return [one for name, path in sorted(known.items()) for one in imports(name, path, known)]


def test_every_module_has_its_place() -> None:
    lost = [name for name in modules("analyzer") if place(name) is None]
    assert not lost, f"say in LAYERS where these belong: {', '.join(lost)}"


def against_the_flow(found: Iterable[Import]) -> list[str]:
    """The imports that lead up."""
    wrong = []
    for one in found:
        mine, other = place(one.importer), place(one.imported)
        if one.imported.split(".")[0] == "analyzer" and mine is not None and other is not None and other > mine:
            wrong.append(f"{one}: {LAYERS[mine][0]!r} lies below {LAYERS[other][0]!r}")
    return list(dict.fromkeys(wrong))


def test_imports_go_one_way() -> None:
    wrong = against_the_flow(every_import("analyzer"))
    assert not wrong, "\n".join(wrong)


def test_an_import_against_the_flow_would_be_found() -> None:
    up = Import("analyzer.scan.lines", "analyzer.report.screen", ROOT / "analyzer" / "scan" / "lines.py", 7)
    inside = Import("analyzer.errors", "analyzer.model", ROOT / "analyzer" / "errors.py", 3)
    down = Import("analyzer.report.screen", "analyzer.model", ROOT / "analyzer" / "report" / "screen.py", 1)
    found = against_the_flow([up, inside, down])
    assert [line.split(": ")[0] for line in found] == ["analyzer/scan/lines.py:7"]


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules("analyzer")
    graph: dict[str, set[str]] = {name: set() for name in known}
    for one in every_import("analyzer"):
        if one.imported in known and one.imported != one.importer:
            graph[one.importer].add(one.imported)
    circles = _circles(graph)
    assert not circles, "\n".join(" -> ".join([*circle, circle[0]]) for circle in circles)


def _circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """A circle for every pair of modules that reach each other directly or by detours; empty for a graph without any."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append(trail[trail.index(name):])
            return
        if name in done:
            return
        for following in sorted(graph[name]):
            visit(following, [*trail, name])
        done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found


def test_the_two_programs_do_not_know_each_other() -> None:
    crossed = [str(one) for package, other in (("analyzer", "collector"), ("collector", "analyzer")) for one in every_import(package)
               if one.imported.split(".")[0] in (other, "tests")]
    assert not crossed, "\n".join(crossed)
