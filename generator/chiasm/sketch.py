"""Drafts a system's page from a released configuration: its keys and a base's specs in; page, excerpt and entry out.

The tables of released names say what each key sets. A value stands in the draft with the key that states it, or with
the reference class whose default it is; all else is what the nearest variant of a system of that family says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from chiasm.evidence import Excerpt
from chiasm.numbers import expression, formula
from chiasm.regex import regex
from chiasm.resolving.fill import spell
from chiasm.sketching.rows import CELL, DERIVED, PLAIN, Config, Part, Row, file_of, number, row_of, spelt
from chiasm.spec.model import KindSpec, ModelSpec, Names, VariantSpec

HEADINGS = {
    "encoder": "Encoder",
    "text_encoder": "Text encoder",
    "alignment": "Alignment",
    "fusion": "Fusion",
    "budget": "Token budget",
    "language_model": "Language model",
}
"""Slots that a configuration says something about, in a page's order."""
KEY = regex(r"(?<![\w./])[a-z][a-z0-9]*(?:_[a-z0-9]+|\.[a-z][a-z0-9_]*)+(?![\w/]|\.(?:py|json|md|yaml)\b)")
"""A key of config.json in a locator."""


class Slot(NamedTuple):
    """A slot of the draft: its kind and its rows."""

    name: str
    kind: KindSpec
    rows: tuple[Row, ...]


class Family(NamedTuple):
    """The variant that a draft starts from."""

    spec: ModelSpec
    variant: VariantSpec


def family(found: Config, specs: Iterable[ModelSpec], excerpts: Iterable[Excerpt] = ()) -> Family | None:
    """The variant of a system of the configuration's `model_type` that is nearest to it."""
    known = types(specs, excerpts).get(str(found.get("model_type")), frozenset())
    spoken = [spec for spec in specs if spec.system in known]
    every = ((_likeness(found, spec, variant), Family(spec, variant)) for spec in spoken for variant in spec.variants)
    return max(every, key=lambda one: one[0], default=(0, None))[1]


def types(specs: Iterable[ModelSpec], excerpts: Iterable[Excerpt] = ()) -> dict[str, frozenset[str]]:
    """Systems by the `model_type` of their released files, as their pages or excerpts of these files say."""
    said = [(_own(spec, "model_type"), spec.system) for spec in specs if spec.variants]
    said += [(name, spec.system) for spec in specs for name in _spoken(spec) if name.replace("_", "-") == spec.system]
    said += [(str(one.config.get("model_type", "")), one.system) for one in excerpts]
    return {name: frozenset(system for other, system in said if other == name) for name, _ in sorted(said) if name}


def slots(found: Config, like: Family, specs: Iterable[ModelSpec], key: str) -> Iterator[Slot]:
    """The slots that a configuration says something about; `key` cites it."""
    every = [spec for spec in specs if spec is not like.spec]
    names = {name: table for spec in (*every, like.spec) for name, table in spec.names.items()}
    parts = (part for spec in (*every, like.spec) for variant in spec.variants for part in variant.slots.values())
    kinds = {(part.slot, part.kind.name): part.kind for part in parts}
    for slot in HEADINGS:
        prefix, dialect = _section(found, like.spec, slot)
        kind = _kind(like.variant, slot, dialect, names, kinds)
        made: list[Row] = []
        if kind:
            rows = [row for row in names[slot, kind.name].configuration[dialect] if row.ours in kind.fields]
            made += (one for row in rows if (one := row_of(found, row, kind, Part(prefix, dialect, key))))
            made += _of_page(found, like.spec, kind, slot, key)
            if "model_type" in kind.fields and PLAIN.fullmatch(dialect) and rows:
                stated = f"{prefix}model_type" in found
                source = f"[@{key}] {prefix}model_type" if stated else file_of(rows[0].source, dialect)
                made.append(Row("model_type", dialect, source, dialect))
        elif slot in like.variant.slots:
            kind = like.variant.slots[slot].kind
            made += _located(found, like.variant, kind, slot, key)
        if kind and made:
            yield Slot(slot, kind, tuple(_evaluated({one.field: one for one in made}.values())))


