"""Makes the site's pages: the book in, Markdown by path out, with the navigation that orders them."""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from chiasm.claiming.claim import Claims
from chiasm.document import slug
from chiasm.site import reading
from chiasm.site.book import GRAMMAR, Book, Mention, bibtex, claim_ids, code_page, heading_above, source_page
from chiasm.site.code import highlighted, numbered
from chiasm.site.compare import comparison
from chiasm.site.landing import landing
from chiasm.site.order import FOLDERS, in_order
from chiasm.site.prose import escaped
from chiasm.site.templates import Html, filled

VERDICTS = ("refuted", "proved", "reported", "not judged")
FIRST = ("config", "model", "encoder", "text_encoder", "alignment", "fusion", "language_model", "budget")
SHOWN = {"index": "About", "init": "__init__"}
LANGUAGES = {"py": "python", "json": "json", "md": "markdown"}


def site_pages(book: Book, theme: Path) -> dict[str, str]:
    """Every page below the site's root."""
    pages = {
        f"{claims.page}.md": _opened(reading.page(claims, book, theme), claims, book) + _trail(claims.page, book)
        for claims in book.claims
    }
    pages |= dict(_sources(book))
    pages |= dict(_code(book, theme))
    pages |= dict(_rules(book, theme))
    pages |= {
        _markdown(address): _file(path, book.evidence[path], book)
        for path, address in book.addresses.items()
        if path in book.evidence
    }
    pages |= {"index.md": landing(book), "verdicts.md": _verdicts(book), "compare.md": comparison(book)}
    if GRAMMAR in book.graph.documents:
        pages["grammar.md"] = reading.prose(book.graph.documents[GRAMMAR].source.text, GRAMMAR, book, theme)
    return dict(sorted(pages.items()))


def navigation(book: Book, pages: Mapping[str, str]) -> str:
    """The `nav` of mkdocs.yml; JSON is YAML."""

    def section(folder: str) -> list[dict[str, str]]:
        return [{claims.document.title or claims.page: f"{claims.page}.md"} for claims in in_order(book, folder)]

    packages: dict[str, list[dict[str, str]]] = {}
    for page in sorted((page for page in pages if page.startswith("code/")), key=_module_order):
        name = posixpath.basename(page).removesuffix(".md")
        packages.setdefault(page.split("/")[1], []).append({SHOWN.get(name, name): page})
    evidence = [{posixpath.basename(page).removesuffix(".md"): page} for page in pages if page.startswith("evidence/")]
    sources = [{book.labels[key]: _markdown(source_page(key))} for key in sorted(book.entries)]
    rules = [{name: f"rules/{name}.md"} for name in sorted(book.rules)]
    tree: list[dict[str, Any]] = [{"Home": "index.md"}]
    tree += [{name: section(folder)} for folder, name in FOLDERS.items() if folder != "drops" and section(folder)]
    tree += [{"Compare": "compare.md"}, {"Code": [{name: items} for name, items in sorted(packages.items())]}]
    tree += [{"Verdicts": "verdicts.md"}, {"Sources": ["sources/index.md", *sources, {"Released files": evidence}]}]
    tree += [
        {
            "Reference": [
                {"How a page is written": "grammar.md" if "grammar.md" in pages else ""},
                {"Knowledge drops": section("drops")},
                {"Rules": ["rules/index.md", *rules]},
            ]
        }
    ]
    named = json.dumps(tree, ensure_ascii=True)
    tree += [{"More": [page for page in pages if json.dumps(page) not in named]}]
    return "\nnav: " + json.dumps(_without_empty(tree), ensure_ascii=True) + "\n"


def _markdown(address: str) -> str:
    """The staged file of a page."""
    return f"{address.removesuffix('.html')}.md"


def _without_empty(tree: Sequence[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in tree:
        if isinstance(item, dict):
            ((name, value),) = item.items()
            inner = _without_empty(value) if isinstance(value, list) else value
            kept += [{name: inner}] if inner else []
        else:
            kept.append(item)
    return kept


def _module_order(page: str) -> tuple[str, int, str]:
    *_, package, name = page.split("/")
    stem = name.rpartition(".")[0]
    place = -1 if stem == "index" else FIRST.index(stem) if stem in FIRST else len(FIRST)
    return (package, place, stem)


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
    counts = Counter[str](one.outcome for one in book.verdicts if one.span.path == claims.document.path)
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


def _sources(book: Book) -> Iterator[tuple[str, str]]:
    for key, entry in book.entries.items():
        mentions = _mentions(book.cited.get(key, ()), book)
        authors = "; ".join(entry.authors) or "Unsigned"
        yield (
            _markdown(source_page(key)),
            filled(
                "source",
                entry=entry,
                authors=authors,
                mentions=mentions,
                bibtex=Html(highlighted("bibtex", bibtex(entry))),
            ),
        )
    rows = [
        (
            entry,
            book.labels[key],
            posixpath.basename(source_page(key)),
            len({mention.page for mention in book.cited.get(key, ())}),
        )
        for key, entry in sorted(book.entries.items())
    ]
    yield "sources/index.md", filled("sources", rows=rows)


def _code(book: Book, theme: Path) -> Iterator[tuple[str, str]]:
    for path, text in sorted(book.code.items()):
        page = _markdown(code_page(path))
        if path.endswith("README.md"):
            yield page, reading.prose(text, path, book, theme)
        elif path.count("/") > 1:
            yield page, _file(path, text, book)


def _file(path: str, text: str, book: Book) -> str:
    home = book.addresses[path]
    package = posixpath.dirname(path)
    model = f"models/{posixpath.basename(package).replace('_', '-')}"
    origin = model if model in book.titles else "models/clip" if "models/clip" in book.titles else ""
    files = [
        {"name": posixpath.basename(other), "address": posixpath.basename(code_page(other))}
        for other in sorted(book.code, key=lambda path: _module_order(code_page(path)))
        if posixpath.dirname(other) == package and other.endswith(".py")
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


def _rules(book: Book, theme: Path) -> Iterator[tuple[str, str]]:
    cards = []
    for name, words in sorted(book.rules.items()):
        yield f"rules/{name}.md", f"# {name} {{#{name}}}\n\n" + reading.prose(words, f"rules/{name}.md", book, theme)
        cards.append({"name": name, "summary": words.strip().split("\n\n")[0].replace("\n", " ")})
    yield "rules/index.md", filled("rules", rules=cards)


def _verdicts(book: Book) -> str:
    counts = Counter[str](verdict.outcome for verdict in book.verdicts)
    pages = {claims.document.path: claims for claims in book.claims}
    rows = []
    order = {name: index for index, name in enumerate(VERDICTS)}
    for verdict in sorted(book.verdicts, key=lambda item: (order.get(item.outcome, 9), item.span)):
        claims = pages.get(verdict.span.path)
        if claims is None:
            continue
        anchor, heading = heading_above(claims, verdict.span.line)
        rows.append(
            {
                "verdict": verdict.outcome,
                "words": verdict.text,
                "reason": verdict.reason,
                "address": f"{claims.page}.html" + (f"#{anchor}" if anchor else ""),
                "place": f"{claims.document.title}, {heading or 'summary'}, line {verdict.span.line}",
            }
        )
    return filled("verdicts", counts=[(name, counts.get(name, 0)) for name in VERDICTS], rows=rows)
