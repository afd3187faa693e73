"""What a kind's fields take, as plain values: a field's form and a value in, the value as the kind holds it out.

A form says what the kind's class says, so that values which certainly fit need no class, and with it no validator; for
every other value the class is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from chiasm.record import record
from chiasm.spec.model import FieldSpec, KindSpec, Plain

Bounds = tuple[int | float | None, int | float | None, int | float | None, int | float | None]
"""At least, more than, at most, less than."""


class UnsureError(Exception):
    """Raised where a form does not tell whether a value fits."""


@record(frozen=True, slots=True)
class Form:
    """What a field holds: its type's leaves, whether it is a list, may be absent, its unit, and what bounds it."""

    leaves: frozenset[str]
    """Names of the types: `int`, `float`, `bool`, `str`, `NoneType`."""
    choices: tuple[str, ...]
    several: bool
    optional: bool
    unit: str
    description: str
    bounds: Bounds
    items: int
    """How many items a list has; 0: any number of them."""
    whole: bool
    """Nothing but the above decides what fits."""

    @property
    def text(self) -> bool:
        """The field holds words, never a number."""
        return self.leaves <= {"str", "NoneType"}

    def taken(self, value: Plain) -> Plain:
        """A value as the kind holds it.

        Raises:
            UnsureError: the kind's class has to be asked.
        """
        if not self.whole:
            raise UnsureError
        if value is None and self.optional:
            return None
        if not self.several:
            return self._item(value)
        if type(value) is not tuple or (self.items and len(value) != self.items):
            raise UnsureError
        return tuple(map(self._item, value))

    def _item(self, value: Plain) -> Plain:
        if type(value) is str and "str" in self.leaves and (not self.choices or value in self.choices):
            return value
        if type(value) is bool and "bool" in self.leaves:
            return value
        if type(value) is int and "int" in self.leaves and self._within(value):
            return value
        if type(value) in (int, float) and "float" in self.leaves:
            try:
                number = float(value)  # type: ignore[arg-type]
            except OverflowError:
                raise UnsureError from None
            if math.isfinite(number) and self._within(number):
                return number
        raise UnsureError

    def _within(self, value: float) -> bool:
        least, more, most, less = self.bounds
        return (
            (least is None or value >= least)
            and (more is None or value > more)
            and (most is None or value <= most)
            and (less is None or value < less)
        )


@record(frozen=True, slots=True)
class Known:
    """A kind without its class: what it is, and what each of its fields takes."""

    spec: KindSpec
    columns: Literal["variant", "stage"]
    forms: Mapping[str, Form]
    certain: bool
    """Its class looks at each field by itself."""

    @property
    def slot(self) -> str:
        """The slot it fills."""
        return self.spec.slot

    @property
    def name(self) -> str:
        """Its name in code."""
        return self.spec.name

    @property
    def anchor(self) -> str:
        """The heading that defines it."""
        return self.spec.anchor

    @property
    def fields(self) -> Mapping[str, FieldSpec]:
        """Its fields in their order."""
        return self.spec.fields

    def filled(self, values: Mapping[str, Plain]) -> dict[str, Plain]:
        """All of its fields, where the values are certainly those of one.

        Raises:
            UnsureError: the kind's class has to be asked.
        """
        if not self.certain or not self.fields.keys() >= values.keys():
            raise UnsureError
        made: dict[str, Plain] = {}
        for name, own in self.fields.items():
            if name in values:
                made[name] = self.forms[name].taken(values[name])
            elif own.required:
                raise UnsureError
            else:
                made[name] = own.default
        return made
