"""What a system's facts count, by unit: a spec in, every value that a number of a unit may be, with its name, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from chiasm.judging.once import of_one
from chiasm.judging.plain.fields import SLOTS, TRAINING, fields
from chiasm.judging.plain.truths import counted
from chiasm.judging.terms import ScopeError, field_value
from chiasm.numbers.quantity import Quantity
from chiasm.regex import regex
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec

SCALED = regex(r"(?<![\w.,-])(\d+(?:\.\d+)?) ?([bBmM])(?![a-z])")
"""A size in a name: `7B`, `400m`."""


class Known(NamedTuple):
    """A fact that a number may state: what it is called, its value, its claim."""

    name: str
    value: Fraction
    claim: str


@of_one
def known(spec: ModelSpec) -> Mapping[str, tuple[Known, ...]]:
    """A system's facts by the units that may be said of them, each once."""
    found: dict[str, dict[Known, None]] = {}
    for unit, one in _stated(spec):
        found.setdefault(unit, {})[one] = None
    return {unit: tuple(items) for unit, items in found.items()}


def _stated(spec: ModelSpec) -> Iterator[tuple[str, Known]]:
    for variant in spec.variants:
        for unit, names in fields().items():
            for slot, name in variant.entries:
                if slot in SLOTS and name in names and (value := _value(variant, slot, name)) is not None:
                    yield unit, Known(f"{slot}.{name}", value, variant.entries[slot, name].claim)
        parts = count.partial(variant.slots)
        whole = ("total",) if count.parameters(variant.slots) else ()
        for name in (*whole, *count.TENSOR_SLOTS, *parts):
            if number := count.scope(parts, name):
                yield "parameters", Known(f"parameters of {name}", Fraction(number), "")
    for fact in spec.parameters:
        if isinstance(fact.value, Quantity):
            yield "parameters", Known(f"parameters, {fact.field}", fact.value.value, fact.id)
    for stage in spec.stages.values():
        for entry in stage.entries:
            if entry.fact and isinstance(entry.fact.value, Quantity):
                for unit in (unit for unit, names in TRAINING.items() if entry.field in names):
                    yield unit, Known(f"training.{entry.field}", entry.fact.value.value, entry.claim)


def _value(variant: VariantSpec, slot: str, name: str) -> Fraction | None:
    try:
        return field_value(variant, slot, name, {})
    except ScopeError:
        return None


@of_one
def every(spec: ModelSpec) -> frozenset[Fraction]:
    """Every number that a system's facts are or make, and that a table of disagreement holds."""
    values = {one.value for facts in known(spec).values() for one in facts}
    values |= {value for variant in spec.variants for value in counted(variant)}
    said = (position.quantity for table in spec.disagreements for position in table.positions)
    return frozenset(values | {one.value for one in said if one})


@of_one
def sizes(spec: ModelSpec) -> Mapping[Fraction, tuple[str, ...]]:
    """The sizes that a system's models go by, and those of what they are made of, with the variants so named."""
    found: dict[Fraction, dict[str, None]] = {}
    for variant in spec.variants:
        for text in (variant.key, variant.title, *(cell.text for cell in variant.cells.values())):
            for size, scale in SCALED.findall(text.replace("-", " ").replace("_", " ")):
                value = Fraction(size) * (10**9 if scale in "bB" else 10**6)
                found.setdefault(value, {})[variant.key] = None
    return {value: tuple(keys) for value, keys in found.items()}
