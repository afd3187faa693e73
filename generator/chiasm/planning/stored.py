"""Tells what releases call a package's tensors, and in which shapes: a spec and a layout in, released tensors out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from chiasm.planning.released_names import parts_of, plain
from chiasm.spec.count import weights
from chiasm.spec.weight import Shape, Weight

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, NameRow, VariantSpec

Parts = tuple[tuple[str, ...], int]
"""Released names, and leading axes of length 1."""


class Stored(NamedTuple):
    """A tensor as a release holds it, or one of every block: then `N` in its name stands for each of `numbers`."""

    name: str
    shape: Shape
    numbers: tuple[int, ...]
    ours: str
    """The tensor of the package that it is, or a part of."""

    @property
    def times(self) -> int:
        """How many tensors it stands for."""
        return len(self.numbers) or 1


def stored(spec: ModelSpec, variant: VariantSpec, layout: str) -> tuple[Stored, ...]:
    """Every tensor of a variant under its names in a layout; those that the tables do not name are left out."""
    prefixes = {row.ours: parts_of(row) for row in spec.checkpoint.get(layout, ()) if _names(row)}
    own = {row.ours: row for row in spec.configuration}
    rows = {slot: _rows(spec, variant, slot, own) for slot in variant.slots}
    return tuple(one for weight in weights(variant.slots) for one in _stored(weight, prefixes, rows))


def _names(row: NameRow) -> bool:
    return row.ours != "stale" and bool(row.cell.text.strip())


def _rows(spec: ModelSpec, variant: VariantSpec, slot: str, own: Mapping[str, NameRow]) -> Mapping[str, Parts] | None:
    """Names within a slot, in the dialect that the variant speaks; None where no table tells of its kind."""
    resolved = variant.slots[slot]
    names = spec.names.get((resolved.kind.slot, resolved.kind.name))
    if names is None or not names.configuration:
        return None
    spoken = variant.entries.get((slot, "model_type"))
    dialect = str(spoken.value) if spoken else plain(own, "model_type")
    return {row.ours: parts_of(row) for row in names.tensors.get(dialect, ()) if _names(row)}


def _stored(
    weight: Weight, prefixes: Mapping[str, Parts], rows: Mapping[str, Mapping[str, Parts] | None]
) -> Iterator[Stored]:
    above = _longest(weight.name, prefixes)
    if above is None:
        return
    (prefix, *_), ones = prefixes[above]
    rest = weight.name[len(above) + 1 :]
    table = rows.get(above)
    if table is None:
        yield Stored(_joined(prefix, rest), (*(1,) * ones, *weight.shape), weight.numbers, weight.name)
        return
    row = _longest(rest, table)
    if row is None:
        return
    names, ones = table[row]
    suffix = ".".join(rest.split(".")[row.count(".") + 1 :])
    for name, shape in zip(names, _shapes(weight, len(names)), strict=True):
        yield Stored(_joined(prefix, name, suffix), (*(1,) * ones, *shape), weight.numbers, weight.name)


def _shapes(weight: Weight, count: int) -> Sequence[Shape]:
    if count == 1:
        return [weight.whole or weight.shape]
    return weight.apart if len(weight.apart) == count else [weight.shape] * count


def _longest(name: str, rows: Iterable[str]) -> str | None:
    return max((row for row in rows if name == row or name.startswith(f"{row}.")), key=len, default=None)


def _joined(*names: str) -> str:
    return ".".join(filter(None, names))


def spelled(name: str, numbers: Sequence[int]) -> Iterator[str]:
    """The names of all tensors that one with an `N` stands for."""
    yield from (re.sub(r"(?<=\.)N(?=\.)", str(number), name, count=1) for number in numbers)
    if not numbers:
        yield name
