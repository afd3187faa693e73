"""Says how far each page is covered: verdicts, base values and evidence in; a row a page, worst first, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Counts = tuple[int, ...]
"""Numbers that are proved, reported, refuted, not judged."""
HEADS = ("numbers", "proved", "reported", "refuted", "not judged", "anchored", "assumed")


class Row(NamedTuple):
    """One page: its numbers by verdict, its base values, those that something holds, those that are assumed."""

    path: str
    tally: Counts
    values: int = 0
    anchored: int = 0
    assumed: int = 0

    @property
    def numbers(self) -> int:
        """All its numbers."""
        return sum(self.tally)


class Coverage(NamedTuple):
    """Rows of pages that say a number or a value, and sources of which something is missing."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...] = ()
    """Entries of the bibliography that no page cites."""
    undated: tuple[str, ...] = ()
    """Entries without the day on which they were read."""


def covered(
    tallies: Mapping[str, Counts],
    values: Iterable[tuple[str, bool, bool]],
    cited: Iterable[str],
    dates: Mapping[str, str],
) -> Coverage:
    """`values`: the page of each base value, whether it is anchored, whether assumed; `dates`: access dates by key."""
    held: dict[str, list[tuple[bool, bool]]] = {}
    for path, anchored, assumed in values:
        held.setdefault(path, []).append((anchored, assumed))
    rows = [
        Row(path, one, len(own := held.get(path, [])), sum(a for a, _ in own), sum(b for _, b in own))
        for path, one in tallies.items()
    ]
    known = set(cited)
    return Coverage(
        tuple(sorted((row for row in rows if row.numbers or row.values), key=_worst)),
        tuple(sorted(key for key in dates if key not in known)),
        tuple(sorted(key for key, date in dates.items() if not date)),
    )


def _worst(row: Row) -> tuple[float, int, str]:
    """Pages of which the smallest share is held come first; of equal ones the longest."""
    whole = row.numbers + row.values
    return (row.tally[0] + row.anchored) / whole, -whole, row.path


def lines(told: Coverage) -> Iterator[str]:
    """The table as text."""
    whole = Row(
        f"{len(told.rows)} pages",
        tuple(map(sum, zip(*(row.tally for row in told.rows), strict=True))) or (0, 0, 0, 0),
        sum(row.values for row in told.rows),
        sum(row.anchored for row in told.rows),
        sum(row.assumed for row in told.rows),
    )
    cells = [("page", *HEADS), *(_cells(row) for row in (*told.rows, whole))]
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    for row in cells:
        yield "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
    for what, keys in (("cited by no page", told.unused), ("without an access date", told.undated)):
        if keys:
            yield f"{what}: {', '.join(keys)}"


def _cells(row: Row) -> tuple[str, ...]:
    share = f"{row.tally[0] * 100 // row.numbers}%" if row.numbers else "–"
    rest = (str(count) for count in row.tally[1:])
    held = f"{row.anchored} of {row.values}" if row.values else "–"
    return (row.path, str(row.numbers), share, *rest, held, str(row.assumed or "–"))


def objects(told: Coverage) -> dict[str, Any]:
    """The same for machines."""
    pages = [
        {
            "path": row.path,
            **dict(zip(("proved", "reported", "refuted", "not_judged"), row.tally, strict=True)),
            "values": row.values,
            "anchored": row.anchored,
            "assumed": row.assumed,
        }
        for row in told.rows
    ]
    return {"pages": pages, "uncited": list(told.unused), "undated": list(told.undated)}
