"""Reads claims out of a document: typed facts from tables, statements and numbers from prose, each with its place.

Says nothing about whether a claim is true; `resolve` merges them, `check` judges them.
"""

from __future__ import annotations

from collections.abc import Mapping

from chiasm.claiming.claim import (
    SLOTS,
    Claims,
    Comparison,
    Disagreement,
    Evidence,
    Fact,
    Formula,
    MaskTable,
    NameTable,
    Number,
    Position,
    Quotation,
    Rank,
    Scalar,
    SlotLink,
    SlotTable,
    Statement,
    Value,
    Variant,
)
from chiasm.claiming.reading import Reading
from chiasm.claiming.sections import page_name, sections
from chiasm.claiming.statements import Told
from chiasm.diagnostic import Found
from chiasm.document import Document
from chiasm.numbers.quantity import Quantity

__all__ = [
    "SLOTS",
    "SLOT_OF",
    "Claims",
    "Comparison",
    "Disagreement",
    "Evidence",
    "Fact",
    "Formula",
    "MaskTable",
    "NameTable",
    "Number",
    "Position",
    "Quantity",
    "Quotation",
    "Rank",
    "Scalar",
    "SlotLink",
    "SlotTable",
    "Statement",
    "Value",
    "Variant",
    "claims",
]

SLOT_OF = {
    "encoders": "encoder",
    "alignment": "alignment",
    "fusion": "fusion",
    "token-budget": "budget",
    "language-models": "language_model",
    "training": "training",
    "encoders#text-transformer": "text_encoder",
    "encoders#preprocessing-to-a-square": "preprocessing",
    "encoders#preprocessing-at-native-resolution": "preprocessing",
    "fusion#prompts": "prompt",
    "fusion#plain-prompt": "prompt",
    "fusion#positioning": "positioning",
}
"""The slot of a kind by the concept page, or the anchor, that defines it."""


def claims(document: Document, slots: Mapping[str, str] = SLOT_OF, *, foreign: bool = False) -> Found[Claims]:
    """Everything a page asserts; `slots` says which slot a kind fills where no heading does.

    A foreign page stands in no knowledge base: it has words and numbers, and no tables of facts in our grammar.
    """
    reading = Reading(document, document.source.lines, slots, Told(page_name(document.path), foreign))
    for block, section in sections(document, foreign=foreign):
        reading.block(block, section)
    return reading.claims(), tuple(reading.found)
