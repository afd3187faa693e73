"""Holds a linked number's noun against the field its scope names: 32 layers are not 32 queries, whatever the value."""

from __future__ import annotations

import re

from chiasm.claiming.claim import Statement
from chiasm.judging.scope import Scope
from chiasm.judging.verdict import Verdict
from chiasm.numbers.units import NOUNS as COUNTED

NOUNS: dict[str, str] = {
    "num_queries": "queries latents tokens vectors entries embeddings rows",
    "layers": "layers blocks",
    "decoder_layers": "layers blocks",
    "high_layers": "layers blocks",
    "low_layers": "layers blocks",
    "heads": "heads",
    "kv_heads": "heads",
    "image_size": "px",
    "patch_size": "px",
    "tile_size": "px",
    "high_image_size": "px",
    "low_image_size": "px",
    "max_height": "px",
    "max_width": "px",
    "tokens": "tokens positions patches vectors features embeddings images samples pairs",
    "image_tokens": "tokens vectors positions embeddings features queries latents patches",
    "max_image_tokens": "tokens vectors positions embeddings features queries latents patches",
    "tile_tokens": "tokens vectors positions embeddings features queries latents patches",
    "min_patch_tokens": "tokens",
    "max_patch_tokens": "tokens",
    "context": "tokens positions context words rows",
    "vocab_size": "rows entries tokens words embeddings vectors",
    "text_vocab_size": "rows entries tokens words embeddings vectors",
    "steps": "steps",
    "warmup_steps": "steps",
    "experts": "experts",
    "max_tiles": "tiles slices crops images views",
    "dim": "dimensions channels features",
    "mlp_dim": "dimensions channels features",
    "head_dim": "dimensions channels features",
}
"""What a field counts, by the units that numbers in prose carry."""
UNITS = frozenset(word for words in NOUNS.values() for word in words.split()) | {"parameters", "bytes", "FLOPs", "MACs"}
"""Units that are certainly the noun of the number; others say nothing against a field."""
NAME = re.compile(r"[a-z_][\w.]*")
PARAMETERS = frozenset({"total", "trainable", "frozen", "embeddings"})


def other(statement: Statement, asked: Scope) -> Verdict | None:
    """A refutation where the number counts something else than the one field or count that its scope names."""
    unit, field = statement.quantity.unit, asked.what.rpartition(".")[2].strip()
    fits = NOUNS.get(field)
    if asked.what in PARAMETERS or (asked.slot == "parameters" and fits is None):
        fits = "parameters"
    # A noun behind the link may belong to another number; one in its label does not.
    named = any(COUNTED.get(word.lower(), word) == unit for word in re.findall(r"[A-Za-z]+", statement.words))
    single = NAME.fullmatch(asked.what) and not asked.divisor
    if not single or not named or fits is None or unit not in UNITS or unit in fits.split():
        return None
    counted = fits.split()[0]
    return Verdict(
        "refuted",
        "statement",
        statement.quantity.text,
        statement.span,
        f"`{asked.what}` counts {counted}, not {unit}",
        expected=counted,
        rule="statement-refuted",
        help=f"call them {counted}, or name the fact that counts {unit} in the link's title",
    )
