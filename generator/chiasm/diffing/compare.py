"""Compares two states of a base: both sides in, everything that differs and what follows from it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chiasm import changes
from chiasm.diffing import pairs
from chiasm.diffing.change import Coverage, PageChange, Report, SystemChange, VariantChange
from chiasm.diffing.costs import costs, pipeline, whole
from chiasm.diffing.facts import facts, names
from chiasm.diffing.loading import contradictions, loading
from chiasm.diffing.tensors import tensors
from chiasm.diffing.verdicts import Moves, findings, flips
from chiasm.memory import Tally
from chiasm.packages import wanted
from chiasm.write import Written

if TYPE_CHECKING:
    from chiasm.changes import PackageChange
    from chiasm.diffing.sides import Side
    from chiasm.spec.model import ModelSpec
    from chiasm.writing.manifest import Manifest

ALIKE = 0.7
"""Share of lines that two pages must have in common to be one under two names."""


def compare(old: Side, new: Side, named: tuple[str, str]) -> Report:
    """Everything that differs; `named` is what the reader calls the two states."""
    moved_pages = _renamed_pages(old, new)
    before, after = old.files.digests, new.files.digests
    edits = {
        (was, now): Moves(old.lines(was), new.lines(now))
        for now, was in ((path, moved_pages.get(path, path)) for path in after)
        if was in before and before[was] != after[now]
    }
    rejudged = {
        (path, path): Moves((), ())
        for path in new.base.rests
        if path in old.base.rests and (path, path) not in edits and old.base.rests[path] != new.base.rests[path]
    }
    turned = flips(old, new, {**_same(old, rejudged), **edits})
    by_path = {was: moves for (was, now), moves in edits.items() if was == now}
    came, gone = findings(old.base.diagnostics, new.base.diagnostics, by_path, turned)
    differ = [name for name in {**new.resting, **old.resting} if old.resting.get(name) != new.resting.get(name)]
    return Report(
        *named,
        pages=tuple(_pages(old, new, edits, moved_pages)),
        systems=_systems(old, new, differ),
        flips=turned,
        found=came,
        gone=gone,
        before=_coverage(old),
        after=_coverage(new),
        compared=len(differ),
        lines={one.span.path: tuple(new.lines(one.span.path)) for one in came},
    )


def _same(side: Side, paths: Mapping[tuple[str, str], Moves]) -> dict[tuple[str, str], Moves]:
    """Moves of pages whose text is the same."""
    return {(path, path): Moves(lines := side.lines(path), lines) for path, _ in paths}


def _coverage(side: Side) -> Coverage:
    sums = (sum(one) for one in zip(Tally(), *side.base.tallies.values(), strict=True))
    return Coverage(Tally(*sums), *side.anchored)


def _renamed_pages(old: Side, new: Side) -> dict[str, str]:
    """Pages with another name, new → old: those whose text is nearly the same."""
    before, after = old.files.digests, new.files.digests
    gone = {path: frozenset(old.lines(path)) for path in before if path not in after}
    came = {path: frozenset(new.lines(path)) for path in after if path not in before}
    found: dict[str, str] = {}
    for path, lines in came.items():
        near = [
            (len(lines & was) / max(len(lines | was), 1), other)
            for other, was in gone.items()
            if other not in found.values() and other.rpartition(".")[2] == path.rpartition(".")[2]
        ]
        if near and max(near)[0] >= ALIKE:
            found[path] = max(near)[1]
    return found


def _pages(
    old: Side, new: Side, edits: Mapping[tuple[str, str], Moves], renamed: Mapping[str, str]
) -> Iterator[PageChange]:
    before, after = old.files.digests, new.files.digests
    for path in sorted({*before, *after}):
        was = renamed.get(path, path)
        if path in renamed:
            added, removed = edits[was, path].size if (was, path) in edits else (0, 0)
            yield PageChange(path, "renamed", added, removed, was)
        elif path not in before:
            yield PageChange(path, "added", _length(new.lines(path)), 0)
        elif path not in after and path not in renamed.values():
            yield PageChange(path, "removed", 0, _length(old.lines(path)))
        elif path in after and before[path] != after[path]:
            yield PageChange(path, "changed", *edits[path, path].size)


def _length(lines: Sequence[str]) -> int:
    """Lines as git counts them: what follows the last line's end is none."""
    return len(lines) - (bool(lines) and not lines[-1])


