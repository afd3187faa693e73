"""Numbers as people mistype them: a number's text in, wrong texts in the same notation out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from random import Random

from chiasm.judging.verdict import agrees
from chiasm.numbers.quantity import Quantity, quantity
from chiasm.numbers.units import WORDS

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SPELLED = {value: word for word, value in WORDS.items()}


def wrong(old: str, new: str, truths: Iterable[Fraction] = ()) -> bool:
    """Whether `new` says another number than `old`, beyond the rounding of both, and none of `truths`.

    Two texts of which one is no number are wrong where they differ.
    """
    before, after = read(old), read(new)
    if before is None or after is None:
        return old.strip() != new.strip() and (before is None) == (after is None)
    if _overlap(before, after):
        return False
    return not any(agrees(after, truth) for truth in truths)


@lru_cache(maxsize=65536)
def read(text: str) -> Quantity | None:
    """The number that a text writes, in digits or in words."""
    word = WORDS.get(text.strip().lower())
    return Quantity(Fraction(word), text=text) if word is not None else quantity(text)


def _overlap(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers may be the same one: within their rounding, a twentieth where one says "about"."""
    reach = one.tolerance + other.tolerance
    if one.approximate or other.approximate:
        reach += abs(one.value) / 20
    ends = [(one.value, other.value)] if one.high is None or other.high is None else []
    if one.high is not None and other.high is not None:
        # A range is another one as soon as one end is.
        return _within(abs(one.value - other.value), reach) and _within(abs(one.high - other.high), reach)
    readings = [*((mine, other.value) for mine in one.readings), *((one.value, theirs) for theirs in other.readings)]
    return any(_within(abs(mine - theirs), reach) for mine, theirs in (*ends, *readings))


def _within(gap: Fraction, reach: Fraction) -> bool:
    """Two roundings that only touch, 107M and 108M, are two numbers."""
    return gap == 0 or gap < reach


def digit(text: str, random: Random) -> Iterator[str]:
    """One digit is another one."""
    places = [at for at, character in enumerate(text) if character.isdigit()]
    for at in random.sample(places, len(places)):
        first = at == places[0] and len(places) > 1
        others = [other for other in "123456789" if other != text[at]] + ["0"] * (not first and text[at] != "0")
        yield text[:at] + random.choice(others) + text[at + 1 :]


def transposed(text: str, random: Random) -> Iterator[str]:
    """Two neighbouring digits have changed places."""
    places = [
        at
        for at in range(len(text) - 1)
        if text[at].isdigit() and text[at + 1].isdigit() and text[at] != text[at + 1] and text[at + 1] != "0"
    ]
    for at in random.sample(places, len(places)):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dropped(text: str, random: Random) -> Iterator[str]:
    """A digit is missing."""
    found = NUMBER.search(text)
    if found and "." not in found.group():
        plain = found.group().replace(",", "")
        if len(plain) > 2:
            at = random.randrange(1, len(plain))
            yield _with(text, found, int(plain[:at] + plain[at + 1 :]))


def neighbour(text: str, random: Random) -> Iterator[str]:
    """A count is one too many or too few."""
    found = NUMBER.fullmatch(text.split(" ", maxsplit=1)[0]) if text else None
    if found and "." not in found.group():
        value = int(found.group().replace(",", ""))
        for step in random.sample((1, -1), 2):
            if value + step > 0:
                yield _with(text, found, value + step)


def tenfold(text: str, random: Random) -> Iterator[str]:
    """A zero too many, a zero too few, an exponent that is off by one."""
    if power := re.search(r"(?<=\d)e-(\d+)$", text):
        yield f"{text[: power.start()]}e-{int(power[1]) + random.choice((1, -1))}"
    elif found := NUMBER.search(text):
        value = Fraction(found.group().replace(",", ""))
        for factor in random.sample((Fraction(10), Fraction(1, 10)), 2):
            if (value * factor).denominator == 1:
                yield _with(text, found, int(value * factor))
            elif "." in found.group():
                yield text[: found.start()] + f"{float(value * factor):g}" + text[found.end() :]


def respelled(value: Fraction | int, like: str) -> str | None:
    """A whole number in the notation of a text: in words, with or without commas, its unit behind it."""
    if Fraction(value).denominator != 1:
        return None
    if like.strip().lower() in WORDS:
        word = SPELLED.get(int(value))
        return word.capitalize() if word and like[:1].isupper() else word
    found = NUMBER.search(like)
    return _with(like, found, int(value)) if found and "." not in found.group() else None


def _with(text: str, found: re.Match[str], value: int) -> str:
    """The text with another whole number in the place of one, grouped as that was."""
    grouped = "," in found.group() or (len(found.group()) < 4 and value >= 10_000)
    return text[: found.start()] + (f"{value:,}" if grouped else str(value)) + text[found.end() :]
