"""Computes arithmetic that is written in words and signs: the text of an expression in, the range of its value out."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from chiasm.numbers.quantity import quantity
from chiasm.regex import regex

MOST = 12
"""Numbers in one expression; a longer one is a table in disguise."""
POWERS = {"²": 2, "³": 3}


class Range(NamedTuple):
    """What a written number can stand for: from `low` to `high`, as written `value`."""

    low: Fraction
    value: Fraction
    high: Fraction


class Part(NamedTuple):
    """A token of an expression: a number, an operator or a parenthesis, and where it ends."""

    kind: str
    value: Range | None
    end: int


class UnreadableError(Exception):
    """The text is no expression of numbers alone."""


@cache
def number() -> re.Pattern[str]:
    """A number with its scale."""
    scaled = r"(?: ?(?:[kKMBT](?![\w])|[KMGT]i?B\b|thousand\b|million\b|billion\b))?"
    return regex(rf"(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?(?:e-?\d+)?{scaled}(?: ?%)?")


@cache
def noun() -> re.Pattern[str]:
    """What a number in an expression counts."""
    return regex(
        r" ?(?:px|pixels?|[a-z][a-z-]{2,})(?: (?!(?:is|are|and|or|to|per|of|in|at|the|for|with)\b)[a-z][a-z-]{2,})?",
        re.IGNORECASE,
    )


@cache
def _operator() -> re.Pattern[str]:
    return regex(r"\s*(\*\*|//|[+×*/·÷^()²³]|[xX](?=\s?[\d(])| [-−–] )\s*")


def parts(text: str, begin: int, high: int) -> list[Part]:
    """The tokens of an expression. Raises UnreadableError where anything else stands in it."""
    found: list[Part] = []
    at = begin
    while at < high and text[at:high].strip():
        if operator := _operator().match(text, at, high):
            found.append(Part(operator[1].strip(), None, operator.end()))
        elif digits := number().match(text, at, high):
            found.append(Part("number", _range(digits[0]), digits.end()))
            word = noun().match(text, digits.end(), high)
            if (
                word
                and word.end() <= high
                and re.match(r"\s*(?:$|[+×*/·÷^)²³]| [-−–] |[xX] ?\d)", text[word.end() : high])
            ):
                found[-1] = found[-1]._replace(end=word.end())
        else:
            raise UnreadableError
        at = found[-1].end
        if len(found) > 4 * MOST:
            raise UnreadableError
    return found


def _range(text: str) -> Range:
    made = quantity(text)
    if made is None:
        raise UnreadableError
    return Range(made.value - made.tolerance, made.value, made.value + made.tolerance)


def value(tokens: list[Part]) -> Range:
    """The value of an expression by the usual precedence; raises UnreadableError where it is none."""
    rest = list(tokens)
    made = _sum(rest)
    if rest:
        raise UnreadableError
    return made


def _sum(rest: list[Part]) -> Range:
    made = _product(rest)
    while rest and rest[0].kind in "+-−–":
        sign = rest.pop(0).kind
        other = _product(rest)
        if sign == "+":
            made = Range(made.low + other.low, made.value + other.value, made.high + other.high)
        else:
            made = Range(made.low - other.high, made.value - other.value, made.high - other.low)
    return made


def _product(rest: list[Part]) -> Range:
    made = _power(rest)
    while rest and rest[0].kind in ("×", "*", "·", "x", "X", "/", "÷", "//"):
        sign = rest.pop(0).kind
        other = _power(rest)
        if sign in ("/", "÷", "//"):
            if other.low <= 0:
                raise UnreadableError
            made = Range(made.low / other.high, made.value / other.value, made.high / other.low)
            if sign == "//":
                made = Range(*(Fraction(value // 1) for value in made))
        else:
            made = Range(made.low * other.low, made.value * other.value, made.high * other.high)
    return made


def _power(rest: list[Part]) -> Range:
    made = _atom(rest)
    while rest and rest[0].kind in ("^", "**", "²", "³"):
        sign = rest.pop(0).kind
        exponent = POWERS.get(sign) or int(_atom(rest).value)
        if not 0 <= exponent <= 12 or made.low < 0:
            raise UnreadableError
        made = Range(*(value**exponent for value in made))
    return made


def _atom(rest: list[Part]) -> Range:
    if not rest:
        raise UnreadableError
    part = rest.pop(0)
    if part.kind == "(":
        made = _sum(rest)
        if not rest or rest.pop(0).kind != ")":
            raise UnreadableError
        return made
    if part.kind != "number" or part.value is None:
        raise UnreadableError
    return part.value
