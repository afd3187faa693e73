"""What is remembered about each page and each system: records, and a table of what they rest on.

A record names what it rests on; the table says which digest each of these things had. A record is true as long as they
have the same ones. `recording` writes records down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chiasm.album import Album
from chiasm.diagnostic import Diagnostic
from chiasm.span import Span

Reads = tuple[str, ...]
"""What something rests on, as numbers of the table."""
Missing = dict[tuple[Span, str, str, str], list[str]]
NEVER: Reads = ("!",)
"""What a record rests on that was not made yet."""


class Table:
    """What records rest on (`spec:llava`, `cite:li2023blip2`), numbered in order, with the digests it had by then."""

    def __init__(self, digests: Mapping[str, str]) -> None:
        self.digests = dict(digests)
        self._numbers = {name: str(number) for number, name in enumerate(digests)}

    def reads(self, names: Iterable[str], now: Callable[[str], str | None]) -> Reads:
        """The numbers of names; new ones have the digest that they have now."""
        made: dict[str, None] = {}
        for name in names:
            if name not in self._numbers:
                self._numbers[name] = str(len(self._numbers))
                self.digests[name] = now(name) or ""
            made[self._numbers[name]] = None
        return tuple(made)

    def changed(self, now: Callable[[str], str | None]) -> frozenset[str]:
        """The numbers of what has another digest now, as far as it is known; from here on it has that one."""
        found = {*NEVER}
        for name, digest in self.digests.items():
            if (current := now(name)) is not None and current != digest:
                found.add(self._numbers[name])
                self.digests[name] = current
        return frozenset(found)


class Tally(NamedTuple):
    """Numbers by verdict."""

    proved: int = 0
    reported: int = 0
    refuted: int = 0
    not_judged: int = 0


class Judged(NamedTuple):
    """What was found on a page, how its numbers were judged, the claims that they prove, and what that rests on."""

    found: tuple[Diagnostic, ...] = ()
    tally: Tally = Tally()
    proved: tuple[str, ...] = ()
    reads: Reads = NEVER


class Linked(NamedTuple):
    """What was found about a page's links, and what that rests on."""

    found: tuple[Diagnostic, ...] = ()
    reads: Reads = NEVER


class Brief(NamedTuple):
    """What every run looks at of every page; see `Face`."""

    title: str
    states: tuple[str, ...]
    names: str
    """Digest of its tables of what releases call a kind's things; "" where it has none."""
    outline: str
    assertion: str
    cites: tuple[str, ...]
    also: tuple[str, ...]
    """What else its system is called, as it says."""
    facts: str
    """Digest of the ids of the facts that it states; "" where it states none."""


@dataclass(slots=True)
class Page:
    """One page: the digest of its text, what others need of it, what reading it found, what judging it found."""

    digest: str
    brief: Brief
    found: tuple[Diagnostic, ...]
    judged: Judged
    linked: Linked


class Checked(NamedTuple):
    """What rules found in a system, its base values with whether each is anchored, and what that rests on.

    A base value is named by the page, the line, the column and the variant of its cell.
    """

    found: tuple[Diagnostic, ...] = ()
    bases: dict[str, bool] = {}  # noqa: RUF012, never changed
    reads: Reads = NEVER


class System(NamedTuple):
    """One system: its page and slug, its title and variants, what resolving it found and rests on, and its check."""

    path: str
    system: str
    title: str
    variants: tuple[str, ...]
    found: tuple[Diagnostic, ...]
    missing: Missing
    reads: Mapping[str, str]
    """Pages that it was made from, or that it looked for, with the digests of what they state."""
    checked: Checked = Checked()


@dataclass(slots=True)
class Memory:
    """Everything that is remembered of a base."""

    pages: dict[str, Page] = field(default_factory=dict)
    systems: dict[tuple[str, str], System] = field(default_factory=dict)
    table: Table = field(default_factory=lambda: Table({}))
    lines: dict[str, str] = field(default_factory=dict)
    """Records of pages as they are written, of those that are as they were."""
    album: Album = field(default_factory=Album)
    """The faces of pages."""
