"""Judges what words say of how a part works: `read after the final norm`, `a matrix with bias`, `the queries read it`.

Each trait is one fact of one slot, or what every part of a kind has in common; the words beside it tell the owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chiasm.diagnostic import Label
from chiasm.judging.plain.makeup import SECTIONS
from chiasm.judging.plain.remark import About, Remark
from chiasm.judging.plain.scene import Scene, clause, phrase
from chiasm.judging.plain.trait import Trait, first
from chiasm.judging.plain.traits_of_joints import OF_JOINTS
from chiasm.judging.plain.traits_of_towers import OF_TOWERS
from chiasm.regex import regex
from chiasm.spec.model import Plain

RULE = "category-refuted"
TRAITS: tuple[Trait, ...] = (*OF_TOWERS, *OF_JOINTS)
_OTHERS = regex(
    r"(?i)\b(?:we|our|us|I|my|replac\w*|swap\w*|could|compar\w*|ablat\w*|experiment\w*|similar\w*|versus|vs|"
    r"alternativ\w*|"
    r"inspired|called|either|earlier|later|than|was|were|except|training|stage 1|first stage|usual\w*|often)\b|[?]"
)


def traits(scene: Scene) -> Iterator[Remark]:
    """At most one remark on a trait that the system's facts contradict."""
    for trait in TRAITS:
        for found in trait.words.finditer(scene.text):
            name = next((name for name in ("what", "what2", "what3") if found.groupdict().get(name)), "")
            if name and (remark := _judged(scene, trait, found, name)):
                yield remark
                return


def _judged(scene: Scene, trait: Trait, found: re.Match[str], name: str) -> Remark | None:
    text = scene.text
    low, high = (phrase if trait.near else clause)(text, found.start(name))
    beside = not trait.beside or re.search(trait.beside, text[low:high]) is not None
    if not (beside or (trait.bare and scene.ours and scene.slot in trait.slots)):
        return None
    if (trait.unless and re.search(trait.unless, text[low:high])) or (
        scene.elsewhere(low) or _OTHERS.search(text, low, high)
    ):
        return None
    negates = name.startswith("what") and first(
        found[name], "without", "has no", "have no", "lacks", "carries no", "excl"
    )
    if not negates and not scene.asserted(found.start(name), found.end(name)):
        return None
    about = scene.about(found.start(name))
    if about is None:
        return _of_kind(scene, trait, found, name)
    return _held(trait, found, name, about)


def _of_kind(scene: Scene, trait: Trait, found: re.Match[str], name: str) -> Remark | None:
    """A trait in the section of a concept page about the one kind that has it otherwise."""
    slot, kind = SECTIONS.get(scene.kind, ("", ""))
    value = trait.true.kinds.get(kind) if slot == trait.true.slot and not scene.names else None
    if value is None or _agree(trait.says(found[name]), value):
        return None
    help_ = "write what holds for the kind that this section is about"
    return Remark("refuted", *found.span(name), f"in this kind {trait.told(value)}", "", help_, rule=RULE)


def _held(trait: Trait, found: re.Match[str], name: str, about: About) -> Remark | None:
    said = trait.says(found[name])
    known = [trait.true.of(variant) for variant in about.variants]
    values = [value for value, _ in known]
    if not values or any(value is None or _agree(said, value) for value in values):
        return None
    if len({str(value) for value in values}) != 1 or values[0] == "pooled":
        return None
    value, slot = known[0]
    span = next((entry.span for entry in slot.entries if entry.value == value and entry.span), None) if slot else None
    place = span or (slot.span if slot else None)
    told, title = trait.told(value), about.spec.title
    return Remark(
        "refuted",
        *found.span(name),
        f"in {title} {told}",
        "",
        "write what its page says, or name the system that this is true of",
        (),
        (Label(place, told),) if place else (),
        rule=RULE,
    )


def _agree(said: Plain, value: Plain) -> bool:
    if said == "approximate":
        return value in ("gelu_tanh", "quick_gelu", "gelu_new")
    return said == value
