"""Judges a page or two by themselves: all sources in; what a run over the whole base would find on them out.

A page is read when it is asked for; what others are called, which headings they have and what they may take from one
another is told at a glance. The rules are those of every run: only the graph that they look at is made as they look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from chiasm import check, glance, verdicts
from chiasm.bibliography import Bibliography
from chiasm.claiming.sections import system_of
from chiasm.diagnostic import Diagnostic
from chiasm.evidence import excerpts
from chiasm.face import Face
from chiasm.faces import face
from chiasm.graph import Graph, aliases
from chiasm.memory import Tally
from chiasm.resolve import Resolution, missing_fields, names_of, resolved, unknown_kinds, variants_of
from chiasm.source import Source
from chiasm.spec import registry
from chiasm.spec.model import Names
from chiasm.suppression import kept
from chiasm.views import Pages

T = TypeVar("T")
Place = tuple[str, str]
"""The page and the slug of a system."""


class Alone:
    """A base of which only what some of its pages rest on is read."""

    def __init__(self, sources: Iterable[Source], bibliography: Bibliography, others: Mapping[str, Source]) -> None:
        self.sources = {source.path: source for source in sorted(sources, key=lambda source: source.path)}
        self.pages = Pages(self.sources)
        self.own = {system: path for path in self.sources if (system := system_of(path))}
        self._resolved: dict[Place, Resolution] = {}
        self._names = _NamesOf(self.pages)
        self._faces = _Faces(self.pages)
        self.graph = Graph(
            faces=self._faces,
            claims=self.pages,
            specs=_Systems(self, lambda path, system: self._resolution(path, system).spec),
            variants=_Systems(self, lambda path, system: variants_of(self.pages, path, system)),
            titles=_Systems(self, self._title),
            aliases=aliases(self.sources.values()),
            bibliography=bibliography,
            excerpts=excerpts(others)[0],
            others=others,
            files=frozenset((*self.sources, *others)),
            cited=frozenset(),
            stating=_Stating(self),
        )

    def findings(self, paths: Sequence[str]) -> tuple[Diagnostic, ...]:
        """What there is to say about some pages, sorted by place."""
        found: list[Diagnostic] = []
        for path in paths:
            stated, wrong = self.pages.both(path)
            found += (*wrong, *(unknown_kinds(stated) if stated.tables else ()))
            found += check.of_page(self.graph, path)
            found += check.of_face(self.graph, self._faces.whole(path))
        made = {place: self._resolution(*place) for place in self._concerned(paths)}
        for one in made.values():
            found += (*one.found, *check.of_spec(self.graph, one.spec))
        found += missing_fields(one.missing for one in made.values())
        unique = dict.fromkeys(one for one in found if one.span.path in paths)
        whole = kept(tuple(unique), self.graph.others, check.names())
        return tuple(one for one in whole if one.span.path in paths)

    def tally(self, path: str) -> Tally:
        """The numbers of a page by verdict."""
        return verdicts.tally(verdicts.of_page(self.graph, path))

    @cached_property
    def stated(self) -> Mapping[str, str]:
        """Systems without a page of their own, by the last page that states facts about each."""
        found = {system: path for path in self.stating for system in self._faces.whole(path).states}
        return {system: path for system, path in found.items() if system not in self.own}

    @cached_property
    def stating(self) -> tuple[str, ...]:
        """Pages of no system that state facts."""
        seen = (path for path, one in self.sources.items() if not system_of(path) and glance.states(one))
        return tuple(path for path in seen if self._faces.whole(path).states)

    def states(self, path: str) -> tuple[str, ...]:
        """Systems about which a page states facts."""
        return self._faces.whole(path).states

    def _concerned(self, paths: Iterable[str]) -> Iterator[Place]:
        """Systems whose specs may follow from some pages, in the order of pages."""
        touched = {path.rpartition("/")[2]: path for path in paths if system_of(path)}
        leads = {path: glance.leads(self.sources[path]) for path in self.own.values()} if touched else {}
        concerned = {path for path in paths if system_of(path)}
        while more := {path for path in leads.keys() - concerned if not leads[path].isdisjoint({"*", *touched})}:
            concerned |= more
            touched |= {path.rpartition("/")[2]: path for path in more}
        yield from ((path, system_of(path)) for path in self.sources if path in concerned)
        for path in paths:
            if path in self.stating:
                yield from ((path, system) for system in self.states(path) if system not in self.own)

    def _resolution(self, path: str, system: str) -> Resolution:
        key = (path, system)
        if key not in self._resolved:
            self._resolved[key] = resolved(self.pages, path, system, self._names)
        return self._resolved[key]

    def _title(self, path: str, system: str) -> str:
        return self._faces[path].title if system_of(path) == system else system


class _Systems(Mapping[str, T]):
    """Something about every system, made when it is asked for."""

    def __init__(self, base: Alone, make: Callable[[str, str], T]) -> None:
        self._base, self._make = base, make
        self._made: dict[str, T] = {}

    def __getitem__(self, system: str) -> T:
        if system not in self._made:
            path = self._base.own.get(system) or (self._base.stated.get(system) if system else None)
            if path is None:
                raise KeyError(system)
            self._made[system] = self._make(path, system)
        return self._made[system]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({**self._base.own, **self._base.stated}))

    def __len__(self) -> int:
        return len(self._base.own) + len(self._base.stated)


class _Faces(Mapping[str, Face]):
    """What others can see of each page: no more than its title and headings, unless it is asked for whole."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._seen: dict[str, Face] = {}
        self._whole: dict[str, Face] = {}

    def whole(self, path: str) -> Face:
        """The whole face of a page, which is read for it."""
        if path not in self._whole:
            self._whole[path] = face(self._pages[path])
        return self._whole[path]

    def __getitem__(self, path: str) -> Face:
        if path in self._whole or path in self._pages.read:
            return self.whole(path)
        if path not in self._seen:
            self._seen[path] = glance.headings(self._pages.sources[path]) or self.whole(path)
        return self._seen[path]

    def __contains__(self, path: object) -> bool:
        return path in self._pages.sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages.sources)

    def __len__(self) -> int:
        return len(self._pages.sources)


