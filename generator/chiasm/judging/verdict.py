"""What is known about one number at one place: proved, reported, refuted or not judged, and why."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.numbers.quantity import Quantity
from chiasm.record import record
from chiasm.span import Span

Outcome = Literal["proved", "reported", "refuted", "not judged"]
Subject = Literal["statement", "number", "fact", "formula", "parameters", "cell", "position", "claim"]


@record(frozen=True, slots=True)
class Verdict:
    """What is known about one number at one place.

    `reason` is the arithmetic (proved, refuted), the source (reported) or why it was left (not judged); `expected` is
    the true value where it is refuted; `claims` are the ids it rests on; `rule` the rule that reports a refutation,
    "" where an earlier stage already has.
    """

    outcome: Outcome
    subject: Subject
    text: str
    span: Span
    reason: str
    claims: tuple[str, ...] = ()
    expected: str = ""
    rule: str = ""
    labels: tuple[Label, ...] = ()
    help: str = ""
    fix: Fix | None = None
    place: Span | None = None
    """Where the mistake is, where that is not the number: in its scope."""


SMALL = 100
"""Below one in so many a value is written with an exponent."""


def diagnostic(verdict: Verdict) -> Diagnostic:
    """The finding for a refuted number."""
    return Diagnostic(
        verdict.rule,
        # Where the scope is wrong nothing is known about the number.
        verdict.reason if verdict.place else f"{verdict.text} is refuted: {verdict.reason}",
        verdict.place or verdict.span,
        mark=f"expected {verdict.expected}" if verdict.expected else "",
        labels=verdict.labels,
        help=verdict.help,
        fix=verdict.fix,
    )


def agrees(quantity: Quantity, value: Fraction) -> bool:
    """Whether a number as written is `value`: within its digits' rounding, five percent where it says "about"."""
    if quantity.matches(value):
        return True
    return quantity.approximate and quantity.high is None and abs(quantity.value - value) * 20 <= abs(value)


def written(value: Fraction, like: Quantity) -> str:
    """A value in the manner of a quantity: its unit, its scale and as many digits."""
    if like.unit == "%":
        return f"{float(value * 100):.{_places(like.text)}f}%"
    for suffix, scale in SCALES:
        if f"{suffix}" in _suffix(like.text):
            if like.unit in ("parameters", "") and not 1 <= value / scale < 1000 and value >= 10**6:
                return _natural(value)
            return f"{float(value / scale):.{_places(like.text)}f}{suffix}"
    if value.denominator == 1:
        return f"{int(value):,}"
    if abs(value) * SMALL < 1:
        return f"{float(value):g}".replace("e-0", "e-")
    return f"{float(value):.{max(_places(like.text), 1)}f}"


SCALES = (("T", 10**12), ("B", 10**9), ("M", 10**6), ("k", 10**3), ("K", 10**3))


def _natural(value: Fraction) -> str:
    """A large value by the scale that gives it up to three digits before its suffix: 7.06B, 188M."""
    suffix, scale = next((suffix, scale) for suffix, scale in SCALES if value >= scale)
    number = float(value / scale)
    return f"{number:.{0 if number >= 100 else 1 if number >= 10 else 2}f}{suffix}"


def _places(text: str) -> int:
    """Decimals of the first number in a text."""
    digits = text.partition(".")[2]
    return next((index for index, character in enumerate(digits) if not character.isdigit()), len(digits))


def _suffix(text: str) -> str:
    """The letter that follows a number's digits."""
    rest = text.lstrip("≈~ -−+0123456789.,").lstrip()
    return rest[:1] if rest and not rest[1:2].isalpha() else ""
