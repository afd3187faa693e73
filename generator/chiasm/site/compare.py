"""Lays every variant of every system side by side: specs in, the Compare page out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chiasm.claiming.claim import Claims
from chiasm.site.book import Book, heading_above
from chiasm.site.templates import filled
from chiasm.spec import count
from chiasm.spec.flow import flow, tokens
from chiasm.spec.model import Entry, ModelSpec, Plain, VariantSpec
from chiasm.spec.typed import Flow, Tensor

TOWERS = ("encoder", "text_encoder")
SHOWN = (
    ("encoder", "encoder", ""),
    ("layers × width", "encoder", "layers dim"),
    ("alignment", "alignment", ""),
    ("fusion", "fusion", ""),
    ("tokens an image", "budget", "image_tokens vision_tokens"),
    ("language model", "language_model", ""),
    ("layers × width", "language_model", "layers dim"),
    ("context", "language_model", "context"),
)
"""Column, slot, fields: none for the slot's kind; `layers dim` together, else the first that is there."""


DECISIONS = tuple(column for column in SHOWN if column[2] != "layers dim" and column[0] != "context")
"""The columns of a short table."""


def comparison(book: Book, tables: Sequence[Mapping[str, str]]) -> str:
    """The page with one row a variant, and links to the surveys' own tables."""
    columns, rows = table(book, SHOWN)
    return filled("compare", columns=columns, rows=rows, tables=tables, flows=list(_flows(book)))


def _flows(book: Book) -> Iterator[dict[str, Any]]:
    """What each component of a variant hands on, for the systems of which that is known from end to end."""
    for spec in sorted(book.graph.specs.values(), key=lambda spec: spec.title.lower()):
        for variant in spec.variants:
            made = flow(variant)
            if made.stopped or not made.steps:
                continue
            what, each = tokens(variant, made)
            yield {
                "title": _title(spec, variant),
                "address": f"{spec.page}.html",
                "cells": list(_handed(made)),
                "each": each,
                "what": "" if what == "an image" else what,
            }


def _handed(made: Flow) -> Iterator[str]:
    """What goes in; what the towers, the alignment, the fusion and the language model give."""
    towers = [step for step in made.steps if step.slot in TOWERS]
    yield _tensors([tensor for step in towers for tensor in step.takes])
    yield _tensors([step.gives[0] for step in towers])
    for slot in ("alignment", "fusion", "language_model"):
        given = made.given(slot)
        yield str(given) if given else "–"


def _tensors(tensors: Sequence[Tensor]) -> str:
    return ", ".join(dict.fromkeys(map(str, tensors)))


def tables(claims: Claims) -> Iterator[dict[str, str]]:
    """Where a page's own comparisons stand."""
    for found in claims.comparisons:
        anchor, heading = heading_above(claims, found.table.span.line)
        yield {"address": f"{claims.page}.html#{anchor}", "title": f"{claims.document.title}: {heading}"}


def table(
    book: Book, shown: Sequence[tuple[str, str, str]], *, first: bool = False
) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows, one a variant; with `first` one a system, for its first variant."""
    rows = [
        {
            "title": _title(spec, variant),
            "address": f"{spec.page}.html",
            "cells": list(_cells(spec, variant, book, shown)),
        }
        for spec in sorted(book.graph.specs.values(), key=lambda spec: spec.title.lower())
        for variant in (spec.variants[:1] if first else spec.variants)
    ]
    return ["system", *(name for name, _, _ in shown), "parameters"], rows


def _title(spec: ModelSpec, variant: VariantSpec) -> str:
    return spec.title if len(spec.variants) == 1 else f"{spec.title} {variant.title}"


def _cells(
    spec: ModelSpec, variant: VariantSpec, book: Book, shown: Sequence[tuple[str, str, str]]
) -> Iterator[dict[str, Any]]:
    for _, slot, fields in shown:
        resolved = variant.slots.get(slot)
        if resolved is None:
            yield {"text": "–", "address": "", "right": False}
        elif not fields:
            concept, _, anchor = resolved.kind.anchor.partition("#")
            words = resolved.kind.doc
            known = f"concepts/{concept}" in book.titles
            yield {
                "text": _kind_name(book, concept, anchor) or words,
                "right": False,
                "address": f"concepts/{concept}.html#{anchor}" if known else "",
            }
        else:
            yield _value([entry for name in fields.split() for entry in resolved.entries if entry.field == name], book)
    parts = count.parameters(variant.slots)
    total = count.scope(parts, "total") if parts else None
    yield {
        "text": _size(total) if total else "–",
        "address": f"{spec.page}.html#parameters" if total else "",
        "right": True,
    }


def _size(parameters: int) -> str:
    return f"{parameters / 1e9:.2f}B" if parameters >= 10**9 else f"{parameters / 1e6:.0f}M"


def _value(entries: Sequence[Entry], book: Book) -> dict[str, Any]:
    stated = [entry for entry in entries if entry.value is not None or entry.formula]
    if not stated:
        return {"text": "–", "address": "", "right": True}
    if stated[0].field == "dim" and len(entries) > 1:
        return {
            "text": f"{plain(stated[0].value)} wide",
            "address": book.claim_pages.get(stated[0].claim, ""),
            "right": True,
        }
    shown = stated if len(stated) > 1 and stated[0].field == "layers" else stated[:1]
    text = " × ".join("by size" if entry.value is None else plain(entry.value) for entry in shown)
    return {"text": text, "address": book.claim_pages.get(shown[0].claim, ""), "right": True}


def _kind_name(book: Book, concept: str, anchor: str) -> str:
    """What the concept page calls the kind: the heading that defines it."""
    seen = book.graph.faces.get(f"knowledge/concepts/{concept}.md")
    return next((heading.text for heading in (seen.headings if seen else ()) if heading.slug == anchor), "")


def plain(value: Plain) -> str:
    """A value as a reader writes it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case tuple():
            return ", ".join(plain(item) for item in value)
        case None:
            return "–"
        case _:
            return f"{value}"
