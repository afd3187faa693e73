"""What the site shows, indexed both ways: pages, sources, verdicts and code in; who cites, links and uses what out."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from chiasm.bibliography import Entry
from chiasm.claiming.claim import Claims, Fact
from chiasm.document import Cell, Cite, Heading, Paragraph, Table
from chiasm.graph import Graph
from chiasm.judging.verdict import Verdict
from chiasm.page.inline import plain
from chiasm.span import Span

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST, LONGEST = 50, 200
"""Characters of a summary: a shorter sentence takes the next one along."""
KNOWLEDGE, GRAMMAR = "knowledge/", "knowledge/README.md"


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place of a page: the page, the nearest heading above, and what is said of the thing mentioned."""

    page: str
    slug: str
    heading: str
    locator: str = ""


@dataclass(frozen=True)
class Book:
    """Everything the site is made of."""

    graph: Graph
    verdicts: tuple[Verdict, ...]
    code: Mapping[str, str]
    """Generated files: path from the project's root → text."""
    rules: Mapping[str, str]
    """Rule id → what it says of itself, in Markdown."""

    @cached_property
    def claims(self) -> tuple[Claims, ...]:
        """Pages that make claims, in the order of their paths; the grammar's own page is none."""
        return tuple(page for path, page in self.graph.claims.items() if path != GRAMMAR)

    @cached_property
    def evidence(self) -> Mapping[str, str]:
        """Excerpts of released files: path from the project's root → text."""
        return {path: source.text for path, source in self.graph.others.items() if "/evidence/" in path}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Sources by key."""
        return dict(sorted(self.graph.bibliography.entries.items()))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Key → what stands in a text for it: `Li 2023`, with a letter where several sources would share it."""
        shared: dict[str, list[str]] = defaultdict(list)
        for key, entry in self.entries.items():
            shared[_label(entry)].append(key)
        return {
            key: label if len(keys) == 1 else label + LETTERS[index % len(LETTERS)]
            for label, keys in shared.items()
            for index, key in enumerate(keys)
        }

    @cached_property
    def summaries(self) -> Mapping[str, str]:
        """Page → the first sentence of its first paragraph, as plain text."""
        return {claims.page: _summary(claims) for claims in self.claims}

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Path in the project → page of the site, for everything that has one."""
        pages = {claims.document.path: f"{claims.page}.html" for claims in self.claims}
        pages |= {path: code_page(path) for path in self.code}
        pages |= {path: f"evidence/{posixpath.basename(path).removesuffix('.json')}.html" for path in self.evidence}
        return pages | {GRAMMAR: "grammar.html", "knowledge/sources.bib": "sources/index.html"}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Page → title."""
        return {claims.page: claims.document.title for claims in self.claims}

    @cached_property
    def cited(self) -> Mapping[str, tuple[Mention, ...]]:
        """Key → where it is cited."""
        found: dict[str, set[Mention]] = defaultdict(set)
        for claims in self.claims:
            for cite in claims.cites:
                heading = heading_above(claims, cite.span.line)
                found[cite.key].add(Mention(claims.page, *heading, cite.locator))
        return {key: tuple(sorted(mentions)) for key, mentions in found.items()}

    @cached_property
    def linked(self) -> Mapping[str, tuple[Mention, ...]]:
        """Page → where other pages link it."""
        found: dict[str, set[Mention]] = defaultdict(set)
        for claims in self.claims:
            for link in claims.links:
                target = resolve(claims.document.path, link.href)[0]
                page = target.removeprefix(KNOWLEDGE).removesuffix(".md")
                if page in self.titles and page != claims.page:
                    found[page].add(Mention(claims.page, *heading_above(claims, link.span.line)))
        return {page: tuple(sorted(mentions)) for page, mentions in found.items()}

    @cached_property
    def used(self) -> Mapping[str, str]:
        """Claim id → the generated line that carries it, as an address from the site's root."""
        found: dict[str, str] = {}
        ids = {fact.id for fact in facts(self.claims)}
        for path, text in sorted(self.code.items()):
            for number, line in enumerate(text.splitlines(), 1):
                for claim in claim_ids(line):
                    if claim in ids:
                        found.setdefault(claim, f"{code_page(path)}#L{number}")
        return found

    @cached_property
    def claim_pages(self) -> Mapping[str, str]:
        """Claim id → its own place, as an address from the site's root."""
        return {fact.id: f"{fact.page}.html#{fact.id}" for fact in facts(self.claims)}

    def package(self, page: str) -> str:
        """The page of the package that is generated from a model's page; "" where there is none."""
        folder, _, name = page.partition("/")
        code = code_page(f"generated/{name.replace('-', '_')}/README.md")
        return code if folder == "models" and code in self.addresses.values() else ""


