"""Links a knowledge base: documents, claims, specs and bibliography in, who states, cites and links what out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from chiasm.bibliography import Bibliography
from chiasm.claiming.claim import Claims, Evidence, Fact, Rank
from chiasm.diagnostic import Found
from chiasm.document import Cite, Document, Heading, Link
from chiasm.evidence import Excerpt, excerpts
from chiasm.resolving.inherit import same_slug, target
from chiasm.source import Source
from chiasm.spec.model import ModelSpec, VariantSpec


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A whole knowledge base. Equal only to itself, so that what is derived from it can be kept."""

    documents: Mapping[str, Document]
    """By path from the project's root, sorted."""
    claims: Mapping[str, Claims]
    specs: Mapping[str, ModelSpec]
    """By system."""
    bibliography: Bibliography
    excerpts: tuple[Excerpt, ...]
    others: Mapping[str, Source]
    """Text files that are no pages, by path."""
    files: frozenset[str]
    """Every path that a link may lead to."""
    anchors: Mapping[str, frozenset[str]]
    """Headings' slugs and variants, by page."""
    cited: Mapping[str, tuple[Cite, ...]]
    """Citations by key, in the order of pages."""
    backlinks: Mapping[str, tuple[Link, ...]]
    """Links from other pages, by the page they lead to."""
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    """Facts by claim id; several where several pages (or tables) state it."""

    def spec_at(self, path: str) -> ModelSpec | None:
        """The system that a page is about."""
        page = self.claims.get(path)
        return self.specs.get(page.system) if page and page.system else None

    def variant_at(self, path: str, fragment: str) -> VariantSpec | None:
        """The variant that an anchor of a page names."""
        spec = self.spec_at(path)
        return next((item for item in spec.variants if same_slug(item.key, fragment)), None) if spec else None

    def rank(self, evidence: Evidence | None) -> Rank | None:
        """How strong a value's evidence is: `released` where a released file is among what it cites."""
        if evidence is None or evidence.rank != "paper":
            return evidence.rank if evidence else None
        entries = (self.bibliography.entries.get(cite.key) for cite in evidence.cites)
        return "released" if any(entry and "released" in entry.keywords for entry in entries) else "paper"

    def lines(self, path: str) -> tuple[str, ...] | None:
        """The lines of any known text file."""
        if path in self.documents:
            return _lines(self.documents[path].source)
        return _lines(self.others[path]) if path in self.others else None


@lru_cache(maxsize=64)
def _lines(source: Source) -> tuple[str, ...]:
    return source.lines


def link(
    documents: Sequence[Document],
    claims: Sequence[Claims],
    specs: Sequence[ModelSpec],
    bibliography: Bibliography,
    *,
    others: Sequence[Source] = (),
    files: frozenset[str] = frozenset(),
) -> Found[Graph]:
    """The graph of a knowledge base; `others` are text files that are no pages, `files` what else links lead to."""
    ordered = sorted(documents, key=lambda document: document.path)
    pages = {page.document.path: page for page in sorted(claims, key=lambda page: page.document.path)}
    read, found = excerpts([source for source in others if "/evidence/" in f"/{source.path}"])
    by_system = {spec.system: spec for spec in specs}
    cited: dict[str, list[Cite]] = {}
    back: dict[str, list[Link]] = {}
    for path, page in pages.items():
        for cite in page.cites:
            cited.setdefault(cite.key, []).append(cite)
        for item in page.links:
            if is_local(item.href) and (to := target(path, item.href)[0]) != path:
                back.setdefault(to, []).append(item)
    graph = Graph(
        documents={document.path: document for document in ordered},
        claims=pages,
        specs=by_system,
        bibliography=bibliography,
        excerpts=read,
        others={source.path: source for source in others},
        files=files | {document.path for document in ordered} | {source.path for source in others},
        anchors={
            document.path: frozenset(_anchors(document, pages.get(document.path), by_system)) for document in ordered
        },
        cited={key: tuple(cites) for key, cites in sorted(cited.items())},
        backlinks={path: tuple(links) for path, links in sorted(back.items())},
        facts=_facts(pages.values()),
    )
    return graph, found


def _facts(pages: Iterable[Claims]) -> dict[str, tuple[Fact, ...]]:
    found: dict[str, list[Fact]] = {}
    for fact in (fact for page in pages for table in page.tables for fact in table.facts):
        found.setdefault(fact.id, []).append(fact)
    return {name: tuple(items) for name, items in found.items()}


def is_local(href: str) -> bool:
    """A link within the project: no scheme, not absolute."""
    head = href.partition("#")[0]
    return ":" not in head.partition("/")[0] and not href.startswith("/")


def _anchors(document: Document, page: Claims | None, specs: Mapping[str, ModelSpec]) -> Iterator[str]:
    yield from (block.slug for block in document.blocks if isinstance(block, Heading))
    spec = specs.get(page.system) if page and page.system else None
    if spec:
        for variant in spec.variants:
            yield variant.key
            yield variant.key.replace(".", "")
