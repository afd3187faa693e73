"""Turns what cells say into a kind: values and cells in, an instance and diagnostics in the reader's words out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Literal, Union, get_args, get_origin

from chiasm.claiming.claim import Fact, Formula, Quantity, Scalar, Value
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.record import record
from chiasm.spec.model import KindSpec, Plain

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from chiasm.spec.kind import Kind

NOTHING = frozenset({"", "none", "–", "-", "—"})


@record(frozen=True, slots=True)
class Shape:
    """What a field holds: its type's leaves, whether it is a list, may be absent, and its unit."""

    leaves: frozenset[type]
    choices: tuple[str, ...]
    several: bool
    optional: bool
    unit: str
    description: str

    @property
    def text(self) -> bool:
        """The field holds words, never a number."""
        return self.leaves <= {str, NoneType}


class UnfitError(ValueError):
    """A cell's value that a field cannot hold; the message is for the reader."""


@cache
def shape(kind: type[Kind], name: str) -> Shape:
    """What a field of a kind holds."""
    info = kind.model_fields[name]
    leaves = set(_leaves(info.annotation))
    choices = tuple(leaf for leaf in leaves if isinstance(leaf, str))
    extra = info.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    types = frozenset(leaf for leaf in leaves if isinstance(leaf, type)) - {tuple}
    return Shape(
        leaves=types | ({str} if choices else frozenset()),
        choices=_in_order(info.annotation, choices),
        several=tuple in leaves,
        optional=NoneType in leaves,
        unit=unit,
        description=info.description or name.replace("_", " "),
    )


def plain(kind: type[Kind], name: str, value: Value, text: str) -> Plain:
    """A cell's value as the field holds it; `text` is the cell as written. Raises UnfitError."""
    form = shape(kind, name)
    if isinstance(value, tuple):
        if form.text and not form.several:
            return text
        if not form.several:
            raise UnfitError(f"`{name}` is one value, not a list of {len(value)}")
        return tuple(_scalar(form, name, item, item if isinstance(item, str) else text) for item in value)
    if isinstance(value, str) and value.strip().lower() in NOTHING and value.strip().lower() not in form.choices:
        if form.several:
            return ()
        if form.optional:
            return None
    if isinstance(value, Formula):
        if form.text:
            return value.source
        raise UnfitError(f"`{name}` is a formula that has no value here")
    item = _scalar(form, name, value, text)
    return (item,) if form.several else item


def exact(value: Value) -> Fraction | None:
    """The exact number that a cell states, where it states one."""
    return value.value if isinstance(value, Quantity) else None


def number(value: Fraction, form: Shape, name: str) -> int | float:
    """An exact number as an int or a float, whichever the field holds. Raises UnfitError."""
    if value.denominator == 1:
        return int(value)
    if float in form.leaves:
        return float(value)
    raise UnfitError(f"`{name}` is a whole number, not {_short(value)}")


def unknown_field(kind: type[Kind], fact: Fact) -> Diagnostic:
    """The finding for a row that names no field of the kind."""
    near = difflib.get_close_matches(fact.field, kind.model_fields, n=1, cutoff=0.6)
    return Diagnostic(
        "unknown-field",
        f"{_article(kind.name)} has no field `{fact.field}`",
        fact.field_span,
        mark="unknown",
        help=f"did you mean `{near[0]}`?" if near else "fields: " + ", ".join(kind.model_fields),
        fix=Fix(fact.field_span, near[0])
        if near and fact.field_span.end - fact.field_span.column == len(fact.field)
        else None,
    )


def described(kind: type[Kind]) -> KindSpec:
    """A kind as plain values."""
    from chiasm.spec.kind import described as plainly

    return plainly(kind)


def build(
    kind: type[Kind], values: Mapping[str, Plain], facts: Mapping[str, Fact]
) -> tuple[Kind | None, list[Diagnostic], list[str]]:
    """A kind from plain values: the instance, what is wrong at which cell, and the required fields left out."""
    from pydantic import ValidationError

    try:
        return kind.model_validate(dict(values)), [], []
    except ValidationError as error:
        wrong, missing = [], []
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0])
            if detail["type"] == "missing":
                missing.append(name)
            elif name in facts:
                wrong.append(bad_value(kind, facts[name], _words(kind, name, detail)))
        return None, wrong, missing


def bad_value(kind: type[Kind], fact: Fact, message: str) -> Diagnostic:
    """The finding for a value that a field cannot hold."""
    form = shape(kind, fact.field)
    choices = f"one of {', '.join(form.choices)}" if form.choices else ""
    return Diagnostic(
        "bad-value", message, fact.cell.span, mark=choices, help=f"write what `{fact.field}` is: {form.description}"
    )


def _words(kind: type[Kind], name: str, detail: ErrorDetails) -> str:
    """pydantic's finding in the reader's words; `loc` beyond the field's name holds union tags and list places."""
    form, given, context = shape(kind, name), detail["input"], detail.get("ctx", {})
    shown = "yes" if given is True else "no" if given is False else str(given).strip("`")
    bounds = {
        "greater_than": ("gt", "more than"),
        "greater_than_equal": ("ge", "at least"),
        "less_than": ("lt", "less than"),
        "less_than_equal": ("le", "at most"),
    }
    if detail["type"] in bounds:
        key, words = bounds[detail["type"]]
        return f"`{name}` is {words} {context[key]:,}, not {shown}"
    if form.choices:
        near = difflib.get_close_matches(shown, form.choices, n=1)
        return f"`{name}` cannot be {shown}" + (f"; did you mean {near[0]}?" if near else "")
    wanted = next(
        (
            words
            for leaf, words in ((bool, "yes or no"), (int, "a whole number"), (float, "a number"), (str, "a name"))
            if leaf in form.leaves
        ),
        "a value",
    )
    several = f"a list, each {wanted}" if form.several else wanted
    return f"`{name}` is {several}, not {shown}"


def _scalar(form: Shape, name: str, value: Scalar, text: str) -> Plain:
    if form.text:
        return value if isinstance(value, str) else text.strip("`")
    if isinstance(value, Quantity):
        if value.high is not None:
            raise UnfitError(f"`{name}` is one number, not a range")
        if value.unit and not _fits(value.unit, form.unit, name):
            raise UnfitError(
                f"`{name}` is in {form.unit}, not in {value.unit}"
                if form.unit
                else f"`{name}` has no unit {value.unit}"
            )
        return number(value.value, form, name)
    return value


def _fits(unit: str, declared: str, name: str) -> bool:
    """A unit is the declared one, or repeats the field's own name ("32 layers", "16 attention heads")."""
    if declared:
        return unit.rstrip("s") == declared.rstrip("s")
    return unit.rstrip("s") in name or name.rpartition("_")[2].rstrip("s") in unit


def _leaves(annotation: object) -> Iterable[object]:
    """Types and literal choices in an annotation; `tuple` itself marks a list."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _leaves(arguments[0])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _leaves(argument)
    elif origin is Literal:
        yield from arguments
    elif origin is tuple:
        yield tuple
        for argument in arguments:
            if argument is not Ellipsis:
                yield from _leaves(argument)
    elif annotation is not None:
        yield annotation


def _in_order(annotation: object, choices: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(leaf for leaf in _leaves(annotation) if isinstance(leaf, str) and leaf in choices)


def _short(value: Fraction) -> str:
    return f"{value} = {float(value):.6g}"


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} `{name}`"
