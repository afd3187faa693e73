"""Judges what a sentence relates: sizes and counts, counts and ratios, parts and wholes, sums and results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chiasm.judging.plain.additions import additions
from chiasm.judging.plain.against import against
from chiasm.judging.plain.gates import gates
from chiasm.judging.plain.heads import heads
from chiasm.judging.plain.patches import patches
from chiasm.judging.plain.ratios import ratios
from chiasm.judging.plain.remark import About, Remark
from chiasm.judging.plain.scalings import scalings
from chiasm.judging.plain.shares import shares
from chiasm.judging.plain.sums import sums
from chiasm.judging.plain.weights import weights
from chiasm.numbers.quantity import Placed

UNCOUNTED = frozenset({"label", "date", "year"})
"""Units of numbers that relate to nothing."""
ALONE = ("%", "percent", "patch", "×", "times", "fold", "train", "float", "bf16", "fp16", "fp32")
"""Marks of a sentence whose one number relates to what is not written out."""
Asked = Callable[[], About | None]
"""Whom a sentence is about, found when it is wanted."""


def relations(
    text: str, placed: Sequence[Placed], about: Asked, others: Callable[[], Sequence[About | None]]
) -> tuple[Remark, ...]:
    """Remarks on a sentence's relations, each place of the text once: what says most of a number comes first."""
    if not relates(text, placed):
        return ()
    found: list[Remark] = []
    for remark in _all(text, placed, about, others):
        # One mistake is one finding: `384 px, patch 14 → 24×24 = 576` says of 576 that it is 729.
        if not any(one.start < remark.end and remark.start < one.end for one in found):
            found.append(remark)
    return tuple(found)


def relates(text: str, placed: Sequence[Placed]) -> bool:
    """Whether a text may relate numbers; where it does not, no sentence of it does."""
    counted = sum(one.quantity.unit not in UNCOUNTED for one in placed)
    return counted > 1 or (counted == 1 and any(mark in text for mark in ALONE))


def _all(
    text: str, placed: Sequence[Placed], about: Asked, others: Callable[[], Sequence[About | None]]
) -> Iterator[Remark]:
    lowered = text.lower()
    if "gat" in lowered or "alpha" in lowered or "α" in lowered:
        yield from gates(text, about)
    if any(word in lowered for word in ("train", "learn", "updat", "gradient", "tun", "optimi")):
        yield from shares(text, placed, about, others)
    if "16" in lowered or "32" in lowered or "half" in lowered:
        yield from weights(text, placed, about)
    yield from ratios(text, placed, about)
    yield from against(text, placed)
    yield from patches(text, placed, about)
    yield from scalings(text)
    yield from heads(text)
    yield from sums(text)
    if " and " in text or " plus " in text:
        yield from additions(text, placed)
