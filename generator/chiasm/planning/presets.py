"""Writes a system's presets: every variant's values with their claims, and a `tiny` one made from the first variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from chiasm.numbers.expression import FormulaError
from chiasm.numbers.formula import evaluate
from chiasm.plan import Part, Preset, PresetSlot, PresetValue
from chiasm.planning.literals import literal, words
from chiasm.planning.tiny import shrunk
from chiasm.spec.model import Entry, ModelSpec, Plain, VariantSpec

WIDTH = 120
INDENT = 12
"""Columns before a value of a preset."""

Parts = Mapping[tuple[str, str], Part]
Bases = Mapping[tuple[str, str], PresetSlot]


def presets(spec: ModelSpec, parts: Parts) -> tuple[Preset, ...]:
    """One preset a variant, in the page's order, then `tiny`; each as what differs from the bases."""
    constants = {(base.slot, base.config): base for base in bases(spec, parts)}
    published = tuple(_preset(variant, parts, constants) for variant in spec.variants)
    return (*published, _tiny(spec.variants[0], parts, constants))


def bases(spec: ModelSpec, parts: Parts) -> tuple[PresetSlot, ...]:
    """For every kind the values of the first variant that uses it."""
    made = []
    for (slot, kind), part in parts.items():
        alone = sum(other == slot for other, _ in parts) == 1
        name = f"_{slot}" if alone else f"_{slot}_{kind}"
        variant = next(v for v in spec.variants if slot in v.slots and v.slots[slot].kind.name == kind)
        values = tuple(value for value in _values(variant, slot, part) if value.literal != _defaults(part)[value.field])
        made.append(PresetSlot(slot, part.config, values, name.upper()))
    return tuple(made)


def citations(spec: ModelSpec) -> set[str]:
    """Keys that support any value of any variant."""
    return {
        cite.key
        for variant in spec.variants
        for entry in variant.entries.values()
        if entry.evidence and entry.slot in variant.slots and variant.slots[entry.slot].kind.config
        for cite in entry.evidence.cites
    }


def _preset(variant: VariantSpec, parts: Parts, constants: Bases) -> Preset:
    slots = tuple(
        _differing(slot, part, constants, tuple(_values(variant, slot, part))) for slot, part in _chosen(variant, parts)
    )
    return Preset(words(variant.key), words(variant.title), slots)


def _differing(slot: str, part: Part, constants: Bases, values: tuple[PresetValue, ...]) -> PresetSlot:
    base = constants[slot, part.config]
    held = _defaults(part) | {value.field: value.literal for value in base.values}
    return PresetSlot(slot, part.config, tuple(v for v in values if v.literal != held[v.field]), base.base)


def _defaults(part: Part) -> dict[str, str]:
    return {field.name: field.default for field in part.fields}


def _chosen(variant: VariantSpec, parts: Parts) -> Iterator[tuple[str, Part]]:
    for (slot, kind), part in parts.items():
        if slot in variant.slots and variant.slots[slot].kind.name == kind:
            yield slot, part


def _values(variant: VariantSpec, slot: str, part: Part) -> Iterator[PresetValue]:
    resolved = variant.slots[slot]
    for field in part.fields:
        entry = resolved.entry(field.name)
        value = literal(entry.value)
        comment = _comment(entry, WIDTH - INDENT - len(f"{field.name}={value},  # "))
        yield PresetValue(field.name, value, comment, words(entry.claim))


def _comment(entry: Entry, room: int) -> str:
    """The claim and what supports it, as long as the line allows: with locators, with keys only, the claim alone."""
    evidence = entry.evidence
    cites = evidence.cites if evidence else ()
    rank = evidence.rank if evidence else ""
    said = f"= {words(entry.formula.source)}" if entry.formula and entry.formula.operands else "" if cites else rank
    full = "; ".join(words(f"[@{cite.key}] {cite.locator}") for cite in cites)
    short = "; ".join(dict.fromkeys(words(f"[@{cite.key}]") for cite in cites))
    choices = [" ".join(filter(None, (entry.claim, said, told))) for told in (full, short)] + [entry.claim]
    return next((words(choice) for choice in choices if len(choice) <= room), words(entry.claim))


def _tiny(variant: VariantSpec, parts: Parts, constants: Bases) -> Preset:
    """The first variant at sizes that run in milliseconds; what its page derives is derived again."""
    values: dict[str, dict[str, Plain]] = {
        slot: {entry.field: entry.value for entry in variant.slots[slot].entries} for slot in variant.slots
    }
    small = shrunk(values)
    for slot, resolved in variant.slots.items():
        for entry in resolved.entries:
            if entry.formula and entry.formula.operands and not entry.formula.inputs:
                small[slot][entry.field] = _derived(entry, small)
    slots = tuple(
        _differing(
            slot,
            part,
            constants,
            tuple(
                PresetValue(field.name, literal(small[slot][field.name]), "", _claim(variant, slot, field.name))
                for field in part.fields
            ),
        )
        for slot, part in _chosen(variant, parts)
    )
    return Preset("tiny", f"{words(variant.title)} at sizes for tests; not a published system", slots)


def _claim(variant: VariantSpec, slot: str, field: str) -> str:
    return words(variant.slots[slot].entry(field).claim)


def _derived(entry: Entry, values: Mapping[str, Mapping[str, Plain]]) -> Plain:
    def lookup(name: str) -> object:
        slot, dot, field = name.partition(".")
        return values.get(slot, {}).get(field) if dot else values[entry.slot].get(name)

    try:
        value = evaluate(entry.formula.source if entry.formula else "", lookup)
    except FormulaError:
        return entry.value
    return _like(entry.value, value)


def _like(original: Plain, value: Fraction) -> Plain:
    if isinstance(original, bool):
        return bool(value)
    return float(value) if isinstance(original, float) else int(value) if value.denominator == 1 else original
