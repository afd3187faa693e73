"""Softmax attention over rows and over packed sequences: what it means, then the fast path.

Shapes: B batch, T queries, S keys (or sequences), N packed tokens, H heads, K key/value heads, D width of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def plain_attention(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """Softmax attention of q (B,H,T,D) over k and v (B,K,S,D): query head h reads key/value head h // (H/K).

    `mask`, broadcastable to (B,H,T,S), is true where a query may look, or is added to the scores; `causal` aligns the
    first query with the first key. `scale` defaults to 1/sqrt(D).
    """
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    scores = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    if causal:
        scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -torch.inf)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
    return scores.softmax(-1) @ v


def attention(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """As `plain_attention`, by the fused kernels: no (T,S) matrix is stored where `mask` is None."""
    if q.shape[1] != k.shape[1]:
        if mask is None:
            return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale, enable_gqa=True)
        # Grouped heads under a mask have no fused kernel on CUDA.
        k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, scale=scale)
