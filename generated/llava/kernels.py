"""The Triton kernels behind `fused`: what runs on the device, a kernel a function.

Shapes: M rows, N columns, D width, B batch, T tokens, K key/value heads, G query heads of a key/value head, E width of
a head, L places of a cache, S shares that a row's places are divided into. Capital arguments are fixed when a kernel is
compiled; the width of a tile is a power of two, and what lies beyond the tensor is masked. Sums are in single precision
whatever the tensors are.

Nothing but `fused` imports this module: Triton comes with torch for CUDA, and may be absent elsewhere.
"""

# Triton's language is not typed.
# mypy: disable-error-code="import-not-found, import-untyped, no-untyped-def, untyped-decorator"

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def silu_product(gate_up, out, width, stride, TILE: tl.constexpr):
    """out (M,F) = silu(gate) · up, where a row of gate_up is its gate (F), then its up (F); grid (M, tiles of F)."""
    row = tl.program_id(0).to(tl.int64)
    f = tl.program_id(1) * TILE + tl.arange(0, TILE)
    inside = f < width
    gate_F = tl.load(gate_up + row * stride + f, mask=inside, other=0.0).to(tl.float32)
    up_F = tl.load(gate_up + row * stride + width + f, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row * width + f, (gate_F * tl.sigmoid(gate_F) * up_F).to(out.dtype.element_ty), mask=inside)


@triton.jit
def quick_gelu(x, count, TILE: tl.constexpr):
    """x · σ(1.702 x) in the place of x, all of it; grid (tiles)."""
    at = tl.program_id(0).to(tl.int64) * TILE + tl.arange(0, TILE)
    y = tl.load(x + at, mask=at < count, other=0.0)
    wide = y.to(tl.float32)
    tl.store(x + at, (wide * tl.sigmoid(1.702 * wide)).to(y.dtype), mask=at < count)


