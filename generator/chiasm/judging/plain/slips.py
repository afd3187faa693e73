"""Finds slips of the pen: a number that is one digit away from a fact of its unit, and no other fact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from chiasm.numbers.quantity import Quantity

FEW = 3
"""A unit makes a slip of so many digits certain."""
MANY = 5
"""So many digits need no unit."""
WHOLE = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)(?![\d.,]*[\d.])")


def slipped(quantity: Quantity, same: Iterable[Fraction], every: Iterable[Fraction]) -> Fraction | None:
    """The fact that was meant; `same` are those of the number's unit, `every` all that it may be besides."""
    found = WHOLE.search(quantity.text)
    if found is None or quantity.high is not None or quantity.approximate or quantity.value.denominator != 1:
        return None
    digits = found[1].replace(",", "")
    if quantity.value != int(digits) or len(digits) < FEW or digits.endswith("00"):
        return None
    if any(abs(value - quantity.value) <= 1 for value in every):
        return None
    near = {value for value in same if value.denominator == 1 and _one_away(digits, str(int(value)))}
    return near.pop() if len(near) == 1 else None


def _one_away(written: str, true: str) -> bool:
    """Another digit, two that changed places, one more or one less; never the last one by one, which counts from 0."""
    if len(true) < FEW or written == true or abs(int(written) - int(true)) <= 1:
        return False
    if len(written) == len(true):
        places = [i for i, (a, b) in enumerate(zip(written, true, strict=True)) if a != b]
        swapped = len(places) == 2 and places[1] == places[0] + 1
        crossed = swapped and written[places[0]] == true[places[1]] and written[places[1]] == true[places[0]]
        return len(places) == 1 or crossed
    longer, shorter = (written, true) if len(written) > len(true) else (true, written)
    return len(longer) - len(shorter) == 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
