"""Where numbers stand in a base and what is true of them: a base in, places by class out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from benchmarks.documents.base import Base
from benchmarks.documents.edit import Change, Edit, Where
from benchmarks.documents.known import LARGE, known_facts
from benchmarks.documents.values import read, wrong
from chiasm.claiming.claim import Claims, Fact, Formula, Number, Quantity, Statement
from chiasm.claiming.sections import target
from chiasm.judging import scope as scopes
from chiasm.judging.terms import ScopeError
from chiasm.span import Span

SUPPOSED = re.compile(
    r"\b(no|not|never|nor|neither|none|instead|rather|than|unlike|without|if|were|would|wrong\w*|mistak\w+|mixed|notes?|claims?"
    r"|said|says?|writes?|announced|joins?|example|suppose|could|may|might|divides)\b",
    re.IGNORECASE,
)
"""Words in whose sentence a wrong number may be what somebody else says, or what is not so."""
SIZE = re.compile(r"\d ?[×x·] ?$|^ ?[×x·] ?\d")
"""A number beside this is a side of an example's image."""
HINTS = {
    "px": r"pixel|\bpx\b|resolution|\bside",
    "tokens": r"token|quer|latent|vector|patch",
    "queries": r"quer",
    "latents": r"latent|quer",
    "layers": r"layer|block",
    "heads": r"head",
    "rows": r"row|vocabulary|table",
    "positions": r"position|context",
    "context": r"context|position",
    "tiles": r"tile|slice",
}
"""Words by which a sentence counts in a unit that does not stand behind its number."""
UNCOUNTED = frozenset({"label", "date", "year"})


@dataclass(frozen=True, slots=True)
class Place:
    """A number: its class, its text, what is true there, and the fact that it is about."""

    where: Where
    span: Span
    text: str
    truths: tuple[Fraction, ...] = ()
    fact: str = ""
    """The claim or the scope that it states."""
    unit: str = ""

    def edit(self, kind: str, new: str, truth: str = "") -> Edit | None:
        """The error that writes `new` here; None where that would be true too."""
        if not wrong(self.text, new, self.truths):
            return None
        says = truth or f"{self.fact or 'it'} is {self.text}"
        return Edit(kind, self.where, (Change(self.span, self.text, new),), says)


@lru_cache(maxsize=4)
def places(base: Base) -> tuple[Place, ...]:
    """Every number of the base's pages of which a wrong one is certainly an error."""
    return tuple(place for path in base.pages for place in _of_page(base, base.claims(path)))


def _of_page(base: Base, page: Claims) -> Iterator[Place]:
    for table in page.tables:
        for fact in table.facts:
            yield from _fact(base, fact)
    for disagreement in page.disagreements:
        for position in disagreement.positions:
            if position.quantity and position.cite:
                where: Where = "anchored" if position.followed else "un-anchored"
                yield Place(where, position.cell.span, base.at(position.cell.span), fact=disagreement.field)
    for comparison in page.comparisons:
        for row in comparison.rows:
            for cell in row[1:]:
                verdict = base.verdict(cell.span)
                if verdict and verdict.outcome == "proved" and read(base.at(cell.span)):
                    yield Place("tabulated", cell.span, base.at(cell.span), fact=verdict.reason)
    for statement in page.statements:
        yield from _statement(base, page, statement)
    for number in page.numbers:
        yield from _number(base, page, number)


def _fact(base: Base, fact: Fact) -> Iterator[Place]:
    if isinstance(fact.value, Formula):
        if fact.value.result and fact.value.result_span:
            span = fact.value.result_span
            yield Place("derived", span, base.at(span), fact=fact.id)
    elif isinstance(fact.value, Quantity) or (isinstance(fact.value, tuple) and re.search(r"\d", fact.cell.text)):
        verdict = base.verdict(fact.cell.span)
        where = held(base, fact)
        if fact.slot == "parameters":
            where = "derived" if verdict and verdict.outcome == "proved" else "un-anchored"
        if base.at(fact.cell.span) == fact.cell.text:
            yield Place(where, fact.cell.span, fact.cell.text, fact=fact.id)


def held(base: Base, fact: Fact) -> Where:
    """Whether something else holds a base value in place."""
    return "anchored" if fact.cell.span in base.anchored else "un-anchored"


def _statement(base: Base, page: Claims, statement: Statement) -> Iterator[Place]:
    text = base.at(statement.span)
    if not read(text):
        return
    try:
        truths = tuple(truth.value for truth in asked(base, page, statement).truths())
    except ScopeError:
        return
    fact = ", ".join(statement.scope)
    yield Place("linked", statement.span, text, truths, fact, statement.quantity.unit)


def asked(base: Base, page: Claims, statement: Statement, items: tuple[str, ...] = ()) -> scopes.Scope:
    """What a linked number's scope (or other items in its place) asks for.

    Raises:
        ScopeError: the scope names nothing, or the link leads to no system.
    """
    graph = base.graph
    path, fragment = target(page.document.path, statement.link.href)
    spec = graph.spec_at(path) or graph.specs.get(statement.system)
    if spec is None:
        raise ScopeError("the link is about no one system")
    found = scopes.read(spec, scopes.slot_at(graph, path, fragment), items or statement.scope)
    variant = graph.variant_at(path, fragment)
    if variant and len(found.variants) == len(spec.variants):
        found.variants = (variant,)
    return found


def _number(base: Base, page: Claims, number: Number) -> Iterator[Place]:
    line, span, text = base.line(number.span.path, number.span.line), number.span, base.at(number.span)
    told = line.lstrip()
    heading = told.startswith(("|", "#", ">", "[@"))
    bold = told.startswith("* **") and span.column <= line.rfind("**") + 1 and line.count("**") > 1
    before, after = line[: span.column - 1], line[span.end - 1 :]
    beside = SIZE.search(before) or SIZE.search(after) or re.search(r"\d{4}[–-]$", before)
    if number.quantity.unit in UNCOUNTED or heading or bold or beside or not read(text):
        return
    if SUPPOSED.search(number.context) or _quoted(line, span):
        return
    known = _known(base, page, number)
    if not known and not number.quantity.unit and "," not in text and not number.cites:
        return
    truth = known or (", ".join(cite.key for cite in number.cites) or "the sentence as it stood")
    yield Place("prose" if known else "loose", span, text, fact=truth, unit=number.quantity.unit)


def _quoted(line: str, span: Span) -> bool:
    """Within quotation marks, a code span or a formula."""
    before = line[: span.column - 1]
    return any(before.count(mark) % 2 for mark in ('"', "`", "$")) or before.count("“") > before.count("”")


def _known(base: Base, page: Claims, number: Number) -> str:
    """A fact of the section's system, or of one that the sentence names, that the number says; "" for none."""
    graph, words = base.graph, number.context.lower()
    named = [system for system, title in graph.titles.items() if title.lower() in words]
    for system in dict.fromkeys((number.system, page.system, *sorted(named, key=len, reverse=True))):
        for unit, facts in known_facts(graph, system).items() if system in graph.specs else ():
            bare = not number.quantity.unit and number.quantity.value > (LARGE if unit == "parameters" else 16)
            fits = unit == number.quantity.unit or bare
            hinted = bool(number.quantity.unit) or re.search(HINTS.get(unit, r"\b"), words) is not None
            for name, value, _ in facts:
                if fits and hinted and number.quantity.matches(value):
                    return f"{name} of {system}"
    return ""
