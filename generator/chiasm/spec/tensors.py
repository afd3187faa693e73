"""The tensors of a variant's parts, told without torch: a function a kind, a slot and its neighbours in, weights out.

What `Model(config).state_dict()` holds, a block's tensors written once: `blocks.N.mlp.up.weight`, N in so many blocks.
Parameters are the sums of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chiasm.spec.described_tensors import DESCRIBED
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
Parts = dict[str, int]


def _vit(own: Resolved, _slots: Slots) -> Weights:
    side, patch, channels, dim, layers, mlp = whole(
        own, "image_size", "patch_size", "channels", "dim", "layers", "mlp_dim"
    )
    classes, bias, pre, pool = whole(own, "class_token", "patch_bias", "pre_norm", "attention_pooling")
    if classes:
        yield Weight("class_token", (dim,))
    yield Weight("positions", ((side // patch) ** 2 + classes, dim))
    yield from patch_embedding(dim, (channels, patch, patch), bias)
    if pre:
        yield from layer_norm("pre_norm", dim)
    yield from each("blocks", range(layers), block(dim, mlp))
    yield from layer_norm("norm", dim)
    if pool:
        yield Weight("pool.probe", (dim,))
        yield from within("pool", (*packed("qkv", dim, (dim, dim, dim)), *linear("out", dim, dim)))
        yield from within("pool", (*layer_norm("norm", dim), *feed_forward("mlp", dim, mlp)))


def _native_vit(own: Resolved, _slots: Slots) -> Weights:
    patch, frames, channels, dim = whole(own, "patch_size", "temporal_patch_size", "channels", "dim")
    layers, mlp, positions = whole(own, "layers", "mlp_dim", "positions")
    yield Weight("positions", (positions, dim))
    yield from patch_embedding(dim, (channels, frames, patch, patch))
    yield from each("blocks", range(layers), block(dim, mlp))


def _text_transformer(own: Resolved, _slots: Slots) -> Weights:
    vocab, context, dim, layers, mlp = whole(own, "vocab_size", "context", "dim", "layers", "mlp_dim")
    yield Weight("positions", (context, dim))
    yield Weight("embedding.weight", (vocab, dim))
    yield from each("blocks", range(layers), block(dim, mlp))
    yield from layer_norm("norm", dim)
    if own.get("head"):
        yield from linear("head", dim, dim)


def _ends(slots: Slots) -> tuple[int, int]:
    """Widths on both sides of the alignment."""
    return whole(slots["encoder"], "dim")[0], whole(slots["language_model"], "dim")[0]


def _linear_projector(own: Resolved, slots: Slots) -> Weights:
    yield from linear("proj", *_ends(slots), *whole(own, "bias"))


def _mlp_projector(own: Resolved, slots: Slots) -> Weights:
    (inside, outside), (bias,) = _ends(slots), whole(own, "bias")
    yield from linear("up", inside, outside, bias)
    yield from linear("down", outside, outside, bias)


def _q_former(own: Resolved, slots: Slots) -> Weights:
    queries, dim, layers, mlp, every = whole(own, "num_queries", "dim", "layers", "mlp_dim", "cross_attention_every")
    inside, outside = _ends(slots)
    yield Weight("queries", (queries, dim))
    yield from layer_norm("norm", dim)
    own_block = (*self_attention("attention", dim), *layer_norm("attention_norm", dim), *feed_forward("mlp", dim, mlp))
    yield from each("blocks", range(layers), (*own_block, *layer_norm("mlp_norm", dim)))
    cross = (*linear("cross.q", dim, dim), *packed("cross.kv", inside, (dim, dim)), *linear("cross.out", dim, dim))
    yield from each("blocks", range(0, layers, every), (*cross, *layer_norm("cross_norm", dim)))
    yield from linear("proj", dim, outside)


def _patch_merger(_own: Resolved, slots: Slots) -> Weights:
    inside, outside = _ends(slots)
    (side,), taps = whole(slots["encoder"], "merge_size"), slots["encoder"].get("taps")
    wide = inside * side * side
    layers = (*linear("up", wide, wide), *linear("down", wide, outside))
    yield from within("merger", (*layer_norm("norm", inside), *layers))
    count = len(taps) if isinstance(taps, tuple) else 0
    yield from each("deep", range(count), (*layer_norm("norm", wide), *layers))


def _joint_projection(own: Resolved, slots: Slots) -> Weights:
    (dim,), (vision,), (text,) = whole(own, "dim"), whole(slots["encoder"], "dim"), whole(slots["text_encoder"], "dim")
    yield from linear("vision_proj", vision, dim, 0)
    yield from linear("text_proj", text, dim, 0)


def _contrastive(own: Resolved, _slots: Slots) -> Weights:
    yield Weight("logit_scale", ())
    if own.get("logit_bias"):
        yield Weight("logit_bias", ())


def _nothing(_own: Resolved, _slots: Slots) -> Weights:
    yield from ()


def _llama(own: Resolved, _slots: Slots) -> Weights:
    vocab, dim, layers, heads, groups, width = whole(
        own, "vocab_size", "dim", "layers", "heads", "kv_heads", "head_dim"
    )
    mlp, tied, qkv, out, mlp_bias, norm = whole(own, "mlp_dim", "tied", "qkv_bias", "out_bias", "mlp_bias", "qk_norm")
    rows = (heads * width, groups * width, groups * width)
    gate = [Weight("mlp.gate_up.weight", (2, mlp, dim), apart=((mlp, dim),) * 2, whole=(2 * mlp, dim))]
    gate += [Weight("mlp.gate_up.bias", (2, mlp), apart=((mlp,),) * 2, whole=(2 * mlp,))] * mlp_bias
    norms = [Weight(f"attention.{name}_norm.weight", (width,)) for name in "qk" if norm]
    attention = (*packed("attention.qkv", dim, rows, qkv), *linear("attention.out", heads * width, dim, out), *norms)
    around = (Weight("norm1.weight", (dim,)), Weight("norm2.weight", (dim,)))
    yield Weight("embedding.weight", (vocab, dim))
    yield from each("layers", range(layers), (*around, *attention, *gate, *linear("mlp.down", mlp, dim, mlp_bias)))
    yield Weight("norm.weight", (dim,))
    if not tied:
        yield Weight("head.weight", (vocab, dim))
    if isinstance(added := own.get("added_tokens"), int) and added:
        yield Weight("added_embedding.weight", (added, dim))
        yield Weight("added_head.weight", (added, dim))


def _opt(own: Resolved, _slots: Slots) -> Weights:
    vocab, context, dim, layers, mlp, tied = whole(own, "vocab_size", "context", "dim", "layers", "mlp_dim", "tied")
    yield Weight("embedding.weight", (vocab, dim))
    # OPT's table of positions begins with two rows that no token uses.
    yield Weight("positions.weight", (context + 2, dim))
    yield from each("layers", range(layers), block(dim, mlp))
    yield from layer_norm("norm", dim)
    if not tied:
        yield Weight("head.weight", (vocab, dim))


TENSORS: Mapping[tuple[str, str], Callable[[Resolved, Slots], Weights]] = {
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
    ("language_model", "llama"): _llama,
    ("language_model", "opt"): _opt,
    **DESCRIBED,
}
"""By slot and kind; the names are those of the package, where a kind is generated."""
PARTS: Mapping[str, Mapping[str, str]] = {
    "vit": {"patch_embedding": "patches"},
    "aspect_vit": {"patch_embedding": "patches"},
    "patch_embedding": {"patch_embedding": "patches"},
    "native_vit": {"patch_embedding": "patches"},
    "linear": {"up": "proj", "down": "proj"},
    "mlp": {"up": "proj", "down": "proj"},
    "q_former": {"norm": "blocks"},
    "visual_embedding_table": {"head_norm": "head"},
    "joint_projection": {"vision_proj": "vision", "text_proj": "text"},
    "llama": {"layers": "blocks", "added_embedding": "embedding", "added_head": "head"},
    "opt": {"layers": "blocks"},
    "persimmon": {"layers": "blocks"},
    "multiway": {"layers": "blocks"},
}
"""By kind: what readers call a part, where that is not how its tensors' names begin."""


