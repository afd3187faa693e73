"""Errors of one shape: a match in a line or a whole cell replaced; where and how they are spelt in, edits out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from benchmarks.documents.base import Base, lines
from benchmarks.documents.edit import Change, Edit, Where
from chiasm.document import Cell
from chiasm.span import Span

Line = tuple[Span, str]
Spell = Callable[[re.Match[str]], str | None]
"""The wrong text for a match; None where there is none."""
UNTOLD = ("|", "#", ">", "[@", "* **", "$$")
"""How lines begin that are no running text."""
_MARKED = re.compile(r"\]\([^)]*\)|`[^`]*`|\$[^$]*\$")


def replaced(
    kind: str,
    where: Where,
    places: Iterable[Line],
    pattern: re.Pattern[str],
    spell: Spell,
    group: int = 0,
    *,
    once: bool = False,
) -> Iterator[Edit]:
    """One error a match of the lines; `once`: the first of each line alone."""
    for at, line in places:
        for found in pattern.finditer(line):
            old, new = found.group(group), spell(found)
            if new is not None and new != old:
                yield Edit(kind, where, (change(at, found.start(group), old, new),), old or found.group())
            if once:
                break


def change(at: Span, start: int, old: str, new: str) -> Change:
    """A replacement from a character of a line on, counted from 0."""
    return Change(Span(at.path, at.line, start + 1, start + 1 + len(old)), old, new)


def in_cell(base: Base, kind: str, where: Where, one: Cell, new: str, truth: str) -> Iterator[Edit]:
    """The error that writes something else into a cell, where its text stands in its row as it is."""
    if is_written(base, one) and new != one.text:
        yield Edit(kind, where, (Change(one.span, one.text, new),), truth)


def is_written(base: Base, one: Cell) -> bool:
    """The cell's text stands in its row as it is."""
    return base.at(one.span) == one.text != ""


def sentences(base: Base) -> Iterator[Line]:
    """Lines of running text on pages about systems."""
    for at, line in lines(base):
        if not line.lstrip().startswith(UNTOLD) and "/drops/" not in at.path:
            yield at, line


def cited(base: Base) -> Iterator[Line]:
    """Lines that may cite: all but definitions."""
    return ((at, line) for at, line in lines(base) if not line.startswith("[@"))


def words(base: Base, kind: str, slips: Mapping[str, str], where: Where = "loose") -> Iterator[Edit]:
    """One word or phrase a sentence's line, replaced by what it is mistaken for."""
    choice = "|".join(sorted(map(re.escape, slips), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w`\"/#_-])(?:{choice})(?![\w`\"_-])")
    # Addresses, titles, code and formulas keep their length, so that columns hold.
    plain = ((at, _MARKED.sub(lambda match: "\0" * len(match.group()), line)) for at, line in sentences(base))
    return replaced(kind, where, plain, pattern, lambda found: slips[found.group()], once=True)
