"""Which facts a unit counts, and by which words a sentence says that it means one: one table for every number.

A field's units are those of `counts.NOUNS`, where a linked number's noun is held against its field; what a component is
called is `phrases.COMPONENTS`, and what it is called where its page speaks of nothing else stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chiasm.judging.counts import NOUNS
from chiasm.judging.plain.phrases import COMPONENTS

TRAINING = {
    "steps": ("steps", "warmup_steps"),
    "images": ("samples",),
    "pairs": ("samples",),
    "samples": ("samples",),
    "tokens": ("tokens", "sequence_length"),
}
"""What a stage of training counts, by unit."""
SLOTS = ("encoder", "text_encoder", "alignment", "fusion", "budget", "language_model")
SAID: dict[str, str] = {
    "tokens": "image_tokens max_image_tokens tile_tokens vision_tokens min_patch_tokens max_patch_tokens"
    " mean_patch_tokens tokens num_queries context",
    "queries": "num_queries",
    "latents": "num_queries",
    "layers": "layers",
    "heads": "heads",
    "px": "image_size patch_size tile_size max_height max_width high_image_size low_image_size",
    "positions": "context positions",
    "context": "context",
    "rows": "vocab_size",
    "tiles": "max_tiles",
    "experts": "experts",
}
"""Fields that a unit counts where nothing else is said: further ones (`fields`) need words of their own."""
FURTHER: dict[str, str] = {
    "encoder": r"vision|visual tower|vit\b|image model|trunk",
    "text_encoder": r"text (?:encoder|tower|transformer|side|branch)",
    "alignment": r"quer(?:y|ies)|latents?|alignment|aligner",
    "fusion": r"experts?|fusion",
    "language_model": r"language model|decoder|qwen|opt\b|chinchilla|persimmon",
}
"""What else a component is called in a section about its system."""
WORDS: dict[str, str] = {
    "budget.image_tokens": r"images?\b|picture|photo",
    "budget.max_image_tokens": r"at most|up to|maximum|largest|no more than",
    "budget.tile_tokens": r"tiles?\b|slices?\b|crops?\b",
    "budget.vision_tokens": r"vision tokens|visual tokens",
    "budget.min_patch_tokens": r"least|minimum|from",
    "budget.max_patch_tokens": r"most|maximum|to\b",
    "budget.mean_patch_tokens": r"average|mean",
    "budget.tile_size": r"tiles?\b|slices?\b|crops?\b",
    "budget.max_height": r"height|high|tall|fit",
    "budget.max_width": r"width|wide|fit",
    "budget.max_tiles": r"tiles?\b|at most|up to",
    "encoder.image_size": r"image|input|resolution|square|side",
    "encoder.patch_size": r"patch",
    "encoder.high_image_size": r"high",
    "encoder.low_image_size": r"low",
    "language_model.context": r"context|window|sequence|positions",
    "text_encoder.context": r"context|caption|text",
    "encoder.positions": r"grid|table|learned|encoder|tower",
    "total": r"total|in all|altogether|whole|model|system",
    "training": r"train|stage|batch|step|sample|pair|pre-?train|fine-?tun",
}
"""Words of a field, where those of its component would not tell it from another."""


@cache
def fields() -> Mapping[str, frozenset[str]]:
    """The fields that a unit may count, by unit."""
    found: dict[str, set[str]] = {}
    for field, nouns in NOUNS.items():
        for unit in nouns.split():
            found.setdefault(unit, set()).add(field)
    return {unit: frozenset(names) for unit, names in found.items()}


@cache
def words(slot: str, field: str) -> str:
    """The words by which a sentence says that it means a field, as a pattern."""
    own = WORDS.get(f"{slot}.{field}") or (WORDS.get(slot) if slot not in SLOTS else "")
    if own:
        return own
    called = "|".join(filter(None, (dict(COMPONENTS).get(slot, ""), FURTHER.get(slot, ""))))
    return called or slot.replace("_", " ").replace(",", "|")
