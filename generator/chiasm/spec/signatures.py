"""What a kind takes and gives: its slot, its neighbours and what reaches it in, tensors out, or why they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chiasm.spec.typed import (
    UNKNOWN,
    Fault,
    Slots,
    Tensor,
    UnfitError,
    size,
    value,
    whole,
)

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved

Given = tuple[Tensor, ...]
Signature = Callable[["Resolved", Slots, Given], Given]


def _vit(own: Resolved, _slots: Slots, _given: Given) -> Given:
    side, patch, dim = whole(own, "image_size") or 0, whole(own, "patch_size") or 1, size(value(own, "dim"))
    if value(own, "features") == "pooled":
        return (Tensor("vectors", ("N", dim), each="1"),)
    tokens = (side // patch) ** 2 + int(bool(value(own, "class_token")) and value(own, "features") != "patches")
    return (Tensor("tokens", ("N", str(tokens), dim), each=str(tokens)),)


def _square(own: Resolved, _slots: Slots, _given: Given) -> Given:
    """A grid that is always as large; kinds that do not publish its size leave it open."""
    tokens, dim = (size(value(own, name)) for name in ("tokens", "dim"))
    return (Tensor("tokens", ("N", tokens, dim), each=tokens if tokens != UNKNOWN else ""),)


def _native_vit(own: Resolved, _slots: Slots, _given: Given) -> Given:
    patch, frames = whole(own, "patch_size"), whole(own, "temporal_patch_size")
    each = f"ceil(frames / {frames}) * (height / {patch}) * (width / {patch})"
    return (Tensor("packed", ("P", size(value(own, "dim"))), each=each),)


def _own_size(own: Resolved, _slots: Slots, _given: Given) -> Given:
    """Patches of an image as it is, the last ones filled up."""
    patch = whole(own, "patch_size")
    each = f"ceil(height / {patch}) * ceil(width / {patch})"
    return (Tensor("packed", ("P", size(value(own, "dim"))), each=each),)


def _text(own: Resolved, _slots: Slots, _given: Given) -> Given:
    return (Tensor("vectors", ("B", size(value(own, "dim"))), each="1"),)


def _projection(own: Resolved, slots: Slots, given: Given) -> Given:
    """One visual token a patch, in the language model's width."""
    seen = given[0]
    out = _width_behind(slots)
    if seen.form == "vectors":
        raise UnfitError(_pooled(own, seen, f"1 image with {out} visual tokens"))
    if seen.form == "packed" and slots["encoder"].kind.generated:
        raise UnfitError(_ragged(own, slots, "linear(): argument 'input' (position 1) must be Tensor, not Features"))
    return (Tensor(seen.form, (*seen.axes[:-1], out), each=seen.each),)


def _queries(own: Resolved, slots: Slots, given: Given) -> Given:
    """Learned queries read whatever there is: as many tokens as queries."""
    if given[0].form == "vectors":
        becomes = "Expected size for first two dimensions of batch2 tensor to be"
        raise UnfitError(_pooled(own, given[0], becomes if own.kind.generated else ""))
    if own.kind.name == "q_former" and given[0].form == "packed":
        raise UnfitError(_ragged(own, slots, ""))
    queries = size(value(own, "num_queries"))
    return (Tensor("tokens", ("N", queries, _width_behind(slots)), each=queries),)


def _patch_merger(_own: Resolved, slots: Slots, given: Given) -> Given:
    """merge × merge patches become one token; as many more for each tap."""
    merge, taps = whole(slots["encoder"], "merge_size") or 1, value(slots["encoder"], "taps")
    each = f"{given[0].each} / {merge**2}" if given[0].each else ""
    width = _width_behind(slots)
    first = Tensor("stacked" if taps else "visual", ("V", width), each=each)
    deep = len(taps) if isinstance(taps, tuple) else 0
    return (first, *(Tensor("visual", ("V", width), each=each) for _ in range(deep)))


def _table(own: Resolved, slots: Slots, given: Given) -> Given:
    """The expected row of a table of visual embeddings, for each block of merged patches."""
    merge, width = whole(slots["encoder"], "merge_size") or 1, given[0].width
    reads, made = whole(own, "in_dim"), int(width) * merge**2 if width.isdecimal() else None
    if reads and made and reads != made:
        message = f"the head reads {reads:,} channels, {merge}×{merge} patches of {int(width):,} are {made:,}"
        beside = (("encoder", "dim", f"{int(width):,} channels a patch"), ("encoder", "merge_size", f"{merge} a side"))
        mend = "correct `in_dim`, or the encoder"
        raise UnfitError(Fault(own.slot, "in_dim", message, "", beside, mend, f"expected {made:,}"))
    each = f"{given[0].each} / {merge**2}" if merge > 1 and given[0].each else given[0].each
    return (Tensor("visual", ("V", size(value(own, "dim"))), each=each),)


def _same(_own: Resolved, _slots: Slots, given: Given) -> Given:
    return given


def _joint(own: Resolved, slots: Slots, given: Given) -> Given:
    if given[0].form != "vectors":
        message = f"two towers are compared by one vector an image, but `features` hands on {given[0]}, all its tokens"
        raise UnfitError(
            Fault(
                "encoder",
                "features",
                message,
                "t() expects a tensor with <= 2 dimensions, but self is 3D",
                ((own.slot, "", f"`{own.kind.name}` takes {_like(slots)}"),),
                "write pooled",
            )
        )
    dim = size(value(own, "dim"))
    return tuple(Tensor("vectors", (tensor.axes[0], dim), each="1") for tensor in given)


