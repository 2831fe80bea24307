"""Bundles in every wrapping, and archives that mean harm."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analyzer.bundle.bundle import open_bundle
from analyzer.bundle.layout import normalise, vm_path
from analyzer.bundle.limits import Limits
from analyzer.errors import BundleError

LOG = b"2026-03-02T09:00:00.000000Z INFO ExtHandler ExtHandler hello\n"
TREE = {"var/log/waagent.log": LOG, "etc/waagent.conf": b"Extensions.Enabled=y\n"}


def paths_of(where: Path) -> dict[str | None, bytes]:
    bundle = open_bundle(where)
    return {member.path: bundle.read(member) for member in bundle.members()}


def expected() -> dict[str | None, bytes]:
    return {f"/{name}": data for name, data in TREE.items()}


def zip_of(path: Path, tree: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
    return path


def tar_of(tree: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_by_any_method_reads_the_same(tmp_path: Path, method: int) -> None:
    assert paths_of(zip_of(tmp_path / "a.zip", TREE, method)) == expected()


def test_a_zip_of_windows_explorer_is_read(tmp_path: Path) -> None:
    """Deflate64 (method 9): the directory of a stored zip is rewritten, since no Python library writes such zips."""
    import zlib

    import inflate64
    packer = inflate64.Deflater()
    packed = packer.deflate(LOG * 9) + packer.flush()
    where = zip_of(tmp_path / "a.zip", {"var/log/waagent.log": packed}, zipfile.ZIP_STORED)
    raw = bytearray(where.read_bytes())
    central = raw.rfind(b"PK\x01\x02")
    raw[central + 10:central + 12] = raw[8:10] = struct.pack("<H", 9)
    raw[central + 16:central + 20] = struct.pack("<I", zlib.crc32(LOG * 9))
    raw[central + 24:central + 28] = struct.pack("<I", len(LOG) * 9)
    where.write_bytes(raw)
    assert paths_of(where) == {"/var/log/waagent.log": LOG * 9}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_tar_in_any_compression_reads_the_same(tmp_path: Path, mode: str) -> None:
    where = tmp_path / "a.tar.any"
    where.write_bytes(tar_of(TREE, mode))
    assert paths_of(where) == expected()


def test_a_tar_in_zstd_reads_the_same(tmp_path: Path) -> None:
    where = tmp_path / "a.tar.zst"
    where.write_bytes(zstandard.ZstdCompressor().compress(tar_of(TREE)))
    assert paths_of(where) == expected()


def test_prefix_folders_and_backslashes_do_not_matter(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "a.zip", {f"case 7\\copied\\{name}": data for name, data in TREE.items()})
    assert paths_of(where) == expected()


def test_a_zip_inside_a_zip_is_opened(tmp_path: Path) -> None:
    inner = zip_of(tmp_path / "inner.zip", TREE).read_bytes()
    found = paths_of(zip_of(tmp_path / "outer.zip", {"upload/logs.zip": inner}))
    assert found["/var/log/waagent.log"] == LOG


def test_a_history_zip_stands_for_its_folder(tmp_path: Path) -> None:
    inner = zip_of(tmp_path / "inner.zip", {"GoalState.xml": b"<a/>"}).read_bytes()
    found = paths_of(zip_of(tmp_path / "outer.zip", {"var/lib/waagent/history/2026-03-02T09-00-00__4.zip": inner}))
    assert found["/var/lib/waagent/history/2026-03-02T09-00-00__4/GoalState.xml"] == b"<a/>"


def test_a_rotated_log_is_read_through_its_compression(tmp_path: Path) -> None:
    found = paths_of(zip_of(tmp_path / "a.zip", {"var/log/waagent.log.2.gz": gzip.compress(LOG)}))
    assert found["/var/log/waagent.log.2.gz"] == LOG


def test_a_single_log_is_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "waagent.log").write_bytes(LOG)
    assert paths_of(tmp_path / "waagent.log") == {"/var/log/waagent.log": LOG}


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    (root / "var/log").mkdir(parents=True)
    (tmp_path / "secret").write_text("outside")
    (root / "var/log/waagent.log").symlink_to(tmp_path / "secret")
    (root / "var/log/syslog").write_bytes(b"x\n")
    assert paths_of(root) == {"/var/log/syslog": b"x\n"}


@pytest.mark.parametrize(("name", "content", "words"), [
    ("missing.zip", None, "no such file"),
    ("empty.zip", b"", "empty"),
    ("page.zip", b"<html>sign in</html>", "not a zip"),
    ("cut.zip", b"PK\x03\x04" + b"\0" * 60, "truncated"),
])
def test_what_is_no_bundle_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    where = tmp_path / name
    if content is not None:
        where.write_bytes(content)
    with pytest.raises(BundleError, match=words) as caught:
        open_bundle(where)
    assert "\n" not in str(caught.value) and str(where) in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no files"):
        open_bundle(tmp_path)


def test_a_bomb_is_refused_and_said_so(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "bomb.zip", {"var/log/syslog": b"\0" * (80 << 20), "var/log/waagent.log": LOG})
    bundle = open_bundle(where)
    assert {member.path for member in bundle.members() if not member.entry.problem} == {"/var/log/waagent.log"}
    assert any("times its size" in problem.reason for problem in bundle.problems)


def test_a_lying_size_does_not_inflate_further(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "a.zip", {"var/log/waagent.log": LOG * 1000})
    raw = bytearray(where.read_bytes())
    central = raw.rfind(b"PK\x01\x02")
    raw[central + 24:central + 28] = struct.pack("<I", 10)
    where.write_bytes(raw)
    bundle = open_bundle(where)
    assert len(bundle.read(next(iter(bundle.members())))) <= len(LOG) * 1000
    assert any("more bytes than" in problem.reason for problem in bundle.problems)


def test_a_damaged_member_gives_what_it_can_and_a_problem(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "a.zip", {"var/log/syslog": LOG * 5000, "var/log/waagent.log": LOG})
    raw = bytearray(where.read_bytes())
    raw[60:64] = b"\xff\xff\xff\xff"
    where.write_bytes(raw)
    bundle = open_bundle(where)
    texts = {member.path: bundle.read(member) for member in bundle.members()}
    assert texts["/var/log/waagent.log"] == LOG
    assert any(problem.item == "var/log/syslog" for problem in bundle.problems)


def test_nesting_has_an_end(tmp_path: Path) -> None:
    data = zip_of(tmp_path / "0.zip", TREE).read_bytes()
    for depth in range(1, 8):
        data = zip_of(tmp_path / f"{depth}.zip", {"more.zip": data}).read_bytes()
    bundle = open_bundle(tmp_path / "7.zip")
    assert not any(member.path == "/var/log/waagent.log" for member in bundle.members())
    assert any("too deep" in problem.reason for problem in bundle.problems)


def test_too_many_members_are_cut_off_and_said_so(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "a.zip", {f"var/log/azure/x/{number}.log": b"x" for number in range(50)})
    bundle = open_bundle(where, Limits(members=20))
    assert len(list(bundle.members())) <= 20


def test_the_whole_of_a_bundle_has_a_limit_too(tmp_path: Path) -> None:
    where = zip_of(tmp_path / "a.zip", {f"var/log/azure/x/{number}.log": LOG * 2000 for number in range(20)})
    bundle = open_bundle(where, Limits(total_bytes=500_000))
    assert sum(len(bundle.read(member)) for member in bundle.members()) <= 500_000
    assert any("more than the limit" in problem.reason for problem in bundle.problems)


def manifest_for(tree: dict[str, bytes]) -> bytes:
    items = [{"id": f"file.{name}", "kind": "file", "path": f"/{name}", "member": f"files/{name}", "status": "ok",
              "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in tree.items()]
    return json.dumps({"schema": "azure-backup-bundle/1", "items": items, "host": {"platform": "linux"},
                       "finished": "2026-03-02T10:00:00Z", "complete": True}).encode()


def collected(path: Path, tree: dict[str, bytes], written: dict[str, bytes] | None = None) -> Path:
    return zip_of(path, {"manifest.json": manifest_for(tree), **{f"files/{name}": data for name, data in (written or tree).items()}})


def test_a_whole_bundle_is_verified(tmp_path: Path) -> None:
    bundle = open_bundle(collected(tmp_path / "b.zip", TREE))
    for member in bundle.members():
        bundle.read(member)
    assert (bundle.verified, bundle.tampered) == (2, set())


def test_a_changed_member_is_called_tampered(tmp_path: Path) -> None:
    bundle = open_bundle(collected(tmp_path / "b.zip", TREE, {**TREE, "etc/waagent.conf": b"Extensions.Enabled=n\n"}))
    for member in bundle.members():
        bundle.read(member)
    assert bundle.tampered == {"files/etc/waagent.conf"}


def test_a_member_taken_away_is_missed(tmp_path: Path) -> None:
    bundle = open_bundle(collected(tmp_path / "b.zip", TREE, {"var/log/waagent.log": LOG}))
    assert [problem.status for problem in bundle.problems] == ["missing"]


def test_a_member_slipped_in_is_not_evidence(tmp_path: Path) -> None:
    bundle = open_bundle(collected(tmp_path / "b.zip", TREE, {**TREE, "var/log/syslog": b"planted\n"}))
    assert "/var/log/syslog" not in {member.path for member in bundle.members()}
    assert any(problem.status == "unlisted" for problem in bundle.problems)


@given(st.text(max_size=80))
def test_a_name_never_leads_out(name: str) -> None:
    assert ".." not in normalise(name).split("/")
    path = vm_path(name)
    assert path is None or ".." not in path.split("/")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_bundle_or_a_clear_refusal(data: bytes) -> None:
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "x.zip"
        where.write_bytes(b"PK\x03\x04" + data)
        try:
            bundle = open_bundle(where)
            for member in bundle.members():
                bundle.read(member)
        except BundleError as error:
            assert "\n" not in str(error)
