"""Plain BibTeX is split without the library, and as the library splits it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chiasm import bibliography, bibtex
from chiasm.source import Source, source

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "knowledge/sources.bib").read_text(encoding="utf-8")


def compared(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a text is plain; what is made of it is the same either way."""
    one = source("knowledge/sources.bib", text.encode())
    assert isinstance(one, Source)
    easy = bibliography.bibliography(one)
    with monkeypatch.context() as patch:
        patch.setattr(bibtex, "plain", lambda _: None)
        assert bibliography.bibliography(one) == easy
    return bibtex.plain(one.text) is not None


def test_the_shipped_bibliography_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compared(SHIPPED, monkeypatch)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_mistyped(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    text = SHIPPED[: SHIPPED.index("\n}", 2_000) + 3]
    plain = 0
    for _ in range(300):
        mistyped = list(text)
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(mistyped))
            mistyped[at : at + chance.randrange(2)] = chance.choice(["", *'{}@,=%\n "\\a#'])
        plain += compared("".join(mistyped), monkeypatch)
    assert 20 < plain < 290
