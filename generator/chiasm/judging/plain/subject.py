"""Says whose number it is: a passage and a place in it in, the system and the variants that may be meant out.

A name in the number's clause or its sentence, the first cell of its row or the header of its column, the section, the
sentence before, the nearest heading: in this order. Where two may be meant, nobody is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chiasm.claiming.passage import Passage, Spot
from chiasm.document import Table
from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.plain import grid
from chiasm.judging.plain.hints import narrowed
from chiasm.judging.plain.names import UNLISTED, Mention, mentions
from chiasm.judging.plain.naming import all_names, clause_of, is_own, named, speakers_of, takes
from chiasm.page.inline import plain
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec, VariantSpec

OURS = regex(r"\b(?:we|our|ours|my|i)\b", re.IGNORECASE)
VARIED = "varied"
"""Where a row names a system and something that is done to it."""
MOST = 60
"""Rows that are compared."""
NOBODY = "no system that we know is named near it"
OTHER = "its sentence is about another system"
SEVERAL = "several systems are named near it"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose number it is; `reason` says why nobody is known.

    `variants` are those that the words leave possible, `named` says that words chose them, `sided` that the size of an
    image did, `unlisted` that they name one that no page describes. `also` are systems named beside it whose
    parts it takes: they may be meant as well. `origin` is where it was found, `at` its name's place in the passage.
    """

    spec: ModelSpec | None
    variants: tuple[VariantSpec, ...] = ()
    named: bool = False
    sided: bool = False
    unlisted: bool = False
    also: tuple[ModelSpec, ...] = ()
    origin: str = ""
    at: tuple[int, int] | None = None
    reason: str = ""


def subject(graph: Graph, passage: Passage, at: int, before: Sequence[Passage] = ()) -> Subject:
    """Whose number stands at a place of a passage; `before` are the passages above it, the nearest last."""
    own = graph.specs.get(passage.system) if passage.system else None
    if own is not None and not own.variants:
        own = None
    if passage.spot is not None and passage.spot.row >= 0:
        found = _in_table(graph, passage, passage.spot, own)
    else:
        found = _in_sentence(graph, passage, at, own)
    if found is None and own is not None and any(not one.system for one in all_names(graph, _heading(passage))):
        found = Subject(None, reason=OTHER)
    if found is None:
        found = _section(own) if own else _above(graph, passage, at, before)
    return narrowed(graph, found, passage, at) if found.spec else found


def _in_sentence(graph: Graph, passage: Passage, at: int, own: ModelSpec | None) -> Subject | None:
    """The system that the sentence names; None where it names none."""
    low, high = passage.sentence(at)
    here = [one for one in named(graph, passage) if low <= one.start < high]
    if own is not None:
        # In a section about one system only what we know of can be another.
        here = [one for one in here if one.system or (one.end - one.start > 2 and not is_own(own, passage, one))]
    if not here:
        return None
    speakers = speakers_of(passage.words, here, low)
    if not speakers:
        return None if own is not None else Subject(None, reason=SEVERAL)
    for pattern in ("", "strong", "weak"):
        low, high = clause_of(passage.words, low, high, at, pattern)
        inside = [one for one in speakers if low <= one.start < high]
        if not inside:
            return Subject(None, reason=SEVERAL)
        if made := _single(graph, inside, at):
            return made
    return Subject(None, reason=SEVERAL if any(one.system for one in speakers) else OTHER)


def candidates(graph: Graph, passage: Passage, at: int) -> tuple[Subject, ...]:
    """Every system that a number may be about where a sentence names several, () where it may be another's."""
    low, high = passage.sentence(at)
    own = graph.specs.get(passage.system) if passage.system else None
    here = [one for one in named(graph, passage) if low <= one.start < high]
    if own is not None:
        here = [one for one in here if one.system or not is_own(own, passage, one)]
    first, last = clause_of(passage.words, low, high, at, "strong")
    near = own is not None or any(first <= one.start < last for one in here)
    if not near or any(not one.system for one in here) or len(speakers_of(passage.words, here, low)) < len(here):
        return ()
    systems = dict.fromkeys((passage.system if own is not None else "", *(one.system for one in here)))
    keys = {key for one in here for key in one.variants}
    found = []
    for spec in (graph.specs.get(system) for system in systems):
        if spec is not None and spec.variants:
            chosen = tuple(one for one in spec.variants if one.key in keys) or spec.variants
            found.append(Subject(spec, chosen, len(chosen) < len(spec.variants), origin="sentence"))
    return tuple(found)


def _single(graph: Graph, inside: Sequence[Mention], at: int) -> Subject | None:
    """The subject where a clause names one system, or one and the systems whose parts it takes."""
    if any(not one.system for one in inside):
        return Subject(None, reason=OTHER) if not any(one.system for one in inside) else None
    systems = list(dict.fromkeys(one.system for one in inside))
    whole = [one for one in systems if not any(takes(graph, other, one) for other in systems if other != one)]
    if len(whole) != 1:
        return None
    spec = graph.specs.get(whole[0])
    if spec is None or not spec.variants:
        return Subject(None, reason=NOBODY)
    ours = [one for one in inside if one.system == whole[0]]
    nearest = min(ours, key=lambda one: (one.start > at, abs(one.start - at)))
    # A name that comes after the number says nothing of it where another came before.
    keys = [key for one in [one for one in ours if one.start <= at] or ours for key in one.variants]
    several = len({one.variants for one in ours if one.variants}) > 1
    keys = list(nearest.variants) if several else keys
    variants = tuple(one for one in spec.variants if one.key in keys) or spec.variants
    also = tuple(graph.specs[one] for one in systems if one != whole[0] and one in graph.specs)
    unlisted = UNLISTED in keys
    return Subject(
        spec, variants, bool(keys) and not unlisted, False, unlisted, also, "sentence", (nearest.start, nearest.end)
    )


