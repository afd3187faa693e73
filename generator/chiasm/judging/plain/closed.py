"""Refutes a number of a system's own section that no fact of it can be, where it is certain what was meant.

Certain is a slip of the pen (`slips`), a fact of another unit (`224 tokens` of images of 224 pixels), a size by which
none of the system's models goes. Own is a section that is about the system, or a sentence that links its page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from chiasm.claiming.passage import Passage
from chiasm.claiming.sections import target
from chiasm.diagnostic import Label
from chiasm.graph import Graph
from chiasm.judging.plain import scales
from chiasm.judging.plain.known import Known, every, known
from chiasm.judging.plain.phrases import components
from chiasm.judging.plain.slips import MANY, slipped
from chiasm.judging.plain.telling import KEPT_APART
from chiasm.judging.verdict import Verdict, written
from chiasm.numbers.quantity import Placed
from chiasm.numbers.units import NOUNS
from chiasm.regex import regex
from chiasm.resolving.fill import spell
from chiasm.spec.model import ModelSpec

SEQUENCE = ("tokens", "queries", "latents", "positions", "patches", "rows")
LEAST = 100
"""Smaller numbers are facts of two units by chance."""
DENIALS = regex(
    r"(?i)\b(?:not|no|never|instead|rather|than|unlike|if|were|would|wrong|wrongly|mistaken|mixed up|(?<!the )others?|"
    r"first release|older|earlier|formerly|originally|divides|example|say)\b"
)
"""Words in whose clause a number may be what is not so."""
OF_PART = regex(r" param(?:eter)?s (?:of|in|for) (?:the |its |new )?((?:[a-z-]+ ?){1,3})")
"""A count of a part."""
NEXT = regex(r"[ -]([A-Za-z]+)\b")
OTHERS = regex(r"(?i)\b(?:another|other) (?:towers?|models?|systems?|encoders?|releases?)\b")
"""Whose numbers they may be."""
CLAUSES = regex(r"[,;:()]\s|\.\s|\s[–—]\s")


class Home(NamedTuple):
    """The system whose section or sentence it is, and further ones that the sentence names."""

    spec: ModelSpec
    others: tuple[ModelSpec, ...]


class Told(NamedTuple):
    """What a finding shows beside its words: advice, places of the base, claims."""

    advice: str = ""
    labels: tuple[Label, ...] = ()
    claims: tuple[str, ...] = ()


NOTHING = Told()


def home(graph: Graph, path: str, passage: Passage, at: int, named: Sequence[str]) -> Home | None:
    """Whose section a number stands in, or whose page its sentence links; `named` are systems of its sentence."""
    low, high = passage.sentence(at)
    links = (graph.spec_at(target(path, link.href)[0]) for at, _, link in passage.prose.links if low <= at < high)
    linked = [spec.system for spec in links if spec is not None]
    found = [name for name in dict.fromkeys((passage.system, *linked, *named)) if name in graph.specs]
    if not found or found[0] not in (passage.system, *linked) or not graph.specs[found[0]].variants:
        return None
    first, *others = (graph.specs[name] for name in found)
    return Home(first, tuple(others))


def denied(passage: Passage, at: int) -> bool:
    """Whether the number's clause denies, compares or supposes something."""
    low, high = passage.sentence(at)
    words = passage.words
    if OTHERS.search(words, low, high):
        return True
    for cut in CLAUSES.finditer(words, low, high):
        if cut.end() <= at:
            low = cut.end()
        elif cut.start() >= at:
            high = cut.start()
            break
    return DENIALS.search(words, low, high) is not None


def mistaken(passage: Passage, placed: Placed, unit: str, own: Home, named_until: int) -> Verdict | None:
    """A refutation of what no fact can be; `named_until` is where the system's name before the number ends."""
    if denied(passage, placed.start):
        return None
    if scales.names(passage, placed, named_until):
        return _no_model(passage, placed, own)
    return (
        _slip(passage, placed, unit, own)
        or _of_another_unit(passage, placed, unit, own)
        or _uncounted(passage, placed, own)
    )


def _no_model(passage: Passage, placed: Placed, own: Home) -> Verdict | None:
    """`the 8B model` of a system that comes in 7B and 13B."""
    sizes = scales.listed(own.spec)
    if not sizes or any(scales.is_known(one, placed, parts=one is own.spec) for one in (own.spec, *own.others)):
        return None
    labels = tuple(Label(one.span, one.title or one.key) for one in own.spec.variants)[:3]
    reason = f"no model of {own.spec.title} goes by {placed.quantity.text}: {', '.join(sizes)}"
    return _refuted(passage, placed, reason, " or ".join(sizes[:3]), Told("name one of these sizes", labels))


