"""Counts a variant's parameters without torch: its resolved slots in, exact integers by part and by scope out.

A part is `slot.part` (`encoder.blocks`, `language_model.head`); a scope is a part, a slot, `total`, `embeddings`, or
`trainable` in a stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chiasm.spec.tensors import TENSORS, Parts, Slots, first_stage, made, parts_of
from chiasm.spec.typed import unwired

if TYPE_CHECKING:
    from chiasm.spec.model import KindSpec, ModelSpec, Plain, Resolved, VariantSpec
    from chiasm.spec.weight import Weight

TENSOR_SLOTS = ("encoder", "text_encoder", "alignment", "fusion", "budget", "language_model")
FIRST_STAGE = "first_stage"
"""Prefix of parts that only exist in a first training stage: text branches and heads that are dropped afterwards."""

_ALIASES = {
    "vision": "encoder",
    "vision tower": "encoder",
    "vision encoder": "encoder",
    "image encoder": "encoder",
    "text tower": "text_encoder",
    "projector": "alignment",
    "projection": "alignment.proj",
    "connector": "alignment",
    "llm": "language_model",
    "lm": "language_model",
    "lm head": "language_model.head",
    "head": "language_model.head",
    "queries": "alignment.queries",
    "q-former": "alignment.blocks",
}


def parameters(slots: Slots) -> Parts | None:
    """Parameters by part; None where a slot's tensors are not known, or no slot reads text: that is no whole system."""
    if "language_model" not in slots and "text_encoder" not in slots:
        return None
    if any(slot in slots and slot != "budget" and not countable(slot, slots) for slot in TENSOR_SLOTS):
        return None
    return partial(slots)


def partial(slots: Slots) -> Parts:
    """Parameters by part of those slots whose tensors are known."""
    counted = {
        f"{slot}.{name}": count
        for slot in TENSOR_SLOTS
        if countable(slot, slots)
        for name, count in parts_of(slots[slot], slots).items()
    }
    added = {f"{FIRST_STAGE}.{name}": sum(one.size for one in some) for name, some in first_stage(slots).items()}
    return counted | added


def weights(slots: Slots) -> tuple[Weight, ...]:
    """Every tensor of those slots, named from the model's root."""
    return tuple(
        one._replace(name=f"{slot}.{one.name}")
        for slot in TENSOR_SLOTS
        if countable(slot, slots)
        for one in made(slots[slot], slots)
    )


def countable(slot: str, slots: Slots) -> bool:
    """Whether a slot's tensors are known: its kind has them, what they need is stated, its neighbours are there."""
    if slot not in slots or (slots[slot].kind.slot, slots[slot].kind.name) not in TENSORS:
        return False
    if slots[slot].kind.generated:
        return slot not in ("alignment", "budget") or unwired(slots[slot], slots) is None
    try:
        return all(one.size >= 0 for one in made(slots[slot], slots))
    except (KeyError, ValueError, ZeroDivisionError):
        return False


@dataclass(slots=True)
class _Watched:
    """A slot that remembers which of its fields a count reads."""

    resolved: Resolved
    fields: set[tuple[str, str]]

    @property
    def kind(self) -> KindSpec:
        return self.resolved.kind

    @property
    def slot(self) -> str:
        return self.resolved.slot

    def get(self, name: str) -> Plain:
        self.fields.add((self.resolved.slot, name))
        return self.resolved.get(name)


def reads(slots: Slots, name: str) -> frozenset[tuple[str, str]]:
    """The (slot, field) pairs that a scope's count depends on."""
    fields: set[tuple[str, str]] = set()
    watched = cast("Slots", {slot: _Watched(resolved, fields) for slot, resolved in slots.items()})
    head = canonical(name).partition(".")[0]
    for slot in (head,) if head in TENSOR_SLOTS else TENSOR_SLOTS:
        if countable(slot, slots):
            parts_of(watched[slot], watched)
    return frozenset(fields)


def scope(parts: Mapping[str, int], name: str) -> int | None:
    """Parameters of one scope; None where there is no such scope."""
    name = canonical(name)
    if name == "total":
        return sum(count for part, count in parts.items() if not part.startswith(FIRST_STAGE))
    if name == "embeddings":
        return sum(count for part, count in parts.items() if part.endswith(".embedding"))
    if name == "total without embeddings":
        return sum(
            count
            for part, count in parts.items()
            if not part.endswith(".embedding") and not part.startswith(FIRST_STAGE)
        )
    within = [count for part, count in parts.items() if part == name or part.startswith(f"{name}.")]
    return sum(within) if within else None


def canonical(name: str) -> str:
    """A scope's name as parts spell it: `vision tower` is `encoder`, `Language model` is `language_model`."""
    plain = " ".join(name.lower().replace("parameters", "").split())
    if plain in _ALIASES:
        return _ALIASES[plain]
    joined = plain.replace(" ", "_").replace("-", "_")
    return joined if joined.partition(".")[0] in (*TENSOR_SLOTS, FIRST_STAGE) else plain


def trainable(spec: ModelSpec, variant: VariantSpec, stage: str) -> int | None:
    """Parameters whose weights change in a training stage; None where the page does not say."""
    parts = parameters(variant.slots)
    resolved = spec.stages.get(stage)
    trained = resolved.get("trained") if resolved else None
    if parts is None or not isinstance(trained, tuple):
        return None
    counts = [_trained(parts, str(name)) for name in trained]
    return None if None in counts else sum(count for count in counts if count is not None)


def _trained(parts: Mapping[str, int], name: str) -> int | None:
    """A scope that training names; a slot without tensors (a splice) trains nothing."""
    found = scope(parts, name)
    return 0 if found is None and canonical(name) in TENSOR_SLOTS else found


def arithmetic(parts: Mapping[str, int], name: str) -> str:
    """How a scope adds up, as a reader would write it."""
    name = canonical(name)
    chosen = [
        (part, count)
        for part, count in parts.items()
        if (not part.startswith(FIRST_STAGE) if name == "total" else part == name or part.startswith(f"{name}."))
    ]
    if name == "total":
        chosen = [(slot, sum(count for part, count in chosen if part.startswith(f"{slot}."))) for slot in TENSOR_SLOTS]
    return " + ".join(f"{part} {count:,}" for part, count in chosen if count)
