"""Says where links of foreign pages lead: files as they lie on the disk in; what is certainly not there out.

A page of somebody's repository may be shown by GitHub, by a site's generator, or by an editor, and a copy of it may
lack files. So a file is called missing only where every one of these would miss it, and so is an anchor; outside of a
repository, where the name is misspelt. Others that are not there are counted.
"""

from __future__ import annotations

import difflib
import os
import posixpath
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from chiasm.document import Document, Heading, parse
from chiasm.regex import regex
from chiasm.source import Source

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx", ".qmd", ".rmd"})
FILES = regex(
    r"\.(?:md|markdown|mdown|mkdn?|mdx|qmd|rmd|ipynb|py|txt|rst|json|ya?ml|toml|sh|png|jpe?g|gif|svg|webp|pdf|csv|c|cpp"
    r"|h|rs|js|ts|cfg|ini|bib|tex)",
    re.IGNORECASE,
)
"""Endings of addresses that name a file; others may be a route of a site."""
OPEN = regex(r"[{}<>$\\|*\s]|%7B|^(?:mailto|www\.)|^[\w-]+@", re.IGNORECASE)
"""What makes an address a pattern, a template, or something else than a path."""
ELSEWHERE = frozenset(
    {".github", "test", "tests", "testdata", "fixture", "fixtures", "snapshots", "template", "templates", "mdtest"}
)
"""Folders whose pages are shown somewhere else, or are wrong on purpose."""
MADE = regex(
    r"<(?:a|h[1-6]|[A-Z]\w*)\b|\b(?:id|name)\s*=|\{[#:{%]|\[\["
    r"|:::|^\([\w-]+\)=|^\.\. |^```+\{|^(?:import|export) |^!!! ",
    re.MULTILINE,
)
"""Marks of pages that have more anchors than their headings give."""
OWN = regex(r"^(?:user-content-|fn|footnote|L\d|:~:|top$|readme)", re.IGNORECASE)
"""Anchors that whoever shows a page adds."""
LONG = 8
"""Characters of a name below which one letter makes another name."""
WORD = 3
"""Letters below which two anchors are not compared."""


class Lost(NamedTuple):
    """What a link does not reach: what is missing, and what it may have meant."""

    what: str
    near: str


class Tree:
    """Files of one folder, looked at by name; `whole` says that nothing was left out when it was copied."""

    def __init__(self, top: str, read: Callable[[str], Source | None], *, whole: bool) -> None:
        self.top, self.whole, self._read = top, whole, read
        self.astray = 0
        """Links to files that are not there, and may be elsewhere."""
        self._listed: dict[str, frozenset[str]] = {}
        self._here: tuple[str, Document] | None = None
        self._anchors = lru_cache(maxsize=256)(self._anchors_of)

    def at(self, page: str, document: Document) -> None:
        """The page whose links are followed next, as it was read."""
        self._here = (page, document)

    def lost_file(self, page: str, href: str) -> Lost | None:
        """The file that a link of the page at an absolute path certainly misses."""
        path = _path(href)
        if not path or not FILES.fullmatch(posixpath.splitext(path)[1]) or self._elsewhere(page):
            return None
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        if not wanted.startswith(f"{self.top}/") or self.exists(wanted) or self._found_above(page, path):
            return None
        folder, name = posixpath.split(wanted)
        names = sorted(self.names(folder))[:2000]
        near = difflib.get_close_matches(name, names, 1, 0.7) if self.whole else []
        near = [other for other in names if _misspelt(name, other)][:1] or near
        if not (self.whole or near):
            self.astray += 1
            return None
        return Lost(href, posixpath.relpath(posixpath.join(folder, near[0]), posixpath.dirname(page)) if near else "")

    def lost_anchor(self, page: str, href: str) -> Lost | None:
        """The anchor that no heading of a page gives, whoever shows it."""
        path, _, anchor = href.partition("#")
        anchor = unquote(anchor)
        letters = _letters(anchor)
        if len(letters) < WORD or OPEN.search(href) or OWN.match(anchor) or "." in anchor or self._elsewhere(page):
            return None
        at = posixpath.normpath(posixpath.join(posixpath.dirname(page), _path(path))) if path else page
        if path and (not _path(path) or not at.startswith(f"{self.top}/") or not self.exists(at)):
            return None
        known = self._anchors(at) if posixpath.splitext(at)[1].lower() in MARKDOWN else None
        if known is None or any(letters in other or other in letters for other in map(_letters, known) if other):
            return None
        near = difflib.get_close_matches(anchor, known[:2000], 1, 0.7)
        return Lost(posixpath.basename(at), near[0] if near else "")

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder, spelt as it is."""
        below = posixpath.relpath(path, self.top)
        folder = self.top
        for part in below.split("/") if below != "." else ():
            if part not in self.names(folder):
                return False
            folder = f"{folder}/{part}"
        return True

    def names(self, folder: str) -> frozenset[str]:
        """What a folder holds."""
        if folder not in self._listed:
            try:
                self._listed[folder] = frozenset(os.listdir(folder))  # noqa: PTH208, names alone
            except OSError:
                self._listed[folder] = frozenset()
        return self._listed[folder]

    def _found_above(self, page: str, path: str) -> bool:
        """A site may look a path up from any folder above the page."""
        bare = re.sub(r"^(?:\.\.?/)+", "", path)
        folder = posixpath.dirname(page)
        while len(folder) >= len(self.top):
            if self.exists(posixpath.normpath(posixpath.join(folder, bare))):
                return True
            folder = posixpath.dirname(folder)
        return False

    def _elsewhere(self, page: str) -> bool:
        return not ELSEWHERE.isdisjoint(page[len(self.top) + 1 :].lower().split("/")[:-1])

    def _anchors_of(self, path: str) -> tuple[str, ...] | None:
        """The anchors of a page's headings; None where it may have others."""
        here = self._here[1] if self._here and self._here[0] == path else None
        source = here.source if here else self._read(path)
        if source is None or MADE.search(source.text):
            return None
        return tuple(block.slug for block in (here or parse(source)).blocks if isinstance(block, Heading))


def _path(href: str) -> str:
    """The path of an address that leads to a file beside its page; "" for all others."""
    head = href.partition("#")[0].partition("?")[0]
    if not head or head.startswith("/") or ":" in head.partition("/")[0] or OPEN.search(head):
        return ""
    return unquote(head)


def _misspelt(name: str, other: str) -> bool:
    """Whether two names differ in case, in a mark between words, or in one letter of a long word."""
    if abs(len(name) - len(other)) > 1 or name == other:
        return False
    if name.lower().replace("_", "-") == other.lower().replace("_", "-"):
        return True
    same = len(os.path.commonprefix([name, other]))  # noqa: RUF071, names, no paths
    rest = len(os.path.commonprefix([name[same:][::-1], other[same:][::-1]]))  # noqa: RUF071
    changed = name[same : len(name) - rest] + other[same : len(other) - rest]
    # A letter more at a word's end makes another word: `module`, `modules`.
    inside = changed.isalpha() and name[len(name) - rest : len(name) - rest + 1].isalpha()
    return len(name) > LONG and inside and max(len(name), len(other)) - same - rest == 1


def _letters(anchor: str) -> str:
    return "".join(character for character in anchor.lower() if character.isalpha())
