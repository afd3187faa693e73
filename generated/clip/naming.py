"""Names of a model's tensors in its releases: our tensor and a layout in, released names and shapes out.

A layout gives the prefix of a slot, the kind's dialect the rest. Where a row of the layout names more than a slot
(`language_model.head`), it gives the whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, cast

from torch import Tensor, nn

from .dialects import Names, Released
from .reference import named

TIED = ("language_model.head.weight", "language_model.embedding.weight")
"""The head and the token table, which are one tensor where `language_model.tied`."""


class Model(Protocol):
    """What is named: a module with its configuration and the tables of its releases."""

    @property
    def config(self) -> Any:
        """One attribute a slot."""

    @property
    def released(self) -> Released:
        """The tables."""

    @property
    def optional(self) -> tuple[str, ...]:
        """Prefixes of tensors that releases lack: they are written under their own names."""


class Entry(NamedTuple):
    """One tensor of the model and the released tensors that it consists of, with the shapes they must have."""

    ours: str
    theirs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]


def entries_of(model: Model, layout: str) -> list[Entry]:
    """Every tensor of the model under its names in that layout."""
    entries = []
    for ours, tensor in cast("nn.Module", model).state_dict(keep_vars=True).items():
        names = released_names(model, ours, layout)
        parts = unpack(cast("nn.Module", model), ours, tensor.detach().to("meta"), len(names.theirs))
        entries.append(Entry(ours, names.theirs, tuple((1,) * names.ones + tuple(part.shape) for part in parts)))
    return entries


def released_names(model: Model, ours: str, layout: str) -> Names:
    """What a layout calls a tensor of ours: several names where ours packs several."""
    prefix = _longest(ours, model.released.layouts[layout])
    if prefix is None and ours.startswith(model.optional or ("\0",)):
        return Names(ours, (ours,))
    if prefix is None:
        raise ValueError(f"layout {layout!r} has no name for {ours}")
    rest = ours[len(prefix.ours) + 1 :]
    if prefix.ours not in model.released.sections:
        return prefix._replace(theirs=tuple(_join(name, rest) for name in prefix.theirs))
    config = getattr(model.config, prefix.ours)
    row = _longest(re.sub(r"(?<=\.)\d+(?=\.)", "N", rest), named(model.released, prefix.ours, config).tensors)
    if row is None:
        raise ValueError(f"{config.model_type!r} has no name for {ours}")
    suffix = rest.split(".")[row.ours.count(".") + 1 :]
    numbers = iter(re.findall(r"(?<=\.)\d+(?=\.)", rest))
    number = next(numbers, "")
    theirs = tuple(re.sub(r"(?<=\.)N(?=\.)", number, name) for name in row.theirs)
    return Names(ours, tuple(_join(prefix.theirs[0], _join(name, ".".join(suffix))) for name in theirs), row.ones)


def _longest(name: str, rows: Sequence[Names]) -> Names | None:
    matching = (row for row in rows if name == row.ours or name.startswith(row.ours + "."))
    return max(matching, key=lambda row: len(row.ours), default=None)


def _join(first: str, second: str) -> str:
    return f"{first}.{second}" if first and second else first or second


def owner(model: nn.Module, ours: str) -> tuple[Any, str]:
    """The module that holds a tensor, and its name there."""
    path, _, leaf = ours.rpartition(".")
    return model.get_submodule(path), leaf


def unpack(model: nn.Module, ours: str, tensor: Tensor, count: int) -> list[Tensor]:
    """The released tensors that one of ours packs."""
    module, leaf = owner(model, ours)
    parts: list[Tensor] = module.unpack(leaf, tensor, count) if hasattr(module, "unpack") else [tensor]
    return parts


def tied_copies(model: Model, layout: str) -> Iterator[str]:
    """Names under which a tied head may be there once more."""
    if getattr(getattr(model.config, "language_model", None), "tied", False):
        yield from released_names(model, TIED[0], layout).theirs


def stale(model: Model) -> Iterator[str]:
    """Patterns of names that old releases hold and no model reads."""
    names = list(model.released.stale)
    for prefixes in model.released.layouts.values():
        for prefix in prefixes:
            if prefix.ours in model.released.sections:
                dialect = named(model.released, prefix.ours, getattr(model.config, prefix.ours))
                names += [_join(prefix.theirs[0], name) for name in dialect.stale]
    return (re.escape(name).replace(r"\.N\.", r"\.\d+\.") for name in names)
