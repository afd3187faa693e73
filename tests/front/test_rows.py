"""Blocks and rows of tables: what is kept, where it stands, what it is called."""

from __future__ import annotations

import pytest

from chiasm.document import (
    Fence,
    Heading,
    Link,
    Paragraph,
    Raw,
    Text,
    slug,
)
from chiasm.span import Span
from tests.front.texts import at, first, inlines_of, page, table


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("| a | b", ["a", "b"]),
        ("a | b |", ["a", "b"]),
        ("| `x \\| y` | b |", ["`x | y`", "b"]),
        ("| a \\| b \\| c | d |", ["a | b | c", "d"]),
        ("| | b |", ["", "b"]),
        ("| a | |", ["a", ""]),
        ("|图像|😀 é|", ["图像", "😀 é"]),
        ("| 1 | 2 | 3 | 4 |", ["1", "2", "3", "4"]),
        ("| 1 |", ["1"]),
        ("| `a | b` |", ["`a", "b`"]),
    ],
)
def test_rows_are_split_as_github_splits_them(row: str, cells: list[str]) -> None:
    document, found = table(f"| x | y |\n|---|---|\n{row}\n")
    assert [cell.text for cell in found.rows[0]] == cells
    for cell in found.rows[0]:
        assert at(document, cell.span).replace("\\|", "|") == cell.text


def test_tables_in_lists_and_quotes_keep_their_columns() -> None:
    document, found = table("1. > | a | b |\n   > |---|---|\n   > | 7 px | `x` |\n")
    assert at(document, found.rows[0][0].span) == "7 px"
    assert at(document, found.rows[0][1].inlines[0].span) == "`x`"


def test_blocks_in_order() -> None:
    text = "---\na: 1\n---\n# T\n\np\n\n> q\n\n- i\n\n```python x\ncode\n```\n"
    text += "\n    indented\n\n$$\ny\n$$\n\n<div>h</div>\n\n***\n"
    blocks = page(text).blocks
    kinds = [type(block).__name__ for block in blocks]
    assert kinds == ["Fence", "Heading", "Paragraph", "Paragraph", "Paragraph", "Fence", "Fence", "Raw", "Raw", "Raw"]
    assert [block.container for block in blocks if isinstance(block, Paragraph)] == ["", "quote", "list"]
    assert [block.info for block in blocks if isinstance(block, Fence)] == ["front matter", "python x", ""]
    assert [(block.kind, block.text) for block in blocks if isinstance(block, Raw)] == [
        ("math", "y"),
        ("html", "<div>h</div>"),
        ("rule", ""),
    ]


def test_definitions_keep_every_one_and_the_first_counts() -> None:
    document = page("[a]\n\n[a]: one\n[a]: two 't'\n\n> [@b]: <x y>\n")
    assert [(one.label, one.href, one.title) for one in document.definitions] == [
        ("a", "one", ""),
        ("a", "two", "t"),
        ("@b", "x y", ""),
    ]
    assert [part.href for part in inlines_of(document.blocks[0]) if isinstance(part, Link)] == ["one"]


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("Token budget", "token-budget"),
        ("What's new? (v1.5)", "whats-new-v15"),
        ("Ä & Ö", "ä--ö"),
        ("snake_case and-hyphen", "snake_case-and-hyphen"),
        ("图像 😀 token", "图像--token"),
    ],
)
def test_slugs_are_githubs(text: str, anchor: str) -> None:
    assert slug(text) == anchor


def test_equal_headings_get_numbers() -> None:
    headings = page("# a\n# a\n# a-1\n# a\n").blocks
    assert [block.slug for block in headings if isinstance(block, Heading)] == ["a", "a-1", "a-1-1", "a-2"]


def test_what_is_nested_too_deep_is_kept_and_reported() -> None:
    document = page("> " * 300 + "deep 42\n\nafter\n")
    assert [one.rule for one in document.diagnostics] == ["too-deep"]
    texts = [
        "".join(part.text for part in block.inlines if isinstance(part, Text))
        for block in document.blocks
        if isinstance(block, Paragraph)
    ]
    assert "deep 42" in texts[0]
    assert texts[-1] == "after"


def test_windows_line_ends_and_none_are_the_same() -> None:
    assert page("# a\n\n| x |\n|---|\n| 1 |").blocks == page("# a\n\n| x |\n|---|\n| 1 |\n").blocks


def test_an_escape_may_begin_before_a_pipe_and_end_in_it() -> None:
    _, found = table("| x |\n|---|\n| a \\\\| b |")
    (cell,) = found.rows[0]
    assert cell.inlines == (Text("a | b", Span("page.md", 3, 3, 10)),)


def test_more_images_than_are_read_do_not_hang() -> None:
    # The last mark stood closer to the end than what it was skipped by.
    text = "a\n" + "![" * 40
    assert "".join(part.text for part in first(text)) == text
