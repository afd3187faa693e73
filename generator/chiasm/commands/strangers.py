"""Judges files of anybody for `check`: files in; findings, the lines they are shown in, and a summary out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm import console
from chiasm.commands.parts import VERDICTS, Part, in_words
from chiasm.regex import regex

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.foreign import File, Report
    from chiasm.graph import Graph
    from chiasm.reporting.unjudged import Left
    from chiasm.span import Span

REASONS = 4
"""So many reasons are shown why numbers were left."""
NAMES = 6
"""So many systems are named where none was met."""
CITED = regex(r"\[@([^\]\s]+)\]([^|;\[]{0,80})")
"""A citation in a row of the base, and where in the work."""
TITLE = 48
"""Characters of a work's title that fit beside a place in it."""
SHIPPED = "chiasm:"
"""Stands before the path of a page of the base that was installed with chiasm."""


def part(files: Sequence[File], root: Path, *, own: bool, each: bool) -> Part:
    """What there is to say about files.

    `own` says that the base is the reader's own project, `each` that every number that was left is listed.
    """
    from chiasm import pipeline
    from chiasm.foreign import judged
    from chiasm.sharing import workers

    graph = pipeline.known(root)
    total = _Total()
    for report in judged(files, graph, workers(), each=each):
        total.add(report)
    sourced = [_sourced(graph, one) for one in total.found]
    found = tuple(sourced if own else map(_marked, sourced))
    return Part(
        found,
        _lines(files, graph),
        tuple(_summary(total, graph, own=own)),
        tuple(total.left),
        total.verdicts,
        bugs=tuple(total.bugs),
    )


def mend(files: Sequence[File], root: Path) -> None:
    """Replace the numbers of files that are certainly wrong, and say how many there were."""
    from chiasm.commands.rewriting import mended

    if done := mended(files, _found(files, root)):
        console.say(f"fixed {_many(done, 'number')}", error=True)


def preview(files: Sequence[File], root: Path) -> Iterator[tuple[int, str]]:
    """What `mend` would do to each file."""
    from chiasm.commands import rewriting

    return rewriting.preview(files, _found(files, root)) if files else iter(())


def _found(files: Sequence[File], root: Path) -> list[Diagnostic]:
    from chiasm import pipeline
    from chiasm.foreign import judged
    from chiasm.sharing import workers

    return [one for report in judged(files, pipeline.known(root), workers()) for one in report.found]


class _Total:
    """All reports together."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.left: list[Left] = []
        self.bugs: list[str] = []
        self.reasons, self.unread, self.verdicts = Counter[str](), Counter[str](), Counter[str]()
        self.files = self.astray = 0

    def add(self, report: Report) -> None:
        """One more."""
        self.found += report.found
        self.left += report.left
        self.reasons.update(report.reasons)
        self.astray += report.astray
        self.verdicts.update(dict(zip(VERDICTS, report.tally, strict=True)))
        if report.bug:
            self.bugs.append(f"{report.path}: {report.bug}")
        if report.unread:
            self.unread[report.unread] += 1
        else:
            self.files += 1


def _summary(total: _Total, graph: Graph, *, own: bool) -> Iterator[str]:
    counts, findings = total.verdicts, in_words(total.found)
    numbers, held = sum(counts.values()), len(graph.titles)
    base = "knowledge/" if own else "the knowledge base that chiasm carries"
    judged = ", ".join(f"{counts[name]} {name}" for name in VERDICTS)
    files = _many(total.files, "file")
    if not total.files:
        yield f"nothing was judged; {findings}"
    elif not numbers:
        yield f"{files}: no number to judge; {findings}"
    else:
        yield f"{files}, {_many(numbers, 'number')}: {judged}; {findings}"
    yield from _reasons(total.reasons, "not judged")
    if counts["not judged"] and not total.left:
        yield "  (`--show-unjudged` lists them)"
    yield from _reasons(total.unread, "not read")
    if total.astray:
        yield f"  {_many(total.astray, 'link')} not judged: no such file here, but this may be a part of a repository"
    if numbers == counts["not judged"] and numbers and not total.found:
        known = [graph.titles[system] for system in list(graph.titles)[:NAMES]]
        more = f" and {held - len(known)} more" if held > len(known) else ""
        yield f"nothing here says a number about a system of {base}: {', '.join(known)}{more}"
    else:
        yield f"held against {_many(held, 'system')} of {base} (`chiasm show` lists them)"


def _reasons(counts: Counter[str], what: str) -> Iterator[str]:
    """The most frequent reasons, and how many others there are."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = ordered[:REASONS] if len(ordered) > REASONS + 1 else ordered
    width = len(f"{ordered[0][1]:,}") if ordered else 0
    for reason, count in shown:
        yield f"  {count:>{width},} {what}: {reason}"
    if rest := ordered[len(shown) :]:
        yield f"  {sum(count for _, count in rest):>{width},} {what} for {len(rest)} other reasons"


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _sourced(graph: Graph, one: Diagnostic) -> Diagnostic:
    """A finding with the work that its first place in the base cites: its address, its title and where in it."""
    from chiasm.diagnostic import Label

    for label in one.labels:
        lines = graph.lines(label.span.path) if label.span.path != one.span.path else None
        cited = CITED.search(lines[label.span.line - 1]) if lines and label.span.line <= len(lines) else None
        entry = graph.bibliography.entries.get(cited[1]) if cited else None
        if cited and entry and (place := entry.spans.get("url") or entry.spans.get("title")):
            where = cited[2].strip().rstrip(".,;|").strip()
            title = entry.title if len(entry.title) <= TITLE else f"{entry.title[:TITLE].rsplit(' ', 1)[0]} …"
            words = f"{where} of {title}" if where else title
            return replace(one, labels=(*one.labels, Label(place, words if len(words) <= 2 * TITLE else where)))
    return one


def _marked(one: Diagnostic) -> Diagnostic:
    """A finding whose labels say which places are in the base that chiasm carries."""

    def at(span: Span) -> Span:
        return span if span.path == one.span.path else span._replace(path=f"{SHIPPED}{span.path}")

    labels = tuple(replace(label, span=at(label.span)) for label in one.labels)
    return replace(one, labels=labels) if labels != one.labels else one


def _lines(files: Sequence[File], graph: Graph) -> Callable[[str], Sequence[str] | None]:
    """The lines of a file, which is read again, or of a page of the base."""
    from functools import lru_cache

    from chiasm.source import Source

    known = {file.shown: file for file in files}

    @lru_cache(maxsize=8)
    def lines(path: str) -> Sequence[str] | None:
        if path in known:
            read = known[path].read()
            return read.lines if isinstance(read, Source) else None
        return graph.lines(path.removeprefix(SHIPPED))

    return lines
