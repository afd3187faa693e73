"""Judges two counts that a sentence sets against each other, and the factor between them: a sentence in, remarks out.

`With 32 queries against 257 patches, a factor of 8`; `compared with the 576 tokens of A, the 32 of B are 18× fewer`.
Only where the sentence holds these two counts and this one factor, and no other number of such things.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chiasm.judging.plain.pairs import ratios_in
from chiasm.judging.plain.remark import Remark, doubted
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex
from chiasm.resolving.fill import spell

AGAINST = regex(r"(?i)\b(?:against|versus|vs\.?|compared (?:with|to)|relative to|instead of|in place of)\b")
FACTOR = regex(r"(?i)\b(?:compress\w*|reduc\w+|shrink\w*|factor|fewer|smaller|shorter)\b")
COUNTS = frozenset({"tokens", "queries", "latents", "vectors", "patches", "embeddings", "positions"})
ELSE = regex(
    r"(?i)\b(?:speed\w*|fast\w*|flops?|comput\w+|memory|latenc\w+|cost|throughput|data|train\w*|frames?|tiles?)\b"
)
"""What else a factor may be said of."""


def against(text: str, placed: Sequence[Placed]) -> Iterator[Remark]:
    """A remark on the factor between the two counts of a sentence."""
    if not (AGAINST.search(text) and FACTOR.search(text)) or ELSE.search(text) or doubted(text):
        return
    counts = [one for one in placed if one.quantity.unit in COUNTS and one.quantity.high is None]
    factors = [one for one in ratios_in(text) if one.unit == "×"]
    if len(counts) != 2 or len(factors) != 1 or min(one.quantity.value for one in counts) < 1:
        return
    small, large = sorted(counts, key=lambda one: one.quantity.value)
    ratio, true = factors[0], large.quantity.value / small.quantity.value
    slack = max(ratio.half, true * (Fraction(1, 4) if ratio.about else Fraction(8, 100)))
    shown = f"{spell(large.quantity.value)} / {spell(small.quantity.value)} is {float(true):.1f}".removesuffix(".0")
    if abs(ratio.value - true) <= slack:
        yield Remark("proved", ratio.start, ratio.end, shown)
        return
    expected = f"{float(true):.1f}".removesuffix(".0") + "×"
    parts = tuple((one.start, one.end, spell(one.quantity.value)) for one in (large, small))
    advice = f"write {expected}, or correct one of the two counts"
    yield Remark("refuted", ratio.start, ratio.end, shown, expected, advice, parts)
