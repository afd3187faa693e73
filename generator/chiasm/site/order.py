"""The order in which pages are listed: folders, concepts by the five decisions, the rest by title."""

from __future__ import annotations

import posixpath

from chiasm.claiming.claim import Claims
from chiasm.site.book import Book

FOLDERS = {"models": "Models", "concepts": "Concepts", "surveys": "Surveys", "drops": "Knowledge drops"}
CONCEPTS = ("encoders", "alignment", "fusion", "token-budget", "language-models", "positions", "training", "pitfalls")


def in_order(book: Book, folder: str) -> list[Claims]:
    """The pages of a folder."""
    return sorted((claims for claims in book.claims if claims.page.startswith(f"{folder}/")), key=_key)


def _key(claims: Claims) -> tuple[int, str]:
    name = posixpath.basename(claims.page)
    return (CONCEPTS.index(name) if name in CONCEPTS else len(CONCEPTS), claims.document.title.lower())
