"""Makes the site's pages: the book and what stands from last time in, Markdown of the others by path out."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from chiasm.claiming.claim import Claims
from chiasm.document import slug
from chiasm.site import reading
from chiasm.site.book import GRAMMAR, Book, Mention, bibtex, claim_ids, code_page, heading_above, source_page, summary
from chiasm.site.code import highlighted, numbered
from chiasm.site.compare import comparison, tables
from chiasm.site.landing import landing, shown
from chiasm.site.navigation import markdown, module_order
from chiasm.site.prose import escaped
from chiasm.site.shelf import Shelf, Texts, key
from chiasm.site.templates import Html, filled
from chiasm.source import BIBLIOGRAPHY

VERDICTS = ("refuted", "proved", "reported", "not judged")
LANGUAGES = {"py": "python", "json": "json", "md": "markdown"}


def site_pages(book: Book, theme: Path, shelf: Shelf | None = None, *, world: str = "", workers: int = 0) -> Texts:
    """Every page below the site's root; None for one that stands on the shelf.

    `world` is the digest of compiler and theme; so many processes work side by side (0: one a processor).
    """
    shelf = shelf or Shelf()
    world = key(world, sorted(book.addresses.items()), _bibliography(book)) if book.rests else ""
    book.gathered()
    keys = {f"{page}.md": _page_key(page, book, world) for page in book.pages}
    if any(
        book.graph.faces[path].facts and not shelf.has(f"{page}.md", keys[f"{page}.md"])
        for page, path in book.pages.items()
    ):
        _ = book.used  # once, before pages are made side by side
    shelf.fill(keys, partial(_page, book=book, theme=theme), workers)
    _sources(book, shelf, world)
    _code(book, theme, shelf, world)
    _rules(book, theme, shelf, world)
    for path, address in book.addresses.items():
        if path in book.evidence:
            shelf.one(
                markdown(address), _key(world, book.evidence[path]), partial(_file, path, book.evidence[path], book)
            )
    _summaries(book, shelf, world, tuple(keys))
    if GRAMMAR in book.graph.faces:
        text = book.graph.claims[GRAMMAR].document.source.text
        shelf.one("grammar.md", _key(world, text), partial(reading.prose, text, GRAMMAR, book, theme))
    return dict(sorted(shelf.texts.items()))


def _key(world: str, *parts: object) -> str:
    """The key of a page; without a world nothing stands."""
    return key(world, *parts) if world else ""


def _bibliography(book: Book) -> str:
    known = book.graph.others.get(BIBLIOGRAPHY)
    return known.digest if known else repr(book.entries)


def _page_key(page: str, book: Book, world: str) -> str:
    """What a page's text follows from."""
    path = book.pages[page]
    rests = book.rests.get(path)
    if not (world and rests):
        return ""
    mentions = book.linked.get(page, ())
    titles = [book.titles[name] for name in dict.fromkeys(mention.page for mention in mentions)]
    return key(world, rests, mentions, titles, book.made if book.graph.faces[path].facts else "")


def _page(name: str, *, book: Book, theme: Path) -> tuple[str, Any]:
    """One page's text, and what other pages say of it."""
    claims = book.graph.claims[book.pages[name.removesuffix(".md")]]
    text = _opened(reading.page(claims, book, theme), claims, book) + _trail(claims.page, book)
    return text, {"summary": summary(claims), "tables": list(tables(claims)), **_judged(claims, book)}


def _summaries(book: Book, shelf: Shelf, world: str, names: Sequence[str]) -> None:
    """Pages about all pages: the first one, the comparison, the verdicts."""
    notes = {name: shelf.note(name) for name in names}
    says = key(*(book.graph.faces[path].assertion for path in book.pages.values()))
    rests = [book.rests.get(path) for page, path in book.pages.items() if page.startswith("models/")]
    exhibit = shelf.noted("exhibit", _key(world, book.made, *rests), partial(shown, book))
    elsewhere = Counter[str](one.outcome for one in book.judged[GRAMMAR])
    counts = sum((Counter(note["counts"]) for note in notes.values()), elsewhere)
    first = {name.removesuffix(".md"): note["summary"] for name, note in notes.items()}
    own = [table for note in notes.values() for table in note["tables"]]
    shelf.one(
        "index.md",
        _key(world, says, exhibit, sorted(counts.items()), sorted(first.items()), sorted(book.titles.items())),
        partial(landing, book, exhibit, counts, first),
    )
    shelf.one("compare.md", _key(world, says, own, sorted(book.titles.items())), partial(comparison, book, own))
    rows = "".join(note["rows"].get(name, "") for name in VERDICTS for note in notes.values())
    shown_counts = [(name, counts.get(name, 0)) for name in VERDICTS]
    shelf.one(
        "verdicts.md",
        _key(world, rows, shown_counts),
        partial(filled, "verdicts", counts=shown_counts, rows=Html(rows)),
    )


def _mentions(mentions: Sequence[Mention], book: Book) -> list[dict[str, Any]]:
    """Mentions gathered by page, then by section."""
    found: list[dict[str, Any]] = []
    for page, of_page in groupby(mentions, key=lambda mention: mention.page):
        places = [
            {
                "slug": place[0],
                "heading": place[1],
                "locators": "; ".join(sorted({m.locator for m in items if m.locator})),
            }
            for place, items in groupby(of_page, key=lambda mention: (mention.slug, mention.heading))
        ]
        found.append({"address": f"{page}.html", "title": book.titles[page], "places": places})
    return found


