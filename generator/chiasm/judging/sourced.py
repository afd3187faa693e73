"""Holds source cells against the kinds' tables of released names: which key they name, which default a class has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chiasm.document import Cite
from chiasm.graph import Graph
from chiasm.judging.released import kept, keys, locators_of, plain, translations
from chiasm.regex import regex
from chiasm.spec.model import Entry, ModelSpec, NameRow, VariantSpec

CLASSES = regex(r"(\w+/configuration_\w+\.py)(?: ([a-z]\w*))?")
"""A file of configuration classes, and the argument that a locator names in it."""


@dataclass(frozen=True, slots=True)
class Default:
    """A value that a page takes from a reference class, beside the default that the kind's own table states."""

    variant: str
    entry: Entry
    row: NameRow
    stated: str
    agrees: bool
    key: str
    """The key that the locator names; "" for none."""
    file: str


def defaults(spec: ModelSpec) -> Iterator[Default]:
    """Every value whose only source is a file of configuration classes, where the kind's table names the same file."""
    for variant in spec.variants:
        for slot, resolved in variant.slots.items():
            names = spec.names.get((resolved.kind.slot, resolved.kind.name))
            entry = variant.entries.get((slot, "model_type"))
            dialect = str(entry.value) if entry else ""
            for row in names.configuration.get(dialect, ()) if names else ():
                yield from _default(variant, slot, row)


def _default(variant: VariantSpec, slot: str, row: NameRow) -> Iterator[Default]:
    entry = variant.entries.get((slot, row.ours))
    cites = entry.fact.evidence.cites if entry and entry.fact and entry.fact.evidence else ()
    file = CLASSES.fullmatch(cites[0].locator) if len(cites) == 1 else None
    stated = re.split(r"\s*\(|\belse\b", row.words)[0].strip()
    if entry and file and row.names and stated and file[1] in row.source:
        ours = translations(row).get(stated, stated)
        fits = entry.formula is not None or plain(entry.value) == plain({"null": "none"}.get(ours, ours))
        yield Default(variant.key, entry, row, stated, fits, file[2] or "", file[1])


@dataclass(frozen=True, slots=True)
class Misread:
    """A key that a source cell names for a field which the kind's table reads from other keys."""

    field: str
    key: str
    names: tuple[str, ...]
    row: NameRow
    cite: Cite


def misread(graph: Graph, spec: ModelSpec) -> Iterator[Misread]:
    """Single keys of excerpts in source cells that are none of the keys by which the field is read."""
    for variant in spec.variants if kept(graph) else ():
        rows: dict[tuple[str, str], list[tuple[str, NameRow]]] = {}
        for key, slot, field, row in keys(spec, variant):
            rows.setdefault((slot, field), []).append((key, row))
        for at, known in rows.items():
            entry = variant.entries.get(at)
            named = [item for item in locators_of(graph, entry.fact) if item.stated] if entry and entry.fact else []
            own = [item for item in named if item.excerpt.system == spec.system]
            names = tuple(key for key, _ in known)
            tails = {key.rpartition(".")[2] for key in names}
            for item in own:
                told = {other.key for other in own if other.cite is item.cite}
                if len(told) == 1 and item.key.rpartition(".")[2] not in tails:
                    yield Misread(at[1], item.key, names, known[0][1], item.cite)
