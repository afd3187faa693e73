"""Texts that wait on the disk, faces that wait in the cache: only what an edit touches is read, for nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chiasm import pipeline, source, stamps
from chiasm.album import SHELVES, Album
from chiasm.cache import Cache
from chiasm.face import Face
from chiasm.source import Source
from chiasm.waiting import Changed, Waiting
from chiasm.writing.standing import FINE

PAGE = "knowledge/surveys/notes.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge/surveys"
    folder.mkdir(parents=True)
    for number in range(70):
        (folder / f"note-{number:02}.md").write_text(f"# Note {number}\n\nWords.\n", encoding="utf-8")
    (tmp_path / PAGE).write_text("# Notes\n\nSee [one](note-01.md).\n", encoding="utf-8")
    (tmp_path / "chiasm.toml").touch()
    time.sleep(3 * FINE / 1e9)
    return tmp_path


def test_after_an_edit_only_that_page_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.build(root)
    (root / PAGE).write_text("# Notes\n\nSee [two](note-02.md).\n", encoding="utf-8")
    asked: list[str] = []
    real = source._read

    def counted(base: Path, path: Path, name: str) -> object:
        asked.append(name)
        return real(base, path, name)

    monkeypatch.setattr(source, "_read", counted)
    assert pipeline.build(root).counts.documents == 71
    assert {name for name in asked if name.endswith(".md")} == {PAGE}


def test_a_page_that_is_saved_meanwhile_is_read_as_it_is_then(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "HELD", 0)
    real, saved = stamps.Read.of, False

    def then_saved(*given: object) -> stamps.Read:
        nonlocal saved
        made = real(*given)  # type: ignore[arg-type]
        if not saved:
            saved = True
            (root / PAGE).write_text("# Notes\n\nSee [none](lost.md).\n", encoding="utf-8")
        return made

    monkeypatch.setattr(stamps.Read, "of", staticmethod(then_saved))
    assert [one.rule for one in pipeline.build(root).diagnostics] == ["broken-link"]


def test_a_text_is_the_one_that_its_digest_stands_for(root: Path) -> None:
    one = source.one(root, PAGE)
    assert isinstance(one, Source)
    waits = Waiting(root, PAGE, one.digest)
    assert waits.text == one.text
    waits.put_away()
    (root / PAGE).write_text("# Other\n", encoding="utf-8")
    with pytest.raises(Changed):
        _ = waits.text
    (root / PAGE).unlink()
    with pytest.raises(Changed):
        _ = waits.text


def faces(count: int) -> dict[str, Face]:
    paths = [f"knowledge/{number}.md" for number in range(count)]
    return {path: Face(path, f"Title\t{path}\nof it") for path in paths}


def filled(kept: Cache, seen: dict[str, Face]) -> None:
    album = Album(kept)
    for path, one in seen.items():
        album.hold(path, f"digest of {path}", one)
    album.keep({path: f"digest of {path}" for path in seen}, kept)


def test_faces_that_were_kept_are_the_same_and_one_that_is_lost_is_made_again(tmp_path: Path) -> None:
    kept, seen = Cache(tmp_path), faces(300)
    filled(kept, seen)
    assert len(list(tmp_path.iterdir())) <= SHELVES
    album, made = Album(kept), []
    album.make = lambda path: made.append(path) or seen[path]  # type: ignore[func-returns-value]
    assert {path: album.face(path, f"digest of {path}") for path in seen} == seen
    assert made == []
    for entry in tmp_path.iterdir():
        entry.write_bytes(entry.read_bytes()[:-1])
    album = Album(kept)
    album.make = lambda path: made.append(path) or seen[path]  # type: ignore[func-returns-value]
    assert album.face("knowledge/7.md", "digest of knowledge/7.md") == seen["knowledge/7.md"]
    assert made == ["knowledge/7.md"]


def test_a_face_of_another_text_is_not_taken_and_one_shelf_is_written(tmp_path: Path) -> None:
    kept, seen = Cache(tmp_path), faces(300)
    filled(kept, seen)
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    album, path = Album(kept), "knowledge/7.md"
    album.make = lambda asked: Face(asked, "New")
    assert album.face(path, "another digest").title == "New"
    digests = {one: f"digest of {one}" for one in seen} | {path: "another digest"}
    album.keep(digests, kept)
    after = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    assert sum(before[name] != after[name] for name in before) == 1
    again = Album(kept)
    assert {one: again.face(one, digest).title for one, digest in digests.items()} == {
        one: "New" if one == path else face.title for one, face in seen.items()
    }
