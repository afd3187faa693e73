"""Links a knowledge base: pages, specs and bibliography in, who states, cites and links what out.

Pages and specs are mappings, which may make a value only when it is asked for: judging one page needs few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from typing import TypeVar, cast

from chiasm.bibliography import Bibliography
from chiasm.claiming.claim import Claims, Evidence, Fact, Rank
from chiasm.claiming.recall import Recall
from chiasm.claiming.sections import also_called, system_of
from chiasm.diagnostic import Found
from chiasm.document import Document
from chiasm.evidence import Excerpt, excerpts
from chiasm.face import Face
from chiasm.faces import face
from chiasm.readings import Reading, readings
from chiasm.resolving.inherit import same_slug
from chiasm.source import Source
from chiasm.spec.model import ModelSpec, VariantSpec
from chiasm.witness import Witness, witnesses

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole knowledge base. Equal only to itself, so that what is derived from it can be kept."""

    faces: Mapping[str, Face]
    """What other pages can see of each page: by path from the project's root, sorted."""
    claims: Mapping[str, Claims]
    specs: Mapping[str, ModelSpec]
    """By system."""
    variants: Mapping[str, tuple[str, ...]]
    """The variants' keys, by system."""
    titles: Mapping[str, str]
    """What each system's page is called, by system."""
    bibliography: Bibliography
    excerpts: tuple[Excerpt, ...]
    others: Mapping[str, Source]
    """Text files that are no pages, by path."""
    files: frozenset[str]
    """Every path that a link may lead to."""
    cited: frozenset[str]
    """Every key that any page cites."""
    stating: Mapping[str, tuple[str, ...]]
    """Pages that state facts, by the system that they are about."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else each system is called, by system."""
    recall: Recall | None = None
    """What was made of passages before, where a process judges the same pages again and again."""
    folders: frozenset[str] = field(init=False)
    once: dict[tuple[object, str], object] = field(init=False, default_factory=dict, repr=False)
    """What functions `of_graph` gave."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folders", frozenset(path.rpartition("/")[0] for path in self.files))

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every page's document, by path."""
        return _Documents(self.claims)

    @cached_property
    def witness(self) -> Witness:
        """What a library's classes say, as far as excerpts of them are kept."""
        return witnesses(self.others)[0]

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """What was read of each source of which a record is kept, by its key."""
        return readings(self.others)[0]

    @cached_property
    def facts(self) -> Mapping[str, tuple[Fact, ...]]:
        """Facts by claim id; several where several pages (or tables) state it."""
        found: dict[str, list[Fact]] = {}
        for path in dict.fromkeys(path for paths in self.stating.values() for path in paths):
            for fact in _facts(self.claims[path]):
                found.setdefault(fact.id, []).append(fact)
        return {name: tuple(items) for name, items in found.items()}

    def stated(self, system: str) -> Iterator[Fact]:
        """Every fact about a system, in the order of pages."""
        for path in self.stating.get(system, ()):
            yield from (fact for fact in _facts(self.claims[path]) if fact.system == system)

    def anchors(self, path: str) -> frozenset[str] | None:
        """Headings' slugs and variants of a page; None where there is no such page."""
        return _anchors(self, path)

    def spec_at(self, path: str) -> ModelSpec | None:
        """The system that a page is about."""
        system = system_of(path) if path in self.faces else ""
        return self.specs.get(system) if system else None

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
        if path in self.faces:
            return _lines(self.claims[path].document.source)
        return _lines(self.others[path]) if path in self.others else None


class _Documents(Mapping[str, Document]):
    """The documents that claims were read from."""

    def __init__(self, claims: Mapping[str, Claims]) -> None:
        self._claims = claims

    def __getitem__(self, path: str) -> Document:
        return self._claims[path].document

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


@lru_cache(maxsize=64)
def _lines(source: Source) -> tuple[str, ...]:
    return source.lines


def link(
    claims: Sequence[Claims],
    specs: Sequence[ModelSpec],
    bibliography: Bibliography,
    *,
    others: Sequence[Source] = (),
    files: frozenset[str] = frozenset(),
) -> Found[Graph]:
    """The graph of a knowledge base; `others` are text files that are no pages, `files` what else links lead to."""
    pages = {page.document.path: page for page in sorted(claims, key=lambda page: page.document.path)}
    read, found = excerpts({source.path: source for source in others})
    graph = Graph(
        faces={path: face(page) for path, page in pages.items()},
        claims=pages,
        specs={spec.system: spec for spec in specs},
        variants={spec.system: tuple(variant.key for variant in spec.variants) for spec in specs},
        titles={spec.system: spec.title for spec in specs},
        aliases=aliases(page.document.source for page in claims),
        bibliography=bibliography,
        excerpts=read,
        others={source.path: source for source in others},
        cited=frozenset(cite.key for page in pages.values() for cite in page.cites),
        stating=stating((path, face(page).states) for path, page in pages.items()),
        files=files | pages.keys() | {source.path for source in others},
    )
    return graph, found


def stating(pages: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Pages by the systems about which they state facts."""
    found: dict[str, list[str]] = {}
    for path, systems in pages:
        for system in systems:
            found.setdefault(system, []).append(path)
    return {system: tuple(paths) for system, paths in found.items()}


def aliases(sources: Iterable[Source]) -> dict[str, tuple[str, ...]]:
    """What else systems are called, as their pages say."""
    named = ((one.path, called(one)) for one in sources)
    return {system_of(path): names for path, names in named if names}


def called(source: Source) -> tuple[str, ...]:
    """What else the system of a page is called, as the page says."""
    own = source.path.startswith("knowledge/") and system_of(source.path)
    return also_called(source.text) if own else ()


def is_local(href: str) -> bool:
    """A link within the project: no scheme, not absolute."""
    head = href.partition("#")[0]
    return ":" not in head.partition("/")[0] and not href.startswith("/")


def _facts(page: Claims) -> Iterable[Fact]:
    return (fact for table in page.tables for fact in table.facts)


def of_graph(make: Callable[[Graph, str], T]) -> Callable[[Graph, str], T]:
    """The function, asked once for every graph and name; what it gave goes when the graph does."""

    @wraps(make)
    def once(graph: Graph, name: str) -> T:
        if (make, name) not in graph.once:
            graph.once[make, name] = make(graph, name)
        return cast("T", graph.once[make, name])

    return once


@of_graph
def _anchors(graph: Graph, path: str) -> frozenset[str] | None:
    seen = graph.faces.get(path)
    if seen is None:
        return None
    variants = graph.variants.get(system_of(path), ())
    return frozenset(
        (*(heading.slug for heading in seen.headings), *variants, *(key.replace(".", "") for key in variants))
    )
