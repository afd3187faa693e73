"""Formulas: another operator or operand, a class token forgotten, rounding the wrong way, another constant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from random import Random

from benchmarks.documents.base import Base, facts
from benchmarks.documents.edit import Change, Edit, mutator
from chiasm.claiming.claim import Fact, Formula
from chiasm.judging.terms import ScopeError, field_value
from chiasm.numbers import expression as syntax
from chiasm.numbers import formula as formulas
from chiasm.span import Span
from chiasm.spec.model import VariantSpec

INPUTS: tuple[Mapping[str, int], ...] = (
    {"height": 224, "width": 224, "frames": 1, "tiles": 1},
    {"height": 1024, "width": 1024, "frames": 8, "tiles": 4},
    {"height": 500, "width": 333, "frames": 7, "tiles": 3},
)
"""Inputs with which two formulas that differ must differ."""


def _stated(base: Base) -> Iterator[tuple[Fact, Formula, VariantSpec]]:
    for _, fact in facts(base):
        spec = base.graph.specs.get(fact.system)
        variants = [one for one in spec.variants if fact.variant in ("", "all variants", one.key)] if spec else []
        if isinstance(fact.value, Formula) and variants:
            yield fact, fact.value, variants[0]


def _values(fact: Fact, variant: VariantSpec, source: str) -> tuple[Fraction | str, ...]:
    """What a formula gives with each of the inputs; a text where it gives nothing."""
    found: list[Fraction | str] = []
    for inputs in INPUTS:

        def lookup(name: str, given: Mapping[str, int] = inputs) -> object:
            slot, dot, field = name.partition(".")
            own = (slot, field) if dot else (fact.slot, name)
            return field_value(variant, *own, given) if own in variant.entries else given.get(name)

        try:
            found.append(formulas.evaluate(source, lookup))
        except (syntax.FormulaError, ScopeError) as error:
            found.append(str(error))
    return tuple(found)


def _rewritten(kind: str, fact: Fact, formula: Formula, variant: VariantSpec, new: str) -> Iterator[Edit]:
    """The formula alone, its old result beside it; and the formula with its own, wrong result."""
    before, after = _values(fact, variant, formula.source), _values(fact, variant, new)
    if before == after or all(isinstance(value, str) for value in after):
        return
    text = fact.cell.text
    at = text.find(formula.source)
    line = fact.cell.span
    if at < 0:
        return
    start = line.column + at
    span = Span(line.path, line.line, start, start + len(formula.source))
    change = Change(span, formula.source, new)
    truth = f"`{formula.source}`"
    yield Edit(kind, "formula", (change,), truth)
    if formula.result and formula.result_span and isinstance(after[0], Fraction) and after[0].denominator == 1:
        shown = f"{int(after[0]):,}" if "," in formula.result.text else str(int(after[0]))
        if re.fullmatch(r"[\d,]+", formula.result.text) and shown != formula.result.text:
            both = (change, Change(formula.result_span, formula.result.text, shown))
            yield Edit(kind, "formula", both, f"{truth} = {formula.result.text}")


FUNCTIONS = frozenset({"floor", "ceil", "round", "min", "max", "sqrt", "if"})
OPERATORS = {"+": "-", "-": "+", "*": "+", "/": "*", "^2": "^3"}


@mutator("formula-operator", "an operator is another one")
def operator(base: Base, random: Random) -> Iterator[Edit]:
    """`a / b` → `a * b`."""
    for fact, formula, variant in _stated(base):
        marks = list(re.finditer(r"(?<= )[-+*/](?= )|\^2", formula.source))
        for mark in random.sample(marks, min(2, len(marks))):
            new = formula.source[: mark.start()] + OPERATORS[mark.group()] + formula.source[mark.end() :]
            yield from _rewritten("formula-operator", fact, formula, variant, new)


@mutator("formula-operand", "a formula reads another field")
def operand(base: Base, random: Random) -> Iterator[Edit]:
    """`alignment.num_queries` → `encoder.tokens`; `patch_size` → `layers`."""
    for fact, formula, variant in _stated(base):
        names = sorted(set(re.findall(r"[a-z_]+(?:\.[a-z_]+)?", formula.source)) - FUNCTIONS)
        for name in random.sample(names, min(2, len(names))):
            slot, dot, field = name.partition(".")
            own = slot if dot else fact.slot
            others = sorted(one for at, one in variant.entries if at == own and one not in (field or slot, fact.field))
            numeric = [one for one in others if _is_count(variant, own, one)]
            if numeric and name not in INPUTS[0]:
                other = random.choice(numeric)
                written = f"{own}.{other}" if dot else other
                new = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", written, formula.source)
                yield from _rewritten("formula-operand", fact, formula, variant, new)


def _is_count(variant: VariantSpec, slot: str, name: str) -> bool:
    value = variant.entries[slot, name].value
    return isinstance(value, int) and not isinstance(value, bool) and value > 1


@mutator("formula-class-token", "the class token, the newline or the overview is forgotten, or added")
def class_token(base: Base, _: Random) -> Iterator[Edit]:
    """`(image_size / patch_size)^2 + 1` → `(image_size / patch_size)^2`."""
    for fact, formula, variant in _stated(base):
        shorter = re.sub(r" \+ [12]\b", "", formula.source, count=1)
        new = shorter if shorter != formula.source else f"{formula.source} + 1"
        if shorter != formula.source or "tokens" in fact.field:
            yield from _rewritten("formula-class-token", fact, formula, variant, new)


@mutator("formula-rounding", "a formula rounds the other way, or not at all")
def rounding(base: Base, _: Random) -> Iterator[Edit]:
    """`floor(384 / 14)` → `ceil(384 / 14)`."""
    for fact, formula, variant in _stated(base):
        for old, new in (("floor(", "ceil("), ("ceil(", "floor("), (" // ", " / ")):
            if old in formula.source:
                yield from _rewritten("formula-rounding", fact, formula, variant, formula.source.replace(old, new, 1))


@mutator("formula-constant", "a number in a formula is another one")
def constant(base: Base, random: Random) -> Iterator[Edit]:
    """`4 * dim` → `3 * dim`."""
    for fact, formula, variant in _stated(base):
        numbers = [found for found in re.finditer(r"(?<![\w.^])\d+(?![\w.])", formula.source) if found.group() != "0"]
        for found in numbers[:2]:
            other = int(found.group()) + random.choice((1, 2))
            new = f"{formula.source[: found.start()]}{other}{formula.source[found.end() :]}"
            yield from _rewritten("formula-constant", fact, formula, variant, new)
