"""Says what a variant costs: its resolved slots in, parameters and visual tokens an image out."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from chiasm.numbers.expression import FormulaError
from chiasm.numbers.formula import evaluate
from chiasm.spec.count import parameters, scope

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, VariantSpec

SAMPLE = 1024
"""Side of the image for which tokens are stated where they follow from its size."""


def figures(spec: ModelSpec) -> dict[str, dict[str, int]]:
    """For every variant `parameters` and the tokens of an image, as far as they are known."""
    return {variant.key: _figures(variant) for variant in spec.variants}


def _figures(variant: VariantSpec) -> dict[str, int]:
    found: dict[str, int] = {}
    parts = parameters(variant.slots)
    if parts is not None and (total := scope(parts, "total")) is not None:
        found["parameters"] = total
    for field in ("image_tokens", "vision_tokens"):
        entry = variant.entries.get(("budget", field))
        if entry is None:
            continue
        if isinstance(entry.value, int):
            found[field] = entry.value
        elif entry.formula and set(entry.formula.inputs) <= {"height", "width"}:
            tokens = _sampled(variant, entry.formula.source)
            if tokens is not None and tokens.denominator == 1:
                found[f"{field} of {SAMPLE} × {SAMPLE} px"] = int(tokens)
    return found


def _sampled(variant: VariantSpec, source: str) -> Fraction | None:
    def lookup(name: str) -> object:
        if name in {"height", "width"}:
            return SAMPLE
        slot, dot, field = name.partition(".")
        entry = variant.entries.get((slot, field) if dot else ("budget", name))
        return entry.value if entry else None

    try:
        return evaluate(source, lookup)
    except FormulaError:
        return None
