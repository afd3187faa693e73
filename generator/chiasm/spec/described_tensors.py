"""The tensors of kinds that are described only: a function a kind, a slot and its neighbours in, weights out.

No package is written for them, so their names are nobody's; their shapes are those of the released classes that a page
cites. A field that a count needs and a page leaves out raises ValueError: then the slot is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from chiasm.spec.weight import (
    Weight,
    Weights,
    block,
    each,
    feed_forward,
    layer_norm,
    linear,
    packed,
    patch_embedding,
    self_attention,
    within,
)
from chiasm.spec.work import whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved

Slots = Mapping[str, "Resolved"]


def _norm(own: Resolved, name: str, dim: int) -> Weights:
    """A LayerNorm, or an RMSNorm, which has no shift."""
    kind = own.get("norm")
    if kind not in ("layer", "rms"):
        raise ValueError(f"{own.slot}.norm is not stated")
    yield Weight(f"{name}.weight", (dim,))
    if kind == "layer":
        yield Weight(f"{name}.bias", (dim,))


def _feed(own: Resolved, name: str, dim: int, mlp: int) -> Weights:
    """An MLP without biases, gated or not."""
    (gated,) = whole(own, "gated")
    yield Weight(f"{name}.up.weight", (mlp, dim))
    if gated:
        yield Weight(f"{name}.gate.weight", (mlp, dim))
    yield Weight(f"{name}.down.weight", (dim, mlp))


def _cross(own: Resolved, dim: int, inside: int, groups: int | None = None) -> Weights:
    """Attention to features (inside) without biases; each head's queries and keys are normalised where it says so."""
    heads, width = whole(own, "heads", "head_dim")
    rows = (groups or heads) * width
    yield from linear("q", dim, heads * width, 0)
    yield from packed("kv", inside, (rows, rows), 0)
    yield from linear("out", heads * width, dim, 0)
    if own.get("qk_norm"):
        yield from _norm(own, "q_norm", width)
        yield from _norm(own, "k_norm", width)


def _aspect_vit(own: Resolved, _slots: Slots) -> Weights:
    patch, dim, layers, mlp, positions = whole(own, "patch_size", "dim", "layers", "mlp_dim", "positions")
    channels, bias, classes, pre = whole(own, "channels", "patch_bias", "class_token", "pre_norm")
    yield from patch_embedding(dim, (channels, patch, patch), bias)
    yield Weight("positions", (positions, dim))
    if classes:
        yield Weight("class_token", (dim,))
    if pre:
        yield from layer_norm("pre_norm", dim)
    yield from each("blocks", range(layers), block(dim, mlp))
    yield from layer_norm("norm", dim)


def _neck(name: str, dim: int, out: int) -> Weights:
    """SAM's: two convolutions, 1×1 and 3×3, each before a LayerNorm."""
    yield Weight(f"{name}.0.weight", (out, dim, 1, 1))
    yield from layer_norm(f"{name}.1", out)
    yield Weight(f"{name}.2.weight", (out, out, 3, 3))
    yield from layer_norm(f"{name}.3", out)


