"""The layers that every tower is made of, and what they share in one forward pass.

Shapes: B batch, T tokens, D width, H heads, K key/value heads, G query heads of a key/value head, E width of a head,
F hidden width of an MLP, S sequences packed into one row, A position axes.

Layers allocate and do not initialize, so a model on the meta device costs milliseconds: `initialize(model)` does it.
A layer that stores several released tensors as one has `pack(name, parts)` and `unpack(name, tensor, count)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import ops

# --- what the layers of a stack share -----------------------------------------------------------------------------


class Segments(NamedTuple):
    """Sequences packed one after another in one row: sequence s is tokens offsets[s] … offsets[s+1] - 1."""

    offsets: Tensor
    """(S+1) int32, from 0 to the number of tokens."""
    longest: int
    """Length of the longest, or any larger number."""


class Slots(NamedTuple):
    """Where the tokens of this pass belong in a key/value cache: row and place of each, (B,T) both."""

    keys: list[Tensor]
    """One a layer, (B,K,L,E) for L places."""
    values: list[Tensor]
    rows: Tensor
    places: Tensor


class Context(NamedTuple):
    """What all layers of one pass share. The default: every token sees every token (or, where causal, its past)."""

    rotary: tuple[Tensor, Tensor] | None = None
    """Tables of `ops.rotary_tables`, (B,T,1,1,E)."""
    mask: Tensor | None = None
    """(B,1,T,keys), true where a token may look, or added to the scores. It includes causality."""
    segments: Segments | None = None
    """The row (B = 1) holds several sequences that do not see each other."""
    slots: Slots | None = None
    """Keys and values are kept. With a mask this is one more token a row, which reads all that is kept."""


class Features(NamedTuple):
    """What a native-resolution encoder hands on: patches (P,D) and those of earlier blocks (L,P,D)."""

    last: Tensor
    taps: Tensor


class Visual(NamedTuple):
    """Visual tokens (V,D) for the sequence, and those (L,V,D) for the language model's first L layers."""

    tokens: Tensor
    deep: Tensor


# --- leaves -------------------------------------------------------------------------------------------------------


class Linear(nn.Linear):
    """`x · weightᵀ + bias`: weight (out, in), bias (out) where there is one."""

    def reset_parameters(self) -> None:
        """Nothing: see `initialize`."""


class Embedding(nn.Embedding):
    """Rows of weight (rows, D) by number; the row `unlearned`, padding's, gets no gradient from where it is read."""

    def __init__(self, rows: int, dim: int, *, unlearned: int | None = None) -> None:
        # Releases name padding tokens that lie outside of the table: then there is no such row.
        inside = unlearned is not None and 0 <= unlearned < rows
        super().__init__(rows, dim, padding_idx=unlearned if inside else None)

    def reset_parameters(self) -> None:
        """Nothing: see `initialize`."""


class LayerNorm(nn.LayerNorm):
    """Zero mean and unit variance over the last axis, then weight (D) and bias (D)."""

    def reset_parameters(self) -> None:
        """Nothing: see `initialize`."""


