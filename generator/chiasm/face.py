"""What others can see of a page: plain values, so that a run that changes one page need not read the others again."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A heading: its line, its level, its anchor, its words."""

    line: int
    level: int
    slug: str
    text: str


class Citation(NamedTuple):
    """A citation: its key, its locator, its line."""

    key: str
    locator: str
    line: int


class Reference(NamedTuple):
    """A link: its address, its title, its line; the line and the columns of its address."""

    href: str
    title: str
    line: int
    at: int
    column: int
    end: int


class Face(NamedTuple):
    """What others can see of one page."""

    path: str
    title: str
    headings: tuple[Place, ...] = ()
    cites: tuple[Citation, ...] = ()
    links: tuple[Reference, ...] = ()
    states: tuple[str, ...] = ()
    """Systems about which its tables state facts."""
    facts: tuple[str, ...] = ()
    """Ids of these facts."""
    about: tuple[str, ...] = ()
    """Systems that its statements and numbers are about."""
    names: bool = False
    """It holds tables of released names."""
    code: tuple[str, ...] = ()
    """Generated files that its fences show."""
    outline: str = ""
    """Digest of its headings."""
    assertion: str = ""
    """Digest of all that a spec can take from it; "" where that is nothing."""
