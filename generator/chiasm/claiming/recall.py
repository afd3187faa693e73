"""Keeps what was made of single passages, while one process is asked for the same page again and again.

What judging makes of a passage rests on its lines, on the few passages above it, on what the page is about and on what
the base knows. All of these are the key here, so what is found under it is what would be made again; spans included,
since lines are counted in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from chiasm.claiming.claim import Claims
from chiasm.claiming.passage import Passage

T = TypeVar("T")
Key = tuple[Any, ...]
ABOVE = 6
"""Passages above one that judging it may look at."""
MOST = 200_000
"""Keys, beyond which everything is forgotten."""
PAGES = 64
"""Pages whose passages are remembered; the one judged longest ago goes first."""


class Recall:
    """What was made of the passages of some pages when each was judged last."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str], dict[Key, Any]] = {}
        self._numbers: dict[Key, int] = {}
        self._world: Callable[[], str] | str = ""
        self._last: tuple[Claims | None, dict[int, Key]] = (None, {})

    def begin(self, world: Callable[[], str]) -> None:
        """A new run, in a world whose digest is taken when it is wanted."""
        self._world = world
        if len(self._numbers) > MOST:
            self._pages.clear()
            self._numbers.clear()
            self._last = None, {}

    def page(self, what: str, page: Claims, *more: object) -> Kept:
        """What was made of a page's passages; `more` is what else of the page decides."""
        if not isinstance(self._world, str):
            self._world = self._world()
        place = what, page.document.path
        old = self._pages.pop(place, {})
        new = self._pages[place] = dict[Key, Any]()
        if len(self._pages) > 2 * PAGES:
            del self._pages[next(iter(self._pages))]
        definitions = tuple((one.label, one.href) for one in page.document.definitions)
        whole = self._number((self._world, page.system, page.page, definitions, *more))
        return Kept(whole, self._keys(page), old, new)

    def _keys(self, page: Claims) -> dict[int, Key]:
        """What every passage of a page rests on in the page, by its identity."""
        if self._last[0] is not page:
            own = [self._number(one) for one in _own(page, self._number)]
            near = (tuple(own[max(0, place - ABOVE) : place + 1]) for place in range(len(own)))
            self._last = page, {id(one): key for one, key in zip(page.passages, near, strict=True)}
        return self._last[1]

    def _number(self, key: Key) -> int:
        """A number that stands for a key, as long as this is the same process."""
        return self._numbers.setdefault(key, len(self._numbers))


class Kept:
    """What is made of the passages of one page: remembered, else made."""

    def __init__(self, page: int, keys: Mapping[int, Key], old: Mapping[Key, Any], new: dict[Key, Any]) -> None:
        self._page, self._keys, self._old, self._new = page, keys, old, new

    def of(self, passage: Passage, more: object, make: Callable[[], T], lasts: Callable[[T], bool]) -> T:
        """The value for a passage; it is kept if it lasts."""
        key = (self._page, more, self._keys[id(passage)])
        if key in self._old:
            self._new[key] = self._old[key]
            return cast("T", self._old[key])
        found = make()
        if lasts(found):
            self._new[key] = found
        return found


def _own(page: Claims, number: Callable[[Key], int]) -> Iterator[Key]:
    """What every passage is: its words, its lines, those of its table, the headings above it."""
    lines = page.document.source.lines
    tables: dict[int, int] = {}
    trails: dict[int, int] = {}
    for one in page.passages:
        words, spot, trail = one.words, one.spot, one.trail
        if id(trail) not in trails:
            trails[id(trail)] = number(tuple((above.text, above.slug, lines[above.span.line - 1]) for above in trail))
        first = one.prose.span(0, 1) if words else None
        said: Key = ()
        if spot:
            table = spot.table
            if id(table) not in tables:
                tables[id(table)] = number((table.span.line, *lines[table.span.line - 1 : table.end_line]))
            said = (spot.row, spot.column, tables[id(table)], first and first.column)
        elif first:
            last = one.prose.span(len(words) - 1, len(words))
            said = (first.line, first.column, lines[first.line - 1 : last.line])
        yield (one.kind, one.system, words, one.linked, said, trails[id(trail)])
