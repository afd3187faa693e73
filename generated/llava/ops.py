"""The hot operations, each twice: `plain_…` says what it means, the name without `plain_` is the fast path.

Shapes: B batch, T queries, S keys, N packed tokens, H heads, K key/value heads, D width (of a head in attention),
M rows, V vocabulary. Both forms of an operation take the same arguments and return the same numbers. Attention and the
loss have modules of their own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from . import fused
from .activations import activate, activation, pieces, plain_activate
from .attention import (
    attention,
    decode_attention,
    plain_attention,
    plain_decode_attention,
    plain_varlen_attention,
    varlen_attention,
)
from .gating import Normed, redone
from .gating import gated as recording_gated
from .loss import IGNORED, linear_cross_entropy, plain_linear_cross_entropy, plain_twice, twice
from .products import Packed, linear, plain_linear

__all__ = [
    "Packed", "activate", "activation", "attention", "linear", "plain_activate", "plain_attention", "plain_linear",
    "plain_varlen_attention", "varlen_attention",
    "redone",
    "IGNORED", "decode_attention", "linear_cross_entropy", "plain_decode_attention", "plain_linear_cross_entropy",
    "plain_twice", "twice",
]  # fmt: skip


def plain_rms_norm(x: Tensor, weight: Tensor | None, eps: float) -> Tensor:
    """`x / sqrt(mean(x²) + eps) · weight` over the last axis, in single precision at least. No weight is 1."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    normed = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps)
    return (normed if weight is None else normed * weight).to(x.dtype)


def rms_norm(x: Tensor, weight: Tensor | None, eps: float) -> Tensor:
    """As `plain_rms_norm`, in one kernel where the device has one; a host has none, and is spared the wide copies."""
    if x.device.type != "cpu" or torch.compiler.is_compiling():
        return F.rms_norm(x, x.shape[-1:], weight, eps)
    if torch.is_grad_enabled() and (x.requires_grad or (weight is not None and weight.requires_grad)):
        out: Tensor = Normed.apply(x, weight, eps)[0]  # type: ignore[no-untyped-call]
        return out
    wide = torch.promote_types(x.dtype, torch.float32)
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=wide)
    # √(mean(x²) + eps) is a hypotenuse: one kernel, where a square, a sum and a root would be three.
    normed = x / torch.hypot(length.mul_(_number(x.shape[-1] ** -0.5, wide)), _number(eps**0.5, wide))
    return (normed if weight is None else normed.mul_(weight)).to(x.dtype)


@cache
def _number(value: float, dtype: torch.dtype) -> Tensor:
    """What torch would make of a number, and convert, at every use: of few rows that is half of the time."""
    return torch.tensor(value, dtype=dtype, device="cpu")


def plain_gated(gate_up: Tensor, name: str) -> Tensor:
    """`activation(gate) · up` of x (…,2F), the gate its first half: (…,F)."""
    gate, up = gate_up.chunk(2, -1)
    return plain_activate(gate, name) * up


def gated(gate_up: Tensor, name: str) -> Tensor:
    """As `plain_gated`; without gradients the argument, a product of the layer's own, may be written over."""
    if name == "silu" and fused.ready(gate_up):
        return fused.gated(gate_up)
    if torch.compiler.is_compiling():
        return plain_gated(gate_up, name)
    if torch.is_grad_enabled() and gate_up.requires_grad:
        return recording_gated(gate_up, name)
    gate, up = gate_up.chunk(2, -1)
    return activate(gate, name).mul_(up)


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


def rotary(x: Tensor, cos: Tensor, sin: Tensor, out: Tensor | None = None) -> Tensor:
    """As `plain_rotary`; the signs in the table leave three kernels: swap the halves, multiply, multiply and add."""
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, -1), sin, out=out).to(x.dtype)


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """`rotary` of x (B,T,…) as a new tensor, some tokens at a time; where gradients are recorded, with its own."""
    if torch.compiler.is_compiling():
        return rotary(x, cos, sin)
    out: Tensor = Turned.apply(x, cos, sin)  # type: ignore[no-untyped-call]
    return out


class Turned(torch.autograd.Function):
    """A rotation, whose gradient is turned back: nothing but the tables is kept."""

    @staticmethod
    def forward(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(B,T,…) to (B,T,…)."""
        return _turn(x, torch.empty_like(x, memory_format=torch.contiguous_format), cos, sin)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        """Keeps the tables."""
        del output
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """(B,T,…) to (B,T,…)."""
        cos, sin = ctx.saved_tensors
        return turned(grad, cos, -sin), None, None


def _turn(x: Tensor, out: Tensor, *tables: Tensor) -> Tensor:
    """`rotary` of x (B,T,…) into `out`, which may be x, some tokens at a time."""
    parts = pieces(x, 1)
    count = parts[0].shape[1]
    shares = [(out, *tables)] if len(parts) == 1 else zip(*(one.split(count, 1) for one in (out, *tables)), strict=True)
    for part, (place, cos, sin) in zip(parts, shares, strict=True):
        if cos.dtype == part.dtype:
            rotary(part, cos, sin, out=place)
        else:
            place.copy_(rotary(part, cos, sin))
    return out


def plain_heads(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None = None,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """What attention reads of a product qkv (B,T,K,G+2,D): queries (B,T,K,G,D), key and value (B,T,K,D)."""
    q, k, v = qkv[..., :-2, :], qkv[..., -2:-1, :], qkv[..., -1, :]
    # By cosines and sines (B,T,1,1,D).
    if tables is not None:
        q, k = plain_rotary(q, *tables), plain_rotary(k, *tables)
    # In a cache (B,S,K,2,D), at a row and a place for each token.
    if kept is not None:
        cache, rows, places = kept
        cache[rows, places] = torch.stack((k[..., 0, :], v), -2)
    return q, k[..., 0, :], v


def heads(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None = None,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """As `plain_heads`. Without gradients qkv, a product of the layer's own, may be written over."""
    # Split, since the gradients of slices would be zeros almost everywhere, and be added up.
    q, k, v = qkv.split((qkv.shape[-2] - 2, 1, 1), -2)
    if fused.ready(qkv):
        qk = fused.rotate_and_keep(
            qkv,
            tables=tables,
            kept=kept,
        )
        return qk[..., :-1, :], qk[..., -1, :], v.squeeze(-2)
    # Else in place: queries and key are neighbours, so are key and value, and one operation does for both.
    fresh = torch.is_grad_enabled() or torch.compiler.is_compiling()
    if tables is not None and fresh:
        q, k = turned(q, *tables), turned(k, *tables)
    elif tables is not None:
        _turn(qkv[..., :-1, :], qkv[..., :-1, :], *tables)
    # Training need not keep all of qkv for the value alone; norms need it themselves.
    alone = v.requires_grad and tables is not None
    v = v.contiguous() if alone else v
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
