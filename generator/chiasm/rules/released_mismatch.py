"""A page states another value than the released configuration it describes.

A released file outranks every other source: the weights were trained with it.

Bad: the page says `layers` 40 where the excerpt in `knowledge/evidence/` says `"num_hidden_layers": 32`.

Good: the page says 32; where the paper says 40, a table under `### Sources disagree: layers` says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging.released import comparisons, constants, plain, sizes
from chiasm.spec.model import ModelSpec

ID = "released-mismatch"


def check_spec(graph: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a value, at the page, with the excerpt's line beside it."""
    for item in comparisons(graph, spec):
        if item.agrees:
            continue
        excerpt = item.excerpt.span(item.key)
        where = f"{item.excerpt.system}:{item.variant}"
        yield Diagnostic(
            ID,
            f"`{item.entry.slot}.{item.entry.field}` of {where} is {item.entry.value}, released as {item.released}",
            item.entry.span or excerpt,
            mark=f"`{item.key}` says {item.released}",
            labels=(Label(excerpt, item.excerpt.origin),),
            help="follow the released file, or state why not under `Sources disagree`",
        )
    for variant, entry, row, fits in constants(spec):
        if not fits:
            # A kind's table is about many systems: there the page is what differs.
            kinds = row.cell.span.path != spec.path and entry.span is not None
            here, there = (entry.span, row.cell.span) if kinds else (row.cell.span, entry.span)
            value = plain(entry.value)
            yield Diagnostic(
                ID,
                f"`{row.ours}` is always {row.words} in every release of this type, but {value} here"
                if kinds
                else f"`{row.ours}` is always {row.words} in {spec.system}'s releases, but {value} in {variant.key}",
                here or row.cell.span,
                mark=f"expected {row.words}" if kinds else f"{value} on the page",
                labels=(Label(there, f"always {row.words}" if kinds else f"`{row.ours}` of {variant.key}"),)
                if there
                else (),
                help=f"write {row.words}, or correct the constant" if kinds else "correct one of the two",
            )
    for size in sizes(graph, spec):
        if not size.agrees:
            index, stored = size.excerpt.span("total_size"), f"{size.excerpt.total_size:,} bytes"
            yield Diagnostic(
                ID,
                f"{size.spec.system}:{size.variant} has {size.parameters:,} parameters, its released index {stored}",
                size.spec.span,
                labels=(Label(index, f"{stored} are neither 2 nor 4 a parameter"),),
                help="find the width or depth that differs from the released model",
            )
