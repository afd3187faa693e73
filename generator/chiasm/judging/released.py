"""Holds specs against released files: excerpts and configuration tables in, what agrees and what differs out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from chiasm.claiming.claim import Claims, Fact
from chiasm.document import Cite
from chiasm.evidence import Excerpt, Json
from chiasm.graph import Graph, of_graph
from chiasm.numbers.quantity import Quantity
from chiasm.record import record
from chiasm.regex import regex
from chiasm.resolving.inherit import ALL
from chiasm.spec import count
from chiasm.spec.model import Entry, ModelSpec, NameRow, Plain, VariantSpec

KEY = regex(r"(?<![\w./])[a-z][a-z0-9]*(?:_[a-z0-9]+|\.[a-z][a-z0-9_]*)+(?![\w/]|\.(?:py|json|md|yaml)\b)")
"""A key of config.json in a locator, not a file's name."""
REPOSITORY = regex(r"https://(?:huggingface\.co|github\.com)/([\w.-]+/[\w.-]+)")


@record(frozen=True, slots=True)
class Comparison:
    """One value that a released file and a page both state."""

    excerpt: Excerpt
    key: str
    released: Json
    entry: Entry
    variant: str
    agrees: bool


def comparisons(graph: Graph, spec: ModelSpec) -> tuple[Comparison, ...]:
    """Every value that an excerpt and a system's spec both state."""
    return _comparisons(graph, spec.system)


@of_graph
def _comparisons(graph: Graph, system: str) -> tuple[Comparison, ...]:
    spec = graph.specs[system]
    named = [
        item
        for excerpt in graph.excerpts
        if excerpt.system == system
        for variant in spec.variants
        if excerpt.variant in ("", variant.key)
        for item in compared(spec, variant, excerpt)
    ]
    seen = {(item.excerpt.path, item.key, item.entry.claim, item.variant) for item in named}
    located = (
        item
        for item in _located(graph, spec)
        if (item.excerpt.path, item.key, item.entry.claim, item.variant) not in seen
    )
    return (*named, *located)


@of_graph
def _agreeing(graph: Graph, system: str) -> Mapping[tuple[str, str], str]:
    return {
        (item.entry.claim, item.entry.field): f"{item.excerpt.origin} {item.key}"
        for item in _comparisons(graph, system)
        if item.agrees and item.entry.claim
    }


def released_by(graph: Graph, fact: Fact) -> str:
    """The released file and key that state a fact's value; "" for none."""
    return _agreeing(graph, fact.system).get((fact.id, fact.field), "") if graph.excerpts else ""


@record(frozen=True, slots=True)
class Size:
    """A checkpoint index's bytes beside the parameters that the spec adds up to."""

    excerpt: Excerpt
    spec: ModelSpec
    variant: str
    parameters: int
    agrees: bool
    counted: bool = True
    """The spec adds up to the parameters; else they are the page's own total."""


def sizes(graph: Graph, spec: ModelSpec) -> Iterator[Size]:
    """Every released index of a system that can be counted: 2 or 4 bytes a parameter, a tied head stored or not."""
    for excerpt in graph.excerpts:
        for variant in spec.variants if excerpt.system == spec.system and excerpt.total_size else ():
            parts = count.parameters(variant.slots)
            total = count.scope(parts, "total") if parts else None
            whole = total or _stated(spec, variant)
            if whole and excerpt.variant in ("", variant.key):
                head = (
                    0 if parts and "language_model.head" in parts else (parts or {}).get("language_model.embedding", 0)
                )
                fits = excerpt.total_size in [size * (whole + extra) for size in (2, 4) for extra in (0, head)]
                yield Size(excerpt, spec, variant.key, whole, fits, bool(total))


def _stated(spec: ModelSpec, variant: VariantSpec) -> int:
    """The exact total that a page states of a variant that cannot be counted; 0 for none."""
    for fact in spec.parameters:
        exact = isinstance(fact.value, Quantity) and not fact.value.tolerance
        if fact.field == "total" and fact.variant in (*ALL, variant.key) and exact:
            return int(fact.value.value)  # type: ignore[union-attr]
    return 0


def keys(spec: ModelSpec, variant: VariantSpec) -> Iterator[tuple[str, str, str, NameRow]]:
    """Released configuration keys and the fields they set: dotted key, slot, field, the row that says so."""
    sections = {row.ours: row.names[0] for row in spec.configuration if row.names and "." not in row.ours}
    for slot, resolved in variant.slots.items():
        names = spec.names.get((resolved.kind.slot, resolved.kind.name))
        dialect = str(resolved.values.get("model_type", ""))
        prefix = f"{sections[slot]}." if slot in sections else ""
        for row in names.configuration.get(dialect, ()) if names else ():
            for name in row.names if row.ours in resolved.kind.fields else ():
                yield prefix + name, slot, row.ours, row
    for row in spec.configuration:
        slot, dot, field = row.ours.partition(".")
        for name in row.names if dot else ():
            yield name, slot, field, row


@record(frozen=True, slots=True)
class Locator:
    """A key that a source cell names in a released file of which an excerpt is kept; `stated` is whether it has it."""

    excerpt: Excerpt
    key: str
    cite: Cite
    fact: Fact
    stated: bool


def locators(graph: Graph, page: Claims) -> Iterator[Locator]:
    """Every key of an excerpt that a source cell of a page names: `[@clip-config] vision_config.patch_size`."""
    for table in page.tables:
        for fact in table.facts:
            yield from locators_of(graph, fact)


