"""Holds a linked number's noun against the field its scope names: 32 layers are not 32 queries, whatever the value."""

from __future__ import annotations

import re

from chiasm.claiming.claim import Statement
from chiasm.graph import Graph
from chiasm.judging.scope import Scope
from chiasm.judging.verdict import Verdict
from chiasm.numbers.units import NOUNS as COUNTED
from chiasm.regex import regex

_ROWS = "rows entries tokens words embeddings vectors ids"
_SEEN = "tokens vectors positions embeddings features queries latents patches entries"
_WIDE = "dimensions channels features entries numbers"
_NOUNS: dict[str, str] = {
    "layers blocks": "layers decoder_layers high_layers low_layers every cross_attention_every global_blocks taps"
    " feature_layer",
    "heads": "heads kv_heads high_heads low_heads",
    "px": "image_size patch_size tile_size high_image_size low_image_size high_patch_size low_patch_size max_height"
    " max_width min_side max_side factor min_pixels max_pixels",
    "queries latents tokens vectors entries embeddings rows features": "num_queries",
    _SEEN: "tokens image_tokens max_image_tokens tile_tokens vision_tokens patches positions pad_to",
    "tokens": "min_patch_tokens max_patch_tokens mean_patch_tokens uniform_patch_tokens",
    "tokens positions context words rows": "context text_context sequence_length",
    _ROWS: "vocab_size text_vocab_size indicators logits added_tokens",
    "steps": "steps warmup_steps",
    "samples images pairs videos documents": "samples batch_size",
    "experts": "experts",
    "frames": "frames temporal_patch_size",
    "tiles slices crops images views": "max_tiles",
    _WIDE: "dim mlp_dim head_dim high_dim low_dim low_mlp_dim in_dim branch_dim projection_dim joint_dim channels"
    " high_mlp_dim neck_dim",
    "patches": "merge_size window",
    "rows entries positions": "position_buckets",
    "layers": "downsamples",
    "parameters": "parameters",
}
NOUNS: dict[str, str] = {field: nouns for nouns, fields in _NOUNS.items() for field in fields.split()}
"""What a field counts, by the units that numbers in prose carry; the first is what it is called in a finding."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNCOUNTED = _words("""
    norm_eps rope_theta logit_scale_init rotary_fraction frame_rate gate_init learning_rate min_learning_rate
    weight_decay temperature_init rescale mean std year mrope_sections image_token video_token vision_start_token
    vision_end_token
    bos_token eos_token pad_token fusion
""")
"""Numbers that count nothing: rates, ids, constants."""
UNITS = frozenset(word for words in NOUNS.values() for word in words.split()) | _words("""
    parameters bytes bits FLOPs MACs epochs GPUs days hours minutes seconds videos documents languages models
""")
"""Units that are certainly the noun of the number; others say nothing against a field."""
MEASURED = _words("bytes FLOPs MACs")
"""Units that are written as part of the number: 7.49 GB, 4.4 GMACs."""
NAME = regex(r"(?P<name>[a-z_][\w.]*)(?: / \d+)?")
"""A field or a scope, or an equal share of it, which counts the same."""
PARAMETERS = frozenset({"total", "trainable", "frozen", "embeddings"})
BEHIND = regex(r"[ -](?:(?:learned|image|visual|vision|attention) )?([A-Za-z]+)\b(?! [×x\d])")
"""The noun right behind a link."""


def other(graph: Graph, statement: Statement, asked: Scope) -> Verdict | None:
    """A refutation where the number counts something else than the one field or count that its scope names."""
    single = NAME.fullmatch(asked.what)
    unit, name = _noun(graph, statement), single["name"] if single else ""
    field = name.rpartition(".")[2]
    fits = NOUNS.get(field)
    if field == "tokens" and asked.slot == "training":
        fits = "tokens"
    if name in PARAMETERS or (asked.slot == "parameters" and fits is None):
        fits = "parameters"
    if not single or asked.divisor or not unit or fits is None or unit not in UNITS or unit in fits.split():
        return None
    counted = fits.split()[0]
    return Verdict(
        "refuted",
        "statement",
        statement.quantity.text or statement.words,
        statement.span,
        f"`{asked.what}` counts {counted}, not {unit}",
        expected=counted,
        rule="statement-refuted",
        help=f"call them {counted}, or name the fact that counts {unit} in the link's title",
    )


def _noun(graph: Graph, statement: Statement) -> str:
    """What the number counts: its own unit, a noun in the link's label, or the word right behind the link."""
    unit = statement.quantity.unit
    named = {COUNTED.get(word.lower(), word) for word in re.findall(r"[A-Za-z]+", statement.words)}
    if unit in named or unit in MEASURED:
        return unit
    if statement.words.strip() != statement.quantity.text.strip() or unit in ("%", "×"):
        # More words stand in the label than a number: what follows may belong to them.
        return ""
    lines, place = graph.lines(statement.span.path), statement.link.title_span
    rest = lines[place.line - 1][place.end - 1 :] if lines and place else ""
    found = BEHIND.match(rest.lstrip('"').removeprefix(")"))
    behind = COUNTED.get(found[1].lower(), "") if found else ""
    return behind if behind == unit else ""
