"""Judges numbers in tables: facts by their evidence, formulas and parameter rows by arithmetic, cells by specs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from chiasm.claiming.claim import Claims, Fact, Formula
from chiasm.diagnostic import Fix, Label
from chiasm.graph import Graph
from chiasm.judging import scope as scopes
from chiasm.judging.cited import backing
from chiasm.judging.compare import comparison
from chiasm.judging.released import released_by
from chiasm.judging.scope import Truth
from chiasm.judging.terms import COUNTED, ScopeError
from chiasm.judging.totals import by_fact
from chiasm.judging.verdict import Verdict, agrees, written
from chiasm.numbers.quantity import Quantity
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import ALL
from chiasm.spec.model import ModelSpec, VariantSpec

SHOWN = 8
"""Cells that a wrong count points at."""


def verdicts(graph: Graph, page: Claims) -> Iterator[Verdict]:
    """A verdict for every number in a page's slot tables, tables of disagreement and comparisons."""
    for table in page.tables:
        for fact in table.facts:
            yield from _fact(graph, fact)
    for disagreement in page.disagreements:
        for position in disagreement.positions:
            if position.quantity:
                source = f"{position.cite.key} {position.cite.locator}".strip() if position.cite else ""
                yield Verdict(
                    "reported" if source else "not judged",
                    "position",
                    position.quantity.text,
                    position.cell.span,
                    source or "no source is named",
                )
    for cells in page.comparisons:
        yield from comparison(graph, page, cells)


def _fact(graph: Graph, fact: Fact) -> Iterator[Verdict]:
    spec = graph.specs.get(fact.system)
    if isinstance(fact.value, Formula):
        yield from _formula(spec, fact, fact.value)
    elif isinstance(fact.value, Quantity):
        if fact.slot == "parameters" and spec:
            yield _parameters(spec, fact, fact.value)
        else:
            yield _base(graph, spec, fact, fact.value.text)
    elif isinstance(fact.value, tuple) and any(isinstance(item, Quantity) for item in fact.value):
        yield _base(graph, spec, fact, fact.cell.text)


def _formula(spec: ModelSpec | None, fact: Fact, formula: Formula) -> Iterator[Verdict]:
    """A formula's written result; `resolve` has reported one that is wrong."""
    if not formula.result:
        return
    text, span = formula.result.text, formula.result_span or formula.span
    for variant in _variants(spec, fact):
        entry = variant.entries.get((fact.slot, fact.field))
        if entry and entry.fact == fact and entry.formula:
            value = entry.formula.value
            if isinstance(value, Fraction):
                right = formula.result.matches(value)
                yield Verdict(
                    "proved" if right else "refuted",
                    "formula",
                    text,
                    span,
                    f"{formula.source} = {spell(value)}",
                    tuple(operand.claim for operand in entry.formula.operands if operand.claim),
                    "" if right else spell(value),
                )
            else:
                yield Verdict(
                    "not judged",
                    "formula",
                    text,
                    span,
                    f"it depends on {', '.join(entry.formula.inputs)}" if entry.formula.inputs else "it has no value",
                )
            return
    yield Verdict("not judged", "formula", text, span, "no variant uses it")


def _variants(spec: ModelSpec | None, fact: Fact) -> tuple[VariantSpec, ...]:
    if not spec:
        return ()
    return spec.variants if fact.variant in ALL else tuple(item for item in spec.variants if item.key == fact.variant)


def _parameters(spec: ModelSpec, fact: Fact, quantity: Quantity) -> Verdict:
    """A row of `## Parameters` against the exact count."""
    span, text = fact.cell.span, quantity.text
    try:
        items = [item.strip() for item in fact.field.split(",")]
        asked = scopes.read(spec, COUNTED, [*items, *([fact.variant] if fact.variant not in ALL else [])])
        truths = asked.truths()
    except ScopeError as error:
        return _added(spec, fact, text) or _sourced(fact, text, f"it cannot be counted: {error}")
    wrong = [truth for truth in truths if not agrees(quantity, truth.value)]
    if not wrong:
        return Verdict("proved", "parameters", text, span, truths[0].arithmetic, (fact.id,))
    counted = f"{wrong[0].arithmetic} ({wrong[0].variant})"
    if fact.evidence and fact.evidence.cites:
        return Verdict("reported", "parameters", text, span, f"{_sources(fact)}; counted: {counted}", (fact.id,))
    expected = written(wrong[0].value, quantity)
    return Verdict(
        "refuted",
        "parameters",
        text,
        span,
        f"counted from the spec: {counted}",
        (fact.id,),
        expected,
        "parameter-count",
        wrong[0].labels or _rests(spec, wrong[0]),
        f"write {expected}, or correct the fact that is wrong",
        fix=Fix(span, expected) if span.end - span.column == len(text) and len(truths) == 1 else None,
    )


def _rests(spec: ModelSpec, truth: Truth) -> tuple[Label, ...]:
    """The cells that a count is made of, as far as the reader needs them: the first few numbers."""
    entries = {
        entry.claim: entry for one in spec.variants if one.key == truth.variant for entry in one.entries.values()
    }
    shown = (entries[claim] for claim in truth.claims if claim in entries)
    numbers = [one for one in shown if one.span and isinstance(one.value, int) and not isinstance(one.value, bool)]
    return tuple(Label(one.span, f"{one.slot}.{one.field} = {one.value}") for one in numbers[:SHOWN] if one.span)


def _added(spec: ModelSpec, fact: Fact, text: str) -> Verdict | None:
    """A measured row that cannot be counted, against the other rows of its total."""
    found = by_fact(spec).get(fact)
    if found is None or (fact.evidence and fact.evidence.cites):
        return None
    if found.agrees:
        claims = tuple(one.id for one in (found.total, *found.parts))
        return Verdict("proved", "parameters", text, fact.cell.span, f"{found.variant}: {found.arithmetic}", claims)
    if fact != found.total:
        return Verdict("not judged", "parameters", text, fact.cell.span, "its rows do not add up to their total")
    return Verdict(
        "refuted",
        "parameters",
        text,
        fact.cell.span,
        f"the rows of {found.variant} add up to another number: {found.arithmetic}",
        (fact.id,),
        spell(found.added),
        "parameter-count",
        tuple(Label(part.cell.span, f"{part.field}: {part.cell.text}") for part in found.parts),
        "measure again, and correct the total or the row that is wrong",
    )


def _base(graph: Graph, spec: ModelSpec | None, fact: Fact, text: str) -> Verdict:
    """A base value: what its evidence is worth."""
    if spec and (origin := released_by(graph, fact) or backing(graph, fact.system).get(fact, "")):
        return Verdict("proved", "fact", text, fact.cell.span, f"equal to {origin}", (fact.id,))
    return _sourced(fact, text, "")


def _sourced(fact: Fact, text: str, reason: str) -> Verdict:
    evidence, span = fact.evidence, fact.cell.span
    if evidence and evidence.cites:
        return Verdict("reported", "fact", text, span, _sources(fact), (fact.id,))
    why = {
        "assumed": "assumed, no source states it",
        "derived": "derived in words, not by a formula",
        "measured": reason or "measured, but nothing here can count it",
    }
    return Verdict(
        "not judged", "fact", text, span, why.get(evidence.rank, "") if evidence else "it has no evidence", (fact.id,)
    )


def _sources(fact: Fact) -> str:
    cites = fact.evidence.cites if fact.evidence else ()
    return ", ".join(f"{cite.key} {cite.locator}".strip() for cite in cites)
