"""`chiasm build`: compile the base, show what changed and what it does, publish the site."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, DRIFT, FINDINGS

if TYPE_CHECKING:
    from chiasm.changes import FileChange, PackageChange
    from chiasm.drafts import Drafting, Maker
    from chiasm.graph import Graph
    from chiasm.knowledge import Knowledge
    from chiasm.outcome import Outcome

STATES = {
    "held": "held back: its page has errors, its files stay as they are",
    "edited": "edited by hand, its files stay as they are",
}
LINES = 12
"""Changed lines of a file that are shown."""


def run(*, check: bool, force: bool, site: bool, html: bool = True) -> int:
    """Build the project's packages and site; 1 where anything was found, 3 where `--check` finds drift."""
    from chiasm import pipeline

    begun = time.perf_counter()
    root = project.root()
    drafting = _drafting(project.theme(root)) if site and not check else None
    outcome = pipeline.build(root, check=check, force=force, drafting=drafting)
    _findings(root, outcome)
    rows = list(_summary(outcome))
    published = True
    if site and not check:
        words, published = _site(root, outcome, html=html)
        rows.append(("site", words))
    console.say()
    console.aligned(rows)
    console.say(f"\n{_verdict(outcome, check=check)} ({time.perf_counter() - begun:.1f} s)")
    if check and outcome.drift:
        return DRIFT
    serious = any(one.severity != "note" and not one.ignored for one in outcome.diagnostics)
    return FINDINGS if serious or not published else CLEAN


def _findings(root: Path, outcome: Outcome) -> None:
    from chiasm import report
    from chiasm.source import read

    if outcome.diagnostics and (base := outcome.knowledge):
        standing = {file.path: file.lines for file in read(root, *outcome.edited)[0]}
        console.report(report.render(outcome.diagnostics, "full", lambda path: standing.get(path) or base.lines(path)))


def _summary(outcome: Outcome) -> Iterator[tuple[str, str]]:
    counts = outcome.counts
    yield "documents", f"{counts.documents}"
    yield "specs", f"{counts.specs}"
    numbers = (f"{counts.proved} proved", f"{counts.reported} reported", f"{counts.refuted} refuted")
    yield "numbers", ", ".join((*numbers, f"{counts.not_judged} not judged"))
    if counts.bases:
        share = f"{counts.anchored / counts.bases:.0%}"
        yield "anchored", f"{counts.anchored} of {counts.bases} base values ({share})"
    for number, package in enumerate(outcome.packages):
        yield "packages" if number == 0 else "", "\n".join(_package(package))
    if outcome.drift:
        yield "drift", "\n".join(outcome.drift)


def _package(package: PackageChange) -> Iterator[str]:
    yield f"{package.name:<10} {STATES.get(package.state, package.state)}"
    for file in package.files:
        if package.state == "changed":
            yield f"  {file.path} {file.size}"
            yield from _lines(file)
    for figure in package.figures if package.state == "changed" else ():
        before, after = ("–" if value is None else f"{value:,}" for value in (figure.before, figure.after))
        change = (
            f"  ({figure.after - figure.before:+,})" if figure.before is not None and figure.after is not None else ""
        )
        yield f"  {figure.variant} {figure.what}: {before} → {after}{change}"


def _lines(file: FileChange) -> Iterator[str]:
    for line in file.lines[:LINES]:
        yield f"    {line.number:>5} {line.sign} {line.text.strip()}"
    if len(file.lines) > LINES:
        yield f"          … {len(file.lines) - LINES} more"


def _drafting(theme: Path) -> Drafting:
    def drafting(graph: Graph, paths: Sequence[str]) -> Maker:
        from chiasm.site.draft import drafting

        return drafting(graph, paths, theme)

    return drafting


def _site(root: Path, outcome: Outcome, *, html: bool) -> tuple[str, bool]:
    from chiasm.site.build import build
    from chiasm.site.publish import SiteError

    def read() -> Knowledge:
        from chiasm.knowledge import knowledge

        return outcome.knowledge or knowledge(root)

    try:
        done = build(outcome.stamp, read, project.theme(root), root / ".chiasm", html=html)
    except SiteError as error:
        return f"not built: {error}", False
    where = done.index.relative_to(root).as_posix()
    made = ("built" if html else "written") if done.rebuilt else "unchanged"
    return f"{where} ({done.pages} pages, {made})", True


def _verdict(outcome: Outcome, *, check: bool) -> str:
    from chiasm import report

    found = report.summary(outcome.diagnostics) if outcome.diagnostics else ""
    if check and outcome.drift:
        count = len(outcome.drift)
        files = f"{count} file{' differs' if count == 1 else 's differ'}"
        cure = "undo the edit by hand" if set(outcome.drift) <= {*outcome.edited} else "run `chiasm build`"
        return f"generated/ is not what knowledge/ says: {files}; {cure}{f'; {found}' if found else ''}"
    if found:
        return f"{'checked' if check else 'built'} with {found}"
    if not outcome.counts.documents:
        return "nothing to build: knowledge/ has no pages"
    if check:
        return "generated/ is what knowledge/ says"
    return "nothing had changed" if outcome.cached else "built"