def made(slot: Resolved, slots: Slots) -> Weights:
    """The tensors of a slot whose kind is in `TENSORS`. Raises ValueError where a field they need is not stated."""
    return (one for one in TENSORS[slot.kind.slot, slot.kind.name](slot, slots) if one.times)


def parts_of(slot: Resolved, slots: Slots) -> Parts:
    """Parameters of such a slot by part."""
    found: Parts = {}
    names = PARTS.get(slot.kind.name, {})
    for one in made(slot, slots):
        head = one.name.partition(".")[0]
        name = names.get(head, head)
        found[name] = found.get(name, 0) + one.size
    return found


def first_stage(slots: Slots) -> Mapping[str, tuple[Weight, ...]]:
    """What BLIP-2's first stage adds to the Q-Former: its text branch, and the heads that releases hold."""
    former = slots.get("alignment")
    if former is None or former.kind.name != "q_former":
        return {}
    dim, layers, mlp, vocab, context = whole(former, "dim", "layers", "mlp_dim", "text_vocab_size", "text_context")
    if not vocab:
        return {}
    table = (Weight("text_embedding.weight", (vocab, dim)), Weight("text_positions", (context, dim)))
    added = (*feed_forward("text_mlp", dim, mlp), *layer_norm("text_mlp_norm", dim))
    branch = {"text_branch": tuple(within("alignment", (*table, *each("blocks", range(layers), added))))}
    heads = slots.get("training")
    if heads is None or heads.kind.name != "q_former_first_stage":
        return branch
    (joint,) = whole(heads, "joint_dim")
    both = (weight for name in ("vision_proj", "text_proj") for weight in linear(name, dim, joint))
    return branch | {"heads": (*both, *linear("itm_head", dim, 2))}
