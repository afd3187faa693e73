"""DeepStack: a token splice, and features of earlier encoder blocks added at the same places after the first layers.

Shapes: B batch, T tokens, V visual tokens of all images, L taps, D width. Source: Qwen3-VL, arXiv:2511.21631 §2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .ops import splice


class DeepStack(nn.Module):
    """Splices the visual tokens in, then adds tap i to them after language-model layer i."""

    def __init__(self, *, layers: int) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x_BTD: Tensor, visual_VD: Tensor, where_BT: Tensor) -> Tensor:
        """Replace the embeddings of placeholders (where_BT True, read row after row) by the V visual tokens."""
        return splice(x_BTD, visual_VD, where_BT)

    def after(self, layer: int, x_BTD: Tensor, deep_LVD: Sequence[Tensor], where_BT: Tensor) -> Tensor:
        """Add tap `layer` to the visual tokens; layers beyond the last tap pass through unchanged."""
        if layer >= self.layers:
            return x_BTD
        return x_BTD + splice(torch.zeros_like(x_BTD), deep_LVD[layer], where_BT)
