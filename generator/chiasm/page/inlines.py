"""Reads the inlines of a block: lines of Markdown with their places in, text, code, links, citations and math out.

One pass from left to right, linear in the length. Emphasis marks are dropped, escapes and entities resolved.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from chiasm.page.emphasis import marks
from chiasm.page.inline import Cite, Code, Inline, Link, Math, Piece, Target, Text, plain
from chiasm.page.places import Run
from chiasm.page.reference import (
    ESCAPE,
    MAX_LABEL,
    SIMPLE_CITE,
    SIMPLE_LINK,
    Address,
    address,
    is_citation,
    keys,
    locator_after,
)
from chiasm.regex import regex
from chiasm.span import Span


def inlines(path: str, pieces: Sequence[Piece], references: Mapping[str, Target]) -> tuple[Inline, ...]:
    """The inlines of a block whose text is the pieces put together."""
    if len(pieces) == 1 and is_plain(text := pieces[0].text):
        # Words alone, as most cells are.
        _, line, column = pieces[0]
        return (Text(text, Span(path, line, column, column + len(text))),) if text else ()
    return scanned(path, pieces, references)


def scanned(path: str, pieces: Sequence[Piece], references: Mapping[str, Target]) -> tuple[Inline, ...]:
    """The same where the text is known to hold marks."""
    return tuple(_Scanner(path, pieces, references).scan())


def is_plain(text: str) -> bool:
    """Whether the text holds nothing but words."""
    return _MARK.search(text) is None and (":" not in text or _BARE_START.search(text) is None)


_MARK = regex(r"[\\`$\[\]<*_~\n&]")
_SPECIAL = regex(_MARK.pattern + r"|!\[|https?://")
_BARE_START = regex(r"https?://")
_TICKS = regex(r"`+")
_ENTITY = regex(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AUTOLINK = regex(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000}|[\w.+-]{1,64}@[\w.-]{1,255})>")
_BARE = regex(r"https?://[^\s<>\[\]`|\"]{1,2000}")
_TAG = regex(r"</?[A-Za-z][\w-]{0,40}(?:\s[^<>]{0,2000})?/?>|<!--.{0,4000}?-->", re.DOTALL)
_MAX_IMAGES = 32


class _Opener(NamedTuple):
    position: int
    after: int
    node: int
    image: bool


class _Scanner(Run):
    """One pass over one block."""

    def __init__(self, path: str, pieces: Sequence[Piece], references: Mapping[str, Target]) -> None:
        super().__init__(path, pieces)
        self.references = references
        self.openers: list[_Opener] = []
        # A link holds no link: `[` openers below this height cannot become one.
        self.inactive = 0
        self.no_ticks: set[int] = set()
        self.no_dollar = False

    def scan(self) -> list[Inline]:
        """All inlines of the block."""
        text, position, length = self.text, 0, len(self.text)
        # Addresses and images are rare, and looking for them is slow.
        search = (_SPECIAL if "://" in text or "![" in text else _MARK).search
        while found := search(text, position):
            at = found.start()
            mark = text[at]
            if mark == "\n":
                # The line break belongs to the text before it.
                self.add_text(position, at + 1)
                position = at + 1
            else:
                if position < at:
                    self.add_text(position, at)
                position = _READERS[mark](self, at)
        self.add_text(position, length)
        return self.settled(0)

    def bracket(self, at: int) -> int:
        """`[`: a link or a citation as most are, else what `]` will make of it."""
        if not self.cut:
            if len(self.openers) >= self.inactive and (found := SIMPLE_LINK.match(self.text, at)):
                return self.simple_link(at, found)
            if found := SIMPLE_CITE.match(self.text, at):
                locator, end = locator_after(self.text, found.end())
                self.nodes.append(Cite(found[1].rstrip(",;:."), locator, self.span(at, end)))
                return end
        return self.opened(at, at + 1)

    def opened(self, at: int, after: int) -> int:
        """`[` or `![`."""
        self.openers.append(_Opener(at, after, len(self.nodes), after > at + 1))
        self.add_text(at, after)
        return after

    def image(self, at: int) -> int:
        """`![`."""
        return self.opened(at, at + 2) if len(self.openers) < _MAX_IMAGES else self.bare(at)

    def simple_link(self, at: int, found: re.Match[str]) -> int:
        """A link that stands on one line: one place gives all columns."""
        words, href, title = found.groups()
        piece = bisect_right(self.starts, at) - 1
        path, line, shift = self.path, self.lines[piece], self.shifts[piece]
        start, stop = found.span(1)
        label = Text(words, Span(path, line, shift + start, shift + stop))
        start, stop = found.span(2)
        href_span = title_span = Span(path, line, shift + start, shift + stop)
        if title is not None:
            start, stop = found.span(3)
            title_span = Span(path, line, shift + start, shift + stop)
        if "%" in href:
            href = unquote(href)
        end = found.end()
        span = Span(path, line, shift + at, shift + end)
        shown = " ".join(words.split())
        self.nodes.append(Link(shown, href, title or "", span, href_span, title_span, inlines=(label,)))
        self.inactive = len(self.openers)
        return end

    def entity(self, at: int) -> int:
        """`&amp;`, or only an ampersand."""
        found = _ENTITY.match(self.text, at)
        end = found.end() if found else at + 1
        self.add_text(at, end, unescape(self.text[at:end]))
        return end

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
        self.marked = True
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


_READERS: dict[str, Callable[[_Scanner, int], int]] = {
    "\\": _Scanner.escape,
    "`": _Scanner.code,
    "$": _Scanner.math,
    "[": _Scanner.bracket,
    "!": _Scanner.image,
    "]": _Scanner.close,
    "*": _Scanner.marks,
    "_": _Scanner.marks,
    "~": _Scanner.marks,
    "&": _Scanner.entity,
    "<": _Scanner.angle,
    "h": _Scanner.bare,
}
"""What reads on from a character; each returns the position after what it read."""