def _opened(text: str, claims: Claims, book: Book) -> str:
    """A page with the way to its code and its verdicts under the title."""
    title, _, rest = text.partition("\n")
    counts = Counter[str](one.outcome for one in book.judged[claims.document.path])
    code = book.package(claims.page)
    line = filled(
        "opening",
        counts=[(name, counts[name]) for name in VERDICTS if counts[name]],
        code=reading.relative(code, f"{claims.page}.html") if code else "",
        package=posixpath.dirname(code).removeprefix("code/"),
        described=claims.page.startswith("models/"),
        verdicts=reading.relative("verdicts.html", f"{claims.page}.html"),
    )
    return f"{title}\n\n{line}\n{rest}"


def _trail(page: str, book: Book) -> str:
    mentions = _mentions(book.linked.get(page, ()), book)
    for mention in mentions:
        mention["address"] = reading.relative(mention["address"], f"{page}.html")
    return filled("trail", mentions=mentions)


def _sources(book: Book, shelf: Shelf, world: str) -> None:
    for name in book.entries:
        mentions = book.cited.get(name, ())
        titles = [book.titles[page] for page in dict.fromkeys(mention.page for mention in mentions)]
        shelf.one(markdown(source_page(name)), _key(world, name, mentions, titles), partial(_source, book, name))
    cited = {name: len({mention.page for mention in book.cited.get(name, ())}) for name in sorted(book.entries)}
    rows = [
        (book.entries[name], book.labels[name], posixpath.basename(source_page(name)), pages)
        for name, pages in cited.items()
    ]
    shelf.one("sources/index.md", _key(world, sorted(cited.items())), partial(filled, "sources", rows=rows))


def _source(book: Book, name: str) -> str:
    entry = book.entries[name]
    return filled(
        "source",
        entry=entry,
        authors="; ".join(entry.authors) or "Unsigned",
        mentions=_mentions(book.cited.get(name, ()), book),
        bibtex=Html(highlighted("bibtex", bibtex(entry))),
    )


def _code(book: Book, theme: Path, shelf: Shelf, world: str) -> None:
    """Generated files; packages share most of theirs, and what shares a text is made side by side."""
    facts = key(*sorted(book.claim_pages.items())) if world else ""
    paths = {markdown(code_page(path)): path for path in sorted(book.code) if path.count("/") > 1}
    keys = {
        page: _key(world, path, book.files[path], facts, book.titles.get(_origin(path, book)))
        if path in book.files
        else ""
        for page, path in paths.items()
    }

    def made(page: str) -> tuple[str, Any]:
        path = paths[page]
        text = book.code[path]
        return (reading.prose(text, path, book, theme) if path.endswith("README.md") else _file(path, text, book)), None

    shelf.fill(keys, made)


def _origin(path: str, book: Book) -> str:
    """The page that a file of a package comes from, or that an excerpt is shown beside."""
    model = f"models/{posixpath.basename(posixpath.dirname(path)).replace('_', '-')}"
    return model if model in book.titles else "models/clip" if "models/clip" in book.titles else ""


def _file(path: str, text: str, book: Book) -> str:
    home = book.addresses[path]
    package = posixpath.dirname(path)
    origin = _origin(path, book)
    files = [
        {"name": posixpath.basename(other), "address": posixpath.basename(code_page(other))}
        for other in sorted(book.packages.get(package, ()), key=lambda path: module_order(code_page(path)))
        if other.endswith(".py")
    ]

    def line(content: str) -> str:
        for claim in claim_ids(content):
            if address := book.claim_pages.get(claim):
                link = f'<a class="claim" href="{escaped(reading.relative(address, home))}">{escaped(claim)}</a>'
                content = content.replace(escaped(claim), link, 1)
        return content

    page = {"title": book.titles.get(origin, "its page"), "address": reading.relative(f"{origin}.html", home)}
    return filled(
        "code",
        title=path,
        slug=slug(path),
        page=page,
        files=files,
        body=Html(numbered(LANGUAGES.get(path.rsplit(".", 1)[-1], ""), text, line)),
    )


def _rules(book: Book, theme: Path, shelf: Shelf, world: str) -> None:
    cards = []
    for name, words in sorted(book.rules.items()):
        shelf.one(f"rules/{name}.md", _key(world, words), partial(_rule, name, words, book, theme))
        cards.append({"name": name, "summary": words.strip().split("\n\n")[0].replace("\n", " ")})
    shelf.one("rules/index.md", _key(world, cards), partial(filled, "rules", rules=cards))


def _rule(name: str, words: str, book: Book, theme: Path) -> str:
    return f"# {name} {{#{name}}}\n\n" + reading.prose(words, f"rules/{name}.md", book, theme)


def _judged(claims: Claims, book: Book) -> dict[str, Any]:
    """A page's verdicts: how many of each, and their rows in the table of all."""
    rows: dict[str, list[dict[str, str]]] = {}
    for verdict in sorted(book.judged[claims.document.path], key=lambda item: item.span):
        anchor, heading = heading_above(claims, verdict.span.line)
        rows.setdefault(verdict.outcome, []).append(
            {
                "verdict": verdict.outcome,
                "words": verdict.text,
                "reason": verdict.reason,
                "address": f"{claims.page}.html" + (f"#{anchor}" if anchor else ""),
                "place": f"{claims.document.title}, {heading or 'summary'}, line {verdict.span.line}",
            }
        )
    return {
        "counts": {outcome: len(made) for outcome, made in rows.items()},
        "rows": {outcome: filled("rows", rows=made) for outcome, made in rows.items()},
    }
