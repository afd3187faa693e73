"""Reads numbers as people write them: text in, exact quantities with unit and implied rounding out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from chiasm.numbers.units import (
    ABBREVIATED,
    LABELS,
    MONTHS,
    NOUNS,
    SCALES,
    STOPS,
    SYMBOLS,
    VERSIONED,
    WORDS,
    YEAR_WORDS,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: exact value, unit, and the half-width its own digits imply (`188M` is ±0.5M).

    A percentage's value is its fraction, bytes and operations are scaled to one. `high` is the other end of a range
    (`64–400`). `readings` are further exact values that the same words may mean: `256K` is 256,000 or 262,144.
    """

    value: Fraction
    unit: str = ""
    tolerance: Fraction = Fraction(0)
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


@dataclass(frozen=True, slots=True)
class Placed:
    """A quantity found in a text, and where (characters, `end` exclusive)."""

    quantity: Quantity
    start: int
    end: int


def quantity(text: str) -> Quantity | None:
    """The quantity that the whole of `text` writes (`336 px`, `1e-5`, `≈186.7M`, `64–400`, `1/255`); else None."""
    text = text.strip()
    if len(text) > 120:
        return None
    if fraction := re.fullmatch(r"([-−]?\d{1,18}) ?/ ?(\d{1,18})", text, re.ASCII):
        bottom = int(fraction[2])
        return Quantity(Fraction(int(fraction[1].replace("−", "-")), bottom), text=text) if bottom else None
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    words = match["words"] or ""
    unit = NOUNS.get(words.lower()) or NOUNS.get(words.lower().rpartition(" ")[2]) or words
    if match["dash"] == "-" and words.lower() not in NOUNS:
        return None
    return replace(_quantity(match, unit), text=text)


def quantities(text: str) -> Iterator[Placed]:
    """Every number in a text, each once, in order: `188M`, `2.9%`, `64–400 tokens`, `thirty-two learned queries`.

    Digits inside a name (BLIP-2, ViT-L/14, opt-2.7b) are part of the name. Numbers that only label (Table 1, §3.4,
    stage 2, LLaVA 1.5) have the unit `label`; dates and years have `date` and `year`. Of neighbours that share a unit
    (`257 → 32 tokens`, `336 × 336 px`) each gets it.
    """
    waiting: list[Placed] = []
    for placed in _scan(text):
        if waiting:
            between = text[waiting[-1].end : placed.start]
            joined = len(between) < 12 and _JOINT.fullmatch(between) is not None
            if joined and placed.quantity.unit == "" and waiting[-1].quantity.unit == "label":
                placed = replace(placed, quantity=replace(placed.quantity, unit="label"))
            if not joined or waiting[-1].quantity.unit:
                yield from waiting
                waiting = []
            elif placed.quantity.unit:
                unit = placed.quantity.unit
                # A ratio's or a label's unit belongs to its own number only.
                shared = "" if unit in ("×", "%", "label", "year", "date", "bytes") else unit
                yield from (replace(one, quantity=replace(one.quantity, unit=shared)) for one in waiting)
                waiting = []
        waiting.append(placed)
    yield from waiting


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
_PROSE = re.compile(_BODY.replace("{to}", r" ?[–—] ?|-|\.\.\.?|…"))
_CELL = re.compile(
    rf"(?P<about>{_ABOUT})?(?P<sign>[-−+])?"
    + _BODY.replace("{to}", r" ?[–—] ?|-|\.\.\.?| ?… ?| to ")
    + r"(?:(?P<dash>[ -])(?P<words>[^\W\d_][^\W_]*(?:[ /-][^\W\d_]+){0,3}))?"
)
_START = re.compile(r"\d+|\b(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|-?D\b")
_BEFORE = re.compile(rf"(?P<about>{_ABOUT})?(?P<sign>[-−+±])?$")
_JOINT = re.compile(r"\s*(?:→|->|to|and|or|,|/|vs\.?|versus|[×x·]|:|&|[–—-])\s*")
_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}(?!\w)|\d{4}\.\d{4,5}(?:v\d+)?(?!\w)")
_NAME = re.compile(r"[\w/.@:+-]*\w")
_NOUN = re.compile(r"[ -]([^\W\d_][\w/]*(?:-[^\W\d_]\w*)*)")
_WORD_BEFORE = re.compile(r"([^\W\d_][\w.-]*)[ #.(]{1,2}$|([§#©])+ ?$")
_SUPERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def _scan(text: str) -> Iterator[Placed]:
    position = 0
    while found := _START.search(text, position):
        start = found.start()
        if not found.group()[0].isdigit():
            position = found.end()
            value, unit = WORDS[found.group().lower()], _noun(text, position)
            if (unit and value > 1) or value >= 10:
                yield Placed(Quantity(Fraction(value), unit, text=found.group()), start, position)
            continue
        if _in_name(text, start):
            position = _NAME.match(text, start).end()  # type: ignore[union-attr]
            continue
        placed = _placed(text, start)
        position = placed.end if placed else _NAME.match(text, start).end()  # type: ignore[union-attr]
        if placed:
            yield placed


def _in_name(text: str, start: int) -> bool:
    """Whether the digits at `start` continue a word: `B2`, `BLIP-2`, `L/14`, but not `16x16`."""
    before = text[max(0, start - 2) : start]
    last = before[-1:]
    if last in ("x", "X") and before[:1].isdigit():
        return False
    return (
        last.isalpha()
        or last == "_"
        or (last in "-/.+@" and len(before) == 2 and (before[0].isalpha() or before[0] == "_"))
    )


