"""What a system trains of how much: a spec in, every pair of trained and total parameters that its page knows out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.once import of_one
from chiasm.judging.plain.remark import About
from chiasm.judging.terms import row_scope
from chiasm.numbers.quantity import Quantity
from chiasm.regex import regex
from chiasm.resolving.fill import spell
from chiasm.resolving.inherit import ALL
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec

ORDINALS = {
    word: str(number)
    for number, words in enumerate(("one first 1st", "two second 2nd", "three third 3rd"), 1)
    for word in words.split()
}
"""Numbers of stages in words."""


class Count(NamedTuple):
    """A number of parameters: what it counts (`trainable` or `total`), of which variant and stage, and who says so."""

    what: str
    value: Fraction
    half: Fraction
    variant: str
    stage: str
    source: str
    label: Label | None

    def fits(self, quantity: Quantity) -> bool:
        """Whether a number as written can be this count."""
        slack = quantity.tolerance + self.half + (abs(self.value) / 20 if quantity.approximate else 0)
        return any(abs(value - self.value) <= slack for value in (quantity.value, *quantity.readings))

    @property
    def scope(self) -> str:
        """Variant and stage, as words."""
        return ", ".join(
            one.replace("-", " ") if one == self.stage else one for one in (self.stage, self.variant) if one
        )


@of_one
def counts(spec: ModelSpec) -> tuple[Count, ...]:
    """Every trained and total number of a system: counted, stated in its rows, and said by the sources it compares."""
    said = tuple(_said(spec))
    keys = {variant.key for variant in spec.variants}
    # What sources say of a whole stage, other parts included, our count of its trained slots does not know.
    other = {one.stage for one in said if one.what == "trainable" and one.variant not in keys} - {
        one.stage for one in said if one.variant in keys
    }
    counted = (one for one in _counted(spec) if one.what == "total" or one.stage not in other)
    return (*counted, *_stated(spec), *said)


@cache
def _stage() -> re.Pattern[str]:
    return regex(
        r"(?i)\b(?:(?:stage|phase)[ -]?(?P<n>[1-3]|one|two|three)\b|"
        r"(?P<o>first|second|third|1st|2nd|3rd)(?: \w+)?(?: training| pre-?training)? (?:stage|phase)\b)"
    )


def stage_number(text: str) -> str:
    """The number of the training stage that a text names; "" for none."""
    found = _stage().search(text)
    return ORDINALS.get((found["n"] or found["o"]).lower(), found["n"] or "") if found else ""


def stages_of(about: About, number: str) -> list[str]:
    """The stages of that number (all for ""), of those that belong to the variants that may be meant."""
    heads = {variant.key.partition("-")[0] for variant in about.spec.variants}
    own = {variant.key.partition("-")[0] for variant in about.variants}
    mine = [one for one in about.spec.stages if one.partition("-")[0] not in heads or one.partition("-")[0] in own]
    return [one for one in mine if not number or one == number or one.endswith(f"stage-{number}")]


def pairs(spec: ModelSpec) -> Iterator[tuple[Count, Count]]:
    """Trained and total that belong together: of one variant, or of one scope that a source names."""
    known = counts(spec)
    for part in (one for one in known if one.what == "trainable"):
        for whole in (one for one in known if one.what == "total"):
            if part.variant and part.variant == whole.variant:
                yield part, whole


def _counted(spec: ModelSpec) -> Iterator[Count]:
    nothing = Fraction(0)
    for variant in spec.variants:
        parts = count.parameters(variant.slots)
        if parts is None:
            yield from _by_rows(spec, variant)
            continue
        if total := count.scope(parts, "total"):
            yield Count("total", Fraction(total), nothing, variant.key, "", "", None)
        for stage in spec.stages:
            if _belongs(stage, variant, spec) and (value := count.trainable(spec, variant, stage)):
                yield Count("trainable", Fraction(value), nothing, variant.key, stage, "", None)


def _belongs(stage: str, variant: VariantSpec, spec: ModelSpec) -> bool:
    """A stage whose name begins with a variant's is that variant's: `1.5 stage 1` is not of `1.0-7b`."""
    heads = {key.key.partition("-")[0] for key in spec.variants}
    head = stage.partition("-")[0]
    return head not in heads or variant.key.partition("-")[0] == head


def _by_rows(spec: ModelSpec, variant: VariantSpec) -> Iterator[Count]:
    """Where tensors are not known: the rows of the trained slots, added up."""
    rows = {
        fact.field.replace("-", " "): fact.value
        for fact in spec.parameters
        if fact.variant in (*ALL, variant.key) and isinstance(fact.value, Quantity)
    }
    for stage, resolved in spec.stages.items():
        trained = resolved.get("trained")
        named = (
            [rows.get(count.canonical(str(name)).replace("_", " ")) or rows.get(str(name)) for name in trained]
            if isinstance(trained, tuple)
            else []
        )
        if named and all(named):
            known = [one for one in named if one]
            yield Count(
                "trainable",
                sum((one.value for one in known), Fraction(0)),
                sum((one.tolerance for one in known), Fraction(0)),
                variant.key,
                stage,
                "",
                None,
            )


def _stated(spec: ModelSpec) -> Iterator[Count]:
    for fact in spec.parameters:
        if not isinstance(fact.value, Quantity):
            continue
        scope = row_scope(fact)
        source = fact.evidence.cites[0].key if fact.evidence and fact.evidence.cites else ""
        label = Label(fact.cell.span, f"{fact.field}: {fact.cell.text}")
        stage = next((stage for stage in spec.stages if count.canonical(stage.replace("-", " ")) in scope), "")
        what = "trainable" if "trainable" in scope else "total" if scope == {"total"} else ""
        if what:
            variant = "" if fact.variant in ALL else fact.variant
            yield Count(what, fact.value.value, fact.value.tolerance, variant, stage, source, label)


def _said(spec: ModelSpec) -> Iterator[Count]:
    """What the sources of a table of disagreement say, each with its scope."""
    keys = {variant.key for variant in spec.variants}
    for disagreement in spec.disagreements:
        if disagreement.field not in ("trainable", "total"):
            continue
        for one in disagreement.positions:
            if one.quantity is None or one.cite is None:
                continue
            items = [item.strip() for item in one.scope]
            slugs = {item.lower().replace(" ", "-"): item for item in items}
            stage = next((slug for slug in slugs if slug in spec.stages), "")
            variant = next((slug for slug in slugs if slug in keys), "")
            named = variant or (
                items[0]
                if items and not stage
                else ", ".join(item for item in items if item.lower().replace(" ", "-") != stage)
            )
            source = f"{one.cite.key} {one.cite.locator}".strip()
            label = Label(one.cell.span, f"{source}: {one.quantity.text}{', ' + ', '.join(items) if items else ''}")
            yield Count(disagreement.field, one.quantity.value, one.quantity.tolerance, named, stage, source, label)


def percent(value: Fraction) -> str:
    """A share as people write it."""
    return f"{float(value * 100):.1f}%"


def shown(count: Count) -> str:
    """A count as people write it."""
    return size(count.value)


def size(value: Fraction) -> str:
    """A number of parameters as people write it: 107M, 3.74B, 10.2B."""
    for suffix, scale in (("B", 10**9), ("M", 10**6), ("k", 10**3)):
        if value >= scale:
            places = (2 if value < 10 * scale else 1) if suffix == "B" else 0
            text = f"{float(value / scale):.{places}f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix
    return spell(value)
