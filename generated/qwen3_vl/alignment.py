"""Patch merger: each block of merge × merge neighbouring patches becomes one visual token.

Shapes: P patches of all images (block by block), V = P / merge² visual tokens, L taps, D width.
Source: Qwen3-VL, arXiv:2511.21631 §2.
"""

from __future__ import annotations

from torch import Tensor, nn

from . import ops
from .layers import Features, LayerNorm, Linear, Visual


class PatchMerger(nn.Module):
    """One merger for the encoder's last block, and one a tap (DeepStack)."""

    def __init__(
        self, *, in_dim: int, out_dim: int, merge_size: int, taps: int, activation: str, norm_eps: float
    ) -> None:
        super().__init__()
        block_dim = in_dim * merge_size**2
        self.merger = Merger(block_dim, out_dim, norm_dim=in_dim, activation=activation, norm_eps=norm_eps)
        # Taps are normalised after a block's patches are concatenated, the last output before.
        self.deep = nn.ModuleList(
            Merger(block_dim, out_dim, norm_dim=block_dim, activation=activation, norm_eps=norm_eps)
            for _ in range(taps)
        )

    def forward(self, features: Features) -> Visual:
        """Features of P patches → tokens (V, out_dim), and as much for each of the L taps."""
        deep = tuple(merger(tap_PD) for merger, tap_PD in zip(self.deep, features.taps, strict=True))
        return Visual(self.merger(features.last), deep)


class Merger(nn.Module):
    """LayerNorm, then two linear layers over the concatenated patches of a block.

    `norm_dim` says when to normalise: a patch's width before concatenating, a block's width after.
    """

    def __init__(self, block_dim: int, out_dim: int, *, norm_dim: int, activation: str, norm_eps: float) -> None:
        super().__init__()
        self.norm_dim, self.block_dim = norm_dim, block_dim
        ops.activation(activation)  # one that is known
        self.activation = activation
        self.norm = LayerNorm(norm_dim, eps=norm_eps)
        self.up = Linear(block_dim, block_dim, bias=True)
        self.down = Linear(block_dim, out_dim, bias=True)

    def forward(self, x_PD: Tensor) -> Tensor:
        """(P, D) patches, the merge² of a block in a row → (V, out_dim)."""
        # A block's patches lie next to each other, so concatenating them moves nothing.
        x_VD: Tensor = self.norm(x_PD.reshape(-1, self.norm_dim)).view(-1, self.block_dim)
        y_VD: Tensor = self.down(ops.activate(self.up(x_VD), self.activation))
        return y_VD
