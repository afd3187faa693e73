"""Compiles the tables of released names: a system's `tensors` and `configuration` tables in, rows of released.py out.

A configuration cell is the keys, then the value of an absent key, then what the released words mean:
`` `hidden_act` quick_gelu (gelu_pytorch_tanh = gelu_tanh) ``, `` `num_key_value_heads` 8 else heads ``, or a constant.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chiasm.diagnostic import Diagnostic, Found
from chiasm.plan import Released, ReleasedDialect
from chiasm.regex import regex
from chiasm.spec.model import KindSpec, ModelSpec, NameRow, Names

Row = tuple[str, str]
"""A name of ours and the Python expression that it is mapped to."""

Scalar = bool | int | float | str | tuple["Scalar", ...] | None

CELL = regex(
    r"(?P<keys>`[^`]+`(?:\s*(?:/|\bor\b)?\s*`[^`]+`)*)?\s*(?P<value>[^(]*?)\s*(?:\((?P<words>.*)\))?$", re.DOTALL
)
HOW = ("each ", "at least ", "equal ")
"""How a demand may compare, besides being equal to a value: with a value or a field."""


class Cell(NamedTuple):
    """A configuration cell, taken apart."""

    keys: tuple[str, ...]
    any_true: bool
    value: str
    words: str


def released(spec: ModelSpec) -> Found[Released]:
    """Every table that the system's variants need, as Python expressions over `dialects.py`."""
    own = {row.ours: row for row in spec.configuration}
    without = _without(spec)
    every, found = described(spec)
    dialects = [d for d in every if d.name in _spoken(spec, d.slot) and not _needs(d, without)]
    slots = sorted({dialect.slot for dialect in every})
    kinds = {slot: [kind for (other, _), kind in _kinds(spec).items() if other == slot] for slot in slots}
    layouts = [(name, _prefixes(rows)) for name, rows in sorted(spec.checkpoint.items())]
    problems = list(found)
    fields = [
        _field(row, kinds[row.ours.partition(".")[0]], problems, name=row.ours.partition(".")[2])
        for row in spec.configuration
        if row.ours.partition(".")[0] in kinds and "." in row.ours
    ]
    return (
        Released(
            page=spec.path,
            model_type=plain(own, "model_type"),
            architectures=tuple(re.findall(r"[A-Za-z0-9_]+", plain(own, "architectures"))),
            sections=tuple((slot, _section(own.get(slot))) for slot in slots),
            dialects=tuple(dialects),
            fields=tuple(filter(None, fields)),
            ignored=_ignored(spec.configuration),
            layout=layouts[0][1] if layouts else (),
            layouts=tuple((name, _over(dict(layouts[0][1]), dict(rows))) for name, rows in layouts),
            stale=_stale(row for rows in spec.checkpoint.values() for row in rows),
            without=without,
        ),
        tuple(problems),
    )


def described(spec: ModelSpec) -> Found[tuple[ReleasedDialect, ...]]:
    """Every dialect of the system's kinds that the tables speak, whether or not a variant does."""
    own = {row.ours: row for row in spec.configuration}
    kinds = _kinds(spec)
    found: list[Diagnostic] = []
    made: list[ReleasedDialect] = []
    for key in sorted(key for key, names in spec.names.items() if names.configuration and key in kinds):
        # A slot that is written at the top of config.json has the system's own names, whatever others call it.
        nested = key[0] in own and _cell(own[key[0]]).keys
        names = sorted(n for n in spec.names[key].configuration if nested or n == plain(own, "model_type"))
        made.extend(_dialect(key[0], name, kinds[key], spec.names[key], found) for name in names)
    return tuple(made), tuple(found)


def _kinds(spec: ModelSpec) -> dict[tuple[str, str], KindSpec]:
    kinds = {(r.slot, r.kind.name): r.kind for variant in spec.variants for r in variant.slots.values()}
    return kinds | {(r.slot, r.kind.name): r.kind for r in spec.stages.values()}


