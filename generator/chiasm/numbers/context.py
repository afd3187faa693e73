"""What the words around a number make of it: part of a name, a label, a year, a count of something, about so much."""

from __future__ import annotations

import re

from chiasm.numbers.patterns import BEFORE, NOUN, WORD_BEFORE, YEAR, worth
from chiasm.numbers.units import ABBREVIATED, LABELS, MONTHS, NOUNS, STOPS, VERSIONED, YEAR_WORDS

_DATING = YEAR_WORDS | MONTHS
_LEADING = " ≈~∼≃-−+±\n"


def in_name(text: str, start: int) -> bool:
    """Whether the digits at `start` continue a word: `B2`, `BLIP-2`, `L/14`, but not `16x16`."""
    before = text[max(0, start - 2) : start]
    last = before[-1:]
    if not last or last == " " or (last in ("x", "X") and before[:1].isdigit()):
        return False
    return (
        last.isalpha()
        or last == "_"
        or (last in "-/.+@" and len(before) == 2 and (before[0].isalpha() or before[0] == "_"))
    )


def led(text: str, start: int) -> tuple[int, bool, str | None]:
    """Where a number begins with the words and the sign before it, whether it is `about`, and its sign."""
    # Neither a sign nor a word that means about, which ends in one of these letters, a space behind it.
    if start == 0 or (last := text[start - 1]) not in _LEADING or (last == " " and text[start - 2] not in "tdy.≈~∼≃"):
        return start, False, None
    before = BEFORE.search(text, max(0, start - 16), start)
    if before is None:
        return start, False, None
    about, sign = before.groups()
    at = before.start("sign")
    if sign and text[max(0, at - 1) : at].strip(" \n([{=,≈~"):
        # A hyphen between two things.
        sign = None
    return (before.start() if about else at if sign else start), bool(about), sign


def noun(text: str, end: int) -> str:
    """The unit among the next words: `32 learned queries`, `14-pixel patches`, `12 attention heads`."""
    position = end
    for _ in range(4):
        found = NOUN.match(text, position)
        if found is None:
            return ""
        for word in found[1].lower().split("-"):
            if word in NOUNS:
                # "12 image tokens" counts tokens, not images.
                after = NOUN.match(text, found.end())
                follows = NOUNS.get(after[1].lower(), "") if after and text[found.end()] == " " else ""
                return follows if follows and text[position] == " " else NOUNS[word]
            if word in STOPS:
                return ""
        position = found.end()
    return ""


def _word_before(text: str, start: int, reach: int) -> re.Match[str] | None:
    """The word, `§`, `#` or `©` that stands before the number, within `reach` characters."""
    if start == 0 or text[start - 1] not in " #.(§©\n":
        return None
    low = max(0, start - reach)
    # The word holds no space: what is before the last one, but for what may stand between, need not be tried.
    return WORD_BEFORE.search(text, max(low, text.rfind(" ", low, max(low, start - 3)) + 1), start)


def labels(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the number names something: it follows `Table`, `§`, `stage`, or a model's name as its version."""
    before = _word_before(text, start, 40)
    if before is None:
        return False
    if before[2]:
        return before[2] != "©"
    word = before[1].rstrip(".")
    lowered = word.lower()
    if before[0][len(word) :].startswith(". ") and lowered not in ABBREVIATED:
        return False
    if lowered in LABELS:
        return not match["unit"]
    named = lowered in VERSIONED or (not word.isupper() and sum(map(str.isupper, word)) >= 2)
    if not named or match["suffix"] or match["unit"]:
        return False
    number = match["number"]
    return "," not in number and worth(number)[0] < 20 and not noun(text, match.end())


def is_year(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the number is a year: four digits after a word of time, in parentheses, or the start of a period."""
    number = match["number"]
    if len(number) != 4 or not YEAR.fullmatch(number) or match["suffix"]:
        return False
    before = _word_before(text, start, 24)
    word = (before[1] or before[2]).lower().rstrip(".") if before else ""
    return (
        word in _DATING or text[max(0, start - 1) : start] in ("(", "'", "’") or (match["high"] or "").startswith("20")
    )
