"""Says what a record of a page or a system rests on, and what each of these things is like now.

Judging a page may look at nothing else: what is not named here does not make it be judged again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from chiasm.bibliography import Entry
from chiasm.claiming.claim import Claims
from chiasm.claiming.sections import system_of, target
from chiasm.diagnostic import Diagnostic
from chiasm.evidence import is_excerpt
from chiasm.face import Face
from chiasm.faces import targets
from chiasm.graph import Graph
from chiasm.judging.glossary import PAGE as GLOSSARY
from chiasm.judging.plain.names import named_in
from chiasm.memory import Page, System
from chiasm.source import Source
from chiasm.spec.model import ModelSpec


class Digests:
    """What things that records rest on are like now."""

    def __init__(
        self,
        graph: Graph,
        sources: Mapping[str, Source],
        pages: Mapping[str, Page],
        systems: Mapping[tuple[str, str], System],
    ) -> None:
        self._graph, self._sources, self._records, self._systems = graph, sources, pages, systems
        self._known: dict[str, str] = {}
        self.proofs: Mapping[str, str] | None = None
        """None while pages are being judged."""

    def of(self, name: str) -> str | None:
        """The digest of one thing; None where it is not known yet."""
        if name not in self._known:
            kind, _, key = name.partition(":")
            if kind == "proofs":
                return None if self.proofs is None else self.proofs.get(key, "")
            self._known[name] = getattr(self, f"_{kind}")(key)
        return self._known[name]

    def of_all(self, systems: Iterable[tuple[str, str]]) -> str:
        """One digest of all that judging a passage may look at beside its page."""
        names = ("titles", "bibliography", "evidence", "listing", *(f"spec:{system}" for _, system in systems))
        return digest_of(*(str(self.of(name)) for name in names))

    def _says(self, path: str) -> str:
        return self._records[path].brief.assertion if path in self._records else ""

    def _spec(self, system: str) -> str:
        several = [one for (_, name), one in self._systems.items() if name == system]
        return (
            digest_of(*(f"{name} {digest}" for one in several for name, digest in one.reads.items())) if several else ""
        )

    def _titles(self, _: str) -> str:
        titles, others = self._graph.titles.items(), self._graph.aliases.items()
        return digest_of(*(f"{system} {title}" for system, title in titles), *map(repr, others))

    def _outline(self, path: str) -> str:
        return self._records[path].brief.outline if path in self._records else ""

    def _at(self, path: str) -> str:
        if path in self._records:
            return f"{self._outline(path)} {' '.join(self._graph.variants.get(system_of(path), ()))}"
        return "file" if path in self._graph.files else "folder" if path.rstrip("/") in self._graph.folders else ""

    def _text(self, path: str) -> str:
        one = self._sources.get(path) or self._graph.others.get(path)
        return one.digest if one else ""

    def _cite(self, key: str) -> str:
        return _entry(self._graph.bibliography.entries.get(key))

    def _bibliography(self, _: str) -> str:
        return digest_of(*(_entry(entry) for entry in self._graph.bibliography.entries.values()))

    def _evidence(self, _: str) -> str:
        others = self._graph.others
        return digest_of(*(f"{path} {others[path].digest}" for path in sorted(others) if is_excerpt(path)))

    def _listing(self, _: str) -> str:
        return digest_of(*self._sources)

    def _built(self, _: str) -> str:
        return str(any(path.startswith("generated/") for path in self._graph.others))


def page_reads(page: Claims, graph: Graph, found: Iterable[Diagnostic]) -> Iterator[str]:
    """What judging a page looks at beside its own text."""
    path, seen = page.document.path, graph.faces[page.document.path]
    leads = targets(seen)
    systems = {*seen.about, *seen.states, page.system, *(system_of(to) for to in leads)} - {""}
    systems |= named_in(graph, page.document.source.text)
    yield from (f"spec:{system}" for system in sorted(systems))
    yield "titles"
    if GLOSSARY in graph.faces:
        yield f"text:{GLOSSARY}"
    yield from (f"outline:{to}" for to in _asked(page) if to != path)
    keys = {cite.key for cite in page.cites}
    keys |= {one.label.removeprefix("@") for one in page.document.definitions if one.label.startswith("@")}
    yield from (f"cite:{key}" for key in sorted(keys))
    if any(key not in graph.bibliography.entries for key in keys):
        yield "bibliography"
    if seen.states or page.tables or page.names or page.cites:
        yield "evidence"
    yield from (f"text:{code}" for code in seen.code)
    if seen.code:
        yield "built"
    if "/drops/" in f"/{path}":
        yield from (f"text:{to}" for to in leads if to != path)
        yield from _places(graph, leads)
    yield from _labelled(path, found)


def _asked(page: Claims) -> Iterator[str]:
    """Pages whose sections a page's statements name, where a system is meant."""
    for one in page.statements:
        to = target(page.document.path, one.link.href)[0]
        if one.system or system_of(to):
            yield to


def spec_reads(spec: ModelSpec, systems: Iterable[str], graph: Graph) -> Iterator[str]:
    """What checking a system looks at; `systems` are those whose facts it takes."""
    yield from (f"spec:{spec.system}", "evidence", "bibliography")
    yield from (f"proofs:{system}" for system in sorted(systems))
    yield from (f"says:{path}" for path in graph.stating.get(spec.system, ()))


def link_reads(seen: Face, found: Iterable[Diagnostic]) -> Iterator[str]:
    """What checking a page's links looks at."""
    yield from (f"at:{to}" for to in targets(seen))
    if any(True for _ in found):
        yield "listing"


def _places(graph: Graph, leads: Iterable[str]) -> Iterator[str]:
    """What the pages that a drop leads to lead to in turn."""
    for to in leads:
        if to in graph.faces:
            yield from (f"at:{further}" for further in targets(graph.faces[to]))


def _labelled(path: str, found: Iterable[Diagnostic]) -> Iterator[str]:
    """Other files that findings point at: a place in them moves with their text."""
    others = {label.span.path for one in found for label in one.labels} | {one.span.path for one in found}
    yield from (f"text:{other}" for other in sorted(others - {path}))


def _entry(entry: Entry | None) -> str:
    return digest_of(repr((entry.key, entry.type, sorted(entry.fields.items())))) if entry else ""


def digest_of(*parts: str) -> str:
    """One digest of several texts."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