def _systems(old: Side, new: Side, differ: list[str]) -> tuple[SystemChange, ...]:
    """Systems that differ, those with the gravest consequences first."""
    gone = {name: old.spec(name) for name in differ if name not in new.resting}
    came = {name: new.spec(name) for name in differ if name not in old.resting}
    renamed = {now: was for was, now in pairs.systems(gone, came).items()}
    packages = {one.name: one for one in _packages(old, new, frozenset(differ))}
    found: list[SystemChange] = []
    for name in differ:
        was = renamed.get(name, name)
        if name in renamed.values() and name not in new.resting:
            continue
        if name not in new.resting:
            found.append(_alone(gone[name], "removed"))
        elif was not in old.resting:
            found.append(_alone(came[name], "added"))
        else:
            found.append(_system(old, new, was, name))
    shown = (replace(one, package=packages.get(one.system.replace("-", "_"))) for one in found)
    kept = [one for one in shown if one.facts or one.contradictions or one.package or one.follows]
    return tuple(sorted(kept, key=lambda one: (-one.weight, one.system)))


def _alone(spec: ModelSpec, state: str) -> SystemChange:
    """A system that only one state has."""
    added = state == "added"
    variants = tuple(
        VariantChange("added", "", one.key) if added else VariantChange("removed", one.key, "") for one in spec.variants
    )
    costs_of = (figure for one in spec.variants for figure in whole(spec, one) if not figure.detail)
    figures = tuple(costs_of if added else (replace(one, old=one.new, new=None) for one in costs_of))
    return SystemChange(
        spec.system, spec.title, spec.path, "added" if added else "removed", variants=variants, figures=figures
    )


def _system(old: Side, new: Side, was: str, now: str) -> SystemChange:
    before, after = old.spec(was), new.spec(now)
    paired = pairs.variants(before, after)
    ranks = (old.base.graph.rank, new.base.graph.rank)
    stated, called = facts(before, after, paired, ranks), names(before, after)
    both = pairs.clear(paired)
    weights = tensors(before, after, both)
    against = contradictions((old.base.graph, before), (new.base.graph, after), both)
    added = tuple(figure for a, b in paired if a is None and b for figure in whole(after, b) if not figure.detail)
    return SystemChange(
        after.system,
        after.title,
        after.path,
        "changed" if was == now else "renamed",
        "" if was == now else was,
        variants=tuple(
            VariantChange("added", "", b.key)
            if a is None and b
            else VariantChange("removed", a.key, "")
            if b is None and a
            else VariantChange("renamed", a.key if a else "", b.key if b else "")
            for a, b in paired
            if a is None or b is None or a.key != b.key
        ),
        facts=stated,
        figures=(*costs(before, after, both), *added),
        tensors=weights,
        names=called,
        contradictions=against,
        loading=loading(before, after, both, (stated, weights, called, against)),
        pipeline=pipeline(both),
        unclear=tuple(
            (b.key, slots) for a, b in paired if b and (slots := pairs.unclear(b)) and not (a and pairs.unclear(a))
        ),
    )


def _packages(old: Side, new: Side, differ: frozenset[str]) -> tuple[PackageChange, ...]:
    """What a build would change in the packages of systems that differ, as a build tells it."""
    (before, were), (after, will) = old.packages(differ), new.packages(differ)
    manifest = {one.name: one.package for one in before if one.name}
    want = wanted(after, will, new.base, manifest)
    known, files = _digests(manifest), _digests(want.packages)
    held = {path for name in want.held for path in manifest[name].files}
    written = tuple(path for path, digest in files.items() if known.get(path) != digest)
    removed = tuple(path for path in known if path not in files and path not in held)
    texts = {path: were[path] for path in (*written, *removed) if path in known}
    done = changes.packages(manifest, want, Written(written, removed, before=texts))
    return tuple(one for one in done if one.state != "unchanged")


def _digests(manifest: Manifest) -> dict[str, str]:
    """Every file of some packages with its digest."""
    return {path: digest for one in manifest.values() for path, digest in one.files.items()}
