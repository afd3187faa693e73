"""The plain form of BibTeX is read as the parser reads it; what is not plain is left to that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chiasm import bibtex
from chiasm.bibliography import bibliography
from chiasm.source import Source

SHIPPED = (Path(__file__).parents[2] / "knowledge/sources.bib").read_text(encoding="utf-8")
PARTS = ("{", "}", ",", "=", '"', "@", "%", "\n", "\n\n", " ", "\\&", "@misc{a,", "title = {B}", "a", "1", "# ", "\t")


def same(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a text is plain; then it says what the parser says."""
    source = Source("sources.bib", text, "")
    plainly = bibliography(source)
    if bibtex.plain(text) is None:
        return False
    with monkeypatch.context() as patch:
        patch.setattr(bibtex, "plain", lambda _: None)
        assert bibliography(source) == plainly
    return True


def test_the_shipped_one_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert same(SHIPPED, monkeypatch)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("", True),
        ("% only words\n", True),
        ("@misc{a, title = {B}}", True),
        ("@Misc{a,\n  Title = {The {BLIP-2}\n  of {{two}} lines},\n  year={2024},\n}\n% end", True),
        ("@misc{a,}", True),
        ("@misc{a,\n  year = {2024}\n}\n\n@misc{b,\n  title = {C}}\n", True),
        ("@misc{a, title = {B}}\n@misc{a, title = {C}}", False),
        ("@misc{a, title = {B}, title = {C}}", False),
        ("@misc{a, title = {B} year = {2024}}", False),
        ('@misc{a, title = "B"}', False),
        ("@misc{a, year = 2024}", False),
        ("@string{a = {B}}", False),
        ("@misc{a, title = {B\\&C\\_D}, url = {https://a.b/@c/d}}", True),
        ("@misc{a, title = {B\\'C}}", False),
        ("@misc{a, title = {B @c {D}}}", False),
        ("@misc{a, title = {B}} @misc{b, title = {C}}", False),
        ("words\n@misc{a, title = {B}}", False),
        ("% @misc{a, title = {B}}\n", False),
        ("@misc{a, title = {B}", False),
    ],
)
def test_what_is_plain(text: str, is_plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert same(text, monkeypatch) is is_plain


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_edited(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    text = SHIPPED[: chance.randrange(900, 3000)].rpartition("\n@")[0]
    for _ in range(chance.randrange(1, 3) if text else 0):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(PARTS) + text[at + chance.randrange(3) :]
        same(text, monkeypatch)
