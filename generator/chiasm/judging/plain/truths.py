"""What facts say a number may be: a variant and a meaning in; the facts meant, and others of the unit, out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.once import of_one
from chiasm.judging.plain.meanings import MEANT, SIDED, TOKENS, WIDER
from chiasm.judging.plain.nouns import Meaning
from chiasm.judging.terms import ScopeError, field_value
from chiasm.numbers.quantity import Quantity
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import ALL
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec


class Truth(NamedTuple):
    """A fact that a number may state."""

    name: str
    value: Fraction
    claim: str
    label: Label | None
    variant: str


def meant(spec: ModelSpec, variant: VariantSpec, said: Meaning) -> tuple[Truth, ...]:
    """The facts of a variant that the words speak of."""
    found = [
        one for one in _facts(variant) if one[1] in MEANT[said.what] and (not said.slots or one[1][0] in said.slots)
    ]
    order = {place: rank for rank, place in enumerate(MEANT[said.what])}
    truths = [truth for truth, _ in sorted(found, key=lambda one: order[one[1]])]
    if said.what == "context" and len(truths) > 1:
        # A language model's own, where there is one.
        truths = [one for one in truths if one.name.startswith("language_model")] or truths
    if said.what == "image_tokens" and any(one.name == "budget.image_tokens" for one in truths):
        truths = [one for one in truths if one.name == "budget.image_tokens"]
    if said.what == "dim" and not said.slots:
        # A hidden size without an owner is the language model's.
        truths = [one for one in truths if one.name.startswith("language_model")] or truths
    if said.what == "patches":
        truths = [one for one in _derived(variant) if one.name == "patches"]
    if said.what == "grid":
        truths = [one for one in _derived(variant) if one.name == "patches a side"]
    if said.what == "patch_side":
        truths += [one for one in _derived(variant) if one.name == "patches a side"]
    if said.what == "parameters":
        truths = list(_totals(spec, variant, said.slots))
    return tuple(truths)


def wider(spec: ModelSpec, variant: VariantSpec, said: Meaning) -> tuple[Fraction, ...]:
    """Values of the same unit that are facts of the variant too, derived ones among them."""
    values = [one.value for one, place in _facts(variant) if place in WIDER.get(said.what, ())]
    if said.what in ("image_tokens", "tokens", "patches", "tile_tokens"):
        values += [one.value for one in _derived(variant) if one.name != "patches a side"]
        values += [one.value for one, place in _facts(variant) if place in TOKENS]
    if said.what == "parameters":
        values += [one.value for one in _counts(spec, variant)]
    if said.what == "tiles":
        values += [one.value + more for one, place in _facts(variant) if place[1] == "max_tiles" for more in (1, 2)]
    if said.what in ("heads", "layers"):
        values += [one.value for one, place in _facts(variant) if place[1] in ("every", "cross_attention_every")]
    return tuple(values)


@of_one
def _facts(variant: VariantSpec) -> tuple[tuple[Truth, tuple[str, str]], ...]:
    """Every fact that is a number."""
    made = []
    for place, entry in variant.entries.items():
        if place[0] not in (*SIDED, "budget"):
            continue
        try:
            value = field_value(variant, *place, {})
        except ScopeError:
            value = None
        if value is not None:
            name = f"{place[0]}.{place[1]}"
            label = Label(entry.span, f"{name} = {spell(value)}") if entry.span else None
            made.append((Truth(name, value, entry.claim, label, variant.key), place))
    return tuple(made)


@of_one
def _derived(variant: VariantSpec) -> tuple[Truth, ...]:
    """Counts that follow: patches, with and without a class token, a side, by tile."""
    values = {place: truth for truth, place in _facts(variant)}
    found: list[Truth] = []
    for image, patch in (
        (("encoder", "image_size"), ("encoder", "patch_size")),
        (("encoder", "high_image_size"), ("encoder", "high_patch_size")),
        (("encoder", "low_image_size"), ("encoder", "low_patch_size")),
        (("budget", "tile_size"), ("encoder", "patch_size")),
    ):
        if image in values and patch in values and values[patch].value:
            side = Fraction(int(values[image].value / values[patch].value))
            label = values[patch].label
            if label:
                label = Label(
                    label.span, f"{spell(values[image].value)} / {spell(values[patch].value)} = {spell(side)} a side"
                )
            for name, value in (
                ("patches a side", side),
                ("patches", side**2),
                ("patches and a class token", side**2 + 1),
            ):
                found.append(Truth(name, value, values[patch].claim, label, variant.key))
    if (tokens := values.get(("encoder", "tokens"))) is not None:
        found.append(tokens._replace(name="tokens without a class token", value=tokens.value - 1))
    tile, most = values.get(("budget", "tile_tokens")), values.get(("budget", "max_tiles"))
    if tile and most:
        for tiles in range(1, int(most.value) + 2):
            found += [
                tile._replace(name=f"tokens of {tiles} tiles", value=tile.value * tiles + more)
                for more in (0, tiles - 1, tiles, tiles + 1)
            ]
    for place in (("budget", "image_tokens"), ("budget", "vision_tokens"), ("budget", "max_image_tokens")):
        if (tokens := values.get(place)) is not None:
            found += [tokens._replace(name="tokens and marks", value=tokens.value + more) for more in (1, 2)]
    return tuple(found)


def counted(variant: VariantSpec) -> Iterator[Fraction]:
    """Every number that a variant's facts are or make."""
    yield from (one.value for one, _ in _facts(variant))
    yield from (one.value for one in _derived(variant))