class _Stating(Mapping[str, tuple[str, ...]]):
    """Pages that state facts, by the system that they are about."""

    def __init__(self, base: Alone) -> None:
        self._base = base

    def __getitem__(self, system: str) -> tuple[str, ...]:
        base = self._base
        own = [path for path in base.sources if system_of(path) == system]
        found = (path for path in sorted((*base.stating, *own)) if system in base.states(path))
        if not (paths := tuple(found)):
            raise KeyError(system)
        return paths

    def __iter__(self) -> Iterator[str]:
        paths = (*self._base.own.values(), *self._base.stating)
        return iter(dict.fromkeys(system for path in paths for system in self._base.states(path)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _NamesOf(Mapping[tuple[str, str], Names]):
    """Tables of released names, each read by itself when its kind is asked for."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._made: dict[tuple[str, str], Names | None] = {}

    def __getitem__(self, key: tuple[str, str]) -> Names:
        if key not in self._made:
            self._made[key] = self._read(key)
        if (made := self._made[key]) is None:
            raise KeyError(key)
        return made

    def _read(self, key: tuple[str, str]) -> Names | None:
        kind = registry.by_name(*key)
        if kind is None:
            return None
        anchor = kind.anchor.partition("#")[2]
        left = {path: glance.names(one, anchor) for path, one in self._pages.sources.items()}
        left = {path: one for path, one in left.items() if one is None or one.text}
        shown = Pages({path: one for path, one in left.items() if one})
        return names_of(self._pages[path] if one is None else shown[path] for path, one in left.items()).get(key)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((kind.slot, kind.name) for kind in registry.known() if (kind.slot, kind.name) in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
