"""Holds the words beside a linked number against its link's title: `stage 1 trains [107M](… "trainable, stage 2")`.

Only words that cannot be about anything else are read: in the number's own sentence, behind any other linked number,
and without a comparison between. A number that is true of what the words say as well is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chiasm.claiming.claim import Claims, Statement
from chiasm.claiming.passage import Passage
from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging import scope as scopes
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import agrees
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

_STAGE = regex(r"(?i)\b(?:stage|phase)[ -]?(\d)\b|\b(first|second|third) (?:training )?stage\b")
_ORDINALS = {"first": "1", "second": "2", "third": "3"}
_SIZE = regex(
    r"(?<![\w.,])(?:[A-Z][\w.-]*[ -](\d+(?:\.\d+)?)B\b(?! (?:parameters|params|tokens|of|in)\b)|"
    r"(\d+(?:\.\d+)?)B (?:(?:language |vision-language |chat )?model|LLM|LM|variant|version|system)\b)"
)
_FOR = regex(r" (?:\w+ )?(?:for|with|of) (?=[A-Z])")
_RELEASE = regex(r"(?<![\w.,-])(\d\.\d)(?![\w.%×-]|,\d)")
_RESTS = regex(r"(?i)\b(?:frozen|freezes|fixed)\b")
_MOVES = regex(r"(?i)\b(?:trainable|trained|trains?|learn\w*|tun\w+)\b")
_OTHER = regex(
    r"(?i)\b(?:than|unlike|while|whereas|but|not|instead|as (?:many|much)|times|versus|vs|against|or|from|"
    r"plus|minus|without|either|all)\b"
)
_CUT = regex(r"[;:]\s|\ufffc[.,;)]|\. ")


class Beside(NamedTuple):
    """Words that contradict a title: where they stand, what the title says instead, and how to say it."""

    start: int
    end: int
    title: str
    what: str


def mismatches(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """A finding for each linked number whose own sentence gives it another stage, size or part than its title."""
    stated = {id(one.link): one for one in page.statements}
    for passage in page.passages:
        before = 0
        for start, end, link in passage.prose.links if passage.linked else ():
            one = stated.get(id(link))
            if one is None:
                continue
            low, _ = passage.sentence(start)
            if found := _contradiction(graph, page, one, passage, (max(low, before), start, end, before > low)):
                yield _finding(passage, one, found)
            before = end


def _contradiction(
    graph: Graph, page: Claims, one: Statement, passage: Passage, places: tuple[int, int, int, bool]
) -> Beside | None:
    path, _ = target(page.document.path, one.link.href)
    spec = graph.spec_at(path) or graph.specs.get(one.system)
    if spec is None:
        return None
    low, start, end, before_it = places
    words = passage.words
    cuts = [cut.end() for cut in _CUT.finditer(words, low, start)]
    if before_it:
        # `256 in LLaVA 1.0, 576 in LLaVA 1.5`: words behind the number before are that number's.
        cuts += [cut.end() for cut in regex(r", ").finditer(words, low, start)]
    low = max([low, *cuts])
    stop = regex(r"[.,;:()\ufffc]|$").search(words, end)
    after = (end, min(stop.start() if stop else end, end + 40))
    if _OTHER.search(words, low, start):
        return None
    for found in (
        _of_stage(spec, one, words, (low, start), after),
        _of_size(spec, one, words, (places[0] if not before_it else low, start), after),
        _of_part(one, words, (max(low, start - 30), start), after),
    ):
        if found and not _holds(graph, spec, one, path, found):
            return found
    return None


def _of_stage(
    spec: ModelSpec, one: Statement, words: str, before: tuple[int, int], after: tuple[int, int]
) -> Beside | None:
    """A stage of another number than the only one that the title names."""
    named = {item for item in _items(one) if item.replace(" ", "-") in spec.stages}
    numbers = {item[-1] for item in named if item[-1:].isdigit() and "stage" in item}
    if len(named) != 1 or len(numbers) != 1:
        return None
    found = list(_STAGE.finditer(words, *before)) or list(_STAGE.finditer(words, *after))
    said = {match[1] or _ORDINALS[match[2].lower()] for match in found}
    if len(said) != 1 or said == numbers:
        return None
    old, new = next(iter(named)), next(iter(said))
    return Beside(*found[-1].span(), old, f"{old[:-1]}{new}")


def _of_size(
    spec: ModelSpec, one: Statement, words: str, before: tuple[int, int], after: tuple[int, int]
) -> Beside | None:
    """A size, or a release, of another variant than the title's."""
    keys = [key for key in (variant.key for variant in spec.variants) if key in _items(one)]
    if len(keys) != 1:
        return None
    key = keys[0]
    size = regex(r"(?<![\d.])(\d+(?:\.\d+)?)b$").search(key)
    said = list(_SIZE.finditer(words, *before))
    behind = _FOR.match(words, *after)
    said = said or (list(_SIZE.finditer(words, behind.end(), after[1])) if behind else [])
    sizes = {match[1] or match[2] for match in said}
    if size and len(sizes) == 1 and size[1] not in sizes:
        return Beside(*said[-1].span(), key, f"{key[: size.start(1)]}{sizes.pop()}b")
    head = regex(r"\d\.\d(?=-)").match(key)
    said = list(_RELEASE.finditer(words, *before))
    known = {other.key.partition("-")[0] for other in spec.variants}
    if head and said and {match[1] for match in said} == {said[0][1]} and said[0][1] in known - {head[0]}:
        return Beside(*said[-1].span(1), key, said[0][1] + key[head.end() :])
    return None


def _of_part(one: Statement, words: str, before: tuple[int, int], after: tuple[int, int]) -> Beside | None:
    """What is trained said to be frozen."""
    if not any(item.startswith("trainable") for item in _items(one)):
        return None
    found = next((match for place in (before, after) for match in _RESTS.finditer(words, *place)), None)
    moved = any(_MOVES.search(words, *place) for place in (before, after))
    return Beside(*found.span(), "trainable", "frozen") if found and not moved else None


def _items(one: Statement) -> list[str]:
    return [part.strip() for item in one.scope for part in item.replace("/", ",").replace(" - ", ",").split(",")]


def _holds(graph: Graph, spec: ModelSpec, one: Statement, path: str, found: Beside) -> bool:
    """Whether the number is true of what the words say, too."""
    fragment = one.link.href.partition("#")[2]
    items = tuple(item.replace(found.title, found.what) for item in one.scope)
    try:
        truths = scopes.read(spec, scopes.slot_at(graph, path, fragment), items).truths()
    except ScopeError:
        return False
    return any(agrees(one.quantity, truth.value) for truth in truths)


def _finding(passage: Passage, one: Statement, found: Beside) -> Diagnostic:
    said = passage.words[found.start : found.end]
    title = one.link.title_span
    return Diagnostic(
        "words-mismatch",
        f"the words say “{said}”, the link's title “{found.title}”",
        passage.prose.span(found.start, found.end),
        labels=(Label(title, f"this is what {one.quantity.text or one.words} is held against"),),
        help=f"write {found.title} in the sentence, or name what it says in the title",
    )
