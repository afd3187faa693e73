"""Counts a component's parameters by part: a function a kind, its slot and its neighbours in, integers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved

Slots = Mapping[str, "Resolved"]
Parts = dict[str, int]


def _int(resolved: Resolved, *names: str) -> list[int]:
    return [int(value) for name in names if isinstance(value := resolved.get(name), bool | int)]


def _linear(inside: int, outside: int, bias: int = 1) -> int:
    return inside * outside + (outside if bias else 0)


def _block(dim: int, mlp: int) -> int:
    """A pre-norm block: four projections, two LayerNorms, an MLP, biases everywhere."""
    return 4 * _linear(dim, dim) + 4 * dim + _linear(dim, mlp) + _linear(mlp, dim)


def _vit(own: Resolved, _slots: Slots) -> Parts:
    side, patch, channels, dim, layers, mlp = _int(
        own, "image_size", "patch_size", "channels", "dim", "layers", "mlp_dim"
    )
    classes, bias, pre, pool = _int(own, "class_token", "patch_bias", "pre_norm", "attention_pooling")
    return {
        "patches": _linear(channels * patch * patch, dim, bias),
        "class_token": classes * dim,
        "positions": ((side // patch) ** 2 + classes) * dim,
        "pre_norm": pre * 2 * dim,
        "blocks": layers * _block(dim, mlp),
        "norm": 2 * dim,
        "pool": pool * (_block(dim, mlp) - 2 * dim + dim),
    }


def _native_vit(own: Resolved, _slots: Slots) -> Parts:
    patch, frames, channels, dim = _int(own, "patch_size", "temporal_patch_size", "channels", "dim")
    layers, mlp, positions = _int(own, "layers", "mlp_dim", "positions")
    return {
        "patches": _linear(channels * frames * patch * patch, dim),
        "positions": positions * dim,
        "blocks": layers * _block(dim, mlp),
    }


def _text_transformer(own: Resolved, _slots: Slots) -> Parts:
    vocab, context, dim, layers, mlp = _int(own, "vocab_size", "context", "dim", "layers", "mlp_dim")
    return {"embedding": vocab * dim, "positions": context * dim, "blocks": layers * _block(dim, mlp), "norm": 2 * dim}


def _linear_projector(own: Resolved, slots: Slots) -> Parts:
    return {"proj": _linear(*_ends(slots), *_int(own, "bias"))}


def _mlp_projector(own: Resolved, slots: Slots) -> Parts:
    (inside, outside), (bias,) = _ends(slots), _int(own, "bias")
    return {"proj": _linear(inside, outside, bias) + _linear(outside, outside, bias)}


def _ends(slots: Slots) -> tuple[int, int]:
    """Widths on both sides of the alignment."""
    (inside,), (outside,) = _int(slots["encoder"], "dim"), _int(slots["language_model"], "dim")
    return inside, outside


def _q_former(own: Resolved, slots: Slots) -> Parts:
    queries, dim, layers, mlp, every = _int(own, "num_queries", "dim", "layers", "mlp_dim", "cross_attention_every")
    inside, outside = _ends(slots)
    feed = _linear(dim, mlp) + _linear(mlp, dim) + 2 * dim
    attention = 4 * _linear(dim, dim) + 2 * dim
    cross = 2 * _linear(dim, dim) + 2 * _linear(inside, dim) + 2 * dim
    return {
        "queries": queries * dim,
        "blocks": 2 * dim + layers * (attention + feed) + -(-layers // every) * cross,
        "proj": _linear(dim, outside),
    }


def first_stage(slots: Slots) -> Parts:
    """What BLIP-2's first stage adds to the Q-Former: the text branch, and the heads of its losses."""
    former = slots.get("alignment")
    if former is None or former.kind.name != "q_former":
        return {}
    dim, layers, mlp, vocab, context = _int(former, "dim", "layers", "mlp_dim", "text_vocab_size", "text_context")
    parts = {
        "text_branch": layers * (_linear(dim, mlp) + _linear(mlp, dim) + 2 * dim) + (vocab + context) * dim
        if vocab
        else 0
    }
    heads = slots.get("training")
    if heads is not None and heads.kind.name == "q_former_first_stage":
        (joint,) = _int(heads, "joint_dim")
        parts["heads"] = 2 * _linear(dim, joint) + _linear(dim, 2)
    return parts


