"""Products with a weight, and the order in which a weight lies in memory: what they mean, then the fast path.

Shapes: M rows, D what a weight takes, N what it gives. Decoding reads every weight for one row or a few, and the order
that is best for it depends on the processor: `prepack` tries those that there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import inf
from time import perf_counter
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# {% if uses.generative %}
from . import fused

# {% endif %}
SMALLEST = 1 << 14
"""Elements of a weight below which the order does not matter."""
ENOUGH = 1 << 24
"""Elements of weights to try an order on: more than a processor's cache holds."""
PASSES = 7
GAIN = 1.1
"""How much faster a second copy of a weight has to be to be worth its memory."""

ORDERS: dict[str, Callable[[Tensor], Tensor]] = {
    "by rows": Tensor.contiguous,
    "by columns": lambda weight: weight.t().contiguous().t(),
}
"""Ways in which torch's own product takes a matrix."""


class Packed(NamedTuple):
    """A weight once more, in the blocked order of oneDNN's products; stale once the weight has changed."""

    blocked: Tensor
    weight: Tensor
    version: int
    rows: tuple[int, int]
    """The fewest and the most for which it is used."""

    def __reduce__(self) -> Any:
        """A copy of a model, or a pickle, is without: the blocked order cannot be stored."""
        return type(None), ()

    def serves(self, x: Tensor) -> bool:
        """Whether the product with x (…,D) may be taken from it."""
        return (
            not torch.is_grad_enabled()
            and not torch.compiler.is_compiling()
            and self.rows[0] <= x.numel() // x.shape[-1] <= self.rows[1]
            and x.dtype == self.weight.dtype
            and self.version == self.weight._version  # noqa: SLF001 - counts changes in place
        )


def plain_linear(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, residual: Tensor | None = None, packed: Packed | None = None
) -> Tensor:
    """`x · weightᵀ + bias + residual`: x (…,D), weight (N,D), bias (N), residual (…,N).

    `packed` is the same weight in another order; it changes nothing but the time.
    """
    del packed
    y = F.linear(x, weight, bias)
    return y if residual is None else residual + y


def linear(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, residual: Tensor | None = None, packed: Packed | None = None
) -> Tensor:
    """As `plain_linear`: the product starts from the residual, and reads the packed weight where that is faster."""
    if packed is not None and packed.serves(x):
        return _blocked_linear(x, packed.blocked, bias, residual)
    if residual is None:
        return F.linear(x, weight, bias)
    # {% if uses.generative %}
    if fused.may_overwrite(residual, bias):
        return fused.add_product(x, weight, residual)
    # {% endif %}
    # Under autocast the types differ, and the sum keeps the residual's.
    if bias is None and x.dtype == weight.dtype == residual.dtype:
        return torch.addmm(residual.flatten(0, -2), x.flatten(0, -2), weight.t()).view(residual.shape)
    product = F.linear(x, weight, bias)
    if torch.is_grad_enabled() or torch.compiler.is_compiling() or product.dtype != residual.dtype:
        return residual + product
    return product.add_(residual)


def _blocked_linear(x: Tensor, blocked: Tensor, bias: Tensor | None, residual: Tensor | None) -> Tensor:
    product = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - `prepack` made sure that it is there
    out: Tensor
    if residual is None:
        out = product(x, blocked, bias, "none", [], "")
    else:
        out = product.binary(x, residual, blocked, bias, "add")
    return out


def prepack(model: nn.Module, *, rows: int = 1) -> nn.Module:
    """Lays a model's large weights out for products of `rows` rows on this processor: in place, timing the orders.

    A weight may be turned on its side, which costs no memory, or kept a second time in oneDNN's blocked order, for
    about `rows` rows, where that is faster by a tenth. Values do not change; neither does what is saved. The second
    copy is left out of gradients and compilation and once its weight changes; call it after moving and loading, and
    again for another number of rows. Weights on other devices stay as they are.
    """
    alike: dict[Any, list[Any]] = defaultdict(list)
    for layer in model.modules():
        if not hasattr(type(layer), "packed") or not getattr(layer, "tied", True):
            continue
        part: Any = layer
        part.packed, weight = None, part.weight
        if weight.device.type == "cpu" and type(weight) is nn.Parameter and weight.numel() >= SMALLEST:
            alike[type(part), weight.dtype, weight.shape].append(part)
    for layers in alike.values():
        _choose(layers, rows)
    return model


@torch.no_grad()
def _choose(layers: Sequence[Any], rows: int) -> None:
    """The fastest order for layers of one shape, tried on as many of them as are enough."""
    weights = [layer.weight for layer in layers]
    few = [weight.flatten(0, -2) for weight in weights[: max(3, ENOUGH // weights[0].numel())]]
    x_MD = few[0].new_ones(rows, few[0].shape[1])
    # A table that is also read row by row stays in rows.
    orders = dict(islice(ORDERS.items(), 1 if isinstance(layers[0], nn.Embedding) else None))
    trials = {order: _over([lay(weight) for weight in few], F.linear, x_MD) for order, lay in orders.items()}
    if _can_block(x_MD, few[0]):
        blocked = [torch.ops.mkldnn._reorder_linear_weight(weight, rows) for weight in few]  # noqa: SLF001
        trials["blocked"] = _over(blocked, lambda x, weight: _blocked_linear(x, weight, None, None), x_MD)
    seconds = _seconds(trials)
    best = min(orders, key=lambda order: seconds[order])
    if seconds.get("blocked", inf) * GAIN < seconds[best]:
        for layer, weight in zip(layers, weights, strict=True):
            copy = torch.ops.mkldnn._reorder_linear_weight(weight.flatten(0, -2), rows)  # noqa: SLF001
            layer.packed = Packed(copy, weight, weight._version, (min(rows, 2), 4 * rows))  # noqa: SLF001
        return
    for weight in weights:
        weight.data = ORDERS[best](weight.data.flatten(0, -2)).view(weight.shape)


def _over(weights: Sequence[Tensor], product: Callable[[Tensor, Tensor], Tensor], x_MD: Tensor) -> Callable[[], None]:
    """One pass over the weights."""

    def run() -> None:
        for weight in weights:
            product(x_MD, weight)

    return run


def _seconds(trials: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """The least of a few passes of each, in turns, since what slows the processor for a while should slow all."""
    least = dict.fromkeys(trials, inf)
    for _ in range(PASSES):
        for name, run in trials.items():
            start = perf_counter()
            run()
            least[name] = min(least[name], perf_counter() - start)
    return least


def _can_block(x_MD: Tensor, weight_ND: Tensor) -> bool:
    """Whether this torch has the private operations, and this processor the instructions for the type."""
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return False
    try:
        blocked = torch.ops.mkldnn._reorder_linear_weight(weight_ND[:32, :32].contiguous(), 1)  # noqa: SLF001
        _blocked_linear(x_MD[:, :32], blocked, None, None)
    except (RuntimeError, TypeError):
        return False
    return True
