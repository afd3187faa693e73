"""An error to plant: what stands where, what a human wrote instead, and what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

from chiasm.span import Span

if TYPE_CHECKING:
    from benchmarks.documents.base import Base

Where = Literal[
    "linked",
    "derived",
    "tabulated",
    "anchored",
    "un-anchored",
    "prose",
    "loose",
    "citation",
    "link",
    "formula",
    "mask",
    "structure",
]
"""What kind of place an error stands in.

A linked number; a formula's result or a counted parameter row; a cell of a comparison or of a drop; a base value that
something else holds in place, and one that nothing does; a number or word of plain prose that says what a fact of the
base says, and one that no fact says (`loose`); a citation or an entry of the bibliography; a link's address; a formula;
a mask; names, headings and switches that a page is built from.
"""
HELD: tuple[Where, ...] = ("linked", "derived", "tabulated", "anchored")
"""Places where no error may be missed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement within one line; an insertion has an empty `old`."""

    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Edit:
    """An error: its kind, its place, what is replaced, and what is true."""

    kind: str
    where: Where
    changes: tuple[Change, ...]
    truth: str

    @property
    def path(self) -> str:
        """The file that it stands in."""
        return self.changes[0].span.path

    @property
    def lines(self) -> frozenset[int]:
        """The lines that it changes."""
        return frozenset(change.span.line for change in self.changes)

    @property
    def place(self) -> str:
        """Where it stands, as an editor opens it."""
        return str(self.changes[0].span)

    def applied(self, text: str) -> str:
        """The file's text with the error in it.

        Raises:
            ValueError: the text is not the one that the error was made for.
        """
        lines = text.split("\n")
        # From the right, so that the columns on the left still hold.
        for change in sorted(self.changes, key=lambda one: one.span, reverse=True):
            line, at = lines[change.span.line - 1], change.span.column - 1
            if not line.startswith(change.old, at):
                raise ValueError(f"{change.span} holds {line[at : at + len(change.old)]!r}, not {change.old!r}")
            lines[change.span.line - 1] = line[:at] + change.new + line[at + len(change.old) :]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Mutator:
    """A kind of error: its name, what a human did wrong, and the places of a base where it can be made."""

    kind: str
    mistake: str
    find: Callable[[Base, Random], Iterator[Edit]]


MUTATORS: dict[str, Mutator] = {}
"""Every kind, by name, in the order in which they are defined."""


def mutator(kind: str, mistake: str) -> Callable[[Callable[[Base, Random], Iterator[Edit]]], Mutator]:
    """Registers a function as the kind `kind`."""

    def register(find: Callable[[Base, Random], Iterator[Edit]]) -> Mutator:
        if kind in MUTATORS:
            raise ValueError(f"{kind} is defined twice")
        MUTATORS[kind] = Mutator(kind, mistake, find)
        return MUTATORS[kind]

    return register
