"""Gives a number the unit that its sentence left out: `at 224 and at 336 pixels`, `64 a slice here, 144 in the other`.

A passage and a number of it in, the unit that a parallel number of the sentence has, or that its owner says, out.
"""

from __future__ import annotations

from chiasm.claiming.passage import Passage
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex

LEAST, MOST = 20, 4096
"""Sides of images, a digit lost."""
AGAIN = regex(r"(?i),? ?(?:and|or|to|then|,) (?:then )?(with|at|of|for|from|to|in|by) $")
"""What joins two parallel phrases: `with 64 and with 144 queries`."""
LED = regex(r"(?i)\b(with|at|of|for|from|to|in|by) $")
SEEN = regex(r"(?i)\b(?:at|@|of size|sized?) (?:a )?$")
"""Before the side at which something is seen."""
RATE = regex(r"(?i) ?(?:a|an|per|each|for each|for every) (?:slice|tile|image|picture|crop)\b")
LATTER = regex(r"(?i) (?:in|for|with) the (?:other|second|latter|released)\b")
OWNED = regex(r"(?i)\b(?:tokenizer|vocabulary)['’]?s?(?: own| of| has| with)? $")
SPEAKS = regex(r"(?i)\btokens?\b")
ENDS = regex(r"(?i)(?:\s*(?:[.,;:)\ufffc]|$)| (?:and|or|in|is|are|for|with|while|but|which|give|gives|adds?)\b)")


def unit(passage: Passage, placed: Placed) -> str:
    """The unit that a number without one shares with another, or that its owner says; "" for none."""
    if placed.quantity.unit or placed.quantity.text[-1:].isalpha():
        return ""
    words, (low, high) = passage.words, passage.sentence(placed.start)
    before, behind = words[low : placed.start], words[placed.end : high]
    if OWNED.search(before):
        return "rows"
    if RATE.match(behind):
        return "tokens" if SPEAKS.search(words) else ""
    others = [one for one in passage.places if low <= one.start < high and one.start != placed.start]
    for one in others:
        if one.quantity.unit and one.start > placed.end and _is_parallel(words, placed, one):
            return one.quantity.unit
    earlier = next((one for one in reversed(others) if one.end <= placed.start), None)
    if earlier is not None and LATTER.match(behind):
        return earlier.quantity.unit or unit(passage, earlier)
    side = LEAST <= placed.quantity.value <= MOST and SEEN.search(before) and ENDS.match(behind)
    return "px" if side and any(one.quantity.unit == "px" for one in others) else ""


def _is_parallel(words: str, first: Placed, second: Placed) -> bool:
    """Whether one preposition leads both numbers, and nothing else stands between them."""
    led, again = LED.search(words, max(0, first.start - 8), first.start), words[first.end : second.start]
    joined = AGAIN.fullmatch(again)
    return led is not None and joined is not None and led[1].lower() == joined[1].lower()
