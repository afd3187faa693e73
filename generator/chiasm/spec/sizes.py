"""How an image is read: a budget's kind, its neighbours and the image's own size in, what the encoder sees out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from chiasm.spec.tensors import Slots
from chiasm.spec.work import Seen, whole

MAX_ASPECT = 200
"""Longer images are refused, as the released processors do."""


def _square(slots: Slots, height: int, width: int) -> tuple[int, int]:
    """Whatever the image, the encoder's own square; an encoder that has none reads it as it is."""
    encoder = slots.get("encoder")
    side = encoder.get("image_size") if encoder and "image_size" in encoder.kind.fields else None
    return (side, side) if isinstance(side, int) else (height, width)


def _rounded(slots: Slots, height: int, width: int) -> tuple[int, int]:
    """Both sides rounded to the factor, the area kept between the bounds."""
    factor, least, most = whole(slots["budget"], "factor", "min_pixels", "max_pixels")
    if max(height, width) > MAX_ASPECT * min(height, width):
        raise ValueError(f"an image of {width} × {height} px is more than {MAX_ASPECT} times as long as wide")
    sides = [round(side / factor) * factor for side in (height, width)]
    if math.prod(sides) > most:
        shrink = math.sqrt(height * width / most)
        sides = [max(factor, math.floor(side / shrink / factor) * factor) for side in (height, width)]
    elif math.prod(sides) < least:
        grow = math.sqrt(least / (height * width))
        sides = [math.ceil(side * grow / factor) * factor for side in (height, width)]
    return sides[0], sides[1]


def _fitted(slots: Slots, height: int, width: int) -> tuple[int, int]:
    """Shrunk, its proportions kept, until it fits."""
    tall, wide = whole(slots["budget"], "max_height", "max_width")
    if height <= tall and width <= wide:
        return height, width
    scale = min(tall / height, wide / width)
    return int(height * scale), int(width * scale)


READ: Mapping[str, Callable[[Slots, int, int], tuple[int, int]]] = {"dynamic": _rounded, "raster": _fitted}
"""By the budget's kind: height and width of an image in px to those at which it is read; others read a square."""


def seen(slots: Slots, height: int, width: int, *, frames: int = 1, tiles: int = 0) -> tuple[Seen, ...]:
    """What the encoder sees of an image of that size, of a video of so many frames, of an image cut into tiles.

    Raises ValueError for a size that the budget refuses, and for frames or tiles of a system that has none.
    """
    budget, encoder = slots.get("budget"), slots.get("encoder")
    kind = budget.kind.name if budget else ""
    tall, wide = READ.get(kind, _square)(slots, height, width)
    if frames > 1:
        if encoder is None or "temporal_patch_size" not in encoder.kind.fields:
            raise ValueError("frames are not described: its encoder reads still images")
        (together,) = whole(encoder, "temporal_patch_size")
        return (Seen(-(-frames // together), tall, wide),)
    if tiles and kind != "tiles":
        raise ValueError("tiles are not described: its budget does not cut images")
    if budget and kind == "tiles":
        return (Seen(1, tall, wide),) * (tiles + bool(budget.get("thumbnail")))
    return (Seen(1, tall, wide),)
