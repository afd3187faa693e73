"""The ratchet: what falls below is told by page, what is reached is written down, and nothing is ever lowered."""

from __future__ import annotations

import tomllib

import pytest

from chiasm import configuration
from chiasm.configuration import Configuration
from chiasm.memory import Tally
from chiasm.ratchet import lost, raised, reached, read
from chiasm.source import Source

PAGES = {"knowledge/a.md": Tally(6, 1, 0, 3), "knowledge/b.md": Tally(2, 0, 0, 8)}
TEXT = "# ours\n[check]\nproved = 0.5  # of all\nanchored = 0.25\n"


def test_what_is_reached_is_enough() -> None:
    assert not [*lost(Configuration(0.4, 0.5), PAGES, (5, 10), {}, ())]


def test_a_loss_says_how_much_and_where() -> None:
    before = {"knowledge/a.md": (6, 10), "knowledge/b.md": (5, 9)}
    proved, anchored = lost(Configuration(0.5, 0.6), PAGES, (5, 10), before, TEXT.split("\n"))
    assert proved.message == "40.0% of all numbers are proved, 50.0% must be"
    assert proved.mark == "8 of 20: 2 too few"
    assert (proved.span.path, proved.span.line) == ("chiasm.toml", 3)
    assert [(one.span.path, one.text) for one in proved.labels] == [("knowledge/b.md", "2 of 10 proved, were 5 of 9")]
    assert (anchored.mark, anchored.span.line) == ("5 of 10: 1 too few", 4)


def test_without_a_record_the_pages_with_most_are_named() -> None:
    (one,) = lost(Configuration(0.5), PAGES, (0, 0), {}, ())
    assert [label.span.path for label in one.labels] == ["knowledge/b.md", "knowledge/a.md"]


@pytest.mark.parametrize(
    ("text", "proved", "anchored"),
    [
        (TEXT, 0.5, 0.6),
        ("", 0.4, 0.6),
        ("[check.ignore]\n", 0.4, 0.6),
        ("[check]\nanchored = 0.7\n", 0.4, 0.7),
    ],
)
def test_shares_are_raised_and_never_lowered(text: str, proved: float, anchored: float) -> None:
    before = tomllib.loads(text).get("check", {})
    asked = Configuration(before.get("proved", 0.0), before.get("anchored", 0.0))
    after = raised(text, asked, (8, 20), (6, 10))
    found = tomllib.loads(after)["check"]
    assert (found["proved"], found["anchored"]) == (proved, anchored)
    assert all(line in after for line in text.split("\n") if line.startswith("#") or "# of" in line)


def test_what_is_raised_is_reached() -> None:
    """A share is rounded down: what was written is held by what it was written of."""
    for part in range(1, 30):
        asked = tomllib.loads(raised("", Configuration(), (part, 29), (part, 37)))["check"]
        tallies = {"a.md": Tally(part, 0, 0, 29 - part)}
        assert not [*lost(Configuration(asked["proved"], asked["anchored"]), tallies, (part, 37), {}, ())]


def test_pages_are_remembered() -> None:
    assert read(reached(PAGES)) == {"knowledge/a.md": (6, 10), "knowledge/b.md": (2, 10)}
    assert read("{") == {}


@pytest.mark.parametrize(
    "text",
    [
        "[check]\nproved = 0.4\nanchored = 0.75\n",
        "# why\n\n[check]\nanchored = 1\n",
        "[check]\nproved = 0.4 # why\n",
        "[check]\nproved = 0.4\nproved = 0.5\n",
        "[check]\nproved = 1.5\n",
        "[check]\nproof = 0.5\n",
        "proved = 0.4\n",
    ],
)
def test_a_text_of_shares_alone_is_read_as_any_other(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("chiasm.toml", text, "")
    quick = configuration.configuration(source)
    monkeypatch.setattr(configuration, "_plain", lambda _: None)
    assert configuration.configuration(source) == quick
