"""What authors of signatures work with: each tool complains about what it is there for, and about nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.errors import SignatureError, UsageError
from analyzer.language import docs
from analyzer.language.knowledge import load_knowledge
from analyzer.language.lint import lint
from analyzer.language.selftest import run_tests
from analyzer.language.starter import generalised, message_of
from analyzer.language.tools import run
from analyzer.language.trials import hostile_lines
from tests.signatures.samples import TEXT, folder_with, signature_of

ROOT = Path(__file__).resolve().parent.parent.parent
LOG = "/var/log/waagent.log"


def failures(where: Path, text: str, plain: bool = False) -> list[str]:
    """What the tests of a signature complain about, in one line each."""
    knowledge = load_knowledge([folder_with(where, text)])
    return [failure.what for tested in run_tests(knowledge, ["paper-jam"], not plain) for failure in tested.failures]


def complaints(where: Path, text: str, file: str = "other/paper-jam.toml") -> list[str]:
    return [str(finding) for finding in lint(load_knowledge([folder_with(where, text, file)]), ["paper-jam"])]


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


# -- test -----------------------------------------------------------------------------------------------------------

def test_a_sound_signature_passes_and_is_complete(tmp_path: Path) -> None:
    assert failures(tmp_path, TEXT) == []
    assert complaints(tmp_path, TEXT) == []


@pytest.mark.parametrize(("old", "new", "says"), [
    ('expect = "confirmed"', 'expect = "likely"', "expected likely, got confirmed"),
    ('tray = "3"', 'tray = "4"', "expected tray = '4', got '3'"),
    ("waagent.log:2", "waagent.log:1", "expected /var/log/waagent.log:1 to be cited"),
    ('missing = ["/var/log/waagent.log"]\nexpect = "not-assessed"', f'files = {{ "{LOG}" = "2026-05-04T09:58:00Z x" }}\nexpect = "ruled-out"',
     "expected jammed to be blind, it is clear"),
])
def test_a_test_that_does_not_hold_says_so(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert failures(tmp_path, changed(old, new)) == [says]


def test_a_failure_reads_in_five_parts(tmp_path: Path) -> None:
    knowledge = load_knowledge([folder_with(tmp_path, changed('expect = "confirmed"', 'expect = "ruled-out"'))])
    failure = next(failure for tested in run_tests(knowledge, ["paper-jam"]) for failure in tested.failures)
    heads = [line.partition(":")[0] for line in str(failure).splitlines()]
    assert list(dict.fromkeys(heads)) == ["error", "reason", "where", "note", "help"]
    assert f"jammed   seen   {LOG}:2  2026-05-04T09:59:00.000000Z ERROR" in str(failure)
    assert "ruled-out = 'not jammed'" in str(failure)


def test_a_test_may_not_say_what_the_format_does_not_know(tmp_path: Path) -> None:
    for old, new in (('name = "a jam"', 'nam = "a jam"'), ('expect = "confirmed"', 'expect = "sure"'), ('blind = ["jammed"]', 'blind = ["jam"]'),
                     ('expect = "confirmed"', 'at = "yesterday"\nexpect = "confirmed"')):
        with pytest.raises(SignatureError, match=r"\[\[test\]\]"):
            failures(tmp_path, changed(old, new))


SMOKE = """
[evidence.smoke]
source = "syslog"
match = 'smoke from tray'
note = "smoke"

[[test]]
name = "smoke"
files = { "/var/log/syslog" = "2026-05-04T09:58:30Z vm lpd[1]: smoke from tray 3\\n", "/var/log/waagent.log" = "2026-05-04T09:58:40Z printing\\n" }
expect = "confirmed"

