"""Draws the source around a finding: its lines, carets under the place, the arithmetic beside the lines it rests on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from chiasm.diagnostic import Diagnostic, Label
from chiasm.span import Span

WIDTH = 120
"""Longer lines are cut around what they are shown for."""

_CUT = "…"
GAP = 6
"""Columns between a line and what is said beside it."""


def frame(diagnostic: Diagnostic, lines: Callable[[str], Sequence[str] | None], columns: int = WIDTH) -> list[str]:
    """The finding's place and lines, those of its labels in the same file in order, other files after."""
    span = diagnostic.span
    here = sorted((label for label in diagnostic.labels if label.span.path == span.path), key=lambda label: label.span)
    there = [label for label in diagnostic.labels if label.span.path != span.path]
    numbers = [span.line, *(label.span.line for label in diagnostic.labels)]
    gutter = max(2, len(str(max(numbers))))
    drawn = [f"{' ' * gutter}--> {safe(str(span))}"]
    text = lines(span.path)
    if text is not None:
        drawn += [_bar(gutter), *_file(diagnostic, here, text, gutter, columns)]
    else:
        drawn += [
            f"{' ' * gutter}  = {safe(words)}" for words in (diagnostic.mark, *(label.text for label in here)) if words
        ]
    for (path, _), labels in groupby(there, key=lambda label: label.span[:2]):
        group = sorted(labels, key=lambda label: label.span)
        drawn += [f"{' ' * gutter}::: {safe(str(group[0].span))}", *_other(group, lines(path), gutter, columns)]
    return drawn


def safe(text: str) -> str:
    """No control characters, no change of direction: what a page holds cannot steer a terminal."""
    return "".join(" " if c == "\t" else "\ufffd" if c < " " or _hidden(c) else c for c in text)


def width(text: str) -> int:
    """How many columns of a terminal a text fills."""
    return sum(
        0 if unicodedata.combining(c) or c in "\u200d\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _hidden(character: str) -> bool:
    return (
        "\x7f" <= character <= "\x9f"
        or character in "\u2028\u2029"
        or "\u202a" <= character <= "\u202e"
        or ("\u2066" <= character <= "\u2069")
    )


def _file(
    diagnostic: Diagnostic, labels: Sequence[Label], text: Sequence[str], gutter: int, columns: int
) -> Iterator[str]:
    span = diagnostic.span
    beside = [label for label in labels if label.span.line != span.line]
    shown = {label.span.line: _cut(text, label.span, columns)[0] for label in beside}
    told = {number: "; ".join(dict.fromkeys(one.text for one in beside if one.span.line == number)) for number in shown}
    # What does not fit beside its line stands below it.
    fits = {number for number, line in shown.items() if width(line) + GAP + width(told[number]) <= columns}
    edge = max((width(shown[number]) for number in fits), default=0) + GAP
    fits = {number for number in fits if edge + width(told[number]) <= columns}
    for number in sorted({span.line, *shown}):
        if number in fits:
            line = shown[number]
            yield _numbered(number, f"{line}{' ' * (edge - width(line))}{safe(told[number])}", gutter)
            continue
        if number != span.line:
            yield from _other([label for label in beside if label.span.line == number], text, gutter, columns)
            continue
        line, offset = _cut(text, span, columns)
        yield _numbered(number, line, gutter)
        own = (label.text for label in labels if label.span == span)
        words = "; ".join(filter(None, (diagnostic.mark, *own)))
        yield _carets(line, span, offset, "^", words=words, gutter=gutter)
        for label in labels:
            if label.span.line == number and label.span != span:
                yield from _labelled(label, line, offset, text, gutter, columns)


def _other(labels: Sequence[Label], text: Sequence[str] | None, gutter: int, columns: int) -> Iterator[str]:
    if text is None:
        yield from (f"{' ' * gutter}  = {safe(label.text)}" for label in labels)
        return
    line, offset = _cut(text, labels[0].span, columns)
    yield _numbered(labels[0].span.line, line, gutter)
    for label in labels:
        yield from _labelled(label, line, offset, text, gutter, columns)


def _labelled(  # noqa: PLR0917, drawn in place
    label: Label, line: str, offset: int, text: Sequence[str], gutter: int, columns: int
) -> Iterator[str]:
    """A label below the line that is shown; one whose place was cut off that line has the line shown again."""
    if not offset <= label.span.column - 1 <= offset + len(line):
        line, offset = _cut(text, label.span, columns)
        yield _numbered(label.span.line, line, gutter)
    yield _carets(line, label.span, offset, "-", words=label.text, gutter=gutter)


def _cut(text: Sequence[str], span: Span, columns: int = WIDTH) -> tuple[str, int]:
    """The line as it is shown, and how many of its characters were cut before that."""
    line = text[span.line - 1] if 0 < span.line <= len(text) else ""
    if len(line) <= columns:
        return safe(line).rstrip(), 0
    length = min(max(span.end - span.column, 1), columns // 2)
    start = min(max(span.column - 1 - (columns - length) // 2, 0), len(line) - columns)
    piece = safe(line[start : start + columns])
    if start:
        piece = _CUT + piece[1:]
    return (piece[:-1] + _CUT if start + columns < len(line) else piece).rstrip(), start


def _carets(line: str, span: Span, offset: int, mark: str, *, words: str, gutter: int) -> str:
    first = max(span.column - 1 - offset, 0)
    last = max(min(span.end - 1 - offset, len(line)), first + 1)
    lead = " " * (width(line[:first]) + max(first - len(line), 0))
    under = mark * max(width(line[first:last]), 1)
    return f"{_bar(gutter)} {lead}{under} {safe(words)}".rstrip()


def _numbered(number: int, line: str, gutter: int) -> str:
    return f"{number:>{gutter}} | {line}".rstrip()


def _bar(gutter: int) -> str:
    return f"{' ' * gutter} |"
