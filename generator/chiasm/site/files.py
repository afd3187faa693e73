"""Shows files on the site: generated code and excerpts of released files in, a page each out."""

from __future__ import annotations

import posixpath
from functools import partial
from pathlib import Path

from chiasm.document import slug
from chiasm.site import reading
from chiasm.site.book import Book, claim_ids, code_page
from chiasm.site.code import numbered
from chiasm.site.many import mapped
from chiasm.site.navigation import markdown, module_order
from chiasm.site.prose import escaped
from chiasm.site.shelf import Shelf, key
from chiasm.site.templates import Html, filled

LANGUAGES = {"py": "python", "json": "json", "md": "markdown"}


def code_pages(book: Book, theme: Path, shelf: Shelf, world: str, workers: int) -> None:
    """Generated files, side by side; packages share most of theirs, and what shares a text is made together."""
    facts = key(*((page, book.brief(path).facts) for page, path in book.pages.items())) if world else ""
    paths = {markdown(code_page(path)): path for path in sorted(book.code) if path.count("/") > 1}
    keys = {
        page: key(world, path, book.files[path], facts, book.titles.get(_origin(path, book)))
        if world and path in book.files
        else ""
        for page, path in paths.items()
    }
    new = [page for page in paths if not shelf.stands(page, keys[page])]
    new.sort(key=lambda page: (posixpath.basename(page), book.files.get(paths[page], ""), page))

    def made(page: str) -> str:
        path = paths[page]
        text = book.code[path]
        return reading.prose(text, path, book, theme) if path.endswith("README.md") else _file(path, text, book)

    for page, text in zip(new, mapped(made, new, workers), strict=True):
        shelf.put(page, keys[page], text)


def excerpts(book: Book, shelf: Shelf, world: str) -> None:
    """Released files, as far as pages rest on them."""
    for path, text in book.evidence.items():
        shelf.one(markdown(book.addresses[path]), key(world, text) if world else "", partial(_file, path, text, book))


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
