"""Q-Former: learned queries read the encoder by cross-attention in a BERT, and become the visual tokens.

Shapes: N images, P patches, Q queries, B rows, T text tokens, S queries and text, D width, C = 2 · D keys and values,
H heads, E width of a head.
Source: BLIP-2, arXiv:2301.12597 §3.1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from . import ops
from .layers import MLP, Attention, Context, Embedding, LayerNorm, Linear

Memory = list[Tensor | None]
"""Keys and values of the image (N, P, 2 · D), of each block that reads it."""


class QFormer(nn.Module):
    """A post-norm BERT over the queries; blocks 0, n, 2n … also read the image.

    With `out_dim` a linear layer takes the queries to the language model (second stage). Without it the text branch is
    there instead (first stage): its own embeddings and MLPs, its attention shared with the queries.
    """

    def __init__(
        self,
        *,
        in_dim: int,
        out_dim: int | None,
        num_queries: int,
        dim: int,
        layers: int,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        cross_attention_every: int,
        text_vocab_size: int,
        text_context: int,
    ) -> None:
        super().__init__()
        text = out_dim is None and text_vocab_size > 0
        self.activation = activation
        self.queries = nn.Parameter(torch.empty(num_queries, dim))
        self.norm = LayerNorm(dim, eps=norm_eps)
        self.blocks = nn.ModuleList(
            QFormerBlock(
                dim,
                in_dim if index % cross_attention_every == 0 else None,
                heads=heads,
                mlp_dim=mlp_dim,
                activation=activation,
                norm_eps=norm_eps,
                text=text,
            )
            for index in range(layers)
        )
        self.proj = None if out_dim is None else Linear(dim, out_dim)
        self.text_embedding = Embedding(text_vocab_size, dim) if text else None
        self.text_positions = nn.Parameter(torch.empty(text_context, dim)) if text else None

    def forward(self, features_NPD: Tensor) -> Tensor:
        """(N, P, in_dim) features of the encoder → (N, Q, out_dim) visual tokens, (N, Q, dim) in the first stage."""
        x_NQD = self.read(self.memory(features_NPD))
        return x_NQD if self.proj is None else self.proj(x_NQD.to(self.proj.weight.dtype))

    def memory(self, features_NPD: Tensor) -> Memory:
        """Keys and values of the image: the same for every text and task, so computed once an image."""
        features_NPD = features_NPD.to(self.queries.dtype)
        return [block.memory(features_NPD) for block in self._stack()]

    def read(self, memory: Memory) -> Tensor:
        """What the queries find in the images (N, Q, D), without text."""
        # Until they read, the queries are the same for every image: they start as one row.
        x_NQD = self.norm(self.queries)[None]
        for block, memory_NPC in zip(self._stack(), memory, strict=True):
            x_NQD = block(x_NQD, memory_NPC)
        return x_NQD

    def _stack(self) -> list[QFormerBlock]:
        return [block for block in self.blocks if isinstance(block, QFormerBlock)]

    def text(self, input_ids: Tensor, mask: Tensor | None) -> Tensor:
        """Texts (B, T) alone → (B, T, D); mask (B, 1, T, T), True where a token may look."""
        x_BTD = self.norm(self._embed(input_ids))
        for block in self._stack():
            x_BTD = block.joint(x_BTD, None, queries=0, mask=mask)
        return x_BTD

    def joint(self, memory: Memory, input_ids: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Queries and text in one sequence → (B, Q, D) and (B, T, D); mask (B, 1, Q + T, Q + T)."""
        count = self.queries.shape[0]
        queries_BQD = self.queries.expand(input_ids.shape[0], -1, -1)
        x_BSD = self.norm(torch.cat([queries_BQD, self._embed(input_ids)], dim=1))
        for block, memory_NPC in zip(self._stack(), memory, strict=True):
            x_BSD = block.joint(x_BSD, memory_NPC, queries=count, mask=mask)
        return x_BSD[:, :count], x_BSD[:, count:]

    def _embed(self, input_ids: Tensor) -> Tensor:
        """Token and position embeddings (B, T, D)."""
        if self.text_embedding is None or self.text_positions is None:
            raise ValueError("this Q-Former has no text branch: it is the second stage's")
        length, context = input_ids.shape[1], self.text_positions.shape[0]
        if length > context:
            raise ValueError(f"texts are {length} tokens, the Q-Former's context is {context}")
        embedded_BTD: Tensor = self.text_embedding(input_ids) + self.text_positions[:length]
        return embedded_BTD


