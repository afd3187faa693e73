"""Reads one base again and again in one process, as an editor asks for it: a root in, the base as it is now out.

Of what was read, resolved and found out, all that has not changed stays in memory; see `study` for what that is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from chiasm import source
from chiasm.cache import FOLDER, Cache
from chiasm.claiming.recall import Recall
from chiasm.code import Code
from chiasm.diagnostic import Diagnostic, Found
from chiasm.evidence import excerpts
from chiasm.knowledge import Knowledge, Understood, entries, gone_over, judged, remember
from chiasm.recording import load
from chiasm.source import Source
from chiasm.study import Study
from chiasm.writing.standing import fingerprint


class Files:
    """The files of a project, each read once for every time that the system says something new of it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[str, Source | Diagnostic]] = {}

    def read(self, *patterns: str) -> Found[tuple[Source, ...]]:
        """As `source.read`; a file that says what it said is the same value."""
        now = time.time_ns()
        found: list[Source | Diagnostic] = []
        for name, state in source.states(self._root, *patterns):
            look = fingerprint([(name, state)], now)
            seen, one = self._known.get(name, ("", None))
            if one is None or not look or look != seen:
                fresh = source.one(self._root, name)
                one = one if one == fresh else fresh
                self._known[name] = (look, one)
            found.append(one)
        return (
            tuple(one for one in found if isinstance(one, Source)),
            tuple(one for one in found if isinstance(one, Diagnostic)),
        )


class Again:
    """One base, and what is known of it."""

    def __init__(self, root: Path) -> None:
        self._root, self._files = root, Files(root)
        self._kept = Cache(root / ".chiasm" / FOLDER)
        self._last: Study | None = None
        self._recall = Recall()
        self._beside: Sequence[Source] = ()

    @property
    def is_new(self) -> bool:
        """Nothing was asked for yet."""
        return self._last is None

    def knowledge(self, *, keep: bool = False) -> Knowledge:
        """The base as it stands. With `keep` what was found out is kept for the next process."""
        pages, unreadable = self._files.read(source.PAGES)
        others, unread = self._files.read(*source.SUPPORT)
        beside = Code(others, source.listing(self._root, *source.GENERATED), {}, {})
        said = self._understood(pages, others, beside)
        made = judged(said, beside, (*unreadable, *unread))
        if keep:
            remember(said, self._kept)
        return made

    def _understood(self, pages: Sequence[Source], others: Sequence[Source], beside: Code) -> Understood:
        last = self._last
        if last is None or others != self._beside:
            self._listed, self._misprints = entries(beside, self._kept)
            self._excerpts, self._unread = excerpts(beside)
            self._beside = others
        memory = last.memory if last else load(self._kept)
        study = Study(
            pages,
            bibliography=self._listed,
            excerpts=self._excerpts,
            others=beside,
            memory=memory,
            kept=self._kept,
            recall=self._recall,
        )
        if last:
            study.go_on(last)
        self._last = study
        return gone_over(study, (*self._misprints, *self._unread))


@lru_cache(maxsize=2)
def base(root: Path) -> Again:
    """The base below a root, as this process knows it."""
    return Again(root)
