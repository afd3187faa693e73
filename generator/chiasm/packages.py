"""Chooses what a build writes: what the pages say in, the packages that are wanted and what stands in their way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from chiasm.cache import Cache
from chiasm.changes import claim_of
from chiasm.diagnostic import Diagnostic
from chiasm.emitting import Texts
from chiasm.knowledge import Knowledge, Understood
from chiasm.plan import Plan
from chiasm.planning.decide import plan
from chiasm.planning.figures import figures
from chiasm.recording import finding_text, findings
from chiasm.sharing import Spool, shared, workers
from chiasm.span import Span
from chiasm.spec.model import ModelSpec
from chiasm.write import Wanted, Written
from chiasm.writing.manifest import Manifest, Package

PACKAGES = "packages"
"""What the cache keeps the packages of the last run under."""
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


class Planned(NamedTuple):
    """What a system becomes: its package as the manifest has it (`name` "" for none), and what that follows from."""

    rests: str
    """Digest of the spec."""
    name: str
    package: Package
    pages: tuple[str, ...]
    found: tuple[Diagnostic, ...]


def plans(said: Understood, kept: Cache, only: Container[str] | None = None) -> tuple[tuple[Planned, ...], Texts]:
    """What every system, or only some, becomes, in the order of pages; two pages cannot make the same package.

    A system whose spec is what it was when its package was last made is neither planned nor rendered.
    """
    known = _known(kept)
    asked = [(rests, key) for key, rests in said.study.resting() if only is None or key[1] in only]
    known |= _fresh(said, {rests: key for rests, key in asked if rests not in known})
    made: list[Planned] = []
    how: dict[str, Callable[[], Plan]] = {}
    of: dict[str, str] = {}
    for rests, (path, system) in asked:
        one = known[rests]
        if one.name in of:
            message = f"the package `{one.name}` is already made from {of[one.name]}"
            span = said.study.spec(path, system).span
            wrong = Diagnostic("package-name", message, span, help="rename one of the pages")
            one = Planned(rests, "", Package(one.package.page), (), (*one.found, wrong))
        elif one.name:
            of[one.name] = one.package.page
            how[one.name] = partial(_plan, said.study.spec, path, system)
        made.append(one)
    texts = Texts(how, kept)
    texts.render(one.name for one in made if one.name and not one.package.files)
    return tuple(_filled(one, texts) for one in made), texts


def _fresh(said: Understood, wanted: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Planned]]:
    """What systems become, by the digests of their specs; side by side where they are many."""

    def share(some: Sequence[str], _: Spool) -> bytes:
        return json.dumps([_raw(_planned(said.study.spec(*wanted[rests]), rests)) for rests in some]).encode()

    for made in shared(share, list(wanted), workers()):
        yield from map(_read, json.loads(made.data))


def remember(planned: Sequence[Planned], kept: Cache) -> None:
    """Keep what systems became, for the next run."""
    kept.put(kept.key(PACKAGES), json.dumps([_raw(one) for one in planned]))


def _known(kept: Cache) -> dict[str, Planned]:
    """What systems became in the last run, by the digest of their specs."""
    try:
        return dict(map(_read, json.loads(kept.get(kept.key(PACKAGES)) or "[]")))
    except (ValueError, TypeError):
        return {}


def _raw(one: Planned) -> list[Any]:
    package = one.package
    found = finding_text(one.found)
    return [one.rests, one.name, package.page, package.files, package.figures, one.pages, found]


def _read(raw: Sequence[Any]) -> tuple[str, Planned]:
    rests, name, page, files, figures, pages, found = raw
    return rests, Planned(rests, name, Package(page, files, figures), tuple(pages), findings(found))


def _planned(spec: ModelSpec, rests: str) -> Planned:
    made, found = plan(spec)
    if made is None:
        return Planned(rests, "", Package(spec.path), (), found)
    pages = tuple(sorted(_pages(spec)))
    return Planned(rests, made.package, Package(made.page, {}, figures(spec)), pages, found)


def _plan(spec: Callable[[str, str], ModelSpec], path: str, system: str) -> Plan:
    made, _ = plan(spec(path, system))
    assert made is not None  # noqa: S101, it was planned before
    return made


def _filled(one: Planned, texts: Texts) -> Planned:
    """With the digests of its files."""
    if not one.name or one.package.files:
        return one
    return one._replace(package=replace(one.package, files=texts.digests(one.name)))


def wanted(planned: Sequence[Planned], texts: Texts, base: Knowledge, old: Manifest) -> Wanted:
    """What `generated/` is to hold. A package whose pages are not understood stays as it is."""
    broken = {one.span.path for one in base.diagnostics if one.severity == "error" and one.rule in HOLDING}
    named = [one for one in planned if one.name]
    packages = {one.name: one.package for one in named if broken.isdisjoint(one.pages)}
    unclear = broken | {one.package.page for one in named if one.name not in packages}
    held = frozenset(name for name, package in old.items() if name not in packages and package.page in unclear)
    return Wanted({name: packages[name] for name in sorted(packages)}, texts, held)


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
