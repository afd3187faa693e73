"""How far pages are covered: the worst page comes first, sums are right, sources without use or date are named."""

from __future__ import annotations

from chiasm.reporting.coverage import covered, lines, objects

TALLIES = {"a.md": (9, 1, 0, 0), "b.md": (1, 2, 1, 6), "empty.md": (0, 0, 0, 0)}
VALUES = [("a.md", True, False), ("a.md", True, False), ("b.md", False, True), ("b.md", True, False)]


def test_the_worst_page_comes_first() -> None:
    told = covered(TALLIES, VALUES, ["used"], {"used": "2026-11-21", "unused": "2026-11-21", "undated": ""})
    assert [row.path for row in told.rows] == ["b.md", "a.md"]
    assert (told.unused, told.undated) == (("undated", "unused"), ("undated",))
    written = list(lines(told))
    assert written[1].split() == ["b.md", "10", "10%", "2", "1", "6", "1", "of", "2", "1"]
    assert written[3].split() == ["2", "pages", "20", "50%", "3", "1", "6", "3", "of", "4", "1"]
    assert objects(told)["pages"][0]["not_judged"] == 6


def test_a_base_without_numbers_has_a_table_too() -> None:
    assert list(lines(covered({}, [], [], {})))[1].split()[:2] == ["0", "pages"]
