"""Compares what pages state: two variants (or stages) of a system in, the fields that differ out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chiasm.claiming.claim import Formula
from chiasm.diffing.change import FactChange, NameChange, Stand
from chiasm.diffing.pairs import unclear
from chiasm.spec.plain import stated, written

if TYPE_CHECKING:
    from chiasm.claiming.claim import Evidence, Fact, Rank
    from chiasm.spec.model import Entry, ModelSpec, NameRow, VariantSpec

OWN = ("layout", "configuration")
"""Name tables of the page itself."""
UNKNOWN = "cannot be computed"
Ranked = Callable[["Evidence | None"], "Rank | None"]
Pair = tuple["VariantSpec | None", "VariantSpec | None"]


def facts(
    old: ModelSpec, new: ModelSpec, pairs: Sequence[Pair], ranks: tuple[Ranked, Ranked]
) -> tuple[FactChange, ...]:
    """Every field of variants that both states have, of stages and of the table of parameters, each change once."""
    found: list[FactChange] = []
    for was, now in pairs:
        if was and now:
            found += _variant(was, now, old, new, ranks)
    found += _stages(old, new, ranks)
    found += _parameters(old, new, {was.key: now.key for was, now in pairs if was and now}, ranks)
    found += _masks(old, new)
    return _joined(found)


def _variant(
    was: VariantSpec, now: VariantSpec, old: ModelSpec, new: ModelSpec, ranks: tuple[Ranked, Ranked]
) -> Iterator[FactChange]:
    vague = {*unclear(was), *unclear(now)}
    # What is built from a slot that is not understood is not either.
    vague |= {slot for slot in was.slots if slot not in now.slots} if unclear(now) else set()
    whole = set()
    for slot in dict.fromkeys((*now.slots, *was.slots)):
        before, after = (_kind(one, slot) for one in (was, now))
        if slot not in vague and (before and before.value) != (after and after.value):
            whole |= {slot} if before is None or after is None else set()
            yield FactChange(slot, "", (now.key,), before, after)
    for key in dict.fromkeys((*now.entries, *was.entries)):
        first, second = was.entries.get(key), now.entries.get(key)
        one = None if key[0] in whole else _entry(key, first, second, (old.path, new.path), ranks)
        if one and one.old and one.new is None and key[0] in vague:
            one = replace(one, new=replace(one.old, value=UNKNOWN), follows=bool(_formula(first)))
        if one:
            yield replace(one, variants=(now.key,))


def _kind(variant: VariantSpec, slot: str) -> Stand | None:
    """The kind of a slot; None where the variant has no such slot."""
    resolved = variant.slots.get(slot)
    if resolved is None:
        return None
    count = len(resolved.entries)
    return Stand(f"{resolved.kind.name} with {count} field{'' if count == 1 else 's'}", place=resolved.span)


def _entry(
    key: tuple[str, str], was: Entry | None, now: Entry | None, pages: tuple[str, str], ranks: tuple[Ranked, Ranked]
) -> FactChange | None:
    before, after = (
        _stand(entry, page, rank) if entry else None for entry, page, rank in zip((was, now), pages, ranks, strict=True)
    )
    if _says(before) == _says(after):
        return None
    formulas = [_formula(one) for one in (was, now)]
    follows = bool(formulas[0] and formulas[0] == formulas[1] and before and after and before.value != after.value)
    return FactChange(*key, (), before, after, follows=follows)


def _formula(entry: Entry | None) -> str:
    """The formula that gives a value, or would."""
    stated = entry.fact.value if entry and entry.fact else None
    return stated.source if isinstance(stated, Formula) else ""


def _says(one: Stand | None) -> tuple[str, ...]:
    return (one.value, one.rank, one.sources) if one else ()


def _stand(entry: Entry, page: str, rank: Ranked) -> Stand:
    evidence = entry.evidence
    place = entry.span
    fact = entry.fact if place and place.path != page else None
    kind = "" if entry.fact else "default"
    told = _sources(evidence)
    return Stand(stated(entry), entry.claim, rank(evidence) or kind, told, place, fact.system if fact else "")


def _sources(evidence: Evidence | None) -> str:
    return "; ".join(f"{cite.key} {cite.locator}".strip() for cite in evidence.cites) if evidence else ""


def _stages(old: ModelSpec, new: ModelSpec, ranks: tuple[Ranked, Ranked]) -> Iterator[FactChange]:
    for stage in dict.fromkeys((*new.stages, *old.stages)):
        sides = [
            {(one.slot, one.field): one for one in spec.stages[stage].entries} if stage in spec.stages else {}
            for spec in (old, new)
        ]
        for key in dict.fromkeys((*sides[1], *sides[0])):
            one = _entry(key, sides[0].get(key), sides[1].get(key), (old.path, new.path), ranks)
            if one:
                yield replace(one, variants=(stage,))


def _parameters(
    old: ModelSpec, new: ModelSpec, renamed: Mapping[str, str], ranks: tuple[Ranked, Ranked]
) -> Iterator[FactChange]:
    sides: list[Mapping[tuple[str, str], tuple[Fact, Ranked]]] = [
        {(one.field, renamed.get(one.variant, one.variant)): (one, ranks[0]) for one in old.parameters},
        {(one.field, one.variant): (one, ranks[1]) for one in new.parameters},
    ]
    for name, variant in dict.fromkeys((*sides[1], *sides[0])):
        before, after = (_fact(side.get((name, variant))) for side in sides)
        if _says(before) != _says(after):
            yield FactChange("parameters", name, (variant,) if variant else (), before, after)


def _fact(found: tuple[Fact, Ranked] | None) -> Stand | None:
    if found is None:
        return None
    fact, rank = found
    return Stand(fact.cell.text, fact.id, rank(fact.evidence) or "", _sources(fact.evidence), fact.cell.span)


def _masks(old: ModelSpec, new: ModelSpec) -> Iterator[FactChange]:
    sides = [
        {
            (table.slot, f"{reader} → {read}", objective): Stand(cell, place=table.spans[objective][reader, read])
            for table in spec.masks
            for objective, cells in table.cells.items()
            for (reader, read), cell in cells.items()
        }
        for spec in (old, new)
    ]
    for slot, who, objective in dict.fromkeys((*sides[1], *sides[0])):
        before, after = (side.get((slot, who, objective)) for side in sides)
        if (before and before.value) != (after and after.value):
            yield FactChange(slot, f"mask {who}", (objective,), before, after)


def _joined(found: Iterable[FactChange]) -> tuple[FactChange, ...]:
    """Changes that are the same but for the variant as one."""
    groups: dict[tuple[object, ...], list[FactChange]] = {}
    for one in found:
        key = (one.slot, one.field, _says(one.old), _says(one.new), one.follows, one.inherited)
        groups.setdefault(key, []).append(one)
    return tuple(
        replace(several[0], variants=tuple(dict.fromkeys(name for one in several for name in one.variants)))
        for several in groups.values()
    )


def names(old: ModelSpec, new: ModelSpec) -> tuple[NameChange, ...]:
    """What releases call tensors and fields, where that differs: tables of the page and of its kinds."""
    sides = [dict(_rows(spec)) for spec in (old, new)]
    # What is spoken in one state alone is no other name for anything.
    spoken = {key[:2] for key in sides[0]} & {key[:2] for key in sides[1]}
    found = []
    for key in dict.fromkeys((*sides[1], *sides[0])):
        was, now = (side.get(key) for side in sides)
        before, after = (row.cell.text.strip() if row else "" for row in (was, now))
        if before != after and (key[:2] in spoken or key[0] in OWN):
            table, dialect, ours = key
            place = (now or was).cell.span if now or was else None  # type: ignore[union-attr]
            found.append(NameChange(table, dialect, ours, before, after, place))
    return tuple(found)


def _rows(spec: ModelSpec) -> Iterator[tuple[tuple[str, str, str], NameRow]]:
    for layout, rows in spec.checkpoint.items():
        yield from ((("layout", layout, row.ours), row) for row in rows)
    yield from ((("configuration", "", row.ours), row) for row in spec.configuration)
    types = (entry for variant in spec.variants for (_, name), entry in variant.entries.items() if name == "model_type")
    spoken = {written(entry.value) for entry in types}
    own = next((row.cell.text.strip().strip("`") for row in spec.configuration if row.ours == "model_type"), "")
    for (slot, kind), told in spec.names.items():
        for what, table in (("tensors", told.tensors), ("configuration", told.configuration)):
            for dialect in table:
                if dialect in spoken | {own}:
                    yield from (((f"{slot} {kind} {what}", dialect, row.ours), row) for row in table[dialect])
