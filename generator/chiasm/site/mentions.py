"""Finds who cites and links what: each page's face in, places by page and by source out."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from chiasm.face import Face
from chiasm.site.book import page_of, resolve

CITES, LINKS = 0, 1
FEW = 4
"""Names for which a page's text is searched before it is decoded."""


class Mention(NamedTuple):
    """A place of a page: the page, the nearest heading above, and what is said of the thing mentioned."""

    page: str
    slug: str
    heading: str
    locator: str = ""


def mentions(seen: Face) -> str:
    """What a page cites and links, and under which headings, each once: as JSON, which is kept."""
    above = headings(seen)
    cites = {(cite.key, *above(cite.line), cite.locator): None for cite in seen.cites}
    links = {(page_of(resolve(seen.path, link.href)[0]), *above(link.line)): None for link in seen.links}
    return json.dumps([[*cites], [*links]], ensure_ascii=False, separators=(",", ":"))


def names(said: str) -> tuple[set[str], set[str]]:
    """The sources and the pages that a page mentions."""
    cites, links = json.loads(said) if said else ((), ())
    return {cite[0] for cite in cites}, {link[0] for link in links}


def found(said: Mapping[str, str], kind: int, wanted: Collection[str]) -> Mapping[str, tuple[Mention, ...]]:
    """Where other pages mention sources, or pages: `said` is what each page mentions."""
    places: dict[str, set[Mention]] = defaultdict(set)
    marks = [json.dumps(name, ensure_ascii=False) for name in wanted] if len(wanted) <= FEW else ['"']
    for page, text in said.items():
        if any(mark in text for mark in marks):
            for name, *place in json.loads(text)[kind]:
                if name in wanted and (kind == CITES or name != page):
                    places[name].add(Mention(page, *place))
    return {name: tuple(sorted(mentions)) for name, mentions in places.items()}


def headings(seen: Face) -> Callable[[int], tuple[str, str]]:
    """What finds the anchor and the text of the nearest heading above a line; ("", "") under the title."""
    lines = [place.line for place in seen.headings]

    def above(line: int) -> tuple[str, str]:
        at = bisect_right(lines, line) - 1
        place = seen.headings[at] if at >= 0 else None
        return (place.slug, place.text) if place and place.level > 1 else ("", "")

    return above
