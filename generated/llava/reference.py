"""Turns a released config.json into a `Config` and back, by the tables in released.py.

A field of the file is read into a field of ours, ignored because it does not change what is computed, held to the one
value that this package computes, or refused: nothing in the file is passed over in silence.
"""

from __future__ import annotations

import copy
import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from .dialects import (
    ABSENT,
    Demand,
    Dialect,
    Field,
    Released,
    Section,
    find,
    first_token,
    part_of,
    refuse_unknown,
    store,
    typed,
)

C = TypeVar("C")


def read(cls: type[C], reference: Mapping[str, Any], released: Released, presets: Mapping[str, C]) -> C:
    """A `Config` from a released configuration; slots it does not speak of are those of the most similar preset.

    Raises ValueError naming the key, its value and what the page describes.
    """
    if not isinstance(reference, Mapping):
        raise TypeError(f"a configuration is a mapping, not {type(reference).__name__}")
    if (found := reference.get("model_type")) != released.model_type:
        raise ValueError(f"model_type is {found!r}: this package reads {released.model_type!r}")
    chosen = {slot: _dialect(slot, reference, released) for slot in released.sections}
    refuse_unknown(reference, released, chosen)
    values = {
        slot: _values(dialect, part_of(reference, released.sections[slot].key)) for slot, dialect in chosen.items()
    }
    for field in released.fields:
        slot, name = field.ours.split(".", 1)
        values[slot][name] = _value(field, reference, values[slot])
    for slot, section in released.sections.items():
        values[slot]["model_type"] = _model_type(section, reference, released)
        _agree(slot, chosen[slot], part_of(reference, section.key), values)
    return _build(cls, chosen, values, presets, released.without)


