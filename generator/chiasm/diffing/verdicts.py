"""Compares what two states are judged to be: verdicts that flip, findings that are new or gone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from chiasm.diffing.change import Flip

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.diffing.sides import Side
    from chiasm.judging.verdict import Verdict
    from chiasm.span import Span

LONG = 20_000
"""Lines of a page beyond which edits are told by its beginning and end alone."""
SEVERE = ("refuted", "not judged", "reported", "proved")


class Moves:
    """Where the lines of a page went: line by line, and region by region where they differ."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old, self._new = old, new

    @cached_property
    def _blocks(self) -> list[tuple[str, int, int, int, int]]:
        start = 0
        while start < min(len(self._old), len(self._new)) and self._old[start] == self._new[start]:
            start += 1
        end = 0
        while end < min(len(self._old), len(self._new)) - start and self._old[-1 - end] == self._new[-1 - end]:
            end += 1
        a, b = self._old[start : len(self._old) - end], self._new[start : len(self._new) - end]
        found = [("equal", 0, start, 0, start)]
        if len(a) + len(b) > LONG:
            found.append(("replace", start, start + len(a), start, start + len(b)))
        else:
            matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
            found += [(tag, i + start, j + start, k + start, m + start) for tag, i, j, k, m in matcher.get_opcodes()]
        return [*found, ("equal", len(self._old) - end, len(self._old), len(self._new) - end, len(self._new))]

    @property
    def size(self) -> tuple[int, int]:
        """Lines that came and lines that went."""
        changed = [one for one in self._blocks if one[0] != "equal"]
        return sum(m - k for _, _, _, k, m in changed), sum(j - i for _, i, j, _, _ in changed)

    @cached_property
    def _lines(self) -> dict[int, int]:
        return {i + n + 1: k + n + 1 for tag, i, j, k, _ in self._blocks if tag == "equal" for n in range(j - i)}

    @cached_property
    def _regions(self) -> tuple[dict[int, int], dict[int, int]]:
        changed = [one for one in self._blocks if one[0] != "equal"]
        return (
            {line: number for number, (_, i, j, _, _) in enumerate(changed) for line in range(i + 1, j + 1)},
            {line: number for number, (_, _, _, k, m) in enumerate(changed) for line in range(k + 1, m + 1)},
        )

    def line(self, old: int) -> int | None:
        """The line as the new text numbers it; None where it was edited."""
        return self._lines.get(old)

    def before(self, old: int) -> int | None:
        """The edit that an old line is part of."""
        return self._regions[0].get(old)

    def after(self, new: int) -> int | None:
        """The edit that a new line is part of."""
        return self._regions[1].get(new)


def flips(old: Side, new: Side, moves: Mapping[tuple[str, str], Moves]) -> tuple[Flip, ...]:
    """Numbers of pages that both states have whose verdict differs; `moves` by old and new path."""
    found: list[Flip] = []
    for (was, now), moved in moves.items():
        if old.base.rests.get(was) == new.base.rests.get(now) and was == now:
            continue
        pairs = _paired(old.verdicts(was), new.verdicts(now), moved)
        found += (_flip(before, after) for before, after in pairs if before.outcome != after.outcome)
    order = {name: number for number, name in enumerate(SEVERE)}
    return tuple(sorted(found, key=lambda one: (order[one.new], one.place)))


def _flip(old: Verdict, new: Verdict) -> Flip:
    place = new.place or new.span
    return Flip(new.text, new.subject, old.outcome, new.outcome, place, old.span, new.reason, new.expected)


def _paired(old: Sequence[Verdict], new: Sequence[Verdict], moved: Moves) -> list[tuple[Verdict, Verdict]]:
    """Verdicts about the same number: at the same place of a line that stands, in the same order within an edit."""
    standing: dict[tuple[object, ...], list[Verdict]] = {}
    edited: dict[tuple[object, ...], list[Verdict]] = {}
    for one in old:
        if (line := moved.line(one.span.line)) is not None:
            standing.setdefault((line, one.span.column, one.subject), []).append(one)
        else:
            edited.setdefault((moved.before(one.span.line), one.subject, _about(one)), []).append(one)
    pairs = []
    for one in new:
        region = moved.after(one.span.line)
        key = (one.span.line, one.span.column, one.subject) if region is None else (region, one.subject, _about(one))
        if several := (standing if region is None else edited).get(key):
            pairs.append((several.pop(0), one))
    return pairs


def _about(one: Verdict) -> str:
    """What a number is about, whatever it says: its claim's field, else its column's."""
    first = one.claims[0] if one.claims else ""
    return first.rpartition("/")[2] or str(one.span.column)


def findings(
    old: Iterable[Diagnostic], new: Iterable[Diagnostic], moves: Mapping[str, Moves], told: Sequence[Flip]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Findings that are new, but for those that a flip tells, and those that are gone. One that moved is neither."""
    before, after = tuple(old), tuple(new)
    lines = {(one.place.path, one.place.line) for one in told if one.new == "refuted"}
    flipped = {("refuted", *place) for place in lines}
    left: dict[tuple[str, str, int | None, str], int] = {}
    for one in before:
        key = _key(one, _moved(one.span, moves))
        left[key] = left.get(key, 0) + 1
    came: list[Diagnostic] = []
    for one in after:
        key = _key(one, one.span.line)
        if left.get(key):
            left[key] -= 1
        elif "is refuted" not in one.message or ("refuted", one.span.path, one.span.line) not in flipped:
            came.append(one)
    gone = []
    for one in before:
        key = _key(one, _moved(one.span, moves))
        if left.get(key):
            left[key] -= 1
            gone.append(one)
    return _without_rewordings(came, gone, moves)


def _without_rewordings(
    came: list[Diagnostic], gone: list[Diagnostic], moves: Mapping[str, Moves]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """A rule that still finds something at a place, in other words, has neither begun nor ceased to."""
    still = {(one.rule, one.span.path, _moved(one.span, moves)) for one in gone}
    here = {(one.rule, one.span.path, one.span.line) for one in came}
    both = still & here
    return (
        tuple(one for one in came if (one.rule, one.span.path, one.span.line) not in both),
        tuple(one for one in gone if (one.rule, one.span.path, _moved(one.span, moves)) not in both),
    )


def _key(one: Diagnostic, line: int | None) -> tuple[str, str, int | None, str]:
    return one.rule, one.span.path, line, one.message


def _moved(span: Span, moves: Mapping[str, Moves]) -> int | None:
    moved = moves.get(span.path)
    return span.line if moved is None else moved.line(span.line)
