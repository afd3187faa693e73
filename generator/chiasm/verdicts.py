"""Judges every number of a knowledge base: a graph in, proved / reported / refuted / not judged with the reason out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import prose, tables
from chiasm.judging.verdict import Verdict, diagnostic


@lru_cache(maxsize=2)
def judge(graph: Graph) -> tuple[Verdict, ...]:
    """A verdict for every number of every page, sorted by place."""
    found = (*tables.verdicts(graph), *prose.verdicts(graph))
    return tuple(sorted(found, key=lambda verdict: (verdict.span, verdict.subject)))


def refuted(graph: Graph, rule: str) -> Iterator[Diagnostic]:
    """The findings of one rule among the verdicts."""
    return (diagnostic(verdict) for verdict in judge(graph) if verdict.outcome == "refuted" and verdict.rule == rule)
