"""Reads a whole knowledge base: a root in, its graph and everything that any stage found wrong out."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from chiasm import bibliography as bibliographies
from chiasm import check
from chiasm.bibliography import Bibliography
from chiasm.cache import FOLDER, Cache, compiler
from chiasm.code import Code
from chiasm.diagnostic import Diagnostic
from chiasm.drafts import Draft, Drafting
from chiasm.evidence import excerpts
from chiasm.graph import Graph
from chiasm.memory import Tally
from chiasm.record import record
from chiasm.recording import load, store
from chiasm.rests import digest_of
from chiasm.settling import anchored, findings
from chiasm.sharing import uncollected, workers
from chiasm.source import BIBLIOGRAPHY, GENERATED, PAGES, SUPPORT, Source, listing, read
from chiasm.study import Study
from chiasm.suppression import kept as kept_back


@record(frozen=True, slots=True)
class Knowledge:
    """A knowledge base: linked, checked, with the sources that findings are shown in."""

    graph: Graph
    diagnostics: tuple[Diagnostic, ...]
    pages: Mapping[str, Source]
    tallies: Mapping[str, Tally]
    """The numbers of each page by verdict."""
    anchored: tuple[int, int]
    """Base values that something else holds in place, and all of them."""
    rests: Mapping[str, str] = field(default_factory=dict)
    """Path → digest of all that a page says and that its verdicts follow from."""
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """Pages of the site that were made where they were judged, by path."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file that was read."""
        return (*self.pages.values(), *self.graph.others.values())

    def lines(self, path: str) -> Sequence[str] | None:
        """The lines of a file by its path from the root."""
        source = self.pages.get(path) or self.graph.others.get(path)
        return source.lines if source else None


def knowledge(root: Path, extra: Sequence[Source] = (), *, keep: bool = False) -> Knowledge:
    """The base below `root`; `extra` are pages from elsewhere, judged as if they stood in it.

    With `keep` what was found out is kept for the next run.
    """
    sources, wrong = read(root, PAGES)
    others, unreadable = read(root, *SUPPORT)
    replaced = {source.path for source in extra}
    pages = (*(source for source in sources if source.path not in replaced), *extra)
    beside = Code(others, listing(root, *GENERATED), {}, {})
    kept = Cache(root / ".chiasm" / FOLDER)
    said = understood(pages, beside, kept)
    base = judged(said, beside, (*wrong, *unreadable))
    if keep:
        remember(said, kept)
    return base


@record(frozen=True, slots=True)
class Understood:
    """What pages say, each by itself and resolved, before they are held against anything else."""

    study: Study
    diagnostics: tuple[Diagnostic, ...]


def understood(
    pages: Sequence[Source],
    others: Mapping[str, Source],
    kept: Cache | None = None,
    *,
    count: int = 0,
    drafting: Drafting | None = None,
) -> Understood:
    """Reads pages that are new or changed, and resolves the systems that they change."""
    listed, misprints = entries(others, kept or Cache(None))
    found, unread = excerpts(others)
    memory = load(kept)
    study = Study(
        pages, bibliography=listed, excerpts=found, others=others, memory=memory, drafting=drafting, kept=kept
    )
    return gone_over(study, (*misprints, *unread), count)


def gone_over(study: Study, wrong: Sequence[Diagnostic], count: int = 0) -> Understood:
    """What a study makes of its pages; `wrong` is what was found in the files beside them."""
    with uncollected():
        study.read(count or workers())
        study.resolve()
    return Understood(study, tuple(wrong))


def judged(said: Understood, others: Mapping[str, Source], wrong: Sequence[Diagnostic] = ()) -> Knowledge:
    """Links what pages say with each other and with `others`, and judges it."""
    study = said.study
    study.link(others)
    with uncollected():
        study.judge()
    found = (*wrong, *said.diagnostics, *findings(study.memory), *check.of_base(study.graph))
    unique = dict.fromkeys(found)
    ordered = kept_back(tuple(unique), others, check.names())
    tallies = {path: one.judged.tally for path, one in study.memory.pages.items()}
    digests = tuple(study.memory.table.digests.values())
    rests = {
        path: digest_of(compiler(), one.digest, *(digests[int(number)] for number in one.judged.reads))
        for path, one in study.memory.pages.items()
    }
    return Knowledge(study.graph, ordered, study.sources, tallies, anchored(study.memory), rests, study.drafts)


def remember(said: Understood, kept: Cache) -> None:
    """Keep what was found out, for the next run."""
    said.study.remember(kept)
    store(said.study.memory, kept)


def entries(others: Mapping[str, Source], kept: Cache) -> tuple[Bibliography, tuple[Diagnostic, ...]]:
    """The bibliography; one in which nothing is wrong is parsed once."""
    source = others.get(BIBLIOGRAPHY) or Source(BIBLIOGRAPHY, "", "")
    key = kept.key("bibliography", source.digest)
    with contextlib.suppress(ValueError, TypeError):
        return bibliographies.remembered(source.path, kept.get(key) or ""), ()
    made, wrong = bibliographies.bibliography(source)
    if not wrong:
        kept.put(key, bibliographies.written(made.entries.values()))
    return made, wrong
