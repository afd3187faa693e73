"""Draws the source around a finding: its lines, carets under the place, the arithmetic beside the lines it rests on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from chiasm.diagnostic import Diagnostic, Label
from chiasm.span import Span

WIDTH = 120
"""Longer lines are cut around what they are shown for."""

_CUT = "…"


def frame(diagnostic: Diagnostic, lines: Callable[[str], Sequence[str] | None]) -> list[str]:
    """The finding's place and lines, those of its labels in the same file in order, other files after."""
    span = diagnostic.span
    here = sorted((label for label in diagnostic.labels if label.span.path == span.path), key=lambda label: label.span)
    there = [label for label in diagnostic.labels if label.span.path != span.path]
    numbers = [span.line, *(label.span.line for label in diagnostic.labels)]
    gutter = max(2, len(str(max(numbers))))
    drawn = [f"{' ' * gutter}--> {safe(str(span))}"]
    text = lines(span.path)
    if text is not None:
        drawn += [_bar(gutter), *_file(diagnostic, here, text, gutter)]
    else:
        drawn += [
            f"{' ' * gutter}  = {safe(words)}" for words in (diagnostic.mark, *(label.text for label in here)) if words
        ]
    for label in there:
        drawn += [f"{' ' * gutter}::: {safe(str(label.span))}", *_other(label, lines(label.span.path), gutter)]
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


def _file(diagnostic: Diagnostic, labels: Sequence[Label], text: Sequence[str], gutter: int) -> Iterator[str]:
    span = diagnostic.span
    beside = [label for label in labels if label.span.line != span.line]
    shown = {label.span.line: _cut(text, label.span)[0] for label in beside}
    edge = max((width(line) for line in shown.values()), default=0) + 6
    lines = sorted({span.line, *shown})
    for number in lines:
        words = [label.text for label in beside if label.span.line == number]
        if number != span.line:
            line = shown[number]
            gap = " " * (edge - width(line))
            yield _numbered(number, f"{line}{gap}{safe('; '.join(words))}", gutter)
            continue
        line, offset = _cut(text, span)
        yield _numbered(number, line, gutter)
        yield _carets(line, span, offset, "^", words=diagnostic.mark, gutter=gutter)
        for label in labels:
            if label.span.line == number and label.span != span:
                yield _carets(line, label.span, offset, "-", words=label.text, gutter=gutter)


def _other(label: Label, text: Sequence[str] | None, gutter: int) -> Iterator[str]:
    if text is None:
        yield f"{' ' * gutter}  = {safe(label.text)}"
        return
    line, offset = _cut(text, label.span)
    yield _numbered(label.span.line, line, gutter)
    yield _carets(line, label.span, offset, "-", words=label.text, gutter=gutter)


def _cut(text: Sequence[str], span: Span) -> tuple[str, int]:
    """The line as it is shown, and how many of its characters were cut before that."""
    line = text[span.line - 1] if 0 < span.line <= len(text) else ""
    if len(line) <= WIDTH:
        return safe(line).rstrip(), 0
    length = min(max(span.end - span.column, 1), WIDTH // 2)
    start = min(max(span.column - 1 - (WIDTH - length) // 2, 0), len(line) - WIDTH)
    piece = safe(line[start : start + WIDTH])
    if start:
        piece = _CUT + piece[1:]
    return (piece[:-1] + _CUT if start + WIDTH < len(line) else piece).rstrip(), start


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