def locators_of(graph: Graph, fact: Fact) -> Iterator[Locator]:
    """The keys that a fact's source cell names."""
    known = kept(graph)
    for cite in fact.evidence.cites if fact.evidence and known else ():
        for excerpt in known.get(cite.key, ()):
            for key in KEY.findall(cite.locator):
                yield Locator(excerpt, key, cite, fact, _states(excerpt, key))


def kept(graph: Graph) -> Mapping[str, tuple[Excerpt, ...]]:
    """The excerpts of each source that is a released file."""
    if _KEPT[0] is not graph.bibliography or _KEPT[1] is not graph.excerpts:
        entries = graph.bibliography.entries if graph.excerpts else {}
        found = {key: _excerpts_of(graph, entry.url) for key, entry in entries.items()}
        _KEPT[:] = [graph.bibliography, graph.excerpts, {key: items for key, items in found.items() if items}]
    whole: Mapping[str, tuple[Excerpt, ...]] = _KEPT[2]
    return whole


_KEPT: list[Any] = [None, None, {}]


def _excerpts_of(graph: Graph, url: str) -> tuple[Excerpt, ...]:
    """The excerpts of the released file at an address, by the repository that both name."""
    place = REPOSITORY.search(url)
    # Most origins name another one, which needs no pattern to be seen.
    near = [item for item in graph.excerpts if place and place[1] in item.origin]
    named = re.compile(rf"(?<![\w.-]){re.escape(place[1])}(?![\w-])") if place and near else None
    return tuple(item for item in near if named and named.search(item.origin))


def _states(excerpt: Excerpt, key: str) -> bool:
    return key in excerpt.config or any(name.startswith(f"{key}.") for name in excerpt.config)


def _located(graph: Graph, spec: ModelSpec) -> Iterator[Comparison]:
    """Values beside the key that their own source cell names, where it names one that is a number or a switch."""
    for fact in graph.stated(spec.system) if kept(graph) else ():
        found = tuple(locators_of(graph, fact))
        for variant in spec.variants if found else ():
            entry = variant.entries.get((fact.slot, fact.field))
            for item in found:
                told = {other.key for other in found if other.excerpt is item.excerpt and other.cite is item.cite}
                theirs = item.excerpt.system == spec.system
                own = not theirs or item.excerpt.variant in ("", variant.key)
                if entry and entry.fact == fact and own and len(told) == 1 and item.key in item.excerpt.config:
                    value = item.excerpt.config[item.key]
                    if type(value) is not str and value is not None and not entry.formula:
                        yield Comparison(
                            item.excerpt, item.key, value, entry, variant.key, _same(entry.value, value, {})
                        )


def constants(spec: ModelSpec) -> Iterator[tuple[VariantSpec, Entry, NameRow, bool]]:
    """Bare values of configuration tables, a page's own and its kinds', beside the fields that are to be so."""
    for row in spec.configuration:
        slot, dot, field = row.ours.partition(".")
        for variant in spec.variants if dot and not row.names and row.words else ():
            entry = variant.entries.get((slot, field))
            if entry and entry.fact:
                yield variant, entry, row, plain(entry.value) == plain(row.words)
    for variant in spec.variants:
        for slot, resolved in variant.slots.items():
            names = spec.names.get((resolved.kind.slot, resolved.kind.name))
            dialect = str(resolved.values.get("model_type", ""))
            for row in names.configuration.get(dialect, ()) if names else ():
                entry = variant.entries.get((slot, row.ours))
                if entry and entry.fact and not row.names and row.words:
                    yield variant, entry, row, plain(entry.value) == plain(row.words)


def plain(value: object) -> str:
    """A value as a name table writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(map(plain, value)) if isinstance(value, tuple) else str(value)
    try:
        return str(Fraction(text.replace(",", "")))
    except ValueError:
        return text.strip().lower()


def compared(spec: ModelSpec, variant: VariantSpec, excerpt: Excerpt) -> Iterator[Comparison]:
    """Every value that a file states under a key of which the tables of released names say what it sets."""
    for key, slot, field, row in keys(spec, variant):
        entry = variant.entries.get((slot, field))
        if entry and key in excerpt.config:
            value = excerpt.config[key]
            yield Comparison(excerpt, key, value, entry, variant.key, _same(entry.value, value, translations(row)))


def translations(row: NameRow) -> dict[str, str]:
    """Released words and ours, `(default = patches, full = tokens)`."""
    inside = re.search(r"\(([^)]*)\)\s*$", row.cell.text)
    pairs = (part.partition("=") for part in (inside[1] if inside else "").split(",") if "=" in part)
    return {theirs.strip().strip("`"): ours.strip().strip("`") for theirs, _, ours in pairs}


def _same(ours: Plain, released: Json, words: Mapping[str, str]) -> bool:
    if isinstance(released, list):
        return (
            isinstance(ours, tuple)
            and len(ours) == len(released)
            and all(_same(mine, theirs, words) for mine, theirs in zip(ours, released, strict=True))
        )
    if isinstance(released, bool) or isinstance(ours, bool) or released is None or ours is None:
        return released is ours or words.get(str(released).lower()) == str(ours).lower()
    if isinstance(released, int | float) and isinstance(ours, int | float):
        return Fraction(repr(released)) == Fraction(repr(ours))
    return str(ours) == words.get(str(released), str(released))
