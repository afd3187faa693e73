"""What a line of prose consists of: text, code, links, citations and mathematics, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chiasm.record import record
from chiasm.span import Span


@record(frozen=True, slots=True)
class Text:
    """Plain text, unescaped; a line's last text ends with the line break, which its span leaves out."""

    text: str
    span: Span


@record(frozen=True, slots=True)
class Code:
    """A code span's content."""

    text: str
    span: Span


@record(frozen=True, slots=True)
class Link:
    """`[text](href "title")`; `href` is decoded. A reference link is resolved to its definition.

    `inlines` are the label's, each with its own span; `span` ends with the line it starts on.
    """

    text: str
    href: str
    title: str
    span: Span
    href_span: Span
    title_span: Span
    image: bool = False
    inlines: tuple[Inline, ...] = ()


@record(frozen=True, slots=True)
class Cite:
    """`[@key]` and the locator that follows it directly ("§3.4", "Table 1", "Fig. 2", "num_hidden_layers")."""

    key: str
    locator: str
    span: Span


@record(frozen=True, slots=True)
class Math:
    """`$…$`."""

    text: str
    span: Span


Inline = Text | Code | Link | Cite | Math

Target = tuple[str, str, Span]
"""Where a reference definition leads: href, title, the definition's place."""


class Piece(NamedTuple):
    """A run of characters that stand together on one line of the source."""

    text: str
    line: int
    column: int


def plain(parts: Sequence[Inline]) -> str:
    """The text that a reader sees, on one line."""
    if len(parts) == 1 and isinstance(parts[0], Text):
        return " ".join(parts[0].text.split())
    shown = [f"@{part.key} {part.locator}".rstrip() if isinstance(part, Cite) else part.text for part in parts]
    return " ".join("".join(shown).split())


def label(text: str) -> str:
    """A reference's label as it is compared: case and runs of white space do not count."""
    return " ".join(text.split()).casefold()
