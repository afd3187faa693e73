"""Judges what sentences say beyond single numbers: a page in, verdicts on relations and on what a system is out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise

from chiasm.claiming.claim import Claims
from chiasm.claiming.passage import Passage
from chiasm.claiming.recall import ABOVE
from chiasm.diagnostic import Label
from chiasm.graph import Graph
from chiasm.judging.plain.categories import Whose, categories, speaks_of_parts
from chiasm.judging.plain.cells import cells, role
from chiasm.judging.plain.denial import headed
from chiasm.judging.plain.names import Mention, mentions, speaks
from chiasm.judging.plain.naming import named, speakers_of
from chiasm.judging.plain.relations import relates, relations
from chiasm.judging.plain.remark import About, Remark, corrected, quoted
from chiasm.judging.plain.scene import Told
from chiasm.judging.plain.setting import PART, scene
from chiasm.judging.plain.shares import shares
from chiasm.judging.plain.subject import VARIED, Subject, subject
from chiasm.judging.plain.voices import comes_later, readings, speaks_of_it, speaks_of_many, speaks_still
from chiasm.judging.plain.wordings import speaks_of_works, wordings
from chiasm.judging.verdict import Verdict
from chiasm.numbers.quantity import quantities
from chiasm.page.inline import plain
from chiasm.regex import regex

UNLIKE = regex(r"(?i)(?:, )?\bunlike [^,.;]{1,60},?")
"""What a sentence says of another by the way."""
_LETTER = regex(r"[^\W\d_]")
LONGEST = 1200
"""Characters of a sentence; what is longer is none."""
BRIEF = 240
"""Characters of a paragraph whose sentences may be read as one."""


def said(graph: Graph, page: Claims) -> tuple[Verdict, ...]:
    """Verdicts on what the sentences of a page relate and on what they say that systems are, in order."""
    return _said(graph, page.document.path)


@lru_cache(maxsize=2)
def _said(graph: Graph, path: str) -> tuple[Verdict, ...]:
    page = graph.claims[path]
    found: list[Verdict] = []
    # Where no name of a system occurs, only what is wrong of itself can be found.
    known = bool(page.system) or speaks(graph, page)
    kept = graph.recall.page("said", page, known) if graph.recall else None
    for index, passage in enumerate(page.passages):
        if passage.kind in ("paragraph", "item", "cell"):
            make = partial(_all, graph, passage, page.passages[max(0, index - ABOVE) : index], known)
            found += kept.of(passage, None, make, lasts) if kept else make()
    return tuple(found)


def _all(graph: Graph, passage: Passage, before: tuple[Passage, ...], known: bool) -> tuple[Verdict, ...]:
    found = tuple(_passage(graph, passage, before, known))
    return (*found, *_row_share(graph, passage, before)) if known and passage.spot is not None else found


def lasts(found: Iterable[Verdict]) -> bool:
    """Whether verdicts point at nothing that may move while their passage stays where it is."""
    return not any(one.labels for one in found)


def _passage(graph: Graph, passage: Passage, before: tuple[Passage, ...], known: bool) -> Iterator[Verdict]:
    words, at, shared = passage.words, 0, False
    # A cell may be anything under its header, but for a number.
    of_parts = known and (
        _LETTER.search(words) is not None
        if passage.kind == "cell"
        else bool(passage.system) or speaks_of_parts(words) or speaks_of_works(words)
    )
    if not (of_parts or (passage.places if known else relates(words, passage.places))):
        return
    tells = len(words) <= 4 * LONGEST and corrected(words)
    while at < len(words):
        low, high = passage.sentence(at)
        if high - low <= LONGEST:
            told = _About(graph, passage, before, low)
            for remark in _sentence(told, low, min(high, len(words)), of_parts=of_parts):
                shared = shared or "trains" in remark.reason
                if remark.outcome != "refuted" or not (tells or quoted(words[low:high], remark.start)):
                    yield _verdict(passage, remark, low)
        at = max(high, at + 1)
    if (
        known
        and not shared
        and not tells
        and len(words) <= BRIEF
        and passage.sentence(0)[1] < len(words)
        and "rain" in words
    ):
        told = _About(graph, passage, before, 0)
        for remark in shares(words, passage.places, told.about, tuple):
            yield _verdict(passage, remark, 0)


def _row_share(graph: Graph, passage: Passage, before: tuple[Passage, ...]) -> Iterator[Verdict]:
    """A row with a column of what is trained and one of the total: read as the sentence that it stands for."""
    spot = passage.spot
    if spot is None or spot.row < 0 or not passage.places or "train" not in role(passage).lower():
        return
    heads = [plain(cell.inlines).lower() for cell in spot.table.header]
    whole = [index for index, head in enumerate(heads) if "total" in head and index != spot.column]
    row = spot.table.rows[spot.row]
    if len(whole) != 1 or whole[0] >= len(row):
        return
    text = f"{passage.words.strip()} trained of {plain(row[whole[0]].inlines)} total"
    about = _About(graph, passage, before, 0).about
    for remark in shares(text, quantities(text), about, tuple):
        if remark.outcome != "refuted" or not remark.start:
            first = passage.places[0]
            yield _verdict(passage, remark._replace(start=first.start, end=first.end, parts=()), 0)


class _About:
    """Whom a sentence is about, found when it is asked for."""

    def __init__(self, graph: Graph, passage: Passage, before: tuple[Passage, ...], at: int) -> None:
        self.graph, self.passage, self._before, self._at = graph, passage, before, at
        self._found: Subject | None = None

    def subject(self) -> Subject:
        """The subject of the sentence's beginning."""
        if self._found is None:
            self._found = subject(self.graph, self.passage, self._at, self._before)
        return self._found

    def about(self) -> Told | None:
        """The system, where one is certain."""
        found = self.subject()
        if found.spec is None or found.origin == VARIED:
            return None
        at = (found.at[0] - self._at, found.at[1] - self._at) if found.at else None
        return Told(found.spec, found.variants, at)


