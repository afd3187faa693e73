"""Says what the compiler made of an error: the base and the error in; refuted, not judged, reported or missed out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from benchmarks.documents.base import Base
from benchmarks.documents.edit import Edit
from chiasm import verdicts
from chiasm.diagnostic import Diagnostic
from chiasm.judging.plain.telling import REASONS
from chiasm.judging.verdict import Verdict
from chiasm.knowledge import Knowledge

Result = Literal["refuted", "not judged", "reported", "missed"]
"""Refuted: an error or a warning that was not there before. Not judged: the number's verdict says why it was left.

Reported: the wrong number passes for what the cited source says. Missed: it is proved, or nothing is said at all.
"""
RESULTS: tuple[Result, ...] = ("refuted", "not judged", "reported", "missed")
UNCOUNTED = frozenset(REASONS[unit] for unit in ("label", "date", "year"))
Near = Literal["", "here", "points here", "elsewhere"]
"""Where a finding stands: on a changed line; elsewhere with a label on a changed line; elsewhere, and only there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said about one error: the finding, or the reason why there is none."""

    edit: Edit
    result: Result
    near: Near = ""
    rule: str = ""
    said: str = ""


def judged(base: Base, edit: Edit) -> Outcome:
    """Plants the error in memory and says what the compiler finds."""
    source = base.pages.get(edit.path) or base.others[edit.path]
    after = base.checked({edit.path: edit.applied(source.text)})
    nearest: tuple[Near, ...] = ("here", "points here", "elsewhere")
    found = sorted(_new(base.untouched, after), key=lambda one: nearest.index(_near(edit, one)))
    if found:
        first = found[0]
        return Outcome(edit, "refuted", _near(edit, first), first.rule, f"{first.span}: {first.message}")
    return _left(edit, _verdicts(after, edit))


def false_alarms(base: Base) -> tuple[Diagnostic, ...]:
    """Errors and warnings about the base as it stands."""
    return tuple(_loud(base.untouched.diagnostics))


def _loud(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    return (one for one in found if one.severity != "note")


def _new(before: Knowledge, after: Knowledge) -> Iterator[Diagnostic]:
    """Findings that the untouched base does not have; an error changes no number of lines."""
    known = {(one.rule, one.span.path, one.span.line, one.message) for one in before.diagnostics}
    return (
        one for one in _loud(after.diagnostics) if (one.rule, one.span.path, one.span.line, one.message) not in known
    )


def _near(edit: Edit, finding: Diagnostic) -> Near:
    def touches(path: str, line: int) -> bool:
        return path == edit.path and line in edit.lines

    if touches(finding.span.path, finding.span.line):
        return "here"
    return "points here" if any(touches(one.span.path, one.span.line) for one in finding.labels) else "elsewhere"


def _verdicts(after: Knowledge, edit: Edit) -> tuple[Verdict, ...]:
    """The verdicts on the numbers that the error touches."""
    if edit.path not in after.graph.claims:
        return ()
    found = []
    for verdict in verdicts.of_page(after.graph, edit.path):
        for change in edit.changes:
            begin, end = change.span.column, change.span.column + max(len(change.new), 1)
            touched = verdict.span.line == change.span.line and verdict.span.column < end and begin < verdict.span.end
            # "stage 2" or "2023" counts nothing, so that nothing is said by leaving it.
            if touched and verdict.reason not in UNCOUNTED:
                found.append(verdict)
    return tuple(found)


def _left(edit: Edit, found: tuple[Verdict, ...]) -> Outcome:
    """The weakest verdict counts: a number that passes for proved hides one that was left."""
    ranked: tuple[tuple[str, Result], ...] = (("refuted", "refuted"), ("proved", "missed"), ("reported", "reported"))
    for outcome, result in ranked:
        for verdict in found:
            if verdict.outcome == outcome:
                near: Near = "here" if result == "refuted" else ""
                return Outcome(edit, result, near, verdict.rule, f"{outcome}: {verdict.reason}")
    if found:
        return Outcome(edit, "not judged", "", "", found[0].reason)
    return Outcome(edit, "missed", "", "", "nothing is said")
