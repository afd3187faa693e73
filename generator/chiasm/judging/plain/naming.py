"""Finds the names in a passage that something is said of: a graph and a passage in, mentions and their clauses out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from chiasm.claiming.passage import Passage
from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.plain.names import Mention, mentions
from chiasm.judging.plain.words import COMPONENTS
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

_SYSTEM = regex(r"[-\d]VL\b|Omni\b")
"""The end of a system's name, whatever its language model is called: Qwen2-VL."""


def named(graph: Graph, passage: Passage) -> tuple[Mention, ...]:
    """The systems that a passage names, ours and others, in order."""
    known = _remembered(passage)
    # A page outlives the base that it was last judged in.
    if not known or known[0][0] is not graph:
        known[:] = [(graph, all_names(graph, passage.words))]
    return known[0][1]


def all_names(graph: Graph, text: str) -> tuple[Mention, ...]:
    """Our systems and what looks like the name of another."""
    ours = mentions(graph, text)
    taken = [(one.start, one.end) for one in ours]
    found = list(ours)
    for match in _patterns()["other"].finditer(text):
        inside = any(start <= match.start() < end or match.start() < start < match.end() for start, end in taken)
        if not inside and not _is_part(match[0]):
            found.append(Mention(match.start(), match.end(), ""))
    return tuple(sorted(found))


def is_own(own: ModelSpec, passage: Passage, one: Mention) -> bool:
    """Whether a name is that of a part by which the system's own variants are called: SigLIP 2 under Ovis 2.5."""
    said = _bare(passage.words[one.start : one.end])
    # Words of several cells make no name: `Qwen2-VL` is none of `Qwen3-VL` and `SigLIP 2`.
    return bool(said) and any(said in cell for cell in _parts(own))


def speakers_of(text: str, here: Sequence[Mention], low: int) -> list[Mention]:
    """The names of a sentence that something is said of: neither `unlike Flamingo` nor what is listed behind it."""
    found: list[Mention] = []
    end, compared = low, False
    for one in here:
        listed = re.fullmatch(r",? ?(?:and |or |/ ?)?(?:the )?", text[end : one.start]) if compared else None
        compared = listed is not None or _compared(text, one, low)
        end = one.end
        if not compared:
            found.append(one)
    return found


def clause_of(text: str, low: int, high: int, at: int, pattern: str) -> tuple[int, int]:
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


def takes(graph: Graph, system: str, other: str) -> bool:
    """Whether a system answers by a language model and sees by the towers of another."""
    spec, part = graph.specs.get(system), graph.specs.get(other)
    return spec is not None and part is not None and _speaks(spec) and not _speaks(part) and other in _sources(spec)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "strong": regex(r";|[,(]? ?\b(?:while|whereas|but)\b|\s[–—]\s|—"),
        "weak": regex(r",\s|[()]|:\s|\band (?=the |its |an? )"),
        "compared": regex(
            r"(?:\b(?:than|unlike|like|versus|vs\.?|(?:compared|contrast|contrary|similar|relative) (?:to|with)|"
            r"as (?:many|much|large|big|small|long|few) as|as in|just as|over|beats?|outperform\w*|follow\w*|"
            r"inspired by|"
            r"same as|instead of|rather than|not|from)(?: (?:the|that of|those of|original|in|does|\w+'s))?[ ]$)",
            re.IGNORECASE,
        ),
        "other": regex(r"(?<![\w@/.-])(?:[A-Z]+[a-z]+[A-Z]\w*|[A-Z][A-Za-z]*-?\d[\w.]*|[A-Z]{2,}[a-z]\w*)(?:-\w+)*"),
    }


@of_one
def _remembered(_: Passage) -> list[tuple[Graph, tuple[Mention, ...]]]:
    return []


def _is_part(name: str) -> bool:
    """Whether a name is that of a component, a data set, a device: of no other system."""
    if _SYSTEM.search(name):
        return False
    lowered = name.lower().rstrip(".")
    head = re.split(r"[-\d/.]", lowered, maxsplit=1)[0]
    # MLPs are what an MLP is.
    return not head or any(one in COMPONENTS for one in (lowered, head, lowered.removesuffix("s")))


@of_one
def _parts(spec: ModelSpec) -> tuple[str, ...]:
    """What its variants are made of, as their cells say it."""
    return tuple({_bare(cell.text) for variant in spec.variants for cell in variant.cells.values()})


def _bare(text: str) -> str:
    return re.sub(r"[\s_-]", "", text.lower())


def _compared(text: str, one: Mention, low: int) -> bool:
    """Whether a name is only what something else is compared with."""
    return _patterns()["compared"].search(text, max(low, one.start - 40), one.start) is not None


@of_one
def _speaks(spec: ModelSpec) -> bool:
    return any("language_model" in variant.slots for variant in spec.variants)


@of_one
def _sources(spec: ModelSpec) -> frozenset[str]:
    facts = (entry.fact for variant in spec.variants for entry in variant.entries.values())
    return frozenset(fact.system for fact in facts if fact) - {spec.system}
