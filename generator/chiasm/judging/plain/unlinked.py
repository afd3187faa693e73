"""Judges a number in prose that no link ties to a fact: a graph, a page and the number in, a verdict out.

Its noun and the system named beside it decide first (`number`): what contradicts a fact is wrong even where a source is
cited. In a section about a system, a word beside the number may prove it (`told`), and a slip of the pen is one
(`closed`). What contradicts no fact is what a source says.
"""

from __future__ import annotations

from chiasm.claiming.claim import Claims, Number
from chiasm.graph import Graph
from chiasm.judging.plain import closed, scales, siblings, told
from chiasm.judging.plain.certain import SIZES
from chiasm.judging.plain.naming import named
from chiasm.judging.plain.number import LARGE, NO_NOUN, judged, located
from chiasm.judging.plain.subject import NOBODY
from chiasm.judging.plain.telling import REASONS, cited, left, position
from chiasm.judging.verdict import Verdict
from chiasm.numbers.quantity import Placed
from chiasm.spec.model import ModelSpec


def number_verdict(graph: Graph, page: Claims, number: Number) -> Verdict:
    """The verdict on a number that no link ties to a fact."""
    if number.quantity.unit in ("label", "date", "year"):
        return left(number, REASONS[number.quantity.unit])
    own = _own(graph, number)
    made = judged(graph, page, number)
    if isinstance(made, Verdict) and made.outcome == "refuted":
        return (position(own, number) if own else None) or made
    if own is None and isinstance(made, Verdict):
        return made
    return _at_home(graph, page, number, made)


def _own(graph: Graph, number: Number) -> ModelSpec | None:
    """The system whose section a number stands in."""
    spec = graph.specs.get(number.system)
    return spec if spec is not None and spec.variants else None


def _at_home(graph: Graph, page: Claims, number: Number, made: Verdict | str) -> Verdict:
    """A number that its noun does not refute: what a section about a system, or a link to its page, adds."""
    passage, at, placed, own = number.passage, number.start, located(number), _own(graph, number)
    low, high = passage.sentence(at)
    names = [one for one in named(graph, passage) if low <= one.start < high]
    home = closed.home(graph, page.document.path, passage, at, [one.system for one in names])
    unit = _unit(number, placed)
    facts: told.Facts = {}
    # A name may go on into the number itself: `DeepSeek-VL 70B`.
    until = max((one.end if one.end <= at else at - 1 for one in names if one.start < at), default=-1)
    if own is not None and placed is not None and not scales.names(passage, placed, until):
        facts = told.meant(passage, placed, unit, own)
        others = [one.system for one in names if one.system not in ("", own.system)]
        if not others and not closed.denied(passage, at) and (right := told.proved(passage, placed, facts)):
            return right
    if isinstance(made, Verdict):
        return made
    if stated := position(own, number) if own else None:
        return stated
    if home is not None and placed is not None and (wrong := closed.mistaken(passage, placed, unit, home, until)):
        return wrong
    if source := cited(graph, number):
        return source
    return left(number, _why(number, unit, own, facts, made))


def _why(number: Number, unit: str, own: ModelSpec | None, facts: told.Facts, made: str) -> str:
    """Why a number is left."""
    if own is None or made not in (NO_NOUN, NOBODY, SIZES) or not unit:
        return REASONS[""] if own and not unit and made == NO_NOUN else made
    if unit in REASONS:
        return REASONS[unit]
    placed = located(number)
    return told.why(placed, unit, own, facts) if placed else made


def _unit(number: Number, placed: Placed | None) -> str:
    """The unit of a number, its own or lent; a large bare number counts parameters."""
    unit = number.quantity.unit or (siblings.unit(number.passage, placed) if placed else "")
    return "parameters" if not unit and number.quantity.value > LARGE else unit
