"""What `resolve` makes of a system's pages: for every variant, each slot as a kind with each value's provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction

from chiasm.claiming.claim import Disagreement, Evidence, Fact, MaskTable
from chiasm.document import Cell, Link
from chiasm.record import record
from chiasm.span import Span

Plain = bool | int | float | str | tuple["Plain", ...] | None
"""A value as a kind holds it."""


@record(frozen=True, slots=True)
class Operand:
    """A name in a formula, the claim it stands for and that claim's value."""

    name: str
    value: Fraction | bool | str
    claim: str
    span: Span | None


@record(frozen=True, slots=True)
class Evaluated:
    """A formula of one variant: its operands; `value` is None where it has run-time inputs (`height`, `tiles`)."""

    source: str
    operands: tuple[Operand, ...]
    inputs: tuple[str, ...]
    value: Fraction | bool | str | None


@record(frozen=True, slots=True)
class Entry:
    """One field of one slot in one variant.

    `fact` is None where the kind's own default applies; `via` are the links that lead from the system's page to
    the page that states the fact (`Extends`, slot copies), outermost first; () for the page's own.
    """

    slot: str
    field: str
    value: Plain
    fact: Fact | None
    via: tuple[Link, ...] = ()
    formula: Evaluated | None = None

    @property
    def claim(self) -> str:
        """Id of the claim that gives the value; "" for a kind's default."""
        return self.fact.id if self.fact else ""

    @property
    def evidence(self) -> Evidence | None:
        """What supports the value."""
        return self.fact.evidence if self.fact else None

    @property
    def span(self) -> Span | None:
        """The cell that states it."""
        return self.fact.cell.span if self.fact else None


@record(frozen=True, slots=True)
class FieldSpec:
    """A field of a kind."""

    type: str
    """As config.py writes it: `int`, `tuple[int, ...]`, `Literal['a', 'b']`."""
    required: bool
    default: Plain
    description: str
    unit: str
    minimum: int | float | None


@record(frozen=True, slots=True)
class KindSpec:
    """A kind as plain values: what its class says (see `Kind`), its fields in their order.

    Whoever works with a resolved system needs no class, and with it no validator.
    """

    slot: str
    name: str
    anchor: str
    component: str
    cls: str
    config: str
    wiring: Mapping[str, str]
    facts: tuple[str, ...]
    gates: Mapping[str, str]
    inputs: tuple[str, ...]
    generated: bool
    doc: str
    """What it is, in a line."""
    fields: Mapping[str, FieldSpec]

    def __hash__(self) -> int:
        return hash((self.slot, self.name))


@record(frozen=True, slots=True)
class Resolved:
    """One slot of one variant: its kind, and every field of that in its order, each valid."""

    slot: str
    kind: KindSpec
    entries: tuple[Entry, ...]
    span: Span
    """The kind's link in the table (or the slot's heading) that decided it."""
    values: Mapping[str, Plain] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", {entry.field: entry.value for entry in self.entries})

    def entry(self, name: str) -> Entry:
        """The entry of one field."""
        return next(entry for entry in self.entries if entry.field == name)

    def get(self, name: str) -> Plain:
        """The value of one field."""
        return self.values[name]


@record(frozen=True, slots=True)
class VariantSpec:
    """One variant: its PRESETS key, its title, its valid slots, and every entry (also those of an invalid slot)."""

    key: str
    title: str
    span: Span
    cells: Mapping[str, Cell]
    """What else the row of `## Variants` says: header text → cell."""
    slots: Mapping[str, Resolved]
    entries: Mapping[tuple[str, str], Entry]


@record(frozen=True, slots=True)
class NameRow:
    """A row of a name table for one dialect or layout: our name, the released names, the words beside them."""

    ours: str
    names: tuple[str, ...]
    """Code spans of the cell, in order."""
    words: str
    """The cell's text outside code spans: a default, a constant, a mapping `(default = patches, …)`; "" for none."""
    alternatives: bool
    """The code spans are alternatives (`a` / `b`), not parts."""
    cell: Cell
    source: str


@record(frozen=True, slots=True)
class Names:
    """What releases call one kind's tensors and fields: dialect (`model_type`) → rows, in the table's order."""

    tensors: Mapping[str, tuple[NameRow, ...]] = field(default_factory=dict)
    configuration: Mapping[str, tuple[NameRow, ...]] = field(default_factory=dict)


class Used(Mapping[tuple[str, str], Names]):
    """The released names of the kinds that variants use, looked up when they are asked for."""

    def __init__(self, variants: Iterable[VariantSpec], names: Mapping[tuple[str, str], Names]) -> None:
        used = ((slot, item.kind.name) for variant in variants for slot, item in variant.slots.items())
        self._used, self._names = tuple(dict.fromkeys(used)), names

    def __getitem__(self, key: tuple[str, str]) -> Names:
        if key not in self._used:
            raise KeyError(key)
        return self._names[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return (key for key in self._used if key in self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@record(frozen=True, slots=True)
class ModelSpec:
    """A system: everything its page, the pages it extends and those it copies from say, resolved.

    `names` is keyed by (slot, kind name) for every kind that any variant uses. `checkpoint` maps a layout (`hub`,
    `transformers`) to prefix rows; `configuration` are the rows of the page's own configuration table.
    """

    system: str
    title: str
    page: str
    path: str
    """The page's file from the project's root."""
    summary: str
    """Its first paragraph as plain text, citations removed."""
    span: Span
    variants: tuple[VariantSpec, ...]
    stages: Mapping[str, Resolved]
    """Training stages by name, in the page's order."""
    parameters: tuple[Fact, ...]
    """Rows of `## Parameters`: `field` is the scope as written."""
    names: Mapping[tuple[str, str], Names]
    checkpoint: Mapping[str, tuple[NameRow, ...]]
    configuration: tuple[NameRow, ...]
    masks: tuple[MaskTable, ...]
    disagreements: tuple[Disagreement, ...]

    def variant(self, key: str) -> VariantSpec | None:
        """The variant of that key."""
        return next((variant for variant in self.variants if variant.key == key), None)

    @property
    def generated(self) -> bool:
        """Every kind with tensors has a component, so a package can be written for it."""
        return bool(self.variants) and all(
            resolved.kind.generated for variant in self.variants for resolved in variant.slots.values()
        )