def _spoken(spec: ModelSpec, slot: str) -> set[str]:
    """The `model_type`s by which the variants know a slot; where it has no such field, the system's."""
    own = {row.ours: row for row in spec.configuration}
    parts = [variant.slots[slot] for variant in spec.variants if slot in variant.slots]
    return {str(part.values.get("model_type", "")) for part in parts} | {plain(own, "model_type")}


def _without(spec: ModelSpec) -> tuple[str, ...]:
    """Fields whose paths no variant of the page takes: the package holds no code for them."""
    gated: dict[str, bool] = {}
    for variant in spec.variants:
        for resolved in variant.slots.values():
            for field in resolved.kind.gates.values():
                name = f"{resolved.slot}.{field}"
                gated[name] = gated.get(name, False) or bool(resolved.get(field))
    return tuple(sorted(name for name, used in gated.items() if not used))


def _needs(dialect: ReleasedDialect, without: Iterable[str]) -> bool:
    """Every configuration of the dialect takes such a path."""
    names = {name for slot, _, name in (field.partition(".") for field in without) if slot == dialect.slot}
    rows = dict(dialect.fields)
    return any(rows[name] != "False" and not rows[name].startswith("Key(") for name in names & rows.keys())


def plain(own: Mapping[str, NameRow], name: str) -> str:
    """What a row of the page's configuration table says, a bare word; "" for no such row."""
    return own[name].cell.text.strip().strip("`") if name in own else ""


def _dialect(slot: str, dialect: str, kind: KindSpec, names: Names, found: list[Diagnostic]) -> ReleasedDialect:
    rows = names.configuration[dialect]
    tensors = names.tensors.get(dialect, ())
    fields = [_field(row, [kind], found) for row in rows if row.ours not in {"ignored", "must be", "stale"}]
    page, _, anchor = kind.anchor.partition("#")
    return ReleasedDialect(
        slot=slot,
        name=dialect,
        config=kind.config,
        page=f"knowledge/concepts/{page}.md#{anchor}",
        fields=tuple(filter(None, fields)),
        demands=tuple(_demand(row) for row in rows if row.ours == "must be"),
        ignored=_ignored(rows),
        tensors=_prefixes(tensors),
        stale=_stale(tensors),
    )


def _field(row: NameRow, kinds: list[KindSpec], found: list[Diagnostic], *, name: str = "") -> Row | None:
    """A field and its `Key(…)`, or the constant that it is; None where the row cannot be read."""
    cell, ours = _cell(row), name or row.ours
    owners = [kind for kind in kinds if ours in kind.fields]
    if not owners and "." not in ours:
        found.append(_unreadable(row, f"{kinds[0].cls or kinds[0].name} has no field `{ours}`"))
        return None
    value, _, otherwise = cell.value.partition("else ")
    if not cell.keys and not otherwise:
        return row.ours, repr(scalar(value))
    arguments = [repr(" ".join(cell.keys))]
    if value.strip():
        arguments.append(repr(scalar(value)))
    if otherwise.strip():
        arguments.append(f"otherwise={otherwise.replace(' ', '')!r}")
    if cell.words:
        arguments.append(f"words={' '.join(map('='.join, _words(cell).items()))!r}")
    if cell.any_true:
        arguments.append("any_true=True")
    if owners and (low := owners[0].fields[ours].minimum) is not None and cell.keys:
        arguments.append(f"minimum={low!r}")
    return row.ours, f"Key({', '.join(arguments)})"


def _demand(row: NameRow) -> str:
    cell = _cell(row)
    allowed = []
    for choice in re.split(r"\bor\b", cell.value):
        wanted = choice.strip()
        allowed.append(wanted if wanted.startswith(HOW) else scalar(wanted))
    default = cell.words.removeprefix("default").strip()
    return f"Demand({' '.join(cell.keys)!r}, {tuple(allowed)!r}{f', {scalar(default)!r}' if default else ''})"


def _prefixes(rows: Iterable[NameRow]) -> tuple[Row, ...]:
    """Rows of a `tensors` table as `dialects.py` reads them."""
    made = []
    for row in rows:
        if row.ours != "stale" and row.cell.text.strip():
            names, ones = parts_of(row)
            made.append((row.ours, repr(braced(names) + (f" as {'1×' * ones}…" if ones else ""))))
    return tuple(made)