def _heading(passage: Passage) -> str:
    return passage.trail[-1].text if passage.trail else ""


def _section(own: ModelSpec) -> Subject:
    return Subject(own, own.variants, origin="section")


def _above(graph: Graph, passage: Passage, at: int, before: Sequence[Passage]) -> Subject:
    """The system that the sentences before or the nearest heading name."""
    low, high = passage.sentence(at)
    if OURS.search(passage.words, low, high):
        return Subject(None, reason=NOBODY)
    said = _spoken(graph, passage, low, before)
    headed = _headed(graph, passage)
    if said is not None and headed is not None and said.spec is not headed.spec:
        if not (said.spec and headed.spec and takes(graph, headed.spec.system, said.spec.system)):
            return Subject(None, reason=SEVERAL)
        # CLIP is a part of what stands under `LLaVA`.
        said = replace(headed, also=(said.spec,))
    if said is not None and headed is None and passage.kind in ("item", "heading"):
        return Subject(None, reason=NOBODY)
    found = said or headed
    if found is None:
        return Subject(None, reason=NOBODY)
    return replace(found, origin="above", at=None)


def _spoken(graph: Graph, passage: Passage, low: int, before: Sequence[Passage]) -> Subject | None:
    """What the sentences before in the same section are about, the nearest one that names a system deciding."""
    earlier = [one for one in named(graph, passage) if one.end <= low]
    for other in reversed(before[-6:]):
        if earlier or other.trail != passage.trail:
            break
        earlier = [] if other.kind in ("heading", "cell", "header") else list(named(graph, other))
        if earlier and other.trail == passage.trail:
            passage = other
    if not earlier:
        return None
    begin = passage.sentence(earlier[-1].start)[0]
    last = [one for one in earlier if one.start >= begin]
    speakers = speakers_of(passage.words, last, begin)
    return (_single(graph, speakers, last[-1].start) if speakers else None) or Subject(None, reason=SEVERAL)


def _headed(graph: Graph, passage: Passage) -> Subject | None:
    """What the nearest heading that names a system names."""
    for heading in reversed(passage.trail if passage.kind != "heading" else passage.trail[:-1]):
        if found := all_names(graph, heading.text):
            return _single(graph, found, len(heading.text)) or Subject(None, reason=SEVERAL)
    return None


def _in_table(graph: Graph, passage: Passage, spot: Spot, own: ModelSpec | None) -> Subject | None:
    """The system that the row or the column names; None where the table names none."""
    row = spot.table.rows[spot.row]
    first, head = plain(row[0].inlines) if row else "", plain(spot.head.inlines) if spot.head else ""
    for text, origin in ((first, "table"), (head, "header")):
        if text and (found := all_names(graph, text)):
            made = _single(graph, found, len(text)) or Subject(None, reason=SEVERAL)
            varied = grid.is_variation(text, [(one.start, one.end) for one in found])
            # In a table the same name again is something else, too: `LLaVA-1.5, low-res` below `LLaVA-1.5`.
            return replace(made, origin=VARIED if varied or _is_again(graph, spot, made) else origin, at=None)
    if own is not None:
        return None
    if any(True for cell in _labels(spot) if all_names(graph, cell)):
        return Subject(None, reason="its row names no system that we know")
    made = _headed(graph, passage) or Subject(None, reason=NOBODY)
    return replace(made, origin="row", at=None)


def _is_again(graph: Graph, spot: Spot, made: Subject) -> bool:
    """Whether another row is about the same variants of the same system, and holds another value in the column."""
    own = spot.table.rows[spot.row]
    value = own[spot.column].text.strip() if spot.column < len(own) else ""
    for number, (row, found) in enumerate(zip(spot.table.rows, _rows_named(graph, spot.table), strict=False)):
        if number == spot.row or spot.column >= len(row) or row[spot.column].text.strip() in (value, ""):
            continue
        same = [one for one in found if made.spec and one.system == made.spec.system]
        keys = {key for one in same for key in one.variants}
        if same and (not keys or not made.named or keys == {one.key for one in made.variants}):
            return True
    return False


def _rows_named(graph: Graph, table: Table) -> Sequence[tuple[Mention, ...]]:
    """The systems that the first cells of a table's rows name, of as many as are compared."""
    known = _tables(table)
    if not known or known[0][0] is not graph:
        known[:] = [(graph, [mentions(graph, plain(row[0].inlines)) if row else () for row in table.rows[:MOST]])]
    return known[0][1]


@of_one
def _tables(_: Table) -> list[tuple[Graph, list[tuple[Mention, ...]]]]:
    return []


def _labels(spot: Spot) -> Iterator[str]:
    """What the rows and the columns of a table are called."""
    yield from (plain(cell.inlines) for cell in spot.table.header)
    yield from (plain(row[0].inlines) for row in spot.table.rows[:200] if row)
