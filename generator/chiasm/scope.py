"""Evaluates scopes: a link's section and title in, the true value in each variant and its arithmetic out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from chiasm import expression as syntax
from chiasm import formula
from chiasm.claim import SLOTS, Fact, Quantity
from chiasm.diagnostic import Label
from chiasm.document import Heading
from chiasm.fill import spell
from chiasm.graph import Graph
from chiasm.inherit import ALL, same_slug
from chiasm.spec import count
from chiasm.spec.model import Entry, Evaluated, ModelSpec, VariantSpec

_OF = re.compile(r"([A-Za-z_][\w.]*(?: without embeddings)?)\s+of\s+([\w][\w.\-]*)")
_INPUT = re.compile(r"(height|width|frames|tiles)\s*=\s*([\d,]+)")
_WORDS = (
    "total without embeddings",
    "language model",
    "text encoder",
    "vision tower",
    "vision encoder",
    "text tower",
    "lm head",
    "q-former",
)


class ScopeError(ValueError):
    """A scope that names nothing, or not enough; the message is for the reader."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The value that a scope has in one variant, how it comes about and the claims it rests on."""

    variant: str
    value: Fraction
    arithmetic: str
    claims: tuple[str, ...]
    labels: tuple[Label, ...]


@dataclass(slots=True)
class Scope:
    """What a title asks for: an expression over fields and parameter scopes, for which variants, stage and inputs."""

    spec: ModelSpec
    slot: str
    what: str
    variants: tuple[VariantSpec, ...]
    stage: str = ""
    inputs: Mapping[str, int] = field(default_factory=dict)

    def truths(self) -> tuple[Truth, ...]:
        """The value in every variant that the scope speaks of. Raises ScopeError."""
        return tuple(_truth(self, variant) for variant in self.variants)


def read(spec: ModelSpec, slot: str, items: Sequence[str]) -> Scope:
    """The scope that a title's comma-separated items write. Raises ScopeError for an item that names nothing."""
    what, variants, stage, inputs = "", [], "", {}
    for item in (item.strip() for item in items):
        variant = spec.variant(item) or next((one for one in spec.variants if same_slug(one.key, item.lower())), None)
        given = _INPUT.fullmatch(item)
        if variant:
            variants.append(variant)
        elif item in spec.stages or item.replace(" ", "-") in spec.stages:
            stage = item
        elif given:
            inputs[given[1]] = int(given[2].replace(",", ""))
        elif not what:
            what = item
        else:
            raise ScopeError(f"`{item}` is no variant, training stage or input of {spec.system}")
    if not what:
        raise ScopeError("the scope names nothing to compare with")
    return Scope(spec, slot, what, tuple(variants) or spec.variants, stage, inputs)


def slot_at(graph: Graph, path: str, fragment: str) -> str:
    """The slot of the section that an anchor names: of its heading, or of the slot's heading above it."""
    document = graph.documents.get(path)
    slot = ""
    for block in document.blocks if document else ():
        if isinstance(block, Heading):
            if block.level <= 2:
                slot = SLOTS.get(block.text, "")
            if block.slug == fragment:
                return slot
    return ""


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


def _truth(scope: Scope, variant: VariantSpec) -> Truth:
    """Evaluates the scope's expression; terms with spaces or `of VARIANT` become names first."""
    terms: dict[str, tuple[str, VariantSpec]] = {}

    def named(term: str, of: VariantSpec) -> str:
        terms[f"term{len(terms)}"] = (term, of)
        return f"term{len(terms) - 1}"

    def other(match: re.Match[str]) -> str:
        of = scope.spec.variant(match[2]) or next((v for v in scope.spec.variants if same_slug(v.key, match[2])), None)
        if not of:
            raise ScopeError(f"{scope.spec.system} has no variant `{match[2]}`")
        return named(match[1], of)

    text = _OF.sub(other, scope.what)
    for words in _WORDS:
        text = re.sub(rf"(?i)\b{words}\b", lambda match: named(match[0], variant), text)
    read_terms: dict[str, _Term] = {}

    def lookup(name: str) -> Fraction:
        term, of = terms.get(name, (name, variant))
        found = _term(scope, of, term)
        read_terms[name] = found
        return found.value

    try:
        value = formula.evaluate(text, lookup)
    except syntax.FormulaError as error:
        raise ScopeError(f"`{scope.what}`: {error}") from None
    return Truth(
        variant.key,
        value,
        _arithmetic(text, read_terms, value),
        tuple(dict.fromkeys(claim for term in read_terms.values() for claim in term.claims)),
        tuple(label for term in read_terms.values() for label in term.labels),
    )


