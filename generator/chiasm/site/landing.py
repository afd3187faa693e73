"""Makes the landing page: the book in, what chiasm is in one screen and the way to every page out."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chiasm.claiming.claim import Claims, Fact
from chiasm.document import slug
from chiasm.judging.verdict import Verdict
from chiasm.site.book import GRAMMAR, Book, facts, heading_above
from chiasm.site.compare import DECISIONS, table
from chiasm.site.order import FOLDERS, in_order
from chiasm.site.templates import Html, filled

FIGURES = (("proved", "numbers proved"), ("reported", "reported"), ("refuted", "refuted"), ("not judged", "not judged"))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One fact on its way: the cell that states it, the generated line that carries it, a number that rests on it."""

    fact: Fact
    claims: Claims
    cites: Sequence[str]
    line: str
    line_address: str
    verdict: Verdict

    @property
    def anchor(self) -> str:
        """Where the number stands."""
        return heading_above(self.claims, self.verdict.span.line)[0]

    @property
    def heading(self) -> str:
        """What that place is called."""
        return heading_above(self.claims, self.verdict.span.line)[1]


def landing(book: Book, shown: str, counts: Mapping[str, int], summaries: Mapping[str, str]) -> str:
    """The page `index.md`: the exhibit's HTML, the numbers by verdict and each page's first sentence in."""
    figures = [(len(book.pages), "pages"), (len(book.entries), "sources")]
    figures += [(counts.get(name, 0), words) for name, words in FIGURES]
    columns, rows = table(book, DECISIONS, first=True)
    return filled(
        "index",
        figures=figures,
        exhibit=Html(shown),
        columns=columns,
        rows=rows,
        sections=_sections(book, summaries),
        grammar=GRAMMAR in book.graph.documents,
    )


def shown(book: Book) -> str:
    """The exhibit's HTML; "" where there is none."""
    found = exhibit(book)
    return filled("exhibit", exhibit=found) if found else ""


def exhibit(book: Book) -> Exhibit | None:
    """The fact of a model page that most proved statements of its own page rest on; None where there is none."""
    pages = {page: book.graph.claims[path] for page, path in book.pages.items() if page.startswith("models/")}
    found = {fact.id: fact for fact in facts(tuple(pages.values())) if fact.id in book.used}
    judged = (one for claims in pages.values() for one in book.judged[claims.document.path])
    proved = [one for one in judged if one.outcome == "proved" and one.subject == "statement"]
    resting = Counter(name for one in proved for name in one.claims if name in found and _own(one, found[name]))
    cited = [name for name in resting if (given := found[name].evidence) and given.cites]
    if not cited:
        return None
    name = min(cited, key=lambda claim: (-resting[claim], claim))
    fact = found[name]
    statements = [one for one in proved if name in one.claims and _own(one, fact)]
    verdict = min(statements, key=lambda one: ("=" not in one.reason, one.span))
    address = book.used[name]
    path, number = next((path, int(address.partition("#L")[2])) for path in book.code if _at(book, path, address))
    line = book.code[path].splitlines()[number - 1].strip()
    cites = [book.labels.get(cite.key, cite.key) for cite in fact.evidence.cites] if fact.evidence else []
    return Exhibit(fact, pages[fact.page], cites, line, address, verdict)


def _own(verdict: Verdict, fact: Fact) -> bool:
    return verdict.span.path == fact.cell.span.path


def _at(book: Book, path: str, address: str) -> bool:
    return book.addresses.get(path) == address.partition("#")[0]


def _sections(book: Book, summaries: Mapping[str, str]) -> list[dict[str, object]]:
    sections: list[dict[str, object]] = []
    for folder, title in FOLDERS.items():
        cards = [
            {
                "address": f"{page}.html",
                "title": book.titles[page],
                "summary": summaries.get(page, ""),
                "code": book.package(page),
                "package": posixpath.basename(posixpath.dirname(book.package(page))),
            }
            for page in in_order(book, folder)
        ]
        cards.sort(key=lambda card: not card["code"])
        sections += [{"title": title, "slug": slug(title), "cards": cards}] if cards else []
    return sections
