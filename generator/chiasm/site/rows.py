"""Lays out the table of all verdicts: each page's rows in, the page `verdicts.md` out, without holding it in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from chiasm.claiming.claim import Claims
from chiasm.sharing import Made, Spool
from chiasm.site.book import Book, headings_above
from chiasm.site.shelf import Shelf, key
from chiasm.site.templates import Html, filled, quoted

VERDICTS = ("refuted", "proved", "reported", "not judged")
PAGE = "verdicts.md"
MARK = "\0"
"""Where the rows stand in the template."""
MOST = 1 << 20
"""Bytes of the page as it stands that are in memory at once."""

Sizes = Mapping[str, tuple[str, int]]
"""Outcome → digest and size of a page's rows."""


def rows_of(claims: Claims, book: Book) -> dict[str, Any]:
    """A page's verdicts: how many of each, and their rows in the table of all."""
    rows: dict[str, list[str]] = {}
    title, page, above = claims.document.title, claims.page, headings_above(claims)
    for verdict in sorted(book.judged[claims.document.path], key=lambda item: item.span):
        anchor, heading = above(verdict.span.line)
        badge = f'<span class="chiasm-badge {verdict.outcome.replace(" ", "-")}">{verdict.outcome}</span>'
        address = f"{page}.html#{anchor}" if anchor else f"{page}.html"
        place = f"{title}, {heading or 'summary'}, line {verdict.span.line}"
        rows.setdefault(verdict.outcome, []).append(
            f'<tr data-verdict="{verdict.outcome}"><td>{badge}</td><td>{quoted(verdict.text)}</td>'
            f'<td><a href="{quoted(address)}">{quoted(place)}</a></td><td>{quoted(verdict.reason)}</td></tr>\n'
        )
    return {
        "counts": {outcome: len(made) for outcome, made in rows.items()},
        "rows": {outcome: "".join(made) for outcome, made in rows.items()},
    }


class Rows:
    """The rows of all pages: new ones wait in a file, others are read from the page as it stands."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._new: dict[tuple[str, str], Made] = {}

    def add(self, name: str, rows: Mapping[str, str]) -> Sizes:
        """Takes the rows of a page that was made; what is to be remembered of them."""
        sizes = {}
        for outcome, text in rows.items():
            data = text.encode()
            self._new[name, outcome] = Made(self._spool, *self._spool.put(data))
            sizes[outcome] = (hashlib.blake2b(data, digest_size=12).hexdigest(), len(data))
        return sizes

    def lay(self, shelf: Shelf, sizes: Mapping[str, Sizes], counts: Mapping[str, int], world: str) -> None:
        """Puts the page on the shelf, unless it stands."""
        shown = [(name, counts.get(name, 0)) for name in VERDICTS]
        made = key(world, shown, *((name, outcome, *sizes[name][outcome]) for name, outcome in _order(sizes)))
        if not (world and shelf.stands(PAGE, made)):
            head, _, tail = filled("verdicts", counts=shown, rows=Html(MARK)).partition(MARK)
            parts = self._parts(shelf, sizes, head.encode(), tail.encode())
            layout = [len(head.encode()), [(name, outcome, sizes[name][outcome][1]) for name, outcome in _order(sizes)]]
            shelf.put(PAGE, made if world else "", parts, layout)

    def _parts(self, shelf: Shelf, sizes: Mapping[str, Sizes], head: bytes, tail: bytes) -> Iterator[bytes]:
        stood = _places(shelf.was(PAGE))
        old = shelf.old(PAGE) if stood else None
        begun, end = 0, 0
        yield head
        for place in (*_order(sizes), None):
            start, size = stood[place] if place and place not in self._new else (0, 0)
            # What stood side by side is read at once, as far as memory goes.
            if old and (start != end or end + size - begun > MOST):
                yield old(begun, end - begun)
                begun = start
            end = start + size
            if place in self._new:
                yield self._new[place].data
        yield tail


def _order(sizes: Mapping[str, Sizes]) -> Iterator[tuple[str, str]]:
    """Pages with an outcome, in the order of the table."""
    return ((name, outcome) for outcome in VERDICTS for name in sizes if outcome in sizes[name])


def _places(layout: Any) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Where rows stood: page and outcome → first byte and size."""
    places: dict[tuple[str, str], tuple[int, int]] = {}
    start, parts = layout or (0, ())
    for name, outcome, size in parts:
        places[name, outcome] = (start, size)
        start += size
    return places
