"""Joint projection: both towers' pooled vectors into one space.

Shapes: N images, M texts, D width. Source: CLIP, arXiv:2103.00020.
"""

from __future__ import annotations

from torch import Tensor, nn

from .layers import Linear


class JointProjection(nn.Module):
    """One linear map a tower, without bias: the only thing the towers share is where they end."""

    def __init__(self, *, vision_dim: int, text_dim: int, dim: int) -> None:
        super().__init__()
        self.vision_proj = Linear(vision_dim, dim, bias=False)
        self.text_proj = Linear(text_dim, dim, bias=False)

    def vision(self, x_ND: Tensor) -> Tensor:
        """(N, vision_dim) pooled images → (N, dim), not normalised."""
        y_ND: Tensor = self.vision_proj(x_ND)
        return y_ND

    def text(self, x_MD: Tensor) -> Tensor:
        """(M, text_dim) pooled texts → (M, dim), not normalised."""
        y_MD: Tensor = self.text_proj(x_MD)
        return y_MD
