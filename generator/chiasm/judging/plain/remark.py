"""What a sentence says beyond a single number, and whether it holds: the value that relations and categories give."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal, NamedTuple, Protocol

from chiasm.diagnostic import Label
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec, VariantSpec


class About(Protocol):
    """A system that a sentence speaks of: by name, or by the heading that it stands under."""

    @property
    def spec(self) -> ModelSpec:
        """The system."""

    @property
    def variants(self) -> tuple[VariantSpec, ...]:
        """The variants that the words leave possible."""

    @property
    def at(self) -> tuple[int, int] | None:
        """Where its name stands in the text; None where a heading names it."""


class Remark(NamedTuple):
    """What is known about one thing that a sentence says; places are characters of its text, `end` exclusive.

    `expected` is what would be true, `parts` are further places of the text with what each contributes, `labels` places
    of the base, `rule` the rule that reports a refutation.
    """

    outcome: Literal["proved", "reported", "refuted"]
    start: int
    end: int
    reason: str
    expected: str = ""
    help: str = ""
    parts: tuple[tuple[int, int, str], ...] = ()
    labels: tuple[Label, ...] = ()
    claims: tuple[str, ...] = ()
    rule: str = "arithmetic-refuted"


@cache
def _doubt() -> re.Pattern[str]:
    return regex(
        r"\b(?:not|n't|cannot|never|no|nor|without|instead|rather|unlike|if|were|would|could|should|might|may|perhaps|"
        r"suppose[ds]?|assum\w+|imagine|wrong\w*|mistak\w+|incorrect\w*|myth|mix(?:es|ed|ing) (?:up|two|"
        r"both)|misread\w*|"
        r"confus\w+|contrary|"
        r"often said|(?:is|are|was|were) said|claim(?:s|ed)?|allegedly|supposedly|hypothetical\w*|originally|"
        r"previously|"
        r"(?:notes?|some|people|posts?|blogs?|articles?|many|others|tutorials?|readers?) (?:say|write|state|"
        r"think|believe)s?|"
        r"used to|planned?|todo|fixme|e\.g\.,? if)\b|n[’']t\b|\?\s*$",
        re.IGNORECASE,
    )


@lru_cache(maxsize=256)  # several readers ask it of one sentence
def doubted(text: str) -> bool:
    """Whether the words deny, suppose, ask or tell of a mistake, so that what they say may be what is not so."""
    return _doubt().search(text) is not None


@cache
def _correction() -> re.Pattern[str]:
    return regex(
        r"(?i)\b(?:mix(?:es|ed|ing) (?:up|two|both|the two)|wrong\w*|mistak\w+|incorrect\w*|myth|confus\w+|"
        r"joins two|misread\w*|"
        r"misquot\w*|contradict\w*|errat\w+|correction|false|untrue)\b"
    )


def corrected(text: str) -> bool:
    """Whether a paragraph tells of a mistake, so that a sentence of it may be the mistake that it tells of."""
    return _correction().search(text) is not None


def quoted(text: str, at: int) -> bool:
    """Whether a character stands in words that are another's: between quotation marks."""
    inside = False
    for found in re.finditer(r"[\"“”]", text[:at]):
        inside = found[0] == "“" or (found[0] == '"' and not inside)
    return inside and re.search(r"[\"”]", text[at:]) is not None
