"""Compiles a system's derived facts: formulas of its page in, functions of budget.py out.

A fact that every variant derives by the same formula becomes a function of the configuration, so that it also holds
for a configuration that was read from a file. Fields that a constructor takes stay values.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.numbers.expression import FormulaError
from chiasm.numbers.formula import INPUTS, names, to_python
from chiasm.plan import Formula
from chiasm.planning.literals import words
from chiasm.spec.model import Entry, ModelSpec


def formulas(spec: ModelSpec) -> tuple[Formula, ...]:
    """The functions of budget.py, those that others use first."""
    derived = dict(_derived(spec))
    ordered: dict[tuple[str, str], Formula] = {}

    def add(key: tuple[str, str]) -> None:
        entry = derived[key]
        source = entry.formula.source if entry.formula else ""
        for name in names(source):
            if (other := _key(name, key[0])) in derived and other not in ordered and other != key:
                add(other)
        ordered[key] = _formula(spec, key, entry, derived)

    for key in derived:
        if key not in ordered:
            add(key)
    return tuple(ordered.values())


def function_name(slot: str, field: str) -> str:
    """The function of a derived fact."""
    return field if slot == "budget" else f"{slot}_{field}"


def _derived(spec: ModelSpec) -> Iterator[tuple[tuple[str, str], Entry]]:
    """Facts that every variant of every kind of the slot states by one formula."""
    keys = dict.fromkeys(
        (r.slot, fact) for v in spec.variants for r in v.slots.values() for fact in sorted(r.kind.facts)
    )
    for slot, field in keys:
        entries = [
            v.slots[slot].entry(field) for v in spec.variants if slot in v.slots and field in v.slots[slot].kind.facts
        ]
        sources = {entry.formula.source if entry.formula else "" for entry in entries}
        everywhere = all(field in v.slots[slot].kind.facts for v in spec.variants if slot in v.slots)
        if everywhere and len(sources) == 1 and "" not in sources and _readable(sources.copy().pop(), slot, spec):
            yield (slot, field), entries[0]


def _readable(source: str, slot: str, spec: ModelSpec) -> bool:
    try:
        return all(name in INPUTS or _known(_key(name, slot), spec) for name in names(source))
    except FormulaError:
        return False


def _known(key: tuple[str, str], spec: ModelSpec) -> bool:
    return all(key[0] in v.slots and key[1] in v.slots[key[0]].kind.fields for v in spec.variants)


def _key(name: str, slot: str) -> tuple[str, str]:
    """Slot and field of a name: `slot.field`, else a field of the own slot."""
    owner, dot, field = name.partition(".")
    return (owner, field) if dot else (slot, name)


def _formula(spec: ModelSpec, key: tuple[str, str], entry: Entry, derived: dict[tuple[str, str], Entry]) -> Formula:
    slot, field = key
    evaluated = entry.formula
    source = evaluated.source if evaluated else ""

    def name(written: str) -> str:
        if written in INPUTS:
            return written
        other = _key(written, slot)
        if other not in derived:
            return f"config.{other[0]}.{other[1]}"
        inputs = derived[other].formula
        passed = "".join(f", {item}={item}" for item in (inputs.inputs if inputs else ()))
        return f"{function_name(*other)}(config{passed})"

    kind = next(v.slots[slot].kind for v in spec.variants if slot in v.slots)
    return Formula(
        name=function_name(slot, field),
        slot=slot,
        field=field,
        python=to_python(source, name),
        source=words(source),
        inputs=evaluated.inputs if evaluated else (),
        operands=tuple((words(item), name(item)) for item in dict.fromkeys(names(source))),
        claim=words(f"{spec.system}/{slot}.{field}"),
        doc=words(kind.fields[field].description),
    )