def _placed(text: str, start: int) -> Placed | None:
    if date := _DATE.match(text, start):
        unit = "date" if date[1] else "label"
        return Placed(Quantity(Fraction(int(date.group()[:4])), unit, text=date.group()), start, date.end())
    match = _PROSE.match(text, start)
    if match is None:
        return None
    if match["high"] and not _range(match):
        # Not a range: the first number alone.
        match = _PROSE.match(text, start, match.end("suffix") if match["suffix"] else match.end("number")) or match
    end = match.end()
    following = text[end : end + 1]
    ordinal = _ORDINAL.match(text, end)
    if (
        not ordinal
        and (following.isalnum() or following == "_")
        and not (following in "xX" and text[end + 1 : end + 2].isdigit())
    ):
        return None
    before = _BEFORE.search(text, max(0, start - 16), start)
    if before is None:
        return None
    signed = before["sign"] and not text[max(0, before.start("sign") - 1) : before.start("sign")].strip(" \n([{=,≈~")
    unit = "label" if ordinal or _labels(text, start, match) else _noun(text, end)
    if not match["unit"] and unit != "label" and _year(text, start, match):
        unit = "year"
    first = before.start() if before["about"] else before.start("sign") if signed else start
    made = _quantity(match, unit, about=bool(before["about"]), sign=before["sign"] if signed else None)
    end = ordinal.end() if ordinal else end
    return Placed(replace(made, text=text[first:end]), first, end)


def _quantity(match: re.Match[str], unit: str, *, about: bool | None = None, sign: str | None = None) -> Quantity:
    groups = match.groupdict()
    about = bool(groups.get("about")) if about is None else about
    sign = groups.get("sign") or sign
    suffix = (match["suffix"] or (match["suffix2"] if match["high"] else "") or "").strip(" -")
    symbol, factor = SYMBOLS.get((match["unit"] or "").lstrip(" -"), ("", Fraction(1)))
    scale = SCALES.get(suffix, 1) * factor
    value, step = _number(match["number"])
    rounded = suffix or step != 1 or factor != 1 or symbol == "×"
    if about and not rounded:
        digits = match["number"].replace(",", "")
        step, rounded = Fraction(10 ** (len(digits) - len(digits.rstrip("0") or "0"))), True
    unit = symbol or unit
    binary = suffix in ("k", "K") and unit in ("", "tokens", "positions", "context")
    readings = (value * 1024,) if binary else ()
    tolerance = step * scale / 2 if rounded and unit not in ("label", "year") else Fraction(0)
    high = None
    if match["high"]:
        high = _number(match["high"])[0] * SCALES.get((match["suffix2"] or suffix).strip(" -"), 1) * factor
    value = -value if sign in ("-", "−") else value
    return Quantity(value * scale, unit, tolerance, about, match.group().strip(), high, readings)


def _number(text: str) -> tuple[Fraction, Fraction]:
    """The value, and what one more in the last digit would be worth."""
    mantissa, exponent = text.replace(",", ""), 0
    if mantissa.isdecimal():
        return Fraction(int(mantissa)), Fraction(1)
    if power := re.search(r"[eE]([+-]?\d+)$| ?[×x·] ?10\^?\{?([-−⁻⁰¹²³⁴-⁹\d]+)\}?$", mantissa):
        exponent = int((power[1] or power[2]).translate(_SUPERS).lstrip("+") or "0")
        mantissa = mantissa[: power.start()]
    decimals = len(mantissa.partition(".")[2])
    return Fraction(mantissa) * Fraction(10) ** exponent, Fraction(10) ** (exponent - decimals)


def _range(match: re.Match[str]) -> bool:
    low, high = _number(match["number"])[0], _number(match["high"])[0]
    low *= SCALES.get((match["suffix"] or match["suffix2"] or "").strip(" -"), 1)
    return low < high * SCALES.get((match["suffix2"] or match["suffix"] or "").strip(" -"), 1)


def _noun(text: str, end: int) -> str:
    """The unit among the next words: `32 learned queries`, `14-pixel patches`, `12 attention heads`."""
    position = end
    for _ in range(4):
        found = _NOUN.match(text, position)
        if found is None:
            return ""
        for word in found[1].lower().split("-"):
            if word in NOUNS:
                # "12 image tokens" counts tokens, not images.
                after = _NOUN.match(text, found.end())
                follows = NOUNS.get(after[1].lower(), "") if after and text[found.end()] == " " else ""
                return follows if follows and text[position] == " " else NOUNS[word]
            if word in STOPS:
                return ""
        position = found.end()
    return ""


def _labels(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the number names something: it follows `Table`, `§`, `stage`, or a model's name as its version."""
    before = _WORD_BEFORE.search(text, max(0, start - 40), start)
    if before is None:
        return False
    if before[2]:
        return before[2] != "©"
    word = before[1].rstrip(".")
    if before[0][len(word) :].startswith(". ") and word.lower() not in ABBREVIATED:
        return False
    if word.lower() in LABELS:
        return not match["unit"]
    capitals = sum(letter.isupper() for letter in word)
    version = "," not in match["number"] and Fraction(_number(match["number"])[0]) < 20
    named = (capitals >= 2 and not word.isupper()) or word.lower() in VERSIONED
    return version and named and not match["suffix"] and not match["unit"] and not _noun(text, match.end())


def _year(text: str, start: int, match: re.Match[str]) -> bool:
    number = match["number"]
    if not re.fullmatch(r"(?:19[5-9]|20[0-9])\d", number) or match["suffix"]:
        return False
    before = _WORD_BEFORE.search(text, max(0, start - 24), start)
    word = (before[1] or before[2]).lower().rstrip(".") if before else ""
    return (
        word in YEAR_WORDS | MONTHS
        or text[max(0, start - 1) : start] in ("(", "'", "’")
        or (match["high"] or "").startswith("20")
    )
