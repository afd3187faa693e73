"""Finds what a scope's names stand for: a field, an element of a list, a parameter count, a row of Parameters."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from chiasm.claiming.claim import Fact
from chiasm.diagnostic import Label
from chiasm.numbers import expression as syntax
from chiasm.numbers import formula
from chiasm.numbers.quantity import Quantity
from chiasm.record import record
from chiasm.regex import regex
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import ALL
from chiasm.spec import count
from chiasm.spec.model import Entry, Evaluated, ModelSpec, VariantSpec

COUNTED = "count"
"""The slot of a scope whose names are only what the spec's tensors add up to."""
INDEXED = regex(r"([\w.]+)\[(\d+)\]")


@record(frozen=True, slots=True)
class Context:
    """What names are looked up in: a system, the section's slot, a training stage, run-time inputs."""

    spec: ModelSpec
    slot: str
    stage: str
    inputs: Mapping[str, int]


class ScopeError(ValueError):
    """A scope that names nothing, or not enough; the message is for the reader."""


def field_value(variant: VariantSpec, slot: str, name: str, inputs: Mapping[str, int]) -> Fraction | None:
    """The exact value of a field, its formula evaluated with run-time inputs; None where it is no number."""
    entry = variant.entries.get((slot, name))
    if entry is None:
        return None
    if entry.formula:
        return _formula(variant, entry, entry.formula, inputs)
    if entry.fact and isinstance(entry.fact.value, Quantity):
        return entry.fact.value.value
    value = len(entry.value) if isinstance(entry.value, tuple) else entry.value
    return Fraction(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _formula(variant: VariantSpec, entry: Entry, written: Evaluated, inputs: Mapping[str, int]) -> Fraction | None:
    if isinstance(written.value, Fraction):
        return written.value

    def lookup(name: str) -> object:
        head, dot, tail = name.partition(".")
        slot, own = (head, tail) if dot else (entry.slot, name)
        if (slot, own) in variant.entries:
            return field_value(variant, slot, own, inputs)
        if name in syntax.INPUTS and name not in inputs:
            raise ScopeError(f"`{entry.field}` depends on {name}: say `{name} = …` in the scope")
        return inputs.get(name)

    try:
        return formula.evaluate(written.source, lookup)
    except syntax.FormulaError:
        return None


@record(frozen=True, slots=True)
class Term:
    """A name's value, how a count adds up, the claims it rests on and where they stand."""

    value: Fraction
    detail: str
    claims: tuple[str, ...]
    labels: tuple[Label, ...]


def term(scope: Context, variant: VariantSpec, name: str) -> Term:
    """One name of a scope: a field of the section's slot, `slot.field`, a parameter scope, a row of Parameters."""
    finders = [_field_term, _element_term, _count_term, _row_term]
    if scope.slot == "parameters":
        finders = [_count_term, _row_term, _field_term, _element_term]
    if scope.slot == COUNTED:
        # A row of Parameters must not be proved by itself.
        finders = [_count_term]
    for find in finders:
        if found := find(scope, variant, name):
            return found
    raise ScopeError(f"`{name}` is no field or parameter scope of {scope.spec.system}:{variant.key}")


def _element_term(scope: Context, variant: VariantSpec, name: str) -> Term | None:
    """An element of a list (`mrope_sections[1]`), counted from 0."""
    found = INDEXED.fullmatch(name)
    if not found:
        return None
    head, dot, tail = found[1].partition(".")
    entry = variant.entries.get((head, tail) if dot else (scope.slot, found[1]))
    if not entry or not isinstance(entry.value, tuple) or int(found[2]) >= len(entry.value):
        return None
    value = entry.value[int(found[2])]
    if not isinstance(value, int | float):
        return None
    return Term(Fraction(repr(value)), "", (entry.claim,) if entry.claim else (), _labels(entry, f"{name} = {value}"))


def _field_term(scope: Context, variant: VariantSpec, name: str) -> Term | None:
    head, dot, tail = name.partition(".")
    if scope.slot == "training" and scope.stage and not dot:
        return _stage_term(scope, name)
    places = [(head, tail)] if dot else [(scope.slot, name)]
    if not dot and (scope.slot, name) not in variant.entries:
        places = [key for key in variant.entries if key[1] == name]
        if len(places) > 1:
            raise ScopeError(f"`{name}` is a field of {', '.join(slot for slot, _ in places)}: write `slot.{name}`")
    for slot, own in places:
        value = field_value(variant, slot, own, scope.inputs)
        if value is not None:
            entry = variant.entries[slot, own]
            return Term(value, "", _claims(variant, entry), _labels(entry, f"{name} = {spell(value)}"))
    return None


def _claims(variant: VariantSpec, entry: Entry) -> tuple[str, ...]:
    """A value's claim and, where it is a formula, those of its operands."""
    found = dict.fromkeys([entry.claim] if entry.claim else [])
    for operand in entry.formula.operands if entry.formula else ():
        head, dot, tail = operand.name.partition(".")
        below = variant.entries.get((head, tail) if dot else (entry.slot, operand.name))
        # An operand that is its own operand has been reported, and has no value.
        if below and below.claim != entry.claim and below.formula is not entry.formula and operand.value != "":
            found |= dict.fromkeys(_claims(variant, below))
    return tuple(found)


def _stage_term(scope: Context, name: str) -> Term | None:
    stage = scope.spec.stages.get(scope.stage)
    entry = next((item for item in stage.entries if item.field == name), None) if stage else None
    if not entry or not isinstance(entry.value, int | float):
        return None
    value = (
        entry.fact.value.value if entry.fact and isinstance(entry.fact.value, Quantity) else Fraction(repr(entry.value))
    )
    return Term(value, "", (entry.claim,), _labels(entry, f"{name} = {spell(value)}"))


def _count_term(scope: Context, variant: VariantSpec, name: str) -> Term | None:
    parts = count.parameters(variant.slots)
    if parts is None and count.canonical(name).partition(".")[0] in count.TENSOR_SLOTS:
        parts = count.partial(variant.slots)
    if not parts:
        return None
    fields = sorted(count.reads(variant.slots, "total" if name in ("trainable", "frozen") else name))
    claims = tuple(
        claim for key in fields if key in variant.entries for claim in _claims(variant, variant.entries[key])
    )
    if name in ("trainable", "frozen"):
        stages = [scope.stage] if scope.stage else list(scope.spec.stages)
        counts = {count.trainable(scope.spec, variant, stage) for stage in stages}
        if len(counts) != 1:
            raise ScopeError(
                f"`{name}` differs between stages: say which" if counts else f"{scope.spec.system} states no stages"
            )
        value = counts.pop()
        total = count.scope(parts, "total") or 0
        return (
            Term(Fraction(value if name == "trainable" else total - value), "", claims, ())
            if value is not None
            else None
        )
    value = count.scope(parts, name)
    detail = count.arithmetic(parts, name)
    return Term(Fraction(value), detail if " + " in detail else "", claims, ()) if value is not None else None


def _row_term(scope: Context, variant: VariantSpec, name: str) -> Term | None:
    """A row of `## Parameters`, for systems whose tensors are not known."""
    wanted = {count.canonical(name), count.canonical(scope.stage.replace("-", " "))} - {""}
    for fact in scope.spec.parameters:
        if fact.variant in (*ALL, variant.key) and row_scope(fact) == wanted and isinstance(fact.value, Quantity):
            return Term(fact.value.value, "", (fact.id,), (Label(fact.cell.span, f"{fact.field}: {fact.cell.text}"),))
    return None


def row_scope(fact: Fact) -> set[str]:
    """The items of a Parameters row's scope, as scopes spell them."""
    return {count.canonical(item.replace("-", " ")) for item in fact.field.split(",")}


def _labels(entry: Entry, text: str) -> tuple[Label, ...]:
    return (Label(entry.span, text),) if entry.span else ()
