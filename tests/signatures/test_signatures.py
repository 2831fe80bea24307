"""Every signature: its tests, their repetitions, its regexes on long lines, and lint."""

from __future__ import annotations

import pytest

from analyzer.language.knowledge import Knowledge, load_knowledge
from analyzer.language.lint import Finding, lint
from analyzer.language.selftest import run_test
from analyzer.language.stage import Theatre
from analyzer.language.trials import hostile_lines

KNOWLEDGE = load_knowledge()
TESTS = [(signature.id, number) for signature in KNOWLEDGE.signatures.values() for number in range(1, len(signature.tests) + 1)]


@pytest.fixture(scope="session")
def theatre() -> Theatre:
    return Theatre(KNOWLEDGE)


@pytest.fixture(scope="session")
def findings() -> list[Finding]:
    return lint(KNOWLEDGE)


@pytest.mark.parametrize(("name", "number"), TESTS, ids=[f"{name}-{number}" for name, number in TESTS])
def test_a_signature_judges_its_test_right_and_still_does_under_other_conditions(theatre: Theatre, name: str, number: int) -> None:
    tested = run_test(theatre, KNOWLEDGE.signatures[name], number)
    assert not tested.failures, f"{tested.name}\n" + "\n\n".join(map(str, tested.failures))


@pytest.mark.parametrize("name", sorted(KNOWLEDGE.signatures))
def test_no_regex_of_a_signature_stalls_on_long_lines(name: str) -> None:
    failures = list(hostile_lines(KNOWLEDGE.signatures[name]))
    assert not failures, "\n\n".join(map(str, failures))


@pytest.mark.parametrize("name", sorted(KNOWLEDGE.signatures))
def test_a_signature_is_complete(findings: list[Finding], name: str) -> None:
    file = KNOWLEDGE.signatures[name].file
    errors = [str(finding) for finding in findings if finding.severity == "error" and finding.where.partition(":")[0] == file]
    assert not errors, "\n".join(errors)


def test_there_is_knowledge() -> None:
    assert isinstance(KNOWLEDGE, Knowledge)
    assert KNOWLEDGE.signatures
