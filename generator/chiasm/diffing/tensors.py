"""Compares state dicts without torch: two variants in, tensors that appear, vanish or change their shape out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chiasm.diffing.change import TensorChange
from chiasm.planning.stored import Stored, stored
from chiasm.spec.count import weights
from chiasm.spec.weight import Shape, Weight

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, VariantSpec

Pair = tuple["VariantSpec", "VariantSpec"]
"""A variant of both states."""
LAYOUT = "hub"
"""The layout in which released names are told."""


def tensors(old: ModelSpec, new: ModelSpec, pairs: Sequence[Pair]) -> tuple[TensorChange, ...]:
    """Tensors that differ."""
    found = [
        replace(one, variants=(now.key,))
        for was, now in pairs
        for one in _compared(_weights(was), _weights(now), {**_released(new, now), **_released(old, was)})
    ]
    groups: dict[tuple[object, ...], list[TensorChange]] = {}
    for one in found:
        groups.setdefault((one.name, one.old, one.new, one.numbers), []).append(one)
    return tuple(
        replace(several[0], variants=tuple(name for one in several for name in one.variants))
        for several in groups.values()
    )


def _weights(variant: VariantSpec) -> dict[str, Weight]:
    """Tensors by name; none of a slot that is not understood."""
    try:
        return {one.name: one for one in weights(variant.slots)}
    except (ValueError, ZeroDivisionError):
        return {}


def _released(spec: ModelSpec, variant: VariantSpec) -> dict[str, str]:
    """Tensors of ours with their names in the hub's layout, as the shell writes several."""
    return {ours: braced([one.name for one in several]) for ours, several in by_ours(spec, variant, LAYOUT).items()}


def by_ours(spec: ModelSpec, variant: VariantSpec, layout: str) -> dict[str, list[Stored]]:
    """Released tensors of a layout, by the tensor of the package that they are, or are part of."""
    found: dict[str, list[Stored]] = {}
    try:
        for one in stored(spec, variant, layout):
            found.setdefault(one.ours, []).append(one)
    except (ValueError, ZeroDivisionError):
        return {}
    return found


def braced(names: Sequence[str]) -> str:
    """Names that differ in one word as one: `a.q_proj.weight`, `a.k_proj.weight` → `a.{q_proj,k_proj}.weight`."""
    if len(names) < 2:
        return "".join(names)
    parts = [name.split(".") for name in names]
    differ = [place for place, words in enumerate(zip(*parts, strict=False)) if len(set(words)) > 1]
    if len(differ) != 1 or len({len(words) for words in parts}) > 1:
        return ", ".join(names)
    place = differ[0]
    middle = "{" + ",".join(words[place] for words in parts) + "}"
    return ".".join((*parts[0][:place], middle, *parts[0][place + 1 :]))


def _compared(
    old: Mapping[str, Weight], new: Mapping[str, Weight], released: Mapping[str, str]
) -> Iterator[TensorChange]:
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        if was and now and was.shape != now.shape:
            both = _both(was.numbers, now.numbers)
            yield _change(name, was.shape, now.shape, both, released)
        before, after = (set(one.numbers or (-1,)) if one else set() for one in (was, now))
        if was and (gone := before - after):
            yield _change(name, was.shape, None, tuple(sorted(gone - {-1})), released)
        if now and (came := after - before):
            yield _change(name, None, now.shape, tuple(sorted(came - {-1})), released)


def _both(old: Iterable[int], new: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({*old} & {*new}))


def _change(
    name: str, old: Shape | None, new: Shape | None, numbers: tuple[int, ...], released: Mapping[str, str]
) -> TensorChange:
    return TensorChange((), name, old, new, numbers, max(len(numbers), 1), released.get(name, ""))


def renamed(old: ModelSpec, new: ModelSpec, pairs: Sequence[Pair]) -> dict[str, dict[tuple[str, str], int]]:
    """Released tensors that are called otherwise, by layout: old and new name, and how many tensors these are."""
    found: dict[str, dict[tuple[str, str], int]] = {}
    for was, now in pairs:
        for layout in (*old.checkpoint, *(name for name in new.checkpoint if name not in old.checkpoint)):
            before, after = by_ours(old, was, layout), by_ours(new, now, layout)
            for ours, several in before.items():
                for one, other in zip(several, after.get(ours, ()), strict=False):
                    if one.name != other.name:
                        found.setdefault(layout, {})[one.name, other.name] = one.times
    return found


def numbered(name: str, numbers: Sequence[int]) -> str:
    """A name of several blocks with their numbers: `layers.{0…31}.norm1.weight`."""
    if ".N." not in name:
        return name
    return name.replace(".N.", f".{ranged(numbers)}.", 1)


def ranged(numbers: Sequence[int]) -> str:
    """`{0…31}`, `{0,2,4}`, `7`."""
    if len(numbers) == 1:
        return str(numbers[0])
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{{{numbers[0]}…{numbers[-1]}}}"
    shown = ",".join(map(str, numbers[:4]))
    return f"{{{shown}{',…' if len(numbers) > 4 else ''}}}"
