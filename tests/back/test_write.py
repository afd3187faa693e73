"""Files are whole at any moment, edits by hand survive, and a killed build is healed by the next."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chiasm import write
from chiasm.pipeline import build
from chiasm.write import Wanted
from chiasm.writing import manifest
from chiasm.writing.manifest import Package, digest
from tests.back.conftest import tree


def wanted(**packages: dict[str, str]) -> Wanted:
    texts = {f"generated/{name}/{file}": text for name, files in packages.items() for file, text in files.items()}
    made = {
        name: Package(
            f"knowledge/models/{name}.md",
            {f"generated/{name}/{file}": digest(text.encode()) for file, text in files.items()},
        )
        for name, files in packages.items()
    }
    return Wanted(made, texts)


ONE = wanted(a={"x.py": "1\n", "y.py": "1\n", "gone.py": "1\n"}, b={"x.py": "1\n"})
TWO = wanted(a={"x.py": "2\n", "y.py": "2\n", "new.py": "2\n"}, b={"x.py": "1\n"})


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(step: int) -> Iterator[list[str]]:
    """Ends the process, in effect, at the n-th system call that changes the disk."""
    calls: list[str] = []
    patch = pytest.MonkeyPatch()

    def counting(name: str, real):  # type: ignore[no-untyped-def]
        def call(*arguments, **keywords):  # type: ignore[no-untyped-def]
            calls.append(name)
            if len(calls) == step:
                raise Killed
            return real(*arguments, **keywords)

        return call

    patch.setattr(os, "fsync", counting("fsync", os.fsync))
    patch.setattr(os, "sync", counting("sync", lambda: None))
    for name in ("replace", "unlink", "rmdir"):
        patch.setattr(Path, name, counting(name, getattr(Path, name)))
    try:
        yield calls
    finally:
        patch.undo()


def steps() -> int:
    """How many such calls the second build makes."""
    return 40


@pytest.mark.parametrize("many", [1, 16])
@pytest.mark.parametrize("step", range(1, steps()))
def test_killed_anywhere_every_file_is_whole_and_the_next_build_heals(
    tmp_path: Path, step: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "MANY", many)
    write.write(tmp_path, ONE)
    with killed_at(step) as calls:
        try:
            write.write(tmp_path, TWO)
        except Killed:
            died = True
        else:
            died = False
    assert died == (len(calls) >= step)
    for path, data in tree(tmp_path).items():
        if path.endswith(".py") and not Path(path).name.startswith(write.TEMPORARY):
            assert data in {b"1\n", b"2\n"}, path
    done = write.write(tmp_path, TWO)
    assert done.edited == ()
    assert tree(tmp_path) == {
        **{path: text.encode() for path, text in TWO.texts.items()},
        manifest.PATH: manifest.text(TWO.packages).encode(),
    }


def test_the_kill_test_reaches_every_step(tmp_path: Path) -> None:
    write.write(tmp_path, ONE)
    with killed_at(0) as calls:
        write.write(tmp_path, TWO)
    assert 10 < len(calls) < steps()


def test_after_a_kill_other_pages_are_built_and_nothing_counts_as_edited(tmp_path: Path) -> None:
    write.write(tmp_path, ONE)
    with killed_at(8), pytest.raises(Killed):
        write.write(tmp_path, TWO)
    three = wanted(a={"x.py": "3\n", "y.py": "3\n"}, b={"x.py": "3\n"})
    assert write.write(tmp_path, three).edited == ()
    assert set(tree(tmp_path).values()) == {b"3\n", manifest.text(three.packages).encode()}


def test_two_hundred_flipped_bytes_are_all_refused(project: Path) -> None:
    chance = random.Random(0)
    files = sorted((project / "generated").glob("*/*"))
    for _ in range(200):
        path = chance.choice(files)
        whole = path.read_bytes()
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        known = manifest.read(project)
        change = write.compare(project, Wanted(known, {}))
        assert change.edited == (path.relative_to(project).as_posix(),)
        assert change.written == ()
        path.write_bytes(whole)


def test_an_edit_by_hand_is_reported_with_the_claim_to_change(project: Path) -> None:
    target = project / "generated/llava/config.py"
    text = target.read_text()
    target.write_text(text.replace("layers=40,  # llava:1.5-13b", "layers=41,  # llava:1.5-13b"))
    edited = target.read_bytes()
    outcome = build(project)
    found = [diagnostic for diagnostic in outcome.diagnostics if diagnostic.rule == "edited-by-hand"]
    assert len(found) == 1
    assert "llava:1.5-13b/language_model.layers at knowledge/models/llava.md:" in found[0].help
    assert "layers=41" in target.read_text().split("\n")[found[0].span.line - 1]
    assert target.read_bytes() == edited
    assert not list((project / "generated/llava").glob("*.orig"))


def test_force_replaces_an_edited_file_and_keeps_it(project: Path) -> None:
    before = tree(project)
    target = project / "generated/llava/ops.py"
    target.write_text("mine\n")
    outcome = build(project, force=True)
    after = tree(project)
    assert outcome.edited == ()
    assert after.pop("generated/llava/ops.py.orig") == b"mine\n"
    assert after == before


def test_a_file_of_somebody_else_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "generated/a").mkdir(parents=True)
    (tmp_path / "generated/a/x.py").write_text("mine\n")
    assert write.write(tmp_path, ONE).edited == ("generated/a/x.py",)
    assert (tmp_path / "generated/a/x.py").read_text() == "mine\n"
    assert not (tmp_path / "generated/a/y.py").exists(), "no package is half written"
    assert (tmp_path / "generated/b/x.py").read_text() == "1\n"


@pytest.mark.parametrize("what", ["folder", "file", "generated"])
def test_no_link_leads_a_write_out_of_the_project(tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("1\n")
    root = tmp_path / "root"
    match what:
        case "generated":
            root.mkdir()
            (root / "generated").symlink_to(outside)
        case "folder":
            (root / "generated").mkdir(parents=True)
            (root / "generated/a").symlink_to(outside)
        case _:
            (root / "generated/a").mkdir(parents=True)
            (root / "generated/a/x.py").symlink_to(outside / "x.py")
    with pytest.raises(OSError, match="link leads out"):
        write.write(root, TWO, force=True)
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"x.py": "1\n"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_leaves_everything_as_it_was(tmp_path: Path) -> None:
    write.write(tmp_path, ONE)
    before = tree(tmp_path)
    (tmp_path / "generated").chmod(0o555)
    with pytest.raises(PermissionError):
        write.write(tmp_path, TWO)
    (tmp_path / "generated").chmod(0o755)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"packages": 1}', '{"packages": {"a": {}}}', "\x00", "[" * 5000])
def test_a_damaged_manifest_is_none(tmp_path: Path, text: str) -> None:
    write.write(tmp_path, ONE)
    (tmp_path / manifest.PATH).write_text(text)
    assert manifest.read(tmp_path) == {}
    done = write.write(tmp_path, ONE)
    assert done.edited == (), "the files are what is wanted"
    assert manifest.read(tmp_path) == ONE.packages


def test_builds_at_the_same_time_wait_for_each_other(project: Path) -> None:
    before = tree(project)
    page = project / "knowledge/models/clip.md"
    page.write_text(page.read_text() + "\nOne more sentence.\n")
    for path in (project / "generated/clip").glob("*.py"):
        path.unlink()
    code = "import sys; from pathlib import Path; from chiasm.pipeline import build; build(Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(project)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert tree(project) == before
