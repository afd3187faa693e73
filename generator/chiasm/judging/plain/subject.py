"""Says whose number it is: a passage and a place in it in, the system and the variants that may be meant out.

A name in the number's clause or its sentence, the first cell of its row or the header of its column, the section, the
sentence before, the nearest heading: in this order. Where two may be meant, nobody is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from chiasm.claiming.passage import Passage, Spot
from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.plain.hints import narrowed
from chiasm.judging.plain.names import UNLISTED, Mention, mentions
from chiasm.judging.plain.words import COMPONENTS
from chiasm.page.inline import plain
from chiasm.spec.model import ModelSpec, VariantSpec

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


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "strong": re.compile(r";|[,(]? ?\b(?:while|whereas|but)\b|\s[–—]\s|—"),
        "weak": re.compile(r",\s|[()]|:\s|\band (?=the |its |an? )"),
        "compared": re.compile(
            r"(?:\b(?:than|unlike|like|versus|vs\.?|(?:compared|contrast|contrary|similar|relative) (?:to|with)|"
            r"as (?:many|much|large|big|small|long|few) as|as in|just as|over|beats?|outperform\w*|follow\w*|"
            r"inspired by|"
            r"same as|instead of|rather than|not|from)(?: (?:the|that of|those of|original|in|does|\w+'s))?[ ]$)",
            re.IGNORECASE,
        ),
        "other": re.compile(
            r"(?<![\w@/.-])(?:[A-Z]+[a-z]+[A-Z]\w*|[A-Z][A-Za-z]*-?\d[\w.]*|[A-Z]{2,}[a-z]\w*)(?:-\w+)*"
        ),
        "ours": re.compile(r"\b(?:we|our|ours|my|i)\b", re.IGNORECASE),
    }


def subject(graph: Graph, passage: Passage, at: int, before: Sequence[Passage] = ()) -> Subject:
    """Whose number stands at a place of a passage; `before` are the passages above it, the nearest last."""
    own = graph.specs.get(passage.system) if passage.system else None
    if own is not None and not own.variants:
        own = None
    if passage.spot is not None and passage.spot.row >= 0:
        found = _in_table(graph, passage, passage.spot, own)
    else:
        found = _in_sentence(graph, passage, at, own)
    if found is None and own is not None and any(not one.system for one in _all_names(graph, _heading(passage))):
        found = Subject(None, reason=OTHER)
    if found is None:
        found = _section(own) if own else _above(graph, passage, at, before)
    return narrowed(graph, found, passage, at) if found.spec else found


def named(graph: Graph, passage: Passage) -> tuple[Mention, ...]:
    """The systems that a passage names, ours and others, in order."""
    known = _remembered(passage)
    # A page outlives the base that it was last judged in.
    if not known or known[0][0] is not graph:
        known[:] = [(graph, _all_names(graph, passage.words))]
    return known[0][1]


@of_one
def _remembered(_: Passage) -> list[tuple[Graph, tuple[Mention, ...]]]:
    return []


def _all_names(graph: Graph, text: str) -> tuple[Mention, ...]:
    """Our systems and what looks like the name of another."""
    ours = mentions(graph, text)
    taken = [(one.start, one.end) for one in ours]
    found = list(ours)
    for match in _patterns()["other"].finditer(text):
        inside = any(start <= match.start() < end or match.start() < start < match.end() for start, end in taken)
        if not inside and not _is_part(match[0]):
            found.append(Mention(match.start(), match.end(), ""))
    return tuple(sorted(found))


def _is_part(name: str) -> bool:
    """Whether a name is that of a component, a data set, a device: of no other system."""
    lowered = name.lower().rstrip(".")
    head = re.split(r"[-\d/.]", lowered, maxsplit=1)[0]
    return lowered in COMPONENTS or head in COMPONENTS or not head


def _in_sentence(graph: Graph, passage: Passage, at: int, own: ModelSpec | None) -> Subject | None:
    """The system that the sentence names; None where it names none."""
    low, high = passage.sentence(at)
    here = [one for one in named(graph, passage) if low <= one.start < high]
    if own is not None:
        # In a section about one system only what we know of can be another.
        here = [one for one in here if one.system or one.end - one.start > 2]
    if not here:
        return None
    speakers = [one for one in here if not _compared(passage.words, one, low)]
    if not speakers:
        return None if own is not None else Subject(None, reason=SEVERAL)
    for pattern in ("", "strong", "weak"):
        low, high = _clause(passage.words, low, high, at, pattern)
        inside = [one for one in speakers if low <= one.start < high]
        if not inside:
            return Subject(None, reason=SEVERAL)
        if made := _single(graph, inside, at):
            return made
    return Subject(None, reason=SEVERAL if any(one.system for one in speakers) else OTHER)


def _single(graph: Graph, inside: Sequence[Mention], at: int) -> Subject | None:
    """The subject where a clause names one system, or one and the systems whose parts it takes."""
    if any(not one.system for one in inside):
        return Subject(None, reason=OTHER) if not any(one.system for one in inside) else None
    systems = list(dict.fromkeys(one.system for one in inside))
    whole = [one for one in systems if not any(_takes(graph, other, one) for other in systems if other != one)]
    if len(whole) != 1:
        return None
    spec = graph.specs.get(whole[0])
    if spec is None or not spec.variants:
        return Subject(None, reason=NOBODY)
    ours = [one for one in inside if one.system == whole[0]]
    nearest = min(ours, key=lambda one: (one.start > at, abs(one.start - at)))
    keys = [key for one in ours for key in one.variants]
    several = len({one.variants for one in ours if one.variants}) > 1
    keys = list(nearest.variants) if several else keys
    variants = tuple(one for one in spec.variants if one.key in keys) or spec.variants
    also = tuple(graph.specs[one] for one in systems if one != whole[0] and one in graph.specs)
    unlisted = UNLISTED in keys
    return Subject(
        spec, variants, bool(keys) and not unlisted, False, unlisted, also, "sentence", (nearest.start, nearest.end)
    )


def _takes(graph: Graph, system: str, other: str) -> bool:
    """Whether a system answers by a language model and sees by the towers of another."""
    spec, part = graph.specs.get(system), graph.specs.get(other)
    return spec is not None and part is not None and _speaks(spec) and not _speaks(part) and other in _sources(spec)


@of_one
def _speaks(spec: ModelSpec) -> bool:
    return any("language_model" in variant.slots for variant in spec.variants)


@of_one
def _sources(spec: ModelSpec) -> frozenset[str]:
    facts = (entry.fact for variant in spec.variants for entry in variant.entries.values())
    return frozenset(fact.system for fact in facts if fact) - {spec.system}


def _clause(text: str, low: int, high: int, at: int, pattern: str) -> tuple[int, int]:
    """The part between separators that a character stands in."""
    if not pattern:
        return low, high
    for match in _patterns()[pattern].finditer(text, low, high):
        if match.start() <= at:
            low = max(low, match.start())
        else:
            high = match.start()
            break
    return low, high


def _compared(text: str, one: Mention, low: int) -> bool:
    """Whether a name is only what something else is compared with."""
    return _patterns()["compared"].search(text, max(low, one.start - 40), one.start) is not None


def _heading(passage: Passage) -> str:
    return passage.trail[-1].text if passage.trail else ""


def _section(own: ModelSpec) -> Subject:
    return Subject(own, own.variants, origin="section")


def _above(graph: Graph, passage: Passage, at: int, before: Sequence[Passage]) -> Subject:
    """The system that the sentences before or the nearest heading name."""
    low, high = passage.sentence(at)
    if _patterns()["ours"].search(passage.words, low, high):
        return Subject(None, reason=NOBODY)
    said = _spoken(graph, passage, low, before)
    headed = _headed(graph, passage)
    if said is not None and headed is not None and said.spec is not headed.spec:
        return Subject(None, reason=SEVERAL)
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
    speakers = [one for one in last if not _compared(passage.words, one, begin)]
    return (_single(graph, speakers, last[-1].start) if speakers else None) or Subject(None, reason=SEVERAL)


def _headed(graph: Graph, passage: Passage) -> Subject | None:
    """What the nearest heading that names a system names."""
    for heading in reversed(passage.trail if passage.kind != "heading" else passage.trail[:-1]):
        if found := _all_names(graph, heading.text):
            return _single(graph, found, 0) or Subject(None, reason=SEVERAL)
    return None


def _in_table(graph: Graph, passage: Passage, spot: Spot, own: ModelSpec | None) -> Subject | None:
    """The system that the row or the column names; None where the table names none."""
    row = spot.table.rows[spot.row]
    first, head = plain(row[0].inlines) if row else "", plain(spot.head.inlines) if spot.head else ""
    for text, origin in ((first, "table"), (head, "header")):
        if text and (found := _all_names(graph, text)):
            made = _single(graph, found, 0) or Subject(None, reason=SEVERAL)
            return replace(made, origin=origin, at=None)
    if own is not None:
        return None
    if any(True for cell in _labels(spot) if _all_names(graph, cell)):
        return Subject(None, reason="its row names no system that we know")
    made = _headed(graph, passage) or Subject(None, reason=NOBODY)
    return replace(made, origin="row", at=None)


def _labels(spot: Spot) -> Iterator[str]:
    """What the rows and the columns of a table are called."""
    yield from (plain(cell.inlines) for cell in spot.table.header)
    yield from (plain(row[0].inlines) for row in spot.table.rows[:200] if row)
