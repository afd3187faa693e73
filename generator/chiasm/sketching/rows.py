"""Makes a row of a draft: a configuration and a row of released names in; the field, its cell and its source out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from chiasm.evidence import Json
from chiasm.regex import regex
from chiasm.spec.model import KindSpec, NameRow

PLAIN = regex(r"[A-Za-z0-9_][\w.+/-]{0,63}", re.ASCII)
"""Words of a configuration that may stand on a page."""
CELL = regex(
    r"(?P<keys>`[^`]+`(?:\s*(?:/|\bor\b)?\s*`[^`]+`)*)?\s*(?P<value>[^(]*?)\s*(?:\((?P<words>.*)\))?$", re.DOTALL
)
DERIVED = "derived"
Config = Mapping[str, Json]


class Row(NamedTuple):
    """A row of a table of facts."""

    field: str
    cell: str
    source: str
    value: Json = None


class Part(NamedTuple):
    """Where a configuration says something of a slot: before its keys, in which dialect, cited by which key."""

    prefix: str
    dialect: str
    key: str


def row_of(found: Config, row: NameRow, kind: KindSpec, part: Part, field: str = "") -> Row | None:
    """A field as the file states it, else as the reference class has it; None where neither says anything."""
    prefix, dialect, key = part
    name = field or row.ours
    match = CELL.match(row.cell.text.strip())
    words = _words(match["words"] or "") if match else {}
    told = next((prefix + one for one in row.names if found.get(prefix + one) is not None), "")
    if told:
        value = found[told]
        ours = words.get(str(value).lower(), words.get(str(value))) if isinstance(value, bool | str) else None
        cell = spelt(value if ours is None else ours, kind, name)
        return Row(name, cell, f"[@{key}] {told}", value) if cell else None
    default, _, otherwise = (match["value"] if match else "").partition("else ")
    if otherwise.strip() and not default.strip():
        return Row(name, f"`{otherwise.strip()}`", DERIVED)
    if not default.strip() or default.strip() == "null" or field:
        return None
    cell = spelt(_scalar(default), kind, name)
    where = f" {row.names[0]}" if row.names else ""
    return Row(name, cell, f"{file_of(row.source, dialect)}{where}", _scalar(default)) if cell else None


def file_of(source: str, dialect: str) -> str:
    """Of the files that a row's source names, the dialect's own."""
    head, _, files = source.partition(" ")
    own = [name for name in files.split(", ") if dialect.replace("-", "_").startswith(name.partition("/")[0])]
    return f"{head} {max(own, key=len)}" if own else source


def _words(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split(",") if "=" in word)
    return {theirs.strip().strip("`"): ours.strip().strip("`") for theirs, _, ours in pairs}


def _scalar(text: str) -> Json:
    """A default as a name table writes it."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1:
        return [_scalar(part) for part in parts]
    try:
        value: Json = json.loads(parts[0])
    except ValueError:
        return parts[0]
    return value


def spelt(value: Json, kind: KindSpec, field: str) -> str:
    """A value as a cell writes it; "" where that is not safe or not of the field's type."""
    known = kind.fields[field]
    if isinstance(value, list):
        if "tuple" not in known.type and value and all(item == value[0] for item in value):
            return spelt(value[0], kind, field)
        parts = [spelt(item, kind, field) for item in value[:64] if not isinstance(item, list)]
        return ", ".join(parts) if "tuple" in known.type and len(parts) == len(value) and all(parts) else ""
    if isinstance(value, bool):
        return str(value).lower() if "bool" in known.type else ""
    if isinstance(value, int | float):
        if not any(word in known.type for word in ("int", "float")) or not -1e15 < value < 1e15:
            return ""
        number = re.sub(r"e([+-])0+", r"e\1", repr(value)).replace("e+", "e")
        return f"{number} {known.unit}" if known.unit and "tuple" not in known.type else number
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value if "str" in known.type or f"'{value}'" in known.type else ""
    return ""


def number(value: Json) -> object:
    """A value as formulas know it."""
    if isinstance(value, float):
        return Fraction(repr(value))
    if isinstance(value, list) and value and all(item == value[0] for item in value):
        return number(value[0])
    return value
