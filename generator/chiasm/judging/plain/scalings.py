"""Judges pairs of an image's side and its count of patches, `256 tokens at 224 pixels and 576 at 336`: remarks out.

Patches are squares, so a count (with or without a class token) has a whole number of them a side, and the sides of all
images are that number times one patch. Of several pairs in a sentence the one that no patch gives is wrong, where all
others agree on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chiasm.judging.plain.remark import Remark, doubted
from chiasm.judging.plain.sizes import Place, words
from chiasm.regex import regex

_SIDE = r"(?P<side>\d{2,4}|\d,\d{3})"
_COUNT = r"(?P<count>\d{2,3}(?![\d,])|\d{1,2},\d{3}|\d{4,5})"
_MAKES = r"(?:is|are|becomes?|gives?|makes?|yields?|costs?|means?|has|turns? into|is cut into)"
PAIRS = (
    regex(
        rf"(?i)(?<![\w.,/×]){_SIDE}[- ]?(?:pixels?|px)(?:(?: (?:image|input|square))?,? {_MAKES}| one(?: {_MAKES})?) "
        rf"{_COUNT}(?!\w)"
    ),
    regex(
        rf"(?i)(?<![\w.,/×]){_COUNT}(?: (?:visual |image |patch )?(?:tokens|patches))? (?:at|for an image of) "
        rf"{_SIDE}(?P<px>[- ]?(?:pixels?|px))?(?![\w×])(?! ?[×x%])"
    ),
)
"""How a sentence says how many patches an image has."""
PITCHES = (14, 16, 32, 8, 28, 30, 42, 48, 56, 64)
"""Sides that patches have, merged ones too."""


class Pair(NamedTuple):
    """An image's side and a count, with their places."""

    side: int
    patches: int
    at: Place
    counted: Place

    @property
    def first(self) -> int:
        """Where the pair begins."""
        return min(self.at[0], self.counted[0])

    @property
    def last(self) -> int:
        """Where it ends."""
        return max(self.at[1], self.counted[1])

    def fits(self, pitch: int) -> bool:
        """Whether patches of so many pixels give the count, with or without a class token."""
        return (self.side // pitch) ** 2 in (self.patches, self.patches - 1)

    @property
    def pitches(self) -> tuple[int, ...]:
        """The patches that give the count."""
        return tuple(pitch for pitch in PITCHES if self.fits(pitch))


def scalings(text: str) -> Iterator[Remark]:
    """A remark on the pair of a sentence that no patch gives."""
    if "ixel" not in text and "px" not in text:
        return
    pairs = _pairs(text)
    if not pairs or doubted(text):
        return
    low, high = min(one.first for one in pairs), max(one.last for one in pairs)
    if words()["other"].search(text, low, high):
        return
    wrong = [one for one in pairs if not one.pitches]
    right = {one.pitches[0] for one in pairs if one.pitches}
    if len(wrong) == len(right) == 1:
        yield _refuted(wrong[0], right.pop())


def _pairs(text: str) -> list[Pair]:
    found: dict[int, Pair] = {}
    for pattern in PAIRS:
        for match in pattern.finditer(text):
            side, count = (int(match[name].replace(",", "")) for name in ("side", "count"))
            if 96 <= side <= 4096 and count >= 9:
                found.setdefault(match.start("side"), Pair(side, count, match.span("side"), match.span("count")))
    taken = [one.counted for one in found.values()]
    return [one for one in found.values() if taken.count(one.counted) == 1]


def _refuted(one: Pair, pitch: int) -> Remark:
    rows = one.side // pitch
    shown = f"{one.side:,} / {pitch} = {rows}, so {rows} × {rows} = {rows**2:,}"
    return Remark(
        "refuted",
        *one.counted,
        f"{one.side:,} pixels in patches of {pitch} make {rows**2:,}, not {one.patches:,}",
        f"{rows**2:,}",
        f"write {rows**2:,} ({rows**2 + 1:,} with a class token), or correct the {one.side:,} pixels",
        ((*one.at, shown),),
    )
