"""Names of a model's tensors in its releases: our tensor and a layout in, released names and shapes out.

A layout gives the prefix of a slot, the kind's dialect the rest. Where a row of the layout names more than a slot
(`language_model.head`), it gives the whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from torch import Tensor, nn

from .dialects import expanded

TIED = ("language_model.head.weight", "language_model.embedding.weight")
"""The head and the token table, which are one tensor where `language_model.tied`."""

NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")


class Entry(NamedTuple):
    """One tensor of the model and the released tensors that it consists of, with the shapes they must have."""

    ours: str
    theirs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]


def entries_of(model: Any, layout: str) -> list[Entry]:
    """Every tensor of a `Checkpointed` model under its names in that layout."""
    entries = []
    for ours, tensor in model.state_dict(keep_vars=True).items():
        theirs, ones = released_names(model, ours, layout)
        parts = unpack(model, ours, tensor.detach().to("meta"), len(theirs))
        entries.append(Entry(ours, theirs, tuple((1,) * ones + tuple(part.shape) for part in parts)))
    return entries


def released_names(model: Any, ours: str, layout: str) -> tuple[tuple[str, ...], int]:
    """What a layout calls a tensor (several names where ours packs several), and leading axes of length 1 there."""
    prefixes = model.released.layouts[layout]
    slot = _longest(ours, prefixes)
    if slot is None and ours.startswith(model.optional or ("\0",)):
        return (ours,), 0
    if slot is None:
        raise ValueError(f"layout {layout!r} has no name for {ours}")
    (prefix, *_), ones = expanded(prefixes[slot])
    rest = ours[len(slot) + 1 :]
    if slot not in model.released.sections:
        return (_joined(prefix, rest),), ones
    dialect = model.released.dialect(slot, getattr(model.config, slot))
    row = _longest(NUMBER.sub("N", rest), dialect.tensors)
    if row is None:
        raise ValueError(f"{dialect.model_type!r} has no name for {ours}")
    names, ones = expanded(dialect.tensors[row])
    number = found[0] if (found := NUMBER.search(rest)) else ""
    suffix = ".".join(rest.split(".")[row.count(".") + 1 :])
    return tuple(_joined(prefix, re.sub(r"(?<=\.)N(?=\.)", number, name), suffix) for name in names), ones


def _longest(name: str, rows: Iterable[str]) -> str | None:
    return max((row for row in rows if name == row or name.startswith(row + ".")), key=len, default=None)


def _joined(*names: str) -> str:
    return ".".join(filter(None, names))


def owner(model: nn.Module, ours: str) -> tuple[Any, str]:
    """The module that holds a tensor, and its name there."""
    path, _, leaf = ours.rpartition(".")
    return model.get_submodule(path), leaf


def unpack(model: nn.Module, ours: str, tensor: Tensor, count: int) -> list[Tensor]:
    """The released tensors that one of ours packs."""
    module, leaf = owner(model, ours)
    return module.unpack(leaf, tensor, count) if hasattr(module, "unpack") else [tensor]


def tied_copies(model: Any, layout: str) -> tuple[str, ...]:
    """Names under which a tied head may be there once more."""
    tied = getattr(getattr(model.config, "language_model", None), "tied", False)
    return released_names(model, TIED[0], layout)[0] if tied else ()


def stale(model: Any) -> Iterator[str]:
    """Patterns of names that old releases hold and no model reads."""
    names = model.released.stale.split()
    for prefixes in model.released.layouts.values():
        for slot in prefixes.keys() & model.released.sections.keys():
            dialect = model.released.dialect(slot, getattr(model.config, slot))
            names += [_joined(prefixes[slot], name) for name in dialect.stale.split()]
    return (re.escape(name).replace(r"\.N\.", r"\.\d+\.") for name in names)
