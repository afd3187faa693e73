"""Settles what pages come to together: the records of a base in; checks of systems, findings, anchored values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from chiasm import anchors, check
from chiasm.claiming.sections import system_of
from chiasm.diagnostic import Diagnostic
from chiasm.memory import Checked, Memory, Page, System
from chiasm.rests import digest_of, spec_reads

if TYPE_CHECKING:
    from chiasm.study import Study


def settle(study: Study, changed: frozenset[str]) -> None:
    """Check every system whose spec, evidence, sources or proofs have changed."""
    proofs: dict[str, set[str]] = {}
    for one in study.memory.pages.values():
        for claim in one.judged.proved:
            proofs.setdefault(claim.partition("/")[0].partition(":")[0], set()).add(claim)
    study.now.proofs = {system: digest_of(*sorted(claims)) for system, claims in proofs.items()}
    stated = {claim for claims in proofs.values() for claim in claims}
    table = study.memory.table
    changed |= table.changed(study.now.of)
    for key, system in study.memory.systems.items():
        if not changed.isdisjoint(system.checked.reads):
            spec = study.spec(*key)
            found = tuple(dict.fromkeys(check.of_spec(study.graph, spec)))
            by_fact = anchors.of_spec(study.graph, spec, stated)
            bases = {f"{fact.cell.span} {fact.id}/{fact.kind}": bool(by) for fact, by in by_fact.items()}
            names = spec_reads(spec, {fact.system for fact in by_fact}, study.graph)
            study.memory.systems[key] = system._replace(checked=Checked(found, bases, table.reads(names, study.now.of)))


def findings(memory: Memory) -> Iterator[Diagnostic]:
    """All that was found, but for what a base has once."""
    for one in memory.pages.values():
        yield from one.found
        yield from one.judged.found
        yield from one.linked.found
    for system in memory.systems.values():
        yield from system.found
        yield from system.checked.found
    if missing := [one.missing for one in memory.systems.values() if one.missing]:
        from chiasm.resolve import missing_fields

        yield from missing_fields(missing)


def anchored(memory: Memory) -> tuple[int, int]:
    """Anchored base values, and all of them; a value that several systems take from one cell counts once."""
    whole: dict[str, bool] = {}
    for one in memory.systems.values():
        for name, held in one.checked.bases.items():
            whole[name] = whole.get(name, False) or held
    return sum(whole.values()), len(whole)


def rests_of(one: System) -> str:
    """Digest of all that a system's spec follows from."""
    return digest_of(one.path, one.system, *(f"{name} {digest}" for name, digest in one.reads.items()))


def systems_of(records: Mapping[str, Page]) -> Iterator[tuple[str, str]]:
    """The page and the slug of every system: those with a page of their own, then those that others describe."""
    own = {path: system_of(path) for path in records}
    known = set(own.values())
    yield from ((path, system) for path, system in own.items() if system)
    for path, one in records.items():
        yield from ((path, system) for system in one.brief.states if system not in known)
