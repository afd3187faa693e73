"""Recovers the cells of a table row from its source line: the one place that knows where a column begins.

markdown-it gives lines only. GitHub splits a row at every pipe that no backslash precedes, in code spans too.
"""

from __future__ import annotations

from chiasm.page.inline import Piece
from chiasm.regex import regex

_PIPE = regex(r"(?<!\\)\|")


def bounds(row: str) -> list[tuple[int, int]]:
    """Where each cell's trimmed text starts and ends in a row; the outer pipes may be missing."""
    stop = len(row.rstrip())
    cuts = [match.start() for match in _PIPE.finditer(row, 0, stop)]
    pairs = list(zip([0, *(cut + 1 for cut in cuts)], [*cuts, stop], strict=True))
    if cuts and not row[: cuts[0]].strip():
        del pairs[0]
    if len(pairs) > 1 and cuts[-1] == stop - 1:
        del pairs[-1]
    return [_trimmed(row, start, end) for start, end in pairs]


def _trimmed(row: str, start: int, end: int) -> tuple[int, int]:
    text = row[start:end].lstrip()
    if not text:
        # An empty cell: one place inside it, where a missing value would stand.
        middle = min(start + 1, end)
        return middle, middle
    first = end - len(text)
    return first, first + len(text.rstrip())


def pieces(text: str, line: int, column: int) -> list[Piece]:
    """A cell's text without the backslashes before its pipes, cut where one stood; `column` is where it begins."""
    if "\\|" not in text:
        return [Piece(text, line, column)] if text else []
    made: list[Piece] = []
    start = 0
    while (escaped := text.find("\\|", start)) >= 0:
        if escaped > start:
            made.append(Piece(text[start:escaped], line, column + start))
        # The next piece begins with the pipe, without its backslash.
        following = text.find("\\|", escaped + 2)
        end = following if following >= 0 else len(text)
        made.append(Piece(text[escaped + 1 : end], line, column + escaped + 1))
        start = end
    if start < len(text):
        made.append(Piece(text[start:], line, column + start))
    return made
