"""Reads widths and vocabularies: `is 1,152 wide`, `a width of 2,048`, `its vocabulary has 50,304 entries`.

The words before and behind a number in; what it counts and the component that has it out. A width without an owner is
nobody's: images, features and matrices have one too.
"""

from __future__ import annotations

from chiasm.judging.plain.phrases import components
from chiasm.regex import regex

WIDE = regex(r"(?i)[ -](?:channels |dimensions )?wide\b")
WIDTH = regex(r"(?i)(?<![\w-])(?:at )?(?:a |the |its )?width (?:of |is |= ?)?$")
HEADS = regex(r"(?i)\bheads?(?: (?:are|is|each|of))?(?: only| just)? $")
OTHERS = regex(
    r"(?i)\b(?:images?|pixels?|tiles?|crops?|squares?|grids?|columns?|screens?|pictures?|mlp|feed-?forward)\b"
)
"""What else is wide."""
VOCABULARY = regex(
    r"(?i)\b(?P<visual>visual )?vocab(?:ulary)?(?: size)?(?: of [A-Z][\w.-]*(?: [\w.-]+)?)? "
    r"(?:has|have|had|holds|contains|comprises|counts|consists of|with|of) (?:of |about |around )?$"
)
ENTRIES = regex(r"(?i) (?:entries|rows|tokens|words|ids|pieces|embeddings)\b")
SENTENCE = 160
"""Characters before a number in which its owner is looked for."""


def width(before: str, behind: str) -> tuple[str, tuple[str, ...]] | None:
    """What is wide and of which component; None where the words name none."""
    wide, led = WIDE.match(behind), WIDTH.search(before)
    if wide is None and led is None:
        return None
    clause = before[-SENTENCE:]
    if wide and HEADS.search(clause):
        return "head_dim", components(clause.lower())[-1:]
    owner = components(clause.lower())[-1:]
    return ("dim", owner) if owner and not OTHERS.search(clause) else None


def vocabulary(before: str, behind: str) -> tuple[str, tuple[str, ...]] | None:
    """The number of entries of a vocabulary; None where none is spoken of."""
    led = VOCABULARY.search(before)
    if led is None or not ENTRIES.match(behind):
        return None
    return "vocab", (("alignment",) if led["visual"] else ("language_model",))
