"""What sentences call the parts of a system: a name in, the scopes of a training stage that it stands for out."""

from __future__ import annotations

import re

from chiasm.judging.plain.parts import parts, stated
from chiasm.judging.plain.remark import About
from chiasm.regex import regex

PIECES: dict[str, tuple[str, ...]] = {
    r"(?:both|two|the|its) (?:vision and text |image and text )?(?:towers|encoders)": ("encoder", "text_encoder"),
    r"(?:both |the |its )?(?:large )?backbones|both (?:large )?(?:parts|halves|models)": ("encoder", "language_model"),
    r"text (?:encoder|tower)": ("text_encoder",),
    r"(?:input|token|word) embeddings": ("language_model.embedding",),
    r"(?:gated|new|inserted|added)(?: gated)?(?: cross[- ]attention)? (?:layers|blocks)": ("fusion",),
    r"what (?:stands|lies|is) between(?: them)?": ("alignment",),
    r"(?:vision |image |visual )?(?:encoder|tower)|(?:vision|image|visual) (?:backbone|transformer)|ViT": ("encoder",),
    r"LLM|(?:large )?language model|text decoder|decoder": ("language_model",),
    r"(?:MLP |linear |whole |final )*(?:projection|projector)(?: layer| matrix)?": ("alignment.proj",),
    r"connector|adapter|Q-?Former|(?:perceiver )?resampler|mergers?|alignment": ("alignment",),
}
"""What sentences call the parts of a system, and the scopes of a stage that they stand for."""


def scopes(said: str, about: About) -> tuple[str, ...]:
    """The scopes that a part's name stands for; () for what is no part of the system."""
    bare = regex(r"(?i)^(?:the|its|a|an|their) ").sub("", said)
    for words, paths in PIECES.items():
        if re.fullmatch(rf"(?i)(?:{words})s?", bare) or re.fullmatch(rf"(?i)(?:{words})s?", said):
            held = {slot for variant in about.variants for slot in variant.slots}
            return tuple(path for path in paths if path.partition(".")[0] in held)
    for slot, column in (("encoder", "encoder"), ("language_model", "language model")):
        for one in parts(slot, said):
            if one.start:
                continue
            cells = [variant.cells[column].text for variant in about.variants if column in variant.cells]
            rows = [stated(slot, cell) for cell in cells]
            true = [row for row in rows if any(kin.family == one.family for kin in row)]
            if true:
                several = slot == "encoder" and all(len(row) == 2 for row in true)
                first = several and all(row[0].family == one.family for row in true)
                return ("encoder.high" if first else "encoder.low",) if several else (slot,)
    return ()
