"""Resolves claims into specs: what all pages state in, every system's variants as valid kinds with provenance out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chiasm.claiming.claim import SLOTS, Claims, MaskTable, SlotTable
from chiasm.claiming.claim import Variant as VariantRow
from chiasm.claiming.sections import is_marked
from chiasm.diagnostic import Diagnostic, Found
from chiasm.document import Code, Heading, Link, Math, Paragraph, Text
from chiasm.record import record
from chiasm.resolving.fill import Missing, Variant
from chiasm.resolving.inherit import (
    ALL,
    DEPTH,
    STAGES,
    Base,
    SlotFacts,
    System,
    Systems,
    anchor_of,
    gather,
    parent_of,
    system_of,
    tables_of,
    variant_keys,
)
from chiasm.resolving.naming import name_rows
from chiasm.span import Span
from chiasm.spec import registry
from chiasm.spec.forms import Known
from chiasm.spec.model import ModelSpec, NameRow, Names, Resolved, Used, VariantSpec

WITHOUT_KIND = ("checkpoint", "parameters")


@record(frozen=True, slots=True)
class Resolution:
    """One system's spec and what was found on the way."""

    spec: ModelSpec
    found: tuple[Diagnostic, ...]
    missing: Missing
    read: frozenset[str]
    """Pages that it was made from, or that it looked for."""


def resolve(claims: Sequence[Claims]) -> Found[tuple[ModelSpec, ...]]:
    """Every system's spec, sorted by slug, and what is wrong with fields, values, kinds, formulas and inheritance."""
    pages = {page.document.path: page for page in claims}
    names = names_of(claims)
    made = [resolved(pages, path, system, names) for path, system in systems(claims)]
    found = [one for page in claims for one in unknown_kinds(page)]
    found += [diagnostic for one in made for diagnostic in one.found]
    found += missing_fields(one.missing for one in made)
    specs = {one.spec.system: one.spec for one in made}
    return tuple(specs[system] for system in sorted(specs)), tuple(dict.fromkeys(found))


def systems(claims: Sequence[Claims]) -> Iterator[tuple[str, str]]:
    """The page and the slug of every system: those with a page of their own, then those that others describe."""
    known = {page.system for page in claims}
    yield from ((page.document.path, page.system) for page in claims if page.system)
    for page in claims:
        for slug in dict.fromkeys(system_of(table, page) for table in page.tables):
            if slug and slug not in known:
                yield page.document.path, slug


def resolved(pages: Mapping[str, Claims], path: str, system: str, names: Mapping[tuple[str, str], Names]) -> Resolution:
    """The spec of one system from the page that describes it and those it extends or copies from."""
    base = Base(Systems(pages))
    found: list[Diagnostic] = []
    missing: Missing = {}
    spec = _spec(base, _system(base, path, system), names, found, missing)
    return Resolution(spec, (*found, *base.found), missing, frozenset({path, *base.systems.read}))


def variants_of(pages: Mapping[str, Claims], path: str, system: str) -> tuple[str, ...]:
    """The keys of a system's variants, without resolving them."""
    base = Base(Systems(pages))
    return variant_keys(base, _system(base, path, system))


def missing_fields(several: Iterable[Missing]) -> Iterator[Diagnostic]:
    """One finding a required field that tables leave out, with every variant concerned."""
    whole: Missing = {}
    for missing in several:
        for key, variants in missing.items():
            whole.setdefault(key, []).extend(variants)
    return (_missing(*key, variants) for key, variants in whole.items())


def unknown_kinds(page: Claims) -> Iterator[Diagnostic]:
    """One finding a table of a page whose link defines no kind."""
    return (_unknown_kind(table, page) for table in page.tables if _is_unknown(table, page))


def _system(base: Base, path: str, slug: str) -> System:
    """What a page says about its own system, or about one that has no page."""
    page = base.systems.page(path)
    return base.systems[path] if page.system == slug else System(slug, page, None, (), tables_of(page, slug))


