"""What a page can assert: facts of slot tables, masks, names, statements, numbers, disagreements, comparisons."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from chiasm.claiming.passage import Passage
from chiasm.document import Cell, Cite, Document, Link, Table
from chiasm.numbers.quantity import Quantity
from chiasm.record import record
from chiasm.span import Span

__all__ = [
    "SLOTS",
    "Claims",
    "Comparison",
    "Disagreement",
    "Evidence",
    "Fact",
    "Formula",
    "MaskTable",
    "NameTable",
    "Number",
    "Passage",
    "Position",
    "Quantity",
    "Quotation",
    "Rank",
    "Scalar",
    "SlotLink",
    "SlotTable",
    "Statement",
    "Value",
    "Variant",
]

SLOTS: dict[str, str] = {
    "Encoder": "encoder",
    "Text encoder": "text_encoder",
    "Alignment": "alignment",
    "Fusion": "fusion",
    "Token budget": "budget",
    "Language model": "language_model",
    "Preprocessing": "preprocessing",
    "Prompt": "prompt",
    "Training": "training",
    "Checkpoint": "checkpoint",
    "Parameters": "parameters",
    "Positioning": "positioning",
}
"""Slot headings of a model page, and the name of the slot everywhere else."""

Rank = Literal["released", "paper", "derived", "assumed", "measured"]


@record(frozen=True, slots=True)
class Formula:
    """A formula in a code span, and the result written after `=` (None where there is none)."""

    source: str
    span: Span
    result: Quantity | None
    result_span: Span | None


Scalar = bool | str | Quantity
Value = Scalar | tuple[Scalar, ...] | Formula
"""What a cell says: a boolean, a name, a number, a list of those, or a formula."""


@record(frozen=True, slots=True)
class Evidence:
    """Where a value comes from: its citations, or the words `derived`, `assumed`, `measured`."""

    rank: Rank
    cites: tuple[Cite, ...]
    span: Span


@record(frozen=True, slots=True)
class Fact:
    """One row of a slot table for one column.

    `variant` is "" where the column is "all variants". `id` is the claim's place:
    `blip-2/alignment.num_queries` or `blip-2:opt-2.7b/language_model.layers`.
    """

    id: str
    page: str
    slot: str
    kind: str
    field: str
    variant: str
    value: Value
    cell: Cell
    field_span: Span
    evidence: Evidence | None

    @property
    def system(self) -> str:
        """The system that it is about."""
        return self.id.partition("/")[0].partition(":")[0]


@record(frozen=True, slots=True)
class SlotTable:
    """A facts table: the kind its first header cell links (`concept page#anchor`), its variants, its facts.

    A variant "" is the column "all variants". A table of `## Parameters` has no kind; its fields are scopes.
    """

    slot: str
    kind: Link | None
    kind_span: Span
    variants: tuple[str, ...]
    facts: tuple[Fact, ...]
    span: Span
    system: str = ""


@record(frozen=True, slots=True)
class SlotLink:
    """A slot whose heading or table links a model page: that page's slot is copied, own rows override."""

    slot: str
    link: Link
    variants: tuple[str, ...]
    system: str = ""


@record(frozen=True, slots=True)
class MaskTable:
    """`| [Kind](…) mask | ITC | ITM | ITG | source |`: for each objective, who may attend to whom.

    `cells[objective][(reader, read)]` is `all`, `none` or `causal`.
    """

    slot: str
    objectives: tuple[str, ...]
    cells: dict[str, dict[tuple[str, str], str]]
    spans: dict[str, dict[tuple[str, str], Span]]
    span: Span
    system: str = ""


@record(frozen=True, slots=True)
class NameTable:
    """`| [Kind](…) tensors | dialect … | source |` or `… configuration …`: what releases call our things.

    `rows[i]` is `(our name, {dialect: cell})`; dialects are `model_type`s, or layouts in a Checkpoint section. The
    row's source cell stands under `source`.
    """

    slot: str
    what: Literal["tensors", "configuration"]
    kind: Link | None
    dialects: tuple[str, ...]
    rows: tuple[tuple[Cell, dict[str, Cell]], ...]
    span: Span
    system: str = ""


@record(frozen=True, slots=True)
class Variant:
    """A row of `## Variants`: its name, its slug (PRESETS key and anchor), what else the row says."""

    name: str
    slug: str
    span: Span
    cells: dict[str, Cell]


@record(frozen=True, slots=True)
class Statement:
    """A number in prose that is linked: `[107M parameters](#parameters "trainable, stage 2, opt-2.7b")`."""

    page: str
    system: str
    quantity: Quantity
    words: str
    link: Link
    scope: tuple[str, ...]
    span: Span
    cites: tuple[Cite, ...]


@record(frozen=True, slots=True)
class Number:
    """A number in prose (or in an unchecked table) that no link ties to a fact."""

    page: str
    system: str
    quantity: Quantity
    span: Span
    start: int
    """Where it stands in the words of its passage."""
    passage: Passage = field(compare=False, repr=False)

    @property
    def context(self) -> str:
        """Its sentence; for a cell of a table what its row and its column are called, too."""
        return self.passage.context(self.start)

    @property
    def cites(self) -> tuple[Cite, ...]:
        """The citations of its sentence."""
        return self.passage.cites(self.start)


@record(frozen=True, slots=True)
class Position:
    """A row of a `Sources disagree` table: who says what, with which scope, and what is done here."""

    quantity: Quantity | None
    cite: Cite | None
    scope: tuple[str, ...]
    followed: bool
    here: str
    cell: Cell
    span: Span


@record(frozen=True, slots=True)
class Disagreement:
    """`### Sources disagree: field`: every position, under the slot and field it is about."""

    slot: str
    field: str
    positions: tuple[Position, ...]
    span: Span
    system: str = ""


@record(frozen=True, slots=True)
class Comparison:
    """A table whose rows link model pages and whose other headers link facts; every cell is checked."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    table: Table


@record(frozen=True, slots=True)
class Quotation:
    """Words of another: a block quote, or five words and more between quotation marks in prose."""

    words: str
    cites: tuple[Cite, ...]
    span: Span


@record(frozen=True, slots=True)
class Claims:
    """Everything a page asserts."""

    document: Document
    page: str
    """Path of the page from the knowledge root without suffix: `models/blip-2`."""
    system: str
    """The system's slug (`blip-2`); "" for a page that is about none."""
    extends: Link | None
    variants: tuple[Variant, ...]
    tables: tuple[SlotTable, ...]
    copies: tuple[SlotLink, ...]
    masks: tuple[MaskTable, ...]
    names: tuple[NameTable, ...]
    disagreements: tuple[Disagreement, ...]
    comparisons: tuple[Comparison, ...]
    statements: tuple[Statement, ...]
    numbers: tuple[Number, ...]
    cites: tuple[Cite, ...]
    links: tuple[Link, ...]
    quotations: tuple[Quotation, ...] = ()
    passages: tuple[Passage, ...] = field(default=(), compare=False, repr=False)
    """Every heading, paragraph, item and free cell, in order."""
