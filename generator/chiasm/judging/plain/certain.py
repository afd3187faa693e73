"""Says why a number that is no value of the facts meant may yet be right: a case in, a reason or "" out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from chiasm.judging.plain.denial import Bound
from chiasm.judging.plain.meanings import SHAPED, SIZED
from chiasm.judging.plain.nouns import Meaning
from chiasm.judging.plain.subject import Subject
from chiasm.judging.plain.truths import Truth, queries, tile_tokens
from chiasm.numbers.quantity import Quantity
from chiasm.spec.model import ModelSpec

ANOTHER = "it is another fact of the system"
SIZES = "sizes of the system differ, and its sentence names none"
MANY = 3
"""Sizes that agree on a fact, so that it is the system's."""
THOUSANDS = (Fraction(1000), Fraction(1, 1000))
FAR = 8
"""So many times more than anything that can be counted is a slip of the unit."""
EXPLICIT = frozenset({"layers", "heads", "dim", "mlp_dim", "kv_heads"})
"""What has an owner: said of one component, a number of another is wrong."""
ANY_OF = frozenset(
    {"tokens", "patch_side", "image_size", "layers", "heads", "dim", "vocab", "image_tokens", "context", "patch_size"}
    | {"mlp_dim", "kv_heads", "token_side"}
)
"""Meanings of which a number is wrong where it is none of the facts."""


LIMITS = frozenset({"tiles", "context"})
"""What a system can take at most: more is wrong even where it is said to be a bound."""
COUNTED = frozenset({"tokens", "image_tokens", "patches"})
"""What an image's size decides."""


class Case(NamedTuple):
    """A number and what it is held against.

    `truths` are the facts that its words mean, `others` further values that they may mean, `near` those of other fields
    of the same component.
    """

    quantity: Quantity
    said: Meaning
    about: Subject
    spec: ModelSpec
    truths: Sequence[Truth]
    others: Sequence[Fraction]
    near: Sequence[Fraction]
    bound: Bound

    @property
    def values(self) -> set[Fraction]:
        """What would be true."""
        return {truth.value for truth in self.truths}


def holds(quantity: Quantity, value: Fraction) -> bool:
    """Whether a value is what was written: within a tenth where the words say `about`."""
    if quantity.matches(value):
        return True
    return quantity.approximate and quantity.high is None and abs(quantity.value - value) * 10 <= abs(value)


def unsure(case: Case) -> str:
    """Why a number may yet be right; "" where it cannot."""
    quantity, said, about = case.quantity, case.said, case.about
    if quantity.high is not None or quantity.value <= 0:
        return "it is a range"
    if case.bound.lower or (case.bound.upper and quantity.value > max(case.values) and said.what not in LIMITS):
        return "it is a bound"
    if said.what == "parameters":
        return _parameters(case)
    owned = (
        bool(said.slots)
        and said.what in EXPLICIT
        and said.sure
        and (about.named or _is_mixed_up(case) or _is_design(case) or _is_tower(case) or _is_common(case))
    )
    if not (owned or _is_tile(case) or _is_limit(case)) and any(holds(quantity, value) for value in case.others):
        return ANOTHER
    if not said.sure:
        return "its words may mean a part, or something else"
    if len({truth.name for truth in case.truths}) > 1 and (
        said.what not in ANY_OF or (said.slots and said.what in EXPLICIT)
    ):
        return "its words may mean several facts"
    if quantity.approximate and any(abs(value - quantity.value) * 4 <= value for value in case.values):
        return "it is about so much"
    if about.unlisted and (said.what in SIZED or said.what in SHAPED) and not _is_design(case):
        return "its sentence names a variant that no page describes"
    if said.what == "vocab" and any(abs(value - quantity.value) * 20 <= value for value in case.others):
        return "tables are padded, and may be counted without"
    return _sizes(case)


