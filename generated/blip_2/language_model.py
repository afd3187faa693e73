"""OPT: a decoder with LayerNorm, learned positions, a plain MLP and biases everywhere.

Shapes: B batch, T tokens, D width, V vocabulary, A position axes (1).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from . import ops
from .layers import Block, Context, Embedding, LayerNorm, Linear, Segments, Slots

OFFSET = 2
"""Rows of the position table that come before the first position's."""


class OPT(nn.Module):
    """Tokens to hidden states to logits.

    Tensors: embedding.weight, positions.weight, layers.N.{norm1, attention.qkv, attention.out, norm2, mlp.up,
    mlp.down}, norm, head.weight (none where tied).
    """

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
        tied: bool,
        pad_token: int | None = None,
    ) -> None:
        super().__init__()
        self.max_context = context
        self.embedding = Embedding(vocab_size, dim, unlearned=pad_token, tied=tied)
        self.positions = Embedding(context + OFFSET, dim)
        self.layers = nn.ModuleList(
            Block(dim, heads=heads, mlp_dim=mlp_dim, activation=activation, norm_eps=norm_eps, causal=True)
            for _ in range(layers)
        )
        self.norm = LayerNorm(dim, eps=norm_eps)
        self.head = None if tied else Linear(dim, vocab_size, bias=False)

    def embed(self, ids_BT: Tensor, rows: Tensor | None = None) -> Tensor:
        """Ids (B,T) to embeddings (B,T,D); `rows` is the first of `tables`."""
        return self.embedding(ids_BT, rows)

    def begin(self, x_BTD: Tensor, positions_ABT: Tensor) -> Tensor:
        """Embeddings as the first layer reads them: with their positions added."""
        return x_BTD + self.positions(positions_ABT[0] + OFFSET)

    def context(
        self,
        positions_ABT: Tensor,
        *,
        mask: Tensor | None = None,
        segments: Segments | None = None,
        slots: Slots | None = None,
    ) -> Context:
        """What all layers share in this pass; see `Context`."""
        del positions_ABT
        return Context(mask=mask, segments=segments, slots=slots)

    def forward(
        self,
        x_BTD: Tensor,
        context: Context,
        *,
        after: Callable[[int, Tensor], Tensor] | None = None,
        read: Tensor | None = None,
    ) -> Tensor:
        """What `begin` returned to normalized hidden states (B,T,D); `after` may change what a layer returns.

        With `read` (R) to those of these places of the flattened (B·T), (1,R,D): the last layer computes no others.
        """
        for i, layer in enumerate(self.layers):
            if i + 1 == len(self.layers):
                context = context._replace(read=read)
            x_BTD = layer(x_BTD, context, i)
            if after is not None:
                x_BTD = after(i, x_BTD)
        return self.norm(x_BTD)

    def logits(self, x_BTD: Tensor) -> Tensor:
        """Normalized hidden states (…,D) to logits (…,V)."""
        return self.embedding.logits(x_BTD) if self.head is None else self.head(x_BTD)

    @property
    def tables(self) -> tuple[Tensor | None, Tensor]:
        """For a pass that learns: what `embed` takes, and the weight (V,D) of the logits; a tied table is both."""
        return ops.twice(self.embedding.weight) if self.head is None else (None, self.head.weight)
