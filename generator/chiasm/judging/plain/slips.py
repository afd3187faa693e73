"""Finds slips of the pen: a number that is a keystroke away from a fact of its unit, and no other fact.

A keystroke is another digit, one more or one less, two that changed places, a zero; so is a count of 1,024s that was
written as thousands. Where a unit counts neither from 0 nor with or without a class token, one more or less is one too.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from chiasm.numbers.quantity import Quantity
from chiasm.regex import regex

FEW = 3
"""A unit makes a slip of so many digits certain."""
MANY = 5
"""So many digits need no unit."""
WHOLE = regex(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)(?![\d.,]*[\d.])")
LONG = 7
"""A count of so many digits is exact."""
ROUND = 2
"""Digits before the zeros of a round number."""
EXACT = frozenset({"px"})
"""Units in which a number that is one off is wrong too."""
BINARY = (Fraction(1000, 1024), Fraction(1024, 1000))
TENFOLD = (Fraction(10), Fraction(1, 10))


def slipped(quantity: Quantity, same: Iterable[Fraction], every: Iterable[Fraction]) -> Fraction | None:
    """The fact that was meant; `same` are those of the number's unit, `every` all that it may be besides."""
    found = WHOLE.search(quantity.text)
    if found is None or quantity.high is not None or quantity.approximate or quantity.value.denominator != 1:
        return None
    digits = found[1].replace(",", "")
    if quantity.value != int(digits) or len(digits) < 2:
        return None
    exact = quantity.unit in EXACT or len(digits) >= LONG
    if any(abs(value - quantity.value) <= (0 if exact else 1) for value in every):
        return None
    near = {value for value in same if value.denominator == 1 and _one_away(digits, int(value), exact=exact)}
    return near.pop() if len(near) == 1 else None


def _one_away(written: str, value: int, *, exact: bool) -> bool:
    """Whether one keystroke makes one of the other; never one of the last by one, which counts from 0."""
    true = str(value)
    if written == true or min(len(written), len(true)) < 2 or max(len(written), len(true)) < FEW:
        return False
    if int(written) in {value * by for by in (*BINARY, *TENFOLD)}:
        return True
    if written.endswith("00") and len(written.rstrip("0")) <= ROUND:
        # A round number is what somebody meant.
        return False
    if abs(int(written) - value) <= 1:
        return exact
    if len(written) == len(true):
        places = [i for i, (a, b) in enumerate(zip(written, true, strict=True)) if a != b]
        swapped = len(places) == 2 and places[1] == places[0] + 1
        crossed = swapped and written[places[0]] == true[places[1]] and written[places[1]] == true[places[0]]
        return len(places) == 1 or crossed
    longer, shorter = (written, true) if len(written) > len(true) else (true, written)
    return len(longer) - len(shorter) == 1 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