def parts_of(row: NameRow) -> tuple[tuple[str, ...], int]:
    """Released names of a tensor or a prefix, and leading axes of length 1 that its shape has there besides.

    "top level" is the empty prefix, `as 1 × 1 × dim` two leading axes of length 1.
    """
    text = row.cell.text.strip()
    shape = text.rpartition("` as ")[2] if "` as " in text else ""
    ones = sum(axis.strip() == "1" for axis in shape.split("×"))
    return tuple(_spans(row)) or ("",), ones


def braced(names: tuple[str, ...]) -> str:
    """Names that differ in one place as the shell writes them: `a.q_proj a.k_proj` → `a.{q,k}_proj`."""
    if len(names) == 1:
        return names[0]
    # Whole words only: what is common ends, or begins, with a separator.
    before = re.sub(r"[^._]*$", "", os.path.commonprefix(names))  # noqa: RUF071 - names, no paths
    ends = [name[len(before) :][::-1] for name in names]
    after = re.sub(r"[^._]*$", "", os.path.commonprefix(ends))[::-1]  # noqa: RUF071
    middles = [name[len(before) : len(name) - len(after)] for name in names]
    return f"{before}{{{','.join(middles)}}}{after}"


def _over(first: dict[str, str], rows: dict[str, str]) -> str:
    """A layout as an expression: the first one's prefixes with what differs."""
    if rows == first:
        return "LAYOUT"
    whole = "" if first.keys() - rows.keys() else "**LAYOUT, "
    changed = {ours: theirs for ours, theirs in rows.items() if not whole or first.get(ours) != theirs}
    return "{" + whole + ", ".join(f"{ours!r}: {theirs}" for ours, theirs in changed.items()) + "}"


def _stale(rows: Iterable[NameRow]) -> str:
    return _lines(sorted({name for row in rows if row.ours == "stale" for name in _spans(row)}))


def _ignored(rows: Iterable[NameRow]) -> str:
    return _lines(name for row in rows if row.ours == "ignored" for name in _spans(row))


def _lines(names: Iterable[str]) -> str:
    """Names as one string to be split at spaces, in several lines where it is long; "" for none."""
    lines = textwrap.wrap(" ".join(names), 100, break_long_words=False, break_on_hyphens=False)
    strings = [repr(line + " " * (line is not lines[-1])) for line in lines]
    return f"({' '.join(strings)})" if len(strings) > 1 else "".join(strings)


def _spans(row: NameRow) -> list[str]:
    return re.findall(r"`([^`]+)`", row.cell.text)


def _section(row: NameRow | None) -> str:
    if row is None:
        return "Section()"
    cell = _cell(row)
    words = " ".join(map("=".join, _words(cell).items()))
    return f"Section({cell.keys[0]!r}, {cell.value!r}{f', {words!r}' if words else ''})"


def _words(cell: Cell) -> dict[str, str]:
    """Released words and ours, `(default = patches, full = tokens)`."""
    pairs = (word.partition("=") for word in cell.words.split(",") if "=" in word)
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


def _cell(row: NameRow) -> Cell:
    match = CELL.match(row.cell.text.strip())
    keys = (match and match["keys"]) or ""
    return Cell(
        keys=tuple(re.findall(r"`([^`]+)`", keys)),
        any_true=bool(re.search(r"`\s*or\s*`", keys)),
        value=((match and match["value"]) or "").strip(),
        words=((match and match["words"]) or "").strip(),
    )


def _unreadable(row: NameRow, why: str) -> Diagnostic:
    return Diagnostic(
        rule="released-name", message=f"a row of released names cannot be used: {why}", span=row.cell.span
    )


def scalar(text: str) -> Scalar:
    """`null`, `true`, `24, 20, 20`, `1e-5`, `gelu` as the JSON value it stands for."""
    text = text.strip().rstrip(",")
    if "," in text:
        return tuple(scalar(item) for item in text.split(","))
    if text in {"null", "true", "false"}:
        return {"null": None, "true": True, "false": False}[text]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
