"""Every kind by slot and name, chiasm's own and those that installed packages register (entry point `chiasm.kinds`)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chiasm import beside
from chiasm.spec.forms import Form, Known
from chiasm.spec.model import FieldSpec, KindSpec

if TYPE_CHECKING:
    from chiasm.spec.kind import Kind

NAME = "kinds"
GROUP = "chiasm.kinds"


@cache
def kinds() -> tuple[type[Kind], ...]:
    """The class of every kind: chiasm's own, then the registered ones in the order of their entry points' names."""
    return (*_own(), *_registered())


@cache
def known() -> tuple[Known, ...]:
    """Every kind without its class, in the same order. What follows from chiasm's own classes is kept."""
    state, kept = _state(), beside.kept(NAME)
    if isinstance(kept, tuple) and len(kept) == 2 and kept[0] == state:
        own = tuple(map(_read, kept[1]))
    else:
        from chiasm.spec.kind import known as plainly

        own = tuple(map(plainly, _own()))
        beside.keep(NAME, (state, tuple(map(_written, own))))
    return (*own, *_others())


@cache
def by_name(slot: str, name: str) -> Known | None:
    """The kind of that slot and name."""
    return next((kind for kind in known() if (kind.slot, kind.name) == (slot, name)), None)


@cache
def by_anchor(anchor: str, slot: str = "") -> Known | None:
    """The kind that a heading of a concept page defines (`encoders#vision-transformer`).

    Several kinds may share a heading; then the one whose slot is `slot`, else the first.
    """
    shared = [kind for kind in known() if kind.anchor == anchor]
    return next((kind for kind in shared if kind.slot == slot), shared[0] if shared else None)


def cls(slot: str, name: str) -> type[Kind]:
    """The class of a kind that is known."""
    return next(kind for kind in kinds() if (kind.slot, kind.name) == (slot, name))


def anchors() -> tuple[str, ...]:
    """Every anchor that defines a kind, sorted."""
    return tuple(sorted({kind.anchor for kind in known()}))


def _state() -> str:
    """What the modules that define kinds look like: names, sizes, times."""
    with os.scandir(Path(__file__).parent) as entries:
        states = [(one.name, one.stat()) for one in entries if one.name.endswith(".py")]
    return "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in sorted(states))


def _written(kind: Known) -> tuple[object, ...]:
    """A kind as plain values."""
    *head, fields = (getattr(kind.spec, one.name) for one in dataclasses.fields(KindSpec))
    return (
        tuple(head),
        {name: tuple(getattr(own, one.name) for one in dataclasses.fields(FieldSpec)) for name, own in fields.items()},
        kind.columns,
        {name: tuple(getattr(own, one.name) for one in dataclasses.fields(Form)) for name, own in kind.forms.items()},
        kind.certain,
    )


def _read(written: Any) -> Known:
    head, fields, columns, forms, certain = written
    read = {name: FieldSpec(*values) for name, values in fields.items()}
    return Known(KindSpec(*(*head, read)), columns, {name: Form(*values) for name, values in forms.items()}, certain)


def _others() -> tuple[Known, ...]:
    """The registered kinds without their classes, which are not asked for where none is announced."""
    if not beside.announces(GROUP):
        return ()
    from chiasm.spec.kind import known as plainly

    return tuple(map(plainly, _registered()))


def _registered() -> Iterable[type[Kind]]:
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield from _kinds_of(point.load())


def _own() -> tuple[type[Kind], ...]:
    """chiasm's own kinds; whoever asks for none needs no pydantic."""
    from chiasm.spec import (
        alignment,
        budget,
        described,
        described_text,
        encoder,
        fusion,
        language_model,
        preprocessing,
        training,
    )

    return (
        encoder.ViT,
        encoder.NativeViT,
        encoder.TextTransformer,
        alignment.Linear,
        alignment.MLP,
        alignment.QFormer,
        alignment.PatchMerger,
        alignment.JointProjection,
        fusion.Splice,
        fusion.DeepStack,
        fusion.Contrastive,
        budget.Fixed,
        budget.Dynamic,
        budget.NoTokens,
        language_model.Llama,
        language_model.OPT,
        preprocessing.FixedImages,
        preprocessing.NativeImages,
        preprocessing.Chat,
        preprocessing.PromptNone,
        training.Stages,
        training.QFormerFirstStage,
        training.Positioning,
        *described.KINDS,
        *described_text.KINDS,
    )


def _kinds_of(loaded: object) -> Iterable[type[Kind]]:
    """What an entry point may name: one kind, or a sequence of kinds."""
    from chiasm.spec.kind import Kind

    several = loaded if isinstance(loaded, list | tuple) else (loaded,)
    for kind in several:
        if not (isinstance(kind, type) and issubclass(kind, Kind)):
            msg = f"entry point group '{GROUP}': {kind!r} is not a Kind"
            raise TypeError(msg)
        yield kind
