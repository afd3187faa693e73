"""Judges arithmetic that a sentence writes out: `(336/16)^2 = 576`, `303M + 21M + 6.74B = 7.06B`, in; remarks out.

A side of `=` is read only if it is whole: nothing but numbers, their units and operators between two marks. A result
holds if some value within the rounding of the operands' digits agrees with it within that of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from chiasm.judging.plain.remark import Remark, doubted
from chiasm.judging.plain.written import Range, UnreadableError, noun, number, parts, value
from chiasm.numbers.quantity import Quantity, quantity
from chiasm.regex import regex
from chiasm.resolving.fill import spell

Place = tuple[int, int]
REACH = 200
"""Characters before a mark in which an expression is looked for."""


@cache
def _field() -> re.Pattern[str]:
    return regex(
        r"(?i)\b(?:tokens?|patch(?:es)?|pixels?|px|param\w*|layers?|blocks?|heads?|quer(?:y|ies)|latents?|"
        r"embeddings?|channels?|"
        r"tiles?|slices?|crops?|frames?|positions?|images?|GFLOPs?|TFLOPs?|bytes?|vit|encoder|tower|projector|"
        r"hidden|dim\w*)\b"
        r"|\d ?[MB]\b|\d ?[GM]i?B\b"
    )


def sums(text: str) -> Iterator[Remark]:
    """A remark for every `expression = result` whose sides are both read."""
    if not any(mark in text for mark in "=≈") or not _field().search(text) or doubted(text):
        return
    marks = list(re.finditer(r"(?<![<>=!:≤≥])(?:=|≈)(?!=)", text))
    for index, mark in enumerate(marks):
        begin = max(marks[index - 1].end() if index else 0, mark.start() - REACH)
        stop = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        try:
            start, made, several = _left(text, begin, mark.start())
            at, end, written = _right(text, mark.end(), stop)
        except UnreadableError:
            continue
        if several and (remark := _compared(text, (start, mark.start()), made, (at, end), written)):
            yield remark


def _compared(text: str, left: Place, made: Range, right: Place, written: Quantity) -> Remark | None:
    """Whether the two sides can be one number."""
    result, between = written.value, text[left[1] : right[0]]
    shown = " ".join(text[left[0] : left[1]].split())
    about = written.approximate or re.search("[≈~]|about|roughly|approx", between) is not None
    slack = abs(made.value) / 20 if about else Fraction(0)
    readings = (result, *written.readings)
    whole = "/" in shown or "÷" in shown
    half = written.tolerance
    for said in readings:
        low, high = said - 2 * half - slack, said + 2 * half + slack
        if whole and said.denominator == 1 and not half:
            # A whole result of a division may be rounded, up or down.
            low, high = low - 1, high + 1
        if low <= made.high and made.low <= high:
            return Remark("proved", *right, f"{shown} = {spell(made.value)}")
    if made.value and 500 < abs(result / made.value) < 2000:
        # A scale left out on one side, as people write `7B × 2 = 14`.
        return None
    expected = spell(made.value)
    return Remark(
        "refuted",
        *right,
        f"{shown} is {expected}",
        expected,
        f"write {expected}, or correct an operand",
        ((*left, f"= {expected}"),),
    )


def _left(text: str, low: int, high: int) -> tuple[int, Range, bool]:
    """The longest expression before a mark that begins after a break: where, its value, whether it computes."""
    starts = [low, *(found.end() for found in re.finditer(r"[\s(:;,]", text[low:high]))]
    for start in starts:
        begin = start if start == low else low + start
        piece = text[begin:high]
        lead = piece[: len(piece) - len(piece.lstrip())]
        begin += len(lead)
        if not re.match(r"[\d(]", text[begin : begin + 1] or " ") or not _breaks(text, low, begin):
            continue
        try:
            tokens = parts(text, begin, high)
            return begin, value(tokens), sum(one.kind == "number" for one in tokens) > 1
        except UnreadableError:
            continue
    raise UnreadableError


def _breaks(text: str, low: int, begin: int) -> bool:
    """Whether an expression can begin here: what stands before is no operator, letter that is multiplied, or name."""
    before = text[max(0, begin - 40) : begin].rstrip(" ")
    if not before or begin == low:
        return True
    if before[-1] in "=≈:;,([→>–—•|*_":
        return before[-1] != "(" or text[begin - 1] != " "
    word = re.search(r"([A-Za-z][\w./-]*)$", before)
    if word is None or text[begin - 1] != " ":
        return False
    return len(word[1]) > 2 or word[1].lower() in ("is", "so", "of", "at", "in", "or", "to", "be", "by")


def _right(text: str, low: int, high: int) -> tuple[int, int, Quantity]:
    """The number behind a mark: it must not be the first of a longer expression."""
    about = re.match(r"\s*(?:~|≈|about |roughly |approx\. |approximately )?\s*", text[low:high])
    at = low + (about.end() if about else 0)
    found = number().match(text, at, high)
    if not found or found.end() == at:
        raise UnreadableError
    made = quantity(found[0])
    if made is None:
        raise UnreadableError
    rest = text[found.end() :]
    word = noun().match(rest)
    for after in (rest, rest[word.end() :] if word else rest):
        if re.match(r"\s*(?:\*\*|//|[+×*/·÷^²³]|[xX]\s?\d|[-−–] ?\d|[=≈]?\s*\.\d|:\d)", after):
            raise UnreadableError
    if re.match(r"[\w]|\.\d|\s?[kKMGTP]?(?:FLOP|MAC|Hz|bps|bit|OPS|W\b)", rest):
        raise UnreadableError
    return at, found.end(), made
