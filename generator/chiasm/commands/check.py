"""`chiasm check`: judge pages, print what is wrong, mend what is safe to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from chiasm import console
from chiasm.commands import strangers
from chiasm.commands.asked import Asked, asked
from chiasm.commands.holding import held, raise_
from chiasm.commands.parts import VERDICTS, Part, in_words
from chiasm.exits import BUG, CLEAN, FINDINGS, USAGE, Stop

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.knowledge import Knowledge
    from chiasm.memory import Tally
    from chiasm.outcome import Outcome
    from chiasm.reporting.coverage import Coverage
    from chiasm.reporting.sarif import About
    from chiasm.reporting.unjudged import Left
    from chiasm.span import Span

FEW = 3
"""So many pages are judged by themselves; more of them rest on most of the base."""


class Wishes(NamedTuple):
    """What is to be done beside judging."""

    fix: bool = False
    each: bool = False
    """List every number without a verdict."""
    ratchet: bool = False
    coverage: bool = False


def run(
    paths: Sequence[Path],
    *,
    format: str,  # noqa: A002, the option's name
    fix: bool = False,
    diff: bool = False,
    show_unjudged: bool = False,
    ratchet: bool = False,
    coverage: bool = False,
) -> int:
    """Judge the project's base, or files of anybody against it; 1 where anything was found."""
    wanted = asked(paths)
    if diff:
        return _previewed(wanted)
    if fix and wanted.foreign:
        strangers.mend(wanted.foreign, wanted.root)
    parts = [_own(wanted, Wishes(fix, show_unjudged, ratchet, coverage))] if wanted.base else []
    if wanted.foreign:
        parts.append(strangers.part(wanted.foreign, wanted.root, own=wanted.own, each=show_unjudged))
    found = [one for part in parts for one in part.found]
    left = [one for part in parts for one in part.left] if show_unjudged else None
    _shown(found, format, lambda path: next(filter(None, (part.lines(path) for part in parts)), None), parts, left)
    for part in parts:
        for line in part.summary:
            console.say(line, error=True)
    return _code(found, [bug for part in parts for bug in part.bugs])


def _own(wanted: Asked, wishes: Wishes) -> Part:
    """The base's part: what was remembered where nothing has changed, else judged."""
    from chiasm import pipeline

    root, names = wanted.root, wanted.names
    if not (wanted.extra or any(wishes)):
        few = 0 < len(names) <= FEW and all(name.endswith(".md") for name in names)
        known = pipeline.check_pages(root, names) if few else pipeline.remembered(root)
        if known:
            return _repeated(known, names, root)
    base = _base(wanted)
    if wishes.fix:
        from chiasm.commands.mending import mend

        if mended := mend(base, lambda path: _among(path, names), root):
            console.say(f"fixed {mended} finding{'s' if mended > 1 else ''}", error=True)
            base = _base(wanted)
    pages = [path for path in base.graph.documents if _among(path, names)]
    if not pages and not base.diagnostics:
        raise Stop("there are no pages to check", USAGE, hint="pages are knowledge/**/*.md")
    shown = wanted.moved
    found = tuple(_moved(one, shown) for one in base.diagnostics if _among(one.span.path, names))
    left = tuple(_unjudged(base, names, shown)) if wishes.each else ()
    anchored = (0, 0) if _is_part(names) else base.anchored
    told = _covered(base, pages) if wishes.coverage else None
    if wishes.ratchet and not _is_part(names):
        raise_(root, base.tallies, anchored)
    tallies = {path: base.tallies[path] for path in pages}
    made = _part(found, _lines(base, shown), tallies, anchored, None if _is_part(names) else root)
    return made._replace(left=left, covered=told)


def _covered(base: Knowledge, pages: Sequence[str]) -> Coverage:
    """How far each page is covered, and what is missing of sources."""
    from chiasm.anchors import bases
    from chiasm.reporting.coverage import covered

    among = frozenset(pages)
    found = [one for one in bases(base.graph) if one.fact.cell.span.path in among]
    ranks = ((one, one.fact.evidence.rank if one.fact.evidence else "") for one in found)
    values = [(one.fact.cell.span.path, one.anchored, rank == "assumed") for one, rank in ranks]
    dates = {key: entry.urldate for key, entry in base.graph.bibliography.entries.items()}
    return covered({path: base.tallies[path] for path in pages}, values, base.graph.cited, dates)


def _part(
    found: tuple[Diagnostic, ...],
    lines: Callable[[str], Sequence[str] | None],
    tallies: Mapping[str, Tally],
    anchored: tuple[int, int],
    root: Path | None,
) -> Part:
    """What was found, and what is less than chiasm.toml asks for below a root; None where only a part is asked for."""
    found = (*found, *(held(root, tallies, anchored) if root else ()))
    counts = Counter[str]()
    for one in tallies.values():
        counts.update(dict(zip(VERDICTS, one, strict=True)))
    return Part(found, lines, (_sums(len(tallies), counts, found, anchored),), (), counts, anchored)


