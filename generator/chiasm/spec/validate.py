"""Turns what cells say into a kind: values and cells in, an instance and diagnostics in the reader's words out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from chiasm.claiming.claim import Fact, Formula, Quantity, Scalar, Value
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.spec import registry
from chiasm.spec.forms import Form, Known, UnsureError
from chiasm.spec.model import Plain

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NOTHING = frozenset({"", "none", "–", "-", "—"})


class UnfitError(ValueError):
    """A cell's value that a field cannot hold; the message is for the reader."""


def plain(kind: Known, name: str, value: Value, text: str) -> Plain:
    """A cell's value as the field holds it; `text` is the cell as written. Raises UnfitError."""
    form = kind.forms[name]
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


def number(value: Fraction, form: Form, name: str) -> int | float:
    """An exact number as an int or a float, whichever the field holds. Raises UnfitError."""
    if value.denominator == 1:
        return int(value)
    if "float" in form.leaves:
        return float(value)
    raise UnfitError(f"`{name}` is a whole number, not {_short(value)}")


def unknown_field(kind: Known, fact: Fact) -> Diagnostic:
    """The finding for a row that names no field of the kind."""
    near = difflib.get_close_matches(fact.field, kind.fields, n=1, cutoff=0.6)
    return Diagnostic(
        "unknown-field",
        f"{_article(kind.name)} has no field `{fact.field}`",
        fact.field_span,
        mark="unknown",
        help=f"did you mean `{near[0]}`?" if near else "fields: " + ", ".join(kind.fields),
        fix=Fix(fact.field_span, near[0])
        if near and fact.field_span.end - fact.field_span.column == len(fact.field)
        else None,
    )


def build(
    kind: Known, values: Mapping[str, Plain], facts: Mapping[str, Fact]
) -> tuple[Mapping[str, Plain] | None, list[Diagnostic], list[str]]:
    """A kind's fields from plain values; else None, what is wrong at which cell, and the required fields left out."""
    try:
        return kind.filled(values), [], []
    except UnsureError:
        return _asked(kind, values, facts)


def _asked(
    kind: Known, values: Mapping[str, Plain], facts: Mapping[str, Fact]
) -> tuple[Mapping[str, Plain] | None, list[Diagnostic], list[str]]:
    """As `build`, by the kind's class."""
    from pydantic import ValidationError

    try:
        made = registry.cls(kind.slot, kind.name).model_validate(dict(values))
    except ValidationError as error:
        wrong, missing = [], []
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0])
            if detail["type"] == "missing":
                missing.append(name)
            elif name in facts:
                wrong.append(bad_value(kind, facts[name], _words(kind, name, detail)))
        return None, wrong, missing
    return {name: getattr(made, name) for name in kind.fields}, [], []


def bad_value(kind: Known, fact: Fact, message: str) -> Diagnostic:
    """The finding for a value that a field cannot hold."""
    form = kind.forms[fact.field]
    choices = f"one of {', '.join(form.choices)}" if form.choices else ""
    return Diagnostic(
        "bad-value", message, fact.cell.span, mark=choices, help=f"write what `{fact.field}` is: {form.description}"
    )


def _words(kind: Known, name: str, detail: ErrorDetails) -> str:
    """pydantic's finding in the reader's words; `loc` beyond the field's name holds union tags and list places."""
    form, given, context = kind.forms[name], detail["input"], detail.get("ctx", {})
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
            for leaf, words in (
                ("bool", "yes or no"),
                ("int", "a whole number"),
                ("float", "a number"),
                ("str", "a name"),
            )
            if leaf in form.leaves
        ),
        "a value",
    )
    several = f"a list, each {wanted}" if form.several else wanted
    return f"`{name}` is {several}, not {shown}"


def _scalar(form: Form, name: str, value: Scalar, text: str) -> Plain:
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


def _short(value: Fraction) -> str:
    return f"{value} = {float(value):.6g}"


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} `{name}`"
