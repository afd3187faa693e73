"""The documents that errors are planted in: read and judged once, then judged again with one file changed in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from chiasm import anchors, knowledge, source, verdicts
from chiasm.cache import Cache
from chiasm.claiming.claim import Claims, Fact
from chiasm.code import Code
from chiasm.graph import Graph
from chiasm.judging.verdict import Verdict
from chiasm.knowledge import Knowledge
from chiasm.source import Source
from chiasm.span import Span


class Shelf(Cache):
    """Texts by key, kept as long as it lives and nowhere else."""

    def __init__(self) -> None:
        super().__init__(None)
        self._texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The text kept under a key."""
        return self._texts.get(key)

    def put(self, key: str, text: str) -> None:
        """Keep a text."""
        self._texts[key] = text


class Base:
    """A knowledge base as it stands; `checked` says what the compiler finds where one file holds another text."""

    def __init__(self, root: Path) -> None:
        pages, wrong = source.read(root, source.PAGES)
        others, unread = source.read(root, *source.SUPPORT)
        self.pages = {page.path: page for page in pages}
        self.others = {other.path: other for other in others}
        self._standing = source.listing(root, *source.GENERATED)
        self._unreadable = (*wrong, *unread)
        self._kept = Shelf()
        self.untouched = self.checked({}, keep=True)

    def checked(self, changed: Mapping[str, str], *, keep: bool = False) -> Knowledge:
        """The base with some files' texts replaced or added, judged; only what rests on them is judged again."""
        pages, others = dict(self.pages), dict(self.others)
        for path, text in changed.items():
            made = source.source(path, text.encode())
            if not isinstance(made, Source):
                raise ValueError(f"{path}: {made.message}")  # noqa: TRY004, the text is wrong, not its type
            (others if path in others else pages)[path] = made
        beside = Code(tuple(others.values()), self._standing, {}, {})
        said = knowledge.understood(tuple(pages.values()), beside, self._kept)
        made_of = knowledge.judged(said, beside, self._unreadable)
        if keep:
            knowledge.remember(said, self._kept)
        return made_of

    @property
    def graph(self) -> Graph:
        """The untouched base, linked."""
        return self.untouched.graph

    def claims(self, path: str) -> Claims:
        """What a page asserts."""
        return self.graph.claims[path]

    def texts(self) -> Iterator[Source]:
        """Every file that an error can stand in."""
        yield from self.pages.values()
        yield from self.others.values()

    def line(self, path: str, number: int) -> str:
        """One line of a file, counted from 1."""
        return self._lines[path][number - 1]

    def at(self, span: Span) -> str:
        """The characters at a place."""
        return self.line(span.path, span.line)[span.column - 1 : span.end - 1]

    def verdicts(self, path: str) -> tuple[Verdict, ...]:
        """The verdicts of a page of the untouched base."""
        return self._verdicts[path]

    def verdict(self, span: Span) -> Verdict | None:
        """The verdict of the untouched base at a place."""
        return next((one for one in self.verdicts(span.path) if one.span == span), None)

    @cached_property
    def anchored(self) -> frozenset[Span]:
        """The cells of base values that something else holds in place."""
        return frozenset(base.fact.cell.span for base in anchors.bases(self.graph) if base.anchored)

    @cached_property
    def _lines(self) -> dict[str, tuple[str, ...]]:
        return {one.path: one.lines for one in self.texts()}

    @cached_property
    def _verdicts(self) -> dict[str, tuple[Verdict, ...]]:
        return {path: verdicts.of_page(self.graph, path) for path in self.pages}


def within(base: Base, outer: Span, text: str, after: int = 0) -> Span | None:
    """The first place of a text within another place, from `after` characters on."""
    line = base.line(outer.path, outer.line)
    at = line.find(text, outer.column - 1 + after, outer.end - 1)
    return Span(outer.path, outer.line, at + 1, at + 1 + len(text)) if at >= 0 else None


def lines(base: Base) -> Iterator[tuple[Span, str]]:
    """Every line of every page that is checked: outside of fences, and not of the grammar's own description."""
    for path, page in base.pages.items():
        fenced = False
        for number, line in enumerate(page.lines, 1):
            marks = line.lstrip().startswith("```")
            fenced ^= marks
            if not (fenced or marks or path.endswith("README.md")):
                yield Span(path, number), line


def facts(base: Base) -> Iterator[tuple[Claims, Fact]]:
    """Every row of every table of facts, with its page."""
    for path in base.pages:
        page = base.claims(path)
        for table in page.tables:
            for fact in table.facts:
                yield page, fact
