"""Stamps a base: a root in; what stands for every file that is read, and the files where they had to be read for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chiasm import source
from chiasm.cache import Cache
from chiasm.writing.standing import fingerprint

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.source import Source

KEPT = "stamp"
"""What the cache keeps the last stamp under, with what the system said of the files then."""


class Read(NamedTuple):
    """A base as it was read."""

    pages: tuple[Source, ...]
    unreadable: tuple[Diagnostic, ...]
    others: tuple[Source, ...]
    unread: tuple[Diagnostic, ...]

    @staticmethod
    def of(root: Path) -> Read:
        """The files as they are."""
        return Read(*source.read(root, source.PAGES), *source.read(root, *source.SUPPORT))

    @property
    def wrong(self) -> tuple[Diagnostic, ...]:
        """What could not be read."""
        return (*self.unreadable, *self.unread)

    @property
    def stamp(self) -> str:
        """What stands for all that was read, and for the compiler."""
        return Cache.key(*(part for one in (*self.pages, *self.others) for part in (one.path, one.digest)))


def stamped(root: Path, kept: Cache, *, trust: bool = True) -> tuple[str, Read | None]:
    """The stamp of the files as they are; "" where one cannot be read.

    With `trust` files of which the system says what it said last time are not read: then None stands for them.
    """
    look = fingerprint(source.states(root, source.PAGES, *source.SUPPORT), time.time_ns()) if trust else ""
    known, _, stamp = (kept.get(kept.key(KEPT)) or "").partition(" ")
    if look and look == known:
        return stamp, None
    read = Read.of(root)
    stamp = "" if read.wrong else read.stamp
    if look and stamp:
        kept.put(kept.key(KEPT), f"{look} {stamp}")
    return stamp, read