class QFormerBlock(nn.Module):
    """Self-attention, then for queries cross-attention (`in_dim`: the image's width) and an MLP; norms come after."""

    def __init__(
        self,
        dim: int,
        in_dim: int | None,
        *,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        text: bool,
    ) -> None:
        super().__init__()
        self.attention = Attention(dim, heads=heads)
        self.attention_norm = LayerNorm(dim, eps=norm_eps)
        self.cross = None if in_dim is None else CrossAttention(dim, in_dim, heads=heads)
        self.cross_norm = None if in_dim is None else LayerNorm(dim, eps=norm_eps)
        self.mlp = MLP(dim, mlp_dim, activation=activation)
        self.mlp_norm = LayerNorm(dim, eps=norm_eps)
        self.text_mlp = MLP(dim, mlp_dim, activation=activation) if text else None
        self.text_mlp_norm = LayerNorm(dim, eps=norm_eps) if text else None

    def forward(self, x_NQD: Tensor, memory_NPC: Tensor | None) -> Tensor:
        """Queries alone, (N, Q, D) or one row for all images (1, Q, D)."""
        return self._query(self.attention_norm(x_NQD + self.attention(x_NQD, Context())), memory_NPC)

    def memory(self, features_NPD: Tensor) -> Tensor | None:
        """Keys and values of the image, for the blocks that read it."""
        return None if self.cross is None else self.cross.kv(features_NPD)

    def _query(self, x_NQD: Tensor, memory_NPC: Tensor | None) -> Tensor:
        if self.cross is not None and self.cross_norm is not None and memory_NPC is not None:
            x_NQD = self.cross_norm(x_NQD + self.cross(x_NQD, memory_NPC))
        y_NQD: Tensor = self.mlp_norm(x_NQD + self.mlp(x_NQD))
        return y_NQD

    def joint(self, x_BSD: Tensor, memory_NPC: Tensor | None, *, queries: int, mask: Tensor | None) -> Tensor:
        """The first `queries` of (B, S, D) are queries, the rest text: one attention over both, an MLP each."""
        x_BSD = self.attention_norm(x_BSD + self.attention(x_BSD, Context(mask=mask)))
        x_BQD, x_BTD = x_BSD[:, :queries], x_BSD[:, queries:]
        if self.text_mlp is not None and self.text_mlp_norm is not None:
            x_BTD = self.text_mlp_norm(x_BTD + self.text_mlp(x_BTD))
        return torch.cat([self._query(x_BQD, memory_NPC), x_BTD], dim=1) if queries else x_BTD


class CrossAttention(nn.Module):
    """Queries of width `dim` read tokens of width `in_dim`. Tensors: q, kv, out, each weight and bias."""

    def __init__(self, dim: int, in_dim: int, *, heads: int) -> None:
        super().__init__()
        self.head_dim = dim // heads
        self.q = Linear(dim, dim)
        self.kv = KeyValue(in_dim, heads=heads, head_dim=self.head_dim)
        self.out = Linear(dim, dim)

    def forward(self, x_NQD: Tensor, memory_NPC: Tensor) -> Tensor:
        """Queries (N, Q, D), or one row for all images, and what `kv` made of the images → (N, Q, D)."""
        k_NPHE, v_NPHE = memory_NPC.unflatten(-1, (-1, 2, self.head_dim)).unbind(-2)
        q_NQHE = self.q(x_NQD).unflatten(-1, (-1, self.head_dim)).expand(memory_NPC.shape[0], -1, -1, -1)
        read_NHQE = ops.attention(*(x.transpose(1, 2) for x in (q_NQHE, k_NPHE, v_NPHE)))
        y_NQD: Tensor = self.out(read_NHQE.transpose(1, 2).flatten(2))
        return y_NQD


class KeyValue(Linear):
    """Keys and values in one product (N, P, 2 · D), a key and a value a head: a share of heads is a narrower layer."""

    def __init__(self, dim: int, *, heads: int, head_dim: int) -> None:
        self.head_dim = head_dim
        self.together = 2 * head_dim
        super().__init__(dim, heads * self.together)

    def pack(self, name: str, parts: Sequence[Tensor]) -> Tensor:
        """The released key and value, weights or biases, as one."""
        del name
        return torch.stack([part.unflatten(0, (-1, self.head_dim)) for part in parts], dim=1).flatten(0, 2)

    def unpack(self, name: str, tensor: Tensor, count: int) -> list[Tensor]:
        """Back to key and value."""
        del name, count
        return [part.flatten(0, 1) for part in tensor.unflatten(0, (-1, 2, self.head_dim)).unbind(1)]
