"""Proves a number of a system's own section: a word beside it says which fact it is, and in every variant it is that.

A passage, a number and its system in; the facts that its words mean, and whether they hold, out. It refutes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chiasm.claiming.passage import Passage
from chiasm.judging.plain.denial import clause
from chiasm.judging.plain.fields import SAID, TRAINING, words
from chiasm.judging.plain.known import Known, known
from chiasm.judging.verdict import Verdict
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

CERTAIN = frozenset({"queries", "latents"})
"""Units that one field alone can mean."""
KEYS = regex(r"(?i) (?:kv|key)\b")
"""Heads of keys and values are others."""
Facts = Mapping[str, Sequence[Known]]


def counted(spec: ModelSpec, unit: str) -> tuple[Known, ...]:
    """The facts of a unit that a number may be without further words."""
    names = SAID.get(unit, "").split()
    every = unit == "parameters"
    return tuple(
        one
        for one in known(spec).get(unit, ())
        if every or one.name.startswith("training.") or one.name.partition(".")[2] in names
    )


def meant(passage: Passage, placed: Placed, unit: str, spec: ModelSpec) -> Facts:
    """The facts of a unit that the number's clause has a word for, by name."""
    facts = () if KEYS.match(passage.words, placed.end) else counted(spec, unit)
    low, high = clause(passage, placed.start)
    said, found = passage.words[low:high], dict[str, list[Known]]()
    alone = unit in CERTAIN or (len({one.name for one in facts}) == 1 and unit not in TRAINING)
    for one in facts:
        slot, _, field = one.name.removeprefix("parameters of ").removeprefix("parameters, ").partition(".")
        if alone or re.search(rf"(?i)\b(?:{words(slot, field)})", said):
            found.setdefault(one.name, []).append(one)
    return found


def proved(passage: Passage, placed: Placed, facts: Facts) -> Verdict | None:
    """The verdict on a number that all the facts meant agree with."""
    words_ = passage.context(placed.start).lower()
    if not facts or not all(_holds(placed, items, words_) for items in facts.values()):
        return None
    text = placed.quantity.text
    claims = [one.claim for items in facts.values() for one in items if placed.quantity.matches(one.value)]
    reason = " and ".join(f"{name} is {text}" for name in list(facts)[:2])
    span = passage.prose.span(placed.start, placed.end)
    return Verdict("proved", "number", text, span, reason, tuple(dict.fromkeys(filter(None, claims))))


def _holds(placed: Placed, facts: Sequence[Known], words_: str) -> bool:
    """The number is the fact's value in every variant, or in one that its sentence names."""
    right = [placed.quantity.matches(one.value) for one in facts]
    variants = [one.claim.partition("/")[0].partition(":")[2] for one in facts]
    return all(right) or any(fits and key and key in words_ for fits, key in zip(right, variants, strict=True))


def why(placed: Placed, unit: str, spec: ModelSpec, facts: Facts) -> str:
    """Why a number of the system's own section is left."""
    known_ = counted(spec, unit)
    if not known_:
        return f"no fact of the system counts {unit}"
    matching = [name for name, items in facts.items() if any(placed.quantity.matches(one.value) for one in items)]
    if len(facts) == len(matching) == 1:
        return f"{matching[0]} differs between variants, and its sentence names none"
    if matching:
        return f"it may mean {' or '.join(list(facts)[:3])}: a link would say which"
    if facts:
        return f"it is not {' or '.join(list(facts)[:2])}, and may mean something else"
    return f"no word beside it says which of {len({one.name for one in known_})} facts in {unit} is meant"