def _like(slots: Slots) -> str:
    return f"(N, {size(value(slots['encoder'], 'dim'))})"


def _contrastive(own: Resolved, _slots: Slots, given: Given) -> Given:
    if len(given) < 2:
        message = "images are compared with texts, but there is no text encoder"
        raise UnfitError(
            Fault(own.slot, "", message, "", (), "add a section `## Text encoder`, or choose another fusion")
        )
    return (Tensor("pairs", ("N", "B")),)


def _splice(own: Resolved, slots: Slots, given: Given) -> Given:
    """Visual tokens take places of the sequence; its width is theirs."""
    if "language_model" not in slots:
        message = f"`{own.kind.name}` puts visual tokens into a language model's sequence, and there is none"
        raise UnfitError(
            Fault(own.slot, "", message, "", (), "add a section `## Language model`, or choose another fusion")
        )
    if given[0].form == "stacked":
        count = len(given) - 1
        message = f"the alignment hands on features of {count} earlier blocks too, which a `splice` adds nowhere"
        beside = (("encoder", "taps", f"{count} blocks are tapped"),)
        raise UnfitError(Fault(own.slot, "", message, "", beside, "choose DeepStack, or tap no block (`taps` none)"))
    return (Tensor("hidden", ("B", "T", _width_behind(slots))),)


def _deepstack(own: Resolved, slots: Slots, given: Given) -> Given:
    if given[0].form != "stacked":
        kind = slots["alignment"].kind.name if "alignment" in slots else "alignment"
        message = f"DeepStack adds features of earlier blocks, but `{kind}` hands on the last alone"
        raise UnfitError(Fault(own.slot, "", message, "", (("alignment", "", f"`{kind}`"),), "choose a token splice"))
    return (Tensor("hidden", ("B", "T", _width_behind(slots))),)


def _sequence(_own: Resolved, slots: Slots, _given: Given) -> Given:
    """The language model's own sequence, whether visual tokens stand in it or are asked from it."""
    return (Tensor("hidden", ("B", "T", _width_behind(slots))),)


def _decoder(own: Resolved, slots: Slots, given: Given) -> Given:
    if given[0].form != "hidden":
        where = f"`{slots['fusion'].kind.name}`"
        message = f"the language model reads a sequence (B, T, D), but {where} gives {given[0]}"
        raise UnfitError(Fault("fusion", "", message, "", (), "choose a fusion that ends in a sequence"))
    if value(own, "mrope_sections") and slots["encoder"].kind.generated and slots["encoder"].kind.name != "native_vit":
        kind = f"`{slots['encoder'].kind.name}`"
        message = f"positions on several axes are read from the images' grids, and {kind} hands on none"
        beside = (("encoder", "", "every image becomes the same square"),)
        mend = "write none, or choose an encoder at native resolution"
        raise UnfitError(Fault(own.slot, "mrope_sections", message, "", beside, mend))
    return (Tensor("logits", ("B", "T", size(value(own, "vocab_size")))),)


def _width_behind(slots: Slots) -> str:
    language = slots.get("language_model")
    return size(value(language, "dim")) if language else UNKNOWN


def _pooled(own: Resolved, seen: Tensor, becomes: str) -> Fault:
    message = f"`{own.kind.name}` reads a token a patch, but `features` hands it {seen}, one vector an image"
    beside = ((own.slot, "", f"`{own.kind.name}`"),)
    return Fault("encoder", "features", message, becomes, beside, "write patches or tokens")


def _ragged(own: Resolved, slots: Slots, becomes: str) -> Fault:
    encoder = f"`{slots['encoder'].kind.name}`"
    takes = f"`{own.kind.name}` takes images of one size, (N, P, D)"
    message = f"{takes}, but {encoder} packs the patches of all images, (P, D)"
    mend = "choose the patch merger, or an encoder of one size"
    return Fault(own.slot, "", message, becomes, (("encoder", "", encoder),), mend)


SIGNATURES: Mapping[tuple[str, str], Signature] = {
    ("encoder", "vit"): _vit,
    ("encoder", "native_vit"): _native_vit,
    ("encoder", "patch_embedding"): _square,
    ("encoder", "hybrid"): _square,
    ("encoder", "nfnet"): _square,
    ("encoder", "raw_patches"): _own_size,
    ("encoder", "aspect_vit"): _own_size,
    ("text_encoder", "text_transformer"): _text,
    ("alignment", "linear"): _projection,
    ("alignment", "mlp"): _projection,
    ("alignment", "hybrid_projector"): _projection,
    ("alignment", "q_former"): _queries,
    ("alignment", "perceiver_resampler"): _queries,
    ("alignment", "spatial_resampler"): _queries,
    ("alignment", "patch_merger"): _patch_merger,
    ("alignment", "visual_embedding_table"): _table,
    ("alignment", "none"): _same,
    ("alignment", "joint_projection"): _joint,
    ("fusion", "splice"): _splice,
    ("fusion", "deepstack"): _deepstack,
    ("fusion", "contrastive"): _contrastive,
    ("fusion", "gated_cross_attention"): _sequence,
    ("fusion", "modality_experts"): _sequence,
    ("language_model", "llama"): _decoder,
    ("language_model", "opt"): _decoder,
    ("language_model", "chinchilla"): _decoder,
    ("language_model", "mpt"): _decoder,
    ("language_model", "persimmon"): _decoder,
    ("language_model", "multiway"): _decoder,
}
"""Kinds whose tensors are known; behind any other nothing is said."""
