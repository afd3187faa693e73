"""Judges sums that a sentence says in words: `1.2B and 194M are 1.4B`, `576 tokens plus 144 make 720`, in; remarks out.

Only where the result stands right behind its verb, and the two parts right before it, is it a sum; where the three
numbers do not even nearly make one (`12 and 24 are 2 numbers`), nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chiasm.judging.plain.remark import Remark, doubted
from chiasm.judging.verdict import written
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex

AND = regex(r"(?i)(?: [a-z-]+){0,2} (?:and|plus|\+) (?:another |the |the other )?")
MAKES = regex(
    r"(?i)(?: [a-z-]+){0,2},? (?:are|make|makes|give|gives|add up to|sum to|come to|is|equal|total)(?: together)? "
    r"(?:about |roughly |in all )?"
)
ENDS = regex(r"(?i)(?:[.,;:)]|$| (?:together|in all|in total|tokens|parameters|params|altogether)\b)")
SCALED = frozenset("kKMBGT")


def additions(text: str, placed: Sequence[Placed]) -> Iterator[Remark]:
    """A remark for every `A and B are C`."""
    if len(placed) < 3 or doubted(text) or "respectively" in text:
        return
    for first, second, result in zip(placed, placed[1:], placed[2:], strict=False):
        if (
            AND.fullmatch(text, first.end, second.start)
            and MAKES.fullmatch(text, second.end, result.start)
            and ENDS.match(text, result.end)
            and (remark := _held(first, second, result))
        ):
            yield remark


def _held(first: Placed, second: Placed, result: Placed) -> Remark | None:
    one, two, said = first.quantity, second.quantity, result.quantity
    if any(each.high is not None or each.value <= 0 for each in (one, two, said)) or not _alike(first, second, result):
        return None
    true = one.value + two.value
    slack = one.tolerance + two.tolerance + said.tolerance + (abs(true) / 20 if said.approximate else 0)
    if abs(true - said.value) <= slack:
        return Remark("proved", result.start, result.end, f"{one.text} + {two.text} = {written(true, said)}")
    if not true / 2000 <= said.value <= true * 2000 or said.value.denominator * one.value.denominator > 10**6:
        return None
    expected = written(true, said)
    return Remark(
        "refuted",
        result.start,
        result.end,
        f"{one.text} + {two.text} is {expected}",
        expected,
        f"write {expected}, or correct a part",
        ((first.start, first.end, one.text), (second.start, second.end, two.text)),
    )


def _alike(*all_of: Placed) -> bool:
    """Whether the numbers can be one sum: all scaled (1.2B, 194M), or of one unit, the result the largest or near."""
    texts = [one.quantity.text for one in all_of]
    if all(text[-1] in SCALED for text in texts):
        return True
    units = {one.quantity.unit for one in all_of} - {""}
    values = [one.quantity.value for one in all_of]
    return len(units) == 1 and min(values) >= 16 and values[2] > max(values[:2])
