"""The hot operations, each twice: `plain_…` says what it means, the name without `plain_` is the fast path.

Shapes: B batch, T queries, S keys, N packed tokens, H heads, K key/value heads, D width (of a head in attention),
M rows, V vocabulary. Both forms of an operation take the same arguments and return the same numbers. Attention and the
loss have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from .attention import attention, plain_attention, plain_varlen_attention, varlen_attention
from .loss import IGNORED, linear_cross_entropy, plain_linear_cross_entropy

__all__ = [
    "attention", "plain_attention",
    "plain_varlen_attention", "varlen_attention",
    "IGNORED", "linear_cross_entropy", "plain_linear_cross_entropy",
]  # fmt: skip


def quick_gelu(x: Tensor) -> Tensor:
    """The sigmoid approximation of GELU that OpenAI's CLIP was trained with: x · σ(1.702 x)."""
    return x * torch.sigmoid(1.702 * x)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "quick_gelu": quick_gelu,
    "relu": F.relu,
    "relu_squared": lambda x: F.relu(x).square(),
    "silu": F.silu,
}


def activation(name: str) -> Callable[[Tensor], Tensor]:
    """The activation of that name; `ValueError` names the known ones."""
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}; known are {', '.join(sorted(ACTIVATIONS))}")
    return ACTIVATIONS[name]


def plain_rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """`x / sqrt(mean(x²) + eps) · weight` over the last axis, in single precision at least."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps) * weight).to(x.dtype)


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """As `plain_rms_norm`, in one kernel where the device has one."""
    return F.rms_norm(x, weight.shape, weight, eps)


def rotary_tables(angles: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Angles (…, D/2) to the tables (…, D) that `rotary` takes: cosines twice, and sines with their signs."""
    cos, sin = angles.cos(), angles.sin()
    return torch.cat((cos, cos), -1).to(dtype), torch.cat((-sin, sin), -1).to(dtype)


def plain_rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns channel i of x (…, D) with channel i + D/2 by their angle: a complex product in real arithmetic.

    Tables wider than x (float32 under bfloat16) widen the arithmetic; the result is x's type again.
    """
    half = x.shape[-1] // 2
    re, im = x[..., :half], x[..., half:]
    cos, sin = cos[..., :half], sin[..., half:]
    return torch.cat((re * cos - im * sin, im * cos + re * sin), -1).to(x.dtype)


def rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """As `plain_rotary`; the signs in the table leave three kernels: swap the halves, multiply, multiply and add."""
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, -1), sin).to(x.dtype)


def plain_splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """Puts visual (V,D) into embeds (B,T,D), row by row, at the V places where `where` (B,T) is true."""
    out = embeds.clone()
    out[where] = visual.to(embeds.dtype)
    return out


def splice(embeds: Tensor, visual: Tensor, where: Tensor) -> Tensor:
    """As `plain_splice`, without asking the device how many places there are: place i takes row i, by counting."""
    order = where.flatten().cumsum(0).sub_(1).clamp_(0, visual.shape[0] - 1)
    return torch.where(where[..., None], visual.to(embeds.dtype)[order].view_as(embeds), embeds)
