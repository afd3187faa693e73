"""Every kind by slot and name, chiasm's own and those that installed packages register (entry point `chiasm.kinds`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chiasm.spec.kind import Kind


@cache
def kinds() -> tuple[type[Kind], ...]:
    """Every kind: chiasm's own, then the registered ones in the order of their entry points' names."""
    from importlib.metadata import entry_points

    found: list[type[Kind]] = list(_own())
    for point in sorted(entry_points(group="chiasm.kinds"), key=lambda point: point.name):
        loaded = point.load()
        found.extend(_kinds_of(loaded))
    return tuple(found)


@cache
def by_name(slot: str, name: str) -> type[Kind] | None:
    """The kind of that slot and name."""
    return next((kind for kind in kinds() if (kind.slot, kind.name) == (slot, name)), None)


@cache
def by_anchor(anchor: str, slot: str = "") -> type[Kind] | None:
    """The kind that a heading of a concept page defines (`encoders#vision-transformer`).

    Several kinds may share a heading; then the one whose slot is `slot`, else the first.
    """
    shared = [kind for kind in kinds() if kind.anchor == anchor]
    return next((kind for kind in shared if kind.slot == slot), shared[0] if shared else None)


def anchors() -> tuple[str, ...]:
    """Every anchor that defines a kind, sorted."""
    return tuple(sorted({kind.anchor for kind in kinds()}))


def _own() -> tuple[type[Kind], ...]:
    """chiasm's own kinds; whoever asks for none needs no pydantic."""
    from chiasm.spec import alignment, budget, described, encoder, fusion, language_model, preprocessing, training

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
    )


def _kinds_of(loaded: object) -> Iterable[type[Kind]]:
    """What an entry point may name: one kind, or a sequence of kinds."""
    from chiasm.spec.kind import Kind

    several = loaded if isinstance(loaded, list | tuple) else (loaded,)
    for kind in several:
        if not (isinstance(kind, type) and issubclass(kind, Kind)):
            msg = f"entry point group 'chiasm.kinds': {kind!r} is not a Kind"
            raise TypeError(msg)
        yield kind
