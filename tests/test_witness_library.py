"""Excerpts of a library's classes are what the library says now."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers", reason="excerpts are made by the reference library")

from tests.witness import FOLDER, witnesses


def test_the_excerpts_are_those_of_the_pinned_library() -> None:
    """`make evidence` writes them."""
    made = witnesses()
    assert sorted(made) == sorted(path.name for path in FOLDER.glob("*.json"))
    differing = [name for name, text in made.items() if (FOLDER / name).read_text("utf-8") != text]
    assert differing == []
