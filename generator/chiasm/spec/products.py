"""Counts a component's arithmetic: a function a kind, its slot, its neighbours and the load in, matrix products out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from chiasm.spec.tensors import Slots
from chiasm.spec.work import Load, Product, attention, matrix, whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved

Products = tuple[Product, ...]


def _block(rows: int, dim: int, mlp: int, attended: Product, *, read: int | None = None) -> Products:
    """A transformer block of equal heads: q, k and v, attention, its output, an MLP.

    What follows attention is a row's own affair: where few are `read` afterwards, it is computed for these alone.
    """
    few = rows if read is None else read
    return (
        matrix("projections", rows, dim, 3 * dim),
        attended,
        matrix("projections", few, dim, dim),
        matrix("mlp", few, dim, mlp),
        matrix("mlp", few, mlp, dim),
    )


def _each(products: Products, count: int) -> Products:
    return tuple(one.times(count) for one in products)


def _vit(own: Resolved, _slots: Slots, load: Load) -> Products:
    side, patch, channels, dim, layers, heads, mlp, classes, pool, read = whole(
        own,
        *("image_size", "patch_size", "channels", "dim", "layers", "heads", "mlp_dim"),
        *("class_token", "attention_pooling", "feature_layer"),
    )
    count, patches = load.pictures, (side // patch) ** 2
    tokens, depth = patches + classes, read if read >= 0 else layers + 1 + read
    attended = attention(count, heads, tokens, tokens, dim // heads)
    # Then the last block computes nothing else behind its attention.
    only_class = bool(own.get("features") == "pooled" and classes and not pool and depth)
    pooled = (
        # The probe asks once for all images; only the tokens answer.
        (
            matrix("projections", 1, dim, dim),
            matrix("projections", count * tokens, dim, 2 * dim),
            attention(count, heads, 1, tokens, dim // heads),
            matrix("projections", count, dim, dim),
            matrix("mlp", count, dim, mlp),
            matrix("mlp", count, mlp, dim),
        )
        if pool and own.get("features") == "pooled" and count
        else ()
    )
    return (
        matrix("patches", count * patches, channels * patch * patch, dim),
        *_each(_block(count * tokens, dim, mlp, attended), depth - only_class),
        *(_block(count * tokens, dim, mlp, attended, read=count) if only_class else ()),
        *pooled,
    )


def _native_vit(own: Resolved, _slots: Slots, load: Load) -> Products:
    patch, frames, channels, dim, layers, mlp = whole(
        own, "patch_size", "temporal_patch_size", "channels", "dim", "layers", "mlp_dim"
    )
    # Every frame is attended over by itself.
    lengths = [(one.height // patch) * (one.width // patch) for one in load.images for _ in range(one.frames)]
    rows, pairs = load.rows * sum(lengths), load.rows * sum(length * length for length in lengths)
    attended = Product("attention", 4 * pairs * dim, rows * dim)
    return (
        matrix("patches", rows, channels * frames * patch * patch, dim),
        *_each(_block(rows, dim, mlp, attended), layers),
    )


def _text_transformer(own: Resolved, _slots: Slots, load: Load) -> Products:
    dim, layers, heads, mlp, causal = whole(own, "dim", "layers", "heads", "mlp_dim", "causal")
    attended = attention(load.rows, heads, load.queries, load.keys, dim // heads, causal=bool(causal))
    rows = load.rows * load.queries
    # One token of a text is read.
    blocks = *_each(_block(rows, dim, mlp, attended), layers - 1), *_block(rows, dim, mlp, attended, read=load.rows)
    return (*blocks, matrix("projections", load.rows, dim, dim)) if own.get("head") else blocks


def features(slots: Slots, load: Load) -> int | None:
    """Vectors that the alignment reads of all images; None where the encoder's kind does not say."""
    encoder = slots["encoder"]
    if encoder.kind.name == "vit":
        side, patch, classes = whole(encoder, "image_size", "patch_size", "class_token")
        each = {"pooled": 1, "tokens": (side // patch) ** 2 + classes}.get(str(encoder.get("features")))
        return load.pictures * ((side // patch) ** 2 if each is None else each)
    return patches(slots, load) if encoder.kind.name in ("native_vit", "raw_patches") else None


def patches(slots: Slots, load: Load) -> int | None:
    """Patches that all images are cut into; None where the encoder's kind does not say."""
    encoder = slots["encoder"]
    if encoder.kind.name == "vit":
        side, patch = whole(encoder, "image_size", "patch_size")
        return load.pictures * (side // patch) ** 2
    if encoder.kind.name in ("native_vit", "raw_patches"):
        (patch,) = whole(encoder, "patch_size")
        return load.rows * sum(one.frames * -(-one.height // patch) * -(-one.width // patch) for one in load.images)
    return None


def _nothing(_own: Resolved, _slots: Slots, _load: Load) -> Products:
    return ()


def _linear(own: Resolved, slots: Slots, load: Load) -> Products:
    return (_projector(own, slots, load)[0],)


def _projector(_own: Resolved, slots: Slots, load: Load) -> Products:
    rows, (inside,), (outside,) = _read(slots, load), whole(slots["encoder"], "dim"), _width(slots)
    return matrix("projections", rows, inside, outside), matrix("projections", rows, outside, outside)


def _read(slots: Slots, load: Load) -> int:
    count = features(slots, load)
    assert count is not None  # noqa: S101, whoever counts asked before
    return count


def _width(slots: Slots) -> list[int]:
    return whole(slots["language_model"], "dim")


def _q_former(own: Resolved, slots: Slots, load: Load) -> Products:
    queries, dim, layers, heads, mlp, every = whole(
        own, "num_queries", "dim", "layers", "heads", "mlp_dim", "cross_attention_every"
    )
    (inside,), (outside,) = whole(slots["encoder"], "dim"), _width(slots)
    count, keys = load.pictures, _read(slots, load) // max(load.pictures, 1)
    made: list[Product] = []
    for block in range(layers if count else 0):
        # Until they first read an image, the queries are one row for all images.
        rows = count if block else 1
        attended = attention(rows, heads, queries, queries, dim // heads)
        made += _block(rows * queries, dim, mlp, attended)[:3]  # its MLP comes after what it reads
        if block % every == 0:
            made.append(matrix("projections", rows * queries, dim, dim))
            made.append(matrix("projections", count * keys, inside, 2 * dim))
            made.append(attention(count, heads, queries, keys, dim // heads))
            made.append(matrix("projections", count * queries, dim, dim))
        made += [matrix("mlp", count * queries, dim, mlp), matrix("mlp", count * queries, mlp, dim)]
    return (*made, matrix("projections", count * queries, dim, outside))


def _patch_merger(_own: Resolved, slots: Slots, load: Load) -> Products:
    (side, inside), (outside,), taps = whole(slots["encoder"], "merge_size", "dim"), _width(slots), slots["encoder"]
    wide, rows, deep = inside * side * side, _read(slots, load) // (side * side), taps.get("taps")
    merger = matrix("projections", rows, wide, wide), matrix("projections", rows, wide, outside)
    return _each(merger, 1 + (len(deep) if isinstance(deep, tuple) else 0))


def _joint_projection(own: Resolved, slots: Slots, load: Load) -> Products:
    (dim,), (vision,), (text,) = whole(own, "dim"), whole(slots["encoder"], "dim"), whole(slots["text_encoder"], "dim")
    return matrix("projections", load.pictures, vision, dim), matrix("projections", load.rows, text, dim)


def _contrastive(_own: Resolved, slots: Slots, load: Load) -> Products:
    joint = slots.get("alignment")
    (dim,) = whole(joint if joint and joint.kind.name == "joint_projection" else slots["encoder"], "dim")
    return (replace(matrix("similarity", load.rows, dim, load.pictures), results=0),)


def _llama(own: Resolved, _slots: Slots, load: Load) -> Products:
    vocab, dim, layers, heads, groups, width, mlp = whole(
        own, "vocab_size", "dim", "layers", "heads", "kv_heads", "head_dim", "mlp_dim"
    )
    rows = load.rows * load.queries
    layer = (
        matrix("projections", rows, dim, (heads + 2 * groups) * width),
        attention(load.rows, heads, load.queries, load.keys, width, causal=True),
        matrix("projections", rows, heads * width, dim),
        matrix("mlp", rows, dim, 2 * mlp),
        matrix("mlp", rows, mlp, dim),
    )
    return (*_each(layer, layers), matrix("head", load.rows, dim, vocab))


def _opt(own: Resolved, _slots: Slots, load: Load) -> Products:
    vocab, dim, layers, heads, mlp = whole(own, "vocab_size", "dim", "layers", "heads", "mlp_dim")
    attended = attention(load.rows, heads, load.queries, load.keys, dim // heads, causal=True)
    layer = _block(load.rows * load.queries, dim, mlp, attended)
    return (*_each(layer, layers), matrix("head", load.rows, dim, vocab))


WORK: Mapping[tuple[str, str], Callable[[Resolved, Slots, Load], Products]] = {
    ("encoder", "vit"): _vit,
    ("encoder", "native_vit"): _native_vit,
    ("encoder", "raw_patches"): _nothing,
    ("text_encoder", "text_transformer"): _text_transformer,
    ("alignment", "linear"): _linear,
    ("alignment", "mlp"): _projector,
    ("alignment", "q_former"): _q_former,
    ("alignment", "patch_merger"): _patch_merger,
    ("alignment", "joint_projection"): _joint_projection,
    ("alignment", "none"): _nothing,
    ("fusion", "splice"): _nothing,
    ("fusion", "deepstack"): _nothing,
    ("fusion", "contrastive"): _contrastive,
    ("language_model", "llama"): _llama,
    ("language_model", "opt"): _opt,
}
"""By slot and kind, as `TENSORS`. A language model's head reads the last token of each row."""
