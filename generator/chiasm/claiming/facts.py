"""Reads slot tables: a table under a heading in, its kind, its variants and one fact a cell out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chiasm.claiming.claim import Fact, SlotLink, SlotTable, Value
from chiasm.claiming.sections import Section, linked_system
from chiasm.claiming.values import DASHES, evidence, is_boolean, shown, value
from chiasm.diagnostic import Diagnostic, Fix, Label, Severity
from chiasm.document import Cell, Link, Table
from chiasm.record import record
from chiasm.regex import regex
from chiasm.span import Span

ALL = ("all variants", "all")
_FIELD = regex(r"[a-z][a-z0-9_]*")


def variant_slug(name: str) -> str:
    """A variant's key and anchor: lower case, dots kept, spaces and slashes are hyphens (`vit-l-14-336`)."""
    return re.sub(r"[\s/]+", "-", name.strip().lower())


def slot_table(
    table: Table, section: Section, *, slot: str, page: str, kind: Link | None, found: list[Diagnostic]
) -> SlotTable:
    """The facts of a slot table; what is wrong with its header and rows goes to `found`."""
    columns = _columns(table, found)
    about = _About(page, section.system, slot, _anchor(kind), columns, source_column(table))
    facts: list[Fact] = []
    for row in table.rows:
        row_lengths(table, row, found)
        facts += _row(row, about, found)
    _repeated(facts, found)
    variants = tuple(dict.fromkeys(name for names in columns.values() for name in names))
    head = table.header[0].span
    return SlotTable(slot, kind, kind.span if kind else head, variants, tuple(facts), table.span, section.system)


def copy_of(path: str, link: Link, table: SlotTable) -> SlotLink | None:
    """A table whose first header cell links a model page copies that page's slot."""
    return SlotLink(table.slot, link, table.variants, table.system) if linked_system(path, link) else None


def _anchor(kind: Link | None) -> str:
    """`encoders#vision-transformer`, `clip#vit-l-14`."""
    path, _, fragment = kind.href.partition("#") if kind else ("", "", "")
    return f"{path.rpartition('/')[2].removesuffix('.md')}#{fragment}" if fragment else ""


def source_column(table: Table) -> int | None:
    """The last column where its header says `source`."""
    last = len(table.header) - 1
    return last if last > 0 and shown(table.header[last]).lower() in ("source", "sources", "evidence") else None


def row_lengths(table: Table, row: tuple[Cell, ...], found: list[Diagnostic], severity: Severity = "error") -> None:
    """Reports a row whose cells are not those of the header: GitHub drops the rest or shows gaps."""
    have, want = len(row), len(table.header)
    if have == want or not row:
        return
    spare = have - want
    piped = spare > 0 and any("`" in cell.text for cell in row)
    found.append(
        Diagnostic(
            "row-length",
            f"row has {have} cell{'s' if have > 1 else ''} where the header has {want}",
            _wide(row[want].span if spare > 0 else row[-1].span),
            f"{spare} too many" if spare > 0 else f"{-spare} missing",
            (Label(table.header[-1].span, f"column {want}"),),
            "write `\\|` for a pipe inside a cell"
            if piped
            else "give every column one cell, an empty one for no value",
            severity,
        )
    )


@record(frozen=True, slots=True)
class _About:
    """What all facts of one table share."""

    page: str
    system: str
    slot: str
    kind: str
    columns: Mapping[int, tuple[str, ...]]
    source: int | None


def _columns(table: Table, found: list[Diagnostic]) -> dict[int, tuple[str, ...]]:
    """The variants that each value column speaks of."""
    source = source_column(table)
    if source is None:
        last = table.header[-1]
        found.append(
            Diagnostic(
                "no-source-column",
                "the table's last column is not its source",
                _wide(last.span),
                f"`{shown(last)}`",
                help="add a last column `source` with `[@key] locator` in each row",
            )
        )
    columns: dict[int, tuple[str, ...]] = {}
    seen: dict[str, Cell] = {}
    for index, cell in enumerate(table.header[1:source], 1):
        text = shown(cell)
        names = ("",) if text.lower() in ALL else tuple(variant_slug(name) for name in text.split(",") if name.strip())
        if not names:
            found.append(
                Diagnostic(
                    "column-without-variant",
                    "a column names no variant",
                    _wide(cell.span),
                    help="write the variant's name, or `all variants`",
                )
            )
        for name in names:
            if name in seen:
                found.append(
                    Diagnostic(
                        "duplicate-column",
                        f"two columns are about `{name or 'all variants'}`",
                        _wide(cell.span),
                        labels=(Label(seen[name].span, "the first one"),),
                        help="keep one of them",
                    )
                )
            seen.setdefault(name, cell)
        columns[index] = names
    if not columns:
        found.append(
            Diagnostic(
                "column-without-variant",
                "the table has no column for a variant",
                _wide(table.header[-1].span),
                help="add a column `all variants` or one a variant before `source`",
            )
        )
    return columns


def _row(row: tuple[Cell, ...], about: _About, found: list[Diagnostic]) -> Iterator[Fact]:
    if not row or not any(cell.text for cell in row):
        return
    field = _field(row[0], about.slot, found)
    if not field:
        return
    grounds = evidence(row[about.source]) if about.source is not None and about.source < len(row) else None
    columns = {index: names for index, names in about.columns.items() if index < len(row)}
    boolean = any(is_boolean(row[index]) for index in columns)
    for index, variants in columns.items():
        cell = row[index]
        said: Value | None = False if boolean and shown(cell) in DASHES else None
        if said is None:
            said, wrong = value(cell)
            found += wrong
        if said is None:
            continue
        for variant in variants:
            owner = about.system + (f":{variant}" if variant else "")
            name = f"{owner}/{about.slot}.{field}"
            place = row[0].span
            yield Fact(name, about.page, about.slot, about.kind, field, variant, said, cell, place, grounds)


def _field(cell: Cell, slot: str, found: list[Diagnostic]) -> str:
    text = shown(cell).strip("`")
    if slot == "parameters":
        return re.sub(r"\s+", " ", text.lower())
    if _FIELD.fullmatch(text):
        return text
    guess = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if text:
        valid = _FIELD.fullmatch(guess) is not None
        found.append(
            Diagnostic(
                "field-name",
                f"`{text}` is not written as a field",
                _wide(cell.span),
                help=f"write `{guess}`" if valid else "name a field in lower case with `_` between words",
                fix=Fix(cell.span, guess) if valid else None,
            )
        )
        return guess if valid else ""
    found.append(
        Diagnostic(
            "field-name",
            "a row names no field",
            _wide(cell.span),
            "empty",
            help="write the field's name in the first column",
        )
    )
    return ""


def _repeated(facts: list[Fact], found: list[Diagnostic]) -> None:
    seen: dict[str, Fact] = {}
    for fact in facts:
        first = seen.setdefault(fact.id, fact)
        if first.field_span != fact.field_span:
            found.append(
                Diagnostic(
                    "duplicate-row",
                    f"`{fact.field}` stands twice in this table",
                    fact.field_span,
                    labels=(Label(first.field_span, "the first row"),),
                    help="keep one of the rows",
                )
            )


def _wide(span: Span) -> Span:
    return span if span.end > span.column else Span(span.path, span.line, span.column, span.column + 1)