def facts(pages: Sequence[Claims]) -> Iterator[Fact]:
    """Every fact of every page."""
    for claims in pages:
        for table in claims.tables:
            yield from table.facts


def claim_ids(line: str) -> tuple[str, ...]:
    """Words of a line of code that have the form of a claim's id."""
    words = line.partition("#")[2].replace(",", " ").replace(";", " ").split() if "#" in line else []
    return tuple(word.strip("().`") for word in words if "/" in word and "." in word)


def code_page(path: str) -> str:
    """The page of a generated file: `generated/llava/config.py` → `code/llava/config.html`."""
    folder, name = posixpath.split(path.removeprefix("generated/"))
    stem = {"README.md": "index", "__init__.py": "init"}.get(name, name.rsplit(".", 1)[0])
    return f"code/{folder}/{stem}.html"


def resolve(path: str, href: str) -> tuple[str, str]:
    """The file of the project that a page's link names, and the fragment; ("", "") for anything outside."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return "", ""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
    return ("", "") if target.startswith("..") else (target, unquote(parts.fragment))


def heading_above(claims: Claims, line: int) -> tuple[str, str]:
    """Anchor and text of the nearest heading above a line; ("", "") under the title."""
    above = [block for block in claims.document.blocks if isinstance(block, Heading) and block.span.line <= line]
    return (above[-1].slug, above[-1].text) if above and above[-1].level > 1 else ("", "")


def cell_places(claims: Claims) -> Mapping[Span, tuple[int, int]]:
    """Where a cell is drawn: its span → its line and its index in the row."""
    return {
        cell.span: (cell.span.line, index)
        for table in claims.document.blocks
        if isinstance(table, Table)
        for row in (table.header, *table.rows)
        for index, cell in enumerate(row)
    }


def variant_cells(claims: Claims) -> Iterator[tuple[Cell, str]]:
    """First cell of every row of `## Variants`, with the variant's slug."""
    slugs = {variant.span.line: variant.slug for variant in claims.variants}
    for table in claims.document.blocks:
        if isinstance(table, Table):
            for row in table.rows:
                if row and row[0].span.line in slugs:
                    yield row[0], slugs[row[0].span.line]


def _summary(claims: Claims) -> str:
    first = next((block for block in claims.document.blocks if isinstance(block, Paragraph)), None)
    if first is None:
        return ""
    words = plain(tuple(part for part in first.inlines if not isinstance(part, Cite))).replace(" .", ".")
    sentence = re.match(rf".{{{SHORTEST},}}?\.(?= |$)", words)
    whole = sentence[0] if sentence else words
    return whole if len(whole) < LONGEST else whole[: whole.rindex(" ", 0, LONGEST)] + " …"


def source_page(key: str) -> str:
    """The page of a source: its key where that is a plain file name, else one made from it."""
    if re.fullmatch(r"[\w][\w.+-]*", key) and key != "index":
        return f"sources/{key}.html"
    return (
        f"sources/{re.sub(r'[^A-Za-z0-9]+', '-', key)}-{hashlib.blake2b(key.encode(), digest_size=4).hexdigest()}.html"
    )


def _label(entry: Entry) -> str:
    surname = (entry.authors or ("",))[0].split(",")[0].strip()
    surname = surname[:1].upper() + surname[1:]
    return f"{surname} {entry.year}" if surname and entry.year and len(surname) < 20 else entry.key


def bibtex(entry: Entry) -> str:
    """The entry in BibTeX, fields in the order of the file."""
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in entry.fields.items())
    return f"@{entry.type}{{{entry.key},\n{fields}}}\n"
