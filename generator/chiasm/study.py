"""Goes over a base: sources and what is remembered in; every page and system with what was found about it out.

A record of the last run stands while what it rests on has the same digests; only the others are made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from chiasm import abreast, anchors, check, verdicts
from chiasm.bibliography import Bibliography
from chiasm.cache import Cache
from chiasm.claiming.recall import Recall
from chiasm.claiming.sections import system_of
from chiasm.drafts import Draft, Drafting
from chiasm.evidence import Excerpt
from chiasm.faces import face
from chiasm.graph import Graph, called, stating
from chiasm.judging.verdict import Verdict
from chiasm.keeping import KeptNames, KeptSpecs, keep
from chiasm.memory import (
    NEVER,
    Brief,
    Judged,
    Linked,
    Memory,
    Page,
    System,
    Table,
)
from chiasm.rests import Digests, digest_of, link_reads, page_reads
from chiasm.settling import rests_of, settle, systems_of
from chiasm.source import Source
from chiasm.spec.model import ModelSpec, Names
from chiasm.views import Faces, Pages, Specs

if TYPE_CHECKING:
    from chiasm.resolve import Resolution

MANY = 64
"""New pages from which on they are shared out."""
DESCRIBING = ("knowledge/models/", "knowledge/concepts/")


class Study:
    """One run over a base; of what is remembered, what is about other texts is forgotten."""

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        bibliography: Bibliography,
        excerpts: tuple[Excerpt, ...],
        others: Mapping[str, Source],
        memory: Memory,
        drafting: Drafting | None = None,
        kept: Cache | None = None,
        recall: Recall | None = None,
    ) -> None:
        self.sources = {source.path: source for source in sorted(sources, key=lambda source: source.path)}
        self.pages = Pages(self.sources)
        self.bibliography, self.excerpts, self.others = bibliography, excerpts, others
        self.memory = memory
        memory.album.make = lambda path: face(self.pages[path])
        self._kept, self._recall = kept or Cache(None), recall
        self._stored = KeptSpecs(self._kept)
        self._specs: dict[tuple[str, str], ModelSpec] = {}
        self._names = KeptNames(self._kept, "", self._read_names)
        self._fresh: dict[str, ModelSpec] = {}
        """Specs that were not kept, by what they follow from."""
        self._parts: list[Memory] = []
        self._before: Mapping[str, Page] = {}
        self._workers = 1
        self.verdicts: dict[str, tuple[Verdict, ...]] = {}
        """Of pages that this process judged, where these were few."""
        self.drafting = drafting
        self.drafts: dict[str, Draft] = {}
        """Pages of the site that were made with the records, while these stand."""

    def go_on(self, last: Study) -> None:
        """Take over what the last run of this process read of the same texts, and resolved."""
        same = (path for path, source in self.sources.items() if last.sources.get(path) is source)
        self.pages.read |= {path: last.pages.read[path] for path in same if path in last.pages.read}
        self._specs, self._stored, self._names = last._specs, last._stored, last._names

    def read(self, workers: int = 1) -> None:
        """Read every page that is new or changed; where these are many, judge them at once and keep only records."""
        old, self.memory.pages = self.memory.pages, {}
        self._before, self._workers = old, workers
        fresh = []
        for path, source in self.sources.items():
            if (one := old.get(path)) and one.digest == source.digest:
                self.memory.pages[path] = one
            else:
                fresh.append(path)
        # Systems are described in these folders: the others are judged against them.
        late = [path for path in fresh if not path.startswith(DESCRIBING)] if len(fresh) >= MANY else []
        for path in (path for path in fresh if path.startswith(DESCRIBING) or not late):
            self.memory.pages[path] = self.taken(path)
        if late:
            self.resolve()
            self.link(self.others)
            # `judge` judges again what rests on more than is known by now.
            self._parts += abreast.read(self, late, workers)
        self.memory.pages = {path: self.memory.pages[path] for path in self.sources}

    def taken(self, path: str) -> Page:
        """Read one page."""
        stated, found = self.pages.both(path)
        seen = face(stated)
        old = self._before.get(path)
        if old and old.brief.assertion == seen.assertion:
            found = (*found, *(one for one in old.found if one.rule == "unknown-kind"))
        elif stated.tables:
            from chiasm.resolve import unknown_kinds

            found = (*found, *unknown_kinds(stated))
        cites = tuple(dict.fromkeys(cite.key for cite in seen.cites))
        # Tables of a Checkpoint section are about their own system alone.
        kinds = [repr(table) for table in stated.names if table.kind]
        names = digest_of(*kinds) if kinds else ""
        source = self.sources[path]
        facts = digest_of(*seen.facts) if seen.facts else ""
        brief = Brief(seen.title, seen.states, names, seen.outline, seen.assertion, cites, called(source), facts)
        self.memory.lines.pop(path, None)
        self.memory.album.hold(path, source.digest, seen)
        return Page(source.digest, brief, found, Judged(), Linked())

    def resolve(self) -> None:
        """Resolve every system whose pages say something else than before."""
        records, before = self.memory.pages, self.memory.systems
        self.memory.systems = {}
        says = {path: one.brief.assertion for path, one in records.items()}
        named = digest_of(*(f"{path} {one.brief.names}" for path, one in records.items() if one.brief.names))
        if self._names.digest != named:
            self._names = KeptNames(self._kept, named, self._read_names)
        self._names.read = self._read_names
        for key in systems_of(records):
            old = before.get(key)
            if not old or any((named if of == "" else says.get(of, "")) != was for of, was in old.reads.items()):
                made = self._resolved(*key)
                reads = {path: says.get(path, "") for path in sorted(made.read)} | {"": named}
                keys = tuple(variant.key for variant in made.spec.variants)
                old = System(*key, made.spec.title, keys, made.found, made.missing, reads)
                self._specs[key] = self._fresh[rests_of(old)] = made.spec
            self.memory.systems[key] = old

    def _resolved(self, path: str, system: str) -> Resolution:
        from chiasm.resolve import resolved

        return resolved(self.pages, path, system, self._names)

    def _read_names(self) -> Mapping[tuple[str, str], Names]:
        from chiasm.resolve import names_of

        return names_of(self.pages[path] for path, one in self.memory.pages.items() if one.brief.names)

    def resting(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Every system in the order of pages, with the digest of all that its spec follows from."""
        for (path, system), one in sorted(self.memory.systems.items()):
            yield (path, system), rests_of(one)

    def spec(self, path: str, system: str) -> ModelSpec:
        """The spec of a system that a page describes: as it was kept, while what it follows from is the same."""
        key = path, system
        if key not in self._specs:
            rests = rests_of(self.memory.systems[key])
            if (spec := self._stored.get(rests, self._names)) is None:
                spec = self._fresh[rests] = self._resolved(path, system).spec
            self._specs[key] = spec
        return self._specs[key]

    def remember(self, kept: Cache) -> None:
        """Keep specs and names that were made, for the next run."""
        keep(self._fresh, kept, self._workers)
        self._fresh.clear()
        self._names.keep(kept)

    def link(self, others: Mapping[str, Source]) -> Graph:
        """What is known by now as a graph; `others` are files that are no pages."""
        systems = self.memory.systems
        ordered = sorted(systems, key=lambda key: key[1])
        self.graph = Graph(
            faces=Faces(self.memory.pages, self.memory.album),
            claims=self.pages,
            specs=Specs(ordered, self.spec),
            variants={system: systems[path, system].variants for path, system in ordered},
            titles={system: systems[path, system].title for path, system in ordered},
            aliases={system_of(path): one.brief.also for path, one in self.memory.pages.items() if one.brief.also},
            bibliography=self.bibliography,
            excerpts=self.excerpts,
            others=others,
            files=frozenset((*self.sources, *others)),
            cited=frozenset(key for one in self.memory.pages.values() for key in one.brief.cites),
            stating=stating((path, one.brief.states) for path, one in self.memory.pages.items()),
            recall=self._recall,
        )
        self.now = Digests(self.graph, self.sources, self.memory.pages, systems)
        if self._recall:
            self._recall.begin(partial(self.now.of_all, sorted(systems)))
        return self.graph

    def judge(self) -> None:
        """Judge every page whose record rests on something that has changed."""
        table = self.memory.table
        changed = table.changed(self.now.of)
        for part in self._parts:
            gone, names = part.table.changed(self.now.of), list(part.table.digests)
            for one in part.pages.values():
                stands = gone.isdisjoint(one.judged.reads)
                reads = (
                    table.reads((names[int(number)] for number in one.judged.reads), self.now.of) if stands else NEVER
                )
                one.judged = one.judged._replace(reads=reads)
        again = [path for path, one in self.memory.pages.items() if not changed.isdisjoint(one.judged.reads)]
        for path, made in self._judge(again):
            self.memory.pages[path].judged = made
            self.memory.lines.pop(path, None)
            self.drafts.pop(path, None)
        for path, one in self.memory.pages.items():
            if not changed.isdisjoint(one.linked.reads):
                seen = self.graph.faces[path]
                found = tuple(check.of_face(self.graph, seen))
                one.linked = Linked(found, table.reads(link_reads(seen, found), self.now.of))
                self.memory.lines.pop(path, None)
        settle(self, changed)

    def _judge(self, paths: Sequence[str]) -> Iterable[tuple[str, Judged]]:
        if len(paths) >= MANY:
            return abreast.judge(self, paths, self._workers)
        return ((path, self.judged(path, self.memory.table, keep=True)) for path in paths)

    def judged(self, path: str, table: Table, *, keep: bool = False) -> Judged:
        """Judge one page; what that rests on is numbered by the table. With `keep` its verdicts stay at hand."""
        found = tuple(dict.fromkeys(check.of_page(self.graph, path)))
        made = verdicts.of_page(self.graph, path)
        if keep:
            self.verdicts[path] = made
        names = page_reads(self.graph.claims[path], self.graph, found)
        return Judged(found, verdicts.tally(made), tuple(sorted(anchors.proved(made))), table.reads(names, self.now.of))
