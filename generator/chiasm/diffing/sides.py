"""Reads a base twice: two sets of files in, what each makes of its systems, pages and packages out.

The second reading remembers the first: what does not rest on an edit is neither resolved nor judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chiasm.cache import FOLDER, Cache
from chiasm.code import Code
from chiasm.diagnostic import Diagnostic
from chiasm.emitting import Texts
from chiasm.judging.verdict import Verdict
from chiasm.knowledge import Knowledge, Understood, judged, remember, understood
from chiasm.packages import Planned, plans
from chiasm.source import GENERATED, PAGES, SUPPORT, Place, Source, listing, read
from chiasm.spec.model import ModelSpec
from chiasm.verdicts import of_page


class Files(NamedTuple):
    """A state of a base: its pages, what they rest on, and what could not be read."""

    pages: tuple[Source, ...]
    others: tuple[Source, ...]
    wrong: tuple[Diagnostic, ...] = ()

    @staticmethod
    def of(found: Iterable[Source], wrong: Iterable[Diagnostic] = ()) -> Files:
        """Pages and others, told by their endings."""
        several = sorted(found, key=lambda one: one.path)
        pages = tuple(one for one in several if one.path.endswith(".md"))
        return Files(pages, tuple(one for one in several if not one.path.endswith(".md")), tuple(wrong))

    @property
    def digests(self) -> dict[str, str]:
        """Digest of every file by path."""
        return {one.path: one.digest for one in (*self.pages, *self.others)}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states, understood and judged."""

    files: Files
    base: Knowledge
    resting: Mapping[str, str]
    """System → digest of all that its spec follows from."""
    said: Understood
    kept: Cache

    def spec(self, system: str) -> ModelSpec:
        """A system's spec."""
        return self.base.graph.specs[system]

    @property
    def anchored(self) -> tuple[int, int]:
        """Anchored base values, and all of them."""
        return self.base.anchored

    def verdicts(self, path: str) -> tuple[Verdict, ...]:
        """The verdicts on a page's numbers; of most pages that differ they are at hand."""
        known = self.said.study.verdicts
        return known[path] if path in known else of_page(self.base.graph, path)

    def packages(self, systems: Container[str]) -> tuple[tuple[Planned, ...], Texts]:
        """What becomes of some systems."""
        return plans(self.said, self.kept, systems)

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file; none where there is no such file."""
        return self.base.lines(path) or ()


def standing(root: Path) -> Files:
    """The files as they stand on the disk."""
    found, wrong = read(root, PAGES, *SUPPORT)
    return Files.of(found, wrong)


def limited(old: Files, new: Files, among: Callable[[str], bool]) -> Files:
    """The old state with only those files as the new one has them that are `among` the wanted."""
    kept = [one for one in (*old.pages, *old.others) if not among(one.path)]
    taken = [one for one in (*new.pages, *new.others) if among(one.path)]
    wrong = [one for one in old.wrong if not among(one.span.path)]
    return Files.of((*kept, *taken), (*wrong, *(one for one in new.wrong if among(one.span.path))))


def both(root: Path, old: Files, new: Files) -> tuple[Side, Side]:
    """The two states, judged. What a `build` or `check` kept is used, and kept again where there is a place for it."""
    folder = root / ".chiasm"
    kept = _Remembering(Cache(folder / FOLDER if folder.is_dir() else None))
    code = listing(root, *GENERATED)
    after = _side(new, code, kept)
    remember(after.said, kept)
    return _side(old, code, kept), after


def _side(files: Files, standing: Mapping[str, Place], kept: Cache) -> Side:
    code = Code(files.others, standing, {}, {})
    said = understood(files.pages, code, kept)
    base = judged(said, code, files.wrong)
    resting = {system: digest for (_, system), digest in said.study.resting()}
    return Side(files, base, resting, said, kept)


class _Remembering(Cache):
    """A cache that remembers what this process put into it, also where there is no folder."""

    def __init__(self, beneath: Cache) -> None:
        super().__init__(None)
        self._beneath = beneath
        self._known: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The text kept under a key."""
        return self._known[key] if key in self._known else self._beneath.get(key)

    def put(self, key: str, text: str) -> None:
        """Keep a text."""
        self._known[key] = text
        self._beneath.put(key, text)
