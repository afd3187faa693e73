"""Linear projection: the encoder's patches into the language model's width by one layer.

Shapes: N images, P patches, D width. Source: LLaVA, arXiv:2304.08485.
"""

from __future__ import annotations

from torch import Tensor, nn

from .layers import Linear


class LinearProjector(nn.Module):
    """One visual token a patch."""

    def __init__(self, *, in_dim: int, out_dim: int, bias: bool) -> None:
        super().__init__()
        self.proj = Linear(in_dim, out_dim, bias=bias)

    def forward(self, x_NPD: Tensor) -> Tensor:
        """(N, P, in_dim) → (N, P, out_dim)."""
        y_NPD: Tensor = self.proj(x_NPD)
        return y_NPD
