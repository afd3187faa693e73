"""Finds what a document states of one system: its claims and a variant like it in; values with their lines out.

Only a number whose words name one fact counts, in a sentence that names no system of the base and denies nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chiasm.claiming.claim import Claims
from chiasm.graph import Graph
from chiasm.judging.plain import denial, names, nouns
from chiasm.sketching.rows import Row, spelt
from chiasm.spec.model import VariantSpec

FIELDS = {
    "queries": ("alignment", "num_queries"),
    "image_tokens": ("budget", "image_tokens"),
    "context": ("language_model", "context"),
    "vocab": ("language_model", "vocab_size"),
    "image_size": ("encoder", "image_size"),
    "patch_size": ("encoder", "patch_size"),
    "layers": ("", "layers"),
    "heads": ("", "heads"),
    "kv_heads": ("language_model", "kv_heads"),
    "dim": ("", "dim"),
    "mlp_dim": ("", "mlp_dim"),
    "head_dim": ("", "head_dim"),
}
"""What a number counts, and the field that says it; of slots that have one alike its words must name one."""
OWN = ("", denial.CHANGED)
"""Somebody's own model is what a draft is about."""


class Told(NamedTuple):
    """A value that a document states of a field."""

    slot: str
    field: str
    value: int
    line: int


def told(graph: Graph, page: Claims) -> Iterator[Told]:
    """Every value that a document states."""
    for one in page.numbers:
        passage, value = one.passage, one.quantity.value
        low, high = passage.sentence(one.start)
        placed = next((placed for placed in passage.places if placed.start == one.start), None)
        if placed is None or value.denominator != 1 or denial.doubt(passage, one.start) not in OWN:
            continue
        if any(mention.system for mention in names.mentions(graph, passage.words[low:high])):
            continue
        meant = nouns.meaning(passage, placed)
        slot, field = FIELDS.get(meant.what, ("", "")) if meant and meant.sure else ("", "")
        if meant and not slot and len(meant.slots) == 1:
            slot = meant.slots[0]
        if slot and field:
            yield Told(slot, field, int(value), one.span.line)


def rows(found: list[Told], variant: VariantSpec, key: str) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    """Rows by slot of what is stated once or always alike, and a line about all else."""
    made: dict[str, list[Row]] = {}
    left: list[str] = []
    for slot, field in sorted({(one.slot, one.field) for one in found}):
        here = [one for one in found if (one.slot, one.field) == (slot, field)]
        values = sorted({one.value for one in here})
        lines = ", ".join(str(one.line) for one in here[:8])
        kind = variant.slots[slot].kind if slot in variant.slots else None
        cell = spelt(values[0], kind, field) if kind and field in kind.fields and len(values) == 1 else ""
        if cell:
            made.setdefault(slot, []).append(Row(field, cell, f"[@{key}] line {here[0].line}", values[0]))
        else:
            said = " and ".join(map(str, values[:4]))
            left.append(f"`{slot}.{field}` may be `{said}` (lines {lines})")
    return made, tuple(left)