def _sizes(case: Case) -> str:
    """Whether the sentence leaves open which size of the system it speaks of, where sizes differ."""
    said, about, spec = case.said, case.about, case.spec
    keys = {truth.variant for truth in case.truths}
    agreed = len({frozenset(one.value for one in case.truths if one.variant == key) for key in keys}) == 1
    sized = said.what in SIZED and not (_is_design(case) or _is_tower(case))
    if sized:
        chosen = about.named and (agreed or len(keys) == 1)
        known = agreed and (len(keys) >= MANY or len(spec.variants) == 1 or _is_mixed_up(case))
        if not (chosen or known):
            return SIZES
    elif not agreed and not (about.named or about.sided):
        # Beside the values of sizes there may be others'.
        return SIZES
    if _is_family(spec) and said.what != "context":
        towers = "towers of the system differ, and its sentence names none"
        if said.what in ("image_size", "pixels") or (sized and not about.named):
            return towers
        if said.what in COUNTED and not (about.sided and (about.named or len(about.variants) == 1)):
            return towers
        if said.what in SHAPED and said.what not in COUNTED and not about.named:
            return towers
    return ""


def _is_design(case: Case) -> bool:
    """Whether facts of what stands between the towers are meant, which no size changes."""
    made = {truth.value for one in case.spec.variants for truth in queries(one)}
    return all(
        truth.name.startswith(("alignment.", "fusion."))
        or (truth.name == "budget.image_tokens" and {truth.value} == made)
        for truth in case.truths
    )


def _is_tower(case: Case) -> bool:
    """Whether facts of a vision encoder are meant that all sizes of a system share, as most do with their tower."""
    shared = {truth.variant for truth in case.truths} == {variant.key for variant in case.spec.variants}
    of_it = all(truth.name.startswith("encoder.") for truth in case.truths)
    return shared and of_it and len(case.values) == 1 and not case.about.unlisted and not _is_family(case.spec)


def _is_common(case: Case) -> bool:
    """Whether the fact is the same in all of many sizes."""
    return len(case.values) == 1 and len({truth.variant for truth in case.truths}) >= MANY


def _is_mixed_up(case: Case) -> bool:
    """Whether the number is another fact of the same component: its layers, said to be its heads."""
    return bool(case.said.slots) and any(case.quantity.value == value for value in case.near)


def _parameters(case: Case) -> str:
    """Anything may be counted: wrong is only what is more than there is, or a whole that is said to be one."""
    value = case.quantity.value
    if any(holds(case.quantity, other) for other in (*case.values, *case.others)):
        return ANOTHER
    most = max((*case.values, *case.others))
    if value > most * FAR or _is_misscaled(case):
        return ""
    one = case.about.named and len({truth.variant for truth in case.truths}) == 1 and not case.about.unlisted
    whole = one and case.said.sure and not case.said.slots
    part = one and case.said.sure and len(case.said.slots) == 1
    if part and (value > 2 * max(case.values) or 2 * value < min(case.values)):
        return ""
    if whole and (value > most * Fraction(5, 4) or value * 4 < min(case.values) * 3):
        return ""
    return "its words do not say which parameters are counted"


def _is_misscaled(case: Case) -> bool:
    """Whether millions stand for billions: the digits of what is counted, a thousand times too small or too large."""
    quantity = case.quantity
    if not case.said.sure or quantity.approximate or sum(map(str.isdigit, quantity.text)) < 2:
        return False
    scaled = (Quantity(quantity.value * by, tolerance=quantity.tolerance * by) for by in THOUSANDS)
    return any(one.matches(value) for one in scaled for value in case.values)


def _is_family(spec: ModelSpec) -> bool:
    """A contrastive pair of towers, which come in many sizes."""
    return all("text_encoder" in one.slots for one in spec.variants)


def _is_limit(case: Case) -> bool:
    """Whether the most that an image costs is said to be far less: fewer tiles, or without the overview."""
    most = [truth.value for truth in case.truths if truth.name == "budget.max_image_tokens"]
    each = case.said.what == "image_tokens" and "per image" in case.said.words
    return each and case.bound.upper and bool(most) and case.quantity.value * 10 < min(most) * 9


def _is_tile(case: Case) -> bool:
    """Tokens of one tile, said of every image of a system that cuts images into several."""
    most = {truth.value for truth in case.truths if truth.name == "budget.max_image_tokens"}
    tiles = {tile_tokens(one) for one in case.about.variants}
    whole = case.said.what == "image_tokens" and "per image" in case.said.words
    return whole and bool(most - tiles) and case.quantity.value in tiles
