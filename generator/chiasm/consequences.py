"""What follows from a value: a system's variant and one of its fields in, what is derived and counted from it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chiasm.numbers.expression import FormulaError
from chiasm.numbers.formula import names
from chiasm.spec import count
from chiasm.spec.model import Entry, ModelSpec, VariantSpec


class Consequence(NamedTuple):
    """One value that would be another: `encoder.tokens`, `577`, and how it is made."""

    what: str
    value: str
    how: str


def users(specs: Mapping[str, ModelSpec], claim: str) -> Iterator[tuple[ModelSpec, VariantSpec, Entry]]:
    """Variants of all systems that take a value from a claim."""
    for spec in specs.values():
        for variant in spec.variants:
            yield from ((spec, variant, entry) for entry in variant.entries.values() if entry.claim == claim)


def consequences(variant: VariantSpec, entry: Entry) -> Iterator[Consequence]:
    """What a variant's pages derive from a field, then the parameters that are counted from it or from these."""
    moved = {(entry.slot, entry.field)}
    left = {key: one for key, one in variant.entries.items() if one.formula and key not in moved}
    while found := {key: one for key, one in left.items() if not moved.isdisjoint(_named(one))}:
        for (slot, field), one in found.items():
            yield Consequence(f"{slot}.{field}", _spelled(one.value), one.formula.source if one.formula else "")
        moved |= found.keys()
        left = {key: one for key, one in left.items() if key not in found}
    parts = count.partial(variant.slots)
    for slot in count.TENSOR_SLOTS:
        number = count.scope(parts, slot)
        if number is not None and not moved.isdisjoint(count.reads(variant.slots, slot)):
            yield Consequence(f"{slot} parameters", f"{number:,}", "counted from it")


def _spelled(value: object) -> str:
    if value is None:
        return "by the input's size"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _named(entry: Entry) -> set[tuple[str, str]]:
    try:
        told = names(entry.formula.source) if entry.formula else ()
    except FormulaError:
        return set()
    split = (name.partition(".") for name in told)
    return {(slot, field) if dot else (entry.slot, slot) for slot, dot, field in split}
