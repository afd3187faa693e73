"""Checks what a caller hands in, where that costs nothing: shapes always, values only on the host.

Shapes: B batch, T tokens. Values on a device would have to be waited for, and a compiler cannot look at any: both are
taken as they are. What does not fit raises ValueError with the row and both numbers.
"""

from __future__ import annotations

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
