"""Activations by name: what each means, then the fast path.

Shapes: any; F hidden width of an MLP. On a host an activation costs what reading and writing memory costs, and a fresh
tensor costs most of all: its pages are mapped one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

# {% if uses.generative %}
from . import fused

# {% endif %}


PIECE = 1 << 19
"""Elements of a tensor that are worked on at a time where several operations follow each other."""


def pieces(x: Tensor, axis: int = -2) -> tuple[Tensor, ...]:
    """Views of x along an axis, on a host small enough to stay in its cache from one operation to the next."""
    if x.device.type != "cpu" or x.numel() <= PIECE:
        return (x,)
    return x.split(max(1, PIECE * x.shape[axis] // x.numel()), axis)


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


def plain_activate(x: Tensor, name: str) -> Tensor:
    """The activation of x (…,F) by its name."""
    return activation(name)(x)


def activate(x: Tensor, name: str) -> Tensor:
    """As `plain_activate`, and x, a product of the layer's own, is lost: on a host it is written over.

    Not where gradients are recorded or a compiler looks, which fuses what it sees.
    """
    # {% if uses.generative %}
    if name == "quick_gelu" and fused.ready(x):
        return fused.quick_gelu(x)
    # {% endif %}
    if x.device.type != "cpu" or torch.is_grad_enabled() or torch.compiler.is_compiling() or name not in _OVERWRITING:
        return plain_activate(x, name)
    return _OVERWRITING[name](x)


def _quick_gelu(x: Tensor) -> Tensor:
    """x · σ(1.702 x) = silu(1.702 x) / 1.702."""
    if x.dtype != torch.float32:
        # Narrower numbers would be rounded once more.
        return x.mul_((1.702 * x).sigmoid_())
    return F.silu(x.mul_(1.702), inplace=True).mul_(1 / 1.702)


def _gelu_tanh(x: Tensor) -> Tensor:
    """½ x (1 + tanh u) = x · σ(2 u), u = √(2/π) (x + 0.044715 x³): torch's tanh takes three times its σ's time."""
    if x.dtype != torch.float32:
        return torch.ops.aten.gelu_(x, approximate="tanh")
    for part in pieces(x):
        part.mul_(torch.addcmul(_SCALE, part, part, value=_CUBE).mul_(part).sigmoid_())
    return x


_SCALE = torch.tensor(2 * math.sqrt(2 / math.pi), dtype=torch.float32, device="cpu")
_CUBE = 0.044715 * 2 * math.sqrt(2 / math.pi)
_OVERWRITING: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": torch.ops.aten.gelu_,
    "gelu_tanh": _gelu_tanh,
    "quick_gelu": _quick_gelu,
    "relu": F.relu_,
    "silu": partial(F.silu, inplace=True),
}
