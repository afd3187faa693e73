"""Cells of tables: stale, of a sibling, in the wrong row, under the wrong header, switched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from benchmarks.documents.base import Base, facts
from benchmarks.documents.edit import Change, Edit, Where, mutator
from benchmarks.documents.matches import in_cell, is_written
from benchmarks.documents.places import held
from benchmarks.documents.values import read, wrong
from chiasm.claiming.claim import Fact, Formula
from chiasm.document import Cell, Table


def _where(base: Base, fact: Fact) -> Where:
    verdict = base.verdict(fact.cell.span)
    if isinstance(fact.value, Formula) or (fact.slot == "parameters" and verdict and verdict.outcome == "proved"):
        return "derived"
    return "un-anchored" if fact.slot == "parameters" else held(base, fact)


@mutator("stale-cell", "a cell holds the value of the variant beside it")
def stale(base: Base, random: Random) -> Iterator[Edit]:
    """`| dim | 4096 | 5120 |` → `| dim | 4096 | 4096 |`."""
    for path in base.pages:
        for table in base.claims(path).tables:
            for fact in table.facts:
                beside = [other for other in table.facts if other.field == fact.field and other.variant != fact.variant]
                differing = [other for other in beside if wrong(fact.cell.text, other.cell.text)]
                if differing and not isinstance(fact.value, Formula):
                    new, truth = random.choice(differing).cell.text, f"{fact.id} is {fact.cell.text}"
                    yield from in_cell(base, "stale-cell", _where(base, fact), fact.cell, new, truth)


@mutator("sibling-system", "a cell holds the value of another system")
def sibling(base: Base, random: Random) -> Iterator[Edit]:
    """`| vocab_size | 32064 |` of LLaVA on Qwen3-VL's page."""
    stated = [fact for _, fact in facts(base) if not isinstance(fact.value, Formula) and fact.slot != "parameters"]
    for fact in stated:
        others = [
            other.cell.text
            for other in stated
            if (other.slot, other.field) == (fact.slot, fact.field)
            and other.system != fact.system
            and wrong(fact.cell.text, other.cell.text)
        ]
        if others:
            new, truth = random.choice(sorted(set(others))), f"{fact.id} is {fact.cell.text}"
            yield from in_cell(base, "sibling-system", _where(base, fact), fact.cell, new, truth)


@mutator("sibling-row", "a cell of a comparison holds the value of the row above or below")
def sibling_row(base: Base, _: Random) -> Iterator[Edit]:
    """`| BLIP-2 | 32 |` → `| BLIP-2 | 64 |`, where Flamingo's row follows."""
    for path in base.pages:
        for comparison in base.claims(path).comparisons:
            for above, below in pairwise(comparison.rows):
                for one, other in zip(above[1:], below[1:], strict=False):
                    verdict = base.verdict(one.span)
                    false = wrong(one.text, other.text) or (read(one.text) is None) != (read(other.text) is None)
                    if verdict and verdict.outcome == "proved" and false:
                        yield from in_cell(base, "sibling-row", "tabulated", one, other.text, verdict.reason)


@mutator("swapped-rows", "two neighbouring rows have each other's values")
def swapped_rows(base: Base, _: Random) -> Iterator[Edit]:
    """`layers 39`, `heads 16` → `layers 16`, `heads 39`."""
    for path in base.pages:
        for table in base.claims(path).tables:
            by_column: dict[str, list[Fact]] = {}
            for fact in table.facts:
                by_column.setdefault(fact.variant, []).append(fact)
            for column in by_column.values():
                for one, other in pairwise(column):
                    numbers = all(read(fact.cell.text) and is_written(base, fact.cell) for fact in (one, other))
                    if numbers and wrong(one.cell.text, other.cell.text):
                        truth = f"{one.field} is {one.cell.text}, {other.field} is {other.cell.text}"
                        yield Edit("swapped-rows", _both(base, one, other), _swap(one.cell, other.cell), truth)


def _both(base: Base, one: Fact, other: Fact) -> Where:
    """Two values are held where one of them is."""
    classes = {_where(base, one), _where(base, other)}
    return next(where for where in ("derived", "anchored", "un-anchored") if where in classes)


def _swap(one: Cell, other: Cell) -> tuple[Change, ...]:
    return Change(one.span, one.text, other.text), Change(other.span, other.text, one.text)


