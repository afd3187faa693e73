"""The hot operations, each twice: `plain_…` says what it means, the name without `plain_` is the fast path.

Shapes: B batch, T queries, S keys, N packed tokens, H heads, K key/value heads, D width (of a head in attention),
M rows, V vocabulary. Both forms of an operation take the same arguments and return the same numbers. Attention and the
loss have modules of their own.
"""

from __future__ import annotations

from torch import Tensor

from .activations import activate, activation, plain_activate
from .attention import (
    attention,
    plain_attention,
)
from .products import Packed, linear, plain_linear

__all__ = [
    "Packed", "activate", "activation", "attention", "linear", "plain_activate", "plain_attention", "plain_linear",
]  # fmt: skip


def plain_heads(
    qkv: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """What attention reads of a product qkv (B,T,K,G+2,D): queries (B,T,K,G,D), key and value (B,T,K,D)."""
    q, k, v = qkv[..., :-2, :], qkv[..., -2:-1, :], qkv[..., -1, :]
    return q, k[..., 0, :], v


def heads(
    qkv: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `plain_heads`. Without gradients qkv, a product of the layer's own, may be written over."""
    # Split, since the gradients of slices would be zeros almost everywhere, and be added up.
    q, k, v = qkv.split((qkv.shape[-2] - 2, 1, 1), -2)
    return q, k.squeeze(-2), v.squeeze(-2)
