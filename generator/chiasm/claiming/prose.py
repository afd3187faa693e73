"""Lays the inlines of a block out as one text whose every character knows its place and what it is part of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from chiasm.document import Block, Cite, Code, Heading, Inline, Link, Math, Paragraph, Table, Text
from chiasm.span import Span

_BLANK = "\ufffc"
_TAG = re.compile(r"</?[A-Za-z][\w-]{0,40}(?:\s[^<>]{0,2000})?/?>|<!--.{0,4000}?-->", re.DOTALL)
_SENTENCE = re.compile(r"[.!?][*_”\")\]]*\s+(?=[A-Z“\"(\[])")
_ADDRESS = re.compile(r"\w+:|www\.|[\w.-]+@")


def every(block: Block) -> Iterator[Inline]:
    """All inlines of a block in order, those inside links too."""
    match block:
        case Heading(inlines=inlines) | Paragraph(inlines=inlines):
            yield from _deep(inlines)
        case Table():
            for row in (block.header, *block.rows):
                for cell in row:
                    yield from _deep(cell.inlines)
        case _:
            return


def _deep(inlines: Sequence[Inline]) -> Iterator[Inline]:
    for part in inlines:
        yield part
        if isinstance(part, Link):
            yield from _deep(part.inlines)


class Prose:
    """`shown` is what a reader sees; `words` the same with code, mathematics, citations and markup blanked out."""

    def __init__(self, inlines: Sequence[Inline]) -> None:
        self._parts: list[str] = []
        self._blank: list[bool] = []
        self._starts: list[int] = []
        self._spans: list[Span] = []
        self._length = 0
        self.links: list[tuple[int, int, Link]] = []
        self.cites: list[tuple[int, Cite]] = []
        self._add(inlines)
        self.shown = "".join(self._parts).replace("\n", " ")
        words = "".join(
            _BLANK * len(part) if blank else part for part, blank in zip(self._parts, self._blank, strict=True)
        )
        if "<" in words:
            words = _TAG.sub(lambda tag: _BLANK * len(tag.group()), words)
        self.words = words.replace("\n", " ")
        self._cuts = [0, *(match.end() for match in _SENTENCE.finditer(self.words)), len(self.words) + 1]

    def span(self, start: int, end: int) -> Span:
        """The place of the characters `start` to `end`, as far as they stand on one line."""
        first, last = self._at(start), self._at(max(start, end - 1))
        finish = last.end if last.line == first.line else self._spans[bisect_right(self._starts, start) - 1].end
        return Span(first.path, first.line, first.column, max(finish, first.column + 1))

    def sentence(self, at: int) -> str:
        """The sentence that the character stands in."""
        low, high = self.bounds(at)
        return self.shown[low:high].strip()

    def bounds(self, at: int) -> tuple[int, int]:
        """Where that sentence starts and ends."""
        index = bisect_right(self._cuts, at) - 1
        return self._cuts[index], self._cuts[index + 1]

    def cited(self, at: int) -> tuple[Cite, ...]:
        """The citations of that sentence."""
        low, high = self.bounds(at)
        return tuple(cite for place, cite in self.cites if low <= place < high)

    def link(self, at: int) -> Link | None:
        """The link whose label the character is part of."""
        index = bisect_right(self.links, at, key=lambda one: one[0]) - 1
        return self.links[index][2] if index >= 0 and at < self.links[index][1] else None

    def _at(self, position: int) -> Span:
        index = max(bisect_right(self._starts, position) - 1, 0)
        span = self._spans[index]
        column = min(span.column + position - self._starts[index], max(span.end - 1, span.column))
        return Span(span.path, span.line, column, column + 1)

    def _add(self, inlines: Sequence[Inline]) -> None:
        for part in inlines:
            match part:
                case Text(text=text, span=span):
                    self._put(text, span)
                case Code(text=text, span=span) | Math(text=text, span=span):
                    self._put(text, span, blank=True)
                case Cite(key=key, locator=locator, span=span):
                    self.cites.append((self._length, part))
                    self._put(f"[@{key}]" + (f" {locator}" if locator else ""), span, blank=True)
                case Link(image=True, span=span):
                    self._put(" ", span, blank=True)
                case Link() if part.text == part.href or (_ADDRESS.match(part.text) and " " not in part.text):
                    # An address shown as it is: its digits are no numbers.
                    self._put(part.text, part.span, blank=True)
                case Link():
                    start = self._length
                    self._add(part.inlines)
                    self.links.append((start, self._length, part))

    def _put(self, text: str, span: Span, *, blank: bool = False) -> None:
        if text:
            self._starts.append(self._length)
            self._spans.append(span)
            self._parts.append(text)
            self._blank.append(blank)
            self._length += len(text)
