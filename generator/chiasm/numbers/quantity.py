"""Reads numbers as people write them: text in, exact quantities with unit and implied rounding out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from chiasm.numbers.context import in_name, is_year, labels, led, noun
from chiasm.numbers.patterns import CELL, DATE, DIGIT, JOINT, NAME, ONE, ORDINAL, PROSE, RATIO, WORD, worth
from chiasm.numbers.units import NOUNS, SCALES, SYMBOLS, WORDS
from chiasm.record import record

ZERO = Fraction(0)
LONG = 2000
"""Characters of a text whose numbers are not remembered."""
NEVER_DATED = frozenset({"label", "tokens", "px", "positions", "context", "dimensions", "channels"})
"""What 2048 of is no year."""


@record(frozen=True, slots=True)
class Quantity:
    """A number as written: exact value, unit, and the half-width its own digits imply (`188M` is ±0.5M).

    A percentage's value is its fraction, bytes and operations are scaled to one. `high` is the other end of a range
    (`64–400`). `readings` are further exact values that the same words may mean: `256K` is 256,000 or 262,144.
    """

    value: Fraction
    unit: str = ""
    tolerance: Fraction = ZERO
    approximate: bool = False
    text: str = ""
    high: Fraction | None = None
    readings: tuple[Fraction, ...] = ()

    def matches(self, value: Fraction | int) -> bool:
        """Whether `value` is what was written, within the rounding its digits imply, in one of its readings."""
        if self.high is not None:
            return self.value - self.tolerance <= value <= self.high + self.tolerance
        return any(abs(reading - value) <= self.tolerance for reading in (self.value, *self.readings))

    def __str__(self) -> str:
        return self.text


class Placed(NamedTuple):
    """A quantity found in a text, and where (characters, `end` exclusive)."""

    quantity: Quantity
    start: int
    end: int

    def counting(self, unit: str) -> Placed:
        """The same with another unit."""
        old = self.quantity
        made = Quantity(old.value, unit, old.tolerance, old.approximate, old.text, old.high, old.readings)
        return Placed(made, self.start, self.end)


def quantity(text: str) -> Quantity | None:
    """The quantity that the whole of `text` writes (`336 px`, `1e-5`, `≈186.7M`, `64–400`, `1/255`); else None."""
    text = text.strip()
    return None if len(text) > 120 or not DIGIT.search(text) else _alone(text)


@lru_cache(maxsize=4096)
def _alone(text: str) -> Quantity | None:
    if fraction := RATIO.fullmatch(text):
        bottom = int(fraction[2])
        return Quantity(Fraction(int(fraction[1].replace("−", "-")), bottom), text=text) if bottom else None
    match = CELL.fullmatch(text)
    if match is None:
        return None
    words = match["words"] or ""
    unit = NOUNS.get(words.lower()) or NOUNS.get(words.lower().rpartition(" ")[2]) or words
    if match["dash"] == "-" and words.lower() not in NOUNS:
        return None
    return _quantity(match, unit, text, about=match["about"] is not None, sign=match["sign"])


def quantities(text: str) -> tuple[Placed, ...]:
    """Every number in a text, each once, in order: `188M`, `2.9%`, `64–400 tokens`, `thirty-two learned queries`.

    Digits inside a name (BLIP-2, ViT-L/14, opt-2.7b) are part of the name. Numbers that only label (Table 1, §3.4,
    stage 2, LLaVA 1.5) have the unit `label`; dates and years have `date` and `year`. Of neighbours that share a unit
    (`257 → 32 tokens`, `336 × 336 px`) each gets it.
    """
    # Cells and paragraphs come again, in other tables and each time that an editor asks.
    return _again(text) if len(text) < LONG else tuple(_together(text))


@lru_cache(maxsize=4096)
def _again(text: str) -> tuple[Placed, ...]:
    return tuple(_together(text))


def _together(text: str) -> Iterator[Placed]:
    """Numbers, each with the unit that it has or shares."""
    waiting: list[Placed] = []
    for placed in _scan(text):
        if waiting:
            last = waiting[-1]
            joined = placed.start - last.end < 12 and JOINT.fullmatch(text, last.end, placed.start) is not None
            if joined and placed.quantity.unit == "" and last.quantity.unit == "label":
                placed = placed.counting("label")
            if not joined or last.quantity.unit:
                yield from waiting
                waiting = []
            elif unit := placed.quantity.unit:
                # A ratio's or a label's unit belongs to its own number only.
                shared = "" if unit in ("×", "%", "label", "year", "date", "bytes") else unit
                yield from (one.counting(shared) for one in waiting)
                waiting = []
        waiting.append(placed)
    yield from waiting


def _scan(text: str) -> Iterator[Placed]:
    """Digits and words are looked for apart: one pattern for both would try every word at every character."""
    position = 0
    digit, word = DIGIT.search(text), WORD.search(text)
    while digit or word:
        if word and (digit is None or word.start() < digit.start()):
            position = word.end()
            value, unit = WORDS[word.group().lower()], noun(text, position)
            if (unit and value > 1) or value >= 10:
                yield Placed(Quantity(Fraction(value), unit, text=word.group()), word.start(), position)
        elif digit:
            start = digit.start()
            placed = None if in_name(text, start) else _placed(text, start)
            position = placed.end if placed else NAME.match(text, start).end()  # type: ignore[union-attr]
            if placed:
                yield placed
        if digit and digit.start() < position:
            digit = DIGIT.search(text, position)
        if word and word.start() < position:
            word = WORD.search(text, position)


def _placed(text: str, start: int) -> Placed | None:
    if date := DATE.match(text, start):
        unit = "date" if date[1] else "label"
        return Placed(Quantity(Fraction(int(date.group()[:4])), unit, text=date.group()), start, date.end())
    match = PROSE.match(text, start)
    if match is None:
        return None
    if match["high"] and not _range(match):
        # Not a range: the first number alone.
        match = PROSE.match(text, start, match.end("suffix") if match["suffix"] else match.end("number")) or match
    end = match.end()
    following = text[end : end + 1]
    ordinal = ORDINAL.match(text, end)
    if (
        not ordinal
        and (following.isalnum() or following == "_")
        and not (following in "xX" and text[end + 1 : end + 2].isdigit())
    ):
        return None
    first, about, sign = led(text, start)
    symbol = match["unit"]
    unit = "label" if ordinal or labels(text, start, match) else "" if symbol else noun(text, end)
    if not symbol and unit not in NEVER_DATED and is_year(text, start, match):
        unit = "year"
    end = ordinal.end() if ordinal else end
    return Placed(_quantity(match, unit, text[first:end], about=about, sign=sign), first, end)


def _quantity(match: re.Match[str], unit: str, text: str, *, about: bool, sign: str | None) -> Quantity:
    number, suffix, high, suffix2, symbol = match.group("number", "suffix", "high", "suffix2", "unit")
    negative = sign in ("-", "−")
    value, step = worth(number)
    if not (suffix or high or symbol or about) and step is ONE:
        # A whole number as most are.
        return Quantity(-value if negative else value, unit, text=text)
    suffix = (suffix or (suffix2 if high else "") or "").strip(" -")
    named, factor = SYMBOLS.get(symbol.lstrip(" -"), ("", ONE)) if symbol else ("", ONE)
    scale = SCALES.get(suffix, 1) * factor if symbol else SCALES.get(suffix, 1)
    rounded = suffix or step != 1 or factor != 1 or named == "×"
    if about and not rounded:
        digits = number.replace(",", "")
        step, rounded = Fraction(10 ** (len(digits) - len(digits.rstrip("0") or "0"))), True
    unit = named or unit
    binary = suffix in ("k", "K") and unit in ("", "tokens", "positions", "context")
    readings = (value * 1024,) if binary else ()
    tolerance = step * scale / 2 if rounded and unit not in ("label", "year") else ZERO
    top = None
    if high:
        top = worth(high)[0] * SCALES.get((suffix2 or suffix).strip(" -"), 1) * factor
    value = -value if negative else value
    return Quantity(value * scale, unit, tolerance, about, text, top, readings)


def _range(match: re.Match[str]) -> bool:
    low, high = worth(match["number"])[0], worth(match["high"])[0]
    low *= SCALES.get((match["suffix"] or match["suffix2"] or "").strip(" -"), 1)
    return low < high * SCALES.get((match["suffix2"] or match["suffix"] or "").strip(" -"), 1)
