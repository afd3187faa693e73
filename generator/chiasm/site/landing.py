"""Makes the landing page: the book in, what chiasm is in one screen and the way to every page out."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chiasm.claiming.claim import Claims, Fact
from chiasm.document import slug
from chiasm.judging.verdict import Verdict
from chiasm.site.book import GRAMMAR, Book, facts, heading_above
from chiasm.site.compare import DECISIONS, table
from chiasm.site.order import FOLDERS, in_order
from chiasm.site.templates import filled

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


def landing(book: Book) -> str:
    """The page `index.md`."""
    counts = Counter[str](verdict.outcome for verdict in book.verdicts)
    figures = [(len(book.claims), "pages"), (len(book.entries), "sources")]
    figures += [(counts.get(name, 0), words) for name, words in FIGURES]
    columns, rows = table(book, DECISIONS, first=True)
    return filled(
        "index",
        figures=figures,
        exhibit=exhibit(book),
        columns=columns,
        rows=rows,
        sections=_sections(book),
        grammar=GRAMMAR in book.graph.documents,
    )


def exhibit(book: Book) -> Exhibit | None:
    """The fact of a model page that most proved statements of its own page rest on; None where there is none."""
    pages = {claims.page: claims for claims in book.claims if claims.page.startswith("models/")}
    found = {fact.id: fact for fact in facts(book.claims) if fact.page in pages and fact.id in book.used}
    proved = [one for one in book.verdicts if one.outcome == "proved" and one.subject == "statement"]
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


def _sections(book: Book) -> list[dict[str, object]]:
    sections: list[dict[str, object]] = []
    for folder, title in FOLDERS.items():
        cards = [
            {
                "address": f"{claims.page}.html",
                "title": claims.document.title,
                "summary": book.summaries.get(claims.page, ""),
                "code": book.package(claims.page),
                "package": posixpath.basename(posixpath.dirname(book.package(claims.page))),
            }
            for claims in in_order(book, folder)
        ]
        cards.sort(key=lambda card: not card["code"])
        sections += [{"title": title, "slug": slug(title), "cards": cards}] if cards else []
    return sections
