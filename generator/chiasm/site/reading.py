"""Makes a page's reader: what its links, citations, facts and formulas become on the site."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from chiasm.claiming.claim import Claims, Fact, Formula
from chiasm.document import Document, Heading, parse
from chiasm.judging.verdict import Verdict
from chiasm.numbers.expression import FormulaError, Name, Number
from chiasm.numbers.expression import parse as expression_of
from chiasm.numbers.notation import latex
from chiasm.site.book import Book, cell_places, folder, resolve, source_page, variant_cells
from chiasm.site.code import highlighted
from chiasm.site.markdown import tokens
from chiasm.site.mathematics import MathError, escaped, mathematics
from chiasm.site.prose import Mark, Reader, staged
from chiasm.source import Source
from chiasm.span import Span

WEB = ("http://", "https://")


def page(claims: Claims, book: Book, theme: Path) -> str:
    """A knowledge page as MkDocs reads it."""
    return staged(tokens(claims.document.source.text), _reader(claims, book, theme))


def prose(text: str, path: str, book: Book, theme: Path) -> str:
    """Any other Markdown of the project (a README, a rule's page), which makes no claims."""
    document = parse(Source(path, text, ""))
    return staged(tokens(text), _plain(path, book, theme, _slugs(document)))


def _reader(claims: Claims, book: Book, theme: Path) -> Reader:
    document = claims.document
    slugs = _slugs(document)
    plain = _plain(document.path, book, theme, slugs)
    verdicts = {verdict.span: verdict for verdict in book.judged.get(document.path, ())}
    cells = dict(_cells(claims, book, verdicts))
    return Reader(
        plain.link,
        plain.cite,
        plain.code,
        plain.mathematics,
        slugs,
        statements=dict(_statements(claims, verdicts)),
        cells=cells,
        formulas=dict(_formulas(claims)),
        stated={line for (line, _), mark in cells.items() if "/" in mark.anchor},
    )


def _slugs(document: Document) -> Mapping[int, str]:
    return {block.span.line: block.slug for block in document.blocks if isinstance(block, Heading)}


def _plain(path: str, book: Book, theme: Path, slugs: Mapping[int, str]) -> Reader:
    home = book.addresses.get(path, f"{path.removesuffix('.md')}.html")

    def link(href: str) -> str:
        return _link(href, path, home, book)

    def cite(key: str) -> tuple[str, str, str]:
        entry = book.entries.get(key)
        return (relative(source_page(key), home), book.labels[key], entry.title) if entry else ("", "", "")

    def formula(tex: str, display: bool) -> str:
        try:
            return mathematics(tex, theme, display=display)
        except MathError:
            return escaped(tex)

    return Reader(link, cite, highlighted, formula, slugs)


def relative(address: str, home: str) -> str:
    """The way from one page of the site to an address of it."""
    path, mark, fragment = address.partition("#")
    return _way(path, folder(home) or ".") + mark + fragment


@lru_cache(maxsize=4_096)
def _way(path: str, folder: str) -> str:
    return posixpath.relpath(path, folder)


def _link(href: str, path: str, home: str, book: Book) -> str:
    if href.startswith("#"):
        return href
    if href.lower().startswith(WEB):
        return href
    target, fragment = resolve(path, href)
    address = book.addresses.get(target) or book.addresses.get(f"{target}/README.md", "")
    if not address:
        return ""
    return relative(address, home) + (f"#{fragment}" if fragment else "")


def _statements(claims: Claims, verdicts: Mapping[Span, Verdict]) -> Iterator[tuple[tuple[str, str, str], Mark]]:
    for statement in claims.statements:
        found = verdicts.get(statement.span) or verdicts.get(statement.link.span)
        if found:
            key = (statement.link.text, statement.link.href, statement.link.title)
            yield key, Mark(verdict=found.outcome, reason=_reason(found))


def _cells(claims: Claims, book: Book, verdicts: Mapping[Span, Verdict]) -> Iterator[tuple[tuple[int, int], Mark]]:
    places = cell_places(claims)
    marks: dict[tuple[int, int], Mark] = {}
    for table in claims.tables:
        for fact in table.facts:
            found = _verdict(fact, verdicts)
            used = book.used.get(fact.id, "")
            mark = Mark(
                fact.id,
                found.outcome if found else "",
                _reason(found) if found else "",
                relative(used, f"{claims.page}.html") if used else "",
            )
            marks.setdefault(places.get(fact.cell.span, (0, 0)), mark)
    for cell, slug in variant_cells(claims):
        marks[places.get(cell.span, (0, 0))] = Mark(anchor=slug)
    for span, place in places.items():
        if place not in marks and (found := verdicts.get(span)):
            marks[place] = Mark(verdict=found.outcome, reason=_reason(found))
    yield from marks.items()


def _verdict(fact: Fact, verdicts: Mapping[Span, Verdict]) -> Verdict | None:
    """The verdict on a cell: on the cell itself, or on the result of the formula in it."""
    result = fact.value.result_span if isinstance(fact.value, Formula) else None
    return (verdicts.get(result) if result else None) or verdicts.get(fact.cell.span)


def _reason(verdict: Verdict) -> str:
    return f"{verdict.outcome}: {verdict.reason}" if verdict.reason else verdict.outcome


def _formulas(claims: Claims) -> Iterator[tuple[str, str]]:
    for table in claims.tables:
        for fact in table.facts:
            if not isinstance(fact.value, Formula):
                continue
            try:
                expression = expression_of(fact.value.source)
            except FormulaError:
                continue
            if not isinstance(expression, Name | Number):
                yield fact.value.source, latex(expression)
