"""Reads the tables that are not facts: masks, released names, variants, disagreements, comparisons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from chiasm.claiming.claim import Comparison, Disagreement, MaskTable, NameTable, Position, Variant
from chiasm.claiming.facts import row_lengths, source_column, variant_slug
from chiasm.claiming.sections import Section, linked_system
from chiasm.claiming.values import shown
from chiasm.diagnostic import Diagnostic, Label
from chiasm.document import Cell, Cite, Code, Link, Paragraph, Table
from chiasm.numbers.quantity import quantities, quantity
from chiasm.regex import regex
from chiasm.span import Span

_DELIMITER = regex(r"\s{0,20}\|?\s{0,20}:?-+:?\s{0,20}(?:\|\s{0,20}:?-+:?\s{0,20})*\|?\s*")
MASKS = frozenset({"all", "none", "causal"})
_ARROW = regex(r"\s*(?:→|->|⟶)\s*")


def mask_table(table: Table, section: Section, slot: str, found: list[Diagnostic]) -> MaskTable:
    """Who may attend to whom, for each objective."""
    source = source_column(table)
    objectives = tuple(shown(cell) for cell in table.header[1:source])
    cells: dict[str, dict[tuple[str, str], str]] = {name: {} for name in objectives}
    spans: dict[str, dict[tuple[str, str], Span]] = {name: {} for name in objectives}
    for row in table.rows:
        row_lengths(table, row, found)
        pairs = [tuple(_ARROW.split(part.strip())) for part in shown(row[0]).split("/")] if row else []
        if any(len(pair) != 2 or not all(pair) for pair in pairs):
            found.append(
                Diagnostic(
                    "mask-cell",
                    f"`{shown(row[0])}` does not say who reads whom",
                    row[0].span,
                    help="write `query → text`, several with ` / ` between",
                )
            )
            continue
        for name, cell in zip(objectives, row[1:], strict=False):
            words = [word.strip().lower() for word in shown(cell).split("/")]
            if len(words) != len(pairs) or not set(words) <= MASKS:
                found.append(
                    Diagnostic(
                        "mask-cell",
                        f"`{shown(cell)}` is no mask for `{shown(row[0])}`",
                        cell.span,
                        f"expected {len(pairs)} of: all, none, causal",
                        (Label(row[0].span, "this row"),),
                        "write `all`, `none` or `causal` for each pair, with ` / ` between",
                    )
                )
                continue
            for pair, word in zip(pairs, words, strict=True):
                cells[name][pair[0], pair[1]] = word
                spans[name][pair[0], pair[1]] = cell.span
    return MaskTable(slot, objectives, cells, spans, table.span, section.system)


def name_table(
    table: Table,
    section: Section,
    slot: str,
    kind: Link | None,
    *,
    what: Literal["tensors", "configuration"],
    found: list[Diagnostic],
) -> NameTable:
    """What releases call our tensors or fields; empty cells are left out."""
    columns: dict[int, str] = {}
    for index, cell in enumerate(table.header[1:], 1):
        codes = [part.text for part in cell.inlines if isinstance(part, Code)]
        columns[index] = "source" if index == source_column(table) else codes[0] if codes else shown(cell)
    rows: list[tuple[Cell, dict[str, Cell]]] = []
    for row in table.rows:
        row_lengths(table, row, found)
        if row and shown(row[0]):
            named = {columns[index]: cell for index, cell in enumerate(row) if index in columns and cell.text}
            rows.append((row[0], named))
        elif any(cell.text for cell in row):
            found.append(
                Diagnostic(
                    "field-name",
                    "a row names no field",
                    row[0].span,
                    "empty",
                    help="write the tensor's or field's name in the first column",
                )
            )
    dialects = tuple(name for name in columns.values() if name != "source")
    return NameTable(slot, what, kind, dialects, tuple(rows), table.span, section.system)


def variants(table: Table, found: list[Diagnostic]) -> tuple[Variant, ...]:
    """The rows of `## Variants`."""
    made: dict[str, Variant] = {}
    headers = [shown(cell).lower() for cell in table.header]
    for row in table.rows:
        row_lengths(table, row, found)
        name = shown(row[0]) if row else ""
        if not name:
            continue
        variant = Variant(name, variant_slug(name), row[0].span, dict(zip(headers, row, strict=False)))
        if variant.slug in made:
            found.append(
                Diagnostic(
                    "duplicate-variant",
                    f"two variants are called `{name}`",
                    variant.span,
                    labels=(Label(made[variant.slug].span, "the first one"),),
                    help="rename one of them",
                )
            )
        made.setdefault(variant.slug, variant)
    return tuple(made.values())


def disagreement(table: Table, section: Section, found: list[Diagnostic]) -> Disagreement:
    """Who says what about a field, with which scope, and which one is followed."""
    field = section.heading.text.partition(":")[2].strip().strip("`") if section.heading else ""
    columns = {shown(cell).lower(): index for index, cell in enumerate(table.header)}
    missing = [name for name in ("source", "says", "scope", "here") if name not in columns]
    if missing or not field:
        found.append(
            Diagnostic(
                "disagreement-table",
                f"the table has no column `{missing[0]}`" if missing else "the heading names no field",
                section.heading.span if section.heading and not missing else table.header[0].span,
                help="write `| source | says | scope | here |` under `### Sources disagree: field`",
            )
        )
    positions = tuple(_position(row, columns) for row in table.rows if row)
    for row in table.rows:
        row_lengths(table, row, found)
    return Disagreement(section.slot, field, positions, table.span, section.system)


def comparison(path: str, table: Table) -> Comparison | None:
    """A table whose rows link model pages and whose other headers link facts."""
    rows = [row for row in table.rows if row]
    linked = [
        row for row in rows if any(isinstance(part, Link) and linked_system(path, part) for part in row[0].inlines)
    ]
    heads = [cell for cell in table.header[1:] if any(isinstance(part, Link) for part in cell.inlines)]
    return Comparison(table.header, tuple(rows), table) if linked and heads else None


def broken(block: Paragraph, lines: Sequence[str]) -> Diagnostic | None:
    """Pipes over dashes that are no table on GitHub either: the columns of the two rows differ."""
    rows = lines[block.span.line - 1 : block.end_line] if block.end_line > block.span.line else ()
    for number, (above, line) in enumerate(pairwise(rows), block.span.line + 1):
        if "|" in above and "|" in line and _DELIMITER.fullmatch(line):
            columns, wanted = (row.strip().strip("|").count("|") + 1 for row in (line, above))
            return Diagnostic(
                "broken-table",
                "this is not read as a table",
                Span(block.span.path, number, 1, len(line) + 1),
                f"{columns} columns under {wanted}",
                help="give the dashes as many columns as the header, and begin the table after an empty line",
            )
    return None


def _position(row: tuple[Cell, ...], columns: dict[str, int]) -> Position:
    def cell(name: str) -> Cell | None:
        index = columns.get(name)
        return row[index] if index is not None and index < len(row) else None

    says, source, scope, here = cell("says"), cell("source"), cell("scope"), cell("here")
    number = quantity(shown(says)) if says else None
    if says and number is None:
        number = next((placed.quantity for placed in quantities(shown(says))), None)
    cite = next((part for part in source.inlines if isinstance(part, Cite)), None) if source else None
    words = shown(here) if here else ""
    parts = tuple(part.strip() for part in re.split(r"[,;]", shown(scope)) if part.strip()) if scope else ()
    return Position(number, cite, parts, words.lower().startswith("followed"), words, says or row[0], row[0].span)
