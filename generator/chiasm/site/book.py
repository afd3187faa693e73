"""What the site shows, indexed both ways: pages, sources, verdicts and code in; who cites, links and uses what out."""

from __future__ import annotations

import hashlib
import posixpath
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import unquote, urlsplit

from chiasm.bibliography import Entry
from chiasm.claiming.claim import Claims, Fact
from chiasm.claiming.sections import is_marked
from chiasm.document import Cell, Cite, Heading, Paragraph, Table
from chiasm.drafts import Draft
from chiasm.evidence import is_excerpt
from chiasm.face import Face
from chiasm.graph import Graph
from chiasm.judging.verdict import Verdict
from chiasm.memory import Brief
from chiasm.page.inline import plain
from chiasm.span import Span
from chiasm.verdicts import of_page

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST, LONGEST = 50, 200
"""Characters of a summary: a shorter sentence takes the next one along."""
PLAIN = re.compile(r"(?:\w[\w.-]*|\.\.)?(?:/(?:[\w.-]+))*(?:#[\w.-]*)?", re.ASCII)
"""An address within the project in which nothing is encoded."""
KNOWLEDGE, GRAMMAR = "knowledge/", "knowledge/README.md"


class Judged(Mapping[str, tuple[Verdict, ...]]):
    """Verdicts by page, judged when they are asked for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[str, tuple[Verdict, ...]] = {}

    def __getitem__(self, path: str) -> tuple[Verdict, ...]:
        if path not in self._known:
            self._known[path] = of_page(self._graph, path) if path in self._graph.faces else ()
        return self._known[path]

    def forget(self, path: str) -> None:
        """Keep a page's verdicts no longer; they are judged again where they are asked for."""
        self._known.pop(path, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.faces)

    def __len__(self) -> int:
        return len(self._graph.faces)


@dataclass(frozen=True)
class Book:
    """Everything the site is made of. What every page needs follows from faces; other pages are not read for it."""

    graph: Graph
    code: Mapping[str, str]
    """Generated files: path from the project's root → text."""
    rules: Mapping[str, str]
    """Rule id → what it says of itself, in Markdown."""
    rests: Mapping[str, str] = field(default_factory=dict)
    """Path → digest of what the page says and how it was judged follow from; without it nothing is kept."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Generated files: path → digest."""
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """Pages that were made where they were judged, by path."""

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Page → its path, in the order of paths; the grammar's own page is none."""
        return {page_of(path): path for path in self.graph.faces if path != GRAMMAR}

    @cached_property
    def claims(self) -> tuple[Claims, ...]:
        """What the pages claim, in the order of their paths."""
        return tuple(self.graph.claims[path] for path in self.pages.values())

    @cached_property
    def judged(self) -> Judged:
        """Path of a page → its verdicts."""
        return Judged(self.graph)

    @cached_property
    def made(self) -> str:
        """Digest of everything that is generated."""
        return hashlib.blake2b(repr(sorted(self.files.items())).encode(), digest_size=12).hexdigest()

    @cached_property
    def packages(self) -> Mapping[str, tuple[str, ...]]:
        """Folder → its generated files."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.code):
            found[posixpath.dirname(path)].append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    @cached_property
    def evidence(self) -> Mapping[str, str]:
        """Excerpts of released files: path from the project's root → text."""
        return {path: self.graph.others[path].text for path in self.graph.others if is_excerpt(path)}

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
    def addresses(self) -> Mapping[str, str]:
        """Path in the project → page of the site, for everything that has one."""
        pages = {path: f"{page}.html" for page, path in self.pages.items()}
        pages |= {path: code_page(path) for path in self.code}
        pages |= {path: f"evidence/{posixpath.basename(path).removesuffix('.json')}.html" for path in self.evidence}
        return pages | {GRAMMAR: "grammar.html", "knowledge/sources.bib": "sources/index.html"}

    @cached_property
    def places(self) -> frozenset[str]:
        """Every address that a file of the project has."""
        return frozenset(self.addresses.values())

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Page → title."""
        return {page: self.brief(path).title for page, path in self.pages.items()}

    @cached_property
    def used(self) -> Mapping[str, str]:
        """Claim id → the generated line that carries it, as an address from the site's root."""
        found: dict[str, str] = {}
        ids = self.claim_pages.keys()
        for path, text in sorted(self.code.items()):
            for number, line in enumerate(text.splitlines(), 1):
                for claim in claim_ids(line):
                    if claim in ids:
                        found.setdefault(claim, f"{code_page(path)}#L{number}")
        return found

    @cached_property
    def claim_pages(self) -> Mapping[str, str]:
        """Claim id → its own place, as an address from the site's root."""
        return {
            fact: f"{page}.html#{fact}"
            for page, path in self.pages.items()
            if self.brief(path).states
            for fact in self.graph.faces[path].facts
        }

    def brief(self, path: str) -> Brief | Face:
        """A page's title, what it asserts and states: a face need not be made for these."""
        known: Callable[[str], Brief] | None = getattr(self.graph.faces, "brief", None)
        return known(path) if known else self.graph.faces[path]

    def package(self, page: str) -> str:
        """The page of the package that is generated from a model's page; "" where there is none."""
        folder, _, name = page.partition("/")
        code = code_page(f"generated/{name.replace('-', '_')}/README.md")
        return code if folder == "models" and code in self.places else ""


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
    if PLAIN.fullmatch(href):
        name, _, fragment = href.partition("#")
        target = _joined(folder(path), name) if name else path
        return (target, fragment) if target else ("", "")
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return "", ""
    target = _joined(folder(path), unquote(parts.path)) if parts.path else path
    return (target, unquote(parts.fragment)) if target else ("", "")


folder = lru_cache(maxsize=4_096)(posixpath.dirname)
"""The folder of a path or of an address."""


@lru_cache(maxsize=65_536)
def _joined(folder: str, name: str) -> str:
    target = posixpath.normpath(posixpath.join(folder, name))
    return "" if target.startswith("..") else target


def page_of(path: str) -> str:
    """The page that a file of `knowledge/` becomes."""
    return path.removeprefix(KNOWLEDGE).removesuffix(".md")


def headings_above(claims: Claims) -> Callable[[int], tuple[str, str]]:
    """What finds anchor and text of the nearest heading above a line; ("", "") under the title."""
    above = [block for block in claims.document.blocks if isinstance(block, Heading)]
    lines = [block.span.line for block in above]

    def find(line: int) -> tuple[str, str]:
        at = bisect_right(lines, line) - 1
        return (above[at].slug, above[at].text) if at >= 0 and above[at].level > 1 else ("", "")

    return find


def heading_above(claims: Claims, line: int) -> tuple[str, str]:
    """Anchor and text of the nearest heading above a line; ("", "") under the title."""
    return headings_above(claims)(line)


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


def summary(claims: Claims) -> str:
    """The first sentence of a page's first paragraph, as plain text."""
    texts = (block for block in claims.document.blocks if isinstance(block, Paragraph) and not is_marked(block))
    first = next(texts, None)
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
