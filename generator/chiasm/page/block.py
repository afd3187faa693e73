"""What a page consists of: headings, paragraphs, tables, fences and what is only shown, each with its place."""

from __future__ import annotations

from typing import Literal

from chiasm.page.inline import Inline
from chiasm.record import record
from chiasm.span import Span


@record(frozen=True, slots=True)
class Cell:
    """One table cell: its raw text (trimmed, `\\|` unescaped), its inlines, its span in the source row."""

    text: str
    inlines: tuple[Inline, ...]
    span: Span


@record(frozen=True, slots=True)
class Heading:
    """A heading; `slug` is GitHub's, made unique in the document (`-1`, `-2`)."""

    level: int
    text: str
    slug: str
    inlines: tuple[Inline, ...]
    span: Span


@record(frozen=True, slots=True)
class Paragraph:
    """A paragraph or a list item's own text; `container` says where it stands."""

    inlines: tuple[Inline, ...]
    span: Span
    end_line: int
    container: Literal["", "list", "quote"] = ""


@record(frozen=True, slots=True)
class Table:
    """A pipe table. Rows may be shorter or longer than the header; nothing is dropped."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    span: Span
    end_line: int


@record(frozen=True, slots=True)
class Fence:
    """A fenced code block; `info` is the whole info string ("" for an indented block, `front matter` for that)."""

    info: str
    text: str
    span: Span
    end_line: int


@record(frozen=True, slots=True)
class Raw:
    """A block that is shown but not compiled: raw HTML, display mathematics, a thematic break."""

    kind: Literal["html", "math", "rule"]
    text: str
    span: Span
    end_line: int


Block = Heading | Paragraph | Table | Fence | Raw


@record(frozen=True, slots=True)
class Definition:
    """`[label]: href "title"` at any place of the document."""

    label: str
    href: str
    title: str
    span: Span
