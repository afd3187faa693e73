"""Judges a number in plain prose: a graph, a page and a number in, proved, reported, refuted or why it was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from chiasm.claiming.claim import Claims, Number
from chiasm.claiming.passage import Passage
from chiasm.claiming.recall import ABOVE
from chiasm.graph import Graph
from chiasm.judging.plain import denial, grid
from chiasm.judging.plain.certain import Case, holds, unsure
from chiasm.judging.plain.cuts import cut, fewer
from chiasm.judging.plain.names import speaks
from chiasm.judging.plain.nominal import nominal
from chiasm.judging.plain.nouns import Meaning, meaning
from chiasm.judging.plain.subject import NOBODY, OTHER, SEVERAL, VARIED, Subject, candidates, subject
from chiasm.judging.plain.telling import position, proved, refuted
from chiasm.judging.plain.truths import beside, meant, queries, wider
from chiasm.judging.verdict import Verdict
from chiasm.numbers.quantity import Placed
from chiasm.spec.model import ModelSpec

LARGE = 10**6
"""Beyond this a number counts parameters where it counts anything."""
NO_NOUN = "its words name no one fact"
UNSTATED = "the base states no {} of it"
UNITS = frozenset(
    {
        "",
        "tokens",
        "patches",
        "queries",
        "latents",
        "layers",
        "blocks",
        "heads",
        "px",
        "parameters",
        "context",
        "positions",
    }
    | {
        "embeddings",
        "vectors",
        "dimensions",
        "words",
        "entries",
        "rows",
        "images",
        "×",
        "tiles",
        "slices",
        "channels",
        "features",
    }
)
"""Units of which a fact may be spoken."""


def judged(graph: Graph, page: Claims, number: Number) -> Verdict | str:
    """The verdict on a number that no link ties to a fact, as far as its words decide it; else why they do not."""
    if number.system not in graph.specs and not speaks(graph, page):
        return NOBODY
    passage, start = number.passage, number.start
    placed = located(number)
    if placed is not None and number.quantity.unit == "models" and number.quantity.value >= LARGE:
        return nominal(number, subject(graph, passage, start, _before(page, passage)), counted=False) or NO_NOUN
    if placed is None or number.quantity.unit not in UNITS:
        return NO_NOUN
    said = meaning(passage, placed)
    if said is None and number.quantity.value < LARGE:
        return NO_NOUN
    about = subject(graph, passage, start, _before(page, passage))
    if about.spec is None:
        return _of_any(graph, number, placed, said, about)
    if said is None:
        return position(about.spec, number, LARGE) or nominal(number, about, counted=False) or NO_NOUN
    if about.origin == "row" and passage.spot is not None and not _is_attribute(passage, said):
        return "its row names no system that we know"
    if about.origin == "header" and _is_axis(passage, said):
        return "its column holds several values of one fact: what was tried"
    made = _compared(number, placed, said, about)
    if isinstance(made, Verdict) and made.outcome == "proved":
        return made
    counted = said.what == "parameters" and not said.slots
    return position(about.spec, number, LARGE) or (nominal(number, about, counted=True) if counted else None) or made


def located(number: Number) -> Placed | None:
    """The number where its passage has it."""
    return next((one for one in number.passage.places if one.start == number.start), None)


def _of_any(graph: Graph, number: Number, placed: Placed, said: Meaning | None, about: Subject) -> Verdict | str:
    """Where several systems are named: a number that is wrong of each of them is wrong."""
    if said is None or about.reason not in (SEVERAL, OTHER):
        return about.reason
    made = [_compared(number, placed, said, one) for one in candidates(graph, number.passage, number.start)]
    if said.what in ("tiles", "tile_size"):
        # A system that cuts no image into tiles cannot be meant.
        made = [one for one in made if one != UNSTATED.format(said.what.replace("_", " "))]
    wrong = [one for one in made if isinstance(one, Verdict) and one.outcome == "refuted"]
    if not wrong or len(wrong) < len(made):
        return about.reason
    return replace(wrong[0], reason="; ".join(dict.fromkeys(one.reason for one in wrong)))


def _is_attribute(passage: Passage, said: Meaning) -> bool:
    """Whether the first cell of the row says what is counted, so that the table is about what its heading names."""
    first = passage.spot.first if passage.spot else None
    named = first is not None and said.words.lower() in first.text.lower()
    return named or grid.is_attribute(passage, said.what)


def _is_axis(passage: Passage, said: Meaning) -> bool:
    """Whether the column holds several values of what its header counts, as a table of experiments does."""
    spot = passage.spot
    if spot is None or spot.row < 0 or _is_attribute(passage, said):
        return False
    return len({row[spot.column].text.strip() for row in spot.table.rows if spot.column < len(row)}) > 1


def _before(page: Claims, passage: Passage) -> Sequence[Passage]:
    """The passages above one on its page, a few."""
    place = _order(page).get(id(passage), 0)
    return page.passages[max(0, place - ABOVE) : place]


def _order(page: Claims) -> dict[int, int]:
    if _LAST[0] is not page:
        _LAST[:] = [page, {id(one): place for place, one in enumerate(page.passages)}]
    found: dict[int, int] = _LAST[1]
    return found


_LAST: list = [None, {}]  # type: ignore[type-arg]


def _compared(number: Number, placed: Placed, said: Meaning, about: Subject) -> Verdict | str:
    """A number of a known meaning against the facts of its system."""
    spec = about.spec
    if spec is None:
        return about.reason
    by_variant = {one.key: meant(spec, one, said) for one in about.variants}
    truths = [truth for found in by_variant.values() for truth in found]
    quantity = placed.quantity
    if not truths:
        return UNSTATED.format(said.what.replace("_", " "))
    bound = denial.bound(number.passage.words, placed.start, placed.end)
    doubt = denial.doubt(number.passage, placed.start)
    if about.origin in ("above", "row"):
        doubt = doubt or denial.headed(number.passage)
    if number.passage.spot is not None and about.origin != "table" and grid.of_settings(number.passage):
        doubt = doubt or "its table is about somebody's settings"
    right = [truth for truth in truths if holds(quantity, truth.value)]
    if right:
        if number.passage.spot is not None and not said.slots:
            # A table of models without an owner counts what their language models have.
            right = [truth for truth in right if truth.name.startswith("language_model.")] or right
        own = {truth.name.partition(".")[0] for truth in right} == {"language_model"}
        several = (
            len({one.name for one in truths}) > 1
            and not (said.slots or (own and number.passage.spot is not None))
            and said.what not in ("context", "image_tokens")
        )
        if doubt or bound.lower or several:
            return doubt or "its words may mean several facts"
        if {one.variant for one in right} == {key for key, found in by_variant.items() if found}:
            return proved(number, right)
        return "sizes of the system differ, and its sentence names none"
    if about.origin == VARIED:
        doubt = doubt or denial.CHANGED
    if said.what == "context" and "text_encoder" not in said.slots:
        doubt = doubt or denial.run(number.passage, placed.start)
    if said.what in ("image_tokens", "tokens"):
        whole = {truth.value for truth in truths}
        doubt = doubt or cut(number.passage, placed.start, quantity.value, whole)
        if not any(queries(one) for one in about.variants):
            # What has learned queries is said to compress by itself.
            doubt = doubt or fewer(number.passage, placed.start, quantity.value, whole)
    if doubt:
        return doubt
    others = tuple(_others(said, about, spec))
    near = tuple(value for one in about.variants for slot in said.slots for value in beside(one, slot))
    if said.what == "patch_side":
        # A grid is no size that could be written instead.
        truths = [truth for truth in truths if truth.name != "patches a side"]
    if why := unsure(Case(quantity, said, about, spec, truths, others, near, bound)):
        return why
    return refuted(number, spec, about, truths)


def _others(said: Meaning, about: Subject, spec: ModelSpec) -> Iterator[Fraction]:
    """Further values that the words may mean: of the unit, of other sizes, of a system whose parts it takes."""
    for one in about.variants if about.named else spec.variants:
        yield from wider(spec, one, said)
        yield from (truth.value for truth in meant(spec, one, said))
    for other in about.also:
        for one in other.variants:
            yield from (truth.value for truth in meant(other, one, said))
            yield from wider(other, one, said)
