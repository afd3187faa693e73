"""What a kind's fields take, told without its class, is what the class says."""

from __future__ import annotations

import math

import pytest
from pydantic import BaseModel, ValidationError, create_model

from chiasm.spec import registry
from chiasm.spec.forms import UnsureError
from chiasm.spec.kind import Kind, known
from chiasm.spec.model import Plain

NUMBERS: tuple[Plain, ...] = (
    *(-(10**13), -201, -200, -10, -1, 0, 1, 2, 200, 201, 224, 10**6, 10**6 + 1, 10**12, 10**12 + 1, 10**400),
    *(-10.5, -1.0, 0.0, 1e-9, 0.5, 1.0, 1.5, 1e12, 1e13, math.inf, math.nan),
)
WORDS: tuple[Plain, ...] = ("", "gelu", "pooled", "bicubic", "3", True, False, None)
LISTS: tuple[Plain, ...] = ((), (1,), (0.5, 0.5, 0.5), (1, 2, 3), (-1, 2), ("a",), ("a", 1), (True,), (None,), ((1,),))


def alone(kind: type[Kind], name: str) -> type[BaseModel]:
    """The class with that field only."""
    return create_model(
        kind.name, __base__=Alone, **{name: (kind.model_fields[name].annotation, kind.model_fields[name])}
    )  # type: ignore[call-overload, no-any-return]


class Alone(BaseModel):
    model_config = Kind.model_config


def held(cls: type[BaseModel], name: str, value: Plain) -> tuple[Plain, ...]:
    """The value as the class holds it in a field; () where it does not take it."""
    try:
        return (getattr(cls.model_validate({name: value}), name),)
    except ValidationError:
        return ()


@pytest.mark.parametrize("kind", registry.kinds(), ids=lambda kind: f"{kind.slot}-{kind.name}")
def test_what_a_form_takes_its_class_takes(kind: type[Kind]) -> None:
    told = known(kind)
    for name, form in told.forms.items():
        cls = alone(kind, name)
        for value in (*NUMBERS, *WORDS, *LISTS):
            try:
                taken = form.taken(value)
            except UnsureError:
                continue
            assert repr(held(cls, name, value)) == repr((taken,)), (name, value)


def test_forms_of_the_shipped_kinds_are_whole() -> None:
    """Nothing is asked of a class but why a value does not fit."""
    assert [name for kind in registry.known() for name, form in kind.forms.items() if not form.whole] == []
    assert all(kind.certain for kind in registry.known())


def test_what_is_kept_is_what_the_classes_say() -> None:
    assert tuple(map(known, registry.kinds())) == registry.known()