def _patch_merger(_own: Resolved, slots: Slots) -> Parts:
    inside, outside = _ends(slots)
    (side,), taps = _int(slots["encoder"], "merge_size"), slots["encoder"].get("taps")
    wide = inside * side * side
    layers = _linear(wide, wide) + _linear(wide, outside)
    count = len(taps) if isinstance(taps, tuple) else 0
    return {"merger": 2 * inside + layers, "deep": count * (2 * wide + layers)}


def _joint_projection(own: Resolved, slots: Slots) -> Parts:
    (dim,), (vision,), (text,) = _int(own, "dim"), _int(slots["encoder"], "dim"), _int(slots["text_encoder"], "dim")
    return {"vision": vision * dim, "text": text * dim}


def _contrastive(own: Resolved, _slots: Slots) -> Parts:
    return {"logit_scale": 1, "logit_bias": _int(own, "logit_bias")[0]}


def _nothing(_own: Resolved, _slots: Slots) -> Parts:
    return {}


def _llama(own: Resolved, _slots: Slots) -> Parts:
    vocab, dim, layers, heads, groups, width = _int(own, "vocab_size", "dim", "layers", "heads", "kv_heads", "head_dim")
    mlp, tied, qkv, out, mlp_bias, norm = _int(own, "mlp_dim", "tied", "qkv_bias", "out_bias", "mlp_bias", "qk_norm")
    attention = _linear(dim, (heads + 2 * groups) * width, qkv) + _linear(heads * width, dim, out) + norm * 2 * width
    feed = 2 * _linear(dim, mlp, mlp_bias) + _linear(mlp, dim, mlp_bias)
    return {
        "embedding": vocab * dim,
        "blocks": layers * (attention + feed + 2 * dim),
        "norm": dim,
        "head": (1 - tied) * vocab * dim,
    }


def _opt(own: Resolved, _slots: Slots) -> Parts:
    vocab, context, dim, layers, mlp, tied = _int(own, "vocab_size", "context", "dim", "layers", "mlp_dim", "tied")
    # OPT's table of positions begins with two rows that no token uses.
    return {
        "embedding": vocab * dim,
        "positions": (context + 2) * dim,
        "blocks": layers * _block(dim, mlp),
        "norm": 2 * dim,
        "head": (1 - tied) * vocab * dim,
    }


def _visual_embedding_table(own: Resolved, _slots: Slots) -> Parts:
    inside, logits, vocabulary, dim = _int(own, "in_dim", "logits", "vocab_size", "dim")
    return {"head": inside * logits + 2 * logits, "table": vocabulary * dim}


def _tiles(own: Resolved, slots: Slots) -> Parts:
    """A learned token that ends each row of features (LLaVA-NeXT's `image_newline`)."""
    language = slots.get("language_model")
    return {"row_token": _int(language, "dim")[0]} if language and own.get("row_token") is True else {}


COUNTERS: Mapping[tuple[str, str], Callable[[Resolved, Slots], Parts]] = {
    ("encoder", "vit"): _vit,
    ("encoder", "native_vit"): _native_vit,
    ("text_encoder", "text_transformer"): _text_transformer,
    ("alignment", "linear"): _linear_projector,
    ("alignment", "mlp"): _mlp_projector,
    ("alignment", "q_former"): _q_former,
    ("alignment", "patch_merger"): _patch_merger,
    ("alignment", "joint_projection"): _joint_projection,
    ("fusion", "splice"): _nothing,
    ("fusion", "deepstack"): _nothing,
    ("fusion", "contrastive"): _contrastive,
    ("alignment", "visual_embedding_table"): _visual_embedding_table,
    ("budget", "tiles"): _tiles,
    ("language_model", "llama"): _llama,
    ("language_model", "opt"): _opt,
}
