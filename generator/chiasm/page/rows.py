"""Recovers the cells of a table row from its source line: the one place that knows where a column begins.

markdown-it gives lines only. GitHub splits a row at every pipe that no backslash precedes, in code spans too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chiasm.page.inline import Piece
from chiasm.span import Span

_PIPE = re.compile(r"(?<!\\)\|")


def cells(path: str, line: str, number: int, offset: int) -> Iterator[tuple[list[Piece], Span]]:
    """The cells of the row that begins at `line[offset]`: trimmed text in pieces (`\\|` is `|`) and exact span."""
    for start, end in bounds(line[offset:]):
        text = line[offset + start : offset + end]
        yield _pieces(text, number, offset + start + 1), Span(path, number, offset + start + 1, offset + end + 1)


def bounds(row: str) -> list[tuple[int, int]]:
    """Where each cell's trimmed text starts and ends in a row; the outer pipes may be missing."""
    stop = len(row.rstrip())
    cuts = [match.start() for match in _PIPE.finditer(row, 0, stop)]
    starts, ends = [0, *(cut + 1 for cut in cuts)], [*cuts, stop]
    pairs = list(zip(starts, ends, strict=True))
    if cuts and not row[: cuts[0]].strip():
        pairs = pairs[1:]
    if len(pairs) > 1 and cuts[-1] == stop - 1:
        pairs = pairs[:-1]
    return [_trimmed(row, start, end) for start, end in pairs]


def _trimmed(row: str, start: int, end: int) -> tuple[int, int]:
    text = row[start:end]
    left = len(text) - len(text.lstrip())
    if left == len(text):
        # An empty cell: one place inside it, where a missing value would stand.
        middle = min(start + 1, end)
        return middle, middle
    return start + left, end - (len(text) - len(text.rstrip()))


def _pieces(text: str, line: int, column: int) -> list[Piece]:
    pieces: list[Piece] = []
    start = 0
    while (escaped := text.find("\\|", start)) >= 0:
        if escaped > start:
            pieces.append(Piece(text[start:escaped], line, column + start))
        # The next piece begins with the pipe, without its backslash.
        following = text.find("\\|", escaped + 2)
        end = following if following >= 0 else len(text)
        pieces.append(Piece(text[escaped + 1 : end], line, column + escaped + 1))
        start = end
    if start < len(text):
        pieces.append(Piece(text[start:], line, column + start))
    return pieces
