"""Layers without layers inside: they hold the tensors.

Shapes: N images, P patches, C channels, B batch, T tokens, D width, K key/value heads, G query heads of a key/value
head, E width of a head, F hidden width of an MLP.

Leaves allocate and do not initialize, so a model on the meta device costs milliseconds. One that stores several
released tensors as one has `pack(name, parts)` and `unpack(name, tensor, count)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from . import ops


class Projection(nn.Linear):
    """`x · weightᵀ + bias`: weight (out, in), bias (out) where there is one."""

    packed: ops.Packed | None = None
    """The weight once more, in an order for few rows: see `prepack`."""

    def reset_parameters(self) -> None:
        """Nothing: see `initialize`."""

    def forward(self, x: Tensor) -> Tensor:
        """(…,in) to (…,out)."""
        return ops.linear(x, self.weight, self.bias, packed=self.packed)


class Linear(Projection):
    """A projection that adds what it is given besides, in the product itself where it can."""

    def forward(self, x: Tensor, residual: Tensor | None = None) -> Tensor:
        """(…,in) to (…,out), plus residual (…,out)."""
        return ops.linear(x, self.weight, self.bias, residual, packed=self.packed)


class Embedding(nn.Embedding):
    """Rows of weight (rows, D) by number; the row `unlearned`, padding's, gets no gradient from where it is read.

    Where it is `tied`, the rows are the weight of the logits too.
    """

    packed: ops.Packed | None = None

    def __init__(self, rows: int, dim: int, *, unlearned: int | None = None, tied: bool = False) -> None:
        self.tied = tied
        # Releases name padding tokens that lie outside of the table: then there is no such row.
        inside = unlearned is not None and 0 <= unlearned < rows
        super().__init__(rows, dim, padding_idx=unlearned if inside else None)

    def reset_parameters(self) -> None:
        """Nothing: see `initialize`."""

    def forward(self, ids: Tensor, rows: Tensor | None = None) -> Tensor:
        """Rows of weight by number, or of `rows`, the first of `ops.twice(weight)`: (…) to (…,D)."""
        if rows is None:
            return super().forward(ids)
        return nn.functional.embedding(ids, rows, self.padding_idx, sparse=rows is not self.weight)

    def logits(self, x: Tensor) -> Tensor:
        """The product of x (…,D) with every row: (…,rows)."""
        return ops.linear(x, self.weight, packed=self.packed)


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


class PatchEmbedding(Projection):
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


class GroupedQKV(Projection):
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

    packed: ops.Packed | None = None

    def __init__(self, dim: int, hidden: int, *, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2, hidden, dim))
        self.bias = nn.Parameter(torch.empty(2, hidden)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(…,D) to the gate before its activation and, behind it, what it gates: (…,2F)."""
        bias = None if self.bias is None else self.bias.flatten()
        return ops.linear(x, self.weight.flatten(0, 1), bias, packed=self.packed)

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
