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

from .attention import attention, plain_attention

__all__ = [
    "attention", "plain_attention",
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
