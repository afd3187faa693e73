"""Files of anybody are mended only where that is certain, and nothing else in them changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chiasm.commands.rewriting import mended, preview
from chiasm.diagnostic import Diagnostic, Label
from chiasm.foreign import File
from chiasm.span import Span

PAGE = Span("knowledge/models/blip-2.md", 1)
OTHER = Span("knowledge/models/clip.md", 1)


def refuted(
    line: int, column: int, text: str, expected: str, *, rule: str = "plain-number-refuted", about: Span = PAGE
) -> Diagnostic:
    return Diagnostic(
        rule,
        f"{text} is refuted",
        Span("notes.md", line, column, column + len(text)),
        f"expected {expected}",
        (Label(about, ""),),
        f"write {expected}, or say what else the number counts",
    )


def after(folder: Path, data: bytes, *found: Diagnostic) -> bytes:
    path = folder / "notes.md"
    path.write_bytes(data)
    file = File("notes.md", str(path.resolve()), str(folder), named=True)
    shown = "".join(text for _, text in preview([file], found))
    assert path.read_bytes() == data
    done = mended([file], found)
    assert bool(done) == bool(shown) == (path.read_bytes() != data)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("text", "expected", "written"),
    [
        ("64", "32", "32"),
        ("32768", "262,144", "262144"),
        ("32,768", "262,144", "262,144"),
        ("188M", "107M", "107M"),
        ("6%", "2.9%", "2.9%"),
        ("999", "1,024", "1,024"),
        # another unit, a word or a range is for the reader to write
        ("188M", "107,133,696", "188M"),
        ("sixteen", "32", "sixteen"),
        ("64", "64–400", "64"),
        ("64", "32 or 64", "64"),
    ],
)
def test_a_number_is_written_in_the_manner_of_the_old_one(
    tmp_path: Path, text: str, expected: str, written: str
) -> None:
    data = f"# Notes\n\nIt has {text} of them.\n".encode()
    found = refuted(3, 8, text, expected)
    assert after(tmp_path, data, found) == f"# Notes\n\nIt has {written} of them.\n".encode()


def test_marks_and_endings_of_lines_stay(tmp_path: Path) -> None:
    data = "\ufeffIt has 64.\r\n\r\nÜber 64 ⟶ 64.\r\n".encode()
    assert after(tmp_path, data, refuted(3, 6, "64", "32")) == data.replace("Über 64".encode(), "Über 32".encode())


def test_what_is_not_certain_stays(tmp_path: Path) -> None:
    data = b"It has 64 of 12.\n"
    both = refuted(1, 8, "64", "32"), refuted(1, 14, "12", "24")
    assert after(tmp_path, data, *both) == data
    assert after(tmp_path, data, both[0], refuted(1, 14, "12", "24", about=OTHER)) == b"It has 32 of 24.\n"
    assert after(tmp_path, data, refuted(1, 8, "64", "32", rule="arithmetic-refuted")) == data
    assert after(tmp_path, data, refuted(9, 8, "64", "32")) == data


@pytest.mark.parametrize("data", ["It has 64.\n".encode("utf-16"), b"It has 64 caf\xe9.\n", b"a\rIt has 64.\n"])
def test_other_encodings_are_left_alone(tmp_path: Path, data: bytes) -> None:
    assert after(tmp_path, data, refuted(1, 8, "64", "32")) == data


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "notes.md"
    real.write_text("It has 64.\n")
    link.symlink_to(real)
    file = File("notes.md", str(link), str(tmp_path), named=False)
    assert not mended([file], [refuted(1, 8, "64", "32")])
    assert real.read_text() == "It has 64.\n"


def test_rights_stay(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("It has 64.\n")
    path.chmod(0o640)
    assert mended([File("notes.md", str(path), "", named=True)], [refuted(1, 8, "64", "32")]) == 1
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("It has 32.\n", 0o640)
