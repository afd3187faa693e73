"""Makes drafts of the site's pages where pages are judged: a graph in, what makes a page of a path out.

A page follows from its own text and verdicts, from the addresses of pages and from the bibliography, which are known by
then. What else it may follow from, generated code, is known later: such a page is not drafted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chiasm.drafts import Maker
from chiasm.face import Face
from chiasm.graph import Graph
from chiasm.site.book import GRAMMAR, Book, page_of, resolve
from chiasm.site.mentions import mentions
from chiasm.site.pages import body


@dataclass(frozen=True)
class Sketch(Book):
    """A book whose pages are not all read yet."""

    paths: Sequence[str] = ()

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Page → its path, for all that will be there."""
        return {page_of(path): path for path in self.paths if path != GRAMMAR}


def drafting(graph: Graph, paths: Sequence[str], theme: Path) -> Maker:
    """What makes a page's mentions, and the page with what others say of it, as JSON."""
    book = Sketch(graph, {}, {}, paths=paths)

    def made(path: str) -> tuple[str, bytes] | None:
        seen = graph.faces[path]
        if path == GRAMMAR or _waits(seen):
            return None
        drawn = json.dumps(body(graph.claims[path], book, theme), ensure_ascii=False).encode()
        book.judged.forget(path)
        return mentions(seen), drawn

    return made


def _waits(seen: Face) -> bool:
    """Whether a page says where generated code is."""
    linked = (resolve(seen.path, link.href)[0] for link in seen.links)
    return bool(seen.states) or page_of(seen.path).startswith("models/") or any("generated" in path for path in linked)
