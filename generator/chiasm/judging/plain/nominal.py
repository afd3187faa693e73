"""Says whether a count of parameters is the size in a model's name: `Fuyu-8B` has 9.4 billion, and is called 8B.

A number and the system it is said of in; that a name says so, with what is counted beside it, out.
"""

from __future__ import annotations

from fractions import Fraction

from chiasm.claiming.claim import Number
from chiasm.judging.plain.known import SCALED
from chiasm.judging.plain.subject import Subject
from chiasm.judging.plain.telling import reported
from chiasm.judging.plain.truths import totals
from chiasm.judging.verdict import Verdict
from chiasm.regex import regex

FAR = Fraction(1, 4)
"""A name is rounded from no more than this beside what is counted: in `opt-2.7b` it is a part's."""
MODEL = regex(r"(?i)[ -](?:[a-z][\w-]* ){0,2}(?:models?|VLMs?|LMMs?|MLLMs?|variants?|versions?)\b")
"""What is called by a size, behind it."""


def nominal(number: Number, about: Subject, *, counted: bool) -> Verdict | None:
    """A size that only a name says; `counted` where the words say that parameters are counted."""
    spec, quantity, words = about.spec, number.quantity, number.passage.words
    named = counted or MODEL.match(words, number.start + len(quantity.text)) is not None
    if spec is None or not named or quantity.high is not None or about.unlisted:
        return None
    for variant in about.variants:
        total = next((truth.value for truth in totals(spec, variant)), None)
        texts = f"{variant.key} {variant.title}".replace("-", " ").replace("_", " ")
        called = {Fraction(size) * (10**9 if scale in "bB" else 10**6) for size, scale in SCALED.findall(texts)}
        if total and quantity.value in called and abs(total - quantity.value) <= total * FAR:
            if quantity.matches(total):
                return None
            return reported(number, f"the name of {spec.title} says so; counted: {float(total / 10**9):.2f}B")
    return None
