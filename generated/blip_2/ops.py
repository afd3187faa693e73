"""The hot operations, each twice: `plain_…` says what it means, the name without `plain_` is the fast path.

Shapes: B batch, T queries, S keys, N packed tokens, H heads, K key/value heads, D width (of a head in attention),
M rows, V vocabulary. Both forms of an operation take the same arguments and return the same numbers. Attention and the
loss have modules of their own.
"""

from __future__ import annotations

import torch
from torch import Tensor

from . import fused
from .activations import activate, activation, plain_activate
from .attention import (
    attention,
    decode_attention,
    plain_attention,
    plain_decode_attention,
    plain_varlen_attention,
    varlen_attention,
)
from .loss import IGNORED, linear_cross_entropy, plain_linear_cross_entropy, plain_twice, twice
from .products import Packed, linear, plain_linear

__all__ = [
    "Packed", "activate", "activation", "attention", "linear", "plain_activate", "plain_attention", "plain_linear",
    "plain_varlen_attention", "varlen_attention",
    "IGNORED", "decode_attention", "linear_cross_entropy", "plain_decode_attention", "plain_linear_cross_entropy",
    "plain_twice", "twice",
]  # fmt: skip


def plain_heads(
    qkv: Tensor,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """What attention reads of a product qkv (B,T,K,G+2,D): queries (B,T,K,G,D), key and value (B,T,K,D)."""
    q, k, v = qkv[..., :-2, :], qkv[..., -2:-1, :], qkv[..., -1, :]
    # In a cache (B,S,K,2,D), at a row and a place for each token.
    if kept is not None:
        cache, rows, places = kept
        cache[rows, places] = torch.stack((k[..., 0, :], v), -2)
    return q, k[..., 0, :], v


def heads(
    qkv: Tensor,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `plain_heads`. Without gradients qkv, a product of the layer's own, may be written over."""
    # Split, since the gradients of slices would be zeros almost everywhere, and be added up.
    q, k, v = qkv.split((qkv.shape[-2] - 2, 1, 1), -2)
    if fused.ready(qkv):
        qk = fused.rotate_and_keep(
            qkv,
            kept=kept,
        )
        return qk[..., :-1, :], qk[..., -1, :], v.squeeze(-2)
    # Else in place: queries and key are neighbours, so are key and value, and one operation does for both.
    fresh = torch.is_grad_enabled() or torch.compiler.is_compiling()
    if kept is not None:
        cache, rows, places = kept
        cache[rows, places] = torch.cat((k, v), -2) if fresh else qkv[..., -2:, :]
    return q, k.squeeze(-2), v.squeeze(-2)


def plain_splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """Puts visual (V,D) into embeds (B,T,D), row by row, at the V places where `where` (B,T) is true."""
    out = embeds.clone()
    out[where] = visual.to(embeds.dtype)
    return out


def splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """As `plain_splice`, without asking the device how many places there are: place i takes row i, by counting."""
    order = where.flatten().cumsum(0).sub_(1).clamp_(0, visual.shape[0] - 1)
    return torch.where(where[..., None], visual.to(embeds.dtype)[order].view_as(embeds), embeds)
