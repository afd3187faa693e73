"""Parses a source into a document: Markdown text in, blocks and inlines with exact spans out. Never fails.

`blocks` says which lines are what, and where in its line a block's text begins. Inlines and table cells are read from
the source itself, so every span is exact to the column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from chiasm.diagnostic import Diagnostic
from chiasm.page.blocks import Leaf, leaves
from chiasm.page.inline import Cite, Code, Inline, Link, Math, Piece, Target, Text, label, plain
from chiasm.page.inlines import inlines
from chiasm.page.reference import unescaped
from chiasm.page.rows import cells
from chiasm.source import Source
from chiasm.span import Span

__all__ = [
    "Block",
    "Cell",
    "Cite",
    "Code",
    "Definition",
    "Document",
    "Fence",
    "Heading",
    "Inline",
    "Link",
    "Math",
    "Paragraph",
    "Raw",
    "Table",
    "Text",
    "parse",
    "slug",
]


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
    """A fenced code block; `info` is the whole info string ("" for an indented block, `front matter` for that)."""

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
    diagnostics: tuple[Diagnostic, ...] = ()
    """Limits that the page exceeds; its text is kept as it stands."""

    @property
    def path(self) -> str:
        """The source's path."""
        return self.source.path


def parse(source: Source) -> Document:
    """The page's blocks with their spans. Never fails: what is not a construct of Markdown is text."""
    found = leaves(source.text)
    lines = source.lines
    definitions = tuple(_definition(source.path, lines, one) for one in found if one.kind == "definition")
    references: dict[str, Target] = {}
    for one in definitions:
        references.setdefault(label(one.label), (one.href, one.title, one.span))
    reader = _Reader(source, references)
    blocks = tuple(block for one in found if (block := reader.block(one)) is not None)
    title = next((block.text for block in blocks if isinstance(block, Heading) and block.level == 1), "")
    return Document(source, title, blocks, definitions, tuple(reader.limits))


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading with this text."""
    kept = (c for c in text.strip().lower() if c.isalnum() or c in " -_" or unicodedata.category(c).startswith("M"))
    return "".join(kept).replace(" ", "-")


class _Reader:
    """Turns leaves into blocks; keeps the slugs that are taken."""

    def __init__(self, source: Source, references: dict[str, Target]) -> None:
        self.path, self.lines, self.references = source.path, source.lines, references
        self.slugs: dict[str, int] = {}
        self.limits: list[Diagnostic] = []

    def block(self, leaf: Leaf) -> Block | None:
        match leaf.kind:
            case "heading":
                return self.heading(leaf)
            case "table":
                return self.table(leaf)
            case "paragraph":
                parts = self.inlines(self.pieces(leaf))
                return Paragraph(parts, self.span(leaf), leaf.end, leaf.container)
            case "fence":
                return Fence(leaf.info, leaf.text, self.span(leaf), leaf.end)
            case "html" | "math" | "rule":
                return Raw(leaf.kind, leaf.text, self.span(leaf), leaf.end)
            case "deep":
                self.limits.append(
                    Diagnostic(
                        "too-deep",
                        "lists and quotes are nested too deep to be read",
                        self.span(leaf),
                        "read as plain text from here",
                        help="move the inner list out",
                        severity="warning",
                    )
                )
                return Paragraph(
                    tuple(Text(piece.text, self.piece_span(piece)) for piece in self.pieces(leaf)),
                    self.span(leaf),
                    leaf.end,
                    leaf.container,
                )
            case _:
                return None

    def heading(self, leaf: Leaf) -> Heading:
        pieces = self.pieces(leaf)
        if leaf.info == "atx" and pieces:
            text = pieces[0].text.rstrip()
            opening = re.match(r"#{1,6}[ \t]*", text)
            start = opening.end() if opening else 0
            body = re.sub(r"(^|[ \t])#+$", "", text[start:]).rstrip()
            pieces = [Piece(body, pieces[0].line, pieces[0].column + start)]
        else:
            # The last line is the underline.
            pieces = pieces[:-1]
            if pieces:
                pieces[-1] = Piece(pieces[-1].text.rstrip(), pieces[-1].line, pieces[-1].column)
        parts = self.inlines(pieces)
        text = plain(parts)
        return Heading(leaf.level, text, self.unique(slug(text)), parts, self.span(leaf))

    def unique(self, wanted: str) -> str:
        """GitHub's way to number equal anchors; linear in the number of headings."""
        found = wanted
        while found in self.slugs:
            self.slugs[wanted] += 1
            found = f"{wanted}-{self.slugs[wanted]}"
        self.slugs[found] = 0
        return found

    def table(self, leaf: Leaf) -> Table:
        rows = [
            tuple(
                Cell("".join(piece.text for piece in pieces), self.inlines(pieces), span)
                for pieces, span in cells(self.path, self.lines[line - 1], line, offset)
            )
            for line, offset in zip(range(leaf.line, leaf.end + 1), leaf.offsets, strict=False)
        ]
        return Table(rows[0], tuple(rows[2:]), self.span(leaf), leaf.end)

    def pieces(self, leaf: Leaf) -> list[Piece]:
        """The block's own text, line by line, without the marks of the containers it stands in."""
        made: list[Piece] = []
        for line, offset in zip(range(leaf.line, leaf.end + 1), leaf.offsets, strict=False):
            text = self.lines[line - 1]
            made.append(Piece(text[offset:].rstrip() + ("\n" if line < leaf.end else ""), line, offset + 1))
        return made

    def inlines(self, pieces: Sequence[Piece]) -> tuple[Inline, ...]:
        return inlines(self.path, pieces, self.references)

    def span(self, leaf: Leaf) -> Span:
        text = self.lines[leaf.line - 1] if leaf.line <= len(self.lines) else ""
        offset = leaf.offsets[0] if leaf.offsets else 0
        return Span(self.path, leaf.line, offset + 1, max(offset + 1, len(text.rstrip()) + 1))

    def piece_span(self, piece: Piece) -> Span:
        return Span(self.path, piece.line, piece.column, piece.column + len(piece.text.rstrip("\n")))


def _definition(path: str, lines: tuple[str, ...], leaf: Leaf) -> Definition:
    text = "\n".join(lines[leaf.line - 1 : leaf.end])
    offset = leaf.offsets[0]
    written = re.match(r"\[((?:\\.|[^\[\]\\]){1,999})\]:", text[offset:], re.DOTALL)
    span = Span(path, leaf.line, offset + 1, len(lines[leaf.line - 1].rstrip()) + 1)
    return Definition(written[1] if written else leaf.info, unquote(unescaped(leaf.text)), leaf.title, span)
