"""What a system's facts count, by unit: the benchmark's own reading, which nothing that judges numbers shares."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.terms import ScopeError, field_value
from chiasm.numbers.quantity import Quantity
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "tokens": (
        ("budget", "image_tokens"),
        ("budget", "max_image_tokens"),
        ("budget", "tile_tokens"),
        ("budget", "vision_tokens"),
        ("budget", "min_patch_tokens"),
        ("budget", "max_patch_tokens"),
        ("budget", "mean_patch_tokens"),
        ("encoder", "tokens"),
        ("alignment", "num_queries"),
        ("language_model", "context"),
        ("text_encoder", "context"),
    ),
    "queries": (("alignment", "num_queries"),),
    "latents": (("alignment", "num_queries"),),
    "layers": tuple((slot, "layers") for slot in ("encoder", "text_encoder", "alignment", "fusion", "language_model")),
    "heads": tuple((slot, "heads") for slot in ("encoder", "text_encoder", "alignment", "fusion", "language_model")),
    "px": (
        ("encoder", "image_size"),
        ("encoder", "patch_size"),
        ("budget", "tile_size"),
        ("budget", "max_height"),
        ("budget", "max_width"),
        ("encoder", "high_image_size"),
        ("encoder", "low_image_size"),
    ),
    "positions": (("language_model", "context"), ("encoder", "positions"), ("text_encoder", "context")),
    "context": (("language_model", "context"), ("text_encoder", "context")),
    "rows": (("language_model", "vocab_size"), ("alignment", "vocab_size"), ("text_encoder", "vocab_size")),
    "tiles": (("budget", "max_tiles"),),
    "experts": (("fusion", "experts"),),
}
"""What a unit counts, in a system's own facts."""
TRAINING = {
    "steps": ("steps", "warmup_steps"),
    "images": ("samples",),
    "pairs": ("samples",),
    "samples": ("samples",),
    "tokens": ("tokens", "sequence_length"),
}
LARGE = 10**6
"""A bare number beyond this counts parameters where it counts anything."""
Meant = tuple[str, Fraction, str]
"""A fact that a number may state: its name, its value, its claim."""


def known_facts(graph: Graph, system: str) -> Mapping[str, list[Meant]]:
    """What a system's facts count, by unit."""
    return _known_facts(graph.specs[system])


@of_one
def _known_facts(spec: ModelSpec) -> Mapping[str, list[Meant]]:
    found: dict[str, dict[Meant, None]] = {}
    for variant in spec.variants:
        for unit, places in FIELDS.items():
            for slot, name in places:
                value = _value(variant, slot, name)
                if value is not None:
                    found.setdefault(unit, {})[f"{slot}.{name}", value, variant.entries[slot, name].claim] = None
        parts = count.partial(variant.slots)
        whole = ("total",) if count.parameters(variant.slots) else ()
        for name in (*whole, *count.TENSOR_SLOTS, *parts):
            if counted := count.scope(parts, name):
                found.setdefault("parameters", {})[f"parameters of {name}", Fraction(counted), ""] = None
    for fact in spec.parameters:
        if isinstance(fact.value, Quantity):
            found.setdefault("parameters", {})[f"parameters, {fact.field}", fact.value.value, fact.id] = None
    for stage in spec.stages.values():
        for entry in stage.entries:
            if entry.fact and isinstance(entry.fact.value, Quantity):
                for unit in (unit for unit, names in TRAINING.items() if entry.field in names):
                    found.setdefault(unit, {})[f"training.{entry.field}", entry.fact.value.value, entry.claim] = None
    return {unit: list(items) for unit, items in found.items()}


def _value(variant: VariantSpec, slot: str, name: str) -> Fraction | None:
    try:
        return field_value(variant, slot, name, {})
    except ScopeError:
        return None
