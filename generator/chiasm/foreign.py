"""Judges pages from anywhere: files and a base's graph in; a report on each file's findings and verdicts out.

A foreign page knows nothing of our grammar: it is held against what the base knows by rules that say so (`FOREIGN`),
and its links against the files around it. Files are shared out, and none is kept longer than it is judged.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from chiasm import check, verdicts
from chiasm.claiming.claim import Claims
from chiasm.claims import claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.graph import Graph
from chiasm.judging.verdict import Verdict
from chiasm.memory import Tally
from chiasm.recording import finding_text, findings
from chiasm.reporting.unjudged import Left
from chiasm.sharing import Spool, shared, uncollected
from chiasm.source import Source, anything, given
from chiasm.span import Span
from chiasm.suppression import comments, sifted
from chiasm.tree import MARKDOWN, Tree

T = TypeVar("T")
SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "bower_components"})
"""Folders of others' files."""
PART = 4
"""Files that a process takes at a time."""


class File(NamedTuple):
    """A file: what the reader calls it, where it lies, the top of its tree, whether it was asked for by name.

    `data` is what it holds where it lies nowhere: somebody typed it, or another program wrote it.
    """

    shown: str
    real: str
    top: str
    named: bool
    data: bytes | None = None

    def read(self) -> Source | Diagnostic:
        """Its text."""
        return anything(self.real, self.shown) if self.data is None else given(self.data, self.shown)


class Report(NamedTuple):
    """What there is to say about one file."""

    path: str
    size: int
    found: tuple[Diagnostic, ...] = ()
    tally: Tally = Tally()
    reasons: Mapping[str, int] = {}
    left: tuple[Left, ...] = ()
    astray: int = 0
    """Links to files that are not there, and may be where this one was copied from."""
    unread: str = ""
    """Why it could not be read; "" where it was."""
    bug: str = ""
    """What went wrong in chiasm itself; "" for nothing."""


def gathered(asked: Sequence[Path]) -> Iterator[File]:
    """The Markdown files of paths that a reader gave, in order, each once; links to folders are not entered."""
    seen: set[str] = set()
    for path in asked:
        real = path.resolve()
        top = _top(real if path.is_dir() else real.parent)
        for shown, own in _walk(str(path), str(real)) if path.is_dir() else [(str(path), str(real))]:
            if own not in seen:
                seen.add(own)
                yield File(posixpath.normpath(shown), own, top, not path.is_dir())


def judged(files: Sequence[File], graph: Graph, workers: int = 1, *, each: bool = False) -> Iterator[Report]:
    """A report a file, in their order; with `each` every number that was left is named."""
    known = {file.shown: file for file in files}
    judge = Judge(graph)
    if workers > 1 and len(known) > PART:
        judge.warm()
    work = partial(_share, known, judge, each)
    for made in shared(work, list(known), workers, size=PART):
        yield from (_report(json.loads(line)) for line in made.data.decode().split("\n"))


def _share(known: Mapping[str, File], judge: Judge, each: bool, paths: Sequence[str], _: Spool) -> bytes:
    with uncollected():
        return "\n".join(_line(judge.report(known[path], each=each)) for path in paths).encode()


