"""A tensor of a package, told without torch: its name and shape; and the layers that several kinds are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import NamedTuple

Shape = tuple[int, ...]


class Weight(NamedTuple):
    """A tensor of a package, or one of every block: then `N` in its name stands for each of `numbers`."""

    name: str
    shape: Shape
    numbers: tuple[int, ...] = ()
    apart: tuple[Shape, ...] = ()
    """Shapes of the released tensors that it packs, where releases hold several."""
    whole: Shape | None = None
    """Its shape in a release that holds it as one tensor, where that is another."""

    @property
    def times(self) -> int:
        """How many tensors it stands for."""
        return len(self.numbers) if ".N." in self.name else 1

    @property
    def size(self) -> int:
        """Elements of all of them."""
        return self.times * prod(self.shape)


Weights = Iterator[Weight]


def spelled(one: Weight) -> Iterator[str]:
    """The names of all tensors that a weight stands for."""
    if ".N." not in one.name:
        yield one.name
    yield from (one.name.replace(".N.", f".{number}.", 1) for number in one.numbers if ".N." in one.name)


def each(prefix: str, numbers: Sequence[int], several: Iterable[Weight]) -> Weights:
    """Tensors of every block that has one of these numbers."""
    places = tuple(numbers)
    return (one._replace(name=f"{prefix}.N.{one.name}", numbers=places) for one in several)


def within(prefix: str, several: Iterable[Weight]) -> Weights:
    """Tensors of a module of that name."""
    return (one._replace(name=f"{prefix}.{one.name}") for one in several)


def linear(name: str, inside: int, outside: int, bias: int = 1) -> Weights:
    """A matrix (outside, inside)."""
    yield Weight(f"{name}.weight", (outside, inside))
    if bias:
        yield Weight(f"{name}.bias", (outside,))


def layer_norm(name: str, dim: int) -> Weights:
    """Scale and shift."""
    yield Weight(f"{name}.weight", (dim,))
    yield Weight(f"{name}.bias", (dim,))


def packed(name: str, inside: int, rows: Sequence[int], bias: int = 1) -> Weights:
    """Several projections of one input as one, whose rows releases hold apart or as one tensor."""
    yield Weight(f"{name}.weight", (sum(rows), inside), apart=tuple((own, inside) for own in rows))
    if bias:
        yield Weight(f"{name}.bias", (sum(rows),), apart=tuple((own,) for own in rows))


def feed_forward(name: str, dim: int, mlp: int) -> Weights:
    """An MLP of two layers."""
    yield from linear(f"{name}.up", dim, mlp)
    yield from linear(f"{name}.down", mlp, dim)


def self_attention(name: str, dim: int) -> Weights:
    """Query, key and value as one, and the way out."""
    yield from packed(f"{name}.qkv", dim, (dim, dim, dim))
    yield from linear(f"{name}.out", dim, dim)


def block(dim: int, mlp: int) -> Weights:
    """A pre-norm block with biases everywhere."""
    yield from layer_norm("norm1", dim)
    yield from self_attention("attention", dim)
    yield from layer_norm("norm2", dim)
    yield from feed_forward("mlp", dim, mlp)


def patch_embedding(dim: int, kernel: Shape, bias: int = 1) -> Weights:
    """A convolution over patches as a matrix."""
    yield Weight("patch_embedding.weight", (dim, prod(kernel)), whole=(dim, *kernel))
    if bias:
        yield Weight("patch_embedding.bias", (dim,))
