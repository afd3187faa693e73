"""Says whether a count of tokens may be that of an image cut into parts: a passage, a place, a count; a reason out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from chiasm.claiming.passage import Passage
from chiasm.page.inline import plain
from chiasm.regex import regex

CUT = "the image may be cut into several"
FEWER = "the tokens may be made fewer"
PARTS = range(2, 41)
"""Parts that an image is cut into, with the whole beside them."""
WORDS = regex(
    r"\b(?:split\w*|til(?:es?|ed|ing)|crop\w*|slic\w+|any-?res\w*|sub-?images?|multi-?crop\w*|grids?|"
    r"high[- ]res\w*|patch-?wise|thumbnails?|overview)\b",
    re.IGNORECASE,
)
"""Words by which an image is cut."""


FEWER_WORDS = regex(
    r"\b(?:compress\w*|reduc\w+|prun\w+|merg\w+|drop\w*|adaptive\w*|dynamic\w*|spars\w+|retain\w*|keep\w*|kept|"
    r"select\w*|budgets?(?! ?:)|discard\w*|distill\w*|pool\w*)\b",
    re.IGNORECASE,
)
"""Words by which somebody's method leaves fewer tokens than there are."""


def fewer(passage: Passage, at: int, said: Fraction, whole: Iterable[Fraction]) -> str:
    """Why a count is perhaps what a method leaves of a system's tokens; "" where nothing is said to be left out."""
    low, high = passage.sentence(at)
    texts = [passage.words[low:high]]
    if (spot := passage.spot) is not None and spot.row >= 0:
        texts += [plain(cell.inlines) for cell in (*spot.table.header, *spot.table.rows[spot.row])]
    return FEWER if any(said < one for one in whole) and any(map(FEWER_WORDS.search, texts)) else ""


def cut(passage: Passage, at: int, said: Fraction, whole: Iterable[Fraction]) -> str:
    """Why a count is perhaps no image's that is encoded at once; "" where it cannot be several of them."""
    if not any(said == parts * one for one in whole for parts in PARTS):
        return ""
    low, high = passage.sentence(at)
    words = passage.words[low:high]
    if (spot := passage.spot) is not None and spot.row >= 0:
        words = " | ".join((words, *(plain(cell.inlines) for cell in (*spot.table.header, *spot.table.rows[spot.row]))))
    return CUT if WORDS.search(words) else ""
