"""Reads prose: inlines in; linked statements, unlinked numbers and quotations out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from chiasm.claiming.claim import Number, Quantity, Quotation, Statement
from chiasm.claiming.passage import Kind, Passage, Spot
from chiasm.claiming.prose import Prose
from chiasm.claiming.sections import is_internal
from chiasm.diagnostic import Diagnostic
from chiasm.document import Cite, Heading, Inline, Link
from chiasm.numbers.quantity import Placed, quantities
from chiasm.numbers.units import ORDINALS, WORDS
from chiasm.regex import regex
from chiasm.span import Span

QUOTED_WORDS = 5
"""Fewer words between quotation marks are a term, not a quotation."""

_WORD = regex(r"(\d{1,9})(?:st|nd|rd|th)?\b|[A-Za-z]+(?:-[A-Za-z]+)?")
_QUOTED = regex(r"“([^“”]{12,4000})”|(?<![\w\d])\"([^\"]{12,4000})\"(?!\w)")


@dataclass(slots=True)
class Told:
    """What the prose of a page says, as it is collected."""

    page: str
    foreign: bool = False
    """It stands in no knowledge base: its links are links, and claim nothing."""
    statements: list[Statement] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    quotations: list[Quotation] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)


def tell(
    inlines: Sequence[Inline],
    system: str,
    told: Told,
    *,
    trail: tuple[Heading, ...] = (),
    kind: Kind = "paragraph",
    spot: Spot | None = None,
    unit: str = "",
) -> Prose:
    """Adds what a block's inlines say to `told`; every number counts once, linked or not.

    `unit` is what the column of a cell counts.
    """
    prose = Prose(inlines)
    passage = Passage(system, prose, trail, kind, spot)
    places: list[Placed] = []
    linked: set[int] = set()
    at: set[int] = set()
    for placed in quantities(prose.words):
        if unit and not placed.quantity.unit:
            placed = placed.counting(unit)
        places.append(placed)
        number, start, end = placed
        link = prose.link(end - 1)
        if link is not None and not told.foreign and is_statement(link) and number.unit != "label":
            linked.add(id(link))
            at.add(start)
            told.statements.append(_statement(placed, link, prose, (told.page, system)))
        else:
            told.numbers.append(Number(told.page, system, number, prose.span(start, end), start, passage))
    if places:
        passage.places = tuple(places)
    if at:
        passage.linked = frozenset(at)
    told.passages.append(passage)
    for place in prose.links if not told.foreign else ():
        link = place[2]
        if link.title and id(link) not in linked and is_statement(link):
            told.statements += _spelled(place, prose, system, told)
    if kind != "quote" and ("“" in prose.shown or '"' in prose.shown):
        told.quotations += _quotations(prose)
    return prose


def is_statement(link: Link) -> bool:
    """A link to a section of the knowledge base, which may carry a claim."""
    return not link.image and is_internal(link.href) and ("#" in link.href or bool(link.title))


def quotation(groups: Sequence[Prose], before: Prose | None, span: Span) -> Quotation:
    """A block quote; a sentence that ends with a colon before it may attribute it."""
    words = " ".join(prose.shown for prose in groups).strip()
    cites: tuple[Cite, ...] = tuple(cite for prose in groups for _, cite in prose.cites)
    if not cites and before is not None and before.shown.rstrip().endswith(":"):
        cites = before.cited(max(len(before.shown.rstrip()) - 1, 0))
    return Quotation(words, cites, span)


def _statement(placed: Placed, link: Link, prose: Prose, about: tuple[str, str]) -> Statement:
    scope = tuple(part.strip() for part in link.title.split(",") if part.strip())
    span = prose.span(placed.start, placed.end)
    return Statement(*about, placed.quantity, link.text, link, scope, span, prose.cited(placed.start))


def _spelled(place: tuple[int, int, Link], prose: Prose, system: str, told: Told) -> Iterator[Statement]:
    """A label without a count: a number in words (`[three](…)`, `[every 4th](…)`), or nothing that could be checked."""
    start, end, link = place
    for word in _WORD.finditer(prose.words, start, end):
        text = word.group().lower()
        value = int(word[1]) if word[1] else WORDS.get(text, ORDINALS.get(text))
        if value is not None:
            quantity = Quantity(Fraction(value), text=word.group())
            yield _statement(Placed(quantity, word.start(), word.end()), link, prose, (told.page, system))
            return
    told.found.append(
        Diagnostic(
            "statement-without-number",
            "a link with a scope holds no number",
            link.span,
            f"`{link.title}` is its scope",
            help="link the number itself, or drop the title",
            severity="warning",
        )
    )


def _quotations(prose: Prose) -> Iterator[Quotation]:
    for match in _QUOTED.finditer(prose.shown):
        words = match[1] or match[2]
        if len(words.split()) >= QUOTED_WORDS:
            span = prose.span(match.start(), match.end())
            yield Quotation(words, prose.cited(match.start()), span._replace(end=max(span.end, span.column + 1)))
