"""Operations of `ops` in fewer kernels, on CUDA: the same names, arguments and numbers, where no gradient is asked for.

Shapes: M rows, N columns, D width, F hidden width of an MLP, B batch, T tokens, K key/value heads, G query heads of a
key/value head, E width of a head, L places of a cache.

Kernels of a decoder layer that reads one token a row: ten with torch's matrix products and norms, which is the default,

| kernel | is |
|---|---|
| torch | RMS norm |
| torch | the product of queries, keys and values |
| `rotate_and_keep` | their norms, rotation, and writing into the cache |
| `attend_share`, `join_shares` | attention over the places that are taken, in shares, and their mean |
| torch | the product behind attention, added to the stream in place (`overwriting`) |
| torch | RMS norm |
| torch | gate and up in one product |
| `silu_product` | silu(gate) · up |
| torch | the product down, added to the stream in place |

and seven after `few_rows`, which folds norms and the gate into products of its own:

| kernel | is |
|---|---|
| `product` | RMS norm and the product of queries, keys and values |
| `rotate_and_keep` | their norms, rotation, and writing into the cache |
| `attend_share`, `join_shares` | attention over the places that are taken, in shares, and their mean |
| `product` | the product behind attention, added to the stream |
| `product` | RMS norm, gate and up in one product, and silu(gate) · up |
| `product` | the product down, added to the stream |
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_MODE = ContextVar(f"{__name__}.overwriting", default=False)

MOST_ROWS = 16
"""More rows than this are left to torch's matrix products: arithmetic weighs as much as reading the weight."""


def ready(x: Tensor) -> bool:
    """Whether x may take these paths: a plain tensor on CUDA, Triton installed, nothing recording or compiling."""
    return (
        x.is_cuda
        and type(x) is Tensor
        and not torch.is_grad_enabled()
        and not torch.compiler.is_compiling()
        and not torch.is_autocast_enabled("cuda")
        and installed()
    )


@cache
def installed() -> bool:
    """Whether Triton is installed: looked up when it is first needed."""
    return importlib.util.find_spec("triton") is not None


@contextmanager
def overwriting() -> Iterator[None]:
    """Inside, a layer may be written over what it was given: nothing else holds it. So it is in a decoding step."""
    before = _MODE.set(True)
    try:
        yield
    finally:
        _MODE.reset(before)


