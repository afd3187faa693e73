"""Evaluates scopes: a link's section and title in, the true value in each variant and its arithmetic out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from chiasm.claiming.claim import SLOTS
from chiasm.diagnostic import Label
from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.terms import INDEXED, Context, ScopeError, Term, term
from chiasm.numbers import expression as syntax
from chiasm.numbers import formula
from chiasm.record import record
from chiasm.regex import regex
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import same_slug
from chiasm.spec.model import ModelSpec, VariantSpec

_OF = regex(r"([A-Za-z_][\w.]*(?: without embeddings)?)\s+of\s+([\w][\w.\-]*)")
_INPUT = regex(r"(height|width|frames|tiles)\s*=\s*([\d,]+)")
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


@record(frozen=True, slots=True)
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
    divisor: Scope | None = None
    """`trainable, stage 2, opt-2.7b / total, opt-2.7b` divides by a scope of its own."""

    def truths(self) -> tuple[Truth, ...]:
        """The value in every variant that the scope speaks of and that has it. Raises ScopeError where none has."""
        found: list[Truth] = []
        errors: list[ScopeError] = []
        for variant in self.variants:
            try:
                found.append(_truth(self, variant))
            except ScopeError as error:
                errors.append(error)
        if not found:
            raise errors[0] if errors else ScopeError(f"{self.spec.system} has no variants")
        return (
            tuple(found)
            if self.divisor is None
            else tuple(
                _ratio(over, under)
                for over in found
                for under in self.divisor.truths()
                if over.variant == under.variant or len(self.divisor.variants) == 1
            )
        )


def read(spec: ModelSpec, slot: str, items: Sequence[str]) -> Scope:
    """The scope that a title's comma-separated items write. Raises ScopeError for an item that names nothing."""
    what, variants, stage, inputs = "", [], "", {}
    for index, item in enumerate(items[1:], 1):
        left, slash, right = item.partition("/")
        if slash:
            scope = read(spec, slot, [*items[:index], left])
            scope.divisor = read(spec, slot, [right, *items[index + 1 :]])
            return scope
    for item in (item.strip() for item in items):
        variant = spec.variant(item) or next((one for one in spec.variants if same_slug(one.key, item.lower())), None)
        given = _INPUT.fullmatch(item)
        if variant:
            variants.append(variant)
        elif slugged(item) in spec.stages:
            stage = slugged(item)
        elif given:
            inputs[given[1]] = int(given[2].replace(",", ""))
        elif not what:
            what = item
        else:
            raise ScopeError(f"`{item}` is no variant, training stage or input of {spec.system}")
    if not what:
        raise ScopeError("the scope names nothing to compare with")
    return Scope(spec, slot, what, tuple(variants) or spec.variants, stage, inputs)


def named(spec: ModelSpec, items: Sequence[str]) -> tuple[str, ...]:
    """The items that name a variant or a training stage of a system, as its spec spells them."""
    found = []
    for item in items:
        key = slugged(item.partition(":")[0])
        variant = next((one.key for one in spec.variants if same_slug(one.key, key)), "")
        found += [variant] if variant else [key] if key in spec.stages else []
    return tuple(found)


def slugged(item: str) -> str:
    """A scope's item as keys are spelt: "Stage 2" is `stage-2`."""
    return item.strip().lower().replace(" ", "-")


def slot_at(graph: Graph, path: str, fragment: str) -> str:
    """The slot of the section that an anchor names: of its heading, or of the slot's heading above it."""
    return _slots(graph, path).get(fragment, "")


@lru_cache(maxsize=512)
def _slots(graph: Graph, path: str) -> Mapping[str, str]:
    """The slot of every heading of a page, by its anchor."""
    seen = graph.faces.get(path)
    found: dict[str, str] = {}
    slot = ""
    for heading in seen.headings if seen else ():
        if heading.level <= 2:
            slot = SLOTS.get(heading.text, "")
        found.setdefault(heading.slug, slot)
    return found


@of_one
def _told(_: ModelSpec) -> dict[tuple[object, ...], Truth | str]:
    """What was made of scopes of a system, or why nothing: pages ask for the same few again and again."""
    return {}


def _truth(scope: Scope, variant: VariantSpec) -> Truth:
    told = _told(scope.spec)
    asked = (variant.key, scope.slot, scope.what, scope.stage, *sorted(scope.inputs.items()))
    if asked not in told:
        try:
            told[asked] = _evaluated(scope, variant)
        except ScopeError as error:
            told[asked] = str(error)
    if isinstance(truth := told[asked], str):
        raise ScopeError(truth)
    return truth


def _evaluated(scope: Scope, variant: VariantSpec) -> Truth:
    """Evaluates the scope's expression; terms with spaces or `of VARIANT` become names first."""
    terms: dict[str, tuple[str, VariantSpec]] = {}

    context = Context(scope.spec, scope.slot, scope.stage, scope.inputs)

    def named(words: str, of: VariantSpec) -> str:
        terms[f"term{len(terms)}"] = (words, of)
        return f"term{len(terms) - 1}"

    def other(match: re.Match[str]) -> str:
        of = scope.spec.variant(match[2]) or next((v for v in scope.spec.variants if same_slug(v.key, match[2])), None)
        if not of:
            raise ScopeError(f"{scope.spec.system} has no variant `{match[2]}`")
        return named(match[1], of)

    text = INDEXED.sub(lambda match: named(match[0], variant), _OF.sub(other, scope.what))
    for words in _WORDS:
        text = re.sub(rf"(?i)\b{words}\b", lambda match: named(match[0], variant), text)
    read_terms: dict[str, Term] = {}

    def lookup(name: str) -> Fraction:
        words, of = terms.get(name, (name, variant))
        found = term(context, of, words)
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


def _ratio(over: Truth, under: Truth) -> Truth:
    if not under.value:
        raise ScopeError("division by zero")
    value = over.value / under.value
    return Truth(
        over.variant,
        value,
        f"{spell(over.value)} / {spell(under.value)} = {spell(value)}",
        (*over.claims, *under.claims),
        (*over.labels, *under.labels),
    )


def _arithmetic(text: str, terms: Mapping[str, Term], value: Fraction) -> str:
    """The expression with its numbers in place of names."""
    if len(terms) == 1 and text in terms:
        detail = terms[text].detail
        return f"{detail} = {spell(value)}" if detail else spell(value)
    written = re.sub(
        r"[A-Za-z_][\w.]*", lambda match: spell(terms[match[0]].value) if match[0] in terms else match[0], text
    )
    return f"{written} = {spell(value)}" if terms else spell(value)