def _spec(
    base: Base, system: System, names: Mapping[tuple[str, str], Names], found: list[Diagnostic], missing: Missing
) -> ModelSpec:
    page = system.claims
    variants = tuple(_variant(base, system, key, found, missing) for key in variant_keys(base, system))
    heading = next((block for block in page.document.blocks if isinstance(block, Heading)), None)
    top = heading.span if heading else Span(system.path, 1)
    own = system.slug == page.system
    return ModelSpec(
        system=system.slug,
        title=page.document.title if own else system.slug,
        page=page.page,
        path=system.path,
        summary=_summary(page) if own else "",
        span=top,
        variants=variants,
        stages=_stages(base, system, found, missing),
        parameters=tuple(fact for table in system.tables if table.slot == "parameters" for fact in table.facts),
        names=Used(variants, names),
        checkpoint=_checkpoint(base, system),
        configuration=_configuration(base, system),
        masks=_masks(base, system),
        disagreements=page.disagreements if own else (),
    )


def _variant(base: Base, system: System, key: str, found: list[Diagnostic], missing: Missing) -> VariantSpec:
    row = next((item for item in _rows(base, system) if item.slug == key), None)
    slots: dict[str, tuple[Known, SlotFacts]] = {}
    for slot in dict.fromkeys(SLOTS.values()):
        if slot in WITHOUT_KIND:
            continue
        facts = gather(base, system, key, slot)
        kind = registry.by_anchor(facts.anchor, slot) if facts else None
        if facts and kind and kind.slot == slot:
            slots[slot] = (kind, facts)
    work = Variant(f"{system.slug}:{key}", slots)
    resolved, entries = work.fill(missing)
    found += work.found
    return VariantSpec(
        key,
        row.name if row else key,
        row.span if row else Span(system.path, 1),
        row.cells if row else {},
        resolved,
        entries,
    )


def _masks(base: Base, system: System, depth: int = 0) -> tuple[MaskTable, ...]:
    """The masks of a system: its own, else those of the one that it extends."""
    if system.masks or depth > DEPTH or not (parent := parent_of(base, system, "")):
        return system.masks
    return _masks(base, parent[0], depth + 1)


def _rows(base: Base, system: System, depth: int = 0) -> tuple[VariantRow, ...]:
    """The rows of `## Variants`, the system's own or those it extends."""
    if system.variants or depth > DEPTH or not (parent := parent_of(base, system, "")):
        return system.variants
    return _rows(base, parent[0], depth + 1)


def _stages(base: Base, system: System, found: list[Diagnostic], missing: Missing) -> dict[str, Resolved]:
    stages: dict[str, Resolved] = {}
    for key in _stage_keys(base, system):
        facts = gather(base, system, key, STAGES)
        kind = registry.by_anchor(facts.anchor, "training") if facts else None
        if facts and kind:
            work = Variant(f"{system.slug}, {key}", {"training": (kind, facts)})
            resolved, _ = work.fill(missing)
            found += work.found
            if "training" in resolved:
                stages[key] = resolved["training"]
    return stages


def _stage_keys(base: Base, system: System, depth: int = 0) -> tuple[str, ...]:
    parent = parent_of(base, system, "") if depth < DEPTH else None
    inherited = _stage_keys(base, parent[0], depth + 1) if parent else ()
    own = (name for table in system.tables if table.slot == STAGES for name in table.variants)
    return tuple(dict.fromkeys((*inherited, *(name for name in own if name not in ALL))))


def names_of(claims: Iterable[Claims]) -> dict[tuple[str, str], Names]:
    """Every kind's name tables, from the concept pages."""
    found: dict[tuple[str, str], Names] = {}
    for page in claims:
        for table in page.names:
            kind = registry.by_anchor(anchor_of(table, page.document.path), table.slot)
            if kind:
                key = (kind.slot, kind.name)
                names = found.get(key, Names())
                rows = {dialect: name_rows(table, dialect) for dialect in table.dialects}
                tensors = table.what == "tensors"
                found[key] = Names(
                    _joined(names.tensors, rows) if tensors else names.tensors,
                    names.configuration if tensors else _joined(names.configuration, rows),
                )
    return found


