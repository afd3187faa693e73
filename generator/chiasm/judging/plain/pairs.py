"""Finds pairs of counts and ratios in a sentence, with their places: `from 257 to 32`, `576 → 144`, `75% fewer`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from chiasm.numbers.quantity import Placed, Quantity, quantity
from chiasm.regex import regex

UNITS = frozenset(
    {
        "",
        "tokens",
        "patches",
        "queries",
        "latents",
        "embeddings",
        "features",
        "vectors",
        "positions",
        "parameters",
        "px",
        "channels",
        "dimensions",
        "images",
    }
)
WORDED = {
    "halv": Fraction(2),
    "half": Fraction(2),
    "quarter": Fraction(4),
    "doubl": Fraction(2),
    "tripl": Fraction(3),
    "quadrupl": Fraction(4),
}
_N = r"(?<![\w.,/×])(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d+)?(?: ?[kKMB](?!\w))?(?![\w%×]|,\d|\.\d| ?%| ?×)"
_NOUNS = r"(?:[\s-](?:of the |its |the )?[a-z][a-z-]{2,}){0,3}"
SCORES = (
    r"\b(?:accura\w+|scores?|mAP|BLEU|CIDEr|FID|loss|perplexity|latency|ms|seconds?|hours?|days|"
    r"epochs?|batch\w*|learning rate|lr|throughput|points|"
    r"price|cost|\$|GB|GiB|memory|fps|respectively)\b"
)
"""Measures of which a ratio is no count."""
OF = (
    r"\s*(?:$|[(),;:.!–—]|(?:[a-z]+ )?(?:token |visual |image |sequence |spatial )*(?:reduction|"
    r"compression|compress\w*|downsampl\w+|saving\w*|decrease|increase|expansion|drop|ratio|"
    r"rate)\b(?! (?:in|of) (?!(?:visual|image|vision|the (?:visual|image|number|token)|number|tokens?|"
    r"sequence|patch|parameters)\b))"
    r"|(?:fewer|less|smaller|shorter|more|larger|longer)\b(?=\s*(?:$|[(),;:.!–—]|(?:visual |image |"
    r"vision |trainable |patch )*(?:tokens?|patches|vectors|positions|embeddings|of them|queries|"
    r"latents|features|param\w*|pixels|from|than)\b))"
    r"|from\b|tokens?\b|visual tokens?\b)"
)
"""What may stand behind a ratio of counts."""
FEWER = (
    r"(?:reduc\w*|compress\w*|fewer|less|smaller|shorter|squeez\w*|shrink\w*|sav\w*|drop\w*|cut\w*|"
    r"down|decreas\w*|prun\w*|remov\w*)"
)
"""Words by which the smaller is said to come of the larger."""


class Pair(NamedTuple):
    """Two counts of which one becomes the other, with their places."""

    before: Quantity
    after: Quantity
    first: tuple[int, int]
    second: tuple[int, int]

    @property
    def span(self) -> tuple[int, int]:
        """From the first to the second."""
        return self.first[0], self.second[1]


class Ratio(NamedTuple):
    """A factor (`×`) or a share (`%`), what kind of share, and its place."""

    value: Fraction
    half: Fraction
    unit: str
    kind: str
    about: bool
    start: int
    end: int


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """What sentences about ratios are read with."""
    flags = re.IGNORECASE
    small = r"(?:just |only |about |roughly |around |a fixed |a mere |exactly |~ ?)?"
    return {
        "pair": regex(
            rf"\bfrom {small}(?P<a>{_N}){_NOUNS} (?:down |up )?(?:in)?to {small}(?P<b>{_N})"
            rf"|(?P<a2>{_N}){_NOUNS}\s?(?:→|->|=>|⟶)\s?{small}(?P<b2>{_N})"
            rf"|(?P<a3>{_N})(?:[\s-][a-z][a-z-]{{2,}}){{1,3}} (?:become|(?:are )?(?:in)?to|"
            rf"(?:are )?(?:compressed|reduced|merged|turned) (?:in)?to|down to) {small}(?P<b3>{_N})",
            flags,
        ),
        "times": regex(
            r"(?P<about>~ ?|≈ ?|about |around |roughly |nearly |almost |approximately |over |more than |"
            r"up to |some )?(?:(?<![\w.,])(?P<n>\d+(?:\.\d+)?)(?: ?×| ?x(?!\w)| times|[ -]?fold)"
            r"|factor of (?:about |roughly |~ ?|≈ ?|around )?(?P<f>\d+(?:\.\d+)?)(?![\w,]|\.\d))(?!\s?\d)",
            flags,
        ),
        "share": regex(
            r"(?P<about>~ ?|≈ ?|about |around |roughly |nearly |almost |approximately |over |more than |"
            r"up to |some )?(?<![\w.,])(?P<n>\d+(?:\.\d+)?) ?(?:%|percent\b)",
            flags,
        ),
        "worded": regex(
            r"\b(halv(?:es|ed|ing)|half|quarter(?:s|ed|ing)?|doubl(?:es?|ed|ing)|tripl(?:es?|ed|ing)|"
            r"quadrupl(?:es?|ed|ing))\b",
            flags,
        ),
        "counts": regex(r"(?:token|patch|quer|latent|embedding|feature|vector|param|sequence|position)", flags),
        "scores": regex(SCORES, flags),
        "of": regex(OF, flags),
        "fewer": regex(FEWER, flags),
        "than": regex(
            rf"(?P<a>{_N})(?P<mid>{_NOUNS}[^.;\d]{{0,30}}?)(?P<r>(?<![\w.,])\d+(?:\.\d+)?(?: ?×| ?x\b| times|"
            rf"-?fold)) (?P<way>fewer|less|smaller|more|larger)(?: [a-z-]+){{0,3}} than (?:[^.;,\d]|-\d+\w?|"
            rf"\b1\.\d|\d\w){{0,30}}?(?P<b>{_N})(?= (?:visual |image |vision )?(?:tokens|patches|param\w*|"
            rf"queries|latents))",
            flags,
        ),
    }


def pairs_in(text: str) -> Iterator[Pair]:
    """Every two counts of which a sentence says that one becomes the other."""
    for found in patterns()["pair"].finditer(text):
        first, second = next((name, other) for name, other in (("a", "b"), ("a2", "b2"), ("a3", "b3")) if found[name])
        before, after = quantity(found[first]), quantity(found[second])
        if before and after and before.value > 0 and after.value > 0:
            yield Pair(before, after, found.span(first), found.span(second))


def counts_parts(text: str, pair: Pair, placed: Sequence[Placed]) -> bool:
    """Whether both numbers count what a model has, and nothing says that they are scores or times."""
    units = {one.quantity.unit for one in placed if one.start in (pair.first[0], pair.second[0])}
    if units - UNITS or patterns()["scores"].search(text):
        return False
    return all(side.value.denominator == 1 and side.value >= 4 for side in (pair.before, pair.after))


def ratios_in(text: str) -> Iterator[Ratio]:
    """Every ratio that is said of a count, as far as the words behind it tell."""
    for found in patterns()["times"].finditer(text):
        if patterns()["of"].match(text, found.end()) or found["f"]:
            digits = found["n"] or found["f"]
            value, half = read(digits)
            yield Ratio(
                value,
                half,
                "×",
                "more" if re.match(r"(?i)\s*(?:more|larger)", text[found.end() :]) else "",
                bool(found["about"]) or "≈" in found[0] or "about" in found[0],
                found.start("n" if found["n"] else "f"),
                found.end(),
            )
    for found in patterns()["share"].finditer(text):
        value, half = read(found["n"])
        yield Ratio(
            value / 100, half / 100, "%", _kind(text, found), bool(found["about"]), found.start("n"), found.end()
        )
    for found in patterns()["worded"].finditer(text):
        stem = next(stem for stem in WORDED if found[0].lower().startswith(stem))
        if stem not in ("half", "quarter") or re.match(r" as many|\b", text[found.end() :]):
            yield Ratio(WORDED[stem], Fraction(0), "×", "worded", True, *found.span())


def _kind(text: str, found: re.Match[str]) -> str:
    """What a share is of: `less`, `more`, `rest` (of what was), or "" where it may be either."""
    after = text[found.end() : found.end() + 24].lower()
    before = text[max(0, found.start() - 12) : found.start()].lower()
    if re.match(
        r"\s*(?:token |visual )*(?:fewer|less|reduction|compression|smaller|shorter|saving|drop|decrease)", after
    ):
        return "less"
    if re.match(r"\s*(?:more|increase|larger|longer|growth)", after):
        return "more"
    if re.search(r"\bto (?:just |only )?$", before) or re.match(r"\s*of (?:the|its|what)", after):
        return "rest"
    if re.match(r"\s*(?:[),;.]|$)", after):
        return ""
    return "unknown"


def read(digits: str) -> tuple[Fraction, Fraction]:
    """A number, and half of what its last digit is worth."""
    decimals = len(digits.partition(".")[2])
    return Fraction(digits), Fraction(1, 2 * 10**decimals)
