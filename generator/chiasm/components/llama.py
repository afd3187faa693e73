"""A LLaMA-family decoder: RMSNorm, rotary positions, grouped heads, gated MLP (LLaMA, Mistral, Qwen2, Qwen3).

Shapes: B batch, T tokens, D width, V vocabulary, E width of a head, A position axes (1, or 3 for time, height, width).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from . import ops
from .layers import Attention, Context, Embedding, GatedMLP, Linear, RMSNorm, Rotary, Segments, Slots


class Llama(nn.Module):
    """Tokens to hidden states to logits.

    Tensors: embedding.weight, layers.N.{norm1, attention.qkv, attention.out, norm2, mlp.gate_up, mlp.down}, norm, head
    (none where tied).
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        context: int,
        dim: int,
        layers: int,
        heads: int,
        kv_heads: int,
        head_dim: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        rope_theta: float,
        tied: bool,
        qkv_bias: bool = False,
        out_bias: bool = False,
        mlp_bias: bool = False,
        qk_norm: bool = False,
        mrope_sections: tuple[int, ...] = (),
        pad_token: int | None = None,
    ) -> None:
        super().__init__()
        self.max_context = context
        self.embedding = Embedding(vocab_size, dim, unlearned=pad_token, tied=tied)
        self.rotary = Rotary(head_dim, theta=rope_theta)
        self.layers = nn.ModuleList(
            DecoderBlock(
                dim,
                mlp_dim=mlp_dim,
                activation=activation,
                norm_eps=norm_eps,
                mlp_bias=mlp_bias,
                attention=Attention(
                    dim,
                    heads=heads,
                    kv_heads=kv_heads,
                    head_dim=head_dim,
                    causal=True,
                    bias=qkv_bias,
                    out_bias=out_bias,
                    # {% if uses.qk_norm %}
                    qk_norm_eps=norm_eps if qk_norm else None,
                    # {% endif %}
                ),
            )
            for _ in range(layers)
        )
        self.norm = RMSNorm(dim, eps=norm_eps)
        self.head = None if tied else Linear(dim, vocab_size, bias=False)
        if mrope_sections and sum(mrope_sections) * 2 != head_dim:
            raise ValueError(f"sections {mrope_sections} of the rotary channels do not add up to {head_dim} / 2")
        self.mrope_sections = mrope_sections

    def embed(self, ids_BT: Tensor, rows: Tensor | None = None) -> Tensor:
        """Ids (B,T) to embeddings (B,T,D); `rows` is the first of `tables`."""
        return self.embedding(ids_BT, rows)

    def begin(self, x_BTD: Tensor, positions_ABT: Tensor) -> Tensor:
        """Embeddings as the first layer reads them: unchanged, since positions enter in every layer."""
        del positions_ABT
        return x_BTD

    def context(
        self,
        positions_ABT: Tensor,
        *,
        mask: Tensor | None = None,
        segments: Segments | None = None,
        slots: Slots | None = None,
    ) -> Context:
        """What all layers share in this pass; see `Context`."""
        angles_BTF = self.rotary(positions_ABT[0])
        # {% if uses.mrope %}
        if len(positions_ABT) > 1 and self.mrope_sections:
            angles_BTF = self._interleave(self.rotary(positions_ABT))
        # {% endif %}
        tables = ops.rotary_tables(angles_BTF[:, :, None, None], self.embedding.weight.dtype)
        return Context(rotary=tables, mask=mask, segments=segments, slots=slots)

    def forward(
        self,
        x_BTD: Tensor,
        context: Context,
        *,
        after: Callable[[int, Tensor], Tensor] | None = None,
        read: Tensor | None = None,
    ) -> Tensor:
        """What `begin` returned to normalized hidden states (B,T,D); `after` may change what a layer returns.

        With `read` (R) to those of these places of the flattened (B·T), (1,R,D): the last layer computes no others.
        """
        for i, layer in enumerate(self.layers):
            if i + 1 == len(self.layers):
                context = context._replace(read=read)
            x_BTD = layer(x_BTD, context, i)
            if after is not None:
                x_BTD = after(i, x_BTD)
        return self.norm(x_BTD)

    def logits(self, x_BTD: Tensor) -> Tensor:
        """Normalized hidden states (…,D) to logits (…,V)."""
        return self.embedding.logits(x_BTD) if self.head is None else self.head(x_BTD)

    @property
    def tables(self) -> tuple[Tensor | None, Tensor]:
        """For a pass that learns: what `embed` takes, and the weight (V,D) of the logits; a tied table is both."""
        return ops.twice(self.embedding.weight) if self.head is None else (None, self.head.weight)

    # {% if uses.mrope %}
    def _interleave(self, angles_ABTF: Tensor) -> Tensor:
        """Channels take turns T H W T H W … as long as a section lasts; time has the rest."""
        _, *limits = (3 * section for section in self.mrope_sections)
        channel_F = torch.arange(angles_ABTF.shape[-1], device=angles_ABTF.device)
        angles_BTF = angles_ABTF[0]
        for axis, limit in enumerate(limits, start=1):
            theirs_F = (channel_F % 3 == axis) & (channel_F < limit)
            angles_BTF = torch.where(theirs_F, angles_ABTF[axis], angles_BTF)
        return angles_BTF

    # {% endif %}


class DecoderBlock(nn.Module):
    """Attention, then a gated MLP, each on a normalized copy of the residual stream."""

    def __init__(
        self, dim: int, *, attention: Attention, mlp_dim: int, activation: str, norm_eps: float, mlp_bias: bool
    ) -> None:
        super().__init__()
        self.norm1 = RMSNorm(dim, eps=norm_eps)
        self.attention = attention
        self.norm2 = RMSNorm(dim, eps=norm_eps)
        self.mlp = GatedMLP(dim, mlp_dim, activation=activation, bias=mlp_bias)

    def forward(self, x_BTD: Tensor, context: Context, layer: int) -> Tensor:
        """(B,T,D) to (B,T,D); `layer` is this layer's number in the cache."""
        y_BTD = _normed(self.norm1, lambda n_BTD: self.attention(n_BTD, context, layer, residual=x_BTD), x_BTD)
        return _normed(self.norm2, lambda n_BTD: self.mlp(n_BTD, residual=y_BTD), y_BTD)


def _normed(norm: RMSNorm, branch: Callable[[Tensor], Tensor], x_BTD: Tensor) -> Tensor:
    """`branch(norm(x))`; training keeps x, which it has to, and makes the normalized copy again."""
    return ops.redone(branch, norm(x_BTD), lambda: norm(x_BTD))
