"""MLP projection: the encoder's patches into the language model's width by two layers.

Shapes: N images, P patches, D width. Source: LLaVA-1.5, arXiv:2310.03744.
"""

from __future__ import annotations

from torch import Tensor, nn

from . import ops
from .layers import Linear


class MLPProjector(nn.Module):
    """One visual token a patch; both layers are as wide as the language model."""

    def __init__(self, *, in_dim: int, out_dim: int, activation: str, bias: bool) -> None:
        super().__init__()
        ops.activation(activation)  # one that is known
        self.activation = activation
        self.up = Linear(in_dim, out_dim, bias=bias)
        self.down = Linear(out_dim, out_dim, bias=bias)

    def forward(self, x_NPD: Tensor) -> Tensor:
        """(N, P, in_dim) → (N, P, out_dim)."""
        y_NPD: Tensor = self.down(ops.activate(self.up(x_NPD), self.activation))
        return y_NPD
