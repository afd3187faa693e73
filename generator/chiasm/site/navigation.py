"""Orders the site: the book and its pages in, the navigation of mkdocs.yml out."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chiasm.site.book import Book, source_page
from chiasm.site.order import FOLDERS, in_order

FIRST = ("config", "model", "encoder", "text_encoder", "alignment", "fusion", "language_model", "budget")
SHOWN = {"index": "About", "init": "__init__"}


def navigation(book: Book, pages: Iterable[str]) -> str:
    """The `nav` of mkdocs.yml; JSON is YAML."""

    def section(folder: str) -> list[dict[str, str]]:
        return [{book.titles[page] or page: f"{page}.md"} for page in in_order(book, folder)]

    pages = tuple(pages)
    packages: dict[str, list[dict[str, str]]] = {}
    for page in sorted((page for page in pages if page.startswith("code/")), key=module_order):
        name = posixpath.basename(page).removesuffix(".md")
        packages.setdefault(page.split("/")[1], []).append({SHOWN.get(name, name): page})
    evidence = [{posixpath.basename(page).removesuffix(".md"): page} for page in pages if page.startswith("evidence/")]
    sources = [{book.labels[key]: markdown(source_page(key))} for key in sorted(book.entries)]
    rules = [{name: f"rules/{name}.md"} for name in sorted(book.rules)]
    tree: list[dict[str, Any]] = [{"Home": "index.md"}]
    tree += [{name: section(folder)} for folder, name in FOLDERS.items() if folder != "drops" and section(folder)]
    tree += [{"Compare": "compare.md"}, {"Code": [{name: items} for name, items in sorted(packages.items())]}]
    tree += [{"Performance": "performance.md" if "performance.md" in pages else ""}]
    tree += [{"Verdicts": "verdicts.md"}]
    tree += [{"Planted errors": "planted-errors.md" if "planted-errors.md" in pages else ""}]
    tree += [{"Sources": ["sources/index.md", *sources, {"Evidence": evidence}]}]
    tree += [
        {
            "Reference": [
                {"How a page is written": "grammar.md" if "grammar.md" in pages else ""},
                {"Knowledge drops": section("drops")},
                {"Rules": ["rules/index.md", *rules]},
            ]
        }
    ]
    named = set(_leaves(tree))
    tree += [{"More": [page for page in pages if page not in named]}]
    return "\nnav: " + json.dumps(_without_empty(tree), ensure_ascii=True) + "\n"


def markdown(address: str) -> str:
    """The staged file of a page."""
    return f"{address.removesuffix('.html')}.md"


def module_order(page: str) -> tuple[str, int, str]:
    """Where a module stands among those of its package."""
    *_, package, name = page.split("/")
    stem = name.rpartition(".")[0]
    place = -1 if stem == "index" else FIRST.index(stem) if stem in FIRST else len(FIRST)
    return (package, place, stem)


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


def _leaves(tree: Iterable[Any]) -> Iterator[str]:
    """Every page that is named."""
    for item in tree:
        if isinstance(item, dict):
            for value in item.values():
                yield from _leaves(value) if isinstance(value, list) else [value]
        else:
            yield item