@triton.jit
def rotate_and_keep(
    qkv, q_weight, k_weight, eps, cos, sin, cos_row, cos_token, rows, rows_row, rows_token, places, places_row,
    places_token, kept, kept_row, kept_place, kept_head, kept_which, out, tokens, kv_heads, NORM: tl.constexpr,
    TURN: tl.constexpr, KEEP: tl.constexpr, GROUPS: tl.constexpr, HEADS: tl.constexpr, WIDTH: tl.constexpr,
    PADDED: tl.constexpr,
):  # fmt: skip
    """One token's queries, key and value of one key/value head, normalised, turned and kept; grid (B·T, K).

    qkv (B,T,K,G+2,E) in, queries and key (B,T,K,G+1,E) out; key and value also go to their place in the cache.
    """
    token, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    b, t = token // tokens, token % tokens
    g, e = tl.arange(0, HEADS), tl.arange(0, PADDED)
    other = tl.where(e < WIDTH // 2, e + WIDTH // 2, e - WIDTH // 2)
    channel = e < WIDTH
    inside = (g[:, None] < GROUPS + 2) & channel[None, :]
    start = (token * kv_heads + head) * ((GROUPS + 2) * WIDTH)
    here = qkv + start + g[:, None] * WIDTH
    x_GE = tl.load(here + e[None, :], mask=inside, other=0.0)
    value = g == GROUPS + 1
    y_GE = x_GE.to(tl.float32)
    # The half that a channel is turned with, read again: it is in the cache, and no lane has to ask another.
    z_GE = tl.load(here + other[None, :], mask=inside, other=0.0).to(tl.float32)
    if NORM:
        scale_G1 = tl.rsqrt(tl.sum(y_GE * y_GE, 1) / WIDTH + eps)[:, None]
        query_G1 = (g < GROUPS)[:, None]
        q_E, q_other = (
            tl.load(q_weight + e, mask=channel, other=0.0),
            tl.load(q_weight + other, mask=channel, other=0.0),
        )
        k_E, k_other = (
            tl.load(k_weight + e, mask=channel, other=0.0),
            tl.load(k_weight + other, mask=channel, other=0.0),
        )
        y_GE *= scale_G1 * tl.where(query_G1, q_E[None, :], k_E[None, :]).to(tl.float32)
        z_GE *= scale_G1 * tl.where(query_G1, q_other[None, :], k_other[None, :]).to(tl.float32)
    if TURN:
        table = b * cos_row + t * cos_token + e
        cos_E = tl.load(cos + table, mask=channel, other=0.0).to(tl.float32)
        sin_E = tl.load(sin + table, mask=channel, other=0.0).to(tl.float32)
        y_GE = y_GE * cos_E[None, :] + z_GE * sin_E[None, :]
    made_GE = tl.where(value[:, None], x_GE, y_GE.to(x_GE.dtype))
    to = out + (token * kv_heads + head) * ((GROUPS + 1) * WIDTH) + g[:, None] * WIDTH + e[None, :]
    tl.store(to, made_GE, mask=inside & (g[:, None] <= GROUPS))
    if KEEP:
        row = tl.load(rows + b * rows_row + t * rows_token)
        place = tl.load(places + b * places_row + t * places_token)
        at = kept + row * kept_row + head * kept_head + place * kept_place + tl.where(value, kept_which, 0)[:, None]
        tl.store(at + e[None, :], made_GE, mask=inside & (g[:, None] >= GROUPS))


@triton.jit
def attend_share(
    q, q_row, q_head, q_group, keys, key_row, key_head, key_place, values, value_row, value_head, value_place, places,
    places_row, partial, weights, scale, GROUPS: tl.constexpr, HEADS: tl.constexpr, WIDTH: tl.constexpr,
    PADDED: tl.constexpr, SHARES: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """A row's queries of one key/value head over one share of the places up to its own; grid (B, K, S).

    partial (B,K,S,G,E) is the softmax's mean over the share, weights (B,K,S,G) the log of its denominator, to base 2:
    minus infinity where the share is empty. Only places that are taken are read.
    """
    b, head, share = tl.program_id(0).to(tl.int64), tl.program_id(1), tl.program_id(2)
    g, e, j = tl.arange(0, HEADS), tl.arange(0, PADDED), tl.arange(0, TILE)
    channel = e < WIDTH
    length = (tl.load(places + b * places_row) + 1).to(tl.int32)
    span = tl.cdiv(tl.cdiv(length, SHARES), TILE) * TILE
    start = share * span
    stop = tl.minimum(start + span, length)
    ours = (g[:, None] < GROUPS) & channel[None, :]
    q_GE = tl.load(q + b * q_row + head * q_head + g[:, None] * q_group + e[None, :], mask=ours, other=0.0)
    highest_G = tl.full((HEADS,), float("-inf"), tl.float32)
    total_G = tl.zeros((HEADS,), tl.float32)
    mean_GE = tl.zeros((HEADS, PADDED), tl.float32)
    key_at, value_at = keys + b * key_row + head * key_head, values + b * value_row + head * value_head
    for first in range(start, stop, TILE):
        place = (first + j).to(tl.int64)
        taken = first + j < stop
        k_EJ = tl.load(
            key_at + place[None, :] * key_place + e[:, None], mask=taken[None, :] & channel[:, None], other=0.0
        )
        v_JE = tl.load(
            value_at + place[:, None] * value_place + e[None, :], mask=taken[:, None] & channel[None, :], other=0.0
        )
        scores_GJ = tl.dot(q_GE, k_EJ, input_precision="ieee") * (scale * 1.4426950408889634)
        scores_GJ = tl.where(taken[None, :], scores_GJ, float("-inf"))
        before_G = highest_G
        # A tile has at least one place, so this is finite from the first tile on.
        highest_G = tl.maximum(before_G, tl.max(scores_GJ, 1))
        p_GJ = tl.exp2(scores_GJ - highest_G[:, None])
        fade_G = tl.exp2(before_G - highest_G)
        total_G = total_G * fade_G + tl.sum(p_GJ, 1)
        mean_GE = mean_GE * fade_G[:, None] + tl.dot(p_GJ.to(v_JE.dtype), v_JE, input_precision="ieee")
    total_G = tl.where(start < stop, total_G, 1.0)
    mean_GE = mean_GE / total_G[:, None]
    at = ((b * tl.num_programs(1) + head) * SHARES + share) * GROUPS + g
    tl.store(partial + at[:, None] * WIDTH + e[None, :], mean_GE.to(partial.dtype.element_ty), mask=ours)
    tl.store(weights + at, highest_G + tl.log2(total_G), mask=g < GROUPS)


@triton.jit
def join_shares(
    partial, weights, out, GROUPS: tl.constexpr, WIDTH: tl.constexpr, PADDED: tl.constexpr, SHARES: tl.constexpr
):
    """out (B,K,G,E): the shares' means, each as much as its denominator; grid (B·K, G). The first is never empty."""
    head, g = tl.program_id(0).to(tl.int64), tl.program_id(1)
    s, e = tl.arange(0, SHARES), tl.arange(0, PADDED)
    channel = e < WIDTH
    at = (head * SHARES + s) * GROUPS + g
    weight_S = tl.load(weights + at)
    weight_S = tl.exp2(weight_S - tl.max(weight_S, 0))
    mean_SE = tl.load(partial + at[:, None] * WIDTH + e[None, :], mask=channel[None, :], other=0.0)
    mean_E = tl.sum(mean_SE * weight_S[:, None], 0) / tl.sum(weight_S, 0)
    tl.store(out + (head * GROUPS + g) * WIDTH + e, mean_E.to(out.dtype.element_ty), mask=channel)


@triton.jit
def product(
    x, gain, weight, bias, residual, out, rows, inner, outer, eps, NORM: tl.constexpr, BIAS: tl.constexpr,
    ADD: tl.constexpr, GATED: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, INNER: tl.constexpr,
):  # fmt: skip
    """A product of few rows with a whole weight, which is read once: grid (tiles of columns).

    out (M,N) = f(x (M,D)) · weight (N,D)ᵀ + bias (N) + residual (M,N), where f may be an RMS norm with `gain` (D). With
    GATED weight is (2,N,D), bias (2,N), and out the gate's silu times the other. ROWS is 1, or 16 for at most 16 rows.
    """
    n, m, d = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS), tl.arange(0, ROWS), tl.arange(0, INNER)
    column = n < outer
    first_ND = weight + n[:, None].to(tl.int64) * inner + d[None, :]
    second_ND = first_ND + tl.cast(outer, tl.int64) * inner
    x_MD = x + m[:, None] * inner + d[None, :]
    # One row: products are summed lane by lane and joined once at the end. More: the matrix unit sums them.
    one_NM = tl.zeros((COLUMNS, INNER if ROWS == 1 else ROWS), tl.float32)
    two_NM = tl.zeros((COLUMNS, INNER if ROWS == 1 else ROWS), tl.float32)
    squares_MD = tl.zeros((ROWS, INNER), tl.float32)
    for start in range(0, inner, INNER):
        left = start + d < inner
        there = column[:, None] & left[None, :]
        v_MD = tl.load(x_MD + start, mask=(m[:, None] < rows) & left[None, :], other=0.0)
        if NORM:
            # The norm's scale is one number a row: it is taken along, and multiplies the sum.
            wide_MD = v_MD.to(tl.float32)
            squares_MD += wide_MD * wide_MD
            gained_MD = wide_MD * tl.load(gain + start + d, mask=left, other=0.0).to(tl.float32)[None, :]
            v_MD = gained_MD if ROWS == 1 else gained_MD.to(v_MD.dtype)
        w_ND = tl.load(first_ND + start, mask=there, other=0.0, eviction_policy="evict_first")
        if ROWS == 1:
            one_NM += w_ND.to(tl.float32) * v_MD.to(tl.float32)
        else:
            one_NM = tl.dot(w_ND, tl.trans(v_MD), one_NM, input_precision="ieee")
        if GATED:
            u_ND = tl.load(second_ND + start, mask=there, other=0.0, eviction_policy="evict_first")
            if ROWS == 1:
                two_NM += u_ND.to(tl.float32) * v_MD.to(tl.float32)
            else:
                two_NM = tl.dot(u_ND, tl.trans(v_MD), two_NM, input_precision="ieee")
    if ROWS == 1:
        one_NM, two_NM = tl.sum(one_NM, 1)[:, None], tl.sum(two_NM, 1)[:, None]
    if NORM:
        scale_1M = tl.rsqrt(tl.sum(squares_MD, 1) / inner + eps)[None, :]
        one_NM, two_NM = one_NM * scale_1M, two_NM * scale_1M
    if BIAS:
        one_NM += tl.load(bias + n, mask=column, other=0.0).to(tl.float32)[:, None]
        if GATED:
            two_NM += tl.load(bias + outer + n, mask=column, other=0.0).to(tl.float32)[:, None]
    if GATED:
        one_NM = one_NM * tl.sigmoid(one_NM) * two_NM
    at = m[None, :] * outer + n[:, None]
    stored = column[:, None] & (m[None, :] < rows)
    if ADD:
        one_NM += tl.load(residual + at, mask=stored, other=0.0).to(tl.float32)
    tl.store(out + at, one_NM.to(out.dtype.element_ty), mask=stored)
