"""What is trained and what is frozen, in tables and in words; who is followed where sources disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.documents.base import Base, facts
from benchmarks.documents.edit import Change, Edit, Where, mutator
from benchmarks.documents.matches import in_cell, replaced, sentences
from benchmarks.documents.places import held
from benchmarks.documents.values import read
from chiasm.document import Cell, Table
from chiasm.judging import scope as scopes
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import agrees
from chiasm.span import Span


@mutator("trained-cell", "a stage trains another part")
def trained(base: Base, random: Random) -> Iterator[Edit]:
    """`trained: alignment` → `trained: alignment, language_model`."""
    for _, fact in facts(base):
        if fact.slot == "training" and fact.field in ("trained", "frozen"):
            parts = fact.cell.text.split(", ")
            new = ", ".join(parts[:-1]) if len(parts) > 1 else f"{fact.cell.text}, language_model"
            if "language_model" in parts and len(parts) == 1:
                new = random.choice(("alignment", "encoder"))
            yield from in_cell(base, "trained-cell", held(base, fact), fact.cell, new, f"{fact.id} is {fact.cell.text}")


@mutator("trained-twice", "a stage trains and freezes the same part")
def twice(base: Base, random: Random) -> Iterator[Edit]:
    """`frozen: encoder` → `frozen: encoder, alignment`, where `trained` names the alignment."""
    stated = {fact.id: fact for _, fact in facts(base) if fact.slot == "training"}
    for fact in stated.values():
        other = stated.get(fact.id.replace(".trained", ".frozen"))
        if fact.field == "trained" and other and other is not fact:
            part = random.choice(fact.cell.text.split(", "))
            new = f"{other.cell.text}, {part}"
            yield from in_cell(base, "trained-twice", "anchored", other.cell, new, f"{part} is trained")


OTHER = {
    "frozen": "trained",
    "trained": "frozen",
    "trains": "freezes",
    "trainable": "frozen",
    "stays frozen": "is trained",
    "freezes": "trains",
}


@mutator("frozen-or-trained", "a sentence says trained of what is frozen, or the other way round")
def frozen(base: Base, _: Random) -> Iterator[Edit]:
    """`a frozen language model` → `a trained language model`."""
    choice = "|".join(sorted(OTHER, key=len, reverse=True))
    pattern = re.compile(rf"\b(?:{choice})\b(?! (?:in|on|from|with|at|by|for|as)\b)")
    told = ((at, line) for at, line in sentences(base) if not re.search(r"\b(?:not|never|no|notes)\b", line))
    return replaced("frozen-or-trained", "prose", told, pattern, lambda found: OTHER[found.group()], once=True)


@mutator("followed", "another source than the one followed is marked so")
def followed(base: Base, _: Random) -> Iterator[Edit]:
    """The row that says 188M is marked **followed** where the page says 107M."""
    for path in base.pages:
        for block in base.claims(path).document.blocks:
            if isinstance(block, Table) and block.header[-1].text == "here":
                marked = [row for row in block.rows if "**followed**" in row[-1].text]
                others = [row for row in block.rows if row[-1].text.startswith("reported")]
                if len(marked) == 1 and others and marked[0][1].text != others[0][1].text:
                    changes = tuple(
                        Change(Span(path, cell.span.line, at + 1, at + 1 + len(old)), old, new)
                        for cell, old, new in (
                            (marked[0][-1], "**followed**", "reported"),
                            (others[0][-1], "reported", "**followed**"),
                        )
                        if (at := base.line(path, cell.span.line).rfind(old)) >= 0
                    )
                    yield Edit("followed", "structure", changes, f"{marked[0][1].text} is followed")


@mutator("said-scope", "what a source says is given another scope")
def said(base: Base, _: Random) -> Iterator[Edit]:
    """`| 107M | stage 2, opt-2.7b |` → `| 107M | stage 1, opt-2.7b |`."""
    slips = (("stage 2", "stage 1"), ("stage 1", "stage 2"), ("opt-2.7b", "opt-6.7b"), ("9b", "80b"), ("3b", "9b"))
    for path in base.pages:
        for block in base.claims(path).document.blocks:
            if isinstance(block, Table) and block.header[-1].text == "here" and len(block.header) == 4:
                for row in (row for row in block.rows if len(row) == 4):
                    slip = next((one for one in slips if re.search(rf"(?<!\d){one[0]}", row[2].text)), None)
                    if slip and base.at(row[2].span) == row[2].text:
                        new = re.sub(rf"(?<!\d){slip[0]}", slip[1], row[2].text)
                        if _holds_too(base, path, row, new):
                            continue
                        change = Change(row[2].span, row[2].text, new)
                        where: Where = "anchored" if "**followed**" in row[3].text else "un-anchored"
                        yield Edit("said-scope", where, (change,), row[2].text)


def _holds_too(base: Base, path: str, row: tuple[Cell, ...], scope: str) -> bool:
    """The row's number is what the page says in the other scope as well."""
    spec, said = base.graph.spec_at(path), read(row[1].text)
    tables = base.claims(path).disagreements
    table = next((one for one in tables if any(position.cell.span == row[1].span for position in one.positions)), None)
    if not spec or not said or not table:
        return False
    items = [table.field, *scopes.named(spec, [item.strip() for item in scope.split(",")])]
    try:
        return any(agrees(said, truth.value) for truth in scopes.read(spec, table.slot, items).truths())
    except ScopeError:
        return False
