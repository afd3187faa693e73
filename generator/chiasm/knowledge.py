"""Reads a whole knowledge base: a root in, its graph and everything that any stage found wrong out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chiasm.bibliography import Bibliography, bibliography
from chiasm.check import check
from chiasm.claiming.claim import Claims
from chiasm.claims import claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import Document, parse
from chiasm.graph import Graph, link
from chiasm.report import ordered
from chiasm.resolve import resolve
from chiasm.source import BIBLIOGRAPHY, GENERATED, PAGES, SUPPORT, Source, read
from chiasm.spec.model import ModelSpec


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A knowledge base: linked, checked, with the sources that findings are shown in."""

    graph: Graph
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]

    def lines(self, path: str) -> Sequence[str] | None:
        """The lines of a file by its path from the root."""
        return next((source.lines for source in self.sources if source.path == path), None)


def knowledge(root: Path, extra: Sequence[Source] = ()) -> Knowledge:
    """The base below `root`; `extra` are pages from elsewhere, judged as if they stood in it."""
    sources, wrong = read(root, PAGES)
    others, unreadable = read(root, *SUPPORT, *GENERATED)
    replaced = {source.path for source in extra}
    pages = (*(source for source in sources if source.path not in replaced), *extra)
    return linked(pages, others, (*wrong, *unreadable))


def linked(pages: Sequence[Source], others: Sequence[Source], wrong: Sequence[Diagnostic] = ()) -> Knowledge:
    """The same from sources that are already read."""
    return judged(understood(pages), others, wrong)


@dataclass(frozen=True, slots=True)
class Understood:
    """What pages say, each by itself and resolved, before they are held against anything else."""

    pages: tuple[Source, ...]
    documents: tuple[Document, ...]
    claims: tuple[Claims, ...]
    specs: tuple[ModelSpec, ...]
    diagnostics: tuple[Diagnostic, ...]


def understood(pages: Sequence[Source]) -> Understood:
    """Parses pages, reads their claims and resolves their systems."""
    documents = tuple(parse(page) for page in pages)
    found = [diagnostic for document in documents for diagnostic in document.diagnostics]
    stated = [claims(document) for document in documents]
    found.extend(diagnostic for _, diagnostics in stated for diagnostic in diagnostics)
    read_claims = tuple(page for page, _ in stated)
    specs, unresolved = resolve(read_claims)
    return Understood(tuple(pages), documents, read_claims, specs, (*found, *unresolved))


def judged(said: Understood, others: Sequence[Source], wrong: Sequence[Diagnostic] = ()) -> Knowledge:
    """Links what pages say with each other and with `others`, and judges it."""
    entries, misprints = _entries(others)
    graph, unlinked = link(said.documents, said.claims, said.specs, entries, others=others)
    found = (*wrong, *said.diagnostics, *misprints, *unlinked, *check(graph))
    return Knowledge(graph, ordered(found), (*said.pages, *others))


def _entries(others: Sequence[Source]) -> tuple[Bibliography, tuple[Diagnostic, ...]]:
    file = next((source for source in others if source.path == BIBLIOGRAPHY), Source(BIBLIOGRAPHY, "", ""))
    return bibliography(file)
