"""Makes the face of a page: its claims in; headings, citations, links, what it states and rests on out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.claiming.sections import is_internal, target
from chiasm.document import Document, Fence, Heading, Link, Paragraph, Table
from chiasm.face import Citation, Face, Place, Reference

BEGINS = 2
"""The level of heading below which paragraphs state nothing about a system."""


def face(page: Claims) -> Face:
    """What others can see of a page."""
    document = page.document
    facts = [fact for table in page.tables for fact in table.facts]
    headings = tuple(
        Place(block.span.line, block.level, block.slug, block.text)
        for block in document.blocks
        if isinstance(block, Heading)
    )
    about = {one.system for one in page.statements} | {one.system for one in page.numbers}
    speaks = bool(page.system or page.tables or page.names or page.masks or page.copies)
    return Face(
        document.path,
        document.title,
        headings,
        tuple(Citation(cite.key, cite.locator, cite.span.line) for cite in page.cites),
        tuple(map(_reference, page.links)),
        tuple(dict.fromkeys(fact.system for fact in facts)),
        tuple(dict.fromkeys(fact.id for fact in facts)),
        tuple(sorted(about - {""})),
        bool(page.names),
        tuple(sorted(set(_code(document)))),
        _digest(repr([heading[1:] for heading in headings])),
        _assertion(document) if speaks else "",
    )


def targets(seen: Face) -> tuple[str, ...]:
    """Files of the project that a page's links lead to."""
    return tuple(dict.fromkeys(target(seen.path, link.href)[0] for link in seen.links if is_internal(link.href)))


def _reference(link: Link) -> Reference:
    place = link.href_span
    return Reference(link.href, link.title, link.span.line, place.line, place.column, place.end)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _code(document: Document) -> Iterator[str]:
    """Generated files that are shown."""
    for block in document.blocks:
        if isinstance(block, Fence):
            path = block.info.partition(" ")[2].strip().partition("#")[0]
            if path.startswith("generated/"):
                yield path


def _assertion(document: Document) -> str:
    """Digest of headings, tables, definitions and what stands before the first section, each with its line."""
    lines = document.source.lines
    whole = hashlib.blake2b(digest_size=16)

    def take(first: int, last: int) -> None:
        whole.update(f"{first}\0{chr(10).join(lines[first - 1 : last])}\0".encode())

    begun = summed = False
    for block in document.blocks:
        if isinstance(block, Heading):
            begun = begun or block.level >= BEGINS
            take(block.span.line, block.span.line + 1)
        elif isinstance(block, Table) or (isinstance(block, Paragraph) and not (begun and summed)):
            summed = summed or isinstance(block, Paragraph)
            take(block.span.line, block.end_line)
    for definition in document.definitions:
        whole.update(repr(definition).encode())
    return whole.hexdigest()