[verdict]
confirmed = "jammed or smoke"
"""


def test_looking_at_less_must_not_rule_out(tmp_path: Path) -> None:
    """`ruled-out` does not ask for the second log: without it, nothing speaks against ruling out."""
    text = changed('[verdict]\nconfirmed = "jammed"', SMOKE)
    assert failures(tmp_path, text) == ["without /var/log/syslog it is ruled out; with it, it was confirmed"]
    mended = text.replace('"not jammed"', '"not jammed and not smoke"').replace('expect = "ruled-out"', 'expect = "not-assessed"')
    assert failures(tmp_path, mended) == []


def test_two_causes_confirmed_by_one_story_must_be_tied(tmp_path: Path) -> None:
    folder_with(tmp_path, TEXT.replace("paper-jam", "tray-stuck"), "other/tray-stuck.toml")
    assert failures(tmp_path, TEXT) == ["paper-jam and tray-stuck are both confirmed"]
    assert failures(tmp_path, changed('platforms = ["linux"]', 'platforms = ["linux"]\nleads-to = ["tray-stuck"]')) == []


def test_the_verdict_must_not_hang_on_the_calendar(tmp_path: Path) -> None:
    text = changed("'paper jam in tray", "'2026-05-04T09.{0,80}paper jam in tray")
    found = failures(tmp_path, text)
    assert len(found) == 2
    assert found[0].startswith("by a clock that is 7 hours behind it is ruled-out")
    assert found[1].startswith("over New Year it is ruled-out")


def test_a_regex_that_stalls_is_found() -> None:
    text = changed("'paper jam in tray (?P<tray>\\d+)'", "'paper jam(?:.*)*tray (?P<tray>\\d+)'")
    slow = [failure.what for failure in hostile_lines(signature_of(text))]
    assert slow
    assert "more than 0.3 s" in slow[0]
    assert list(hostile_lines(signature_of())) == []


# -- lint -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("old", "new", "says"), [
    ('expect = "ruled-out"', 'expect = "possible"', "no test rules it out or does not see it"),
    ('expect = "not-assessed"\nblind = ["jammed"]', 'expect = "not-seen"', "no test has a blind source"),
    ('platforms = ["linux"]', 'platforms = ["linux"]\nleads-to = ["sadness"]', "there is no signature 'sadness'"),
    ('ruled-out = "No paper is stuck."', "", "no sentence for ruled-out"),
    ('verify = "It prints."', "", "`verify` is missing"),
    ('note = "paper is stuck"', "", "`note` is missing"),
    ("in tray {tray}", "in {drawer}", "{drawer}: no regex, table or fact gives it in any test"),
    ("in tray {tray}", "{limits.trays}", "{limits.trays}: no such limit in limits.toml"),
    ("in tray {tray}", "{evidence.jam.when}", "'jam' names no evidence"),
    ("'paper jam in tray (?P<tray>\\d+)'", "'(?P<tray>\\d+)'", "no literal of 4 characters"),
    ('reviewed = "2026-05-04"', "", "`reviewed` is missing"),
    ('[[fix]]', '[[known-issue]]\ntitel = "x"\n\n[[fix]]', "unknown key 'titel'"),
    ('name = "a jam"\n', "", "a test has no name"),
])
def test_lint_names_what_is_missing(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert any(says in line and line.startswith("error: other/paper-jam.toml") for line in complaints(tmp_path, changed(old, new)))


def test_lint_names_a_file_out_of_place(tmp_path: Path) -> None:
    assert any("move it to other/paper-jam.toml" in line for line in complaints(tmp_path, TEXT, "no-internet/jam.toml"))


def test_lint_warns_of_prose_that_windows_translates(tmp_path: Path) -> None:
    text = changed('platforms = ["linux"]', 'platforms = ["windows"]').replace("[verdict]", '''[evidence.event]
provider = "Spooler"
source = "agent-log"
event-id = 7031
data = { message = "The spooler service terminated unexpectedly" }
note = "the spooler died"

[verdict]''')
    assert any("prose in the system's language" in line and line.startswith("warning") for line in complaints(tmp_path, text))


UNSEEN = """
[evidence.crumpled]
source = "agent-log"
match = 'crumpled sheet in tray'
count = 2
cleared-by = ["cleared"]
note = "two sheets were crumpled"

