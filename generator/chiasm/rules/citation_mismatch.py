"""The words at a citation name other authors, another year, title or arXiv id than the source that is cited.

"Li et al. (2023)" before a key, an arXiv id or a title beside it: each is held against the entry of the bibliography.

Bad:

```markdown
Liu et al. (2022) [@li2023blip2] put learned queries between two frozen models.
```

Good:

```markdown
Li et al. (2023) [@li2023blip2] put learned queries between two frozen models.
```
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from chiasm.bibliography import Entry
from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.graph import Graph
from chiasm.regex import regex
from chiasm.span import Span

ID = "citation-mismatch"
MENDS = True
_NAME = r"[A-Z\u00c0-\u00de][\w\u00c0-\u024f'\u2019-]+"
AUTHORS = regex(
    rf"(?P<first>{_NAME})(?: et al\.?| and (?:others|colleagues|(?P<second>{_NAME})))?"
    r",? ?\(?(?P<year>(?:19|20)\d\d)?\)?,? ?\(?$"
)
"""Names and a year right before a key: `Li et al. (2023) [@`, `(Li et al., 2023 [@`, `Li and Hoi (2023) [@`."""
IDENTIFIER = regex(r"(?i)\barxiv[: ] ?(\d{4}\.\d{4,5})|arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})")
TITLE = regex(r"(?:\*([^*]{12,160})\*|[\u201c\"]([^\u201c\u201d\"]{12,160})[\u201d\"]),? ?\(?$")
WORDS, LIKE = 3, 0.75
"""A title has so many words; another text is meant to be it from that share of equal characters on."""


REACH = 200
"""Characters on either side of a key that may speak of it."""
NEAR = 60
"""Characters between a key and an arXiv id that is said of it."""


class _Line(NamedTuple):
    """A line and where in it a key stands."""

    path: str
    number: int
    text: str
    at: int

    def before(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """A pattern's match that ends at the key."""
        return pattern.search(self.text, max(self.at - REACH, 0), self.at)


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a wrong name, year, id or title."""
    lines = graph.lines(page.document.path) or ()
    for cite in page.cites:
        entry = graph.bibliography.entries.get(cite.key)
        if entry and cite.span.line <= len(lines):
            line = _Line(cite.span.path, cite.span.line, lines[cite.span.line - 1], cite.span.column - 1)
            yield from _authors(entry, line)
            yield from _title(entry, line)
            yield from _identifier(entry, line)


def _authors(entry: Entry, line: _Line) -> Iterator[Diagnostic]:
    found = line.before(AUTHORS)
    if not found or not entry.authors or "," not in entry.authors[0]:
        return
    first, second, year = found.group("first", "second", "year")
    surnames = [_plain(name.partition(",")[0]) for name in entry.authors]
    fits = _plain(first) in (surnames[0], surnames[0].rpartition(" ")[2])
    pair = bool(second and len(surnames) > 1 and _plain(second) in surnames[1])
    # Two names may be two systems; "et al." stands behind an author only.
    if not fits and (" et al" in found[0] or found[0].find(" and colleagues") > 0 or pair):
        yield _finding(entry, "author", line, found.span("first"), entry.authors[0].partition(",")[0])
    elif fits and second and not pair and len(surnames) > 1 and surnames[1] != "others":
        yield _finding(entry, "author", line, found.span("second"), entry.authors[1].partition(",")[0])
    if (fits or " et al" in found[0]) and year and entry.year.isdigit() and year != entry.year:
        yield _finding(entry, "year", line, found.span("year"), entry.year)


def _title(entry: Entry, line: _Line) -> Iterator[Diagnostic]:
    found = line.before(TITLE)
    group = 1 if found and found[1] else 2
    if not found or len(entry.title.split()) < WORDS:
        return
    said, title = _plain(found[group]), _plain(entry.title)
    # A title may be shortened to what stands before its colon, or quoted from its middle.
    if said not in title and title not in said and SequenceMatcher(None, said, title).ratio() >= LIKE:
        yield _finding(entry, "title", line, found.span(group), entry.title)


def _identifier(entry: Entry, line: _Line) -> Iterator[Diagnostic]:
    """An arXiv id beside the key, where nothing else is cited on the line."""
    text = line.text
    if not entry.eprint or text.count("[@") != 1 or text.lstrip().startswith("[@"):
        return
    for found in IDENTIFIER.finditer(text, max(line.at - REACH, 0), line.at + REACH):
        group = 1 if found[1] else 2
        near = min(abs(found.start() - line.at), abs(line.at - found.end())) < NEAR
        if near and found[group] != entry.eprint.partition("v")[0]:
            yield _finding(entry, "eprint", line, found.span(group), entry.eprint)


def _finding(entry: Entry, field: str, line: _Line, place: tuple[int, int], right: str) -> Diagnostic:
    """What the characters of a line at a place should be."""
    start, end = place
    span = Span(line.path, line.number, start + 1, end + 1)
    beside = entry.spans.get(field) or entry.spans.get("url", entry.span)
    what = {"author": "author", "year": "year", "eprint": "arXiv id", "title": "title"}[field]
    return Diagnostic(
        ID,
        f"{line.text[start:end]} is not the {what} of `{entry.key}`",
        span,
        mark=f"expected {right}",
        labels=(Label(beside, right),),
        help=f"write {right}, or cite the source that is meant",
        fix=Fix(span, right) if field in ("year", "eprint") else None,
    )


def _plain(text: str) -> str:
    """Letters and digits of a text in lower case, without accents, words apart."""
    plain = unicodedata.normalize("NFKD", text.replace("{", "").replace("}", ""))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain.lower() if not unicodedata.combining(c))))
