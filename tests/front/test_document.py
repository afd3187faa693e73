"""Documents: spans are exact, nothing is dropped, nothing raises."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chiasm import document as documents
from chiasm.document import (
    Cite,
    Code,
    Heading,
    Table,
    Text,
)
from chiasm.page import inlines as scanner
from chiasm.span import Span
from tests.front.texts import RELAXED, SOUP, at, inlines_of, page


@RELAXED
@given(SOUP | st.text(max_size=200))
@example("$$a\n\n$$")
@example("- a\n\n      - b\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |")
def test_any_text_becomes_blocks_and_no_character_is_lost(text: str) -> None:
    document = page(text)
    covered = {line for block in document.blocks for line in range(block.span.line, getattr(block, "end_line", 0) + 1)}
    covered |= {
        block.span.line + more for block in document.blocks if isinstance(block, Heading) for more in (0, 1, 2, 3, 4, 5)
    }
    definitions = {one.span.line + more for one in document.definitions for more in range(8)}
    for number, line in enumerate(document.source.lines, 1):
        words = [c for c in line if c.isalnum()]
        alone = re.fullmatch(r"(?:[\s>*+-]|\d{1,9}[.)])*", line)
        assert not words or number in covered or number in definitions or alone, (number, line)


@RELAXED
@given(SOUP)
def test_every_span_lies_in_its_line_and_plain_text_stands_there(text: str) -> None:
    document = page(text)
    for block in document.blocks:
        assert 1 <= block.span.line <= len(document.source.lines)
        for part in inlines_of(block):
            line = document.source.lines[part.span.line - 1]
            assert 1 <= part.span.column <= part.span.end <= len(line) + 1
            there = at(document, part.span)
            if isinstance(part, Text) and not set(there) & set("\\&\0\r"):
                assert part.text.rstrip("\n") == there
            if isinstance(part, Cite):
                assert part.key in there


CELL = st.text(st.sampled_from("ab1 |`\\*_[]()$@图😀é.,%<>&-:"), max_size=12)


@RELAXED
@given(
    st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["", " ", "   ", "> ", "- ", "1. > "]),
)
def test_a_cells_span_is_exactly_its_text(rows: list[list[str]], outer: bool, prefix: str) -> None:
    columns = max(len(row) for row in rows)

    def written(cells: list[str]) -> str:
        # A backslash before a pipe that ends the cell would escape it.
        body = " | ".join(cell.strip().replace("|", "\\|").rstrip("\\") or "x" for cell in cells)
        return f"| {body} |" if outer or len(cells) == 1 else body

    head = ["h"] * columns
    more = " " * len(prefix) if not prefix.endswith("> ") else prefix if prefix == "> " else "   > "
    lines = [prefix + written(head), more + "|" + "---|" * columns, *(more + written(row) for row in rows)]
    document = page("\n".join(lines))
    tables = [block for block in document.blocks if isinstance(block, Table)]
    if not tables:
        return
    for row in (tables[0].header, *tables[0].rows):
        for cell in row:
            assert at(document, cell.span).replace("\\|", "|") == cell.text
            assert cell.text == cell.text.strip()
    if len(tables[0].rows) == len(rows):
        for wanted, cells in zip(rows, tables[0].rows, strict=True):
            assert len(cells) == len(wanted)


@RELAXED
@given(st.lists(SOUP, min_size=1, max_size=2).map(' [a b](c.md#d "e, f") [@k] §3 '.join))
@example('[[a](b)](c) [x [y](z "t") @k')
@example('[a](b "c" ) [a](<b>) [a](b%20c "&amp;") [@a][b] [@a](b) [@a.]: c\n\n[b]: d')
def test_the_quick_way_to_links_and_citations_is_no_other_way(text: str) -> None:
    never = re.compile(r"(?!)")
    quick = page(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "SIMPLE_LINK", never)
        patch.setattr(scanner, "SIMPLE_CITE", never)
        assert page(text) == quick


@RELAXED
@given(SOUP)
def test_plain_text_is_read_the_same_without_a_short_cut(text: str) -> None:
    quick = page(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "is_plain", lambda _: False)
        patch.setattr(scanner, "is_plain", lambda _: False)
        assert page(text) == quick


def test_a_span_is_a_place_and_an_order() -> None:
    span = Span("b.md", 3, 5, 9)
    assert (str(span), f"{span}") == ("b.md:3:5", "b.md:3:5")
    assert repr(span) == "Span(path='b.md', line=3, column=5, end=9)"
    assert sorted([span, Span("b.md", 2, 7), Span("a.md", 9)]) == [Span("a.md", 9), Span("b.md", 2, 7), span]
    assert {span: 1}[Span("b.md", 3, 5, 9)] == 1


def test_parts_are_equal_where_their_kind_and_fields_are() -> None:
    span = Span("a.md", 1)
    assert Text("a", span) == Text("a", span)
    assert hash(Text("a", span)) == hash(Text("a", span))
    assert Text("a", span) != Code("a", span)
