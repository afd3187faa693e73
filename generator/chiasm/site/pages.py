"""Makes the site's pages: the book and what stands from last time in, Markdown of the others by path out."""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chiasm.check import rule
from chiasm.claiming.claim import Claims
from chiasm.site import reading
from chiasm.site.book import GRAMMAR, Book, bibtex, source_page, summary
from chiasm.site.code import highlighted
from chiasm.site.compare import comparison, tables
from chiasm.site.files import code_pages, excerpts
from chiasm.site.frame import gathered, opened, trail
from chiasm.site.landing import landing, shown
from chiasm.site.many import mapped
from chiasm.site.mentions import CITES, LINKS, Mention, found, mentions, names
from chiasm.site.navigation import markdown
from chiasm.site.rows import Rows, rows_of
from chiasm.site.shelf import Shelf, Texts, key
from chiasm.site.templates import Html, filled
from chiasm.source import BIBLIOGRAPHY

STAGES = {
    "reading": "Reading a page, a source, the settings",
    "links": "Links between pages",
    "pages": "What a page says",
    "systems": "What a system is",
    "the base": "The base as a whole",
}
"""What rules look at, and its title in their table."""


def site_pages(book: Book, theme: Path, shelf: Shelf | None = None, *, world: str = "", workers: int = 0) -> Texts:
    """Every page below the site's root; None for one that stands on the shelf.

    `world` is the digest of compiler and theme; so many processes work side by side (0: one a processor).
    """
    shelf = shelf or Shelf()
    world = key(world, sorted(book.addresses.items()), _bibliography(book)) if book.rests else ""
    said = _said(book, shelf, world)
    cites, links = _moved(book, shelf, said)
    _pages(book, theme, shelf, world, said=said, links=links, workers=workers)
    _sources(book, shelf, world, said, cites)
    code_pages(book, theme, shelf, world, workers)
    _rules(book, theme, shelf, world)
    excerpts(book, shelf, world)
    _summaries(book, shelf, world)
    if GRAMMAR in book.graph.faces:
        shelf.one("grammar.md", _key(world, book.rests.get(GRAMMAR)), partial(_grammar, book, theme))
    return dict(sorted(shelf.texts.items()))


def body(claims: Claims, book: Book, theme: Path) -> tuple[str, Any]:
    """A page but for where it is linked from, and what other pages say of it."""
    return opened(reading.page(claims, book, theme), claims, book), {
        "summary": summary(claims),
        "tables": list(tables(claims)),
        **rows_of(claims, book),
    }


def _key(world: str, *parts: object) -> str:
    """The key of a page; without a world nothing stands."""
    return key(world, *parts) if world else ""


def _bibliography(book: Book) -> str:
    known = book.graph.others.get(BIBLIOGRAPHY)
    return known.digest if known else repr(book.entries)


def _page_key(page: str, book: Book, world: str) -> str:
    """What a page follows from, but for where it is linked from."""
    path = book.pages[page]
    rests = book.rests.get(path)
    return key(world, rests, book.made if book.brief(path).states else "") if world and rests else ""


def _said(book: Book, shelf: Shelf, world: str) -> dict[str, str]:
    """Page → what it mentions, as `mentions` has it."""

    def said(page: str, path: str) -> str:
        name, made = f"mentions of {page}", _page_key(page, book, world)
        if shelf.has(name, made):
            return shelf.keep(name, made, shelf.raw(name))
        drafted = book.drafts.get(path)
        return shelf.keep(name, made, drafted.head if drafted else mentions(book.graph.faces[path]))

    return {page: said(page, path) for page, path in book.pages.items()}


