"""Documents: spans are exact, nothing is dropped, nothing raises, time grows with length."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chiasm import document as documents
from chiasm.document import (
    Block,
    Cite,
    Code,
    Document,
    Fence,
    Heading,
    Inline,
    Link,
    Math,
    Paragraph,
    Raw,
    Table,
    Text,
    parse,
    slug,
)
from chiasm.page import inlines as scanner
from chiasm.source import Source
from chiasm.span import Span

RELAXED = settings(
    deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def page(text: str) -> Document:
    return parse(Source("page.md", text, ""))


def at(document: Document, span: Span) -> str:
    return document.source.lines[span.line - 1][span.column - 1 : span.end - 1]


def deep(inlines: tuple[Inline, ...]) -> Iterator[Inline]:
    for part in inlines:
        yield part
        if isinstance(part, Link):
            yield from deep(part.inlines)


def inlines_of(block: Block) -> Iterator[Inline]:
    match block:
        case Heading(inlines=inlines) | Paragraph(inlines=inlines):
            yield from deep(inlines)
        case Table():
            for row in (block.header, *block.rows):
                for cell in row:
                    yield from deep(cell.inlines)
        case _:
            return


TOKENS = st.sampled_from(
    [
        "a",
        "word",
        "188M",
        "2.9%",
        " ",
        " ",
        "\n",
        "\n",
        "\n\n",
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "    ",
        "| ",
        " | ",
        "|---|---|\n",
        "|a|b|\n|-|-|\n",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "$",
        "$$",
        "[",
        "]",
        "(",
        ")",
        "![",
        "[@key]",
        "[@a; @b] §3.1",
        '](#x "t")',
        "[k]: http://x\n",
        "*",
        "**",
        "_",
        "~~",
        "\\",
        "\\|",
        "<b>",
        "<div>\n",
        "<!-- ",
        "-->",
        "&amp;",
        "---\n",
        "===\n",
        "***\n",
        "😀",
        "图像",
        "\t",
        "\u2028",
        "\ufeff",
        "é",
        "https://a.b/c_d",
        "<http://x>",
        "\x0b",
        "\x85",
        "{",
        "}",
        '"',
        "'",
        "\r",
        "\0",
    ]
)
SOUP = st.lists(TOKENS, max_size=60).map("".join)


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


def table(text: str) -> tuple[Document, Table]:
    document = page(text)
    found = next(block for block in document.blocks if isinstance(block, Table))
    return document, found


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


def first(text: str) -> tuple[Inline, ...]:
    block = page(text).blocks[0]
    assert isinstance(block, Paragraph)
    return block.inlines


def test_links() -> None:
    (link,) = first('[107M *parameters*](<models/a b.md#x%20y> "trainable, stage 2")')
    assert isinstance(link, Link)
    assert (link.text, link.href, link.title) == ("107M parameters", "models/a b.md#x y", "trainable, stage 2")
    assert [part.text for part in link.inlines if isinstance(part, Text)] == ["107M ", "parameters"]
    assert (link.title_span.column, link.title_span.end) == (44, 62)


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("[a](b)", "b"),
        ("[a](b(c)d)", "b(c)d"),
        ("[a]( b 'c' )", "b"),
        ("[a](b\\)c)", "b)c"),
        ("[a](%C3%A9)", "é"),
        ("[a]()", ""),
        ("<https://x.y/z>", "https://x.y/z"),
        ("https://x.y/z", "https://x.y/z"),
        ("[a][r]\n\n[r]: to 'title'", "to"),
        ("[r][]\n\n[R]: to", "to"),
        ("[r]\n\n[r]: to", "to"),
        ("> [r]\n\n- [r]: to", "to"),
    ],
)
def test_every_form_of_link(text: str, href: str) -> None:
    (link,) = (part for part in first(text) if isinstance(part, Link))
    assert link.href == href


@pytest.mark.parametrize("text", ["[a] (b)", "[a](b c)", "[a](b", "a](b)", "[a\\](b)", "`[a](b)`", "[a]", "![a"])
def test_what_is_no_link(text: str) -> None:
    assert not [part for part in first(text) if isinstance(part, Link)]


def test_a_link_holds_no_link_but_may_hold_an_image() -> None:
    links = [part for part in deep(first("[a [b](c) d](e) [![x](y)](z)")) if isinstance(part, Link)]
    assert [(link.href, link.image) for link in links] == [("c", False), ("z", False), ("y", True)]


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("[@li2023] §3.4 says", [("li2023", "§3.4")]),
        ("[@li2023] Table 1, Fig. 2", [("li2023", "Table 1, Fig. 2")]),
        ("[@li2023] says 3", [("li2023", "")]),
        ("[@opt-config] num_hidden_layers", [("opt-config", "num_hidden_layers")]),
        ("[@tf] clip/modeling_clip.py and", [("tf", "clip/modeling_clip.py")]),
        ("[@a] `num_layers`", [("a", "num_layers")]),
        ("[@a; @b, §2]", [("a", ""), ("b", "§2")]),
        ("[@a §2] [@b]", [("a", "§2"), ("b", "")]),
        ("[@a].", [("a", "")]),
        ("[@a]\n\n[@a]: https://x 'accessed 2025-11-16'", [("a", "")]),
        ("[@a](https://x)", [("a", "")]),
        ("[@a][]", [("a", "")]),
    ],
)
def test_citations(text: str, cites: list[tuple[str, str]]) -> None:
    assert [(part.key, part.locator) for part in first(text) if isinstance(part, Cite)] == cites


@pytest.mark.parametrize(
    ("text", "math"),
    [
        ("$x^2$", ["x^2"]),
        ("$5 and $10", []),
        ("a$b$", []),
        ("$$x$$ y", ["x"]),
        ("\\$x$", []),
        ("$a$ $b$", ["a", "b"]),
        ("$ a $", []),
    ],
)
def test_mathematics(text: str, math: list[str]) -> None:
    assert [part.text for part in first(f"t {text}") if isinstance(part, Math)] == math


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**188M** of *3.1B*", "188M of 3.1B"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("_a_ __b__ ~~c~~", "a b c"),
        ("***a** b*", "a b"),
        ("\\*a\\*", "*a*"),
        ("a &amp; b &times; c &copy;", "a & b × c ©"),
        ("a*b*c", "abc"),
        ("**a", "**a"),
        ("a\\\nb", "a\nb"),
    ],
)
def test_marks_of_emphasis_are_dropped(text: str, shown: str) -> None:
    assert "".join(part.text for part in first(text) if isinstance(part, Text)) == shown


def test_code_spans() -> None:
    codes = [part.text for part in first("`a` ``b ` c`` ` d ` `e\nf` `` ` ``") if isinstance(part, Code)]
    assert codes == ["a", "b ` c", "d", "e f", "`"]


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


FAMILIES: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n,
    "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "lists": lambda n: "- " * (n // 2),
    "quotes": lambda n: ">" * n,
    "images": lambda n: "![" * (n // 2),
    "equal headings": lambda n: "# a\n" * (n // 4),
    "ticks": lambda n: "".join("`" * i + " " for i in range(int((2 * n) ** 0.5))),
    "stars": lambda n: "*a " * (n // 3),
    "links": lambda n: "[a](" * (n // 4),
    "titles": lambda n: "[a](b (" * (n // 7),
    "dollars": lambda n: "$a " * (n // 3),
    "display": lambda n: "$$a\n" * (n // 4),
    "tags": lambda n: "<a " * (n // 3),
    "comments": lambda n: "a <!-- " * (n // 7),
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|1|2|\n" * (n // 6),
    "wide empty rows": lambda n: "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "|\n" * (n // 2),
    "escaped pipes": lambda n: "|a|\n|-|\n|" + "\\|" * (n // 2),
    "cites": lambda n: "[@a] " * (n // 5),
    "locators": lambda n: "[@a] " + "a_" * (n // 2),
    "definitions": lambda n: "".join(f"[a{i}]: b\n" for i in range(n // 8)),
    "nested images": lambda n: "![" * (n // 8) + "a" + "](b)" * (n // 8),
    "links in brackets": lambda n: "[" * (n // 2) + "[a](b)" * (n // 12),
    "lazy quote": lambda n: "> a\n" + "b\n" * (n // 2),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_work_is_linear(family: str) -> None:
    """Counted in calls, which are the same on a busy machine."""

    def calls(size: int) -> int:
        source, counted = Source("page.md", FAMILIES[family](size), ""), 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            parse(source)
        finally:
            sys.setprofile(None)
        return counted

    calls(1000)
    assert calls(20_000) < 5 * calls(5_000) + 1000


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_bounded(family: str) -> None:
    """What happens inside one call (a pattern that looks back) shows in seconds only."""
    start = time.process_time()
    parse(Source("page.md", FAMILIES[family](100_000), ""))
    assert time.process_time() - start < 10


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
