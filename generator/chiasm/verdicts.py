"""Judges every number of a page: a graph in, proved / reported / refuted / not judged with the reason out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import prose, tables
from chiasm.judging.verdict import Verdict, diagnostic
from chiasm.memory import Tally

OUTCOMES = ("proved", "reported", "refuted", "not judged")


@lru_cache(maxsize=2)
def judge(graph: Graph) -> tuple[Verdict, ...]:
    """A verdict for every number of every page, sorted by place."""
    return tuple(verdict for path in graph.faces for verdict in of_page(graph, path))


@lru_cache(maxsize=2)
def of_page(graph: Graph, path: str) -> tuple[Verdict, ...]:
    """A verdict for every number of one page, sorted by place."""
    page = graph.claims[path]
    found = (*tables.verdicts(graph, page), *prose.verdicts(graph, page))
    return tuple(sorted(found, key=lambda verdict: (verdict.span, verdict.subject)))


def tally(made: Iterable[Verdict]) -> Tally:
    """Verdicts, counted."""
    outcomes: list[str] = [verdict.outcome for verdict in made]
    return Tally(*(outcomes.count(outcome) for outcome in OUTCOMES))


def refuted(graph: Graph, page: Claims, rule: str) -> Iterator[Diagnostic]:
    """The findings of one rule among a page's verdicts."""
    for verdict in of_page(graph, page.document.path):
        if verdict.outcome == "refuted" and verdict.rule == rule:
            yield diagnostic(verdict)
