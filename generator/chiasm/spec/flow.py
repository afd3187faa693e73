"""Types an architecture: a variant in; the tensors of a forward pass, from pixels and ids to logits, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chiasm.spec.signatures import SIGNATURES
from chiasm.spec.typed import UNKNOWN, Fault, Flow, Slots, Step, Tensor, UnfitError, has, size, unwired, value, whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved, VariantSpec

BEHIND = ("alignment", "fusion", "language_model")


def flow(variant: VariantSpec) -> Flow:
    """The tensors of a forward pass, from pixels and ids to logits or similarities."""
    slots = variant.slots
    steps: list[Step] = []
    try:
        towers = [_step(slots[slot], slots, ()) for slot in ("encoder", "text_encoder") if slot in slots]
        steps += (step for step in towers if step)
        if not steps or len(steps) < len(towers):
            return Flow(tuple(steps), stopped=_unknown(slots, "encoder"))
        stream = tuple(tensor for step in steps for tensor in step.gives)
        for slot in BEHIND:
            if slot not in slots:
                return Flow(tuple(steps), stopped=_unknown(slots, slot) if slot == "fusion" else "")
            step = _step(slots[slot], slots, stream)
            if step is None:
                return Flow(tuple(steps), stopped=_unknown(slots, slot))
            steps.append(step)
            stream = step.gives
    except UnfitError as error:
        return Flow(tuple(steps), error.fault)
    return Flow(tuple(steps))


PARTS = {"tiles": "a tile", "raster": "an image, without row ends"}
"""Of what the tokens are that an alignment hands on, where the budget adds others."""


def tokens(variant: VariantSpec, made: Flow) -> tuple[str, str]:
    """Of what, and how many visual tokens reach the language model of it: a number or a formula, "" where unknown."""
    handed, budget = made.given("alignment"), variant.slots.get("budget")
    what = PARTS.get(budget.kind.name, "an image") if budget else "an image"
    return what, handed.each if handed and "language_model" in variant.slots else ""


def _unknown(slots: Slots, slot: str) -> str:
    return f"what `{slots[slot].kind.name}` gives is not described" if slot in slots else f"the page states no {slot}"


def _step(own: Resolved, slots: Slots, given: tuple[Tensor, ...]) -> Step | None:
    """A component's step; None where its kind says nothing about tensors."""
    _wired(own, slots)
    made = SIGNATURES.get((own.kind.slot, own.kind.name))
    if made is None:
        return None
    gives = made(own, slots, given)
    return Step(own.slot, own.kind.name, given or _taken(own), gives)


def _wired(own: Resolved, slots: Slots) -> None:
    """Everything that a component is built from must be there: its neighbours, and their fields."""
    if (missing := unwired(own, slots)) is None:
        return
    slot, field = missing
    reads = f"`{own.kind.name}` is built from `{slot}.{field}`"
    lacks = f"`{slots[slot].kind.name}` has no `{field}`" if slot in slots else f"there is no {slot}"
    beside = ((slot, "", f"`{slots[slot].kind.name}`"),) if slot in slots else ()
    way = f"choose another kind here, or another {slot.replace('_', ' ')}"
    raise UnfitError(Fault(own.slot, "", f"{reads}, and {lacks}", "", beside, way))


def _taken(own: Resolved) -> tuple[Tensor, ...]:
    """What a tower takes: images of one size, patches of images of any size, ids."""
    channels, side, patch = (size(value(own, name)) for name in ("channels", "image_size", "patch_size"))
    channels = "3" if channels == UNKNOWN else channels
    if own.slot == "text_encoder":
        return (Tensor("ids", ("B", "T"), "int64"),)
    if own.kind.name == "native_vit":
        numbers = [whole(own, name) for name in ("channels", "temporal_patch_size", "patch_size", "patch_size")]
        flat = 1
        for number in numbers:
            flat *= number or 0
        return Tensor("patches", ("P", str(flat))), Tensor("ids", ("N", "3"), "int64")
    if not has(own, "image_size"):
        side = f"multiple of {patch}" if patch != UNKNOWN else UNKNOWN
    return (Tensor("images", ("N", channels, side, side)),)
