"""Writes a spec down and reads it again: values of a few known classes in, one line of JSON out, and back.

A line is a list of nodes, each after those that it is made of: the number of its class, then its fields. A field is a
plain value, or `[n]`, which stands for node n; so what several own is written once. Only the classes named here are
ever made, from values alone: nothing in a line can be run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any, TypeVar

from chiasm.claiming.claim import Disagreement, Evidence, Fact, Formula, MaskTable, Position
from chiasm.document import Cell, Cite, Code, Link, Math, Text
from chiasm.numbers.quantity import Quantity
from chiasm.span import Span
from chiasm.spec.model import (
    Entry,
    Evaluated,
    FieldSpec,
    KindSpec,
    ModelSpec,
    NameRow,
    Names,
    Operand,
    Resolved,
    VariantSpec,
)

T = TypeVar("T")
Make = Callable[..., object]


def _mapping(*items: Any) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))


def _row(*items: object) -> tuple[object, ...]:
    return items


RECORDS = (
    Text,
    Code,
    Link,
    Cite,
    Math,
    Cell,
    Quantity,
    Formula,
    Evidence,
    Fact,
    MaskTable,
    Position,
    Disagreement,
    Operand,
    Evaluated,
    Entry,
    Resolved,
    VariantSpec,
    NameRow,
    Names,
    ModelSpec,
    FieldSpec,
    KindSpec,
)
NUMBERS: Mapping[type, int] = {tuple: 0, dict: 1, Fraction: 2, Span: 3} | {one: at for at, one in enumerate(RECORDS, 4)}
MAKERS: tuple[Make, ...] = (_row, _mapping, Fraction, Span, *RECORDS)
FIELDS: Mapping[type, tuple[str, ...]] = {
    one: tuple(field.name for field in fields(one) if field.init) for one in RECORDS
}
PLAIN = (str, int, float, bool, type(None))


def packed(value: object, apart: Mapping[type, Callable[[Any], tuple[str, ...]]] | None = None) -> str:
    """A value as a line. Of classes in `apart` no more than the words that it is known by are written."""
    nodes: list[list[object]] = []
    places: dict[object, list[int]] = {}

    def place(one: Any) -> object:
        kind = type(one)
        if kind in PLAIN:
            return one
        # Places are told apart by what they say, other values by what they are: they live as long as the whole.
        key = (kind, one) if kind is Span or one == () else id(one)
        if key not in places:
            parts = apart[kind](one) if apart and kind in apart else _parts(one)
            node = [NUMBERS[kind], *map(place, parts)]
            places[key] = [len(nodes)]
            nodes.append(node)
        return places[key]

    place((value,))
    return json.dumps(nodes, ensure_ascii=False, separators=(",", ":"))


def unpacked(line: str, wanted: type[T], apart: Mapping[type, Make] | None = None) -> T:
    """The value of a line. Raises ValueError where the line holds none."""
    makers = list(MAKERS)
    for kind, make in (apart or {}).items():
        makers[NUMBERS[kind]] = make
    made: list[Any] = []
    try:
        for number, *parts in json.loads(line):
            made.append(makers[number](*[made[part[0]] if type(part) is list else part for part in parts]))
        value = made[-1][0]
    except (TypeError, LookupError, ArithmeticError) as error:
        raise ValueError(line[:80]) from error
    if not isinstance(value, wanted):
        raise ValueError(line[:80])  # noqa: TRY004, it is the line that is wrong
    return value


def _parts(one: Any) -> Iterator[object]:
    match one:
        case Span() | tuple():
            yield from one
        case dict():
            for key, value in one.items():
                yield from (key, value)
        case Fraction():
            yield from (one.numerator, one.denominator)
        case _:
            yield from (getattr(one, name) for name in FIELDS[type(one)])
