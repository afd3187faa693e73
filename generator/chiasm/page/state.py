"""What the block parser knows of one text while it reads it: markdown-it's marks of every line, the leaves so far."""

from __future__ import annotations

from typing import Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

Kind = Literal["heading", "paragraph", "table", "fence", "html", "math", "rule", "definition", "deep"]
Container = Literal["", "list", "quote"]


class Leaf(NamedTuple):
    """A block without blocks in it: its lines (from 1, `end` inclusive) and where the text of each begins (from 0)."""

    kind: Kind
    line: int
    end: int
    offsets: tuple[int, ...]
    container: Container = ""
    level: int = 0
    info: str = ""
    text: str = ""
    title: str = ""


class State(StateBlock):
    """markdown-it's state, which rules of both kinds read; `starts` are the lines' own, which containers never move."""

    def __init__(self, text: str, markdown: MarkdownIt) -> None:
        super().__init__("", markdown, {}, [])
        self.src = text
        self._mark(text)
        self.leaves: list[Leaf] = []
        self.container: Container = ""
        self.starts = self.bMarks.copy()
        self.no_math_before = -1

    def _mark(self, text: str) -> None:
        """Fills markdown-it's lists as its own constructor does, line by line instead of character by character."""
        lines = text.split("\n")
        if not lines[-1].strip(" \t"):
            # What follows the last line break is no line where it is blank.
            lines.pop()
        begins, ends, shifts, counts = [], [], [], []
        start = 0
        for line in lines:
            shift = count = len(line) - len(line.lstrip(" \t")) if line[:1] in (" ", "\t") else 0
            if shift and "\t" in line[:shift]:
                count = len(line[:shift].expandtabs(4))
            begins.append(start)
            shifts.append(shift)
            counts.append(count)
            start += len(line)
            ends.append(start)
            start += 1
        # The entry behind the last line spares the rules a check.
        end = len(text)
        self.bMarks, self.eMarks = [*begins, end], [*ends, end]
        self.tShift, self.sCount, self.bsCount = [*shifts, 0], [*counts, 0], [0] * (len(lines) + 1)
        self.lineMax = len(lines)

    def note(
        self, kind: Kind, start: int, stop: int, *, level: int = 0, info: str = "", text: str = "", title: str = ""
    ) -> None:
        """Keeps a leaf of the lines `start` to `stop` (from 0, exclusive); empty lines at its end are not its own."""
        while stop > start + 1 and self.isEmpty(stop - 1):
            stop -= 1
        marks = zip(
            self.bMarks[start:stop],
            self.tShift[start:stop],
            self.eMarks[start:stop],
            self.starts[start:stop],
            strict=True,
        )
        # After the marks and the indentation of the containers.
        offsets = tuple([min(begin + shift, end) - first for begin, shift, end, first in marks])
        self.leaves.append(Leaf(kind, start + 1, stop, offsets, self.container, level, info, text, title))
