"""What is remembered of files that stand as they did: what makes it stale, and that nothing hides an edit by hand."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from chiasm import pipeline, source, write
from chiasm.cache import FOLDER, Cache
from chiasm.writing import manifest
from chiasm.writing.manifest import Package
from chiasm.writing.standing import FINE, Standing, fingerprint


def settled() -> None:
    """Past the time within which a change could not be told from the one before."""
    time.sleep(3 * FINE / 1e9)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files of `generated/` that are read."""
    asked: list[str] = []
    real = write._bytes

    def counted(root: Path, path: str) -> bytes | None:
        if path != manifest.PATH:
            asked.append(path)
        return real(root, path)

    monkeypatch.setattr(write, "_bytes", counted)
    return asked


def test_files_that_stand_are_read_once(project: Path, reads: list[str]) -> None:
    settled()
    assert pipeline.build(project).cached
    files = len(reads)
    assert files > 100
    assert pipeline.build(project).cached
    assert pipeline.remembered(project)
    assert len(reads) == files


@pytest.mark.parametrize("name", ["ops.py", "README.md"])
def test_an_edit_of_the_same_size_and_time_is_found(project: Path, name: str, reads: list[str]) -> None:
    settled()
    assert pipeline.build(project).cached
    target = project / "generated/llava" / name
    before, data = target.stat(), target.read_bytes()
    target.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert target.stat().st_size == before.st_size
    assert pipeline.build(project).edited == (f"generated/llava/{name}",)


def test_what_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    state = (tmp_path / "a").stat()
    assert fingerprint([("a", state)], state.st_mtime_ns + FINE // 2) == ""
    assert fingerprint([("a", state)], state.st_mtime_ns + 10**10) != ""
    whole = os.stat_result((*state[:7], 5, 5, 5), {"st_mtime_ns": 5 * 10**9, "st_ctime_ns": 5 * 10**9})
    assert fingerprint([("a", whole)], 6 * 10**9) == ""
    assert fingerprint([("a", whole)], 8 * 10**9) != ""
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert fingerprint([("b", (tmp_path / "b").lstat())], state.st_mtime_ns + 10**10) == ""


def test_a_check_of_drift_and_force_read_every_file(project: Path, reads: list[str]) -> None:
    settled()
    pipeline.build(project)
    files = {path for package in manifest.read(project).values() for path in package.files}
    for options in ({"check": True}, {"force": True}):
        reads.clear()
        pipeline.build(project, **options)
        assert files <= set(reads)


def test_a_missing_file_and_another_manifest_are_seen(tmp_path: Path) -> None:
    kept = Cache(tmp_path / ".chiasm" / FOLDER)
    folder = tmp_path / "generated/a"
    folder.mkdir(parents=True)
    (folder / "x.py").write_text("1\n")
    settled()
    files = {"generated/a/x.py": manifest.digest(b"1\n")}
    seen = Standing(tmp_path, kept)
    assert not seen.holds("a", files)
    seen.saw("a", files, seen.look("a", files))
    seen.keep()
    assert Standing(tmp_path, kept).holds("a", files)
    assert not Standing(tmp_path, kept).holds("a", {"generated/a/x.py": manifest.digest(b"2\n")})
    assert not Standing(tmp_path, kept).holds("a", files | {"generated/a/y.py": ""})
    (folder / "x.py").unlink()
    assert not Standing(tmp_path, kept).holds("a", files)


def test_pages_that_stand_are_not_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled()
    pipeline.build(project)
    read: list[str] = []
    real = source.source
    monkeypatch.setattr(source, "source", lambda path, data: read.append(path) or real(path, data))
    assert pipeline.build(project).cached
    assert read == []
    page = project / "knowledge/models/clip.md"
    before, text = page.stat(), page.read_text()
    page.write_text(text.replace("1024", "1025", 1))
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not pipeline.build(project).cached
    assert "knowledge/models/clip.md" in read


def test_the_manifest_is_written_as_json_writes_it() -> None:
    made = {
        'b"é\\': Package("knowledge/p.md", {}, {}),
        "a": Package("q", {"z": "1", "generated/a/x.py": "2"}, {"v": {}, "u": {"x": 1, "a": 2}}),
    }
    for some in (made, {}):
        packages = {name: {"page": one.page, "figures": one.figures, "files": one.files} for name, one in some.items()}
        assert manifest.text(some) == json.dumps({"packages": packages}, indent=1, sort_keys=True) + "\n"
