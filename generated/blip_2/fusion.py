"""Token splice: visual tokens take the places of placeholder tokens in the text.

Shapes: B batch, T tokens, V visual tokens of all images, D width.
"""

from __future__ import annotations

from torch import Tensor, nn

from .ops import splice


class Splice(nn.Module):
    """Puts the visual tokens, in order, where the placeholders stand; causal attention does the rest."""

    def forward(self, x_BTD: Tensor, visual: Tensor, where_BT: Tensor) -> Tensor:
        """Replace embeddings.

        Args:
            x_BTD: token embeddings, placeholders included.
            visual: (V, D) or (N, V / N, D): the visual tokens of all images, in the order of their placeholders.
            where_BT: True at placeholders, read row after row; as many as visual tokens.

        Returns:
            (B, T, D), a new tensor.
        """
        return splice(x_BTD, visual.flatten(0, -2), where_BT)