def _joined(
    first: Mapping[str, tuple[NameRow, ...]], second: Mapping[str, tuple[NameRow, ...]]
) -> dict[str, tuple[NameRow, ...]]:
    """Rows of two tables, the second's replacing the first's of the same name, dialect by dialect."""
    joined = dict(first)
    for dialect, rows in second.items():
        again = {row.ours for row in rows}
        joined[dialect] = (*(row for row in joined.get(dialect, ()) if row.ours not in again), *rows)
    return joined


def _checkpoint(base: Base, system: System, depth: int = 0) -> dict[str, tuple[NameRow, ...]]:
    parent = parent_of(base, system, "") if depth < DEPTH else None
    layouts = _checkpoint(base, parent[0], depth + 1) if parent else {}
    for table in system.names:
        if table.slot == "checkpoint" and table.what == "tensors" and not table.kind:
            layouts = _joined(layouts, {layout: name_rows(table, layout) for layout in table.dialects})
    return layouts


def _configuration(base: Base, system: System, depth: int = 0) -> tuple[NameRow, ...]:
    parent = parent_of(base, system, "") if depth < DEPTH else None
    rows = _configuration(base, parent[0], depth + 1) if parent else ()
    for table in system.names:
        if table.slot == "checkpoint" and table.what == "configuration" and not table.kind:
            for dialect in table.dialects:
                rows = _joined({"": rows}, {"": name_rows(table, dialect)})[""]
    return rows


def _summary(page: Claims) -> str:
    """The first paragraph under the title as plain text, without citations."""
    for block in page.document.blocks:
        if isinstance(block, Paragraph) and not is_marked(block):
            words = "".join(item.text for item in block.inlines if isinstance(item, Text | Code | Link | Math))
            return re.sub(r"\s+(?=[.,;:])", "", " ".join(words.split()))
    return ""


def _is_unknown(table: SlotTable, page: Claims) -> bool:
    """A facts table that links a concept section which defines no kind of its slot."""
    if table.slot in WITHOUT_KIND or not table.kind:
        return False
    anchor = anchor_of(table, page.document.path)
    kind = registry.by_anchor(anchor, table.slot)
    return bool(anchor) and (kind is None or kind.slot != table.slot)


def _unknown_kind(table: SlotTable, page: Claims) -> Diagnostic:
    anchor = anchor_of(table, page.document.path)
    kind = registry.by_anchor(anchor, table.slot)
    known = sorted(item.anchor for item in registry.known() if item.slot == table.slot)
    near = difflib.get_close_matches(anchor, known, n=1)
    message = f"`{anchor}` is a kind of {kind.slot}, not of {table.slot}" if kind else f"`{anchor}` defines no kind"
    return Diagnostic(
        "unknown-kind",
        message,
        table.kind_span,
        help=f"did you mean `{near[0]}`?" if near else f"kinds of {table.slot}: {', '.join(known)}",
    )


def _some(names: Iterable[str], most: int = 5) -> str:
    """The first few of many names, and how many more there are."""
    given = list(names)
    return ", ".join(given[:most]) + (f" and {len(given) - most} more" if len(given) > most else "")


def _missing(span: Span, slot: str, kind_name: str, name: str, variants: Sequence[str]) -> Diagnostic:
    kind = registry.by_name("training" if slot == STAGES else slot, kind_name)
    form = kind.forms[name] if kind else None
    unit = f", in {form.unit}" if form and form.unit else ""
    return Diagnostic(
        "missing-field",
        f"`{slot}` of {_some(dict.fromkeys(variants))} lacks `{name}`",
        span,
        help=f"add a row `{name}`: {form.description if form else ''}{unit}",
    )
