"""Runs the compiler's front and middle over texts: what a knowledge base says in, its graph and findings out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chiasm import check, graph, resolve, source
from chiasm.bibliography import Bibliography, bibliography
from chiasm.claims import Claims, claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import Document, parse
from chiasm.graph import Graph
from chiasm.source import Source
from chiasm.spec.model import ModelSpec
from chiasm.suppression import comments, kept, shown

ROOT = Path(__file__).resolve().parents[2]
BIB = "knowledge/sources.bib"
CONCEPTS = ("encoders", "alignment", "fusion", "token-budget", "language-models", "training")


@dataclass(frozen=True)
class Outcome:
    graph: Graph
    specs: Mapping[str, ModelSpec]
    found: tuple[Diagnostic, ...]

    def text(self, diagnostic: Diagnostic) -> str:
        """The characters that a finding marks."""
        span = diagnostic.span
        lines = self.graph.lines(span.path)
        return lines[span.line - 1][span.column - 1 : span.end - 1] if lines else ""


@cache
def shipped() -> dict[str, str]:
    """The texts of the shipped knowledge base."""
    read, _ = source.read(ROOT, "knowledge/**/*.md", "knowledge/evidence/**/*.json", BIB)
    return {item.path: item.text for item in read}


@cache
def front(path: str, text: str) -> tuple[Source, Document, Claims, tuple[Diagnostic, ...]]:
    """One page, parsed and read."""
    read = source.source(path, text.encode())
    assert isinstance(read, Source)
    document = parse(read)
    stated, found = claims(document)
    return read, document, stated, (*found, *comments(read))


def run(texts: Mapping[str, str]) -> Outcome:
    """Everything up to `check` over texts by path."""
    pages = [front(path, text) for path, text in sorted(texts.items()) if path.endswith(".md")]
    others = [
        item
        for path, text in sorted(texts.items())
        if not path.endswith(".md")
        if isinstance(item := source.source(path, text.encode()), Source)
    ]
    specs, wrong = resolve.resolve([stated for _, _, stated, _ in pages])
    bib, in_bib = next((bibliography(item) for item in others if item.path == BIB), (Bibliography(BIB, {}), ()))
    known = frozenset(str(path.relative_to(ROOT)) for path in ROOT.glob("*") if path.is_file())
    linked, in_links = graph.link(
        [stated for _, _, stated, _ in pages],
        specs,
        bib,
        others=others,
        files=known | {f"knowledge/concepts/{name}.md" for name in CONCEPTS},
    )
    found = (*(item for page in pages for item in page[3]), *wrong, *in_bib, *in_links, *check.check(linked))
    whole = kept(found, {item.path: item for item in others}, check.names())
    return Outcome(linked, {spec.system: spec for spec in specs}, shown(whole)[0])


@cache
def run_shipped() -> Outcome:
    """The shipped knowledge base, checked once."""
    return run(shipped())