def _is_part(names: Sequence[str]) -> bool:
    """Whether less than the whole base is asked about."""
    return bool(names) and "knowledge" not in names


def _previewed(wanted: Asked) -> int:
    """Prints what mending would do."""
    from chiasm.commands.mending import preview

    fixes = 0
    own = preview(_base(wanted), lambda path: _among(path, wanted.names)) if wanted.base else ()
    for count, text in (*own, *strangers.preview(wanted.foreign, wanted.root)):
        console.stream(text)
        fixes += count
    console.say(f"would fix {fixes} finding{'' if fixes == 1 else 's'}", error=True)
    return FINDINGS if fixes else CLEAN


def _base(wanted: Asked) -> Knowledge:
    from chiasm import pipeline

    return cast("Knowledge", pipeline.check(wanted.root, tuple(wanted.extra.values())).knowledge)


def _repeated(known: Outcome, names: Sequence[str], root: Path) -> Part:
    """What was found about the pages asked about, now or when nothing had changed since."""
    pages = [path for path in known.tallies if _among(path, names)]
    if not pages and not known.diagnostics:
        raise Stop("there are no pages to check", USAGE, hint="pages are knowledge/**/*.md")
    found = tuple(one for one in known.diagnostics if _among(one.span.path, names))
    anchored = (0, 0) if _is_part(names) else (known.counts.anchored, known.counts.bases)
    tallies = {path: known.tallies[path] for path in pages}
    return _part(found, _standing(root), tallies, anchored, None if _is_part(names) else root)


def _standing(root: Path) -> Callable[[str], Sequence[str] | None]:
    from chiasm.source import read

    return lambda path: next((source.lines for source in read(root, path)[0]), None)


def _shown(
    found: Sequence[Diagnostic],
    form: str,
    lines: Callable[[str], Sequence[str] | None],
    parts: Sequence[Part],
    left: Sequence[Left] | None,
) -> None:
    """Prints findings; where there are none and nobody wants a form, there is nothing to import for it."""
    groups = None
    covered = next((part.covered for part in parts if part.covered), None)
    if left is not None:
        from chiasm.reporting import unjudged

        groups = unjudged.grouped(left)
    if found or form in ("json", "sarif"):
        from chiasm import report
        from chiasm.reporting.frame import WIDTH

        verdicts = {name: sum(part.verdicts.get(name, 0) for part in parts) for name in VERDICTS}
        text = report.render(
            found,
            form,
            lines,
            rules=_rules() if form == "sarif" else None,
            verdicts=verdicts,
            anchored=parts[0].anchored,
            left=groups,
            covered=covered,
            width=console.room(WIDTH),
        )
        console.report(text) if form == "full" else console.stream(text)
    if groups and form in ("full", "concise"):
        for line in unjudged.lines(groups):
            console.say(line)
    if covered and form in ("full", "concise"):
        from chiasm.reporting import coverage

        for line in coverage.lines(covered):
            console.say(line)


def _code(found: Sequence[Diagnostic], bugs: Sequence[str]) -> int:
    for bug in bugs:
        console.say(f"chiasm: sorry, this is a bug in chiasm: {bug}", error=True)
    return BUG if bugs else FINDINGS if any(one.severity != "note" and not one.ignored for one in found) else CLEAN


def _among(path: str, names: Sequence[str]) -> bool:
    return not names or any(path == name or path.startswith(f"{name}/") for name in names)


def _moved(diagnostic: Diagnostic, shown: Mapping[str, str]) -> Diagnostic:
    """A finding under the path that the reader gave."""

    def at(span: Span) -> Span:
        return span._replace(path=shown.get(span.path, span.path))

    labels = tuple(replace(label, span=at(label.span)) for label in diagnostic.labels)
    return replace(diagnostic, span=at(diagnostic.span), labels=labels)


def _lines(base: Knowledge, shown: Mapping[str, str]) -> Callable[[str], Sequence[str] | None]:
    back = {given: path for path, given in shown.items()}
    return lambda path: base.lines(back.get(path, path))


def _rules() -> dict[str, About]:
    from chiasm.check import all_rules
    from chiasm.reporting.sarif import About

    return {rule.id: About(rule.summary, rule.whole, rule.severity) for rule in all_rules()}


def _unjudged(base: Knowledge, names: Sequence[str], shown: Mapping[str, str]) -> Iterator[Left]:
    from chiasm.reporting.unjudged import Left
    from chiasm.verdicts import judge

    for verdict in judge(base.graph):
        if verdict.outcome == "not judged" and _among(verdict.span.path, names):
            path = shown.get(verdict.span.path, verdict.span.path)
            yield Left(verdict.span._replace(path=path), verdict.text, verdict.reason)


def _sums(pages: int, counts: Mapping[str, int], found: Sequence[Diagnostic], anchored: tuple[int, int]) -> str:
    judged = ", ".join(f"{counts.get(name, 0)} {name}" for name in VERDICTS)
    held = f"; {anchored[0]} of {anchored[1]} base values anchored" if anchored[1] else ""
    return f"{pages} page{'' if pages == 1 else 's'}: {judged}{held}; {in_words(found)}"
