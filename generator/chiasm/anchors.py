"""Says which base values are anchored: a graph in, for each base value what would break if it were another out.

Each value of a variant is changed by one, parameters are counted again and formulas evaluated again; what a released
file, a published total or an independent statement then contradicts is what holds the value in place.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import Literal, cast

from chiasm.claiming.claim import Fact, Formula
from chiasm.graph import Graph
from chiasm.judging import scope as scopes
from chiasm.judging.cited import backing
from chiasm.judging.read import agreeing
from chiasm.judging.released import comparisons, constants, sizes
from chiasm.judging.sourced import defaults
from chiasm.judging.terms import COUNTED, ScopeError
from chiasm.judging.verdict import Verdict
from chiasm.record import record
from chiasm.spec import count
from chiasm.spec.model import Entry, KindSpec, ModelSpec, Resolved, VariantSpec
from chiasm.verdicts import judge

By = Literal["released", "total", "statement"]
STEP = 1


@record(frozen=True, slots=True)
class Base:
    """A base value: stated, not derived; `by` is what it is anchored by, strongest first."""

    fact: Fact
    system: str
    by: tuple[By, ...]

    @property
    def anchored(self) -> bool:
        """Changing it would contradict something else."""
        return bool(self.by)


@record(frozen=True, slots=True)
class Shifted:
    """A slot with one value changed, as far as counting looks at it."""

    slot: str
    kind: KindSpec
    original: Resolved
    field: str
    value: object

    def get(self, name: str) -> object:
        """The value of a field."""
        return self.value if name == self.field else self.original.get(name)


@lru_cache(maxsize=2)
def bases(graph: Graph) -> tuple[Base, ...]:
    """Every base value of every system once, in the order of pages, with what anchors it."""
    stated = proved(judge(graph))
    found: dict[Fact, tuple[str, set[By]]] = {}
    for spec in graph.specs.values():
        for fact, by in of_spec(graph, spec, stated).items():
            found.setdefault(fact, (spec.system, set()))[1].update(by)
    order: tuple[By, ...] = ("released", "total", "statement")
    return tuple(
        Base(fact, system, tuple(item for item in order if item in by)) for fact, (system, by) in found.items()
    )


def proved(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """The claims that statements, cells and formulas prove."""
    return frozenset(
        claim
        for verdict in verdicts
        if verdict.outcome == "proved" and verdict.subject in ("statement", "cell", "formula")
        for claim in verdict.claims
    )


def of_spec(graph: Graph, spec: ModelSpec, stated: Container[str]) -> dict[Fact, set[By]]:
    """One system's base values with what anchors each; `stated` are the claims that pages prove."""
    released = {item.entry.fact for item in comparisons(graph, spec) if item.agrees}
    constant = {entry.fact for _, entry, _, fits in constants(spec) if fits}
    constant |= {item.entry.fact for item in defaults(spec) if item.agrees}
    released |= backing(graph, spec.system).keys()
    indexes = {size.variant for size in sizes(graph, spec) if size.agrees and size.counted}
    found: dict[Fact, set[By]] = {}
    for variant in spec.variants:
        moved = dict(_moved(spec, variant, {"total"} if variant.key in indexes else set()))
        for entry in variant.entries.values():
            fact = entry.fact
            if fact is None or isinstance(fact.value, Formula) or (fact.evidence and fact.evidence.rank == "derived"):
                continue
            by = found.setdefault(fact, set())
            by |= {"released"} if fact in released else set()
            by |= {"total"} if moved.get((entry.slot, entry.field)) else set()
            by |= {"statement"} if fact.id in stated or fact in constant or agreeing(graph, fact) else set()
    return found


def share(graph: Graph) -> tuple[int, int]:
    """Anchored base values, and all of them."""
    found = bases(graph)
    return sum(base.anchored for base in found), len(found)


def _moved(spec: ModelSpec, variant: VariantSpec, released: set[str]) -> Iterator[tuple[tuple[str, str], bool]]:
    """Fields whose change would move a total that a source or a released index states."""
    totals = released | set(_totals(spec, variant))
    parts = count.partial(variant.slots)
    if not totals or not parts:
        return
    before = {name: count.scope(parts, name) for name in totals}
    for slot, resolved in variant.slots.items():
        for entry in resolved.entries if slot in (*count.TENSOR_SLOTS, "training") else ():
            if entry.fact and (value := _changed(entry)) is not None:
                after = _counted(variant, resolved, entry.field, value)
                yield (slot, entry.field), any(count.scope(after, name) != before[name] for name in totals)


def _counted(variant: VariantSpec, resolved: Resolved, name: str, value: object) -> dict[str, int]:
    """Parameters by part with one field's value changed; none where no such model can be."""
    shifted = cast("Resolved", Shifted(resolved.slot, resolved.kind, resolved, name, value))
    try:
        return count.partial({**variant.slots, resolved.slot: shifted})
    except ZeroDivisionError:
        return {}


def _changed(entry: Entry) -> object:
    """A neighbouring value of the same type; None for words, which no count reads."""
    value = entry.value
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        last = value[-1] if value else None
        return (*value[:-1], last + STEP) if isinstance(last, int) and not isinstance(last, bool) else None
    return value + STEP if isinstance(value, int) else None


def _totals(spec: ModelSpec, variant: VariantSpec) -> dict[str, int]:
    """Counts that others published or that were measured on the reference, by scope."""
    found: dict[str, int] = {}
    for fact in spec.parameters:
        if fact.variant in ("", "all variants", variant.key):
            try:
                truths = scopes.read(spec, COUNTED, [item.strip() for item in fact.field.split(",")]).truths()
            except ScopeError:
                continue
            found |= {
                count.canonical(fact.field.split(",")[0]): int(truth.value)
                for truth in truths
                if truth.variant == variant.key
            }
    return found
