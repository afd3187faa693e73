"""Where tokens stand: positions from a mask and from image grids, and the packing of ragged rows into one.

Shapes: B batch, T tokens of a row, N tokens that are not padding, I images, A position axes, D width. Nothing here
reads a device: masks are inspected on the host only.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .layers import Segments
from .ops import IGNORED


def sequential(attention_mask: Tensor | None, like_BT: Tensor) -> Tensor:
    """0, 1, 2 … along every row, padding not counted and itself at -1: (1,B,T), for rows as long as those of `like`."""
    if attention_mask is None:
        return torch.arange(like_BT.shape[1], device=like_BT.device).expand(1, *like_BT.shape)
    real_BT = attention_mask.long()
    return (real_BT.cumsum(-1) * real_BT - 1).to(like_BT.device)[None]


class Packing(NamedTuple):
    """Ragged rows (B,T) laid end to end in one row (1,N), padding left out."""

    order: Tensor
    """(N) place of each token in the flattened (B·T)."""
    rows: Tensor
    """(N) row it comes from."""
    places: Tensor
    """(N) number in that row, padding not counted."""
    segments: Segments
    shape: tuple[int, int]
    """B, T"""

    def pack(self, x_BT: Tensor) -> Tensor:
        """(B,T,…) to (1,N,…)."""
        return x_BT.flatten(0, 1)[self.order][None]

    def locate(self, read_R: Tensor) -> tuple[Tensor, Tensor]:
        """Where places of the flattened (B·T) are in (1,N): (R); and which of them are, (R,1): padding is nowhere."""
        at_R = torch.searchsorted(self.order, read_R.contiguous()).clamp_max(len(self.order) - 1)
        return at_R, (self.order[at_R] == read_R)[:, None]

    def unpack(self, x_1N: Tensor) -> Tensor:
        """(1,N,…) to (B,T,…), zero at padding."""
        rows, tokens = self.shape
        out = x_1N.new_zeros(rows * tokens, *x_1N.shape[2:])
        return out.index_copy(0, self.order, x_1N[0]).unflatten(0, (rows, tokens))


def labelled(labels_M: Tensor) -> Tensor | None:
    """Places (R) of what is learned from; None where that is not read: on a device, or while compiling."""
    if labels_M.device.type != "cpu" or torch.compiler.is_compiling():
        return None
    return (labels_M != IGNORED).nonzero().squeeze(1)


def layout(
    attention_mask: Tensor | None, device: torch.device, *, labels: Tensor | None = None
) -> tuple[Packing | None, Tensor | None]:
    """How to run rows (B,T) under their mask: packed, or under a boolean mask (B,1,T,T), or as they are (None, None).

    A mask on the host is read for free: where nothing is padding there is nothing to do, else padding is left out. One
    on a device would stop it, and a compiler cannot look at either: there the mask itself goes into attention. So it
    does where a row's first token has a label: it is predicted from the padding before it, which therefore has to run.
    """
    if attention_mask is None:
        return None, None
    if attention_mask.device.type != "cpu" or torch.compiler.is_compiling():
        return None, _causal_mask(attention_mask.to(device).bool())
    real_BT = attention_mask.bool()
    if bool(real_BT.all()):
        return None, None
    if labels is not None and _learns_from_padding(real_BT, labels):
        return None, _causal_mask(real_BT.to(device))
    return _pack(real_BT, device), None


def _learns_from_padding(real_BT: Tensor, labels_BT: Tensor) -> bool:
    """Some labelled token comes right behind padding; labels on a device are not read, but taken to be there."""
    first_BT = real_BT[:, 1:] & ~real_BT[:, :-1]
    if labels_BT.device.type == "cpu":
        first_BT = first_BT & (labels_BT[:, 1:] != IGNORED)
    return bool(first_BT.any())


def _pack(real_BT: Tensor, device: torch.device) -> Packing:
    lengths_B = real_BT.sum(-1)
    offsets = torch.zeros(len(lengths_B) + 1, dtype=torch.int32)
    offsets[1:] = lengths_B.cumsum(0)
    rows_N, columns_N = real_BT.nonzero(as_tuple=True)
    places_N = (real_BT.cumsum(-1) - 1)[real_BT]
    tensors = (rows_N * real_BT.shape[1] + columns_N, rows_N, places_N, offsets)
    order_N, rows_N, places_N, offsets = (x.to(device, non_blocking=True) for x in tensors)
    segments = Segments(offsets, int(lengths_B.max()))
    return Packing(order_N, rows_N, places_N, segments, (real_BT.shape[0], real_BT.shape[1]))


def _causal_mask(real_BT: Tensor) -> Tensor:
    """Which token may look at which: (B,1,T,T). Leading padding looks at nothing, and attention gives it zeros."""
    tokens = real_BT.shape[1]
    square_TT = torch.ones(tokens, tokens, dtype=torch.bool, device=real_BT.device)
    return real_BT[:, None, None, :] & square_TT.tril()
