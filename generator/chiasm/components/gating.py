"""What layers keep for the backward pass: a gated MLP its product of gate and up, a norm what it was given.

Shapes: D width, F hidden width. What is cheap to make again is not worth its memory: of four tensors of the hidden
width, two stay. A compiler decides that by itself, so nothing here is used under one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .activations import activation, pieces


class Gated(torch.autograd.Function):
    """`activation(gate) · up` of gate_up (…,2F), which alone is kept."""

    @staticmethod
    def forward(gate_up: Tensor, name: str) -> Tensor:
        """(…,2F) to (…,F)."""
        gate, up = gate_up.chunk(2, -1)
        return activation(name)(gate).mul_(up)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, str], output: Tensor) -> None:
        """Keeps the argument."""
        del output
        gate_up, ctx.name = inputs
        ctx.save_for_backward(gate_up)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """(…,F) to (…,2F): the activation and its slope are made again."""
        (gate_up,) = ctx.saved_tensors
        made = torch.empty_like(gate_up)
        # Some rows at a time: what is in between is not worth as much memory again.
        whole = [x.flatten(0, -2) for x in (gate_up, made, grad)]
        rows = max(1, len(pieces(whole[0])[0]))
        for part in zip(*(x.split(rows) for x in whole), strict=True):
            _gated_slope(ctx.name, *part)
        return made, None


def _gated_slope(name: str, gate_up: Tensor, made: Tensor, grad: Tensor) -> None:
    """Writes the gradient of gate and up (m,2F) from that of their product (m,F)."""
    gate, up = gate_up.chunk(2, -1)
    to_gate, to_up = made.chunk(2, -1)
    with torch.enable_grad():
        gate = gate.detach().requires_grad_()
        active = activation(name)(gate)
    torch.mul(grad, active.detach(), out=to_up)
    to_gate.copy_(torch.autograd.grad(active, gate, grad * up)[0])


def gated(gate_up: Tensor, name: str) -> Tensor:
    """`activation(gate) · up` with a gradient."""
    out: Tensor = Gated.apply(gate_up, name)  # type: ignore[no-untyped-call]
    return out


class Normed(torch.autograd.Function):
    """`x / root · weight` over the last axis, the root of each row a second result: neither quotient is kept."""

    @staticmethod
    def forward(x: Tensor, weight: Tensor | None, eps: float) -> tuple[Tensor, Tensor]:
        """(…,D) to (…,D) and (…,1)."""
        wide = torch.promote_types(x.dtype, torch.float32)
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=wide)
        root = (length.square_() / x.shape[-1]).add_(eps).sqrt_()
        normed = x / root
        return (normed if weight is None else normed.mul_(weight)).to(x.dtype), root

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor | None, float], output: tuple[Tensor, Tensor]) -> None:
        """Keeps what it was given, and the roots."""
        x, weight, _ = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(x, weight, output[1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, Tensor | None, None]:
        """(…,D) to (…,D) and, where there is a weight, (D)."""
        x, weight, root = ctx.saved_tensors
        normed = x / root
        slope = grad * normed
        to_weight = None if weight is None else slope.flatten(0, -2).sum(0).to(weight.dtype)
        scaled = grad if weight is None else grad * weight
        # The sum is taken: what there is is written over.
        along = (slope if weight is None else slope.mul_(weight)).mean(-1, keepdim=True)
        return torch.sub(scaled, normed.mul_(along), out=normed).div_(root).to(x.dtype), to_weight, None


def redone(call: Callable[[Tensor], Tensor], tensor: Tensor, make: Callable[[], Tensor]) -> Tensor:
    """`call(tensor)`; where that would keep `tensor` for the backward pass, `make`, which gives it again, is kept.

    Not where something else already decides what is kept (checkpointing, offloading, a compiler); calls may be nested.
    """
    if torch.compiler.is_compiling() or not tensor.requires_grad or tensor.is_meta or _decided():
        return call(tensor)
    memory, size, device = tensor.untyped_storage().data_ptr(), tensor.numel(), tensor.device

    def pack(saved: Tensor) -> Tensor | tuple[torch.Size, tuple[int, ...]]:
        if (saved.numel(), saved.device) != (size, device) or saved.untyped_storage().data_ptr() != memory:
            return saved
        return saved.shape, saved.stride()

    def unpack(kept: Any) -> Tensor:
        if isinstance(kept, Tensor):
            return kept
        with torch.no_grad():
            return make().as_strided(*kept)

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        return call(tensor)


def _decided() -> bool:
    """Some saved-tensor hook of another's is in force; taken to be so where torch does not tell."""
    hooks = getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", None)  # noqa: SLF001 - guarded
    top = None if hooks is None else hooks(False)
    return hooks is None or not (top is None or getattr(top[0], "__module__", "") == __name__)
