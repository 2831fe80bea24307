"""What the documents promise is shown by tests that exist, and they name what the program has."""

import pathlib
import re
import subprocess
import sys

import pytest

from collector.secrets import RULES
from tests.collector import forms

DOCS = pathlib.Path(__file__).parents[2] / "docs"
OURS = ("security.md", "getting-it-off-the-vm.md")


@pytest.mark.parametrize("name", OURS)
def test_every_test_that_is_named_exists(name):
    text = (DOCS / name).read_text()
    files = {path.name: path.read_text() for path in pathlib.Path(__file__).parent.glob("*.py")}
    assert not [test for test in re.findall(r"`(test_\w+)`", text) if not any(f"def {test}(" in code for code in files.values())]
    assert not [test for test in re.findall(r"`(test_\w+\.py)`", text) if test not in files]


@pytest.mark.parametrize("name", OURS)
def test_every_option_that_is_named_exists(pyz, name):
    known = subprocess.check_output([sys.executable, pyz, "--help"], text=True)
    text = re.sub(r"\[masked[^\]]*\]", "", (DOCS / name).read_text())
    assert not [word for word in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text) if word not in known]


def test_every_kind_of_mark_is_explained():
    text = (DOCS / "security.md").read_text()
    assert not {rule.kind for rule in RULES} - set(re.findall(r"`([a-z-]+)`", text))


def test_no_more_forms_are_promised_than_are_tried():
    text = (DOCS / "security.md").read_text()
    promised = re.search(r"(\d+) telling keys in (\d+) notations, (\d+) forms of a line and (\d+) forms of several lines", text).groups()
    tried = [len(part) for part in (forms.KEYS, forms.KEYED, forms.LINES, forms.BLOCKS)]
    assert all(int(words) <= count for words, count in zip(promised, tried))
    assert int(re.search(r"(\d+) lines that look alike", text).group(1)) <= len(forms.KEPT)
