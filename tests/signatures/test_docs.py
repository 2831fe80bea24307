"""What the documentation shows works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import tomli

from analyzer.language.knowledge import load_knowledge
from analyzer.language.lint import lint
from analyzer.language.load import GUIDE_CAUSES, SCHEMA
from analyzer.language.operators import OPERATORS
from analyzer.language.scene import KEYS
from analyzer.language.schema import SHAPES
from analyzer.language.tools import run
from tests.signatures.samples import folder_with
from tests.test_flow import LAYERS

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def example(page: str) -> str:
    """The signature that a page shows."""
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    return next(block for block in blocks if block.startswith("schema = "))


@pytest.mark.parametrize("page", ["signatures.md", "adding-a-cause.md"])
def test_the_signature_on_the_page_is_complete_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str], page: str) -> None:
    text = example(page)
    head = tomli.loads(text)
    folder = folder_with(tmp_path, text, f"{head['guide-cause']}/{head['id']}.toml")
    assert run(["test", head["id"], "--signatures", str(folder)]) == 0, capsys.readouterr().out
    assert lint(load_knowledge([folder]), [head["id"]]) == []


def test_the_commands_on_the_page_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (DOCS / "adding-a-cause.md").read_text(encoding="utf-8")
    commands = [shlex.split(line[2:]) for line in text.splitlines() if line.startswith("$ analyze signatures")]
    assert [command[2] for command in commands] == ["new", "lint", "test"]
    where = ["--signatures", str(tmp_path)]
    for command in commands:
        assert run([*command[2:], *where]) == 0, capsys.readouterr().out


def test_the_reference_names_every_word_of_the_language() -> None:
    text = (DOCS / "signatures.md").read_text(encoding="utf-8")
    missing = [word for word in (*OPERATORS, *GUIDE_CAUSES, *KEYS, SCHEMA) if f"`{word}`" not in text]
    missing += [shape for shape in SHAPES if not re.search(rf"^\| {shape} \|", text, re.MULTILINE)]
    assert not missing


def test_the_architecture_names_every_room() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rooms = {room.removeprefix("analyzer.").replace(".", "/") for _, names in LAYERS for room in names if room.count(".") and "__" not in room}
    missing = [room for room in sorted(rooms) if not {f"`{room}`", f"`{room}/`", f"`{room.partition('/')[2]}`"} & set(re.findall(r"`[^`]+`", text))]
    assert not missing