class RMSNorm(nn.Module):
    """Unit mean square over the last axis, then weight (D)."""

    def __init__(self, dim: int, *, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(…,D) to (…,D)."""
        return ops.rms_norm(x, self.weight, self.eps)


class PatchEmbedding(Linear):
    """Non-overlapping patches as a matrix product: weight (D, C·p·p) or (D, C·t·p·p), released as a convolution's."""

    def __init__(
        self, dim: int, *, patch_size: int, channels: int = 3, temporal_patch_size: int | None = None, bias: bool = True
    ) -> None:
        time = () if temporal_patch_size is None else (temporal_patch_size,)
        self.kernel = (channels, *time, patch_size, patch_size)
        self.patch_size = patch_size
        super().__init__(channels * (temporal_patch_size or 1) * patch_size**2, dim, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N,C,height,width) to (N,P,D), row by row, the remainder of a side dropped; patches (P,…) to (P,D)."""
        if x.ndim == 2 and x.shape[1] == self.in_features:
            return super().forward(x)
        if x.ndim == 4 and x.shape[1] == self.kernel[0] and len(self.kernel) == 3:
            return super().forward(self.patches(x))
        expected = f"(N, {self.kernel[0]}, height, width)" if len(self.kernel) == 3 else f"(P, {self.in_features})"
        raise ValueError(f"images have the shape {tuple(x.shape)}, the patch embedding takes {expected}")

    def patches(self, images: Tensor) -> Tensor:
        """Images (N,C,height,width) to flattened patches (N,P,C·p·p)."""
        size = self.patch_size
        rows, columns = images.shape[-2] // size, images.shape[-1] // size
        whole = images[..., : rows * size, : columns * size]
        tiles = whole.unflatten(-1, (columns, size)).unflatten(-3, (rows, size))
        return tiles.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)

    def pack(self, name: str, parts: Sequence[Tensor]) -> Tensor:
        """The convolution's weight (D,C,p,p) or (D,C,t,p,p) as a matrix."""
        return parts[0].flatten(1) if name == "weight" else parts[0]

    def unpack(self, name: str, tensor: Tensor, count: int) -> list[Tensor]:
        """The matrix as the convolution's weight."""
        del count
        return [tensor.unflatten(1, self.kernel) if name == "weight" else tensor]


class GroupedQKV(Linear):
    """Queries, keys and values in one product, rows grouped by key/value head: its G queries, its key, its value.

    weight ((G+2)·E·K, D): any contiguous share of whole groups is an attention layer of fewer heads.
    """

    def __init__(self, dim: int, *, heads: int, kv_heads: int, head_dim: int, bias: bool) -> None:
        if heads % kv_heads:
            raise ValueError(f"{heads} query heads cannot be shared evenly by {kv_heads} key/value heads")
        self.groups = heads // kv_heads
        self.head_dim = head_dim
        # Rows of one key/value head: no share of the layer may hold less.
        self.together = (self.groups + 2) * head_dim
        super().__init__(dim, self.together * kv_heads, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B,T,D) to (B,T,K,G+2,E): of each key/value head its queries, its key, its value."""
        return super().forward(x).unflatten(-1, (-1, self.groups + 2, self.head_dim))

    def pack(self, name: str, parts: Sequence[Tensor]) -> Tensor:
        """The released q, k, v, or one tensor of all their rows (q; k; v), as one, whatever the name."""
        del name
        share = (self.groups, 1, 1)
        kv_rows = self.out_features // (self.groups + 2)
        q, k, v = parts if len(parts) > 1 else parts[0].split([kv_rows * rows for rows in share])
        heads = [x.unflatten(0, (-1, rows, self.head_dim)) for x, rows in zip((q, k, v), share, strict=True)]
        return torch.cat(heads, 1).flatten(0, 2)

    def unpack(self, name: str, tensor: Tensor, count: int) -> list[Tensor]:
        """Back to q, k, v (count 3) or to their rows in one tensor (count 1)."""
        del name
        grouped = tensor.unflatten(0, (-1, self.groups + 2, self.head_dim))
        parts = [x.flatten(0, 2) for x in grouped.split([self.groups, 1, 1], 1)]
        return parts if count > 1 else [torch.cat(parts)]


class GateUp(nn.Module):
    """Gate and up projections in one product: weight (2,F,D), bias (2,F) or none; any share of F is a narrower MLP."""

    def __init__(self, dim: int, hidden: int, *, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2, hidden, dim))
        self.bias = nn.Parameter(torch.empty(2, hidden)) if bias else None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(…,D) to the gate (…,F) before its activation, and to what it gates (…,F)."""
        bias = None if self.bias is None else self.bias.flatten()
        gate, up = F.linear(x, self.weight.flatten(0, 1), bias).chunk(2, -1)
        return gate, up

    def pack(self, name: str, parts: Sequence[Tensor]) -> Tensor:
        """The released gate and up, or one tensor (gate; up) of both, as one."""
        del name
        return torch.stack(list(parts)) if len(parts) > 1 else parts[0].unflatten(0, (2, -1))

    def unpack(self, name: str, tensor: Tensor, count: int) -> list[Tensor]:
        """Back to gate and up (count 2) or to both in one tensor (count 1)."""
        del name
        return list(tensor.unbind(0)) if count > 1 else [tensor.flatten(0, 1)]


class Rotary(nn.Module):
    """Angles of a rotary embedding: frequencies theta^(-2i/dim), i < dim/2, in single precision whatever the model's.

    The frequencies follow from the configuration, so they are in no checkpoint, and anything that moves, casts or
    empties the module's tensors is followed by `rebuild`.
    """

    def __init__(self, dim: int, *, theta: float) -> None:
        super().__init__()
        self.dim, self.theta = dim, theta
        self.frequencies: Tensor
        self.register_buffer("frequencies", torch.empty(dim // 2, dtype=torch.float32), persistent=False)
        self.rebuild()

    def forward(self, positions: Tensor) -> Tensor:
        """Positions of any shape (…) to angles (…, dim/2)."""
        return positions[..., None].float() * self.frequencies

    def rebuild(self, device: torch.device | None = None) -> None:
        """Computes the frequencies again, on `device` (default: where they are; nothing on meta)."""
        device = self.frequencies.device if device is None else device
        if device.type != "meta":
            # On the host first: powers differ between devices in the last bit.
            exponents = torch.arange(0, self.dim, 2, dtype=torch.float32, device="cpu") / self.dim
            self.frequencies = (1.0 / self.theta**exponents).to(device)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.rebuild()
        return self


# --- blocks -------------------------------------------------------------------------------------------------------


class Attention(nn.Module):
    """Self-attention with grouped heads. Tensors: qkv.weight, qkv.bias, out.weight, out.bias; q_norm, k_norm."""

    def __init__(
        self,
        dim: int,
        *,
        heads: int,
        kv_heads: int | None = None,
        head_dim: int | None = None,
        causal: bool = False,
        bias: bool = True,
        out_bias: bool | None = None,
    ) -> None:
        super().__init__()
        head_dim = dim // heads if head_dim is None else head_dim
        self.causal = causal
        self.qkv = GroupedQKV(
            dim, heads=heads, kv_heads=heads if kv_heads is None else kv_heads, head_dim=head_dim, bias=bias
        )
        self.out = Linear(heads * head_dim, dim, bias=bias if out_bias is None else out_bias)

    def forward(self, x_BTD: Tensor, context: Context | None = None, layer: int = 0) -> Tensor:
        """(B,T,D) to (B,T,D); `layer` is this layer's number in the cache."""
        context = Context() if context is None else context
        # Queries and key of a head are neighbours: one rotation turns them all.
        qk_BTKGE, v_BTKE = self.qkv(x_BTD).split([self.qkv.groups + 1, 1], -2)
        v_BTKE = v_BTKE.squeeze(-2)
        if context.rotary is not None:
            qk_BTKGE = ops.rotary(qk_BTKGE, *context.rotary)
        kept = _keep(context.slots, layer, qk_BTKGE[..., -1, :], v_BTKE)
        if kept is not None and context.mask is not None:
            # One token a row: the queries of a group read the same keys under the same mask, as if they were tokens.
            o_BKGE = ops.attention(qk_BTKGE[:, 0, :, :-1], *kept, mask=context.mask)
            return self.out(o_BKGE.flatten(1)[:, None])
        o_BTHE = self._attend(qk_BTKGE[..., :-1, :].flatten(2, 3), qk_BTKGE[..., -1, :], v_BTKE, context)
        return self.out(o_BTHE.flatten(2))

    def _attend(self, q_BTHE: Tensor, k_BTKE: Tensor, v_BTKE: Tensor, context: Context) -> Tensor:
        if context.segments is not None:
            return ops.varlen_attention(q_BTHE[0], k_BTKE[0], v_BTKE[0], *context.segments, self.causal)[None]
        q, k, v = (x.transpose(1, 2) for x in (q_BTHE, k_BTKE, v_BTKE))
        causal = self.causal and context.mask is None
        return ops.attention(q, k, v, causal=causal, mask=context.mask).transpose(1, 2)


def _keep(slots: Slots | None, layer: int, k_BTKE: Tensor, v_BTKE: Tensor) -> tuple[Tensor, Tensor] | None:
    """Writes keys and values into the cache in place; returns all that the layer's cache holds."""
    if slots is None:
        return None
    keys, values = slots.keys[layer], slots.values[layer]
    keys.transpose(1, 2)[slots.rows, slots.places] = k_BTKE
    values.transpose(1, 2)[slots.rows, slots.places] = v_BTKE
    return keys, values


class MLP(nn.Module):
    """Two linear layers with an activation between. Tensors: up, down, each weight and bias."""

    def __init__(self, dim: int, hidden: int, *, activation: str, bias: bool = True) -> None:
        super().__init__()
        self.activation = ops.activation(activation)
        self.up = Linear(dim, hidden, bias=bias)
        self.down = Linear(hidden, dim, bias=bias)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(…,D) to (…,D)."""
        return self.down(self.activation(self.up(x_BTD)))


class GatedMLP(nn.Module):
    """`down(activation(gate(x)) · up(x))`. Tensors: gate_up.weight (2,F,D), down.weight; biases where there are."""

    def __init__(self, dim: int, hidden: int, *, activation: str, bias: bool = False) -> None:
        super().__init__()
        self.activation = ops.activation(activation)
        self.gate_up = GateUp(dim, hidden, bias=bias)
        self.down = Linear(hidden, dim, bias=bias)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(…,D) to (…,D)."""
        gate, up = self.gate_up(x_BTD)
        return self.down(self.activation(gate) * up)


class Block(nn.Module):
    """A pre-norm transformer block. Tensors: norm1, attention.qkv, attention.out, norm2, mlp.up, mlp.down."""

    def __init__(
        self,
        dim: int,
        *,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        causal: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.norm1 = LayerNorm(dim, eps=norm_eps)
        self.attention = Attention(dim, heads=heads, causal=causal, bias=bias)
        self.norm2 = LayerNorm(dim, eps=norm_eps)
        self.mlp = MLP(dim, mlp_dim, activation=activation, bias=bias)

    def forward(self, x_BTD: Tensor, context: Context | None = None, layer: int = 0) -> Tensor:
        """(B,T,D) to (B,T,D)."""
        x_BTD = x_BTD + self.attention(self.norm1(x_BTD), context, layer)
        return x_BTD + self.mlp(self.norm2(x_BTD))


# --- a whole model ------------------------------------------------------------------------------------------------


@torch.no_grad()
def initialize(module: nn.Module, *, std: float = 0.02) -> None:
    """Weights normal, biases zero, norms one; a module that owns other parameters says how in `initialize(self)`.

    Nothing on the meta device: torch's first initializer there imports its decompositions, over a second.
    """
    for part in module.modules():
        own = dict(part.named_parameters(recurse=False))
        if any(p.is_meta for p in own.values()):
            return
        if callable(special := getattr(part, "initialize", None)):
            special()
            continue
        norm = isinstance(part, LayerNorm | RMSNorm)
        for name, parameter in own.items():
            if name == "bias":
                parameter.zero_()
            elif norm:
                parameter.fill_(1.0)
            else:
                parameter.normal_(std=std)


def rebuild(module: nn.Module, device: torch.device | None = None) -> None:
    """Computes again what follows from the configuration alone: called after weights were loaded into a meta model."""
    for part in module.modules():
        if isinstance(part, Rotary):
            part.rebuild(device)
        elif callable(own := getattr(part, "rebuild", None)):
            own(device)


def checkpoint_activations(module: nn.Module, *, enabled: bool = True) -> None:
    """Trades time for memory in training: layers of a stack keep matrix products and attention, and redo the rest.

    Of the matrix products every second is kept (selective checkpointing); `enabled=False` undoes it.
    """
    for stack in module.modules():
        if isinstance(stack, nn.ModuleList):
            for layer in stack:
                layer.__dict__.pop("forward", None)
                if enabled:
                    layer.forward = partial(_checkpointed, layer.forward)


def _checkpointed(forward: Callable[..., Any], *args: Any) -> Any:
    # Imported where it is used: inference does without.
    from torch.utils import checkpoint as remat  # noqa: PLC0415

    if not torch.is_grad_enabled():
        return forward(*args)
    products = {True: 0, False: 0}

    def policy(ctx: Any, operation: Any, *_: Any, **__: Any) -> Any:
        name = str(operation)
        if name in {"aten.mm.default", "aten.addmm.default"}:
            products[ctx.is_recompute] += 1
            keep = products[ctx.is_recompute] % 2 == 0
        else:
            keep = "attention" in name
        return remat.CheckpointPolicy.MUST_SAVE if keep else remat.CheckpointPolicy.PREFER_RECOMPUTE

    contexts = partial(remat.create_selective_checkpoint_contexts, policy)
    return remat.checkpoint(forward, *args, use_reentrant=False, context_fn=contexts)
