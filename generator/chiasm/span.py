"""A place in a file: what every stage points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: one line, columns counted from 1 in characters, `end` exclusive."""

    path: str
    line: int
    column: int = 1
    end: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
