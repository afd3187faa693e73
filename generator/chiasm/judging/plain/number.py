"""Judges a number in plain prose: a graph, a page and a number in, proved, reported, refuted or why it was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chiasm.claiming.claim import Claims, Number
from chiasm.claiming.passage import Passage
from chiasm.graph import Graph
from chiasm.judging.plain import denial
from chiasm.judging.plain.certain import Case, holds, unsure
from chiasm.judging.plain.names import speaks
from chiasm.judging.plain.nouns import Meaning, meaning
from chiasm.judging.plain.subject import NOBODY, Subject, subject
from chiasm.judging.plain.truths import Truth, beside, meant, wider
from chiasm.judging.verdict import Verdict, written
from chiasm.numbers.quantity import Placed
from chiasm.resolving.fill import spell
from chiasm.spec.model import ModelSpec

LARGE = 10**6
"""Beyond this a number counts parameters where it counts anything."""
NO_NOUN = "its words name no one fact"
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
    placed = _placed(passage, start)
    if placed is None or number.quantity.unit not in UNITS:
        return NO_NOUN
    said = meaning(passage, placed)
    if said is None and number.quantity.value < LARGE:
        return NO_NOUN
    about = subject(graph, passage, start, _before(page, passage))
    if about.spec is None:
        return about.reason
    if said is None:
        return _position(about.spec, number) or NO_NOUN
    if about.origin == "row" and passage.spot is not None and not _is_attribute(passage, said):
        return "its row names no system that we know"
    if about.origin == "header" and _is_axis(passage, said):
        return "its column holds several values of one fact: what was tried"
    made = _compared(number, placed, said, about)
    return made if isinstance(made, Verdict) and made.outcome == "proved" else _position(about.spec, number) or made


def _placed(passage: Passage, start: int) -> Placed | None:
    return next((one for one in passage.places if one.start == start), None)


def _is_attribute(passage: Passage, said: Meaning) -> bool:
    """Whether the first cell of the row says what is counted, so that the table is about what its heading names."""
    first = passage.spot.first if passage.spot else None
    return first is not None and said.words.lower() in first.text.lower()


def _is_axis(passage: Passage, said: Meaning) -> bool:
    """Whether the column holds several values of what its header counts, as a table of experiments does."""
    spot = passage.spot
    if spot is None or spot.row < 0 or _is_attribute(passage, said):
        return False
    return len({row[spot.column].text.strip() for row in spot.table.rows if spot.column < len(row)}) > 1


def _before(page: Claims, passage: Passage) -> Sequence[Passage]:
    """The passages above one on its page, a few."""
    place = _order(page).get(id(passage), 0)
    return page.passages[max(0, place - 6) : place]


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
        return f"the base states no {said.what.replace('_', ' ')} of it"
    bound = denial.bound(number.passage.words, placed.start, placed.end)
    doubt = denial.doubt(number.passage, placed.start)
    if about.origin in ("above", "row"):
        doubt = doubt or denial.headed(number.passage)
    right = [truth for truth in truths if holds(quantity, truth.value)]
    if right:
        several = (
            len({one.name for one in truths}) > 1 and not said.slots and said.what not in ("context", "image_tokens")
        )
        if doubt or bound.lower or several:
            return doubt or "its words may mean several facts"
        if {one.variant for one in right} == {key for key, found in by_variant.items() if found}:
            return _proved(number, right)
        return "sizes of the system differ, and its sentence names none"
    if said.what == "context":
        doubt = doubt or denial.run(number.passage, placed.start)
    if doubt:
        return doubt
    others = tuple(_others(said, about, spec))
    near = tuple(value for one in about.variants for slot in said.slots for value in beside(one, slot))
    if said.what == "patch_side":
        # A grid is no size that could be written instead.
        truths = [truth for truth in truths if truth.name != "patches a side"]
    if why := unsure(Case(quantity, said, about, spec, truths, others, near, bound)):
        return why
    return _refuted(number, spec, about, truths)


def _others(said: Meaning, about: Subject, spec: ModelSpec) -> Iterator[Fraction]:
    """Further values that the words may mean: of the unit, of other sizes, of a system whose parts it takes."""
    for one in about.variants if about.named else spec.variants:
        yield from wider(spec, one, said)
        yield from (truth.value for truth in meant(spec, one, said))
    for other in about.also:
        for one in other.variants:
            yield from (truth.value for truth in meant(other, one, said))
            yield from wider(other, one, said)


def _position(spec: ModelSpec, number: Number) -> Verdict | None:
    """What a source says that is not followed here, or of another scope, as a table of disagreement has it."""
    for disagreement in spec.disagreements:
        for position in disagreement.positions:
            said = position.quantity
            if said and position.cite and said.value == number.quantity.value and said.value >= LARGE:
                source = f"{position.cite.key} {position.cite.locator}".strip()
                reason = f"{source} says so of {', '.join(position.scope)}" if position.scope else source
                return Verdict("reported", "number", number.quantity.text, number.span, reason)
    return None


def _proved(number: Number, right: Sequence[Truth]) -> Verdict:
    reason = " and ".join(dict.fromkeys(f"{one.name} is {spell(one.value)}" for one in right[:2]))
    claims = tuple(dict.fromkeys(one.claim for one in right if one.claim))
    return Verdict("proved", "number", number.quantity.text, number.span, reason, claims)


def _refuted(number: Number, spec: ModelSpec, about: Subject, truths: Sequence[Truth]) -> Verdict:
    values = list(dict.fromkeys(truth.value for truth in truths))
    exact = truths[0].name.endswith(".context")
    true = " or ".join(dict.fromkeys(spell(one) if exact else written(one, number.quantity) for one in values[:3]))
    of = f"{spec.title} ({truths[0].variant})" if about.named and len(about.variants) == 1 else spec.title
    name = NAMES.get(truths[0].name, truths[0].name)
    labels = tuple(dict.fromkeys(truth.label for truth in truths if truth.label))[:3]
    return Verdict(
        "refuted",
        "number",
        number.quantity.text,
        number.span,
        f"{name} of {of} is {true}",
        tuple(dict.fromkeys(truth.claim for truth in truths if truth.claim)),
        true,
        "plain-number-refuted",
        labels,
        f"write {true}, or say what else the number counts",
    )


NAMES: dict[str, str] = {
    "alignment.num_queries": "the number of queries",
    "language_model.context": "the context",
    "encoder.patch_size": "the patch size",
    "encoder.image_size": "the image size",
    "budget.image_tokens": "the number of tokens an image",
    "budget.max_image_tokens": "the largest number of tokens an image",
    "budget.vision_tokens": "the number of image tokens",
    "language_model.layers": "the number of layers of the language model",
    "encoder.layers": "the number of layers of the vision encoder",
    "language_model.dim": "the width of the language model",
    "encoder.dim": "the width of the vision encoder",
    "encoder.heads": "the number of attention heads of the vision encoder",
    "language_model.heads": "the number of attention heads of the language model",
    "language_model.vocab_size": "the vocabulary",
}
"""Facts in a reader's words."""