def may_overwrite(residual: Tensor, bias: Tensor | None) -> bool:
    """Whether `add_product` may stand for a product and an addition."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled() or bias is not None:
        return False
    return _MODE.get() and residual.is_contiguous()


def add_product(x: Tensor, weight: Tensor, residual: Tensor) -> Tensor:
    """residual + x · weightᵀ, put into residual: one kernel, where a new tensor would need a copy besides."""
    residual.flatten(0, -2).addmm_(x.flatten(0, -2), weight.t())
    return residual


def gated(gate_up: Tensor) -> Tensor:
    """silu(gate) · up of (…,2F), its gate first: (…,F)."""
    width = gate_up.shape[-1] // 2
    rows = gate_up.reshape(-1, 2 * width)
    out = gate_up.new_empty(*gate_up.shape[:-1], width)
    tile = min(_power(width), 1024)
    with torch.cuda.device_of(rows):
        _kernels().silu_product[(len(rows), -(-width // tile))](rows, out, width, rows.stride(0), TILE=tile)
    return out


def quick_gelu(x: Tensor) -> Tensor:
    """x · σ(1.702 x), in the place of a contiguous x: torch has three kernels for it."""
    x = x.contiguous()
    with torch.cuda.device_of(x):
        _kernels().quick_gelu[(-(-x.numel() // 2048),)](x, x.numel(), TILE=2048)
    return x


def rotate_and_keep(
    qkv: Tensor,
    tables: tuple[Tensor, Tensor] | None = None,
    norms: tuple[Tensor, Tensor, float] | None = None,
    kept: tuple[Tensor, Tensor, Tensor] | None = None,
) -> Tensor:
    """Queries and key (B,T,K,G+1,E) of (B,T,K,G+2,E), normalised and turned; key and value go to kept (B,L,K,2,E)."""
    if tables is None and norms is None and kept is None:
        return qkv[..., :-1, :]
    qkv = qkv.contiguous()
    batch, tokens, heads, together, width = qkv.shape
    out = qkv.new_empty(batch, tokens, heads, together - 1, width)
    # What is not there is never read: any tensor may stand for it.
    cos, sin = (qkv, qkv) if tables is None else (x.expand(batch, tokens, 1, 1, width) for x in tables)
    q_weight, k_weight, eps = (qkv, qkv, 0.0) if norms is None else norms
    cache, rows, places = (qkv, qkv, qkv) if kept is None else (kept[0], *(x.expand(batch, tokens) for x in kept[1:]))
    with torch.cuda.device_of(qkv):
        _kernels().rotate_and_keep[(batch * tokens, heads)](
            qkv, q_weight, k_weight, eps, cos, sin, cos.stride(0), cos.stride(1), rows, *rows.stride()[:2], places,
            *places.stride()[:2], cache, *cache.stride()[:4], out, tokens, heads,
            NORM=norms is not None, TURN=tables is not None, KEEP=kept is not None, GROUPS=together - 2,
            HEADS=_power(together), WIDTH=width, PADDED=_power(width), num_warps=1 if together * width <= 512 else 4,
        )  # fmt: skip
    return out


def decode_attention(
    q_BKGE: Tensor,
    keys: Tensor,
    values: Tensor,
    places_B: Tensor,
    *,
    scale: float | None = None,
    shares: int | None = None,
) -> Tensor:
    """One query token a row over the cache (B,K,L,E), places 0 … places_B of its row: (B,K,G,E).

    `shares`, a power of two, is how many programs a row's places are divided among; None: enough to fill the device.
    """
    batch, heads, groups, width = q_BKGE.shape
    kernels, padded = _kernels(), max(_power(width), 16)
    if shares is None:
        shares = _shares(batch * heads, keys.shape[2], q_BKGE.device)
    alone = shares == 1
    out = q_BKGE.new_empty(batch, heads, groups, width)
    partial = out if alone else q_BKGE.new_empty(batch, heads, shares, groups, width, dtype=torch.float32)
    weights = q_BKGE.new_empty(batch, heads, shares, groups, dtype=torch.float32)
    with torch.cuda.device_of(q_BKGE):
        kernels.attend_share[(batch, heads, shares)](
            q_BKGE, *q_BKGE.stride()[:3], keys, *keys.stride()[:3], values, *values.stride()[:3], places_B,
            places_B.stride(0), partial, weights, width**-0.5 if scale is None else scale, GROUPS=groups,
            HEADS=max(_power(groups), 16), WIDTH=width, PADDED=padded, SHARES=shares,
            TILE=64 if padded * q_BKGE.element_size() <= 256 else 32,
        )  # fmt: skip
        if not alone:
            kernels.join_shares[(batch * heads, groups)](
                partial, weights, out, GROUPS=groups, WIDTH=width, PADDED=padded, SHARES=shares, num_warps=1
            )
    return out


def product(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    norm: tuple[Tensor, float] | None = None,
    residual: Tensor | None = None,
    gated: bool = False,
) -> Tensor:
    """At most `MOST_ROWS` rows (M,D) times weight (N,D): `residual + F.linear(rms_norm(x, *norm), weight, bias)`.

    With `gated`, weight is (2,N,D), bias (2,N), and the result silu of the first product times the second.
    """
    if norm is not None and len(x) > 1 and x.dtype == torch.float16:
        # Before it is scaled, a row may lie beyond what half precision holds; one row is summed in single.
        x, norm = F.rms_norm(x, norm[0].shape, *norm), None
    x, rows, (outer, inner) = x.contiguous(), len(x), weight.shape[-2:]
    out = x.new_empty(rows, outer)
    one = rows == 1
    # Tiles: enough programs to fill the device, and enough bytes under way in each to hide the memory's latency.
    columns = (8 if gated or outer < 8192 else 16) if one else 32 if outer >= 8192 and not gated else 16
    tile = min(_power(inner), 512 if one else 256 if columns == 16 and not gated else 128)
    with torch.cuda.device_of(x):
        _kernels().product[(-(-outer // columns),)](
            x, x if norm is None else norm[0], weight, x if bias is None else bias,
            x if residual is None else residual.contiguous(), out, rows, inner, outer, 0.0 if norm is None else norm[1],
            NORM=norm is not None, BIAS=bias is not None, ADD=residual is not None, GATED=gated,
            ROWS=1 if one else MOST_ROWS, COLUMNS=columns, INNER=max(tile, 16), num_warps=4, num_stages=4,
        )  # fmt: skip
    return out


def few_rows(model: nn.Module, *, enabled: bool = True) -> None:
    """Lets every decoder layer of a model read one token a row by `decoder_step`; `enabled=False` undoes it.

    By an explicit call, since torch's products may be faster than `product`: `make bench-gpu` compares them.
    """
    for block in model.modules():
        if hasattr(block, "attention") and hasattr(getattr(block, "mlp", None), "gate_up"):
            # What else stands before the block's own forward (recomputation, compilation) stays.
            before = block.forward
            if isinstance(before, partial) and before.func is _one_token:
                before = before.args[1]
            block.forward = partial(_one_token, block, before) if enabled else before


def _one_token(
    block: Any, forward: Callable[..., Tensor], x_BTD: Tensor, context: Any = None, layer: int = 0
) -> Tensor:
    if _steps(block, x_BTD, context):
        return decoder_step(block, x_BTD, context, layer)
    return forward(x_BTD, context, layer)


def _steps(block: Any, x_BTD: Tensor, context: Any) -> bool:
    """Whether `decoder_step` may stand for the block: one token a row, and every part of it as it was made."""
    if context is None or context.slots is None or x_BTD.shape[1] != 1 or len(x_BTD) > MOST_ROWS or not ready(x_BTD):
        return False
    # One token of a prompt has no mask: it attends to itself.
    return context.mask is not None and block.mlp.activation == "silu" and _untouched(block, x_BTD.dtype)


def decoder_step(block: Any, x_B1D: Tensor, context: Any, layer: int) -> Tensor:
    """As the block itself, (B,1,D) to (B,1,D), for one token a row that reads and is kept in the cache."""
    attention, mlp, slots, x_BD = block.attention, block.mlp, context.slots, x_B1D[:, 0]
    qkv_BN = product(x_BD, attention.qkv.weight, attention.qkv.bias, norm=(block.norm1.weight, block.norm1.eps))
    q_norm, k_norm = getattr(attention, "q_norm", None), getattr(attention, "k_norm", None)
    norms = None if q_norm is None or k_norm is None else (q_norm.weight, k_norm.weight, q_norm.eps)
    qkv_B1KGE = qkv_BN.view(len(x_BD), 1, -1, attention.qkv.groups + 2, attention.qkv.head_dim)
    kept = slots.kept[layer], slots.rows, slots.places
    qk_B1KGE = rotate_and_keep(qkv_B1KGE, context.rotary, norms, kept)
    keys, values = slots.kept[layer].transpose(1, 2).unbind(3)
    o_BKGE = decode_attention(qk_B1KGE[:, 0, :, :-1], keys, values, slots.places[:, 0])
    x_BD = product(o_BKGE.flatten(1), attention.out.weight, attention.out.bias, residual=x_BD)
    hidden_BF = product(
        x_BD, mlp.gate_up.weight, mlp.gate_up.bias, norm=(block.norm2.weight, block.norm2.eps), gated=True
    )
    return product(hidden_BF, mlp.down.weight, mlp.down.bias, residual=x_BD)[:, None]


def _untouched(block: nn.Module, dtype: torch.dtype) -> bool:
    """No adapter, hook, shard or cast: what the kernels read is all that the block's layers would compute with."""
    for part in block.modules():
        if part._forward_hooks or part._forward_pre_hooks or not type(part).__module__.startswith(__package__ or ""):  # noqa: SLF001
            return False
        own = [p for p in part._parameters.values() if p is not None]  # noqa: SLF001
        if any(type(p) is not nn.Parameter or p.dtype != dtype or not p.is_contiguous() for p in own):
            return False
    return True


def _kernels() -> Any:
    from . import kernels  # noqa: PLC0415 - imports Triton

    return kernels


def _power(n: int) -> int:
    """The smallest power of two that is at least n."""
    return 1 << (n - 1).bit_length()


def _shares(programs: int, places: int, device: torch.device) -> int:
    """Shares of a row's places: two programs for every multiprocessor, none with less than a few tiles."""
    wanted = -(-2 * _multiprocessors(device) // programs)
    return _power(max(1, min(wanted, -(-places // 128), 64)))


@cache
def _multiprocessors(device: torch.device) -> int:
    return torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 1
