"""The layers that every tower is made of, and what they share in one forward pass.

Shapes: B batch, T tokens, D width, H heads, K key/value heads, G query heads of a key/value head, E width of a head,
F hidden width of an MLP, S sequences packed into one row, A position axes.

Layers allocate and do not initialize, so a model on the meta device costs milliseconds: `initialize(model)` does it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from . import ops
from .leaves import Embedding, GateUp, GroupedQKV, LayerNorm, Linear, PatchEmbedding, RMSNorm, Rotary

__all__ = [
    "Embedding", "GroupedQKV", "LayerNorm", "Linear", "PatchEmbedding",
    "GateUp", "RMSNorm",
    "Rotary",
]  # fmt: skip


class Segments(NamedTuple):
    """Sequences packed one after another in one row: sequence s is tokens offsets[s] … offsets[s+1] - 1."""

    offsets: Tensor
    """(S+1) int32, from 0 to the number of tokens."""
    longest: int
    """Length of the longest, or any larger number."""


class Slots(NamedTuple):
    """Where the tokens of this pass belong in a key/value cache."""

    kept: list[Tensor]
    """The cache of each layer, (B,L,K,2,E) for L places: key and value of a head side by side."""
    rows: Tensor
    """Row of each token, (B,T) or as good."""
    places: Tensor
    """Its place in the row, likewise."""


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
    read: Tensor | None = None
    """(R), places in the flattened (B·T): behind attention only they go on, as (1,R,D); no others are looked at."""


class Features(NamedTuple):
    """What a native-resolution encoder hands on: patches (P,D) and those of L earlier blocks, (P,D) each."""

    last: Tensor
    taps: tuple[Tensor, ...]


class Visual(NamedTuple):
    """Visual tokens (V,D) for the sequence, and those for the language model's first L layers, (V,D) each."""

    tokens: Tensor
    deep: tuple[Tensor, ...]


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
        qk_norm_eps: float | None = None,
    ) -> None:
        super().__init__()
        if head_dim is None and dim % heads:
            raise ValueError(f"{heads} heads cannot share a width of {dim} evenly")
        head_dim = dim // heads if head_dim is None else head_dim
        self.causal = causal
        self.qkv = GroupedQKV(
            dim, heads=heads, kv_heads=heads if kv_heads is None else kv_heads, head_dim=head_dim, bias=bias
        )
        self.out = Linear(heads * head_dim, dim, bias=bias if out_bias is None else out_bias)
        # Bounds the attention logits, whatever the scale of the weights.
        self.q_norm = None if qk_norm_eps is None else RMSNorm(head_dim, eps=qk_norm_eps)
        self.k_norm = None if qk_norm_eps is None else RMSNorm(head_dim, eps=qk_norm_eps)

    def forward(
        self, x_BTD: Tensor, context: Context | None = None, layer: int = 0, residual: Tensor | None = None
    ) -> Tensor:
        """(B,T,D) to (B,T,D), plus `residual`; `layer` is this layer's number in the cache."""
        context = Context() if context is None else context
        kept = None
        if context.slots is not None:
            kept = context.slots.kept[layer], context.slots.rows, context.slots.places
        q_BTKGE, k_BTKE, v_BTKE = ops.heads(
            self.qkv(x_BTD),
            tables=context.rotary,
            norms=self._norms,
            kept=kept,
        )
        if kept is not None and context.mask is not None:
            cache_BLK2E, _, places_BT = kept
            o_BKGE = ops.decode_attention(q_BTKGE[:, 0], cache_BLK2E, places_BT[:, 0], context.mask)
            return self.out(o_BKGE.flatten(1)[:, None], residual)
        o_BTD = self._attend(q_BTKGE.flatten(2, 3), k_BTKE, v_BTKE, context).flatten(2)
        if context.read is not None:
            o_BTD = taken(o_BTD, context.read)
            residual = None if residual is None else taken(residual, context.read)
        return self.out(o_BTD, residual)

    @property
    def _norms(self) -> tuple[Tensor, Tensor, float] | None:
        """What `ops.heads` takes of the norms."""
        if self.q_norm is None or self.k_norm is None:
            return None
        return self.q_norm.weight, self.k_norm.weight, self.q_norm.eps

    def _attend(self, q_BTHE: Tensor, k_BTKE: Tensor, v_BTKE: Tensor, context: Context) -> Tensor:
        if context.segments is not None:
            return ops.varlen_attention(q_BTHE[0], k_BTKE[0], v_BTKE[0], *context.segments, self.causal)[None]
        q, k, v = (x.transpose(1, 2) for x in (q_BTHE, k_BTKE, v_BTKE))
        causal = self.causal and context.mask is None
        return ops.attention(q, k, v, causal=causal, mask=context.mask).transpose(1, 2)


def taken(x_BTD: Tensor, read_R: Tensor) -> Tensor:
    """Those places of the flattened (B·T) as one row: (1,R,D)."""
    return x_BTD.flatten(0, 1).index_select(0, read_R)[None]


class MLP(nn.Module):
    """Two linear layers with an activation between. Tensors: up, down, each weight and bias."""

    def __init__(self, dim: int, hidden: int, *, activation: str, bias: bool = True) -> None:
        super().__init__()
        ops.activation(activation)  # one that is known
        self.activation = activation
        self.up = Linear(dim, hidden, bias=bias)
        self.down = Linear(hidden, dim, bias=bias)

    def forward(self, x_BTD: Tensor, residual: Tensor | None = None) -> Tensor:
        """(…,D) to (…,D), plus `residual`."""
        return self.down(ops.activate(self.up(x_BTD), self.activation), residual)


class GatedMLP(nn.Module):
    """`down(activation(gate(x)) · up(x))`. Tensors: gate_up.weight (2,F,D), down.weight; biases where there are."""

    def __init__(self, dim: int, hidden: int, *, activation: str, bias: bool = False) -> None:
        super().__init__()
        ops.activation(activation)  # one that is known
        self.activation = activation
        self.gate_up = GateUp(dim, hidden, bias=bias)
        self.down = Linear(hidden, dim, bias=bias)

    def forward(self, x_BTD: Tensor, residual: Tensor | None = None) -> Tensor:
        """(…,D) to (…,D), plus `residual`."""
        both_BTF = self.gate_up(x_BTD)
        # Training keeps what gate and up made, not what follows from it.
        return ops.redone(
            lambda hidden_BTF: self.down(hidden_BTF, residual),
            ops.gated(both_BTF, self.activation),
            lambda: ops.plain_gated(both_BTF, self.activation),
        )


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
        x_BTD = self.attention(self.norm1(x_BTD), context, layer, residual=x_BTD)
        return self.mlp(self.norm2(x_BTD), residual=x_BTD)


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
        for name, parameter in own.items():
            if name == "bias":
                parameter.zero_()
            elif hasattr(part, "eps"):  # a norm
                parameter.fill_(1.0)
            else:
                parameter.normal_(std=std)


def rebuild(module: nn.Module, device: torch.device | None = None) -> None:
    """Computes again what follows from the configuration alone: called after weights were loaded into a meta model."""
    for part in module.modules():
        if callable(own := getattr(part, "rebuild", None)):
            own(device)
