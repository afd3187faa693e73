"""The shapes of the tables in released.py: what releases call fields and tensors, and how a key is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Absent:
    """What stands for a key that is not there, where None is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Key(NamedTuple):
    """Where releases write a field of ours: `keys` are dotted, and the first one present wins."""

    keys: str = ""
    default: Any = ABSENT
    """The value where no key is present."""
    otherwise: str = ""
    """Fields of ours that give it then: `heads`, or `dim/heads`, the first divided by the second."""
    words: str = ""
    """Released words and ours: `swish=silu gelu_new=gelu_tanh`."""
    any_true: bool = False
    """True where any of the keys is."""
    minimum: float | None = None

    @property
    def ours(self) -> dict[str, str]:
        """Released words → ours."""
        return dict(word.split("=") for word in self.words.split())


class Demand(NamedTuple):
    """Keys that must hold one of the allowed values; `at least F`, `equal F` and `each V` compare with a field of ours
    or item by item; `default` is the value of an absent key."""

    keys: str
    allowed: tuple[Any, ...]
    default: Any = ABSENT


class Dialect(NamedTuple):
    """What one `model_type` calls one kind: `config` is the kind's dataclass, `page` where this is written."""

    slot: str
    model_type: str
    config: str
    page: str
    fields: Mapping[str, Any] = NOTHING
    """A `Key`, or the value that every release of this dialect has."""
    demands: tuple[Demand, ...] = ()
    ignored: str = ""
    tensors: Mapping[str, str] = NOTHING
    """A tensor or module of ours → the released ones that it consists of, as `expanded` reads them."""
    stale: str = ""

    def key(self, field: str) -> Key:
        """Where that field is written; a constant is written nowhere."""
        found = self.fields[field]
        return found if isinstance(found, Key) else Key(default=found)


class Section(NamedTuple):
    """Where a slot's fields are in config.json ("": at the top), the model_type assumed there, its other spellings."""

    key: str = ""
    model_type: str = ""
    words: str = ""


class Released(NamedTuple):
    """All tables of a package."""

    page: str
    model_type: str
    architectures: tuple[str, ...]
    sections: Mapping[str, Section]
    dialects: tuple[Dialect, ...]
    fields: Mapping[str, Any]
    """Fields of any slot (`encoder.features`) that are written at the top."""
    layouts: Mapping[str, Mapping[str, str]]
    """Our prefix → released prefix, the longest match counts."""
    ignored: str = ""
    stale: str = ""
    without: tuple[str, ...] = ()
    """Fields that no variant of the page uses, and that the package has no code for."""

    def dialect(self, slot: str, config: Any) -> Dialect:
        """The one in which this part of a configuration is written."""
        name = getattr(config, "model_type", self.model_type)
        for dialect in self.dialects:
            if (dialect.slot, dialect.model_type, dialect.config) == (slot, name, type(config).__name__):
                return dialect
        raise ValueError(f"{slot}: no release calls a {type(config).__name__} {name!r}")


def expanded(names: str) -> tuple[tuple[str, ...], int]:
    """`a.{q,k}_proj as 1×…` as (a.q_proj, a.k_proj) and the number of leading axes of length 1 in the file."""
    text, _, shape = names.partition(" as ")
    found = re.fullmatch(r"(.*)\{(.*)\}(.*)", text)
    parts = [found[1] + middle + found[3] for middle in found[2].split(",")] if found else [text]
    return tuple(parts), shape.count("1×")


def find(part: Mapping[str, Any], keys: str) -> list[tuple[str, Any]]:
    """The dotted keys that are present, with their values."""
    found = []
    for path in keys.split():
        value: Any = part
        for key in path.split("."):
            value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
        if value is not ABSENT:
            found.append((path, value))
    return found


def store(part: dict[str, Any], path: str, value: Any) -> None:
    """Sets a dotted path, making the objects on the way."""
    *parents, last = path.split(".")
    for key in parents:
        part[key] = dict(inner) if isinstance(inner := part.get(key), Mapping) else {}
        part = part[key]
    part[last] = list(value) if isinstance(value, tuple) else value


def short(value: Any) -> str:
    """A value as it stands in an error."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
