"""Lays the inlines of a block out as one text whose every character knows its place and what it is part of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from chiasm.document import Block, Cite, Heading, Inline, Link, Paragraph, Table, Text
from chiasm.regex import regex
from chiasm.span import Span

_BLANK = "\ufffc"
_TAG = regex(r"</?[A-Za-z][\w-]{0,40}(?:\s[^<>]{0,2000})?/?>|<!--.{0,4000}?-->", re.DOTALL)
_SENTENCE = regex(r"[.!?][*_”\")\]]*\s+(?=[A-Z“\"(\[])")
_ADDRESS = regex(r"\w+:|www\.|[\w.-]+@")


def references(blocks: Iterable[Block]) -> tuple[tuple[Cite, ...], tuple[Link, ...]]:
    """All citations and all links of a page in order, those inside links too."""
    cites: list[Cite] = []
    links: list[Link] = []

    def take(inlines: Sequence[Inline]) -> None:
        for part in inlines:
            if isinstance(part, Link):
                links.append(part)
                take(part.inlines)
            elif isinstance(part, Cite):
                cites.append(part)

    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            take(block.inlines)
        elif isinstance(block, Table):
            for row in (block.header, *block.rows):
                for cell in row:
                    take(cell.inlines)
    return tuple(cites), tuple(links)


class Prose:
    """`shown` is what a reader sees; `words` the same with code, mathematics, citations and markup blanked out."""

    __slots__ = ("_cuts", "_length", "_spans", "_starts", "cites", "links", "shown", "words")

    def __init__(self, inlines: Sequence[Inline]) -> None:
        self._starts: list[int] = []
        self._spans: list[Span] = []
        self._cuts: list[int] = []
        self._length = 0
        self.links: list[tuple[int, int, Link]] = []
        self.cites: list[tuple[int, Cite]] = []
        shown: list[str] = []
        words: list[str] = []
        self._add(inlines, shown, words)
        self.shown = "".join(shown).replace("\n", " ")
        # Where nothing is blanked out both are the same text.
        text = self.shown if shown == words else "".join(words).replace("\n", " ")
        if "<" in text:
            text = _TAG.sub(lambda tag: _BLANK * len(tag.group()), text)
        self.words = text

    def span(self, start: int, end: int) -> Span:
        """The place of the characters `start` to `end`, as far as they stand on one line."""
        path, line, column, finish = self._at(start)
        last = self._at(end - 1) if end - 1 > start else None
        if last is not None:
            finish = last.end if last.line == line else self._spans[bisect_right(self._starts, start) - 1].end
        return Span(path, line, column, max(finish, column + 1))

    def sentence(self, at: int) -> str:
        """The sentence that the character stands in."""
        low, high = self.bounds(at)
        return self.shown[low:high].strip()

    def bounds(self, at: int) -> tuple[int, int]:
        """Where that sentence starts and ends."""
        if not self._cuts:
            # Most blocks hold no number whose sentence is wanted.
            self._cuts = [0, *[match.end() for match in _SENTENCE.finditer(self.words)], len(self.words) + 1]
        index = bisect_right(self._cuts, at) - 1
        return self._cuts[index], self._cuts[index + 1]

    def cited(self, at: int) -> tuple[Cite, ...]:
        """The citations of that sentence."""
        if not self.cites:
            return ()
        low, high = self.bounds(at)
        return tuple([cite for place, cite in self.cites if low <= place < high])

    def link(self, at: int) -> Link | None:
        """The link whose label the character is part of."""
        if not self.links:
            return None
        index = bisect_right(self.links, at, key=lambda one: one[0]) - 1
        return self.links[index][2] if index >= 0 and at < self.links[index][1] else None

    def _at(self, position: int) -> Span:
        index = max(bisect_right(self._starts, position) - 1, 0)
        path, line, column, end = self._spans[index]
        column = min(column + position - self._starts[index], max(end - 1, column))
        return Span(path, line, column, column + 1)

    def _add(self, inlines: Sequence[Inline], shown: list[str], words: list[str]) -> None:
        for part in inlines:
            if isinstance(part, Text):
                text = said = part.text
            else:
                if isinstance(part, Cite):
                    self.cites.append((self._length, part))
                    text = f"[@{part.key}] {part.locator}" if part.locator else f"[@{part.key}]"
                elif not isinstance(part, Link):
                    text = part.text
                elif part.image:
                    text = " "
                elif part.text != part.href and (" " in part.text or not _ADDRESS.match(part.text)):
                    start = self._length
                    self._add(part.inlines, shown, words)
                    self.links.append((start, self._length, part))
                    continue
                else:
                    # An address shown as it is: its digits are no numbers.
                    text = part.text
                said = _BLANK * len(text)
            if text:
                self._starts.append(self._length)
                self._spans.append(part.span)
                shown.append(text)
                words.append(said)
                self._length += len(text)
