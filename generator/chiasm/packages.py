"""Chooses what a build writes: what the pages say in, the packages that are wanted and what stands in their way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chiasm.cache import Cache
from chiasm.changes import claim_of
from chiasm.diagnostic import Diagnostic, Found
from chiasm.knowledge import Knowledge, Understood
from chiasm.plan import Plan
from chiasm.planning.decide import plan
from chiasm.planning.figures import figures
from chiasm.render import render
from chiasm.source import GENERATED, Source, read, source
from chiasm.span import Span
from chiasm.spec.model import ModelSpec
from chiasm.write import Wanted, Written
from chiasm.writing.manifest import Manifest, Package, digest
from chiasm.writing.stage import staged

HOLDING = frozenset(
    [
        "bad-formula",
        "bad-value",
        "broken-table",
        "column-without-variant",
        "contradiction",
        "duplicate-column",
        "duplicate-row",
        "duplicate-variant",
        "field-name",
        "inheritance",
        "missing-field",
        "package-name",
        "released-name",
        "row-length",
        "table-kind",
        "table-without-kind",
        "too-deep",
        "unknown-field",
        "unknown-kind",
        "unknown-slot",
        "unreadable-file",
        "width-mismatch",
    ]
)
"""Findings that leave a system's package as it is, since what its pages mean is not known. No verdict is among them."""


def plans(said: Understood) -> Found[tuple[tuple[ModelSpec, Plan], ...]]:
    """Every system that a package can be written for, by package; two pages cannot make the same one."""
    made: dict[str, tuple[ModelSpec, Plan]] = {}
    found: list[Diagnostic] = []
    for spec in sorted(said.specs, key=lambda spec: spec.path):
        planned, wrong = plan(spec)
        found.extend(wrong)
        if planned and planned.package in made:
            message = f"the package `{planned.package}` is already made from {made[planned.package][1].page}"
            found.append(Diagnostic("package-name", message, spec.span, help="rename one of the pages"))
        elif planned:
            made[planned.package] = (spec, planned)
    return tuple(made[name] for name in sorted(made)), tuple(found)


def files(planned: Sequence[tuple[ModelSpec, Plan]], kept: Cache) -> Mapping[str, str]:
    """The files of every package as they will stand on the disk."""
    rendered = tuple(file for _, one in planned for file in render(one))
    return dict(staged(rendered, kept))


def code(root: Path, texts: Mapping[str, str]) -> tuple[Source, ...]:
    """Generated files as sources that pages may cite: as this build makes them, others as they stand."""
    standing = {one.path: one for one in read(root, *GENERATED)[0]}
    made = (source(path, text.encode()) for path, text in texts.items())
    both = standing | {one.path: one for one in made if isinstance(one, Source)}
    return tuple(both[path] for path in sorted(both))


def wanted(
    planned: Sequence[tuple[ModelSpec, Plan]],
    texts: Mapping[str, str],
    base: Knowledge,
    old: Manifest,
) -> Wanted:
    """What `generated/` is to hold. A package whose pages are not understood stays as it is."""
    broken = {one.span.path for one in base.diagnostics if one.severity == "error" and one.rule in HOLDING}
    packages = {
        one.package: Package(
            one.page,
            {
                path: digest(text.encode())
                for path, text in texts.items()
                if path.startswith(f"generated/{one.package}/")
            },
            figures(spec),
        )
        for spec, one in planned
        if broken.isdisjoint(_pages(spec))
    }
    unclear = broken | {spec.path for spec, _ in planned if not broken.isdisjoint(_pages(spec))}
    held = frozenset(name for name, package in old.items() if name not in packages and package.page in unclear)
    return Wanted(packages, texts, held)


def edits(done: Written, want: Wanted, base: Knowledge) -> Iterator[Diagnostic]:
    """A finding for every file that was edited by hand: the first line that differs, and what to change instead."""
    for path in done.edited:
        ours = want.texts.get(path, "").split("\n")
        standing = done.standing[path].split("\n")
        number = next(
            (i for i, (a, b) in enumerate(zip(ours, standing, strict=False)) if a != b),
            min(len(ours), len(standing)) - 1,
        )
        claim = claim_of(ours[number]) or claim_of(standing[number])
        facts = base.graph.facts.get(claim, ())
        instead = (
            f"change {claim} at {facts[0].cell.span}" if facts else f"change {_page_of(path, want)} or the component"
        )
        yield Diagnostic(
            "edited-by-hand",
            "this generated file was edited by hand; its package is left as it is",
            Span(path, number + 1, 1, len(standing[number]) + 1),
            help=f"{instead}, and undo the edit; `chiasm build --force` replaces the file and keeps it as {path}.orig",
        )


def _page_of(path: str, want: Wanted) -> str:
    name = path.split("/")[1]
    return want.packages[name].page if name in want.packages else "its page"


def _pages(spec: ModelSpec) -> set[str]:
    """Pages that a system's package follows from."""
    concepts = {
        f"knowledge/concepts/{resolved.kind.anchor.partition('#')[0]}.md"
        for variant in spec.variants
        for resolved in variant.slots.values()
    }
    stated = {
        entry.fact.cell.span.path for variant in spec.variants for entry in variant.entries.values() if entry.fact
    }
    return {spec.path} | concepts | stated
