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


def plain_rotate_and_keep(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None = None,
    norms: tuple[Tensor, Tensor, float] | None = None,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> Tensor:
    """What attention reads of a product qkv (B,T,K,G+2,D): its queries and key (B,T,K,G+1,D).

    They are normalised, where `norms` are given (weights (D) of queries and key, eps), then turned by the tables
    `tables` (B,T,1,1,D). Key and value are written into `kept` (a cache (B,S,K,2,D), and row and place of each token).
    """
    q, k = qkv[..., :-2, :], qkv[..., -2:-1, :]
    if kept is not None:
        cache, rows, places = kept
        cache[rows, places] = torch.cat((k, qkv[..., -1:, :]), -2)
    return torch.cat((q, k), -2)


def rotate_and_keep(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None = None,
    norms: tuple[Tensor, Tensor, float] | None = None,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> Tensor:
    """As `plain_rotate_and_keep`: queries and key are neighbours, so one rotation turns them all.

    Without gradients qkv is written over, so that key and value still are neighbours too.
    """
    if fused.ready(qkv):
        return fused.rotate_and_keep(qkv, tables, norms, kept)
    qk = own = qkv[..., :-1, :]
    if kept is not None:
        cache, rows, places = kept
        # One write for both.
        cache[rows, places] = qkv[..., -2:, :] if qk is own else torch.stack((qk[..., -1, :], qkv[..., -1, :]), -2)
    return qk


def plain_splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """Puts visual (V,D) into embeds (B,T,D), row by row, at the V places where `where` (B,T) is true."""
    out = embeds.clone()
    out[where] = visual.to(embeds.dtype)
    return out


def splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """As `plain_splice`, without asking the device how many places there are: place i takes row i, by counting."""
    order = where.flatten().cumsum(0).sub_(1).clamp_(0, visual.shape[0] - 1)
    return torch.where(where[..., None], visual.to(embeds.dtype)[order].view_as(embeds), embeds)
