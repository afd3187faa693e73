"""Bibliographies: entries with places; bad blocks are reported once and in silence."""

from __future__ import annotations

import logging

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chiasm.bibliography import Bibliography, bibliography
from chiasm.diagnostic import Diagnostic
from chiasm.source import Source

GOOD = """% a comment
@article{li2023blip2,
  title = {{BLIP-2}: Bootstrapping
           Language},
  author = {Li, Junnan and Savarese, Silvio},
  year = 2023, url = {https://arxiv.org/abs/2301.12597}, urldate = {2025-11-16}, keywords = {paper, vlm}
}
"""


def read(text: str) -> tuple[Bibliography, tuple[Diagnostic, ...]]:
    return bibliography(Source("sources.bib", text, ""))


def test_an_entry_with_its_places() -> None:
    found, wrong = read(GOOD)
    assert wrong == ()
    entry = found.entries["li2023blip2"]
    assert entry.title == "BLIP-2: Bootstrapping Language"
    assert entry.authors == ("Li, Junnan", "Savarese, Silvio")
    assert (entry.year, entry.urldate, entry.eprint, entry.keywords) == (
        "2023",
        "2025-11-16",
        "2301.12597",
        ("paper", "vlm"),
    )
    lines = GOOD.split("\n")
    assert lines[entry.span.line - 1][entry.span.column - 1 : entry.span.end - 1] == "li2023blip2"
    for name in ("urldate", "year", "url"):
        span = entry.spans[name]
        assert lines[span.line - 1][span.column - 1 : span.end - 1] == entry.fields[name]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("@misc{a, urldate={2025-01-01}}", "bad-entry", 1),
        (GOOD + GOOD, "duplicate-entry", 9),
        ("@misc{a, title={x}\n@misc{b, title={x}}", "bad-entry", 1),
        ("@misc{a,\n title={x}, title={y}}", "bad-entry", 1),
        ("\n\n@@@", "bad-entry", 3),
        ("words between", "bad-entry", 1),
    ],
)
def test_what_is_wrong(text: str, rule: str, line: int) -> None:
    _, wrong = read(text)
    assert [(one.rule, one.span.line) for one in wrong] == [(rule, line)]


def test_bad_blocks_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, wrong = read("@misc{a, \n" * 200)
    assert caplog.records == []
    assert wrong


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["@misc{", "a,", "title=", "{", "}", '"', "x", ",", "\n", "%", "@string{", "=", " and ", "\\", "@"]
        )
    ).map("".join)
)
@example("\\\n\n@misc{")
def test_nothing_raises_and_places_are_in_the_file(text: str) -> None:
    found, wrong = read(text)
    for span in (*(one.span for one in wrong), *(entry.span for entry in found.entries.values())):
        assert 1 <= span.line <= text.count("\n") + 1
        assert 1 <= span.column < span.end
