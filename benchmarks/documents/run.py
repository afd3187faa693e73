"""Judges many errors: a base and errors in, what was said about each out, in their order; in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence

from benchmarks.documents.base import Base
from benchmarks.documents.edit import Edit
from benchmarks.documents.outcome import Outcome, judged

CHUNK, LIFE = 4, 8
"""Errors at once, and how often, before a process is replaced."""
_SHARED: list[tuple[Base, Sequence[Edit]]] = []
"""What a forked process finds when it begins."""


def outcomes(base: Base, edits: Sequence[Edit], jobs: int = 1) -> tuple[Outcome, ...]:
    """What is said about each error."""
    _SHARED.append((base, edits))
    try:
        # A fork takes the studied base over: nothing is read or judged again. It ends after some errors, because the
        # compiler keeps what it worked out about each base for as long as a process lives.
        with multiprocessing.get_context("fork").Pool(max(jobs, 1), maxtasksperchild=LIFE) as pool:
            return tuple(pool.map(_one, range(len(edits)), chunksize=CHUNK))
    finally:
        _SHARED.pop()


def _one(number: int) -> Outcome:
    base, edits = _SHARED[-1]
    return judged(base, edits[number])
