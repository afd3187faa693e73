"""Numbers without a verdict, gathered by why: numbers in, groups out, the largest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chiasm.reporting.frame import safe
from chiasm.span import Span


class Left(NamedTuple):
    """A number without a verdict: its place, itself, why."""

    span: Span
    text: str
    reason: str


class Group(NamedTuple):
    """Numbers that were left for the same reason, by place."""

    reason: str
    numbers: tuple[Left, ...]


def grouped(left: Iterable[Left]) -> tuple[Group, ...]:
    """The numbers by reason, the most frequent reason first."""
    found: dict[str, list[Left]] = {}
    for one in sorted(left):
        found.setdefault(one.reason, []).append(one)
    groups = (Group(reason, tuple(numbers)) for reason, numbers in found.items())
    return tuple(sorted(groups, key=lambda group: (-len(group.numbers), group.reason)))


def lines(groups: Sequence[Group]) -> Iterator[str]:
    """One line a reason with how many numbers it is about, below it a line for each line of a page."""
    for group in groups:
        yield f"{len(group.numbers):,} not judged: {safe(group.reason)}"
        here: tuple[str, int] | None = None
        words: list[str] = []
        head = ""
        for one in group.numbers:
            if (one.span.path, one.span.line) != here:
                if words:
                    yield f"{head} {', '.join(words)}"
                here, words = (one.span.path, one.span.line), []
                head = f"  {one.span}:"
            words.append(safe(one.text))
        if words:
            yield f"{head} {', '.join(words)}"
