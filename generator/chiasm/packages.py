"""Chooses what a build writes: what the pages say in, the packages that are wanted and what stands in their way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from chiasm import marks, origins
from chiasm.cache import Cache
from chiasm.changes import claim_of
from chiasm.diagnostic import Diagnostic
from chiasm.knowledge import Knowledge, Understood
from chiasm.memory import finding_text, findings
from chiasm.plan import Plan
from chiasm.planning.decide import plan
from chiasm.planning.figures import figures
from chiasm.render import Files, marked
from chiasm.span import Span
from chiasm.spec.model import ModelSpec
from chiasm.write import Wanted, Written
from chiasm.writing.manifest import Manifest, Package, digest
from chiasm.writing.stage import staged

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


class Texts(Mapping[str, str]):
    """The files of all packages as they will stand; a package is rendered when a file of it is asked for."""

    def __init__(self, plans: Mapping[str, Callable[[], Plan]], ready: dict[str, Plan], kept: Cache) -> None:
        self._plans, self._ready, self._kept = plans, ready, kept
        self._made: dict[str, str] = {}
        self.rendered: set[str] = set()

    def render(self, names: Iterable[str]) -> None:
        """Render packages, all at once."""
        wanted = [name for name in names if name not in self.rendered]
        plans = (self._ready.pop(name) if name in self._ready else self._plans[name]() for name in wanted)
        self._made |= files_of(plans, self._kept)
        self.rendered |= {*wanted}

    def made(self, name: str) -> Iterator[tuple[str, str]]:
        """The files of a package that was rendered."""
        return ((path, text) for path, text in self._made.items() if path.split("/")[1] == name)

    def __getitem__(self, path: str) -> str:
        name = path.split("/")[1]
        if path not in self._made and name in self._plans:
            self.render([name])
        return self._made[path]

    def __iter__(self) -> Iterator[str]:
        self.render(self._plans)
        return iter(sorted(self._made))

    def __len__(self) -> int:
        return len([*self])


def files_of(plans: Iterable[Plan], kept: Cache) -> dict[str, str]:
    """The files of packages as they will stand, with the map of each."""
    files = tuple(file for plan in plans for file in marked(plan))
    if not files:
        return {}
    made = dict(staged(tuple((path, marks.unmarked(text)) for path, text in files), kept))
    return made | dict(_maps(files, made, kept))


def _maps(files: Files, made: Mapping[str, str], kept: Cache) -> Iterator[tuple[str, str]]:
    """For every package the file that says where each line of its files comes from."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for path, text in files:
        folder, _, name = path.rpartition("/")
        key = kept.key("origins", text)
        if (part := kept.get(key)) is None:
            before, lines = marks.read(text)
            # What follows the last line's end is no line.
            part = origins.part(origins.carried(lines, before, made[path])[:-1])
            kept.put(key, part)
        parts.setdefault(folder, []).append((name, part))
    yield from ((f"{folder}/{origins.NAME}", origins.text(found)) for folder, found in parts.items())


def plans(said: Understood, kept: Cache, only: Container[str] | None = None) -> tuple[tuple[Planned, ...], Texts]:
    """What every system, or only some, becomes, in the order of pages; two pages cannot make the same package.

    A system whose spec is what it was when its package was last made is neither planned nor rendered.
    """
    known = _known(kept)
    made: list[Planned] = []
    how: dict[str, Callable[[], Plan]] = {}
    ready: dict[str, Plan] = {}
    of: dict[str, str] = {}
    for (path, system), rests in said.study.resting():
        if only is not None and system not in only:
            continue
        fresh: Plan | None = None
        if (one := known.get(rests)) is None:
            one, fresh = _planned(said.study.spec(path, system), rests)
        if one.name in of:
            message = f"the package `{one.name}` is already made from {of[one.name]}"
            span = said.study.spec(path, system).span
            wrong = Diagnostic("package-name", message, span, help="rename one of the pages")
            one = Planned(rests, "", Package(one.package.page), (), (*one.found, wrong))
        elif one.name:
            of[one.name] = one.package.page
            how[one.name] = partial(_plan, said.study.spec, path, system)
            if fresh:
                ready[one.name] = fresh
        made.append(one)
    texts = Texts(how, ready, kept)
    texts.render(one.name for one in made if one.name and not one.package.files)
    return tuple(_filled(one, texts) for one in made), texts


def remember(planned: Sequence[Planned], kept: Cache) -> None:
    """Keep what systems became, for the next run."""
    held = ((one.rests, one.name, one.package, one.pages, finding_text(one.found)) for one in planned)
    raw = [[rests, name, pk.page, pk.files, pk.figures, pages, found] for rests, name, pk, pages, found in held]
    kept.put(kept.key(PACKAGES), json.dumps(raw))


def _known(kept: Cache) -> dict[str, Planned]:
    """What systems became in the last run, by the digest of their specs."""
    try:
        raw = json.loads(kept.get(kept.key(PACKAGES)) or "[]")
        return {
            rests: Planned(rests, name, Package(page, files, figures), tuple(pages), findings(found))
            for rests, name, page, files, figures, pages, found in raw
        }
    except (ValueError, TypeError):
        return {}


def _planned(spec: ModelSpec, rests: str) -> tuple[Planned, Plan | None]:
    made, found = plan(spec)
    if made is None:
        return Planned(rests, "", Package(spec.path), (), found), None
    pages = tuple(sorted(_pages(spec)))
    return Planned(rests, made.package, Package(made.page, {}, figures(spec)), pages, found), made


def _plan(spec: Callable[[str, str], ModelSpec], path: str, system: str) -> Plan:
    made, _ = plan(spec(path, system))
    assert made is not None  # noqa: S101, it was planned before
    return made


def _filled(one: Planned, texts: Texts) -> Planned:
    """With the digests of its files."""
    if not one.name or one.package.files:
        return one
    files = {path: digest(text.encode()) for path, text in texts.made(one.name)}
    return one._replace(package=replace(one.package, files=files))


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
