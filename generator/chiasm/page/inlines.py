"""Reads the inlines of a block: lines of Markdown with their places in, text, code, links, citations and math out.

One pass from left to right, linear in the length. Emphasis marks are dropped, escapes and entities resolved.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from chiasm.page.emphasis import Marks, marks, pair
from chiasm.page.inline import Cite, Code, Inline, Link, Math, Piece, Target, Text, plain
from chiasm.page.reference import ESCAPE, MAX_LABEL, Address, address, is_citation, keys, locator_after
from chiasm.span import Span


def inlines(path: str, pieces: Sequence[Piece], references: Mapping[str, Target]) -> tuple[Inline, ...]:
    """The inlines of a block whose text is the pieces put together."""
    if len(pieces) == 1 and not _SPECIAL.search(text := pieces[0].text):
        # Words alone, as most cells are.
        one = pieces[0]
        return (Text(text, Span(path, one.line, one.column, one.column + len(text))),) if text else ()
    return tuple(_Scanner(path, pieces, references).scan())


_SPECIAL = re.compile(r"[\\`$\[\]<*_~\n&]|!\[|https?://")
_TICKS = re.compile(r"`+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000}|[\w.+-]{1,64}@[\w.-]{1,255})>")
_BARE = re.compile(r"https?://[^\s<>\[\]`|\"]{1,2000}")
_TAG = re.compile(r"</?[A-Za-z][\w-]{0,40}(?:\s[^<>]{0,2000})?/?>|<!--.{0,4000}?-->", re.DOTALL)
_MAX_IMAGES = 32


@dataclass(slots=True)
class _Opener:
    position: int
    after: int
    node: int
    image: bool


class _Scanner:
    """One pass over one block."""

    def __init__(self, path: str, pieces: Sequence[Piece], references: Mapping[str, Target]) -> None:
        self.path, self.references = path, references
        self.text = "".join(piece.text for piece in pieces)
        self.starts: list[int] = []
        self.places = pieces
        offset = 0
        for piece in pieces:
            self.starts.append(offset)
            offset += len(piece.text)
        self.last = len(pieces[0].text.rstrip("\n")) if pieces else 0
        self.nodes: list[Inline | Marks] = []
        self.openers: list[_Opener] = []
        # A link holds no link: `[` openers below this height cannot become one.
        self.inactive = 0
        self.no_ticks: set[int] = set()
        self.no_dollar = False

    def span(self, start: int, end: int) -> Span:
        if not self.places:
            return Span(self.path, 1)
        if len(self.places) == 1:
            # One line, as every cell and heading: no place has to be looked up.
            piece = self.places[0]
            column, stop = piece.column + start, piece.column + min(end, self.last)
            return Span(self.path, piece.line, column, max(column, stop))
        index = max(0, bisect_right(self.starts, start) - 1)
        first = self.places[index]
        column = first.column + start - self.starts[index]
        last = max(index, bisect_right(self.starts, max(start, end - 1)) - 1)
        while last > index and self.places[last].line != first.line:
            last -= 1
        piece, offset = self.places[last], self.starts[last]
        stop = piece.column + min(end - offset, len(piece.text.rstrip("\n")))
        return Span(self.path, first.line, column, max(column, stop))

    def add_text(self, start: int, end: int, text: str | None = None) -> None:
        """Adds text[start:end], one node a line and a piece, so that every span is exact."""
        if len(self.starts) == 1 and start < end:
            self.nodes.append(Text(self.text[start:end] if text is None else text, self.span(start, end)))
            return
        while start < end:
            piece = bisect_right(self.starts, start) - 1
            limit = self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)
            stop = end if text is not None else min(end, limit)
            self.nodes.append(Text(self.text[start:stop] if text is None else text, self.span(start, stop)))
            start = stop

    def scan(self) -> list[Inline]:
        text, position, length = self.text, 0, len(self.text)
        while position < length:
            found = _SPECIAL.search(text, position)
            at = found.start() if found else length
            # The line break belongs to the text before it.
            stop = at + 1 if found and text[at] == "\n" else at
            self.add_text(position, stop)
            if found is None:
                break
            position = stop if text[at] == "\n" else self.special(at, found.group())
        return self.settled(0)

    def special(self, at: int, mark: str) -> int:
        """Reads what begins at `at`; returns the position after it."""
        text = self.text
        match mark:
            case "\\":
                return self.escape(at)
            case "`":
                return self.code(at)
            case "$":
                return self.math(at)
            case "[" | "![" if mark == "[" or len(self.openers) < _MAX_IMAGES:
                self.openers.append(_Opener(at, at + len(mark), len(self.nodes), mark == "!["))
                self.add_text(at, at + len(mark))
                return at + len(mark)
            case "]":
                return self.close(at)
            case "*" | "_" | "~":
                return self.marks(at)
            case "&":
                entity = _ENTITY.match(text, at)
                end = entity.end() if entity else at + 1
                self.add_text(at, end, unescape(text[at:end]))
                return end
            case "<":
                return self.angle(at)
            case _:
                return self.bare(at)

    def escape(self, at: int) -> int:
        following = self.text[at + 1 : at + 2]
        if following and ESCAPE.match(self.text, at):
            self.add_text(at, at + 2, following)
            return at + 2
        if following != "\n":
            self.add_text(at, at + 1)
        return at + 1

    def code(self, at: int) -> int:
        end = at + 1
        while self.text[end : end + 1] == "`":
            end += 1
        size = end - at
        if size not in self.no_ticks:
            for closing in _TICKS.finditer(self.text, end):
                if len(closing.group()) == size:
                    content = self.text[end : closing.start()].replace("\n", " ")
                    if content.startswith(" ") and content.endswith(" ") and content.strip():
                        content = content[1:-1]
                    self.nodes.append(Code(content, self.span(at, closing.end())))
                    return closing.end()
            self.no_ticks.add(size)
        self.add_text(at, end)
        return end

    def math(self, at: int) -> int:
        """`$…$` as GitHub reads it: no space inside, no digit after; `$$…$$` and `` $`…`$ `` too."""
        text = self.text
        if text.startswith("$$", at):
            end = text.find("$$", at + 2)
            if end > at + 2:
                self.nodes.append(Math(text[at + 2 : end].strip(), self.span(at, end + 2)))
                return end + 2
            self.add_text(at, at + 2)
            return at + 2
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if not self.no_dollar and after.strip() and not before.isalnum():
            end = text.find("$", at + 1)
            self.no_dollar = end < 0
            while end > 0 and text[end - 1] == "\\":
                end = text.find("$", end + 1)
            if end > at + 1 and text[end - 1].strip() and not text[end + 1 : end + 2].isalnum():
                self.nodes.append(Math(text[at + 1 : end].strip("`"), self.span(at, end + 1)))
                return end + 1
        self.add_text(at, at + 1)
        return at + 1

    def marks(self, at: int) -> int:
        run = marks(self.text, at)
        self.nodes.append(run)
        return at + run.length

    def angle(self, at: int) -> int:
        if link := _AUTOLINK.match(self.text, at):
            span = self.span(at, link.end())
            inner = self.span(at + 1, link.end() - 1)
            shown = (Text(link[1], inner),)
            self.nodes.append(Link(link[1], unquote(link[1]), "", span, inner, span, inlines=shown))
            return link.end()
        tag = _TAG.match(self.text, at)
        end = tag.end() if tag else at + 1
        self.add_text(at, end)
        return end

    def bare(self, at: int) -> int:
        """A bare address is a link on GitHub; its digits are not numbers of the prose."""
        found = _BARE.match(self.text, at)
        if found is None:
            self.add_text(at, at + 4)
            return at + 4
        address = found.group().rstrip(".,;:!?'*_~")
        if address.endswith(")") and address.count(")") > address.count("("):
            address = address.rstrip(")")
        end = at + len(address)
        span = self.span(at, end)
        self.nodes.append(Link(address, unquote(address), "", span, span, span, inlines=(Text(address, span),)))
        return end

    def close(self, at: int) -> int:
        """`]`: a link, an image, a citation, or only a bracket."""
        if not self.openers:
            self.add_text(at, at + 1)
            return at + 1
        opener = self.openers.pop()
        inner = self.text[opener.after : at] if at - opener.after <= MAX_LABEL else ""
        if not opener.image and is_citation(inner):
            return self.cite(opener, inner, at)
        active = opener.image or len(self.openers) >= self.inactive
        self.inactive = min(self.inactive, len(self.openers))
        if active and (to := address(self.text, at, inner, self.references)):
            self.link(opener, to)
            return to.end
        self.add_text(at, at + 1)
        return at + 1

    def link(self, opener: _Opener, to: Address) -> None:
        children = self.settled(opener.node + 1)
        del self.nodes[opener.node :]
        words = plain(children[:64])
        span = self.span(opener.position, to.end)
        href_span = to.place or self.span(*to.href_at)
        title_span = to.place or (self.span(*to.title_at) if to.title_at else href_span)
        link = Link(words, to.href, to.title, span, href_span, title_span, opener.image, tuple(children))
        self.nodes.append(link)
        if not opener.image:
            self.inactive = len(self.openers)

    def cite(self, opener: _Opener, inner: str, at: int) -> int:
        """`[@key]`, `[@a; @b]`: one citation a key; the last one takes the locator that follows."""
        del self.nodes[opener.node :]
        end = at + 2 if self.text.startswith("[]", at + 1) else at + 1
        if self.text.startswith(("(", "["), end) and (to := address(self.text, at, inner, self.references)):
            end = to.end
        *earlier, last = keys(inner)
        start = opener.position
        for key, locator, stop in earlier:
            self.nodes.append(Cite(key, locator, self.span(start, opener.after + stop)))
            start = opener.after + stop + 1
        key, locator, _ = last
        if not locator:
            locator, end = locator_after(self.text, end)
        self.nodes.append(Cite(key, locator, self.span(start, end)))
        return end

    def settled(self, first: int) -> list[Inline]:
        """The nodes from `first` on, emphasis paired: pairs vanish, what pairs with nothing is text."""
        nodes = self.nodes[first:]
        pair(nodes)
        settled: list[Inline] = []
        for node in nodes:
            if isinstance(node, Marks):
                left = node.length - node.used
                if not left:
                    continue
                node = Text(node.character * left, self.span(node.position, node.position + left))
            if isinstance(node, Text) and settled and isinstance(last := settled[-1], Text) and _touch(last, node):
                span = Span(self.path, last.span.line, last.span.column, node.span.end)
                settled[-1] = Text(last.text + node.text, span)
            else:
                settled.append(node)
        return settled


def _touch(one: Text, other: Text) -> bool:
    same = one.span.line == other.span.line and one.span.end == other.span.column
    # Pieces of one run only: a text that grows without end would be copied again and again.
    return same and not one.text.endswith("\n") and len(one.text) < MAX_LABEL
