"""Parses a source into a document: Markdown text in, blocks and inlines with exact spans out. Never fails.

The only module that imports markdown-it-py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasm.source import Source, Span


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, as it stands in the source (unescaped)."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Code:
    """A code span's content."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Link:
    """`[text](href "title")`; `href` is decoded. A reference link is resolved to its definition."""

    text: str
    href: str
    title: str
    span: Span
    href_span: Span
    title_span: Span
    image: bool = False


@dataclass(frozen=True, slots=True)
class Cite:
    """`[@key]` and the locator that follows it directly ("§3.4", "Table 1", "Fig. 2", "num_hidden_layers")."""

    key: str
    locator: str
    span: Span


@dataclass(frozen=True, slots=True)
class Math:
    """`$…$`."""

    text: str
    span: Span


Inline = Text | Code | Link | Cite | Math


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: its raw text (trimmed, `\\|` unescaped), its inlines, its span in the source row."""

    text: str
    inlines: tuple[Inline, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `slug` is GitHub's, made unique in the document (`-1`, `-2`)."""

    level: int
    text: str
    slug: str
    inlines: tuple[Inline, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or a list item's own text; `container` says where it stands."""

    inlines: tuple[Inline, ...]
    span: Span
    end_line: int
    container: Literal["", "list", "quote"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A pipe table. Rows may be shorter or longer than the header; nothing is dropped."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    span: Span
    end_line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `info` is the whole info string."""

    info: str
    text: str
    span: Span
    end_line: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A block that is shown but not compiled: raw HTML, display mathematics, a thematic break."""

    kind: Literal["html", "math", "rule"]
    text: str
    span: Span
    end_line: int


Block = Heading | Paragraph | Table | Fence | Raw


@dataclass(frozen=True, slots=True)
class Definition:
    """`[label]: href "title"` at any place of the document."""

    label: str
    href: str
    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: blocks in order (containers flattened), reference definitions, the source it came from."""

    source: Source
    title: str
    blocks: tuple[Block, ...]
    definitions: tuple[Definition, ...]

    @property
    def path(self) -> str:
        return self.source.path