class Judge:
    """A base, and the one foreign page that is held against it."""

    def __init__(self, graph: Graph) -> None:
        self._claims = _With(graph.claims)
        self.graph = replace(graph, claims=self._claims)
        self._trees: dict[str, Tree] = {}

    def warm(self) -> None:
        """Let everything be known that every process would find out for itself."""
        self._of_page(Source("", "# LLaVA-1.5\n\nLLaVA-1.5 has 1 token.\n", ""))
        for _ in self.graph.specs.values():
            pass

    def report(self, file: File, *, each: bool = False) -> Report:
        """What there is to say about one file."""
        read = file.read()
        if not isinstance(read, Source):
            return Report(file.shown, 0, (read,) if file.named else (), unread=read.message)
        size = len(read.text)
        try:
            page, made, found = self._of_page(read)
            found += self._of_links(file, page)
        except Exception as error:  # noqa: BLE001, one file in thousands must not lose the others
            return Report(file.shown, size, bug=f"{type(error).__name__}: {error}"[:300])
        left = [one for one in made if one.outcome == "not judged"]
        unique = sorted(
            sifted(dict.fromkeys((*found, *comments(read))), check.names()),
            key=lambda one: (one.span, one.rule, one.message),
        )
        named = tuple(Left(one.span, one.text, one.reason) for one in left) if each else ()
        reasons = Counter(one.reason for one in left)
        tree = self._tree(file.top)
        astray, tree.astray = tree.astray, 0
        return Report(file.shown, size, tuple(unique), verdicts.tally(made), reasons, named, astray)

    def _of_page(self, source: Source) -> tuple[Claims, tuple[Verdict, ...], list[Diagnostic]]:
        page, read = claims(parse(source), foreign=True)
        self._claims.put(source.path, page)
        rules = [rule for rule in check.all_rules() if rule.foreign]
        wanted = {rule.id for rule in rules}
        found = [one for one in read if one.rule in wanted]
        for rule in rules:
            found += rule.check_page(self.graph, page) if rule.check_page else ()
        return page, verdicts.of_page(self.graph, source.path), found

    def _of_links(self, file: File, page: Claims) -> Iterator[Diagnostic]:
        tree = self._tree(file.top)
        tree.at(file.real, page.document)
        for rule in check.all_rules():
            if rule.check_tree:
                yield from rule.check_tree(tree, file.real, page)

    def _tree(self, top: str) -> Tree:
        if top not in self._trees:
            whole = os.path.lexists(f"{top}/.git")
            self._trees[top] = Tree(top, _markdown, whole=whole)
        return self._trees[top]


class _With(Mapping[str, T]):
    """A mapping, and one more value in it."""

    def __init__(self, base: Mapping[str, T]) -> None:
        self._base, self._path = base, ""
        self._own: T | None = None

    def put(self, path: str, value: T) -> None:
        self._path, self._own = path, value

    def __getitem__(self, path: str) -> T:
        return self._own if self._own is not None and path == self._path else self._base[path]

    def __contains__(self, path: object) -> bool:
        return path == self._path or path in self._base

    def __iter__(self) -> Iterator[str]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)


def _markdown(path: str) -> Source | None:
    read = anything(path, path)
    return read if isinstance(read, Source) else None


def _top(folder: Path) -> str:
    """The repository that a folder lies in, else the folder."""
    return str(next((above for above in (folder, *folder.parents) if os.path.lexists(above / ".git")), folder))


def _walk(shown: str, real: str) -> Iterator[tuple[str, str]]:
    """Markdown files below a folder, sorted; hidden folders and those of others' files are left out."""
    waiting = [(shown, real)]
    while waiting:
        shown, real = waiting.pop()
        try:
            entries = sorted(os.scandir(real), key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        files = []
        for entry in entries:
            at = (f"{shown}/{entry.name}", entry.path)
            if entry.is_dir(follow_symlinks=False):
                if not (entry.name.startswith(".") or entry.name in SKIPPED):
                    waiting.append(at)
            elif posixpath.splitext(entry.name)[1].lower() in MARKDOWN and entry.is_file(follow_symlinks=False):
                files.append(at)
        yield from reversed(files)


def _line(one: Report) -> str:
    left = [(tuple(item.span), item.text, item.reason) for item in one.left]
    row = [one.path, one.size, finding_text(one.found), one.tally, one.reasons, left, one.astray, one.unread, one.bug]
    return json.dumps(row, ensure_ascii=True)


def _report(row: list[Any]) -> Report:
    path, size, found, tally, reasons, left, astray, unread, bug = row
    named = tuple(Left(Span(*span), text, reason) for span, text, reason in left)
    return Report(path, size, findings(found), Tally(*tally), reasons, named, astray, unread, bug)