def _slip(passage: Passage, placed: Placed, unit: str, own: Home) -> Verdict | None:
    """A number that is one keystroke away from a fact of its unit, and no fact of any."""
    bare = not unit
    if bare and sum(map(str.isdigit, placed.quantity.text)) < MANY:
        return None
    facts = known(own.spec)
    same = {one.value: one for items in (facts.values() if bare else (facts.get(unit, ()),)) for one in reversed(items)}
    all_of = {value for one in (own.spec, *own.others) for value in _possible(one, unit)}
    meant = slipped(placed.counting(unit).quantity, same, all_of)
    if meant is None:
        return None
    fact = same[meant]
    true = written(meant, placed.quantity)
    reason = f"{fact.name} of {own.spec.title} is {true}, one slip of the pen away"
    return _refuted(passage, placed, reason, true, _stated(own.spec, fact))


def _possible(spec: ModelSpec, unit: str) -> Iterable[Fraction]:
    """What a number of a unit may be, of a system."""
    return (one.value for one in known(spec).get(unit, ())) if unit == "px" else every(spec)


def _of_another_unit(passage: Passage, placed: Placed, unit: str, own: Home) -> Verdict | None:
    """`224 tokens` of a system that has no such count, and sees images of 224 pixels."""
    value = placed.quantity.value
    if value < LEAST or placed.quantity.high is not None or placed.quantity.approximate or value.denominator != 1:
        return None
    if unit == "px" and value % 4 == 0:
        # Images come in any size.
        return None
    apart = unit in KEPT_APART
    if not (apart or unit in SEQUENCE) or not _is_noun(passage, placed, unit):
        return None
    if any(_counts(one, unit, value) for one in (own.spec, *own.others)):
        return None
    units = [other for other in (*sorted(KEPT_APART), *SEQUENCE) if other != unit and (apart or other in KEPT_APART)]
    fact = next((one for other in units for one in known(own.spec).get(other, ()) if one.value == value), None)
    if fact is None:
        return None
    reason = f"{spell(value)} is {fact.name} of {own.spec.title}, which counts no {unit}"
    told = _stated(own.spec, fact)._replace(advice=f"say what {spell(value)} counts")
    return _refuted(passage, placed, reason, "", told)


def _uncounted(passage: Passage, placed: Placed, own: Home) -> Verdict | None:
    """`4.6B parameters of gated cross-attention`: no count of the system comes near."""
    quantity = placed.quantity
    part = OF_PART.match(passage.words, placed.end)
    slots = components(part[1].lower())[:1] if part else ()
    counts = [one for slot in slots for one in known(own.spec).get("parameters", ()) if one.name.endswith(slot)]
    if not counts or quantity.high is not None or quantity.approximate:
        return None
    if any(quantity.matches(value) for one in (own.spec, *own.others) for value in every(one)):
        return None
    told = " or ".join(dict.fromkeys(written(one.value, quantity) for one in counts))
    return _refuted(passage, placed, f"{counts[0].name} of {own.spec.title} is {told}", told)


def _is_noun(passage: Passage, placed: Placed, unit: str) -> bool:
    """Whether the unit is the very word behind the number: no other noun of the sentence lent it."""
    word = NEXT.match(passage.words, placed.end)
    return word is not None and NOUNS.get(word[1].lower()) == unit


def _counts(spec: ModelSpec, unit: str, value: Fraction) -> bool:
    facts = known(spec)
    units = SEQUENCE if unit in SEQUENCE else (unit,)
    return any(one.value == value for other in units for one in facts.get(other, ()))


def _stated(spec: ModelSpec, fact: Known) -> Told:
    """Where a fact stands, and its claim."""
    slot, _, field = fact.name.partition(".")
    entries = (variant.entries.get((slot, field)) for variant in spec.variants)
    found = (one for one in entries if one and one.span and one.value == fact.value)
    labels = tuple(Label(one.span, f"{fact.name} = {one.value}") for one in found if one.span)
    return Told("", labels[:1], (fact.claim,) if fact.claim else ())


def _refuted(passage: Passage, placed: Placed, reason: str, true: str = "", told: Told = NOTHING) -> Verdict:
    return Verdict(
        "refuted",
        "number",
        placed.quantity.text,
        passage.prose.span(placed.start, placed.end),
        reason,
        told.claims,
        true,
        "plain-number-refuted",
        told.labels,
        told.advice or f"write {true}, or link the number to the section that states it",
    )
