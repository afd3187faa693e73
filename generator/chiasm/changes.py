"""Tells what a build changed: texts before and after in, packages with their changed lines, claims and figures out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Literal

from chiasm import origins
from chiasm.record import record
from chiasm.regex import regex
from chiasm.write import Wanted, Written
from chiasm.writing.manifest import Figures, Manifest

State = Literal["new", "changed", "unchanged", "removed", "edited", "held"]
CLAIM = regex(r"# ([a-z0-9][a-z0-9.-]*(?::[^\s/:]+)?/[a-z_]+\.[a-z0-9_]+)(?![\w/-])")
"""The claim that a generated line ends in."""


@record(frozen=True, slots=True)
class Line:
    """A changed line: its number (of the old file where it was removed), `+` or `-`, its text, its claim."""

    number: int
    sign: Literal["+", "-"]
    text: str
    claim: str


@record(frozen=True, slots=True)
class FileChange:
    """One file: what became of it, and its lines."""

    path: str
    state: Literal["new", "changed", "removed"]
    lines: tuple[Line, ...]

    @property
    def size(self) -> str:
        """`+2 −1` for a changed file, else what became of it."""
        added, removed = (sum(line.sign == sign for line in self.lines) for sign in "+-")
        return f"+{added} −{removed}" if self.state == "changed" else self.state


@record(frozen=True, slots=True)
class Figure:
    """What a variant costs, before and after; None where there was or is no such variant."""

    variant: str
    what: str
    before: int | None
    after: int | None


@record(frozen=True, slots=True)
class PackageChange:
    """One package: what became of it, file by file, and which figures moved."""

    name: str
    page: str
    state: State
    files: tuple[FileChange, ...] = ()
    figures: tuple[Figure, ...] = ()


def packages(old: Manifest, wanted: Wanted, change: Written) -> tuple[PackageChange, ...]:
    """What became of every package, by name."""
    return tuple(_package(name, old, wanted, change) for name in sorted(old.keys() | wanted.packages.keys()))


def claim_of(line: str) -> str:
    """The claim that a generated line ends in; "" for none."""
    found = CLAIM.search(line)
    return found[1] if found else ""


def _package(name: str, old: Manifest, wanted: Wanted, change: Written) -> PackageChange:
    page = wanted.packages[name].page if name in wanted.packages else old[name].page
    folder = f"generated/{name}/"
    if any(path.startswith(folder) for path in change.edited):
        return PackageChange(name, page, "edited")
    if name in wanted.held:
        return PackageChange(name, page, "held")
    touched = sorted(path for path in (*change.written, *change.removed) if path.startswith(folder))
    # Where lines come from moves with them: nobody wants to read that twice.
    files = tuple(_file(path, wanted.texts, change) for path in touched if not path.endswith(f"/{origins.NAME}"))
    state: State = "removed" if name not in wanted.packages else "new" if name not in old else "changed"
    before = old[name].figures if name in old else {}
    after = wanted.packages[name].figures if name in wanted.packages else {}
    return PackageChange(name, page, state if touched else "unchanged", files, tuple(_figures(before, after)))


def _file(path: str, texts: Mapping[str, str], change: Written) -> FileChange:
    old = change.before.get(path)
    if old is None or path not in change.written:
        return FileChange(path, "new" if old is None else "removed", ())
    return FileChange(path, "changed", tuple(_lines(old, texts[path])))


def _lines(old: str, new: str) -> Iterator[Line]:
    before, after = old.splitlines(), new.splitlines()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (Line(i + 1, "-", before[i], claim_of(before[i])) for i in range(a, b))
            yield from (Line(i + 1, "+", after[i], claim_of(after[i])) for i in range(c, d))


def _figures(before: Figures, after: Figures) -> Iterator[Figure]:
    for variant in dict.fromkeys((*before, *after)):
        old, new = before.get(variant, {}), after.get(variant, {})
        for what in dict.fromkeys((*old, *new)):
            if old.get(what) != new.get(what):
                yield Figure(variant, what, old.get(what), new.get(what))
