"""How a part works, as words say it: the shape of a trait, and readers of what is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chiasm.regex import regex
from chiasm.spec.model import Plain, Resolved, VariantSpec

NONE: Mapping[str, Plain] = {}


class Reader(NamedTuple):
    """Where a variant's value stands: a field of a slot, or what its kind is known for."""

    slot: str
    name: str
    kinds: Mapping[str, Plain] = NONE
    read: Callable[[Resolved], Plain] | None = None

    def of(self, variant: VariantSpec) -> tuple[Plain, Resolved | None]:
        """The value, and the slot that it is of."""
        one = variant.slots.get(self.slot)
        if one is None:
            return None, None
        value = self.read(one) if self.read else one.values.get(self.name) if self.name else None
        return self.kinds.get(one.kind.name) if value is None else value, one


class Trait(NamedTuple):
    """How a trait is said, what each variant's value is, and what that value is called.

    `words` holds the group `what` (or `what2`, `what3`); `says` gives the value that it stands for; `beside` words that
    the clause has to hold, `unless` words that make it another's; `slots` sections of our pages about its owner.
    """

    words: re.Pattern[str]
    says: Callable[[str], Plain]
    true: Reader
    told: Callable[[Plain], str]
    beside: str = ""
    unless: str = ""
    slots: tuple[str, ...] = ()
    near: bool = False
    """Whether the owner stands in the same phrase, not only in the same clause."""
    bare: bool = False
    """Whether such a section tells the owner as well."""


def of_field(slot: str, name: str, *, kinds: Mapping[str, Plain] = NONE) -> Reader:
    """The field of a slot; where there is none, what its kind is known for."""
    return Reader(slot, name, kinds)


def first(words: str, *starts: str) -> bool:
    """Whether the words begin with one of these."""
    return words.lower().startswith(starts)


def has(words: str) -> bool:
    """Whether words of having say that something is there."""
    return not first(words, "without", "has no", "have no", "lacks", "carries no")


def bias_told(value: Plain) -> str:
    """A bias that is there, or not."""
    return "has a bias" if value else "has no bias"


def activation(words: str) -> Plain:
    """The activation that words name."""
    lowered = words.lower()
    for sign, value in (("exact", "gelu"), ("tanh", "gelu_tanh"), ("quick", "quick_gelu"), ("sigmoid", "quick_gelu")):
        if sign in lowered:
            return value
    return "approximate"


BIAS = regex(
    r"(?i)\b(?P<what>with|without)(?: an?| any)? bias(?:es)?\b|"
    r"\b(?P<what2>has no|has a|have no|have a|lacks a|carries a|carries no) bias\b"
)
PATCHES = r"(?i)\bpatch|\bembed|convolution"
