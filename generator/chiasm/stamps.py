"""Stamps a base: a root in; what stands for every file that is read, and the files where they are asked for, out.

A file of which the system says what it said when it was read last is not read again: its digest is known, and its text
waits on the disk (`waiting`). As in `writing.standing`, a time that is too near says nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chiasm import source
from chiasm.cache import Cache
from chiasm.source import Source
from chiasm.waiting import Waiting
from chiasm.writing.standing import fingerprint, look

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic, Found

KEPT, FILES = "stamp", "files"
"""What the cache keeps under these names: the last stamp, with what the system said of the files then; and the same of
each file, with its digest."""
HELD = 16_000_000
"""Characters of texts that stay in memory once they were read; those of a larger base are read again when they are
asked for."""

State = tuple[str, os.stat_result]
States = tuple[Sequence[State], Sequence[State]]
"""What the system says of pages and of what they rest on."""
Known = dict[str, tuple[str, str]]
"""Path → what the system said of a file, and the digest that it had."""


class Read(NamedTuple):
    """A base as it was read."""

    pages: tuple[Source, ...]
    unreadable: tuple[Diagnostic, ...]
    others: tuple[Source, ...]
    unread: tuple[Diagnostic, ...]

    @staticmethod
    def of(root: Path, kept: Cache | None = None, states: States | None = None) -> Read:
        """The files as they are, of which the system says `states`; with `kept` those that stand are not read."""
        before = _known(kept) if kept else {}
        now: Known = {}
        pages, others = states or _states(root)
        made = Read(*_files(root, pages, before, now), *_files(root, others, before, now))
        if kept and now != before:
            kept.put(kept.key(FILES), json.dumps(now))
        return made

    @property
    def wrong(self) -> tuple[Diagnostic, ...]:
        """What could not be read."""
        return (*self.unreadable, *self.unread)

    @property
    def stamp(self) -> str:
        """What stands for all that was read, and for the compiler."""
        return Cache.key(*(part for one in (*self.pages, *self.others) for part in (one.path, one.digest)))


def _states(root: Path) -> States:
    return [*source.states(root, source.PAGES)], [*source.states(root, *source.SUPPORT)]


def _files(
    root: Path, states: Iterable[State], before: Mapping[str, tuple[str, str]], now: Known
) -> Found[tuple[Source, ...]]:
    """The files; what is known of each by now goes into `now`."""
    found: list[Source] = []
    wrong: list[Diagnostic] = []
    base, clock, held = root.resolve(), time.time_ns(), 0
    for name, state in states:
        seen = look(state, clock)
        known = before.get(name)
        if seen and known and known[0] == seen:
            now[name] = known
            found.append(Waiting(base, name, known[1]))
            continue
        one = source.one(base, name)
        if not isinstance(one, Source):
            wrong.append(one)
            continue
        if seen:
            now[name] = seen, one.digest
        held += len(one.text)
        found.append(one if held <= HELD else Waiting(base, name, one.digest))
    return tuple(found), tuple(wrong)


def _known(kept: Cache) -> Known:
    """What was known of each file by the last run."""
    try:
        raw = json.loads(kept.get(kept.key(FILES)) or "{}")
        return {str(name): (str(seen), str(digest)) for name, (seen, digest) in raw.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def stamped(root: Path, kept: Cache, *, trust: bool = True) -> tuple[str, Read | None]:
    """The stamp of the files as they are; "" where one cannot be read.

    With `trust` files of which the system says what it said last time are not read: then None stands for them.
    """
    states = _states(root)
    whole = fingerprint(chain(*states), time.time_ns()) if trust else ""
    known, _, stamp = (kept.get(kept.key(KEPT)) or "").partition(" ")
    if whole and whole == known:
        return stamp, None
    read = Read.of(root, kept if trust else None, states)
    stamp = "" if read.wrong else read.stamp
    if whole and stamp:
        kept.put(kept.key(KEPT), f"{whole} {stamp}")
    return stamp, read
