"""Writes a report for a terminal: what differs in, lines with their style out; quiet where nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chiasm.diffing.change import FactChange, Report, SystemChange
from chiasm.diffing.pairs import listed
from chiasm.diffing.tensors import numbered
from chiasm.diffing.words import (
    ORDER,
    OUTCOMES,
    SETTING,
    Row,
    coverage,
    evidence,
    files,
    headline,
    origin,
    place,
    plural,
    rows,
    shape,
    sides,
    summary,
    unclear,
)
from chiasm.report import concise
from chiasm.reporting.frame import safe

Line = tuple[str, str]
"""A line and its style; "" for none."""
MOST = 40
"""Rows of a table; `--format json` has all."""
WIDE = 60
"""Characters of a value beyond which it is cut in its middle."""


def full(report: Report) -> Iterator[Line]:
    """The whole report, gravest first."""
    for line in _pages(report):
        yield line, ""
    for one in report.systems:
        yield "", ""
        yield from _system(one)
    if report.flips:
        yield "", ""
        yield "verdicts that flip", "bold"
        yield from _cut(
            [f"  {one.place}: {one.old} → {one.new}: {safe(one.text)}: {safe(one.reason)}" for one in report.flips]
        )
    for title, found in (("new findings", report.found), ("findings that are gone", report.gone)):
        if found:
            yield "", ""
            yield title, "bold"
            yield from _cut([f"  {concise(one)}" for one in found])
    yield "", ""
    if report.empty:
        yield _nothing(report), "bold"
        return
    for words in summary(report):
        yield words, "bold red" if "no longer" in words or "refuted" in words or "error" in words else "bold"
    moved = [(name, old, new) for name, old, new in coverage(report.before, report.after) if old != new]
    yield from ((f"{name}: {old} → {new}", "") for name, old, new in moved)


def _nothing(report: Report) -> str:
    if not report.pages:
        return "no file of the knowledge base differs"
    return "nothing follows: only prose differs" if report.pages else "nothing follows"


def _pages(report: Report) -> Iterator[str]:
    yield f"{safe(report.old)} → {safe(report.new)}"
    names = [f"{page.was} → {page.path}" if page.was else page.path for page in report.pages]
    width = max(map(len, names), default=0)
    for name, page in zip(names, report.pages, strict=True):
        state = "" if page.state in ("changed", "renamed") else f" {page.state}"
        yield f"  {safe(name):<{width}} | +{page.added} −{page.removed}{state}"


def _system(one: SystemChange) -> Iterator[Line]:
    yield f"{one.system}  {one.path}", "bold"
    if words := headline(one):
        yield f"  {words}", "bold red" if "no longer fit" in words or one.state == "removed" else ""
    for names, slots in unclear(one):
        yield f"  {names}: {slots} cannot be understood, and what follows cannot be told: see the findings", "bold red"
    every = [name for change in one.facts for name in change.variants]
    facts = [change for change in one.facts if not change.only_evidence]
    yield from _table(
        "facts",
        [
            (
                change.name,
                _changed(change),
                _listed(change.variants, every),
                place(change),
                ", ".join(filter(None, (_short(evidence(change)), origin(change, one.system)))),
            )
            for change in facts
        ],
    )
    yield from _table(
        "other evidence for the same value",
        [
            (change.name, _short(sides(change)[1]), _listed(change.variants, every), place(change), evidence(change))
            for change in one.facts
            if change.only_evidence
        ],
    )
    if one.state != "removed":
        counted = [(row.what, _sides(row), row.difference, ", ".join(row.variants)) for row in rows(one.figures)]
        yield from _table(f"costs of {SETTING}", counted)
    yield from _table(
        "tensors",
        [
            (
                ", ".join(change.variants),
                numbered(change.name, change.numbers),
                _shapes(change.old, change.new),
                f"×{change.count}" if change.count > 1 else "",
                f"released as {change.released}" if change.released else "",
            )
            for change in one.tensors
        ],
    )
    yield from _table(
        "released names",
        [
            (change.table, change.dialect, change.ours, f"{change.old or '–'} → {change.new or '–'}")
            for change in one.names
        ],
    )
    yield from _loading(one)
    yield from _table(
        "what a pipeline sees",
        [(", ".join(seen.variants), seen.what, f"{_short(seen.old)} → {_short(seen.new)}") for seen in one.pipeline],
    )
    yield from _table("generated", list(files(one)))


def _changed(change: FactChange) -> str:
    old, new = (_short(text) for text in sides(change))
    return f"{'' if change.field else 'kind '}{old} → {new}"


def _sides(row: Row) -> str:
    return f"{row.old} → {row.new}" if row.old != "–" else row.new


def _loading(one: SystemChange) -> Iterator[Line]:
    told = sorted(one.loading, key=lambda change: ORDER[change.outcome])
    if told or any(against.agrees for against in one.contradictions):
        yield "  released checkpoints", "cyan"
    for change in told:
        names = ", ".join(change.variants)
        head = f"    {f'{names}: ' if names else ''}{OUTCOMES[change.outcome]}: {safe(change.why)}"
        yield head, "bold red" if change.outcome == "breaks" else ""
        yield from ((f"      = help: {safe(hint)}", "") for hint in change.hints)
    for against in one.contradictions:
        # Where a release is contradicted, a finding says so.
        if against.agrees:
            said = f"`{against.key}` {against.released}, `{against.name}` of {', '.join(against.variants)}"
            yield f"    {against.place.path}:{against.place.line} agrees now: {safe(said)}", ""


def _listed(names: Sequence[str], every: Sequence[str]) -> str:
    return listed(names, every) if len(set(every)) > 3 else ", ".join(names)


def _shapes(old: tuple[int, ...] | None, new: tuple[int, ...] | None) -> str:
    if old is None:
        return f"new {shape(new)}"
    return f"{shape(old)} gone" if new is None else f"{shape(old)} → {shape(new)}"


def _short(text: str) -> str:
    """A value that fits into a line; what is left out is in its middle."""
    text = safe(text)
    half = (WIDE - 1) // 2
    return text if len(text) <= WIDE else f"{text[:half]}…{text[-half:]}"


def _table(title: str, found: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Rows under a heading, columns under one another."""
    if not found:
        return
    yield f"  {title}", "cyan"
    cells = [tuple(safe(cell) for cell in row) for row in found[:MOST]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width)
        yield f"    {line.rstrip()}", ""
    if len(found) > MOST:
        yield f"    … {plural(len(found) - MOST, 'more row')}: `--format json` has all", ""


def _cut(lines: Sequence[str]) -> Iterator[Line]:
    yield from ((line, "") for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"  … {len(lines) - MOST:,} more: `--format json` has all", ""
