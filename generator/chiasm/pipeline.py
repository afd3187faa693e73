"""The straight line: a project's root in, everything that was found and done out. Calls stages, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm import changes, source
from chiasm.cache import FOLDER, Cache
from chiasm.memory import Tally
from chiasm.outcome import Counts, Outcome, State
from chiasm.stamps import Read, stamped
from chiasm.waiting import Changed
from chiasm.write import compare, intact, stale, write
from chiasm.writing import manifest
from chiasm.writing.standing import Standing

if TYPE_CHECKING:
    from chiasm.drafts import Drafting
    from chiasm.graph import Graph
    from chiasm.knowledge import Knowledge
    from chiasm.source import Source

Key = Callable[[Cache, str, str], str]
"""What an outcome is kept under, by the stamps of what was read and of what stood in `generated/`."""


def check(root: Path, extra: Sequence[Source] = ()) -> Outcome:
    """Judges the base below `root`, and `extra` as if it stood in it; keeps what the next run may start from.

    A process that asks again, as an editor's does, has it in memory; then nothing is kept on the disk.
    """
    from chiasm.again import base as base_of
    from chiasm.knowledge import knowledge

    begun = time.perf_counter()
    known = base_of(root.resolve())
    kept, old = Cache(root / ".chiasm" / FOLDER), manifest.read(root) if known.is_new and not extra else {}
    seen = Standing(root, kept)
    key = _checked(kept, stamped(root, kept)[0], manifest.stamp(root)) if old else ""
    base = knowledge(root, extra) if extra else known.knowledge(keep=bool(key))
    outcome = Outcome(_counts(base), base.diagnostics, knowledge=base, tallies=base.tallies)
    # A page or a file that changed meanwhile makes another stamp: then nothing is kept.
    if key and intact(root, old, seen) and key == _checked(kept, stamped(root, kept)[0], manifest.stamp(root)):
        kept.put(key, State.of(outcome).text())
        seen.keep()
    return replace(outcome, seconds=time.perf_counter() - begun)


def remembered(root: Path, *keys: Key) -> Outcome | None:
    """The outcome of the last build, or else check, where nothing has changed since: nothing is parsed."""
    kept = Cache(root / ".chiasm" / FOLDER)
    stamp = stamped(root, kept)[0]
    found = (_known(root, kept, stamp, key, Standing(root, kept)) for key in (_state, _checked, *keys) if stamp)
    return next(filter(None, found), None)


def check_pages(root: Path, paths: Sequence[str]) -> Outcome | None:
    """What a check of the whole base would find on some pages, of which only what these rest on is read.

    None where a file cannot be read or one of them is no page: then the whole base has to be looked at.
    """
    begun = time.perf_counter()

    def asked(kept: Cache, stamp: str, written: str) -> str:
        return kept.key("pages", *paths, stamp, written)

    if known := remembered(root, asked):
        return known
    read = Read.of(root)
    if read.wrong or not {one.path for one in read.pages}.issuperset(paths):
        return None
    kept = Cache(root / ".chiasm" / FOLDER)
    seen = Standing(root, kept)
    outcome = _looked_at(root, paths, read, kept)
    written = manifest.stamp(root)
    if (old := manifest.read(root)) and intact(root, old, seen):
        kept.put(asked(kept, read.stamp, written), State.of(outcome).text())
    seen.keep()
    return replace(outcome, seconds=time.perf_counter() - begun)


def _looked_at(root: Path, paths: Sequence[str], read: Read, kept: Cache) -> Outcome:
    """What is found on some pages."""
    from chiasm.sharing import uncollected

    with uncollected():
        from chiasm.alone import Alone
        from chiasm.code import Code
        from chiasm.knowledge import entries

        beside = Code(read.others, source.listing(root, *source.GENERATED), {}, {})
        base = Alone(read.pages, entries(beside, kept)[0], beside)
        found = base.findings(paths)
        return Outcome(Counts(), found, tallies={path: base.tally(path) for path in paths})


def known(root: Path) -> Graph:
    """What the base below the root knows; a page is read when something is asked of it, and nothing is judged."""
    from chiasm.alone import Alone
    from chiasm.code import Code
    from chiasm.knowledge import entries

    read = Read.of(root)
    beside = Code(read.others, source.listing(root, *source.GENERATED), {}, {})
    return Alone(read.pages, entries(beside, Cache(root / ".chiasm" / FOLDER))[0], beside).graph


def build(root: Path, *, check: bool = False, force: bool = False, drafting: Drafting | None = None) -> Outcome:
    """Compiles `knowledge/` into `generated/`; with `check` nothing is written and `drift` says what would be.

    `drafting` makes drafts of the site's pages where pages are judged.

    Raises:
        OSError: the disk refuses to be read or written.
    """
    begun = time.perf_counter()
    kept = Cache(root / ".chiasm" / FOLDER)
    # What continuous integration and `force` ask for is answered by the files themselves.
    seen = None if check or force else Standing(root, kept)
    stamp, read = stamped(root, kept, trust=seen is not None)
    outcome = None if force or not stamp else _known(root, kept, stamp, _state, seen)
    if outcome is None:
        read = read or Read.of(root, kept if seen else None)
        stamp = read.stamp
        try:
            outcome = _built(root, read, kept, seen, check=check, force=force, drafting=drafting)
        except Changed:  # somebody saved a page meanwhile
            return build(root, check=check, force=force, drafting=drafting)
        if not (check or read.wrong or outcome.edited):
            kept.put(_state(kept, stamp, manifest.stamp(root)), State.of(outcome).text())
            kept.trim()
    if seen:
        seen.keep()
    return replace(outcome, stamp=stamp, seconds=time.perf_counter() - begun)


def _built(
    root: Path,
    read: Read,
    kept: Cache,
    seen: Standing | None,
    *,
    check: bool,
    force: bool,
    drafting: Drafting | None,
) -> Outcome:
    from chiasm.code import Code
    from chiasm.knowledge import judged, remember, understood
    from chiasm.packages import edits, plans, wanted
    from chiasm.packages import remember as remember_packages

    old = manifest.read(root)
    standing = source.listing(root, *source.GENERATED)
    said = understood(read.pages, Code(read.others, standing, {}, {}), kept, drafting=drafting)
    planned, texts = plans(said, kept)
    wrong = (*read.wrong, *(one for item in planned for one in item.found))
    files = {path: known for item in planned for path, known in item.package.files.items()}
    base = judged(said, Code(read.others, standing, files, texts), wrong)
    want = wanted(planned, texts, base, old)
    done = compare(root, want) if check else write(root, want, force=force, seen=seen)
    drift = stale(root, want, done) if check else ()
    remember(said, kept)
    remember_packages(planned, kept)
    found = (*base.diagnostics, *edits(done, want, base))
    ordered = tuple(sorted(found, key=lambda one: (one.span, one.rule)))
    return Outcome(
        _counts(base), ordered, changes.packages(old, want, done), done.edited, drift, texts, base, base.tallies
    )


def _known(root: Path, kept: Cache, stamp: str, key: Key, seen: Standing | None) -> Outcome | None:
    """The outcome where nothing changed since a build: neither what it reads nor what it wrote."""
    state = State.parsed(kept.get(key(kept, stamp, manifest.stamp(root))) or "")
    if state is None or not intact(root, old := manifest.read(root), seen):
        return None
    if seen:
        seen.keep()
    same = tuple(changes.PackageChange(name, package.page, "unchanged") for name, package in sorted(old.items()))
    return Outcome(state.counts, state.diagnostics, packages=same, tallies=state.tallies)


def _state(kept: Cache, stamp: str, written: str) -> str:
    """What was read and what was written: pages that go back to what they were need not find their packages there."""
    return kept.key(stamp, written)


def _checked(kept: Cache, stamp: str, written: str) -> str:
    """Likewise of a check, which judges the same pages and plans no package."""
    return kept.key("check", stamp, written) if stamp else ""


def _counts(base: Knowledge) -> Counts:
    proved, reported, refuted, not_judged = (sum(one) for one in zip(Tally(), *base.tallies.values(), strict=True))
    anchored, bases = base.anchored
    return Counts(
        documents=len(base.graph.faces),
        specs=len(base.graph.specs),
        proved=proved,
        reported=reported,
        refuted=refuted,
        not_judged=not_judged,
        anchored=anchored,
        bases=bases,
    )
