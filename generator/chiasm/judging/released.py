"""Holds specs against released files: excerpts and configuration tables in, what agrees and what differs out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from chiasm.claiming.claim import Fact
from chiasm.evidence import Excerpt, Json
from chiasm.graph import Graph
from chiasm.spec import count
from chiasm.spec.model import Entry, ModelSpec, NameRow, Plain, VariantSpec


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value that a released file and a page both state."""

    excerpt: Excerpt
    key: str
    released: Json
    entry: Entry
    variant: str
    agrees: bool


@lru_cache(maxsize=2)
def comparisons(graph: Graph) -> tuple[Comparison, ...]:
    """Every value that an excerpt and a spec both state."""
    return tuple(
        item
        for excerpt in graph.excerpts
        if (spec := graph.specs.get(excerpt.system))
        for variant in spec.variants
        if excerpt.variant in ("", variant.key)
        for item in _compared(spec, variant, excerpt)
    )


@lru_cache(maxsize=2)
def _agreeing(graph: Graph) -> Mapping[tuple[str, str], str]:
    return {
        (item.entry.claim, item.entry.field): f"{item.excerpt.origin} {item.key}"
        for item in comparisons(graph)
        if item.agrees and item.entry.claim
    }


def released_by(graph: Graph, fact: Fact) -> str:
    """The released file and key that state a fact's value; "" for none."""
    return _agreeing(graph).get((fact.id, fact.field), "")


@dataclass(frozen=True, slots=True)
class Size:
    """A checkpoint index's bytes beside the parameters that the spec adds up to."""

    excerpt: Excerpt
    spec: ModelSpec
    variant: str
    parameters: int
    agrees: bool


@lru_cache(maxsize=2)
def sizes(graph: Graph) -> tuple[Size, ...]:
    """Every released index whose system can be counted: two or four bytes a parameter, a tied head stored or not."""
    found = []
    for excerpt in graph.excerpts:
        spec = graph.specs.get(excerpt.system)
        for variant in spec.variants if spec and excerpt.total_size else ():
            parts = count.parameters(variant.slots)
            total = count.scope(parts, "total") if parts else None
            if spec and total and excerpt.variant in ("", variant.key):
                head = (
                    0 if parts and "language_model.head" in parts else (parts or {}).get("language_model.embedding", 0)
                )
                fits = excerpt.total_size in [size * (total + extra) for size in (2, 4) for extra in (0, head)]
                found.append(Size(excerpt, spec, variant.key, total, fits))
    return tuple(found)


def keys(spec: ModelSpec, variant: VariantSpec) -> Iterator[tuple[str, str, str, NameRow]]:
    """Released configuration keys and the fields they set: dotted key, slot, field, the row that says so."""
    sections = {row.ours: row.names[0] for row in spec.configuration if row.names and "." not in row.ours}
    for slot, resolved in variant.slots.items():
        names = spec.names.get((resolved.kind.slot, resolved.kind.name))
        dialect = str(getattr(resolved.instance, "model_type", ""))
        prefix = f"{sections[slot]}." if slot in sections else ""
        for row in names.configuration.get(dialect, ()) if names else ():
            for name in row.names if row.ours in resolved.kind.model_fields else ():
                yield prefix + name, slot, row.ours, row
    for row in spec.configuration:
        slot, dot, field = row.ours.partition(".")
        for name in row.names if dot else ():
            yield name, slot, field, row


def _compared(spec: ModelSpec, variant: VariantSpec, excerpt: Excerpt) -> Iterator[Comparison]:
    for key, slot, field, row in keys(spec, variant):
        entry = variant.entries.get((slot, field))
        if entry and key in excerpt.config:
            value = excerpt.config[key]
            yield Comparison(excerpt, key, value, entry, variant.key, _same(entry.value, value, _words(row)))


def _words(row: NameRow) -> dict[str, str]:
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
