"""Reads what a library's classes say: `evidence/classes/*.json` in; arguments with defaults and names of tensors out.

`python -m tests.witness` writes these excerpts, one a folder of the library; a page cites the folder's files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from chiasm.diagnostic import Diagnostic, Found
from chiasm.evidence import DEPTH, Json, is_class
from chiasm.record import record
from chiasm.source import Source
from chiasm.span import Span

KEPT = 256
"""Excerpts that a process which asks again need not read again."""


@record(frozen=True, slots=True)
class Class:
    """A configuration class, or what an image processor or a module of constants sets: arguments and their defaults.

    `also` are other keys that are read, and the arguments that they set; `sections` nested configurations by key.
    """

    name: str
    model_type: str
    file: str
    arguments: Mapping[str, Json]
    also: Mapping[str, str]
    sections: Mapping[str, str]
    folder: str
    """The excerpt's path."""


@record(frozen=True, slots=True)
class Tensors:
    """Names of tensors with the number of a layer as N; `also` are other prefixes that loading accepts."""

    cls: str
    at: str
    names: frozenset[str]
    also: tuple[str, ...]
    folder: str

    def has(self, name: str) -> bool:
        """A tensor, or a module that holds one."""
        return name in self.modules or any(name == one or name.startswith(f"{one}.") for one in self.also)

    @property
    def modules(self) -> frozenset[str]:
        """Every tensor and everything that holds one."""
        parts = ((name, name.split(".")) for name in self.names)
        return self.names | {".".join(words[:end]) for _, words in parts for end in range(1, len(words))}


@record(frozen=True, slots=True)
class Folder:
    """What one excerpt says about a folder of a library."""

    path: str
    origin: str
    source: str
    """The library's key in the bibliography."""
    files: tuple[str, ...]
    classes: tuple[Class, ...]
    processors: tuple[Class, ...]
    models: tuple[str, ...]
    parts: Mapping[str, Tensors]
    written: Mapping[str, Tensors]


@dataclass(frozen=True, eq=False)
class Witness:
    """Everything that excerpts of classes say."""

    folders: tuple[Folder, ...]

    @cached_property
    def classes(self) -> Mapping[str, Class]:
        """Configuration classes by model type."""
        return {one.model_type: one for folder in self.folders for one in folder.classes if one.model_type}

    @cached_property
    def parts(self) -> Mapping[str, Tensors]:
        """Tensors by dialect."""
        return {name: part for folder in self.folders for name, part in folder.parts.items()}

    @cached_property
    def files(self) -> Mapping[tuple[str, str], Folder]:
        """Files by the key of their library and their path in it."""
        return {(folder.source, file): folder for folder in self.folders for file in folder.files}

    @cached_property
    def heads(self) -> Mapping[tuple[str, str], Folder]:
        """The folders of a library by its key and their name."""
        return {(source, file.partition("/")[0]): folder for (source, file), folder in self.files.items()}

    def section(self, one: Class, key: str) -> Class | None:
        """The class of a nested configuration."""
        known = (item for folder in self.folders for item in folder.classes)
        return next((item for item in known if item.name == one.sections.get(key)), None)


@record(frozen=True, slots=True)
class Argument:
    """What a class says of a key: the argument that it sets, and its default; `open` where it may hold anything."""

    cls: Class
    name: str
    default: Json
    open: bool = False


def argument(witness: Witness, one: Class, key: str, depth: int = DEPTH) -> Argument | None:
    """The argument of a class that a dotted key sets; None where the class reads no such key."""
    if key in one.arguments:
        return Argument(one, key, one.arguments[key])
    head, _, rest = key.partition(".")
    if not rest and head in one.sections:
        inner = witness.section(one, head)
        return Argument(one, head, inner.model_type if inner else None, inner is None)
    if depth and rest and (inner := witness.section(one, head)):
        return argument(witness, inner, rest, depth - 1)
    if depth and head in one.also:
        return argument(witness, one, f"{one.also[head]}.{rest}" if rest else one.also[head], depth - 1)
    if any(name.startswith(f"{head}.") for name in one.arguments) or (rest and head in one.arguments):
        return Argument(one, key, None, open=True)
    return None


def place(lines: tuple[str, ...], one: Class, key: str) -> Span:
    """Where an excerpt states an argument of a class: behind the class's own line."""
    begin = next((number for number, line in enumerate(lines) if f'"{one.name}": {{' in line), 0)
    found = (number for number in range(begin, len(lines)) if f'"{key}":' in lines[number])
    return Span(one.folder, next(found, begin) + 1)


def witnesses(files: Mapping[str, Source]) -> Found[Witness]:
    """What the excerpts of classes among files say, by path, and what is wrong with those that are none."""
    made = [_folder(files[path]) for path in sorted(files) if is_class(path)]
    read = tuple(one for one in made if isinstance(one, Folder))
    return Witness(read), tuple(one for one in made if isinstance(one, Diagnostic))


@lru_cache(maxsize=KEPT)
def _folder(source: Source) -> Folder | Diagnostic:
    try:
        data = json.loads(source.text)
    except (ValueError, RecursionError):
        return _wrong(source, "this excerpt of classes is not JSON")
    if not isinstance(data, dict) or not isinstance(data.get("origin"), str) or not isinstance(data.get("source"), str):
        return _wrong(source, "this excerpt of classes does not say its `origin` and its `source`")
    written = dict(_objects(data, "written"))
    parts = dict(_objects(data, "parts"))
    return Folder(
        source.path,
        data["origin"],
        data["source"],
        _texts(data.get("files")),
        tuple(_class(name, one, source.path) for name, one in _objects(data, "classes")),
        tuple(_class(name, one, source.path) for name, one in _objects(data, "processors")),
        _texts(data.get("models")),
        {name: _tensors(str(one.get("class", "")), one, source.path) for name, one in parts.items()},
        {name: _tensors(name, one, source.path) for name, one in written.items()},
    )


def _objects(data: Mapping[str, object], name: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    held = data.get(name)
    for key, one in held.items() if isinstance(held, dict) else ():
        if isinstance(one, dict):
            yield str(key), one


def _class(name: str, one: Mapping[str, object], path: str) -> Class:
    given = one.get("arguments")
    also, sections = (dict(_pairs(one.get(what))) for what in ("also", "sections"))
    arguments = {str(key): value for key, value in given.items() if _is_json(value)} if isinstance(given, dict) else {}
    return Class(name, str(one.get("model_type", "")), str(one.get("file", "")), arguments, also, sections, path)


def _is_json(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str | list)


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    for key, one in value.items() if isinstance(value, dict) else ():
        if isinstance(one, str):
            yield str(key), one


def _tensors(cls: str, one: Mapping[str, object], path: str) -> Tensors:
    return Tensors(cls, str(one.get("at", "")), frozenset(_texts(one.get("tensors"))), _texts(one.get("also")), path)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _wrong(source: Source, message: str) -> Diagnostic:
    return Diagnostic(
        "bad-evidence", message, Span(source.path, 1), help="write it anew with `python -m tests.witness`"
    )