def queries(variant: VariantSpec) -> tuple[Truth, ...]:
    """How many learned queries it has, in every size the same."""
    return tuple(one for one, place in _facts(variant) if place == ("alignment", "num_queries"))


def tile_tokens(variant: VariantSpec) -> Fraction | None:
    """What one tile costs."""
    return next((one.value for one, place in _facts(variant) if place == ("budget", "tile_tokens")), None)


def totals(spec: ModelSpec, variant: VariantSpec) -> Iterator[Truth]:
    """What a variant has in all, counted or stated."""
    return _totals(spec, variant, ())


def _totals(spec: ModelSpec, variant: VariantSpec, slots: tuple[str, ...]) -> Iterator[Truth]:
    parts = count.partial(variant.slots) if slots else count.parameters(variant.slots)
    for name in slots or ("total",):
        if parts and (value := count.scope(parts, name)):
            label = Label(variant.span, f"{variant.key}: {value:,} counted")
            yield Truth(f"parameters of {name}" if slots else "total", Fraction(value), "", label, variant.key)
    if not parts and not slots:
        for fact in spec.parameters:
            if fact.field == "total" and fact.variant in (*ALL, variant.key) and isinstance(fact.value, Quantity):
                label = Label(fact.cell.span, f"total = {fact.value.text}")
                yield Truth("total", fact.value.value, fact.id, label, variant.key)


def beside(variant: VariantSpec, slot: str) -> Iterator[Fraction]:
    """What else is counted in a component."""
    return (one.value for one, place in _facts(variant) if place[0] == slot and place[1] in BESIDE and one.value > MOST)


BESIDE = ("layers", "heads", "dim", "mlp_dim", "kv_heads", "num_queries")
MOST = 8
"""Smaller numbers are the same by chance."""


@of_one
def _known(_: ModelSpec) -> dict[str, tuple[Truth, ...]]:
    return {}


def _counts(spec: ModelSpec, variant: VariantSpec) -> tuple[Truth, ...]:
    """Every count of parameters that may be spoken of: parts, stages, rows, sizes in names, what sources say."""
    known = _known(spec)
    if variant.key not in known:
        known[variant.key] = tuple(_counted(spec, variant))
    return known[variant.key]


def _counted(spec: ModelSpec, variant: VariantSpec) -> Iterator[Truth]:
    parts = count.partial(variant.slots)
    for name in ("total", *count.TENSOR_SLOTS, *parts):
        if value := count.scope(parts, name):
            yield Truth(f"parameters of {name}", Fraction(value), "", None, variant.key)
    for fact in spec.parameters:
        if isinstance(fact.value, Quantity) and fact.variant in (*ALL, variant.key):
            yield Truth(f"parameters, {fact.field}", fact.value.value, fact.id, None, variant.key)
    for disagreement in spec.disagreements:
        for position in disagreement.positions:
            if position.quantity:
                yield Truth(disagreement.field, position.quantity.value, "", None, variant.key)
    for place, entry in variant.entries.items():
        if place[1] == "parameters" and isinstance(entry.value, int | float):
            yield Truth(f"{place[0]}.parameters", Fraction(entry.value), entry.claim, None, variant.key)
    text = " ".join((variant.key, variant.title, *(cell.text for cell in variant.cells.values())))
    for size, scale in re.findall(r"(\d+(?:\.\d+)?)([bBmM])(?![a-z])", text):
        yield Truth("its name", Fraction(size) * (10**9 if scale in "bB" else 10**6), "", None, variant.key)
