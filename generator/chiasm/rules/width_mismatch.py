"""Widths, heads or layers that cannot fit together.

Each would become an exception when the model is built or run; here it is found at the cell that makes it.

Bad:

```markdown
| dim | 1024 | [@radford2021clip] Table 20 |
| heads | 15 | [@radford2021clip] Table 20 |
```

Good:

```markdown
| dim | 1024 | [@radford2021clip] Table 20 |
| heads | 16 | [@radford2021clip] Table 20 |
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isqrt

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.spec.model import ModelSpec, Plain, Resolved, VariantSpec

ID = "width-mismatch"


def check_spec(_: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a cell."""
    for variant in spec.variants:
        for slot in variant.slots.values():
            yield from _heads(slot)
            yield from _layers(slot)
            yield from _rotary(slot)
        yield from _between(variant)


def _heads(slot: Resolved) -> Iterator[Diagnostic]:
    dim, heads, groups = (_number(slot, name) for name in ("dim", "heads", "kv_heads"))
    if dim and heads and not _number(slot, "head_dim") and dim % heads:
        yield _wrong(
            slot,
            "heads",
            f"a width of {dim:,} cannot be split into {heads} heads",
            "dim",
            f"{dim:,} / {heads} = {dim / heads:.2f}",
        )
    if heads and groups and heads % groups:
        yield _wrong(
            slot,
            "kv_heads",
            f"{heads} query heads cannot share {groups} key/value heads",
            "heads",
            f"{heads} / {groups} = {heads / groups:.2f}",
        )
    image, patch = _number(slot, "image_size"), _number(slot, "patch_size")
    if image and patch and patch > image:
        yield _wrong(slot, "patch_size", f"a patch of {patch} px is larger than the image", "image_size", f"{image} px")


def _layers(slot: Resolved) -> Iterator[Diagnostic]:
    layers, chosen, taps = _number(slot, "layers"), slot_value(slot, "feature_layer"), slot_value(slot, "taps")
    if layers and isinstance(chosen, int) and not -layers - 1 <= chosen <= layers:
        yield _wrong(slot, "feature_layer", f"there is no block {chosen} of {layers}", "layers", f"{layers} blocks")
    if layers and isinstance(taps, tuple):
        beyond = [tap for tap in taps if isinstance(tap, int) and tap >= layers]
        if beyond:
            yield _wrong(
                slot,
                "taps",
                f"block {beyond[0]} is tapped, the last one is {layers - 1}",
                "layers",
                f"{layers} blocks, from 0",
            )
        if any(isinstance(a, int) and isinstance(b, int) and a >= b for a, b in pairwise(taps)):
            yield _wrong(slot, "taps", "taps are in ascending order, each once", "layers", f"{layers} blocks")
    positions = _number(slot, "positions")
    if slot.kind.name == "native_vit" and positions and isqrt(positions) ** 2 != positions:
        yield _wrong(
            slot,
            "positions",
            f"{positions:,} learned positions are no square",
            "positions",
            f"{isqrt(positions)}² = {isqrt(positions) ** 2:,}",
        )


def _rotary(slot: Resolved) -> Iterator[Diagnostic]:
    width, sections = _number(slot, "head_dim"), slot_value(slot, "mrope_sections")
    if width and width % 2:
        yield _wrong(
            slot, "head_dim", f"a rotary head is even, not {width}", "head_dim", "channels are rotated in pairs"
        )
    if width and isinstance(sections, tuple) and sections:
        total = sum(item for item in sections if isinstance(item, int))
        if 2 * total != width:
            yield _wrong(
                slot,
                "mrope_sections",
                f"the sections cover {2 * total} of {width} channels",
                "head_dim",
                f"2 × {total} ≠ {width}",
            )
    dim, heads = _number(slot, "dim"), _number(slot, "heads")
    if slot.kind.name == "native_vit" and dim and heads and dim % heads == 0 and (dim // heads) % 4:
        yield _wrong(
            slot,
            "heads",
            f"heads of {dim // heads} channels cannot be rotated in two directions",
            "dim",
            "a multiple of 4 is needed",
        )


def _between(variant: VariantSpec) -> Iterator[Diagnostic]:
    encoder, budget, fusion, language = (
        variant.slots.get(slot) for slot in ("encoder", "budget", "fusion", "language_model")
    )
    if (
        encoder
        and encoder.kind.name == "vit"
        and slot_value(encoder, "features") == "pooled"
        and not (slot_value(encoder, "class_token") or slot_value(encoder, "attention_pooling"))
    ):
        yield _wrong(
            encoder, "features", "nothing is pooled: no class token and no pooling head", "class_token", "false"
        )
    if encoder and budget and budget.kind.name == "dynamic" and encoder.kind.name == "native_vit":
        patch, merge, factor = _number(encoder, "patch_size"), _number(encoder, "merge_size"), _number(budget, "factor")
        if patch and merge and factor and factor != patch * merge:
            yield _wrong(
                budget,
                "factor",
                f"sides are rounded to {factor} px, but {merge} patches of {patch} px are {patch * merge}",
                "factor",
                f"expected {patch * merge}",
            )
    if encoder and fusion and language and fusion.kind.name == "deepstack":
        yield from _deepstack(encoder, fusion, language)


def _deepstack(encoder: Resolved, fusion: Resolved, language: Resolved) -> Iterator[Diagnostic]:
    """As many layers receive features as blocks are tapped, and there are that many layers."""
    taps, layers = slot_value(encoder, "taps"), _number(language, "layers")
    wanted = _number(fusion, "layers")
    if isinstance(taps, tuple) and wanted is not None and wanted != len(taps):
        yield _wrong(
            fusion,
            "layers",
            f"{wanted} layers receive features, but {len(taps)} blocks are tapped",
            "layers",
            f"expected {len(taps)}",
        )
    if isinstance(taps, tuple) and layers and len(taps) > layers:
        yield _wrong(
            encoder,
            "taps",
            f"{len(taps)} taps for a language model of {layers} layers",
            "taps",
            f"at most {layers}",
        )


def slot_value(slot: Resolved, name: str) -> Plain:
    """A field's value; None where the kind has no such field."""
    return slot.get(name) if name in slot.kind.fields else None


def _number(slot: Resolved, name: str) -> int | None:
    value = slot_value(slot, name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _wrong(slot: Resolved, name: str, message: str, other: str, text: str) -> Diagnostic:
    entry, beside = slot.entry(name), slot.entry(other)
    labels = (Label(beside.span, text),) if beside.span and other != name else ()
    return Diagnostic(
        ID,
        message,
        entry.span or slot.span,
        mark=text if other == name else "",
        labels=labels,
        help=f"correct `{name}` or `{other}`" if other != name else f"correct `{name}`",
    )
