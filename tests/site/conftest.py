from __future__ import annotations

from pathlib import Path

import pytest

from chiasm import check
from chiasm.bibliography import bibliography
from chiasm.claims import claims
from chiasm.document import parse
from chiasm.graph import link
from chiasm.resolve import resolve
from chiasm.site.book import Book
from chiasm.site.navigation import navigation
from chiasm.site.pages import site_pages
from chiasm.site.publish import publish
from chiasm.source import Source, read

ROOT = Path(__file__).parents[2]
THEME = ROOT / "site"


def book_of(pages: dict[str, str], bib: str = "", code: dict[str, str] | None = None) -> Book:
    """A book over pages given as text."""
    documents = [parse(Source(path, text, path)) for path, text in pages.items()]
    read_claims = [claims(document)[0] for document in documents]
    specs = resolve(read_claims)[0]
    entries = bibliography(Source("knowledge/sources.bib", bib, "bib"))[0]
    graph = link(read_claims, specs, entries)[0]
    return Book(graph, code or {}, {rule.id: rule.whole for rule in check.all_rules()})


@pytest.fixture(scope="session")
def shipped() -> Book:
    """The knowledge base and the generated packages of this repository."""
    sources = read(ROOT, "knowledge/**/*.md")[0]
    code = {source.path: source.text for source in read(ROOT, "generated/*/*.py", "generated/*/README.md")[0]}
    bib = read(ROOT, "knowledge/sources.bib")[0][0].text
    return book_of({source.path: source.text for source in sources}, bib, code)


@pytest.fixture(scope="session")
def site(shipped: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built by MkDocs in its strict mode."""
    pages = site_pages(shipped, THEME)
    work = tmp_path_factory.mktemp("work")
    publish(pages, navigation(shipped, pages), THEME, work)
    return work / "site"
