"""Compares what variants cost and what a user's pipeline hands them: two variants in, figures that differ out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chiasm.diffing.change import FigureChange, Seen
from chiasm.measuring.analytic import figures
from chiasm.measuring.figure import QUANTITIES, Figure
from chiasm.measuring.inputs import Inputs, setting
from chiasm.spec.plain import stated

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, VariantSpec

Pair = tuple["VariantSpec", "VariantSpec"]
"""A variant of both states."""

SEEN: Mapping[tuple[str, str], str] = {
    ("encoder", "image_size"): "side of an image, px",
    ("encoder", "patch_size"): "side of a patch, px",
    ("encoder", "channels"): "channels of an image",
    ("encoder", "merge_size"): "patches merged a side",
    ("encoder", "temporal_patch_size"): "frames a patch",
    ("preprocessing", "resize"): "how an image is resized",
    ("preprocessing", "resample"): "interpolation",
    ("preprocessing", "rescale"): "factor on 0…255",
    ("preprocessing", "mean"): "mean, subtracted",
    ("preprocessing", "std"): "std, divided by",
    ("budget", "image_tokens"): "placeholders an image",
    ("budget", "vision_tokens"): "vectors an image",
    ("budget", "factor"): "px a side of a visual token",
    ("budget", "min_pixels"): "least pixels of an image",
    ("budget", "max_pixels"): "most pixels of an image",
    ("budget", "max_tiles"): "most tiles of an image",
    ("fusion", "image_token"): "placeholder's id",
    ("fusion", "video_token"): "video placeholder's id",
    ("prompt", "template"): "chat template",
    ("prompt", "image"): "text that stands for an image",
    ("prompt", "placeholder"): "placeholder",
    ("prompt", "images_first"): "visual tokens come first",
    ("prompt", "add_special_tokens"): "tokenizer adds its begin token",
    ("prompt", "pad_to"): "texts are padded to",
    ("text_encoder", "context"): "most tokens of a text",
    ("language_model", "context"): "positions of a sequence",
    ("language_model", "vocab_size"): "rows of the token table",
    ("language_model", "bos_token"): "begin token's id",
    ("language_model", "eos_token"): "end token's id",
    ("language_model", "pad_token"): "padding token's id",
}
"""What a user's pipeline hands in or reads off, in words."""


def costs(old: ModelSpec, new: ModelSpec, pairs: Sequence[Pair]) -> tuple[FigureChange, ...]:
    """Every figure that differs, counted for what the variant itself suggests."""
    found: list[FigureChange] = []
    for was, now in pairs:
        before, after = _counted(old, was), _counted(new, now)
        for key in dict.fromkeys((*after, *before)):
            found += _figure(now.key, before.get(key), after.get(key))
    return tuple(found)


def whole(spec: ModelSpec, variant: VariantSpec) -> tuple[FigureChange, ...]:
    """What a variant that only one state has costs: the quantities that stand for it."""
    chosen = _counted(spec, variant)
    return tuple(one for figure in chosen.values() for one in _figure(variant.key, None, figure))


def _figure(key: str, was: Figure | None, now: Figure | None) -> Iterator[FigureChange]:
    one = now or was
    before, after = (side.analytic if side else None for side in (was, now))
    if one and before != after:
        yield FigureChange(key, one.quantity, one.scope, one.unit, before, after, one.detail)


def _counted(spec: ModelSpec, variant: VariantSpec) -> dict[tuple[str, str], Figure]:
    """Figures by quantity and scope; none where the page does not say enough to count for an image of its own size."""
    try:
        made = figures(spec, variant, setting(variant, Inputs()), tuple(QUANTITIES))
    except (ValueError, ZeroDivisionError):
        return {}
    return {(one.quantity, one.scope): one for one in made}


def pipeline(pairs: Sequence[Pair]) -> tuple[Seen, ...]:
    """What a pipeline sees differently."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for was, now in pairs:
        for one in _seen(was, now):
            groups.setdefault((one.what, one.old, one.new), []).extend(one.variants)
    return tuple(Seen(tuple(keys), *key) for key, keys in groups.items())


def _seen(was: VariantSpec, now: VariantSpec) -> Iterator[Seen]:
    for key, what in SEEN.items():
        before, after = (_value(variant, key) for variant in (was, now))
        if before != after:
            yield Seen((now.key,), what, before, after)


def _value(variant: VariantSpec, key: tuple[str, str]) -> str:
    entry = variant.entries.get(key)
    return stated(entry).rpartition(" = ")[2] if entry else "–"
