"""Reads the base's glossary, and holds its pages against it: terms, what tells them, and what is not said for them.

Each table of `concepts/glossary.md` is a group of neighbours: a row is a term, `told by` words of its definition, `not
called` words that our pages do not use for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chiasm.claiming.claim import Claims
from chiasm.claiming.passage import Passage
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.document import Cell, Table
from chiasm.graph import Graph, of_graph
from chiasm.page.inline import plain
from chiasm.regex import regex

ID = "glossary"
PAGE = "knowledge/concepts/glossary.md"
"""The page that defines the terms of a base, where it has one."""
_DEFINES = regex(
    r"\s*(?P<term>[A-Z][\w-]*(?: [a-z]+)?)(?: fusion)?"
    r"(?P<is>:| (?:is|means|puts|keeps|reads|compares|inserts|concatenates)\b)"
)
_HEDGES = regex(r"(?i)\b(?:not|no|never|unlike|than|instead|rather|while|whereas)\b")


class Term(NamedTuple):
    """A row: the term, the words that tell it, those that are not said for it, its neighbours' group."""

    name: str
    told_by: tuple[str, ...]
    never: tuple[str, ...]
    group: int
    cell: Cell


def twice(graph: Graph) -> Iterator[Diagnostic]:
    """Terms that stand in two rows."""
    first: dict[str, Term] = {}
    for term in terms(graph):
        other = first.setdefault(term.name.lower(), term)
        if other is not term:
            yield Diagnostic(
                ID,
                f"“{term.name}” is defined twice",
                term.cell.span,
                labels=(Label(other.cell.span, "the first time"),),
                help="keep one of the two rows",
            )


def breaches(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """Words that the glossary takes out of use, and definitions that are another term's."""
    known = terms(graph) if page.document.path != PAGE else ()
    if not known:
        return
    never = _never(graph, "")
    for passage in page.passages:
        if passage.kind in ("paragraph", "item", "heading"):
            yield from _unsaid(passage, never, known)
            if passage.kind != "heading":
                yield from _misdefined(passage, known)


def terms(graph: Graph) -> tuple[Term, ...]:
    """The terms of the base, in order; () where it has no glossary."""
    return _terms(graph, PAGE) if PAGE in graph.faces else ()


@of_graph
def _terms(graph: Graph, path: str) -> tuple[Term, ...]:
    found: list[Term] = []
    tables = [block for block in graph.claims[path].document.blocks if isinstance(block, Table)]
    for group, table in enumerate(tables):
        heads = [cell.text.lower() for cell in table.header]
        if heads[:1] != ["term"]:
            continue
        for row in table.rows:
            told = _words(row, heads, "told by")
            never = _words(row, heads, "not called")
            found.append(Term(plain(row[0].inlines), told, never, group, row[0]))
    return tuple(found)


def _words(row: Sequence[Cell], heads: Sequence[str], name: str) -> tuple[str, ...]:
    at = heads.index(name) if name in heads else len(row)
    return tuple(word.strip() for word in row[at].text.split(",") if word.strip()) if at < len(row) else ()


@of_graph
def _never(graph: Graph, _: str) -> re.Pattern[str]:
    words = sorted((word for term in terms(graph) for word in term.never), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words)) or '(?!)'})\b")


def _unsaid(passage: Passage, never: re.Pattern[str], known: Sequence[Term]) -> Iterator[Diagnostic]:
    for found in never.finditer(passage.words):
        term = next(one for one in known if found[0] in one.never)
        span = passage.prose.span(*found.span())
        yield Diagnostic(
            ID,
            f"the glossary does not say “{found[0]}”",
            span,
            mark=f"“{term.name}” is the word",
            labels=(Label(term.cell.span, "where the term is defined"),),
            help=f"write “{term.name}”",
            fix=Fix(span, term.name) if span.end - span.column == len(found[0]) else None,
        )


def _misdefined(passage: Passage, known: Sequence[Term]) -> Iterator[Diagnostic]:
    at, words = 0, passage.words
    while at < len(words):
        low, high = passage.sentence(at)
        at = max(high, at + 1)
        sentence = words[low:high]
        found = _DEFINES.match(sentence)
        term = _term(found["term"], known) if found else None
        if found is None or term is None or not term.told_by or _HEDGES.search(sentence):
            continue
        told = {one.name for one in known if one.group == term.group and _tells(one, sentence)}
        if told and term.name not in told and len(told) == 1:
            other = next(one for one in known if one.name in told)
            yield Diagnostic(
                ID,
                f"this is what the glossary says of {other.name}, not of {term.name}",
                passage.prose.span(low + found.start("term"), low + found.end("term")),
                labels=(Label(other.cell.span, f"{other.name}: {', '.join(other.told_by)}"),),
                help=f"write “{other.name}”, or define {term.name}",
            )


def _term(said: str, known: Sequence[Term]) -> Term | None:
    """The term that a definition begins with: `Early` and `Early fusion` are early fusion."""
    lowered = said.lower()
    return next((one for one in known if one.name.lower() in (lowered, f"{lowered} fusion")), None)


def _tells(term: Term, sentence: str) -> bool:
    lowered = sentence.lower()
    return any(word.lower() in lowered for word in term.told_by)
