"""What is read without markdown-it is read as markdown-it reads it: phrases and tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chiasm.site import markdown, reading
from chiasm.site.markdown import ROWS, tokens
from tests.site.conftest import THEME, book_of

EMPTY = book_of({})
PIECES = [
    *"*_`[]()!<>&$~\\|: \n",
    *(
        "**",
        "``",
        "![",
        "  \n",
        "a_b",
        "word",
        "é",
        "[a]",
        "[x](y.md)",
        '[x](../y.md#z "t, 3")',
        "`code`",
        "**b**",
        "*i*",
    ),
    *(
        "[@key]",
        "[@key] §3.1",
        "http://x.y",
        "[x](javascript:y)",
        "&amp;",
        " * ",
        "R&D",
        "\t",
        "(",
        "``` ",
        "1.5",
        "\u00a0",
    ),
]
DEFINED = '\n\n[a]: b.md "c"\n[@key]: https://x.y "accessed"\n'


def shown(text: str) -> str:
    return reading.prose(text, "knowledge/notes.md", EMPTY, THEME)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_phrases_are_what_markdown_it_makes_of_them(text: str) -> None:
    page = f"{text}{DEFINED}\n\n| a |\n|---|\n| {text} |\n"
    made = shown(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "phrases", lambda *_: None)
        assert made == shown(page)


def test_most_phrases_are_read_without_markdown_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'See [x](y.md "t") and `code` of [@key], **bold** and *so* on: a_b, 3 < 4.\nNext [a], [b].'
    asked: list[str] = []
    inline = markdown._markdown().inline
    monkeypatch.setattr(inline, "parse", lambda text, *_: asked.append(text))
    shown(text + DEFINED)
    assert asked == []
    shown("a \\* b")
    assert asked == ["a \\* b"]


CELLS = st.lists(st.sampled_from(["a", " ", "|", "\\|", "\\", "`", "b c", "-", ":", "\u3000"]), max_size=9).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["|---|:-:|", "|--:|", "---|---", "| :- | - |"]))
def test_tables_are_what_markdown_it_makes_of_them(rows: list[str], dashes: str) -> None:
    text = "\n".join([rows[0], dashes, *rows[1:]])
    plain = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    want = [one.content for at, one in enumerate(plain) if at and plain[at - 1].type in ("td_open", "th_open")]
    aligns = [one.attrGet("style") for one in plain if one.type == "th_open"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "phrases", lambda cell, *_: cell)
        found = [one for one in tokens(text) if one.type == ROWS]
    assert len(found) == sum(one.type == "table_open" for one in plain)
    if found:
        count = len(found[0].meta["aligns"])
        cells = [[*row, *[""] * (count - len(row))] for _, row in found[0].meta["rows"]]
        assert [cell for row in cells for cell in row] == want
        known = {"center": "text-align:center", "right": "text-align:right"}
        assert [known.get(one) for one in found[0].meta["aligns"]] == [
            None if a == "text-align:left" else a for a in aligns
        ]