@dataclass(frozen=True, slots=True)
class _Term:
    value: Fraction
    detail: str
    claims: tuple[str, ...]
    labels: tuple[Label, ...]


def _term(scope: Scope, variant: VariantSpec, name: str) -> _Term:
    """One name of a scope: a field of the section's slot, `slot.field`, a parameter scope, a row of Parameters."""
    finders = [_field_term, _count_term, _row_term]
    if scope.slot == "parameters":
        finders = [_count_term, _row_term, _field_term]
    for find in finders:
        if found := find(scope, variant, name):
            return found
    raise ScopeError(f"`{name}` is no field or parameter scope of {scope.spec.system}:{variant.key}")


def _field_term(scope: Scope, variant: VariantSpec, name: str) -> _Term | None:
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
            return _Term(value, "", (entry.claim,) if entry.claim else (), _labels(entry, f"{name} = {spell(value)}"))
    return None


def _stage_term(scope: Scope, name: str) -> _Term | None:
    stage = scope.spec.stages.get(scope.stage) or scope.spec.stages.get(scope.stage.replace(" ", "-"))
    entry = next((item for item in stage.entries if item.field == name), None) if stage else None
    if not entry or not isinstance(entry.value, int | float):
        return None
    value = (
        entry.fact.value.value if entry.fact and isinstance(entry.fact.value, Quantity) else Fraction(repr(entry.value))
    )
    return _Term(value, "", (entry.claim,), _labels(entry, f"{name} = {spell(value)}"))


def _count_term(scope: Scope, variant: VariantSpec, name: str) -> _Term | None:
    parts = count.parameters(variant.slots)
    if parts is None or not parts:
        return None
    claims = tuple(
        entry.claim for entry in variant.entries.values() if entry.claim and entry.slot in count.TENSOR_SLOTS
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
            _Term(Fraction(value if name == "trainable" else total - value), "", claims, ())
            if value is not None
            else None
        )
    value = count.scope(parts, name)
    detail = count.arithmetic(parts, name)
    return _Term(Fraction(value), detail if " + " in detail else "", claims, ()) if value is not None else None


def _row_term(scope: Scope, variant: VariantSpec, name: str) -> _Term | None:
    """A row of `## Parameters`, for systems whose tensors are not known."""
    wanted = {count.canonical(name), scope.stage} - {""}
    for fact in scope.spec.parameters:
        if fact.variant in (*ALL, variant.key) and row_scope(fact) == wanted and isinstance(fact.value, Quantity):
            return _Term(fact.value.value, "", (fact.id,), (Label(fact.cell.span, f"{fact.field}: {fact.cell.text}"),))
    return None


def row_scope(fact: Fact) -> set[str]:
    """The items of a Parameters row's scope, as scopes spell them."""
    return {count.canonical(item) for item in fact.field.split(",")}


def _labels(entry: Entry, text: str) -> tuple[Label, ...]:
    return (Label(entry.span, text),) if entry.span else ()


def _arithmetic(text: str, terms: Mapping[str, _Term], value: Fraction) -> str:
    """The expression with its numbers in place of names."""
    if len(terms) == 1 and text in terms:
        detail = terms[text].detail
        return f"{detail} = {spell(value)}" if detail else spell(value)
    written = re.sub(
        r"[A-Za-z_][\w.]*", lambda match: spell(terms[match[0]].value) if match[0] in terms else match[0], text
    )
    return f"{written} = {spell(value)}" if terms else spell(value)
