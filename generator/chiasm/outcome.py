"""What a run of the compiler found and did: everything the command line prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, fields
from typing import TYPE_CHECKING

from chiasm.changes import PackageChange
from chiasm.memory import Tally
from chiasm.record import record
from chiasm.recording import finding_text, findings

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.knowledge import Knowledge


@record(frozen=True, slots=True)
class Counts:
    """How much there is, and how it was judged."""

    documents: int = 0
    specs: int = 0
    proved: int = 0
    reported: int = 0
    refuted: int = 0
    not_judged: int = 0
    anchored: int = 0
    """Base values that something else holds in place, of `bases`."""
    bases: int = 0


@record(frozen=True, slots=True)
class Outcome:
    """The result of `check` or `build`."""

    counts: Counts
    diagnostics: tuple[Diagnostic, ...] = ()
    """Sorted by place, those about files edited by hand included."""
    packages: tuple[PackageChange, ...] = ()
    edited: tuple[str, ...] = ()
    """Generated files that were edited by hand; their packages were left alone."""
    drift: tuple[str, ...] = ()
    """With `check=True`: paths in `generated/` that are not what the pages make."""
    code: Mapping[str, str] = field(default_factory=dict)
    """Generated files as they stand: path from the root → text."""
    knowledge: Knowledge | None = None
    """The base, its graph and its sources; None where nothing had changed since a clean build."""
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """The numbers of each page by verdict."""
    stamp: str = ""
    """Digest of everything the outcome follows from: sources and compiler."""
    seconds: float = 0.0

    @property
    def cached(self) -> bool:
        """Nothing had changed since a clean build, so nothing was read again."""
        return self.knowledge is None

    @property
    def changed(self) -> tuple[PackageChange, ...]:
        """Packages that are not as they were."""
        return tuple(package for package in self.packages if package.state != "unchanged")


@record(frozen=True, slots=True)
class State:
    """What the cache keeps of a build for the next one that changes nothing."""

    counts: Counts
    diagnostics: tuple[Diagnostic, ...]
    tallies: Mapping[str, Tally]

    @staticmethod
    def of(outcome: Outcome) -> State:
        """What is to be kept of an outcome."""
        return State(outcome.counts, outcome.diagnostics, outcome.tallies)

    def text(self) -> str:
        """As the cache keeps it."""
        counts = [getattr(self.counts, one.name) for one in fields(Counts)]
        return json.dumps([counts, finding_text(self.diagnostics), self.tallies], ensure_ascii=False)

    @staticmethod
    def parsed(text: str) -> State | None:
        """A state from a cache's text; None where it is something else."""
        try:
            counts, found, tallies = json.loads(text)
            by_page = {str(path): Tally(*map(int, tally)) for path, tally in tallies.items()}
            return State(Counts(*map(int, counts)), findings(found), by_page)
        except (ValueError, TypeError, AttributeError):
            return None
