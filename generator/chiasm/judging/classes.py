"""Holds tables of released names against what a library's classes say: a page in, names and defaults that differ out.

A name is refuted where the class certainly has none like it; a default, where the class states another one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chiasm.claiming.claim import Claims, NameTable
from chiasm.diagnostic import Diagnostic, Label
from chiasm.document import Cell, Code
from chiasm.evidence import Json
from chiasm.graph import Graph
from chiasm.judging.likeness import meant
from chiasm.judging.released import plain
from chiasm.regex import regex
from chiasm.resolving.naming import name_rows
from chiasm.span import Span
from chiasm.spec.model import NameRow
from chiasm.witness import Argument, Class, Folder, Tensors, Witness, argument, place

ABSENT = regex(r"\(default ([^)\s]+)\)")
LOOSE = frozenset({"ignored", "must be"})
"""Rows about keys that a release may hold and its class need not read."""
TOKENS = frozenset({"bos_token_id", "eos_token_id", "pad_token_id"})
"""Keys that every class keeps, whether it names them or not."""
BIASES = {"patch_bias": "patch_embedding", "qkv_bias": ".qkv", "out_bias": ".out", "mlp_bias": ".mlp.", "bias": ""}
"""Switches that say whether a tensor has a bias, by the end of our name for it."""
PARTS = {"class_token": "class_token", "pre_norm": "pre_norm", "logit_bias": "logit_bias"}
"""Switches that say whether there is a tensor at all."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A place on a page that says what a library does not: words, what was expected, where the library says it."""

    span: Span
    message: str
    expected: str
    said: Span
    label: str
    help: str

    def diagnostic(self, rule: str) -> Diagnostic:
        """The finding."""
        mark = f"expected {self.expected}" if self.expected else ""
        return Diagnostic(rule, self.message, self.span, mark, labels=(Label(self.said, self.label),), help=self.help)


