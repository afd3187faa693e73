"""Units mistaken for others: millions for billions, thousands for 1,024s, pixels for patches, tokens for layers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base
from benchmarks.documents.edit import Change, Edit, mutator
from benchmarks.documents.places import Place, places
from chiasm.span import Span

SUFFIXES = {"k": "M", "K": "M", "M": "B", "B": "M", "T": "B"}
NOUNS = {
    "tokens": ("pixels", "layers", "images"),
    "queries": ("layers", "heads"),
    "latents": ("layers", "heads"),
    "layers": ("heads", "queries"),
    "blocks": ("heads", "experts"),
    "heads": ("layers", "experts"),
    "pixels": ("patches", "tokens"),
    "positions": ("layers", "pixels"),
    "steps": ("epochs", "images"),
    "images": ("tokens", "steps"),
    "parameters": ("tokens", "bytes", "FLOPs"),
    "rows": ("layers", "heads"),
    "channels": ("tokens", "layers"),
    "px": ("patches",),
}
"""What a noun is mistaken for where its number cannot count that too."""
BEHIND = re.compile(
    r"^(?P<between>(?:\]\([^)]*\))?(?:(?: (?:learned|image|visual|vision))? |-))(?P<noun>[A-Za-z]+)\b(?! patch)"
)
LARGEST = 10**7
"""A larger number is no count of tokens or rows."""
ROUND = {1000: 1024, 1024: 1000}


@mutator("million-billion", "the scale's letter is another one")
def suffix(base: Base, _: Random) -> Iterator[Edit]:
    """`107M` → `107B`."""
    for place in places(base):
        found = re.search(r"(?<=\d)([kKMBT])(?![A-Za-z])", place.text)
        if found:
            new = place.text[: found.start()] + SUFFIXES[found[1]] + place.text[found.end() :]
            if edit := place.edit("million-billion", new):
                yield edit


@mutator("thousand-1024", "a count of 1,024s is read as thousands, or the other way round")
def binary(base: Base, _: Random) -> Iterator[Edit]:
    """`262,144` → `256,000`."""
    for place in places(base):
        number = values.read(place.text)
        if number is None or number.tolerance or number.value.denominator != 1 or number.value > LARGEST:
            continue
        for unit, other in ROUND.items():
            times, left = divmod(int(number.value), unit)
            new = values.respelled(times * other, place.text) if not left and times > 1 else None
            if new and (edit := place.edit("thousand-1024", new)):
                yield edit


@mutator("unit", "the number counts something else")
def noun(base: Base, random: Random) -> Iterator[Edit]:
    """`32 queries` → `32 layers`, `224 px` → `224 patches`."""
    for place in places(base):
        line = base.line(place.span.path, place.span.line)
        inside = re.search(r" ?(px)$", place.text)
        found = inside or BEHIND.match(line[place.span.end - 1 :])
        word = found[1] if inside and found else found["noun"] if found else ""
        singular = word if word in NOUNS else f"{word}s"
        if found and singular in NOUNS and _certain(place, singular):
            new = random.choice(NOUNS[singular])
            new = new if word == singular else new.removesuffix("es" if new == "patches" else "s")
            at = place.span.column + found.start(1) if inside else place.span.end + found.start("noun")
            span = Span(place.span.path, place.span.line, at, at + len(word))
            # Behind a link's label stands prose.
            where = "prose" if place.where == "linked" and "](" in line[place.span.end - 1 : at] else place.where
            yield Edit("unit", where, (Change(span, word, new),), f"{place.text} counts {singular}")


def _certain(place: Place, noun: str) -> bool:
    """No other fact of the same system may have the same value by chance: only what names its fact is changed."""
    return place.where in ("linked", "anchored", "un-anchored", "prose") and (noun != "tokens" or place.text != "576")
