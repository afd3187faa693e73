"""The straight line: a project's root in, everything that was found and done out. Calls stages, and nothing else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm import changes, manifest, source
from chiasm.cache import FOLDER, Cache
from chiasm.outcome import Counts, Outcome
from chiasm.write import Wanted, Written, compare, stale, write

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.knowledge import Knowledge, Understood
    from chiasm.plan import Plan
    from chiasm.source import Source
    from chiasm.spec.model import ModelSpec

PAGES = "knowledge/**/*.md"
OTHERS = ("knowledge/sources.bib", "knowledge/evidence/*.json")
CODE = ("generated/*/*.py", "generated/*/README.md")

HOLDING = frozenset(
    "bad-formula bad-value broken-table column-without-variant contradiction duplicate-column duplicate-row duplicate-variant "
    "field-name inheritance missing-field package-name released-name row-length table-kind table-without-kind too-deep "
    "unknown-field unknown-kind unknown-slot unreadable-file width-mismatch".split()
)
"""Findings that leave a system's package as it is: what the page means is not known. A refuted number is none of them."""


def check(root: Path) -> Outcome:
    """Judges the base below `root`; writes nothing."""
    from chiasm.knowledge import knowledge

    begun = time.perf_counter()
    base = knowledge(root)
    return Outcome(counts(base), base.diagnostics, knowledge=base, seconds=time.perf_counter() - begun)


def build(root: Path, *, check: bool = False, force: bool = False) -> Outcome:
    """Compiles `knowledge/` into `generated/`; with `check` nothing is written and `drift` says what would be.

    Raises:
        OSError: the disk refuses to be read or written.
    """
    begun = time.perf_counter()
    pages, unreadable = source.read(root, PAGES)
    others, unread = source.read(root, *OTHERS)
    kept = Cache(root / ".chiasm" / FOLDER)
    stamp = kept.key(*(part for one in (*pages, *others) for part in (one.path, one.digest)))
    old = manifest.read(root)
    if not (unreadable or unread or force) and (known := _unchanged(root, old, kept, stamp)):
        done = tuple(changes.PackageChange(name, package.page, "unchanged") for name, package in sorted(old.items()))
        return Outcome(known, packages=done, stamp=stamp, seconds=time.perf_counter() - begun)
    from chiasm.knowledge import judged, understood

    said = understood(pages)
    plans, misplanned = _plans(said)
    files = _files(plans, kept)
    code = {path: text for path, text in files.items() if path not in {one.path for one in source.read(root, *CODE)[0]}}
    base = judged(said, (*others, *_code(root, files)), (*unreadable, *unread, *misplanned))
    wanted = _wanted(said, plans, files, base.diagnostics, old)
    written = compare(root, wanted) if check else write(root, wanted, force=force)
    drift = stale(root, wanted) if check else ()
    code = {path: text for path, text in files.items() if path not in written.edited}
    found = (*base.diagnostics, *_edits(root, written, files, base))
    outcome = Outcome(
        counts(base),
        tuple(sorted(found, key=lambda one: (one.span, one.rule))),
        changes.packages(old, wanted, written),
        written.edited,
        drift,
        code,
        base,
        stamp,
    )
    if not found and not check:
        kept.put(stamp, outcome.counts.text())
        kept.trim()
    return replace(outcome, seconds=time.perf_counter() - begun)
