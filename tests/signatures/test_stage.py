"""A test in memory is read as the same bundle on disk would be."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from analyzer.attempts import PATTERNS
from analyzer.bundle.bundle import open_bundle
from analyzer.derived import derive
from analyzer.diagnosis import diagnose
from analyzer.errors import SignatureError
from analyzer.facts import find_facts
from analyzer.gather import gather
from analyzer.language.knowledge import load_knowledge
from analyzer.language.scene import Scene, scene_of
from analyzer.language.stage import MemoryBundle, Theatre
from analyzer.model import Level
from analyzer.scan.scanner import Scanner
from tests.signatures.samples import folder_with, signature_of

KNOWLEDGE = load_knowledge()


def written(scene: Scene, where: Path) -> Path:
    """The scene as a zip, with its manifest."""
    bundle = MemoryBundle(scene)
    assert bundle.manifest
    path = where / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(bundle.manifest.raw))
        for name, content in bundle.contents.items():
            archive.writestr(name, content)
    return path


def of_artifacts_only() -> list[tuple[str, int, Scene]]:
    """The tests of signatures that give no tables, facts or events directly."""
    found = []
    for signature in KNOWLEDGE.signatures.values():
        for number, test in enumerate(signature.tests, 1):
            scene = scene_of(test, signature, number, KNOWLEDGE.catalogue)
            named = (*scene.missing, *scene.absent)
            if not (scene.tables or scene.facts or scene.events) and not any(name.startswith(("table:", "fact:", "events:")) for name in named):
                found.append((signature.id, number, scene))
    return found


def test_a_bundle_on_disk_is_judged_like_the_test_it_was_written_from(tmp_path: Path) -> None:
    theatre, scanner = Theatre(KNOWLEDGE), Scanner([*PATTERNS, *KNOWLEDGE.patterns()])
    differing = []
    for name, number, scene in of_artifacts_only():
        scanner.hits = {}
        evidence = gather(open_bundle(written(scene, tmp_path)), KNOWLEDGE.catalogue, (), scanner)
        derive(evidence)
        facts = find_facts(evidence, KNOWLEDGE.facts)
        on_disk = diagnose(evidence, facts, KNOWLEDGE, at=scene.at, attempt=scene.attempt, only=(name,)).judgements
        in_memory = theatre.diagnose(scene, (name,)).judgements
        if [one.level for one in on_disk] != [one.level for one in in_memory]:
            differing.append(f"{name} {number}: on disk {[one.level.value for one in on_disk]}, in memory {[one.level.value for one in in_memory]}")
    assert not differing, "\n".join(differing)


def judged(tmp_path: Path, test: dict[str, object], text: str | None = None) -> Level:
    """What the sample signature makes of a test."""
    knowledge = load_knowledge([folder_with(tmp_path, text) if text else folder_with(tmp_path)])
    signature = knowledge.signatures["paper-jam"]
    scene = scene_of({"expect": "confirmed", **test}, signature, 1, knowledge.catalogue)
    return Theatre(knowledge).diagnose(scene, ("paper-jam",)).judgements[0].level


ROW = '''
[evidence.jammed]
table = "trays"
where = { state = "jammed" }
note = "stuck"

[evidence.cleared]
fact = "agent.running-version"
version-ge = "2.2"
note = "new"

[verdict]
'''


def with_row() -> str:
    from tests.signatures.samples import TEXT
    return TEXT[:TEXT.index("[evidence.jammed]")] + ROW.lstrip() + TEXT[TEXT.index("[verdict]") + len("[verdict]\n"):]


def test_tables_are_whole_when_given_and_blind_when_missing(tmp_path: Path) -> None:
    text = with_row()
    assert judged(tmp_path, {"tables": {"trays": [{"state": "jammed"}]}}, text) is Level.CONFIRMED
    assert judged(tmp_path, {"tables": {"trays": [{"state": "fine"}]}}, text) is Level.RULED_OUT
    assert judged(tmp_path, {"missing": ["table:trays"]}, text) is Level.NOT_ASSESSED
    assert judged(tmp_path, {}, text) is Level.NOT_ASSESSED


def test_facts_flow_into_those_that_are_the_first_known_of_them(tmp_path: Path) -> None:
    text = with_row().replace('"jammed"\nruled-out = "not jammed"', '"cleared"')
    assert judged(tmp_path, {"facts": {"agent.daemon-version": "2.3.0"}}, text) is Level.CONFIRMED
    assert judged(tmp_path, {"facts": {"agent.daemon-version": "2.3.0", "agent.running-version": "2.0"}}, text) is Level.NOT_SEEN
    assert judged(tmp_path, {"facts": {"agent.daemon-version": "2.3.0"}, "missing": ["fact:agent.running-version"]}, text) is Level.NOT_ASSESSED


EVENT = '''
[evidence.jammed]
source = "agent-log"
provider = "Spooler"
event-id = 42
data = { Tray = "3" }
note = "stuck"

[evidence.cleared]
source = "agent-log"
match = 'paper path is clear'
note = "clear"

[verdict]
'''


def test_events_cover_their_source(tmp_path: Path) -> None:
    text = with_row().replace(ROW.lstrip(), EVENT.lstrip())
    event = {"source": "agent-log", "provider": "Spooler", "event-id": 42, "time": "2026-05-04T09:59:00Z", "data": {"Tray": "3"}}
    assert judged(tmp_path, {"events": [event]}, text) is Level.CONFIRMED
    assert judged(tmp_path, {"events": [{**event, "event-id": 7}]}, text) is Level.RULED_OUT
    assert judged(tmp_path, {"missing": ["events:agent-log"]}, text) is Level.NOT_ASSESSED


def test_the_attempt_may_be_given(tmp_path: Path) -> None:
    log = {"/var/log/waagent.log": "2026-05-04T07:00:00Z ERROR paper jam in tray 3\n2026-05-04T09:58:00Z INFO x\n"}
    late = {"start": "2026-05-04T09:50:00Z", "end": "2026-05-04T09:55:00Z", "code": 76}
    early = {"start": "2026-05-04T06:59:30Z", "end": "2026-05-04T07:10:00Z"}
    assert judged(tmp_path, {"files": log}) is Level.CONFIRMED
    assert judged(tmp_path, {"files": log, "attempt": late}) is Level.RULED_OUT
    assert judged(tmp_path, {"files": log, "attempt": early}) is Level.CONFIRMED
    with pytest.raises(SignatureError, match="follows from the attempt"):
        judged(tmp_path, {"facts": {"attempt.code": "76"}})


def test_the_collection_follows_the_last_stamp() -> None:
    def collected(**test: object) -> float:
        return scene_of({"expect": "confirmed", **test}, signature_of(), 1, KNOWLEDGE.catalogue).collected
    noon = 1777896000.0
    assert collected(files={"/var/log/waagent.log": "2026-05-04T11:59:00Z a\n2026-05-04T11:58:00Z se=2031-01-01T00:00:00Z\n"}) == noon
    assert collected(files={"/var/log/waagent.log": "2026/05/04 13:59:00.5 a\n"}, zone="Europe/Berlin") == noon + 0.5
    assert collected(files={"/var/log/syslog": "May  4 09:59:00 vm a: b\n"}) == noon - 7200
    assert collected(collected="2026-05-04T12:00:00Z") == noon
    assert collected() == noon - 7200
