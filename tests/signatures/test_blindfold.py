"""Looking at less never rules a cause out: a sample of the cases there are, one file taken away at a time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from analyzer.language.knowledge import load_knowledge
from tests import evaluate
from tests.signatures.blindfold import Blindfold, members_of

SEED, MOST = 20260504, 60


def _cases() -> list[Path]:
    folders = [evaluate.OWN, *evaluate.beside()]
    found = [case for folder in folders for case in evaluate.cases(folder)]
    return found + sorted(path.parent for path in (evaluate.ROOT / "fixtures").rglob("manifest.json") if path.parent not in found)


def _sample() -> list[tuple[Path, str]]:
    """Pairs of a case and one of its files: every case has the same chance, whatever its size."""
    chance = random.Random(SEED)
    cases = _cases()
    chosen = chance.sample(cases, min(MOST, len(cases)))
    return [(case, chance.choice(members)) for case in chosen if (members := members_of(case))]


@pytest.fixture(scope="module")
def blindfold() -> Blindfold:
    return Blindfold(load_knowledge())


def test_a_file_less_rules_nothing_out(blindfold: Blindfold) -> None:
    sample = _sample()
    if not sample:
        pytest.skip("there are no cases")
    wrong = [ruled for case, member in sample for ruled in blindfold.without(case, member)]
    assert not wrong, "\n".join(map(str, wrong))
