"""Between pages: a link's words, a row's variant, a table's kind, a class's default, a header, a cell's unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base, lines, within
from benchmarks.documents.edit import Change, Edit, mutator
from benchmarks.documents.matches import replaced
from chiasm.claiming.sections import target
from chiasm.judging.sourced import defaults
from chiasm.span import Span

LINKED = re.compile(r"\[([^\]\[]+)\]\(((?:\.\./models/|)[\w-]+\.md)(#[\w.-]+)?[^)]*\)")


@mutator("link-words", "a link's words name another system than the page that it leads to")
def link_words(base: Base, random: Random) -> Iterator[Edit]:
    """`[Flamingo](flamingo.md)` → `[BLIP-2](flamingo.md)`."""
    titles = sorted(set(base.graph.titles.values()))
    plain = ((at, line) for at, line in lines(base) if not line.startswith(("#", "Extends")))

    def spell(found: re.Match[str]) -> str | None:
        return random.choice([one for one in titles if one != found[1]]) if found[1] in titles else None

    return replaced("link-words", "link", plain, LINKED, spell, 1)


@mutator("row-variant", "a row of a comparison names another variant than the one that it links")
def row_variant(base: Base, random: Random) -> Iterator[Edit]:
    """`[BLIP-2 opt-2.7b](…#opt-2.7b)` → `[BLIP-2 opt-6.7b](…#opt-2.7b)`."""
    for at, line in lines(base):
        for found in LINKED.finditer(line) if line.startswith("|") else ():
            spec = base.graph.spec_at(target(at.path, found[2])[0])
            keys = [one.key for one in spec.variants] if spec else []
            own = next((key for key in keys if found[1].endswith(f" {key}")), "")
            if own and len(keys) > 1:
                new = random.choice([key for key in keys if key != own])
                span = within(base, Span(at.path, at.line, found.start(1) + 1, found.end(1) + 1), own)
                if span:
                    yield Edit("row-variant", "tabulated", (Change(span, own, new),), f"the row links {own}")


@mutator("kind-link", "a slot's table links another kind")
def kind_link(base: Base, random: Random) -> Iterator[Edit]:
    """`[MLP](…#mlp-projector)` → `…#linear-projector`."""
    anchors: dict[str, set[str]] = {}
    stated = [(path, table) for path in base.pages for table in base.claims(path).tables if table.kind]
    for _, table in stated:
        page, _, anchor = table.kind.href.partition("#") if table.kind else ("", "", "")
        anchors.setdefault(page.rpartition("/")[2], set()).add(anchor)
    for _, table in stated:
        link = table.kind
        page, _, anchor = link.href.partition("#") if link else ("", "", "")
        others = sorted(anchors[page.rpartition("/")[2]] - {anchor})
        if link and others and base.at(link.href_span) == link.href:
            new = f"{page}#{random.choice(others)}"
            yield Edit("kind-link", "structure", (Change(link.href_span, link.href, new),), link.href)


@mutator("class-default", "the default of a configuration class is another one")
def class_default(base: Base, random: Random) -> Iterator[Edit]:
    """`num_attention_heads` 12 → 16 in a concept page's table of released names."""
    rows = {item.row.cell.span: item for spec in base.graph.specs.values() for item in defaults(spec) if item.agrees}
    for item in rows.values():
        span = item.row.cell.span
        place = within(base, span, item.stated, len(base.at(span)) - len(item.stated)) if item.stated else None
        new = next(values.digit(item.stated, random), "")
        if place and new and values.wrong(item.stated, new):
            yield Edit("class-default", "anchored", (Change(place, item.stated, new),), f"{item.key} {item.stated}")


@mutator("header-words", "a comparison's column is called something else than the fact that it holds")
def header_words(base: Base, _: Random) -> Iterator[Edit]:
    """`[LM layers](… "language_model.layers")` → `[LM heads](… "language_model.layers")`."""
    slips = {"layers": "heads", "heads": "layers", "queries": "layers", "tokens": "layers", "px": "tokens"}
    pattern = re.compile(rf"(?<=[ \[])({'|'.join(slips)})(?=\]\([^)]* \"[a-z_]+\.[a-z_]+\")")
    heads = ((at, line) for at, line in lines(base) if line.startswith(("| model |", "| system |")))
    return replaced("header-words", "tabulated", heads, pattern, lambda found: slips[found[1]], 1)


@mutator("cell-unit", "a cell's number has another unit")
def cell_unit(base: Base, _: Random) -> Iterator[Edit]:
    """`| patch_size | 14 px |` → `| patch_size | 14 tokens |`."""
    slips = {"px": "tokens", "tokens": "px", "layers": "heads"}
    rows = ((at, line) for at, line in lines(base) if line.startswith("|"))
    pattern = re.compile(r"(?<=\| )[\d,]+ (px|tokens|layers)(?= \|)")
    return replaced("cell-unit", "anchored", rows, pattern, lambda found: slips[found[1]], 1)
