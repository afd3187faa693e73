"""Parses a source into a document: Markdown text in, blocks and inlines with exact spans out. Never fails.

`blocks` says which lines are what, and where in its line a block's text begins. Inlines and table cells are read from
the source itself, so every span is exact to the column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from chiasm.diagnostic import Diagnostic
from chiasm.page.block import Block, Cell, Definition, Fence, Heading, Paragraph, Raw, Table
from chiasm.page.blocks import Leaf, leaves
from chiasm.page.inline import Cite, Code, Inline, Link, Math, Piece, Target, Text, label, plain
from chiasm.page.inlines import inlines, is_plain, scanned
from chiasm.page.reference import unescaped
from chiasm.page.rows import bounds, pieces
from chiasm.record import record
from chiasm.regex import regex
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


@record(frozen=True, slots=True)
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
    reader = _Reader(source.path, lines, _same(tuple(references.items())))
    blocks = tuple(block for one in found if (block := reader.block(one)) is not None)
    title = next((block.text for block in blocks if isinstance(block, Heading) and block.level == 1), "")
    return Document(source, title, blocks, definitions, tuple(reader.limits))


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading with this text."""
    lowered = text.strip().lower()
    if lowered.isascii():
        return _DROPPED.sub("", lowered).replace(" ", "-")
    kept = (c for c in lowered if c.isalnum() or c in " -_" or unicodedata.category(c).startswith("M"))
    return "".join(kept).replace(" ", "-")


_DROPPED = regex(r"[^a-z0-9 _-]+")
_OPENING = regex(r"#{1,6}[ \t]*")
_CLOSING = regex(r"(^|[ \t])#+$")


class _Reader:
    """Turns leaves into blocks; keeps the slugs that are taken."""

    def __init__(self, path: str, lines: tuple[str, ...], references: _References) -> None:
        self.path, self.lines, self.references = path, lines, references
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
            opening = _OPENING.match(text)
            start = opening.end() if opening else 0
            body = text[start:]
            if body.endswith("#"):
                body = _CLOSING.sub("", body).rstrip()
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
        places = list(zip(range(leaf.line, leaf.end + 1), leaf.offsets, strict=False))
        # The second row is dashes.
        header, *rows = [self.row(line, offset) for line, offset in (places[0], *places[2:])]
        return Table(header, tuple(rows), self.span(leaf), leaf.end)

    def row(self, line: int, offset: int) -> tuple[Cell, ...]:
        """The cells of the row that begins at `offset` of its line."""
        return _cells(self.path, line, offset, self.lines[line - 1][offset:], self.references)

    def pieces(self, leaf: Leaf) -> list[Piece]:
        """The block's own text, line by line, without the marks of the containers it stands in."""
        numbers = range(leaf.line, leaf.end)
        lines = zip(self.lines[leaf.line - 1 : leaf.end - 1], numbers, leaf.offsets, strict=False)
        made = [Piece(text[offset:].rstrip() + "\n", line, offset + 1) for text, line, offset in lines]
        offset = leaf.offsets[-1]
        made.append(Piece(self.lines[leaf.end - 1][offset:].rstrip(), leaf.end, offset + 1))
        return made

    def inlines(self, pieces: Sequence[Piece]) -> tuple[Inline, ...]:
        return _inlines(self.path, tuple(pieces), self.references)

    def span(self, leaf: Leaf) -> Span:
        text = self.lines[leaf.line - 1] if leaf.line <= len(self.lines) else ""
        offset = leaf.offsets[0] if leaf.offsets else 0
        return Span(self.path, leaf.line, offset + 1, max(offset + 1, len(text.rstrip()) + 1))

    def piece_span(self, piece: Piece) -> Span:
        return Span(self.path, piece.line, piece.column, piece.column + len(piece.text.rstrip("\n")))


class _References(dict[str, Target]):
    """What labels stand for on one page; the same for as long as that page says the same."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=16)
def _same(items: tuple[tuple[str, Target], ...]) -> _References:
    return _References(items)


# An editor asks for a page again and again, and most of its lines are what they were.
@lru_cache(maxsize=2048)
def _cells(path: str, line: int, offset: int, row: str, references: _References) -> tuple[Cell, ...]:
    """The cells of a row: trimmed text (`\\|` is `|`) and exact span."""
    simple = is_plain(row)
    made: list[Cell] = []
    for start, end in bounds(row):
        text = row[start:end]
        span = Span(path, line, offset + start + 1, offset + end + 1)
        if simple or is_plain(text):
            parts: tuple[Inline, ...] = (Text(text, span),) if text else ()
        else:
            parts = scanned(path, pieces(text, line, span.column), references)
            text = text.replace("\\|", "|")
        made.append(Cell(text, parts, span))
    return tuple(made)


@lru_cache(maxsize=512)
def _inlines(path: str, pieces: tuple[Piece, ...], references: _References) -> tuple[Inline, ...]:
    return inlines(path, pieces, references)


def _definition(path: str, lines: tuple[str, ...], leaf: Leaf) -> Definition:
    text = "\n".join(lines[leaf.line - 1 : leaf.end])
    offset = leaf.offsets[0]
    written = re.match(r"\[((?:\\.|[^\[\]\\]){1,999})\]:", text[offset:], re.DOTALL)
    span = Span(path, leaf.line, offset + 1, len(lines[leaf.line - 1].rstrip()) + 1)
    return Definition(written[1] if written else leaf.info, unquote(unescaped(leaf.text)), leaf.title, span)