[verdict]
confirmed = "jammed or crumpled"
"""


@pytest.mark.parametrize(("sheets", "after", "seen"), [(0, "", False), (1, "", False), (2, "", True), (2, "paper path is clear", True)],
                         ids=["no line", "too few lines", "enough lines", "enough lines, and healed"])
def test_lint_warns_of_an_observation_that_no_test_sees(tmp_path: Path, sheets: int, after: str, seen: bool) -> None:
    jam = "2026-05-04T09:59:00.000000Z ERROR ExtHandler ExtHandler paper jam in tray 3"
    story = [jam, *(f"2026-05-04T09:59:1{second}Z crumpled sheet in tray 2" for second in range(sheets)), f"2026-05-04T09:59:20Z {after}"]
    text = changed('[verdict]\nconfirmed = "jammed"', UNSEEN).replace(jam, "\n".join(story), 1)
    warning = "warning: other/paper-jam.toml: [evidence.crumpled]: it is seen in no test"
    assert seen is not any(line.startswith(warning) for line in complaints(tmp_path, text))


def test_lint_warns_of_twins(tmp_path: Path) -> None:
    folder_with(tmp_path, TEXT.replace("paper-jam", "tray-stuck"), "other/tray-stuck.toml")
    assert sum("the same regex" in line for line in complaints(tmp_path, TEXT)) == 2


# -- new, docs, list, show ------------------------------------------------------------------------------------------

LINES = [
    ("2026-05-04T09:59:00.123456Z ERROR ExtHandler ExtHandler Cannot write '/var/lib/waagent/x': [Errno 5] Input/output error, it's", "agent-log"),
    ("2026/05/04 09:59:00.123456 ERROR Daemon Agent is dying of 17 wounds", "agent-log"),
    ("2026/05/04 09:59:00  [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9180.0] Unfreeze of \"all\" failed: -1 \\o/", "extension-log"),
    ("May  4 09:59:00 vm7 kernel: [ 123.4567] EXT4-fs error (device sda1): ext4_lookup:1855: deleted inode referenced: 17", "syslog"),
]


@pytest.mark.parametrize(("line", "source"), LINES)
def test_a_new_signature_passes_its_own_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, source: str) -> None:
    assert run(["new", "fresh-cause", "--line", line, "--guide-cause", "other", "--output", str(tmp_path)]) == 0
    text = (tmp_path / "other" / "fresh-cause.toml").read_text(encoding="utf-8")
    assert f'source = "{source}"' in text
    capsys.readouterr()
    assert run(["test", "fresh-cause", "--signatures", str(tmp_path)]) == 0, capsys.readouterr().out
    assert run(["lint", "fresh-cause", "--signatures", str(tmp_path)]) == 0, capsys.readouterr().out


def test_a_message_is_told_from_what_stands_before_it() -> None:
    assert message_of(LINES[1][0]) == "Agent is dying of 17 wounds"
    assert message_of(LINES[3][0]).startswith("EXT4-fs error")
    assert re.fullmatch(generalised("from 10.0.0.4 to 10.0.0.5 after 3 s (x)"), "from 10.1.2.3 to 10.9.9.9 after 400 s (x)")


def test_new_refuses_what_cannot_become_a_signature(tmp_path: Path) -> None:
    for argv in (["new", "Bad_Id", "--line", LINES[0][0]], ["new", "dns-failure", "--line", LINES[0][0]], ["new", "a-cause", "--line", "17"]):
        with pytest.raises(UsageError):
            run([*argv, "--output", str(tmp_path)])
    run(["new", "a-cause", "--line", LINES[0][0], "--output", str(tmp_path)])
    with pytest.raises(UsageError, match="exists already"):
        run(["new", "a-cause", "--line", LINES[0][0], "--output", str(tmp_path)])


def test_the_pages_of_the_causes_are_up_to_date() -> None:
    folder, wanted = ROOT / "docs" / "causes", docs.pages(load_knowledge())
    stale = [name for name, text in wanted.items() if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text]
    stale += [path.name for path in folder.glob("*.md") if path.name not in wanted]
    assert not stale, f"run `analyze signatures docs`: {', '.join(stale)}"


def test_a_page_says_what_proves_it_and_what_to_do(tmp_path: Path) -> None:
    knowledge = load_knowledge([folder_with(tmp_path, TEXT)])
    page = docs.page(knowledge, knowledge.signatures["paper-jam"])
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    assert headings == ["The printer is jammed", "What proves it", "What rules it out", "What is looked at", "What to do"]
    assert "- `jammed` (not seen): paper is stuck" in page
    assert docs.write(knowledge, tmp_path / "pages") == (len(knowledge.signatures) + 1, 0)
    assert docs.write(knowledge, tmp_path / "pages") == (0, 0)


def test_list_and_show_print(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = str(folder_with(tmp_path))
    assert run(["list", "--signatures", folder]) == 0
    assert re.search(r"^paper-jam +other +linux +blocker +stable +The printer is jammed$", capsys.readouterr().out, re.MULTILINE)
    assert run(["show", "paper-jam", "--signatures", folder]) == 0
    assert capsys.readouterr().out.startswith("# The printer is jammed")


def test_the_status_tells_failed_tests_and_bad_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = folder_with(tmp_path, changed('expect = "confirmed"', 'expect = "likely"'))
    assert run(["test", "paper-jam", "--signatures", str(folder)]) == 1
    assert "FAILED  paper-jam: a jam" in capsys.readouterr().out
    folder_with(tmp_path, changed('severity', 'severity') if "severity" in TEXT else changed('id = "paper-jam"', 'id = "paper-jam"\ncolour = "red"'))
    with pytest.raises(SignatureError, match="unknown key 'colour'") as caught:
        run(["test", "--signatures", str(folder)])
    assert caught.value.exit_code == 5
