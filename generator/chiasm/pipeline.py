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
from chiasm.write import compare, intact, stale, write
from chiasm.writing import manifest

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.knowledge import Knowledge
    from chiasm.source import Source

Key = Callable[[Cache, str, manifest.Manifest], str]
"""What an outcome is kept under, by what was read and what stood in `generated/`."""


def check(root: Path, extra: Sequence[Source] = ()) -> Outcome:
    """Judges the base below `root`, and `extra` as if it stood in it; keeps what the next run may start from."""
    from chiasm.knowledge import knowledge

    begun = time.perf_counter()
    old, kept = manifest.read(root), Cache(root / ".chiasm" / FOLDER)
    key = _checked(kept, _read_stamp(root, kept), old) if old and not extra else ""
    base = knowledge(root, extra, keep=bool(key))
    outcome = Outcome(_counts(base), base.diagnostics, knowledge=base, tallies=base.tallies)
    # A page or a file that changed meanwhile makes another stamp: then nothing is kept.
    if key and intact(root, old) and key == _checked(kept, _read_stamp(root, kept), old):
        kept.put(key, State.of(outcome).text())
    return replace(outcome, seconds=time.perf_counter() - begun)


def remembered(root: Path) -> Outcome | None:
    """The outcome of the last build, or else check, where nothing has changed since: nothing is parsed."""
    kept = Cache(root / ".chiasm" / FOLDER)
    stamp = _read_stamp(root, kept)
    return (_known(root, kept, stamp, _state) or _known(root, kept, stamp, _checked)) if stamp else None


def build(root: Path, *, check: bool = False, force: bool = False) -> Outcome:
    """Compiles `knowledge/` into `generated/`; with `check` nothing is written and `drift` says what would be.

    Raises:
        OSError: the disk refuses to be read or written.
    """
    begun = time.perf_counter()
    pages, unreadable = source.read(root, source.PAGES)
    others, unread = source.read(root, *source.SUPPORT)
    kept = Cache(root / ".chiasm" / FOLDER)
    stamp = _stamp(kept, (*pages, *others))
    known = None if unreadable or unread or force else _known(root, kept, stamp, _state)
    outcome = known or _built(root, pages, others, (*unreadable, *unread), kept, check=check, force=force)
    if not (known or check or unreadable or unread or outcome.edited):
        kept.put(_state(kept, stamp, manifest.read(root)), State.of(outcome).text())
        kept.trim()
    return replace(outcome, stamp=stamp, seconds=time.perf_counter() - begun)


def _built(
    root: Path,
    pages: Sequence[Source],
    others: Sequence[Source],
    wrong: Sequence[Diagnostic],
    kept: Cache,
    *,
    check: bool,
    force: bool,
) -> Outcome:
    from chiasm.code import Code
    from chiasm.knowledge import judged, remember, understood
    from chiasm.packages import edits, plans, wanted
    from chiasm.packages import remember as remember_packages

    old = manifest.read(root)
    standing = source.listing(root, *source.GENERATED)
    said = understood(pages, Code(others, standing, {}, {}), kept)
    planned, texts = plans(said, kept)
    wrong = (*wrong, *(one for item in planned for one in item.found))
    files = {path: known for item in planned for path, known in item.package.files.items()}
    base = judged(said, Code(others, standing, files, texts), wrong)
    want = wanted(planned, texts, base, old)
    drift = stale(root, want) if check else ()
    done = compare(root, want) if check else write(root, want, force=force)
    remember(said, kept)
    remember_packages(planned, kept)
    found = (*base.diagnostics, *edits(done, want, base))
    ordered = tuple(sorted(found, key=lambda one: (one.span, one.rule)))
    return Outcome(
        _counts(base), ordered, changes.packages(old, want, done), done.edited, drift, texts, base, base.tallies
    )


def _known(root: Path, kept: Cache, stamp: str, key: Key) -> Outcome | None:
    """The outcome where nothing changed since a build: neither what it reads nor what it wrote."""
    old = manifest.read(root)
    state = State.parsed(kept.get(key(kept, stamp, old)) or "")
    if state is None or not intact(root, old):
        return None
    same = tuple(changes.PackageChange(name, package.page, "unchanged") for name, package in sorted(old.items()))
    return Outcome(state.counts, state.diagnostics, packages=same, tallies=state.tallies)


def _read_stamp(root: Path, kept: Cache) -> str:
    """The stamp of the files as they are; none where one cannot be read."""
    pages, unreadable = source.read(root, source.PAGES)
    others, unread = source.read(root, *source.SUPPORT)
    return "" if unreadable or unread else _stamp(kept, (*pages, *others))


def _stamp(kept: Cache, read: Sequence[Source]) -> str:
    return kept.key(*(part for one in read for part in (one.path, one.digest)))


def _state(kept: Cache, stamp: str, written: manifest.Manifest) -> str:
    """What was read and what was written: pages that go back to what they were need not find their packages there."""
    return kept.key(stamp, manifest.text(written))


def _checked(kept: Cache, stamp: str, written: manifest.Manifest) -> str:
    """Likewise of a check, which judges the same pages and plans no package."""
    return kept.key("check", stamp, manifest.text(written)) if stamp else ""


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
