"""The order in which pages are listed: folders, concepts by the five decisions, the rest by title."""

from __future__ import annotations

import posixpath

from chiasm.site.book import Book

FOLDERS = {"models": "Models", "concepts": "Concepts", "surveys": "Surveys", "drops": "Knowledge drops"}
CONCEPTS = (
    "encoders",
    "alignment",
    "fusion",
    "token-budget",
    "language-models",
    "positions",
    "training",
    "pitfalls",
    "glossary",
)


def in_order(book: Book, folder: str) -> list[str]:
    """The pages of a folder."""

    def place(page: str) -> tuple[int, str]:
        name = posixpath.basename(page)
        return (CONCEPTS.index(name) if name in CONCEPTS else len(CONCEPTS), book.titles[page].lower())

    return sorted((page for page in book.pages if page.startswith(f"{folder}/")), key=place)
