"""Reads the rows of a table of released names for one column: a table and a dialect in, its rows out."""

from __future__ import annotations

from collections.abc import Mapping

from chiasm.claiming.claim import NameTable
from chiasm.document import Cell, Code, Text
from chiasm.spec.model import NameRow


def name_rows(table: NameTable, dialect: str) -> tuple[NameRow, ...]:
    """A name table's rows for one dialect or layout; rows whose cell is empty are left out."""
    return tuple(
        _name_row(ours, cells[dialect], cells)
        for ours, cells in table.rows
        if cells.get(dialect) and cells[dialect].text
    )


def _name_row(ours: Cell, cell: Cell, cells: Mapping[str, Cell]) -> NameRow:
    texts = [inline.text.strip() for inline in cell.inlines if isinstance(inline, Text)]
    words = " ".join(text for text in texts if text and text != "/")
    return NameRow(
        ours=ours.text.replace("`", ""),
        names=tuple(inline.text for inline in cell.inlines if isinstance(inline, Code)),
        words=words.removeprefix("/ "),
        alternatives=any(text.startswith("/") for text in texts),
        cell=cell,
        source=cells["source"].text if "source" in cells else "",
    )
