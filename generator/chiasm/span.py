"""A place in a file: what every stage points at."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A place in a file: one line, columns counted from 1 in characters, `end` exclusive.

    A tuple, since a page has hundreds of them: made, ordered, compared and hashed without a line of Python.
    """

    path: str
    line: int
    column: int = 1
    end: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
