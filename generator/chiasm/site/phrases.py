"""Reads the inlines that most phrases are made of, as markdown-it would: text in, tokens out, or None to ask it.

Words, code spans, citations and links, and emphasis around plain words. Whatever else a mark may begin (escapes, HTML,
entities, formulas, marks inside each other) is markdown-it's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference

WORDS = r"(?:[^\n!$&*<\[\\\]_`~]|(?<=[A-Za-z0-9])_+(?=[A-Za-z0-9])|!(?!\[)|(?<=\s)[<&*](?=\s))"
"""Text: underscores within words, and marks between blanks, are nothing else."""
HREF = r"[A-Za-z0-9#.][A-Za-z0-9./:#_-]*"
PIECE = re.compile(
    rf"(?P<text>{WORDS}+)"
    r"|(?P<code>(?<!`)`(?P<inner>[^`\n]+)`(?!`))"
    rf"|\[(?P<words>{WORDS}+)\](?:\((?P<href>{HREF})(?: \"(?P<title>[^\"\\&\n]*)\")?\)|(?![\[(]))"
    r"|(?<![^\s(])(?P<mark>\*\*?)(?P<loud>[A-Za-z0-9](?:[A-Za-z0-9 ,.-]*[A-Za-z0-9])?)(?P=mark)(?![^\s.,;:)])"
    r"|(?P<line>(?<![ \n])\n(?![ \t\n]))"
)
_label = lru_cache(maxsize=8_192)(normalizeReference)
STRONG = {"*": "em", "**": "strong"}


class Phrase(NamedTuple):
    """A token of markdown-it's, as far as somebody looks at it."""

    type: str
    content: str = ""
    tag: str = ""
    nesting: int = 0
    attrs: Mapping[str, str] = {}

    def attrGet(self, name: str) -> str | None:  # noqa: N802, markdown-it's name
        """The value of an attribute."""
        return self.attrs.get(name)


def phrases(text: str, references: Mapping[str, Any], markdown: MarkdownIt) -> list[Phrase] | None:
    """The inlines of a text; None where it holds something else."""
    made: list[Phrase] = []
    words: list[str] = []  # that follow each other, as one text
    at, end = 0, len(text)
    while at < end:
        found = PIECE.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found.lastgroup == "text":
            words.append(found["text"])
            continue
        piece = _piece(found, references, markdown)
        if piece is None:
            return None
        if isinstance(piece, str):
            words.append(piece)
            continue
        if words:
            made.append(Phrase("text", "".join(words)))
            words = []
        made += piece
    return [*made, Phrase("text", "".join(words))] if words else made


def _piece(found: re.Match[str], references: Mapping[str, Any], markdown: MarkdownIt) -> list[Phrase] | str | None:
    """The tokens of a piece, or the text that it is; None where that is not for us to say."""
    if (inner := found["inner"]) is not None:
        trimmed = inner[1:-1] if inner.startswith(" ") and inner.endswith(" ") and inner.strip() else inner
        return [Phrase("code_inline", trimmed)]
    if (words := found["words"]) is not None:
        return _link(found, words, references, markdown)
    if mark := found["mark"]:
        tag = STRONG[mark]
        return [Phrase(f"{tag}_open", "", tag, 1), Phrase("text", found["loud"]), Phrase(f"{tag}_close", "", tag, -1)]
    return [Phrase("softbreak")]


def _link(
    found: re.Match[str], words: str, references: Mapping[str, Any], markdown: MarkdownIt
) -> list[Phrase] | str | None:
    if (written := found["href"]) is not None:
        href, title = _address(written, markdown), found["title"] or ""
        if not href:
            return None
    else:
        known = references.get(_label(words))
        if known is None:
            return f"[{words}]"
        href, title = known["href"], known["title"]
    attrs = {"href": href, "title": title} if title else {"href": href}
    return [Phrase("link_open", "", "a", 1, attrs), Phrase("text", words), Phrase("link_close", "", "a", -1)]


@lru_cache(maxsize=8_192)
def _address(written: str, markdown: MarkdownIt) -> str:
    """An address as markdown-it would encode it; "" where it refuses it."""
    href = markdown.normalizeLink(written)
    return href if markdown.validateLink(href) else ""
