"""Judges the sizes by which a system's models go: `the 7B model`, `at 9B and 80B`, a name and `7B`.

A passage and a number of it in; whether the number names a model, and which the system has, out.
"""

from __future__ import annotations

from fractions import Fraction

from chiasm.claiming.passage import Passage
from chiasm.judging.plain.known import known, sizes
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

WRITTEN = regex(r"\d+(?:\.\d+)?[BM]")
NAMED = regex(
    r"(?i)[ -](?:(?:language|base|full|larger?|small(?:er)?|big(?:ger)?|chat|instruct) )?"
    r"(?:models?|variants?|versions?|systems?|sizes?|checkpoints?|llms?|one)\b(?! of data)"
)
"""Behind the size of a model."""
AT = regex(r"(?i)\bat (?:\d[\d.]*[BM],? (?:and |or )?(?:at )?)*$")
"""Before one where nothing else can be meant, or a list of them."""
AMONG = regex(r"(?i)\b(?:for|comes? in|in) (?:the )?(?:\d[\d.]*[BM],? (?:and |or )?(?:the )?)*$")
"""Before one where nothing beside it counts."""
OF_MODELS = regex(r"(?i)\b(?:models?|versions?|variants?|decoders?) of (?:\d[\d.]*[BM],? (?:and |or )?)*$")
LIST = regex(r"(?:,? ?(?:and |or )?(?:the )?\d[\d.]*[BM])*")
COUNTS = regex(
    r"(?i)[ -](?:\w+ ){0,2}(?:param\w*|tokens?|images?|pairs?|samples?|examples?|weights|documents?|videos?)\b"
)
"""What is counted is no name."""
UNNAMED = regex(
    r"(?i)\b(?:param\w*|count\w*|total\w*|train\w*|data|adds?|has|have|than|images?|samples?|about|another|other|later|"
    r"earlier|unreleased|compared?|baseline|competitor\w*|vs\.?)\b"
)
NEAR = 40
"""Characters around a size in which a word may make something else of it."""


def names(passage: Passage, placed: Placed, name_ends: int = -1) -> bool:
    """Whether a number is the size by which a model goes; `name_ends` is where the system's name before it ends."""
    if not WRITTEN.fullmatch(placed.quantity.text):
        return False
    words, (low, high) = passage.words, passage.sentence(placed.start)
    before, behind = words[low : placed.start], words[placed.end : high]
    if OF_MODELS.search(before):
        return True
    rest = LIST.match(behind)
    if COUNTS.match(behind, rest.end() if rest else 0):
        return False
    if NAMED.match(behind) or placed.start - name_ends == 1:
        return True
    if AT.search(before):
        return True
    return AMONG.search(before) is not None and not UNNAMED.search(before[-NEAR:])


def listed(spec: ModelSpec) -> tuple[str, ...]:
    """The sizes of a system's own models, the smallest first; () where names do not say them all."""
    own = sizes(spec)
    named = {key for keys in own.values() for key in keys}
    whole = bool(own) and named == {variant.key for variant in spec.variants}
    return tuple(_spelled(value) for value in sorted(own)) if whole else ()


def _spelled(value: Fraction) -> str:
    return f"{float(value / 10**9):g}B" if value >= 10**9 else f"{float(value / 10**6):g}M"


def is_known(spec: ModelSpec, placed: Placed, *, parts: bool) -> bool:
    """Whether a size is one of the system's, or of a whole that is counted; with `parts` of a language model too."""
    quantity = placed.quantity
    whole = ("total", "language_model") if parts else ("total",)
    counts = (one.value for one in known(spec).get("parameters", ()) if one.name.endswith(whole))
    return any(quantity.matches(value) for value in (*sizes(spec), *counts))
