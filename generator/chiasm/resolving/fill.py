"""Makes one variant's slots: gathered facts in, formulas evaluated and kinds validated, values with provenance out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from chiasm.claiming.claim import Fact, Formula, Quantity
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.numbers import expression as syntax
from chiasm.numbers import formula
from chiasm.resolving.inherit import Placed, SlotFacts
from chiasm.span import Span
from chiasm.spec import validate
from chiasm.spec.forms import Known
from chiasm.spec.model import Entry, Evaluated, Operand, Plain, Resolved

Exact = Fraction | bool | str
Missing = dict[tuple[Span, str, str, str], list[str]]
"""Required fields that tables leave out: (kind's place, slot, kind, field) → titles of the variants concerned."""


class _RunTime(Exception):  # noqa: N818 - it is a turn of control, not an error
    """A formula that reads a run-time input."""


class _Reported(Exception):  # noqa: N818 - likewise
    """A value that cannot be had, for a reason that has been reported."""


@dataclass(slots=True)
class Variant:
    """One variant while it is being filled: kinds and facts by slot, values as they are found."""

    title: str
    slots: Mapping[str, tuple[Known, SlotFacts]]
    found: list[Diagnostic] = field(default_factory=list)
    values: dict[tuple[str, str], Exact | None] = field(default_factory=dict)
    formulas: dict[tuple[str, str], Evaluated] = field(default_factory=dict)
    open: list[tuple[str, str]] = field(default_factory=list)
    failed: set[tuple[str, str]] = field(default_factory=set)

    def fill(self, missing: Missing) -> tuple[dict[str, Resolved], dict[tuple[str, str], Entry]]:
        """Every valid slot, and every entry of all slots."""
        resolved: dict[str, Resolved] = {}
        entries: dict[tuple[str, str], Entry] = {}
        for slot, (kind, facts) in self.slots.items():
            valid, slot_entries = self._slot(slot, kind, facts, missing)
            entries |= {(slot, entry.field): entry for entry in slot_entries}
            if valid:
                resolved[slot] = Resolved(slot, kind.spec, slot_entries, facts.span)
        return resolved, entries

    def _slot(self, slot: str, kind: Known, facts: SlotFacts, missing: Missing) -> tuple[bool, tuple[Entry, ...]]:
        """Whether all of it is valid, and its entries."""
        values: dict[str, Plain] = {}
        broken = False
        for name, placed in facts.facts.items():
            if name not in kind.fields:
                self.found.append(validate.unknown_field(kind, placed.fact))
                broken = True
                continue
            try:
                values[name] = self._plain(slot, kind, name, placed.fact)
            except _Reported:
                broken = True
            except validate.UnfitError as error:
                self.found.append(validate.bad_value(kind, placed.fact, str(error)))
                broken = True
        stated = {name: placed.fact for name, placed in facts.facts.items()}
        made, wrong, absent = validate.build(kind, values, stated)
        self.found += wrong
        for name in absent:
            if name not in stated:
                missing.setdefault((facts.span, slot, kind.name, name), []).append(self.title)
        known = made or {name: own.default for name, own in kind.fields.items() if not own.required} | values
        entries = tuple(
            self._entry(slot, name, facts.facts.get(name), known[name]) for name in kind.fields if name in known
        )
        return made is not None and not broken, entries

    def _entry(self, slot: str, name: str, placed: Placed | None, value: Plain) -> Entry:
        if not placed:
            return Entry(slot, name, value, None)
        return Entry(slot, name, value, placed.fact, placed.via, self.formulas.get((slot, name)))

    def _plain(self, slot: str, kind: Known, name: str, fact: Fact) -> Plain:
        """A fact's value as its kind holds it; None for what only the running model knows."""
        form = kind.forms[name]
        if not isinstance(fact.value, Formula) or form.text:
            return validate.plain(kind, name, fact.value, fact.cell.text)
        value = self.value(slot, name)
        if value is None:
            if form.optional:
                return None
            if (slot, name) not in self.formulas:
                raise _Reported
            inputs = ", ".join(self.formulas[slot, name].inputs)
            raise validate.UnfitError(f"`{name}` is one number, but its formula depends on {inputs}")
        if isinstance(value, Fraction):
            return validate.number(value, form, name)
        return value

    def value(self, slot: str, name: str) -> Exact | None:
        """The exact value of a field; None where there is none or only at run time."""
        key = (slot, name)
        if key in self.values:
            return self.values[key]
        if slot not in self.slots:
            return None
        kind, facts = self.slots[slot]
        placed = facts.facts.get(name)
        if not placed:
            return self._default(kind, name)
        written = placed.fact.value
        if isinstance(written, Quantity):
            self.values[key] = written.value
        elif isinstance(written, bool | str):
            self.values[key] = written
        elif isinstance(written, Formula):
            self.values[key] = self._formula(slot, name, written)
        else:
            self.values[key] = None
        return self.values[key]

    def _formula(self, slot: str, name: str, written: Formula) -> Exact | None:
        if (slot, name) in self.open:
            way = " → ".join(".".join(key) for key in (*self.open, (slot, name)))
            self.found.append(
                Diagnostic(
                    "bad-formula",
                    f"the formula needs its own result: {way}",
                    written.span,
                    help="state one of these as a number",
                )
            )
            return None
        self.open.append((slot, name))
        self.failed.add((slot, name))
        try:
            expression = syntax.parse(written.source)
            inputs = tuple(item for item in syntax.names(expression) if self._is_input(slot, item))
            result = self._evaluated(slot, expression)
            operands = tuple(self._operand(slot, item) for item in syntax.names(expression) if item not in inputs)
            self.formulas[slot, name] = Evaluated(
                written.source, operands, inputs or self._inputs_of(slot, expression), result
            )
        except syntax.FormulaError as error:
            self.found.append(
                Diagnostic(
                    "bad-formula",
                    str(error),
                    _part(written, error),
                    help="names are fields of this slot, or `slot.field`",
                )
            )
            return None
        except _Reported:
            return None
        finally:
            self.open.pop()
        self.failed.discard((slot, name))
        if result is not None and written.result is not None and not written.result.matches(result):
            self.found.append(self._mismatch(slot, name, written, result))
        return result

    def _evaluated(self, slot: str, expression: syntax.Expression) -> Fraction | None:
        def lookup(item: str) -> object:
            if self._is_input(slot, item):
                raise _RunTime
            at = _place(slot, item)
            value = self.value(*at)
            if value is None and at in self.formulas and self.formulas[at].inputs:
                raise _RunTime
            if value is None and (at in self.failed or at in self.open):
                raise _Reported
            return value

        try:
            return formula.evaluate(expression, lookup)
        except _RunTime:
            return None

    def _inputs_of(self, slot: str, expression: syntax.Expression) -> tuple[str, ...]:
        """Run-time inputs that a formula reads through other fields."""
        through = (self.formulas.get(_place(slot, item)) for item in syntax.names(expression))
        return tuple(dict.fromkeys(item for evaluated in through if evaluated for item in evaluated.inputs))

    def _is_input(self, slot: str, item: str) -> bool:
        return item in syntax.INPUTS and item not in self.slots[slot][1].facts

    def _operand(self, slot: str, item: str) -> Operand:
        at = _place(slot, item)
        value = self.value(*at)
        placed = self.slots[at[0]][1].facts.get(at[1]) if at[0] in self.slots else None
        return Operand(
            item,
            value if value is not None else "",
            placed.fact.id if placed else "",
            placed.fact.cell.span if placed else None,
        )

    def _mismatch(self, slot: str, name: str, written: Formula, result: Fraction) -> Diagnostic:
        shown = spell(result)
        labels = tuple(
            Label(operand.span, f"{operand.name} = {spell(operand.value)}")
            for operand in self.formulas[slot, name].operands
            if operand.span
        )
        span = written.result_span or written.span
        text = written.result.text if written.result else ""
        return Diagnostic(
            "formula-result",
            f"`{written.source}` is {shown}, not {text}",
            span,
            mark=f"expected {shown}",
            labels=labels,
            help=f"write `= {shown}`",
            fix=Fix(span, shown) if _plain_number(text) else None,
        )

    def _default(self, kind: Known, name: str) -> Exact | None:
        own = kind.fields.get(name)
        if own is None or own.required:
            return None
        default = own.default
        if isinstance(default, bool | str):
            return default
        return Fraction(repr(default)) if isinstance(default, int | float) else None


def spell(value: Exact) -> str:
    """A number as a page writes it: grouped thousands, at most six significant decimals."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):.6g}"


def _place(slot: str, item: str) -> tuple[str, str]:
    """The slot and field that a name in a formula of `slot` stands for."""
    head, dot, tail = item.partition(".")
    return (head, tail) if dot else (slot, item)


def _part(written: Formula, error: syntax.FormulaError) -> Span:
    """The characters of a formula's code span that an error is about."""
    span = written.span
    start = span.column + error.start
    return Span(span.path, span.line, start, max(start + 1, span.column + error.end))


def _plain_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").isdigit()