def _hybrid(own: Resolved, _slots: Slots) -> Weights:
    side, patch, channels, dim = whole(own, "high_image_size", "high_patch_size", "channels", "high_dim")
    layers, heads, mlp, window, out = whole(own, "high_layers", "high_heads", "high_mlp_dim", "window", "neck_dim")
    halvings, everywhere = own.get("downsamples"), own.get("global_blocks")
    if not (isinstance(halvings, tuple) and halvings and isinstance(everywhere, tuple)):
        raise ValueError(f"{own.slot}.downsamples is not stated")
    grid, steps = side // patch, [out, *(step for step in halvings if isinstance(step, int))]
    yield from within("high", patch_embedding(dim, (channels, patch, patch)))
    yield Weight("high.positions", (grid, grid, dim))
    yield from each("high.blocks", range(layers), block(dim, mlp))
    for number in range(layers):
        # Distances along a side, from one end to the other.
        reach = 2 * (grid if number in everywhere else window) - 1
        yield from (
            Weight(f"high.blocks.{number}.attention.{axis}", (reach, dim // heads)) for axis in ("rows", "columns")
        )
    yield from _neck("high.neck", dim, out)
    yield from _neck("neck", dim, out)
    for number, (inside, outside) in enumerate(pairwise(steps)):
        yield Weight(f"downsamples.{number}.weight", (outside, inside, 3, 3))
    yield Weight("scale", ())
    yield from within("low", _low(own))


def _low(own: Resolved) -> Weights:
    side, patch, channels, dim = whole(own, "low_image_size", "low_patch_size", "channels", "low_dim")
    layers, mlp, pool = whole(own, "low_layers", "low_mlp_dim", "low_attention_pooling")
    yield Weight("positions", ((side // patch) ** 2, dim))
    yield from patch_embedding(dim, (channels, patch, patch))
    yield from each("blocks", range(layers), block(dim, mlp))
    yield from layer_norm("norm", dim)
    if pool:
        yield Weight("pool.probe", (dim,))
        pooled = (*self_attention("attention", dim), *layer_norm("norm", dim), *feed_forward("mlp", dim, mlp))
        yield from within("pool", pooled)


def _patches_of_a_backbone(own: Resolved, _slots: Slots) -> Weights:
    patch, channels, dim, positions, mask = whole(own, "patch_size", "channels", "dim", "positions", "mask_token")
    yield from patch_embedding(dim, (channels, patch, patch))
    yield Weight("class_token", (dim,))
    if mask:
        yield Weight("mask_token", (dim,))
    yield Weight("positions", (positions, dim))


def _perceiver(own: Resolved, slots: Slots) -> Weights:
    queries, dim, layers, mlp = whole(own, "num_queries", "dim", "layers", "mlp_dim")
    (inside,) = whole(slots["encoder"], "dim")
    groups, between = (own.get(name) for name in ("kv_heads", "projection_dim"))
    if isinstance(between, int):
        for name in ("gate", "up"):
            yield from linear(f"proj.{name}", inside, between, 0)
        yield from linear("proj.down", between, dim, 0)
        inside = dim
    yield Weight("queries", (queries, dim))
    attention = _cross(own, dim, inside, groups if isinstance(groups, int) else None)
    norms = (weight for name in ("latent_norm", "feature_norm", "mlp_norm") for weight in _norm(own, name, dim))
    yield from each("blocks", range(layers), (*norms, *attention, *_feed(own, "mlp", dim, mlp)))
    yield from _norm(own, "norm", dim)


def _spatial(own: Resolved, slots: Slots) -> Weights:
    """One cross-attention; the table of positions is fixed, and stored."""
    queries, dim, layers = whole(own, "num_queries", "dim", "layers")
    if layers != 1:
        raise ValueError(f"{own.slot}.layers: only one is understood")
    yield Weight("queries", (queries, dim))
    yield Weight("positions", (queries, dim))
    (inside,) = whole(slots["encoder"], "dim")
    yield from linear("kv", inside, dim, 0)
    yield from self_attention("attention", dim)
    for name in ("query_norm", "feature_norm", "norm"):
        yield from layer_norm(name, dim)
    yield from linear("proj", dim, dim, 0)


def _hybrid_projector(own: Resolved, _slots: Slots) -> Weights:
    inside, branch, dim, bias = whole(own, "in_dim", "branch_dim", "dim", "bias")
    for name in ("high", "low"):
        yield from linear(name, inside, branch, bias)
    yield from linear("out", 2 * branch, dim, bias)


def _gated(own: Resolved, slots: Slots) -> Weights:
    dim, layers, mlp = whole(own, "dim", "layers", "mlp_dim")
    (inside,) = whole(slots["alignment"], "dim")
    norms = (weight for name in ("norm", "mlp_norm") for weight in _norm(own, name, dim))
    gates = (Weight("gate", ()), Weight("mlp_gate", ()))
    attention = _cross(own, dim, inside)
    yield from each("blocks", range(layers), (*norms, *gates, *attention, *_feed(own, "mlp", dim, mlp)))


def _persimmon(own: Resolved, _slots: Slots) -> Weights:
    vocab, dim, layers, width, mlp = whole(own, "vocab_size", "dim", "layers", "head_dim", "mlp_dim")
    tied, norm = whole(own, "tied", "qk_norm")
    heads = (*layer_norm("q_norm", width), *layer_norm("k_norm", width)) if norm else ()
    yield Weight("embedding.weight", (vocab, dim))
    yield from each("layers", range(layers), (*block(dim, mlp), *heads))
    yield from layer_norm("norm", dim)
    if not tied:
        yield Weight("head.weight", (vocab, dim))


def _t5(own: Resolved, _slots: Slots) -> Weights:
    """Norms without shift, no biases; the first block of either side holds the table of position biases."""
    vocab, dim, layers, deep, heads, width, mlp = whole(
        own, "vocab_size", "dim", "layers", "decoder_layers", "heads", "head_dim", "mlp_dim"
    )
    tied, buckets = whole(own, "tied", "position_buckets")
    attention = (Weight("norm.weight", (dim,)), *packed("qkv", dim, (heads * width,) * 3, 0))
    attention = (*attention, *linear("out", heads * width, dim, 0))
    feed = (Weight("mlp_norm.weight", (dim,)), *_feed(own, "mlp", dim, mlp))
    yield Weight("embedding.weight", (vocab, dim))
    for side, blocks, reads in (("encoder", layers, ("self",)), ("decoder", deep, ("self", "cross"))):
        block_of = (*(one for name in reads for one in within(name, attention)), *feed)
        yield from each(f"{side}.layers", range(blocks), block_of)
        yield Weight(f"{side}.positions", (buckets, heads))
        yield Weight(f"{side}.norm.weight", (dim,))
    if not tied:
        yield Weight("head.weight", (vocab, dim))


def _multiway(own: Resolved, slots: Slots) -> Weights:
    """Every projection, norm and MLP once an expert; with norms inside attention and MLP where it says so."""
    vocab, context, dim, layers, mlp, inner = whole(
        own, "vocab_size", "context", "dim", "layers", "mlp_dim", "inner_norms"
    )
    experts, attention = whole(slots["fusion"], "experts", "attention_experts")
    if not attention:
        raise ValueError("fusion.attention_experts: shared attention is not understood")
    inside = (*layer_norm("attention.norm", dim), *layer_norm("mlp.norm", mlp)) if inner else ()
    yield Weight("embedding.weight", (vocab, dim))
    yield Weight("positions", (context, dim))
    for expert in range(experts):
        own_block = within(f"experts.{expert}", (*block(dim, mlp), *inside))
        yield from each("layers", range(layers), own_block)
        yield from layer_norm(f"norm.{expert}", dim)


def _visual_embedding_table(own: Resolved, _slots: Slots) -> Weights:
    inside, logits, vocabulary, dim = whole(own, "in_dim", "logits", "vocab_size", "dim")
    yield from linear("head", inside, logits, 0)
    yield from layer_norm("head_norm", logits)
    yield Weight("table.weight", (vocabulary, dim))


def _tiles(own: Resolved, slots: Slots) -> Weights:
    """A learned token that ends each row of features (LLaVA-NeXT's `image_newline`)."""
    if "language_model" in slots and own.get("row_token") is True:
        yield Weight("row_token", tuple(whole(slots["language_model"], "dim")))


def _nothing(_own: Resolved, _slots: Slots) -> Weights:
    yield from ()


DESCRIBED: Mapping[tuple[str, str], Callable[[Resolved, Slots], Weights]] = {
    ("encoder", "aspect_vit"): _aspect_vit,
    ("encoder", "hybrid"): _hybrid,
    ("encoder", "raw_patches"): _nothing,
    ("encoder", "patch_embedding"): _patches_of_a_backbone,
    ("alignment", "perceiver_resampler"): _perceiver,
    ("alignment", "spatial_resampler"): _spatial,
    ("alignment", "hybrid_projector"): _hybrid_projector,
    ("alignment", "visual_embedding_table"): _visual_embedding_table,
    ("alignment", "none"): _nothing,
    ("fusion", "gated_cross_attention"): _gated,
    ("fusion", "modality_experts"): _nothing,
    ("budget", "tiles"): _tiles,
    ("language_model", "persimmon"): _persimmon,
    ("language_model", "t5"): _t5,
    ("language_model", "multiway"): _multiway,
}
"""By slot and kind."""