def derived(like: Family, made: Iterable[Slot]) -> Iterator[tuple[str, Row]]:
    """Formulas of the variant that come out differently here, with what they give."""
    known = {(slot.name, row.field): row.value for slot in made for row in slot.rows}

    def value(slot: str, field: str) -> object:
        if (slot, field) in known:
            return number(known[slot, field])
        entry = like.variant.entries.get((slot, field))
        if entry is None:
            return None
        if entry.formula is None:
            return entry.value
        return formula.evaluate(entry.formula.source, lambda name: named(slot, name))

    def named(slot: str, name: str) -> object:
        head, dot, tail = name.partition(".")
        return value(head, tail) if dot else value(slot, name)

    for (slot, field), entry in like.variant.entries.items():
        if entry.formula is None or (slot, field) in known or not isinstance(entry.formula.value, Fraction):
            continue
        try:
            here = value(slot, field)
        except (expression.FormulaError, RecursionError):
            continue
        if isinstance(here, Fraction) and here != entry.formula.value:
            yield slot, Row(field, f"`{entry.formula.source}` = {spell(here)}", DERIVED)


def _spoken(spec: ModelSpec) -> Iterator[str]:
    """What the slots of a system's variants call their dialects."""
    for variant in spec.variants:
        yield from (str(entry.value) for (_, field), entry in variant.entries.items() if field == "model_type")


def _own(spec: ModelSpec, name: str) -> str:
    """A constant of a page's own configuration table."""
    return next((row.cell.text.strip().strip("`") for row in spec.configuration if row.ours == name), "")


def _section(found: Config, spec: ModelSpec, slot: str) -> tuple[str, str]:
    """The prefix of a slot's keys, and the dialect that they are written in."""
    row = next((row for row in spec.configuration if row.ours == slot and row.names), None)
    if row is None:
        return "", str(found.get("model_type", ""))
    prefix = f"{row.names[0]}."
    match = CELL.match(row.cell.text.strip())
    return prefix, str(found.get(f"{prefix}model_type") or (match["value"].strip() if match else ""))


def _kind(
    variant: VariantSpec,
    slot: str,
    dialect: str,
    names: Mapping[tuple[str, str], Names],
    kinds: Mapping[tuple[str, str], KindSpec],
) -> KindSpec | None:
    """The kind of a slot that has names in a dialect: the variant's own, else any."""
    own = variant.slots.get(slot)
    here = [own.kind.name] if own else []
    for name in (*here, *sorted(name for other, name in kinds if other == slot)):
        if (slot, name) in kinds and dialect in names.get((slot, name), Names()).configuration:
            return kinds[slot, name]
    return None


def _likeness(found: Config, spec: ModelSpec, variant: VariantSpec) -> int:
    """How many values a variant shares with a configuration."""
    same = 0
    for slot, resolved in variant.slots.items():
        prefix, dialect = _section(found, spec, slot)
        table = spec.names.get((slot, resolved.kind.name), Names()).configuration
        for row in table.get(dialect, ()):
            stated = next((found[prefix + name] for name in row.names if prefix + name in found), None)
            same += stated is not None and row.ours in resolved.values and resolved.values[row.ours] == stated
    return same


def _of_page(found: Config, spec: ModelSpec, kind: KindSpec, slot: str, key: str) -> Iterator[Row]:
    """Rows that the page's own configuration table gives: `encoder.feature_layer` and the like."""
    for row in spec.configuration:
        head, _, field = row.ours.partition(".")
        if head == slot and field in kind.fields and row.names:
            made = row_of(found, row, kind, Part("", "", key), field)
            if made:
                yield made


def _located(found: Config, variant: VariantSpec, kind: KindSpec, slot: str, key: str) -> Iterator[Row]:
    """Fields whose source cells name a key of a released file that this one has, too."""
    for (other, field), entry in variant.entries.items():
        cites = entry.fact.evidence.cites if entry.fact and entry.fact.evidence else ()
        named = {name for cite in cites for name in KEY.findall(cite.locator) if name in found}
        if other == slot and len(named) == 1 and field in kind.fields and not entry.formula:
            (told,) = named
            if cell := spelt(found[told], kind, field):
                yield Row(field, cell, f"[@{key}] {told}", found[told])


def _evaluated(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows whose formulas have their results."""
    known = {row.field: number(row.value) for row in rows}
    for row in rows:
        if row.source == DERIVED:
            try:
                result = formula.evaluate(row.cell.strip("`"), known.get)
            except expression.FormulaError:
                continue
            row = row._replace(cell=f"{row.cell} = {spell(result)}", value=int(result))
        yield row