def _moved(book: Book, shelf: Shelf, said: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Sources and pages that are mentioned otherwise than last time, or by a page that has another title."""
    cites, links = set[str](), set[str]()
    before = {name.removeprefix("mentions of ") for name in shelf.before if name.startswith("mentions of ")}
    for page in before | said.keys():
        old, now = shelf.raw(f"mentions of {page}"), said.get(page, "")
        if old != now or (shelf.was(f"{page}.md") or {}).get("title") != book.titles.get(page):
            for text in (old, now):
                keys, pages = names(text)
                cites |= keys
                links |= pages
    return cites, links


def _pages(
    book: Book,
    theme: Path,
    shelf: Shelf,
    world: str,
    *,
    said: Mapping[str, str],
    links: Collection[str],
    workers: int,
) -> None:
    """The pages of the base, each with where it is linked from."""
    keys = {page: _page_key(page, book, world) for page in book.pages}
    new = [page for page in keys if not shelf.has(f"{page}.md", keys[page])]
    linked = found(said, LINKS, {*links, *new})
    trails = {page: _place_key(linked.get(page, ()), book) for page in {*links, *new} & keys.keys()}
    new += [page for page in trails.keys() - {*new} if shelf.was(f"{page}.md")["trail"] != trails[page]]
    for page in keys.keys() - {*new}:
        shelf.stands(f"{page}.md", keys[page])
    rows = Rows()
    for page, (text, note) in _bodies(sorted(new), book, theme, workers):
        note |= {"title": book.titles[page], "trail": trails[page], "rows": rows.add(f"{page}.md", note["rows"])}
        shelf.put(f"{page}.md", keys[page], text + trail(page, linked.get(page, ()), book), note)
    rows.lay(
        shelf, {f"{page}.md": shelf.note(f"{page}.md")["rows"] for page in keys}, _counts(book, shelf, world), world
    )


def _bodies(
    pages: Sequence[str], book: Book, theme: Path, workers: int
) -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """Pages that are made now, side by side, then those that were made where they were judged."""
    drafts = {page: book.drafts[book.pages[page]] for page in pages if book.pages[page] in book.drafts}
    others = [page for page in pages if page not in drafts]
    if any(book.brief(book.pages[page]).states for page in others):
        _ = book.used  # once, before pages are made side by side

    def made(page: str) -> tuple[str, Any]:
        return body(book.graph.claims[book.pages[page]], book, theme)

    yield from zip(others, mapped(made, others, workers), strict=True)
    yield from ((page, json.loads(draft.body.data)) for page, draft in drafts.items())


def _counts(book: Book, shelf: Shelf, world: str) -> dict[str, int]:
    """Numbers by verdict; the page that is none of the base has some too."""

    def elsewhere() -> dict[str, int]:
        return dict(Counter(one.outcome for one in book.judged[GRAMMAR]))

    counts = Counter[str](shelf.noted("verdicts of the grammar", _key(world, book.rests.get(GRAMMAR)), elsewhere))
    for page in book.pages:
        for outcome, number in shelf.note(f"{page}.md")["counts"].items():
            counts[outcome] += number
    return dict(counts)


def _grammar(book: Book, theme: Path) -> str:
    return reading.prose(book.graph.claims[GRAMMAR].document.source.text, GRAMMAR, book, theme)


def _place_key(mentions: Sequence[Mention], book: Book) -> str:
    """What a list of mentions says."""
    return key(mentions, [book.titles[name] for name in dict.fromkeys(mention.page for mention in mentions)])


def _summaries(book: Book, shelf: Shelf, world: str) -> None:
    """Pages about all pages: the first one, the comparison."""
    notes = {page: shelf.note(f"{page}.md") for page in book.pages}
    says = key(*(book.brief(path).assertion for path in book.pages.values()))
    rests = [book.rests.get(path) for page, path in book.pages.items() if page.startswith("models/")]
    exhibit = shelf.noted("exhibit", _key(world, book.made, *rests), partial(shown, book))
    counts = _counts(book, shelf, world)
    first = {page: note["summary"] for page, note in notes.items()}
    own = [table for note in notes.values() for table in note["tables"]]
    shelf.one(
        "index.md",
        _key(world, says, exhibit, sorted(counts.items()), sorted(first.items()), sorted(book.titles.items())),
        partial(landing, book, exhibit, counts, first),
    )
    shelf.one("compare.md", _key(world, says, own, sorted(book.titles.items())), partial(comparison, book, own))


def _sources(book: Book, shelf: Shelf, world: str, said: Mapping[str, str], moved: Collection[str]) -> None:
    names = {name: markdown(source_page(name)) for name in book.entries}
    own = {name: _key(world, name) for name in names}
    ask = {name for name, path in names.items() if name in moved or not shelf.has(path, own[name])}
    cited = found(said, CITES, ask)
    for name, path in names.items():
        if name in ask:
            places = cited.get(name, ())
            note = [_place_key(places, book), len({place.page for place in places})]
            if not (shelf.was(path) == note and shelf.stands(path, own[name])):
                shelf.put(path, own[name], _source(book, name, places), note)
        else:
            shelf.stands(path, own[name])
    counts = {name: shelf.note(names[name])[1] for name in sorted(names)}
    rows = [
        (book.entries[name], book.labels[name], posixpath.basename(source_page(name)), pages)
        for name, pages in counts.items()
    ]
    shelf.one("sources/index.md", _key(world, sorted(counts.items())), partial(filled, "sources", rows=rows))


def _source(book: Book, name: str, places: Sequence[Mention]) -> str:
    entry = book.entries[name]
    return filled(
        "source",
        entry=entry,
        authors="; ".join(entry.authors) or "Unsigned",
        mentions=gathered(places, book),
        bibtex=Html(highlighted("bibtex", bibtex(entry))),
    )


def _rules(book: Book, theme: Path, shelf: Shelf, world: str) -> None:
    stages: dict[str, list[dict[str, str]]] = {name: [] for name in STAGES}
    for name, words in sorted(book.rules.items()):
        shelf.one(f"rules/{name}.md", _key(world, words), partial(_rule, name, words, book, theme))
        one = rule(name)
        row = {"name": name, "summary": words.strip().split("\n\n")[0].replace("\n", " ")}
        row |= {"severity": one.severity, "mends": "--fix" if one.mends else ""} if one else {}
        stages[one.stage if one else "reading"].append(row)
    rows = [(STAGES[stage], found) for stage, found in stages.items() if found]
    shelf.one("rules/index.md", _key(world, rows), partial(filled, "rules", stages=rows))


def _rule(name: str, words: str, book: Book, theme: Path) -> str:
    return f"# {name} {{#{name}}}\n\n" + reading.prose(words, f"rules/{name}.md", book, theme)
