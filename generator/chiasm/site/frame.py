"""Puts around a page what the compiler knows of it: its code and verdicts under the title, who links it at the end."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from chiasm.claiming.claim import Claims
from chiasm.site.book import Book
from chiasm.site.mentions import Mention
from chiasm.site.reading import relative
from chiasm.site.rows import VERDICTS
from chiasm.site.templates import quoted


def opened(text: str, claims: Claims, book: Book) -> str:
    """A page with the way to its code and its verdicts under the title."""
    title, _, rest = text.partition("\n")
    home = f"{claims.page}.html"
    counts = Counter[str](one.outcome for one in book.judged[claims.document.path])
    code = book.package(claims.page)
    said = []
    if code:
        package = posixpath.dirname(code).removeprefix("code/")
        said.append(f'<a href="{quoted(relative(code, home))}">generated/{quoted(package)}</a>')
    elif claims.page.startswith("models/"):
        said.append("Described; no package is generated yet")
    if shown := ", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts[name]):
        said.append(f'<a href="{quoted(relative("verdicts.html", home))}">numbers</a>: {shown}')
    return f'{title}\n\n<p class="chiasm-opening">{" · ".join(said)}</p>\n\n{rest}'


def trail(page: str, places: Sequence[Mention], book: Book) -> str:
    """The end of a page: where others link it."""
    if not places:
        return "\n"
    items = []
    for mention in gathered(places, book):
        home = quoted(relative(mention["address"], f"{page}.html"))
        ways = (
            f'<a href="{home}{"#" + quoted(place["slug"]) if place["slug"] else ""}">'
            f"{quoted(place['heading'] or 'summary')}</a>"
            for place in mention["places"]
        )
        items.append(f'<li><a href="{home}">{quoted(mention["title"])}</a>: {", ".join(ways)}</li>\n')
    return f'\n## Linked from {{ #linked-from }}\n\n<ul class="chiasm-trail">\n{"".join(items)}</ul>\n'


def gathered(mentions: Sequence[Mention], book: Book) -> list[dict[str, Any]]:
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
