"""Patch merger: each block of merge × merge neighbouring patches becomes one visual token.

Shapes: P patches of all images (block by block), V = P / merge² visual tokens, L taps, D width.
Source: Qwen3-VL, arXiv:2511.21631 §2.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from .layers import LayerNorm, Linear
from .ops import activate


class Visual(NamedTuple):
    """What the language model reads: tokens (V, D), and for its first layers deep (L, V, D)."""

    tokens: Tensor
    deep: Tensor


class Tapped(Protocol):
    """What the encoder hands over: last (P, D) and taps (L, P, D)."""

    @property
    def last(self) -> Tensor:
        """(P, D)."""

    @property
    def taps(self) -> Tensor:
        """(L, P, D)."""


class PatchMerger(nn.Module):
    """One merger for the encoder's last block, and one a tap (DeepStack)."""

    def __init__(
        self, *, in_dim: int, out_dim: int, merge_size: int, taps: int, activation: str, norm_eps: float
    ) -> None:
        super().__init__()
        shape = {"merged_dim": in_dim * merge_size**2, "out_dim": out_dim, "activation": activation}
        self.merger = Merger(norm_dim=in_dim, norm_eps=norm_eps, **shape)
        # The taps are normalised after the patches of a block are concatenated, the last block's output before.
        self.deep = nn.ModuleList(
            Merger(norm_dim=in_dim * merge_size**2, norm_eps=norm_eps, **shape) for _ in range(taps)
        )

    def forward(self, features: Tapped) -> Visual:
        """Features of P patches → tokens (V, out_dim) and deep (L, V, out_dim), L may be 0."""
        tokens_VD: Tensor = self.merger(features.last)
        deep = [merger(tap_PD) for merger, tap_PD in zip(self.deep, features.taps.unbind(), strict=True)]
        return Visual(tokens_VD, torch.stack(deep) if deep else tokens_VD[None, :0].expand(0, -1, -1))
