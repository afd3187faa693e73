"""Types an architecture: a variant's slots in; the tensors that each component takes and gives, or why it cannot, out.

Sizes are numbers or formulas in the run-time inputs `height`, `width`, `frames` and `tiles`; letters stand for what a
caller chooses: N images, B rows, T tokens of a row, P patches and V visual tokens of all images. No tensor is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from chiasm.spec.model import Plain, Resolved

Slots = Mapping[str, "Resolved"]
Form = Literal[
    "images", "patches", "ids", "vectors", "tokens", "packed", "visual", "stacked", "hidden", "logits", "pairs"
]
"""How a tensor lies: `vectors` one an image or text; `tokens` a row an image, all of one length; `packed` those of all
images in one row; `visual` tokens packed for the language model, `stacked` with those of earlier blocks."""
UNKNOWN = "?"
"""A size that the page does not state."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What flows: how it lies, its axes, its type; `each`: what one image takes of it, a formula, "" where unknown."""

    form: Form
    axes: tuple[str, ...]
    dtype: Literal["float", "int64"] = "float"
    each: str = ""

    @property
    def width(self) -> str:
        """Its last axis."""
        return self.axes[-1]

    def __str__(self) -> str:
        return f"({', '.join(self.axes)})"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a component cannot take what reaches it.

    `slot` and `field` are the cell to mend (field "": the link that decides the kind); `beside` other cells with what
    they contribute; `becomes` what the generated model would say when it runs, "" where none could be written.
    """

    slot: str
    field: str
    message: str
    becomes: str = ""
    beside: tuple[tuple[str, str, str], ...] = ()
    help: str = ""
    mark: str = ""
    """What stands under the cell."""


class UnfitError(Exception):
    """Raised by a signature: the components do not fit."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Step:
    """One component at work."""

    slot: str
    kind: str
    takes: tuple[Tensor, ...]
    gives: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A variant's steps as far as they are known, and the fault that ends them."""

    steps: tuple[Step, ...]
    fault: Fault | None = None
    stopped: str = ""
    """Why nothing is known beyond the last step, where nothing is wrong."""

    def given(self, slot: str) -> Tensor | None:
        """What a slot gives."""
        return next((step.gives[0] for step in self.steps if step.slot == slot and step.gives), None)


def value(own: Resolved, name: str) -> Plain:
    """A field's value; None where the kind has no such field or the page does not state it."""
    return own.get(name) if has(own, name) else None


def has(own: Resolved, name: str) -> bool:
    """Whether a kind has the field."""
    return name in own.kind.fields


def whole(own: Resolved, name: str) -> int | None:
    """A field that is a whole number."""
    found = value(own, name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def unwired(own: Resolved, slots: Slots) -> tuple[str, str] | None:
    """The first slot and field that a component is built from and that are not there."""
    for place in own.kind.wiring.values():
        slot, dot, field = place.removeprefix("len(").rstrip(")").partition(".")
        if dot and not (slot in slots and has(slots[slot], field)):
            return slot, field
    return None


def size(found: Plain) -> str:
    """A size as an axis says it."""
    return str(found) if isinstance(found, int) else UNKNOWN
