"""Reading: what is text is read the same whatever its line ends; everything else is a diagnostic with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chiasm.diagnostic import Diagnostic
from chiasm.source import LIMIT, Source, find_root, read, source


@pytest.mark.parametrize("data", [b"a\nb\n", b"a\r\nb\r\n", b"a\rb\r", b"\xef\xbb\xbfa\nb\n", b"a\r\nb\n"])
def test_one_text_whatever_its_line_ends(data: bytes) -> None:
    found = source("a.md", data)
    assert isinstance(found, Source)
    assert found.text == "a\nb\n"
    assert found == source("a.md", b"a\nb\n")


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"ok\nab\xffc", "not UTF-8", (2, 3)),
        ("é\r\nü".encode("latin-1"), "not UTF-8", (1, 1)),
        ("hi".encode("utf-16"), "not UTF-8", (1, 1)),
        (b"a\nb\0c", "binary", (2, 2)),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary", (1, 1)),
        (b"a\xc3", "not UTF-8", (1, 2)),
        (b"\xed\xa0\x80", "not UTF-8", (1, 1)),
        (b"x" * (LIMIT + 1), "larger than 20 MB", (1, 1)),
    ],
)
def test_what_is_not_text_is_refused_with_its_place(data: bytes, message: str, place: tuple[int, int]) -> None:
    found = source("a.md", data)
    assert isinstance(found, Diagnostic)
    assert message in found.message
    assert found.rule == "unreadable-file"
    assert (found.span.line, found.span.column) == place


def test_unicode_line_separators_are_no_lines() -> None:
    found = source("a.md", "a\u2028b\x85c\x0bd\n".encode())
    assert isinstance(found, Source)
    assert len(found.lines) == 2


def test_files_are_read_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a.md", "a/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    sources, wrong = read(tmp_path, "**/*.md", "a.md")
    assert [one.path for one in sources] == ["a.md", "a/z.md", "b.md"]
    assert wrong == ()


def test_links_must_stay_in_the_project(tmp_path: Path) -> None:
    inside, outside = tmp_path / "root", tmp_path / "secret.md"
    inside.mkdir()
    outside.write_text("secret")
    (inside / "page.md").write_text("page")
    (inside / "good.md").symlink_to("page.md")
    (inside / "leak.md").symlink_to(outside)
    (inside / "gone.md").symlink_to("nowhere.md")
    (inside / "ring.md").symlink_to("ring.md")
    sources, wrong = read(inside, "*.md")
    assert [one.path for one in sources] == ["good.md", "page.md"]
    messages = {one.span.path: one.message for one in wrong}
    assert sorted(messages) == ["gone.md", "leak.md", "ring.md"]
    assert messages["leak.md"] == "link leaves the project"
    assert "cannot be read" in messages["gone.md"]
    assert "cannot be read" in messages["ring.md"]
    assert "secret" not in repr(sources)


def test_a_linked_folder_cannot_lead_out(tmp_path: Path) -> None:
    inside = tmp_path / "root"
    (tmp_path / "other").mkdir()
    inside.mkdir()
    (tmp_path / "other" / "a.md").write_text("secret")
    (inside / "folder").symlink_to(tmp_path / "other")
    sources, _ = read(inside, "**/*.md", "folder/*.md")
    assert sources == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    (tmp_path / "a.md").chmod(0)
    _, (wrong,) = read(tmp_path, "a.md")
    assert "permission denied" in wrong.message


def test_a_fifo_or_folder_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    os.mkfifo(tmp_path / "b.md")
    assert read(tmp_path, "*.md") == ((), ())


@pytest.mark.parametrize("pattern", ["/etc/passwd", "../*.md", "a/../../b"])
def test_patterns_stay_in_the_root(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ValueError, match="leaves the root"):
        read(tmp_path, pattern)


def test_the_project_is_found_upwards(tmp_path: Path) -> None:
    assert find_root(tmp_path) is None or find_root(tmp_path) not in (tmp_path, *tmp_path.iterdir())
    (tmp_path / "knowledge" / "models").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    assert find_root(tmp_path / "knowledge" / "models") == tmp_path.resolve()
