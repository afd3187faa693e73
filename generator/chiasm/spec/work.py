"""What arithmetic is counted in: the load of a pass, and matrix products with the numbers they take and make.

A product of (m, k) by (k, n) is m·k·n multiply-accumulates (MAC) and 2·m·k·n operations (FLOP), as torch's
FlopCounterMode counts them. Attention is two products, scores and their use, over all pairs, also those that a causal
mask hides. Norms, activations, softmax, biases, rotations and look-ups are not counted, there or here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved


class Seen(NamedTuple):
    """An image as the encoder reads it: frames (1 for a still image; already a patch's worth each) and sides in px."""

    frames: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one pass is given: rows of a batch, each with its images, and what attention of the text runs over."""

    rows: int
    images: tuple[Seen, ...]
    """Of one row; every row has as many."""
    queries: int
    """Tokens of a row that are read in this pass."""
    keys: int
    """Tokens of a row that they may look at: the same in a prefill, those kept before and the token itself later."""

    @property
    def pictures(self) -> int:
        """Images of all rows."""
        return self.rows * len(self.images)


@dataclass(frozen=True, slots=True)
class Product:
    """Matrix products of one sort: how many operations, how many numbers they result in."""

    sort: str
    """patches, projections, attention, mlp, head or similarity."""
    flops: int
    """FLOP: twice the multiply-accumulates."""
    results: int
    """Elements that come out; attention's scores, which fused kernels never store, are not among them."""
    hidden: int = 0
    """FLOP spent on pairs that a causal mask hides; a kernel that skips them saves as many."""

    def times(self, count: int) -> Product:
        """So many of them."""
        return replace(self, flops=self.flops * count, results=self.results * count, hidden=self.hidden * count)


Products = tuple[Product, ...]


def matrix(sort: str, rows: int, inside: int, outside: int) -> Product:
    """A weight (outside, inside) applied to so many rows."""
    return Product(sort, 2 * rows * inside * outside, rows * outside)


def attention(sequences: int, heads: int, queries: int, keys: int, width: int, *, causal: bool = False) -> Product:
    """Attention of so many sequences and heads of that width; causal: the last query sees the last key."""
    pairs = sequences * heads * queries * keys
    unseen = sequences * heads * queries * (queries - 1) // 2 if causal else 0
    return Product("attention", 4 * pairs * width, sequences * heads * queries * width, 4 * unseen * width)


def whole(resolved: Resolved, *names: str) -> list[int]:
    """Fields that are whole numbers, true being 1. Raises ValueError where one is not stated."""
    values = [resolved.get(name) if name in resolved.kind.fields else None for name in names]
    if unstated := [name for name, value in zip(names, values, strict=True) if not isinstance(value, int)]:
        raise ValueError(f"{resolved.slot}.{unstated[0]} is not stated")
    return [int(value) for value in values if isinstance(value, int)]