@mutator("swapped-columns", "two columns have each other's header")
def swapped_columns(base: Base, _: Random) -> Iterator[Edit]:
    """`| opt-2.7b | opt-6.7b |` → `| opt-6.7b | opt-2.7b |` above columns that differ."""
    for path in base.pages:
        page = base.claims(path)
        compared = {comparison.table.span: comparison for comparison in page.comparisons}
        stated = {table.span.line: table for table in page.tables}
        for block in page.document.blocks:
            if not isinstance(block, Table) or len(block.header) < 4:
                continue
            where: Where | None = "tabulated" if block.span in compared else None
            if table := stated.get(block.span.line):
                where = (
                    "anchored" if any(_where(base, fact) != "un-anchored" for fact in table.facts) else "un-anchored"
                )
            last = len(block.header) - (1 if block.span.line in stated else 0)
            for one, other in pairwise(range(1, last)):
                differ = any(wrong(row[one].text, row[other].text) for row in block.rows if len(row) > other)
                cells = block.header[one], block.header[other]
                if where and differ and all(is_written(base, cell) for cell in cells):
                    truth = f"the columns are {cells[0].text}, {cells[1].text}"
                    yield Edit("swapped-columns", where, _swap(*cells), truth)


@mutator("swapped-cells", "two neighbouring cells of a row of a comparison have changed places")
def swapped_cells(base: Base, _: Random) -> Iterator[Edit]:
    """`| 32 | 4096 |` → `| 4096 | 32 |`."""
    for path in base.pages:
        for comparison in base.claims(path).comparisons:
            for row in comparison.rows:
                for one, other in pairwise(row[1:]):
                    verdicts = base.verdict(one.span), base.verdict(other.span)
                    told = all(verdict and verdict.outcome == "proved" for verdict in verdicts)
                    if told and one.text != other.text and is_written(base, one) and is_written(base, other):
                        truth = f"{one.text}, {other.text}"
                        yield Edit("swapped-cells", "tabulated", _swap(one, other), truth)


@mutator("variant-renamed", "a variant has another name in one place")
def renamed(base: Base, random: Random) -> Iterator[Edit]:
    """A column `opt-2.7b` → `opt-3b` of one table."""
    names = {"7b": "8b", "13b": "14b", "2.7b": "3b", "6.7b": "7b", "8b": "7b", "4b": "3b", "9b": "10b", "80b": "70b"}
    for path in base.pages:
        page = base.claims(path)
        keys = {variant.slug for variant in page.variants}
        for block in page.document.blocks:
            for cell in block.header[1:-1] if isinstance(block, Table) else ():
                tail = next((tail for tail in sorted(names, key=len, reverse=True) if cell.text.endswith(tail)), "")
                if cell.text in keys and tail:
                    new = cell.text.removesuffix(tail) + names[tail]
                    if new not in keys and random.random() < 0.5:
                        truth = f"the variant is {cell.text}"
                        yield from in_cell(base, "variant-renamed", "structure", cell, new, truth)


@mutator("flag", "a switch is turned round")
def flag(base: Base, _: Random) -> Iterator[Edit]:
    """`class_token true` → `false`; `yes` → `no` in a comparison."""
    other = {"true": "false", "false": "true", "yes": "no", "no": "yes"}
    for _page, fact in facts(base):
        if new := other.get(fact.cell.text):
            yield from in_cell(base, "flag", _where(base, fact), fact.cell, new, f"{fact.id} is {fact.cell.text}")
    for path in base.pages:
        for comparison in base.claims(path).comparisons:
            for cell in (cell for row in comparison.rows for cell in row[1:]):
                if cell.text in other and base.verdict(cell.span):
                    yield from in_cell(base, "flag", "tabulated", cell, other[cell.text], f"it is {cell.text}")


@mutator("row-renamed", "a row is about another field of the kind")
def row_renamed(base: Base, random: Random) -> Iterator[Edit]:
    """`| heads | 16 |` → `| layers | 16 |`, where another row is `layers` already; `dim` → `hidden_size`."""
    theirs = {"dim": "hidden_size", "layers": "num_layers", "heads": "num_heads", "mlp_dim": "ffn_dim"}
    for _page, fact in facts(base):
        name = base.at(fact.field_span)
        if name in theirs and random.random() < 0.3:
            change = Change(fact.field_span, name, theirs[name])
            yield Edit("row-renamed", "structure", (change,), f"the field is `{name}`")
