"""What judging a sentence needs: a block's words with their places, its numbers, and where on the page it stands."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chiasm.claiming.prose import Prose
from chiasm.document import Cell, Cite, Heading, Table
from chiasm.numbers.quantity import Placed
from chiasm.page.inline import plain

Kind = Literal["heading", "paragraph", "item", "quote", "header", "cell"]


class Spot(NamedTuple):
    """A cell of a table; `row` is -1 in the header."""

    table: Table
    row: int
    column: int

    @property
    def head(self) -> Cell | None:
        """The header of its column."""
        header = self.table.header
        return header[self.column] if self.column < len(header) else None

    @property
    def first(self) -> Cell | None:
        """The first cell of its row."""
        row = self.table.header if self.row < 0 else self.table.rows[self.row]
        return row[0] if row else None


class Passage:
    """One block of prose, one item or one cell: an identity, equal only to itself.

    `trail` are the headings above, the page's title first; a heading's own passage ends with itself. `places` are its
    numbers in order, with their offsets in `prose.words`; `linked` holds the offsets of those that are statements.
    """

    __slots__ = ("kind", "linked", "places", "prose", "spot", "system", "trail")

    def __init__(self, system: str, prose: Prose, trail: tuple[Heading, ...], kind: Kind, spot: Spot | None) -> None:
        self.system, self.prose, self.trail, self.kind, self.spot = system, prose, trail, kind, spot
        self.places: tuple[Placed, ...] = ()
        self.linked: frozenset[int] = frozenset()

    @property
    def words(self) -> str:
        """Its text, code, mathematics, citations and markup blanked out."""
        return self.prose.words

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence of a character starts and ends."""
        return self.prose.bounds(at)

    def context(self, at: int) -> str:
        """That sentence; for a cell what its row and its column are called, too."""
        spot, said = self.spot, self.prose.sentence(at)
        if spot is None or spot.row < 0 or not spot.column:
            return said
        names = (plain(cell.inlines) if cell else "" for cell in (spot.first, spot.head))
        return f"{', '.join(names)}: {said}"

    def cites(self, at: int) -> tuple[Cite, ...]:
        """The citations of that sentence."""
        return self.prose.cited(at)
