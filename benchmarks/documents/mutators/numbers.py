"""Numbers mistyped where they stand: a digit, a pair of digits, one more, ten times, a neighbour's value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base
from benchmarks.documents.edit import Edit, mutator
from benchmarks.documents.places import Place, places
from chiasm.numbers.units import WORDS

Spell = Callable[[str, Random], Iterable[str]]
RESOLUTIONS = (224, 336, 384, 448, 490, 512, 672, 768, 980, 1008, 1024)
PATCHES = (8, 14, 16, 28, 30, 32)


def _each(base: Base, random: Random, kind: str, spell: Spell) -> Iterator[Edit]:
    """One error a place: the first of its spellings that is certainly wrong."""
    for place in places(base):
        edit = _first(place, kind, spell(place.text, random))
        if edit:
            yield edit


def _first(place: Place, kind: str, texts: Iterable[str]) -> Edit | None:
    return next((edit for text in texts if (edit := place.edit(kind, text))), None)


@mutator("digit", "one digit is mistyped")
def one_digit(base: Base, random: Random) -> Iterator[Edit]:
    """`107M` → `197M`."""
    return _each(base, random, "digit", values.digit)


@mutator("transposed-digits", "two neighbouring digits have changed places")
def transposed(base: Base, random: Random) -> Iterator[Edit]:
    """`2,048` → `2,084`."""
    return _each(base, random, "transposed-digits", values.transposed)


@mutator("dropped-digit", "a digit is lost in copying")
def dropped(base: Base, random: Random) -> Iterator[Edit]:
    """`16,384` → `1,384`."""
    return _each(base, random, "dropped-digit", values.dropped)


@mutator("off-by-one", "a count is one too high or too low")
def neighbour(base: Base, random: Random) -> Iterator[Edit]:
    """`257` → `256`."""
    return _each(base, random, "off-by-one", values.neighbour)


@mutator("factor-of-ten", "a zero too many or too few, or the wrong exponent")
def tenfold(base: Base, random: Random) -> Iterator[Edit]:
    """`1e-5` → `1e-4`."""
    return _each(base, random, "factor-of-ten", values.tenfold)


@mutator("count-in-words", "a count that is spelled out is another one")
def in_words(base: Base, random: Random) -> Iterator[Edit]:
    """`Thirty-two` → `Sixteen`."""
    for place in places(base):
        value = WORDS.get(place.text.lower())
        if value is not None and value > 1:
            others = [value * 2, value + 1, *([value // 2] if value > 3 and value % 2 == 0 else [])]
            told = [values.respelled(other, place.text) for other in random.sample(others, len(others))]
            if edit := _first(place, "count-in-words", filter(None, told)):
                yield edit


@mutator("approximation", "a rounded number is rounded to something else")
def approximate(base: Base, random: Random) -> Iterator[Edit]:
    """`≈186.7M` → `≈196.7M`; `8.03×` → `9.03×`; `2.65B` → `2.75B`."""
    for place in places(base):
        number = values.read(place.text)
        if number and number.tolerance:
            digits = [at for at, character in enumerate(place.text) if character in "123456789"]
            told = []
            for at in digits[:-1] or digits:
                step = random.choice((1, 2, -1))
                new = int(place.text[at]) + step
                if 0 < new < 10:
                    told.append(place.text[:at] + str(new) + place.text[at + 1 :])
            if edit := _first(place, "approximation", told):
                yield edit


@mutator("range-end", "one end of a range is another one")
def range_end(base: Base, random: Random) -> Iterator[Edit]:
    """`64–400` → `64–300`; "103M to 108M" → "103M to 118M"."""
    ranged = re.compile(r"(?:[–]| to | and (?=\d))$")
    for place in places(base):
        number = values.read(place.text)
        before = base.line(place.span.path, place.span.line)[: place.span.column - 1]
        before = re.sub(r"\[$", "", before)
        ends = number is not None and (number.high is not None or ranged.search(before) is not None)
        spelled = values.digit(place.text, random) if ends and not before.lstrip().startswith("|") else ()
        if edit := _first(place, "range-end", spelled):
            yield edit


@mutator("ratio", "a ratio is turned round, or counts what is left instead of what is meant")
def ratio(base: Base, _: Random) -> Iterator[Edit]:
    """`8×` → `9×`, `2.9%` → `97.1%`, `5.0 times` → `4.0 times`."""
    for place in places(base):
        number = values.read(place.text)
        if number is None or place.where not in ("linked", "prose", "loose", "tabulated"):
            continue
        if number.unit == "%":
            found = values.NUMBER.search(place.text)
            shown = found.group() if found else ""
            decimals = len(shown.partition(".")[2])
            left = place.text.replace(shown, f"{100 - float(shown or 0):.{decimals}f}")
            if edit := place.edit("ratio", left):
                yield edit
        elif place.unit == "×" and (found := values.NUMBER.search(place.text)):
            decimals = len(found.group().partition(".")[2])
            for step in (-1, 1):
                new = float(found.group().replace(",", "")) + step
                text = place.text[: found.start()] + f"{new:.{decimals}f}" + place.text[found.end() :]
                if new > 0 and (edit := place.edit("ratio", text)):
                    yield edit


@mutator("resolution", "the side of an image is that of another encoder")
def resolution(base: Base, random: Random) -> Iterator[Edit]:
    """`224 px` → `336 px`."""
    yield from _side(base, random, "resolution", RESOLUTIONS, "size")


@mutator("patch-size", "the side of a patch is that of another encoder")
def patch_size(base: Base, random: Random) -> Iterator[Edit]:
    """`14-pixel` → `16-pixel`."""
    yield from _side(base, random, "patch-size", PATCHES, "patch_size")


def _side(base: Base, random: Random, kind: str, sides: tuple[int, ...], name: str) -> Iterator[Edit]:
    for place in places(base):
        number = values.read(place.text)
        about = place.fact.split(" of ")[0].split(",")[0].rpartition(".")[2]
        ours = about.endswith(name) and (name != "size" or about != "patch_size")
        if number and ours and number.value in sides:
            others = [side for side in sides if Fraction(side) != number.value]
            told = [values.respelled(side, place.text) for side in random.sample(others, 3)]
            if edit := _first(place, kind, filter(None, told)):
                yield edit