def names(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Released names of tensors and keys that their class does not have."""
    for table in page.names if graph.witness.folders else ():
        if not table.kind and table.what == "tensors":
            yield from _prefixes(graph, page, table)
        elif table.kind:
            for dialect in table.dialects:
                rows = name_rows(table, dialect)
                if table.what == "tensors" and (part := graph.witness.parts.get(dialect)):
                    yield from _tensors(graph, part, rows)
                elif table.what == "configuration" and (cls := graph.witness.classes.get(dialect)):
                    for row in rows:
                        yield from _keys(graph, cls, row)
        elif cls := _class_of(graph, page):
            for row in name_rows(table, "key"):
                yield from _keys(graph, cls, row)


def values(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Defaults and constants that are not those of their class."""
    for table in page.names if graph.witness.folders else ():
        if table.what == "configuration" and table.kind:
            for dialect in table.dialects:
                if cls := graph.witness.classes.get(dialect):
                    for row in name_rows(table, dialect):
                        yield from _default(graph, cls, row)
                if part := graph.witness.parts.get(dialect):
                    tensors = [row for one in page.names for row in _rows_of(one, table, dialect)]
                    yield from _switches(part, tensors, name_rows(table, dialect))
        elif table.what == "configuration" and (cls := _class_of(graph, page)):
            for row in name_rows(table, "key"):
                yield from _default(graph, cls, row)


def _rows_of(one: NameTable, table: NameTable, dialect: str) -> Iterable[NameRow]:
    """The tensors of the kind that another table is about."""
    same = one.what == "tensors" and one.kind and table.kind and one.kind.href == table.kind.href
    return name_rows(one, dialect) if same and dialect in one.dialects else ()


def _class_of(graph: Graph, page: Claims) -> Class | None:
    """The class of a system's released configuration, by the `model_type` that the page's own table states."""
    rows = [row for one in page.names if one.what == "configuration" and not one.kind for row in name_rows(one, "key")]
    told = next((row.words for row in rows if row.ours == "model_type"), "")
    return graph.witness.classes.get(told)


def _tensors(graph: Graph, part: Tensors, rows: Iterable[NameRow]) -> Iterator[Slip]:
    modules = part.modules
    for row in rows:
        for name in row.names:
            # A stale name is one that the class has no more; the layer that held it is still there.
            above = ".".join(name.split(".")[:-2])
            stale = row.ours == "stale" and (above in modules if above else not meant(name, modules))
            if name not in modules and not stale:
                message = f"{part.cls} has no tensor `{name}`"
                yield _unknown(graph, (row.cell, name), message, _nearest(name, modules), part.folder)


def _prefixes(graph: Graph, page: Claims, table: NameTable) -> Iterator[Slip]:
    """Prefixes of a `## Checkpoint` table that no model of the cited library writes or reads."""
    for dialect in table.dialects:
        for row in name_rows(table, dialect):
            folders = [one for one in _own(graph.witness, page) if row.source.startswith(f"[@{one.source}]")]
            written = [one for folder in folders for one in folder.written.values()]
            for name in row.names if written and row.ours != "stale" else ():
                if not any(one.has(name) for one in written):
                    modules = [module for one in written for module in (*one.modules, *one.also)]
                    message = f"{' and '.join(one.cls for one in written)} have no tensor `{name}`"
                    message = message if len(written) > 1 else message.replace(" have ", " has ")
                    yield _unknown(graph, (row.cell, name), message, _nearest(name, modules), written[0].folder)


def _own(witness: Witness, page: Claims) -> Iterator[Folder]:
    """The folder of the class that the page says its releases are of."""
    told = (row for table in page.names if not table.kind for row in name_rows(table, "key"))
    model = next((row.words for row in told if row.ours == "architectures"), "")
    return (folder for folder in witness.folders if model in folder.models)


def _keys(graph: Graph, cls: Class, row: NameRow) -> Iterator[Slip]:
    if row.ours == "architectures":
        yield from _architecture(graph, cls, row)
    for name in row.names:
        if argument(graph.witness, cls, name) or name in TOKENS or _is_released(graph, name):
            continue
        near = meant(name, (*cls.arguments, *cls.also, *cls.sections, *TOKENS))
        if near or row.ours not in LOOSE:
            near = near or _nearest(name, (*cls.arguments, *cls.also, *cls.sections))
            yield _unknown(graph, (row.cell, name), f"{cls.name} reads no `{name}`", near, cls.folder)


def _is_released(graph: Graph, name: str) -> bool:
    """A released file has the key, in whichever section."""
    return any(key == name or key.endswith(f".{name}") for one in graph.excerpts for key in one.config)


def _architecture(graph: Graph, cls: Class, row: NameRow) -> Iterator[Slip]:
    folder = next(one for one in graph.witness.folders if one.path == cls.folder)
    if row.words and folder.models and row.words not in folder.models:
        near = difflib.get_close_matches(row.words, folder.models, n=1)
        said = Span(folder.path, 1)
        yield Slip(
            row.cell.span,
            f"there is no class `{row.words}` beside {cls.name}",
            near[0] if near else "",
            said,
            folder.origin,
            f"write {near[0]}" if near else f"the classes are: {', '.join(folder.models)}",
        )


def _default(graph: Graph, cls: Class, row: NameRow) -> Iterator[Slip]:
    """The value that a key has where it is absent, or the kind of a section."""
    found = next((one for name in row.names if (one := argument(graph.witness, cls, name)) and not one.open), None)
    absent = ABSENT.search(row.words)
    stated = absent[1] if absent else "" if row.ours in LOOSE else stated_in(row.words)
    if found and stated and not same(stated, found.default):
        yield differs(graph, row.cell.span, stated, found)


def stated_in(words: str) -> str:
    """The default in a cell of released names: what stands before a translation or `else`."""
    return words.removeprefix("or ").partition("(")[0].partition("else")[0].strip()


def same(stated: str, default: Json) -> bool:
    """A default as a table writes it, and as the class has it."""
    value = "null" if default is None else tuple(default) if isinstance(default, list) else default
    return plain(stated) == plain(value)


def differs(graph: Graph, span: Span, stated: str, found: Argument) -> Slip:
    """Another value than a class's default."""
    expected = shown(found.default)
    return Slip(
        span,
        f"`{found.name}` of {found.cls.name} is {expected}, not {stated}",
        expected,
        place(graph.lines(found.cls.folder) or (), found.cls, found.name),
        f"{expected} by default",
        f"write {expected}, or cite the file that says {stated}",
    )


def shown(value: Json) -> str:
    """A default as pages write it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return f"{value:g}".replace("e-0", "e-") if isinstance(value, float) else str(value)


def _switches(part: Tensors, tensors: Iterable[NameRow], rows: Iterable[NameRow]) -> Iterator[Slip]:
    """Constants that say whether a class has a tensor."""
    ours = {row.ours: row.names for row in tensors if row.names}
    for row in rows:
        said = {"true": True, "false": False}.get(row.words)
        if row.names or said is None:
            continue
        has = _has(part, ours, row.ours)
        if has is not None and has != said:
            there, wanted = ("has such a tensor", "true") if has else ("has no such tensor", "false")
            yield Slip(
                row.cell.span,
                f"`{row.ours}` is {row.words}, but {part.cls} {there}",
                wanted,
                Span(part.folder, 1),
                part.cls,
                f"write {wanted}",
            )


def _has(part: Tensors, ours: dict[str, tuple[str, ...]], field: str) -> bool | None:
    """Whether a class has what a switch is about; None where that is not certain."""
    if field in PARTS:
        names = ours.get(PARTS[field], ())
        return all(name in part.modules for name in names) if names else False
    if field in BIASES:
        end = BIASES[field]
        held = [name for one, names in ours.items() if end and (one == end or end in f"{one}.") for name in names]
        found = [f"{name}.bias" in part.names for name in held if f"{name}.weight" in part.names]
        return found[0] if found and len(set(found)) == 1 else None
    return None


def _nearest(name: str, known: Iterable[str]) -> str:
    """The name that is most like another, where any is."""
    near = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=1)
    return near[0] if near else ""


def _unknown(graph: Graph, at: tuple[Cell, str], message: str, near: str, folder: str) -> Slip:
    cell, name = at
    span = next((one.span for one in cell.inlines if isinstance(one, Code) and one.text == name), cell.span)
    lines = graph.lines(folder) or ()
    said = next((number for number, line in enumerate(lines, 1) if near and f'"{near}' in line), 1)
    origin = next(one.origin for one in graph.witness.folders if one.path == folder)
    help_ = f"did you mean `{near}`?" if near else "write a name that the class has"
    return Slip(span, message, near, Span(folder, said), origin, help_)
