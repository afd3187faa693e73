"""Checks what a caller hands in, where that costs nothing: shapes always, values only on the host.

Shapes: B batch, T tokens. Values on a device would have to be waited for, and a compiler cannot look at any: both are
taken as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def readable(tensor: Tensor) -> bool:
    """Its values can be looked at for free."""
    return tensor.device.type == "cpu" and not torch.compiler.is_compiling()


def check_text(ids: Tensor, mask: Tensor | None, *, vocab_size: int, context: int, also: int | None = None) -> None:
    """Ids (B,T) must be rows of the token table (or the id `also`), T within the context, the mask of their shape.

    Raises:
        ValueError: with the row, the place and both numbers.
    """
    if ids.ndim != 2 or ids.is_floating_point():
        raise ValueError(f"input_ids are {ids.dtype} {tuple(ids.shape)}, expected integers (batch, tokens)")
    if ids.shape[1] > context:
        raise ValueError(f"a sequence of {ids.shape[1]} tokens is longer than the context of {context}")
    if mask is not None and mask.shape != ids.shape:
        raise ValueError(f"attention_mask has the shape {tuple(mask.shape)}, input_ids {tuple(ids.shape)}")
    if not readable(ids):
        return
    outside = (ids < 0) | (ids >= vocab_size)
    if also is not None:
        outside &= ids != also
    if bool(outside.any()):
        row, place = (int(i) for i in outside.nonzero()[0])
        raise ValueError(
            f"row {row} has id {int(ids[row, place])} at place {place}, the table has ids below {vocab_size}"
        )


def check_images(pixel_values: Tensor, *, values: bool = False) -> None:
    """Pixels must be normalised floats; with `values` also finite, wherever they are.

    Raises:
        ValueError: with the type, or the number of values that are not finite.
    """
    if not pixel_values.is_floating_point():
        raise ValueError(
            f"pixel_values are {pixel_values.dtype}, expected normalised floats as the processor makes them"
        )
    if values and not bool(pixel_values.isfinite().all()):
        raise ValueError(
            f"{int((~pixel_values.isfinite()).sum())} of {pixel_values.numel()} pixel values are not finite"
        )


def placeholders(ids: Tensor, token: int | None) -> Tensor:
    """Where ids (B,T) are the placeholder `token`: (B,T).

    Raises:
        ValueError: there is no such token.
    """
    if token is None:
        raise ValueError("the configuration names no image token: ids cannot say where an image stands")
    return ids == token


def check_placeholders(where: Tensor, sizes: Sequence[int]) -> None:
    """Each row's placeholders, true in `where` (B,T), must be as many as the visual tokens of its images.

    Images belong to rows in reading order; `sizes` are their visual tokens, none where no images came.

    Raises:
        ValueError: with the row and both numbers.
    """
    if not readable(where):
        return
    image = 0
    for row, count in enumerate(where.sum(-1).tolist()):
        first, tokens = image, 0
        while tokens < count and image < len(sizes):
            tokens += sizes[image]
            image += 1
        if tokens != count:
            images = (
                f"{image - first} image{'s' * (image - first != 1)} with {tokens} visual tokens"
                if sizes
                else "no image"
            )
            raise ValueError(f"row {row} has {count} image placeholders, but {images}")
    if image < len(sizes):
        total, spare = sum(sizes), sum(sizes[image:])
        raise ValueError(
            f"{len(sizes)} images have {total} visual tokens, but the rows have {total - spare} image placeholders"
        )
