"""Checks what a caller hands in, where that costs nothing: shapes always, values only on the host.

Shapes: B batch, T tokens. Values on a device would have to be waited for, and a compiler cannot look at any: both are
taken as they are. What does not fit raises ValueError with the row and both numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def readable(tensor: Tensor) -> bool:
    """Its values can be looked at for free."""
    return tensor.device.type == "cpu" and not torch.compiler.is_compiling()


def check_text(ids: Tensor, mask: Tensor | None, *, vocab_size: int, context: int, also: int | None = None) -> None:
    """Ids (B,T) must be rows of the token table (or the id `also`), T within the context, the mask of their shape."""
    if ids.ndim != 2 or ids.is_floating_point() or ids.dtype == torch.bool:
        raise ValueError(f"input_ids are {ids.dtype} {tuple(ids.shape)}, expected integers (batch, tokens)")
    if ids.shape[1] > context:
        raise ValueError(f"a sequence of {ids.shape[1]} tokens is longer than the context of {context}")
    if mask is not None and mask.shape != ids.shape:
        raise ValueError(f"attention_mask has the shape {tuple(mask.shape)}, input_ids {tuple(ids.shape)}")
    if mask is not None and readable(mask) and bool((wrong := (mask != 0) & (mask != 1)).any()):
        raise ValueError(f"attention_mask holds {mask[wrong][0].item()}, expected 1 at real tokens and 0 at padding")
    if not readable(ids):
        return
    outside = (ids < 0) | (ids >= vocab_size)
    if also is not None:
        outside &= ids != also
    if bool(outside.any()):
        row, place = (int(i) for i in outside.nonzero()[0])
        said = f"id {int(ids[row, place])} at place {place}"
        raise ValueError(f"row {row} has {said}, the table has ids below {vocab_size}")


def check_images(pixel_values: Tensor, *, values: bool = False) -> None:
    """Pixels must be normalised floats; with `values` also finite, wherever they are."""
    if not pixel_values.is_floating_point():
        raise ValueError(f"pixel_values are {pixel_values.dtype}, expected normalised floats as the processor makes")
    if pixel_values.shape[0] == 0:
        raise ValueError("pixel_values hold no image: None stands for none")
    if values and (wrong := int((~pixel_values.isfinite()).sum())):
        raise ValueError(f"{wrong} of {pixel_values.numel()} pixel values are not finite")


def placeholders(ids: Tensor, token: int | None) -> Tensor:
    """Where ids (B,T) are the placeholder `token`: (B,T)."""
    if token is None:
        raise ValueError("the configuration names no image token: ids cannot say where an image stands")
    return ids == token


def check_labels(labels: Tensor | None, ids: Tensor, *, vocab_size: int) -> None:
    """Labels must have the shape of ids (B,T), and be rows of the token table or -100."""
    if labels is None:
        return
    if labels.shape != ids.shape or labels.is_floating_point():
        raise ValueError(f"labels are {labels.dtype} {tuple(labels.shape)}, expected integers {tuple(ids.shape)}")
    if readable(labels) and bool((wrong := (labels != -100) & ((labels < 0) | (labels >= vocab_size))).any()):
        row, place = (int(i) for i in wrong.nonzero()[0])
        label = int(labels[row, place])
        raise ValueError(f"row {row} has label {label} at place {place}, expected ids below {vocab_size}, or -100")


def check_placeholders(where: Tensor, sizes: Sequence[int]) -> None:
    """Each row's placeholders, true in `where` (B,T), must be as many as the visual tokens of its images.

    Images belong to rows in reading order; `sizes` are their visual tokens, none where no images came.
    """
    if not readable(where):
        return
    left = list(sizes)
    for row, count in enumerate(where.sum(-1).tolist()):
        images = tokens = 0
        while tokens < count and left:
            tokens += left.pop(0)
            images += 1
        if tokens != count:
            said = f"{images} image{'s' * (images != 1)} with {tokens} visual tokens" if sizes else "no image"
            raise ValueError(f"row {row} has {count} image placeholders, but {said}")
    if left:
        total, known = sum(sizes), sum(sizes) - sum(left)
        raise ValueError(
            f"{len(sizes)} images have {total} visual tokens, but the rows have {known} image placeholders"
        )
