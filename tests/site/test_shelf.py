"""Pages that stand: after an edit only what follows from it is made again, and the site is the one made afresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from chiasm.site.book import Book
from chiasm.site.pages import site_pages
from chiasm.site.shelf import Shelf
from tests.site.conftest import THEME, book_of

ONE = "# One\n\nSee [two](two.md#part).\n\n## Part\n\nWords.\n"
TWO = "# Two\n\nSays [@doe2025] nothing of 36 tokens.\n\n## Part\n\nMore.\n"
BIB = "@misc{doe2025, title = {Nano}, author = {Doe, Jane}, year = {2025}, urldate = {2026-01-01}}"


def book(one: str, two: str) -> Book:
    pages = {"knowledge/notes/one.md": one, "knowledge/notes/two.md": two}
    made = book_of(pages, BIB)
    return Book(made.graph, {}, {}, rests=dict(pages))


def again(shelf: Shelf, before: Mapping[str, str | None]) -> Shelf:
    """What the next run starts from."""

    def read(path: str) -> Callable[[int, int], bytes]:
        return lambda start, size: (before[path] or "").encode()[start : start + size]

    return Shelf(shelf.text(), read=read)


def test_what_follows_from_nothing_new_stands() -> None:
    shelf = Shelf()
    before = site_pages(book(ONE, TWO), THEME, shelf, world="w")
    same = site_pages(book(ONE, TWO), THEME, again(shelf, before), world="w")
    assert [path for path, text in same.items() if text is not None] == []
    other = site_pages(book(ONE, TWO), THEME, again(shelf, before), world="another compiler")
    assert None not in other.values()


def test_an_edit_makes_what_follows_from_it_and_the_site_is_as_if_made_afresh() -> None:
    shelf = Shelf()
    before = site_pages(book(ONE, TWO), THEME, shelf, world="w")
    edited = ONE.replace("## Part", "## Another part").replace(
        "See [two](two.md#part).", "See.\n\n## New\n\n[two](two.md)."
    )
    after = site_pages(book(edited, TWO), THEME, again(shelf, before), world="w")
    afresh = site_pages(book(edited, TWO), THEME)
    assert {path: before[path] if text is None else text for path, text in after.items()} == dict(afresh)
    made = {path for path, text in after.items() if text is not None}
    assert {"notes/one.md", "notes/two.md"} <= made  # two says where it is linked from
    assert "sources/doe2025.md" not in made


def test_a_damaged_shelf_is_an_empty_one() -> None:
    for text in ("{", "[]", "a\tb", "index.md\t\t\t", "notes/one.md\tkey\t{}"):
        damaged = Shelf(text, read=lambda _: lambda *_: b"")
        assert None not in site_pages(book(ONE, TWO), THEME, damaged, world="w").values()


def test_pages_are_the_same_for_any_number_of_processes(shipped: Book, tmp_path: Path) -> None:
    assert site_pages(shipped, THEME, workers=1) == site_pages(shipped, THEME, workers=3)
