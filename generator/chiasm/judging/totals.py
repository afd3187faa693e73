"""Adds up a page's own rows of Parameters: a total that no spec can count is the sum of its parts, or one is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from chiasm.claiming.claim import Fact
from chiasm.judging.once import of_one
from chiasm.numbers.quantity import Quantity
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import ALL
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec

WEIGHTLESS = frozenset({"splice", "deepstack", "none", "raw_patches", "fixed", "dynamic", "raster"})
"""Kinds without weights of their own: no row of Parameters need name them."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A total and the rows that it is made of, in one variant."""

    variant: str
    total: Fact
    parts: tuple[Fact, ...]

    @property
    def added(self) -> Fraction:
        """What the parts add up to."""
        return sum((_value(part).value for part in self.parts), Fraction(0))

    @property
    def agrees(self) -> bool:
        """The total is that, within the rounding of all of them."""
        whole = _value(self.total)
        slack = whole.tolerance + sum((_value(part).tolerance for part in self.parts), Fraction(0))
        return abs(whole.value - self.added) <= slack

    @property
    def arithmetic(self) -> str:
        """The sum as it is written down."""
        return f"{' + '.join(part.cell.text for part in self.parts)} = {spell(self.added)}"


def sums(spec: ModelSpec) -> Iterator[Sum]:
    """Every variant whose rows name its total and each of its parts that has weights."""
    for variant in spec.variants:
        rows = {
            count.canonical(fact.field): fact
            for fact in spec.parameters
            if fact.variant in (*ALL, variant.key) and isinstance(fact.value, Quantity)
        }
        slots = [slot for slot in count.TENSOR_SLOTS if _has_weights(variant, slot)]
        if "total" in rows and len(slots) > 1 and all(slot in rows for slot in slots):
            yield Sum(variant.key, rows["total"], tuple(rows[slot] for slot in slots))


@of_one
def by_fact(spec: ModelSpec) -> Mapping[Fact, Sum]:
    """The sum that each row of Parameters is part of."""
    return {fact: one for one in sums(spec) for fact in (one.total, *one.parts)}


def _has_weights(variant: VariantSpec, slot: str) -> bool:
    return slot in variant.slots and variant.slots[slot].kind.name not in WEIGHTLESS


def _value(fact: Fact) -> Quantity:
    return cast("Quantity", fact.value)
