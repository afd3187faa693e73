"""How numbers are written: the patterns of a number in prose and in a cell, of what stands around it, and its worth."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from chiasm.numbers.units import SYMBOLS, WORDS
from chiasm.regex import regex

_ABOUT = r"(?:[≈~∼≃] ?|(?:[Aa]bout|[Aa]round|[Rr]oughly|[Aa]pproximately|[Nn]early|[Aa]lmost|approx\.|ca\.) )"
_NUM = (
    r"(?:\d{1,3}(?:,\d{3}){1,12}(?!\d)|\d{1,40})(?:\.\d{1,40})?"
    r"(?:[eE][+-]?\d{1,3}(?!\w)| ?[×x·] ?10(?:\^\{?[-−]?\d{1,3}\}?|⁻?[⁰¹²³⁴-⁹]{1,3}))?"
)
_SUFFIX = r"(?: ?(?:[kKMBGT]|bn)(?![\w%])|b(?!\w)|[ -](?:thousand|million|billion|trillion)\b)"
_SPELLED = (re.escape(symbol) for symbol in SYMBOLS if symbol[-1].isalpha() and symbol not in ("x", "X", "-fold"))
_SYMBOL = "|".join(sorted(_SPELLED, key=len, reverse=True))
_UNIT = rf"(?: ?%| ?×(?! ?\d)| ?[xX](?!\w)(?! ?\d)|-?fold\b|[ -]?(?:{_SYMBOL})(?!\w)|°)"
_RANGE = rf"(?:(?P<to>{{to}})(?P<high>{_NUM})(?P<suffix2>{_SUFFIX})?)?"
_BODY = rf"(?P<number>{_NUM})(?P<suffix>{_SUFFIX})?{_RANGE}(?P<unit>{_UNIT})?"

PROSE = regex(_BODY.replace("{to}", r" ?[–—] ?|-|\.\.\.?|…"))
CELL = regex(
    rf"(?P<about>{_ABOUT})?(?P<sign>[-−+])?"
    + _BODY.replace("{to}", r" ?[–—] ?|-|\.\.\.?| ?… ?| to ")
    + r"(?:(?P<dash>[ -])(?P<words>[^\W\d_][^\W_]*(?:[ /-][^\W\d_]+){0,3}))?"
)
RATIO = regex(r"([-−]?\d{1,18}) ?/ ?(\d{1,18})", re.ASCII)
DIGIT = regex(r"\d")


def _spelled_out() -> str:
    """The words of numbers, the longest first, gathered by their first letter: most words are ruled out by one look.

    Letter by letter in both cases, since `re.IGNORECASE` compares every word at every character.
    """
    rests: dict[str, list[str]] = {}
    for word in sorted(WORDS, key=len, reverse=True):
        letters = [f"[{letter}{letter.upper()}]" if letter.isalpha() else re.escape(letter) for letter in word]
        rests.setdefault(letters[0], []).append("".join(letters[1:]))
    return "|".join(f"{first}(?:{'|'.join(words)})" for first, words in rests.items())


WORD = regex(rf"\b(?:{_spelled_out()})\b")
ORDINAL = regex(r"(?:st|nd|rd|th)\b|-?D\b")
BEFORE = regex(rf"(?P<about>{_ABOUT})?(?P<sign>[-−+±])?$")
JOINT = regex(r"\s*(?:→|->|to|and|or|,|/|vs\.?|versus|[×x·]|:|&|[–—-])\s*")
DATE = regex(r"(\d{4})-\d{2}-\d{2}(?!\w)|\d{4}\.\d{4,5}(?:v\d+)?(?!\w)")
YEAR = regex(r"(?:19[5-9]|20[0-9])\d")
NAME = regex(r"[\w/.@:+-]*\w")
NOUN = regex(r"[ -]([^\W\d_][\w/]*(?:-[^\W\d_]\w*)*)")
WORD_BEFORE = regex(r"([^\W\d_][\w.-]*)[ #.(]{1,2}$|([§#©])+ ?$")
_POWER = regex(r"[eE]([+-]?\d+)$| ?[×x·] ?10\^?\{?([-−⁻⁰¹²³⁴-⁹\d]+)\}?$")

ONE = Fraction(1)
_SUPERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def worth(text: str) -> tuple[Fraction, Fraction]:
    """The value, and what one more in the last digit would be worth."""
    mantissa, exponent = text.replace(",", ""), 0
    if mantissa.isdecimal():
        return Fraction(int(mantissa)), ONE
    if power := _POWER.search(mantissa):
        exponent = int((power[1] or power[2]).translate(_SUPERS).lstrip("+") or "0")
        mantissa = mantissa[: power.start()]
    whole, _, decimals = mantissa.partition(".")
    digits, last = int(whole + decimals), exponent - len(decimals)
    return Fraction(digits * 10**last) if last >= 0 else Fraction(digits, 10**-last), _step(last)


@cache
def _step(exponent: int) -> Fraction:
    """What the last digit is worth; few powers occur."""
    return Fraction(10) ** exponent