def _sentence(told: _About, low: int, high: int, *, of_parts: bool) -> Iterator[Remark]:
    graph, passage = told.graph, told.passage
    text = passage.words[low:high]
    placed = [
        one._replace(start=one.start - low, end=one.end - low) for one in passage.places if low <= one.start < high
    ]
    yield from relations(text, placed, told.about, lambda: _others(graph, passage, told, low, high))
    if of_parts:
        plain_text = UNLIKE.sub(lambda found: " " * len(found[0]), text)
        names = [(one.start - low, one.end - low) for one in named(graph, passage) if low <= one.start < high]
        for one in readings(plain_text, names):
            whose = _whose(told, low, one)
            remarks = [*categories(one, role(passage), whose), *cells(passage, told.about)]
            if passage.spot is None and not any(remark.outcome == "refuted" for remark in remarks):
                remarks += wordings(scene(graph, passage, low, one, whose))
            yield from remarks
            if remarks:
                # One mistake, however many systems it is said of.
                return


def _others(graph: Graph, passage: Passage, told: _About, low: int, high: int) -> list[Told | None]:
    """Further systems that a sentence names; None for one that nobody knows."""
    mine = told.subject().spec
    found: list[Told | None] = []
    for one in named(graph, passage):
        spec = graph.specs.get(one.system)
        if not low <= one.start < high or (mine and spec is mine):
            continue
        if spec is None:
            found.append(None)
            continue
        chosen = tuple(variant for variant in spec.variants if not one.variants or variant.key in one.variants)
        found.append(Told(spec, chosen, (one.start - low, one.end - low)))
    return found


def _whose(told: _About, low: int, text: str) -> Whose:
    """Whom a place of the sentence is about, the names of parts left aside: CLIP is no system in `LLaVA uses CLIP`."""
    graph, passage = told.graph, told.passage

    def told_of(one: Mention) -> bool:
        start = one.start - low
        if not 0 <= start < len(text) or text[start].isspace():
            return False
        return bool(one.system) or not PART.search(passage.words[one.start : one.end])

    def at(place: int, taken: Sequence[tuple[int, int]]) -> About | None:
        if passage.spot is not None:
            return told.about()
        if speaks_of_many(text):
            return None
        inside = [one for one in named(graph, passage) if told_of(one)]
        # `similar to CLIP` says nothing of CLIP.
        spoken = speakers_of(passage.words, inside, low)
        others = [one for one in spoken if not any(start <= one.start - low < end for start, end in taken)]
        if len({one.system for one in others}) > 1:
            start, end = _clause(text, place)
            others = [one for one in others if start <= one.start - low < end] or others
        if not others:
            found = _headed(graph, passage) if inside else told.about()
            return found if found and (found.at or (speaks_of_it(text) and not headed(passage))) else None
        start, end = _clause(text, place)
        if not any(start <= one.start - low < end for one in others) and not speaks_still(text[start:end]):
            return None
        if min(one.start for one in others) - low > place and not comes_later(text):
            return None
        systems = {one.system for one in others}
        spec = graph.specs.get(others[0].system) if len(systems) == 1 else None
        if spec is None or not spec.variants:
            return None
        keys = {key for one in others for key in one.variants}
        chosen = tuple(one for one in spec.variants if one.key in keys) or spec.variants
        return Told(spec, chosen, (others[0].start - low, others[0].end - low))

    return at


def _clause(text: str, place: int) -> tuple[int, int]:
    """The part between strong separators that a character stands in."""
    cuts = [0, *(found.start() for found in re.finditer(r";|\b(?:while|whereas|but)\b", text)), len(text)]
    return next((start, end) for start, end in pairwise(cuts) if start <= place < end or end == len(text))


def _headed(graph: Graph, passage: Passage) -> About | None:
    """The system of the section, or that the nearest heading names."""
    if (spec := graph.specs.get(passage.system)) and spec.variants:
        return Told(spec, spec.variants, None)
    for heading in reversed(passage.trail):
        found = mentions(graph, heading.text)
        if found:
            spec = graph.specs.get(found[0].system) if len({one.system for one in found}) == 1 else None
            keys = {key for one in found for key in one.variants}
            chosen = tuple(one for one in spec.variants if not keys or one.key in keys) if spec else ()
            return Told(spec, chosen, None) if spec and chosen else None
    return None


def _verdict(passage: Passage, remark: Remark, low: int) -> Verdict:
    prose = passage.prose
    start, end = low + remark.start, low + remark.end
    parts = tuple(Label(prose.span(low + first, low + last), words) for first, last, words in remark.parts)
    return Verdict(
        remark.outcome,
        "claim" if remark.rule == "category-refuted" else "number",
        passage.words[start:end],
        prose.span(start, end),
        remark.reason,
        remark.claims,
        remark.expected,
        remark.rule if remark.outcome == "refuted" else "",
        (*parts, *remark.labels),
        remark.help,
    )
