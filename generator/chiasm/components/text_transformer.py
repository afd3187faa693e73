"""A text tower of a contrastive pair: token ids in, one vector a text out.

Shapes: B texts, T tokens, D width. Sources: CLIP, arXiv:2103.00020; SigLIP, arXiv:2303.15343.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import Block, Context, Embedding, LayerNorm

LARGEST_ID = 2
"""The eos_token of early CLIP configurations: the text ends where its largest id is."""


class TextTransformer(nn.Module):
    """Pools the output at the end-of-text token (CLIP) or at the last position, padding or not (SigLIP)."""

    def __init__(
        self,
        *,
        vocab_size: int,
        context: int,
        dim: int,
        layers: int,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        causal: bool,
        pooling: str,
        eos_token: int,
    ) -> None:
        super().__init__()
        if pooling not in {"end_of_text", "last"}:
            raise ValueError(f"pooling is {pooling!r}, expected 'end_of_text' or 'last'")
        self.context = context
        self.causal = causal
        self.pooling = pooling
        self.eos_token = eos_token
        self.embedding = Embedding(vocab_size, dim)
        self.positions = nn.Parameter(torch.empty(context, dim))
        self.blocks = nn.ModuleList(
            Block(dim, heads=heads, mlp_dim=mlp_dim, activation=activation, norm_eps=norm_eps, causal=causal)
            for _ in range(layers)
        )
        self.norm = LayerNorm(dim, eps=norm_eps)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Encode texts.

        Args:
            input_ids: (B, T), T at most the context.
            attention_mask: (B, T), 1 at real tokens, padding on either side; None when all are real.

        Returns:
            (B, D), not normalised to length.

        Raises:
            ValueError: a text longer than the context.
        """
        length = input_ids.shape[1]
        if length > self.context:
            raise ValueError(f"texts are {length} tokens, the context is {self.context}")
        x_BTD: Tensor = self.embedding(input_ids) + self.positions[:length]
        context = Context(mask=self._mask(attention_mask))
        for index, block in enumerate(self.blocks, start=1):
            if index == len(self.blocks):
                # What follows the last attention is a token's own affair: one token is looked at.
                starts_B = torch.arange(0, input_ids.numel(), length, device=x_BTD.device)
                context = context._replace(read=starts_B + self._end(input_ids))
            x_BTD = block(x_BTD, context)
        pooled_BD: Tensor = self.norm(x_BTD[0])
        return pooled_BD

    def _mask(self, attention_mask: Tensor | None) -> Tensor | None:
        """(B, 1, T, T), True where a token reads another; None where no mask is needed."""
        if attention_mask is None:
            return None
        real_BT = attention_mask.bool()
        # A mask on the host costs nothing to look at; one on the device would stop it.
        if real_BT.device.type == "cpu" and not torch.compiler.is_compiling() and bool(real_BT.all()):
            return None
        length = real_BT.shape[1]
        mask_BTT = real_BT[:, None, :].expand(-1, length, -1)
        if self.causal:
            mask_BTT = mask_BTT.tril()
        # Padding reads itself: a softmax over nothing would be NaN and spread through its zero weights.
        return (mask_BTT | torch.eye(length, dtype=torch.bool, device=real_BT.device))[:, None]

    def _end(self, input_ids: Tensor) -> Tensor:
        """(B,): the position that stands for each text."""
        if self.pooling == "last":
            return torch.full_like(input_ids[:, 0], input_ids.shape[1] - 1)
        if self.eos_token == LARGEST_ID:
            return input_ids.argmax(-1)
        # The first one: padding may be the same token.
        return (input_ids == self.eos_token).int().argmax(-1)
