"""Texts that are hard to read, and ways to look at the documents they become."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chiasm.document import (
    Block,
    Document,
    Heading,
    Inline,
    Link,
    Paragraph,
    Table,
    parse,
)
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


def table(text: str) -> tuple[Document, Table]:
    document = page(text)
    found = next(block for block in document.blocks if isinstance(block, Table))
    return document, found


def first(text: str) -> tuple[Inline, ...]:
    block = page(text).blocks[0]
    assert isinstance(block, Paragraph)
    return block.inlines
