"""Judges unlinked numbers in prose: proved or refuted only where one fact of the section's system can be meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from chiasm.claiming.claim import Number
from chiasm.diagnostic import Label
from chiasm.graph import Graph
from chiasm.judging.terms import ScopeError, field_value
from chiasm.judging.verdict import Verdict, written
from chiasm.numbers.quantity import Quantity
from chiasm.resolving.fill import spell
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
REASONS = {
    "label": "it labels something and counts nothing",
    "date": "a date",
    "year": "a year",
    "%": "a share of nothing named",
    "×": "a ratio of nothing named",
    "GPUs": "hardware",
    "": "no unit says what it counts",
}
LARGE = 10**6
"""A bare number beyond this counts parameters where it counts anything."""
CERTAIN = frozenset({"queries", "latents"})
"""Units that one field alone can mean, so that another number is wrong."""
CLAUSES = re.compile(r"[,;:()]\s|\.\s|\s[–—]\s")
HEDGES = re.compile(
    r"\b(not|no|never|instead|rather|than|unlike|if|were|would|others?|per|each|original|first|up)\b", re.IGNORECASE
)
Meant = tuple[str, Fraction, str]
"""A fact that a number may state: its name, its value, its claim."""


def number_verdict(graph: Graph, number: Number, known: Mapping[str, Mapping[str, list[Meant]]]) -> Verdict:
    """The verdict on a number that no link ties to a fact; `known` are the facts of each system by unit."""
    quantity, text = number.quantity, number.quantity.text
    spec = graph.specs.get(number.system)
    if quantity.unit in ("label", "date", "year"):
        return _left(number, REASONS[quantity.unit])
    if spec is None:
        return _cited(number) or _left(number, "the section names no system")
    unit = "parameters" if not quantity.unit and quantity.value > LARGE else quantity.unit
    meant = known[spec.system].get(unit, [])
    matching = {name: claim for name, value, claim in meant if quantity.matches(value)}
    if matching:
        reason = " and ".join(f"{name} is {text}" for name in list(matching)[:2])
        return Verdict("proved", "number", text, number.span, reason, tuple(filter(None, matching.values())))
    if source := _position(spec, number):
        return Verdict("reported", "number", text, number.span, source)
    fields, values = {name for name, _, _ in meant}, {value for _, value, _ in meant}
    if unit in CERTAIN and len(fields) == len(values) == 1 and _is_plain(graph, number, spec):
        (name,), (value,) = fields, values
        return Verdict(
            "refuted",
            "number",
            text,
            number.span,
            f"{name} of {spec.system} is {spell(value)}",
            tuple(claim for _, _, claim in meant[:1]),
            written(value, quantity),
            "plain-number-refuted",
            _where(spec, name),
            "correct it, or link it to the section that states it",
        )
    return _cited(number) or _left(
        number,
        REASONS.get(quantity.unit)
        or (f"several facts could be meant by {unit}" if meant else f"no fact counts {unit}"),
    )


def _left(number: Number, reason: str) -> Verdict:
    return Verdict("not judged", "number", number.quantity.text, number.span, reason)


def _cited(number: Number) -> Verdict | None:
    """A number with a citation beside it is what that source says."""
    if not number.cites:
        return None
    sources = dict.fromkeys(f"{cite.key} {cite.locator}".strip() for cite in number.cites)
    return Verdict("reported", "number", number.quantity.text, number.span, ", ".join(sources))


def _position(spec: ModelSpec, number: Number) -> str:
    """The source in a table of disagreement that says this number."""
    for disagreement in spec.disagreements:
        for position in disagreement.positions:
            if position.quantity and position.cite and position.quantity.value == number.quantity.value:
                return f"{position.cite.key} {position.cite.locator}".strip()
    return ""


def _is_plain(graph: Graph, number: Number, spec: ModelSpec) -> bool:
    """A sentence about this system alone, whose clause with the number denies nothing."""
    words = number.context.lower()
    clause = next((part for part in CLAUSES.split(words) if number.quantity.text.lower() in part), words)
    others = (other for other in graph.specs.values() if other.system != spec.system)
    return not HEDGES.search(clause) and not any(
        other.title.lower() in words or other.system in words for other in others
    )


def _where(spec: ModelSpec, name: str) -> tuple[Label, ...]:
    slot, _, field = name.partition(".")
    entries = (variant.entries.get((slot, field)) for variant in spec.variants)
    return tuple(Label(entry.span, f"{name} = {entry.value}") for entry in entries if entry and entry.span)[:1]


def known_facts(spec: ModelSpec) -> dict[str, list[Meant]]:
    """What a system's facts count, by unit."""
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
