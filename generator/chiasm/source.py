"""Reads files into sources: a project's root in, frozen texts with spans out. The only reader of the disk."""

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


@dataclass(frozen=True, slots=True)
class Source:
    """One text file: its path from the project's root (posix), its text with `\\n` endings, its content digest."""

    path: str
    text: str
    digest: str

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))