def write(config: Any, released: Released, loaded: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The released configuration of `config`; keys that do not change what is computed are kept from `loaded`."""
    out: dict[str, Any] = copy.deepcopy(dict(loaded or {}))
    out["model_type"] = released.model_type
    out.setdefault("architectures", list(released.architectures))
    for slot, section in released.sections.items():
        known = getattr(config, slot)
        if section.key:
            out[section.key] = {**(out.get(section.key) or {}), "model_type": known.model_type}
        part = out[section.key] if section.key else out
        dialect = named(released, slot, known)
        for field in dialect.fields:
            owner, name = field.ours.split(".", 1) if "." in field.ours else (slot, field.ours)
            _put(part, field, getattr(getattr(config, owner), name), dataclasses.asdict(known))
        for demand in dialect.demands:
            _fulfil(part, demand, dialect, known)
    for field in released.fields:
        slot, name = field.ours.split(".", 1)
        _put(out, field, getattr(getattr(config, slot), name), {})
    _read_back(config, out, released)
    return out


def named(released: Released, slot: str, config: Any) -> Dialect:
    """The dialect in which this part of a configuration is written."""
    name = getattr(config, "model_type", released.model_type)
    for dialect in released.dialects[slot].get(name, ()):
        if dialect.config == type(config).__name__:
            return dialect
    raise ValueError(f"{slot}: no release calls a {type(config).__name__} {name!r}")


# --- writing ------------------------------------------------------------------------------------------------------


def _put(part: dict[str, Any], field: Field, value: Any, values: Mapping[str, Any]) -> None:
    """Writes one field where it was found, else under its first key; a constant is not written."""
    if not field.paths:
        return
    words = {ours: theirs for theirs, ours in reversed(list(field.words.items()))}
    said = words.get(value, value) if isinstance(value, str) else value
    for path in field.paths:
        if find(part, (path,), null=True)[1] is not ABSENT or (path == field.paths[0] and not _present(part, field)):
            alone = field._replace(paths=(path,))
            if not _present(part, alone) or first_token(field.ours, _value(alone, part, values)) != value:
                store(part, path, said)


def _present(part: Mapping[str, Any], field: Field) -> bool:
    return find(part, field.paths, null=True)[1] is not ABSENT


def _fulfil(part: dict[str, Any], demand: Demand, dialect: Dialect, known: Any) -> None:
    if _unmet(demand, dialect, part):
        path = find(part, demand.paths)[0] or demand.paths[0]
        how, wanted = demand.allowed[0]
        store(part, path, wanted if how == "is" else getattr(known, wanted))


def _read_back(config: Any, out: Mapping[str, Any], released: Released) -> None:
    """What was written must say what `config` says: a dialect cannot express everything."""
    again: Any = read(type(config), out, released, {"": config})
    for slot in released.sections:
        ours, theirs = getattr(config, slot), getattr(again, slot)
        for field in dataclasses.fields(ours):
            if getattr(ours, field.name) != (said := getattr(theirs, field.name, ABSENT)):
                raise ValueError(
                    f"{slot}.{field.name} is {getattr(ours, field.name)!r}: a {released.model_type!r} configuration "
                    f"cannot say that, it would be read as {said!r}"
                )


# --- reading ------------------------------------------------------------------------------------------------------


def _model_type(section: Section, reference: Mapping[str, Any], released: Released) -> str:
    if not section.key:
        return released.model_type
    found = part_of(reference, section.key).get("model_type") or section.model_type
    return section.words.get(found, found) if isinstance(found, str) else repr(found)


def _dialect(slot: str, reference: Mapping[str, Any], released: Released) -> Dialect:
    section = released.sections[slot]
    name = _model_type(section, reference, released)
    known = released.dialects[slot]
    if name not in known:
        raise ValueError(
            f"{section.key}.model_type is {name!r}: as {slot} this package reads {', '.join(sorted(known))}"
        )
    part = part_of(reference, section.key)
    failed = [[(demand, _unmet(demand, dialect, part)) for demand in dialect.demands] for dialect in known[name]]
    for dialect, demands in zip(known[name], failed, strict=True):
        if not any(reason for _, reason in demands):
            return dialect
    reasons = [reason for demands in failed for _, reason in demands if reason]
    raise ValueError(f"{section.key or 'config.json'}: {'; '.join(reasons)} ({known[name][0].page})")


def _unmet(demand: Demand, dialect: Dialect, part: Mapping[str, Any]) -> str:
    """Why a demand is not met; "" where it is."""
    path, value = find(part, demand.paths)
    if value is ABSENT:
        path, value = demand.paths[0], demand.default
    if value is ABSENT:
        return ""
    for how, wanted in demand.allowed:
        if how == "is" and type(value) is type(wanted) and value == wanted:
            return ""
        if how == "each" and isinstance(value, list) and all(item == wanted for item in value):
            return ""
        if how in {"at least", "equal"} and isinstance(value, int):
            field = next(field for field in dialect.fields if field.ours == wanted)
            other = _value(field, part, {})
            if value == other or (how == "at least" and value > other):
                return ""
    said = " or ".join(f"{'' if how == 'is' else how + ' '}{wanted!r}" for how, wanted in demand.allowed)
    return f"{path} is {value!r}, and the page describes {said} only"


def _values(dialect: Dialect, part: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in dialect.fields:
        if "." not in field.ours:
            values[field.ours] = _value(field, part, values)
    return values


def _value(field: Field, part: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """The value of one field; `values` are those read before it."""
    present = [value for path in field.paths if (value := find(part, (path,), null=True)[1]) is not ABSENT]
    if field.any_true and present:
        return any(value is True for value in present)
    value = next((value for value in present if value is not None), None if present else field.default)
    if (value is None or value is ABSENT) and field.otherwise:
        first, *rest = (values[name] for name in field.otherwise)
        return first // rest[0] if rest else first
    if value is ABSENT:
        raise ValueError(f"{' / '.join(field.paths)} is missing: it gives {field.ours}")
    if value is None and field.default not in (None, ABSENT):
        value = field.default
    value = tuple(value) if isinstance(value, list) else value
    return field.words.get(value, value) if isinstance(value, str) else value


def _agree(slot: str, dialect: Dialect, part: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> None:
    """Fields that repeat another slot's must say the same."""
    for field in dialect.fields:
        if "." in field.ours:
            other, name = field.ours.split(".", 1)
            path, value = find(part, field.paths)
            if value is not ABSENT and value != values[other][name]:
                raise ValueError(f"{path} of the {slot} is {value!r}, but {other}.{name} is {values[other][name]!r}")


def _build(
    cls: type[C],
    chosen: Mapping[str, Dialect],
    values: Mapping[str, dict[str, Any]],
    presets: Mapping[str, C],
    without: tuple[str, ...],
) -> C:
    hints = typing.get_type_hints(cls)
    minima = {slot: {field.ours: field.minimum for field in dialect.fields} for slot, dialect in chosen.items()}
    slots: dict[str, Any] = {}
    for slot, dialect in chosen.items():
        kind = next(
            k for k in (hints[slot], *typing.get_args(hints[slot])) if getattr(k, "__name__", "") == dialect.config
        )
        slots[slot] = typed(slot, kind, values[slot], minima[slot])
    for slot, _, name in (field.partition(".") for field in without):
        if getattr(slots.get(slot), name, None):
            value = getattr(slots[slot], name)
            raise ValueError(
                f"{slot}.{name} is {value!r}: no variant of the page has it, and the package no code for it"
            )

    def likeness(preset: C) -> int:
        return sum(
            getattr(getattr(preset, slot), field.name, ABSENT) == getattr(made, field.name)
            for slot, made in slots.items()
            for field in dataclasses.fields(made)
        )

    base: Any = max(presets.values(), key=likeness)
    return typing.cast("C", dataclasses.replace(base, **slots))
