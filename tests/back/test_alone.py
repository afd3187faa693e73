"""A page that is judged by itself says what a run over the whole base says of it, and little else is read for it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from chiasm import glance, source
from chiasm.alone import Alone
from chiasm.cache import Cache
from chiasm.claims import claims
from chiasm.code import Code
from chiasm.document import parse
from chiasm.faces import face
from chiasm.knowledge import entries, judged, understood
from chiasm.resolve import names_of
from chiasm.source import Source
from chiasm.spec import registry
from tests.back.test_again import base, edited

ROOT = Path(__file__).parents[2]


def read() -> tuple[list[Source], Code]:
    pages, _ = source.read(ROOT, source.PAGES)
    others, _ = source.read(ROOT, *source.SUPPORT)
    return list(pages), Code(others, source.listing(ROOT, *source.GENERATED), {}, {})


def compared(pages: list[Source], others: Mapping[str, Source], asked: list[str]) -> None:
    whole = judged(understood(pages, others, count=1), others)
    for path in asked:
        alone = Alone(pages, entries(others, Cache(None))[0], others)
        found = tuple(one for one in whole.diagnostics if one.span.path == path)
        assert alone.findings([path]) == found, path
        assert alone.tally(path) == whole.tallies[path], path


def test_every_page_by_itself_is_as_in_the_base() -> None:
    pages, others = read()
    compared(pages, others, [page.path for page in pages])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_edited(seed: int) -> None:
    chance, texts = random.Random(seed), base()
    for _ in range(3):
        for _ in range(chance.randint(1, 3)):
            edited(texts, chance)
        files = [source.source(path, text.encode()) for path, text in sorted(texts.items())]
        others = {one.path: one for one in files if isinstance(one, Source) and not one.path.endswith(".md")}
        pages = [one for one in files if isinstance(one, Source) and one.path.endswith(".md")]
        compared(pages, others, [one.path for one in pages])


def test_a_fault_in_a_page_that_others_start_from_is_found_on_it() -> None:
    """LLaVA copies CLIP's tower: what follows from it there is reported at CLIP's cells."""
    pages, others = read()
    at = next(number for number, one in enumerate(pages) if one.path.endswith("models/clip.md"))
    for old, new in (("| dim |", "| dims |"), ("| heads |", "| head |"), ("= 577", "= 578"), ("= 257", "= 258")):
        changed = source.source(pages[at].path, pages[at].text.replace(old, new).encode())
        assert isinstance(changed, Source)
        assert changed.text != pages[at].text
        compared([*pages[:at], changed, *pages[at + 1 :]], others, [changed.path, "knowledge/models/llava.md"])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("models/siglip", {"siglip", "clip"}),
        ("models/llava", {"llava", "clip", "llava-next", "llava-uhd"}),
        ("models/clip", {"clip", "llava", "llava-next", "llava-uhd", "openflamingo"}),
    ],
)
def test_only_what_a_page_rests_on_is_read(name: str, wanted: set[str]) -> None:
    pages, others = read()
    alone = Alone(pages, entries(others, Cache(None))[0], others)
    alone.findings([f"knowledge/{name}.md"])
    assert {path.rpartition("/")[2].removesuffix(".md") for path in alone.pages.read} == {*wanted, "glossary"}


def test_a_glance_sees_what_reading_sees() -> None:
    pages, _ = read()
    stated = {page.path: claims(parse(page))[0] for page in pages}
    for page in pages:
        seen, whole = glance.headings(page), face(stated[page.path])
        assert seen is None or (seen.title, seen.headings) == (whole.title, whole.headings)
        assert glance.states(page) or not whole.states
    assert sum(glance.headings(page) is None for page in pages) <= 2
    for (slot, name), wanted in names_of(stated.values()).items():
        kind = registry.by_name(slot, name)
        assert kind
        left = [glance.names(page, kind.anchor.partition("#")[2]) for page in pages]
        assert sum(bool(one and one.text) for one in left) == 1
        assert names_of(claims(parse(one))[0] for one in left if one)[slot, name] == wanted


DOUBTFUL = {
    "front matter": "---\na: b\n---\n# T\n",
    "html": "# T\n\n<!--\n\n## Hidden\n\n-->\n",
    "underlined": "# T\n\nHeading\n---\n",
    "listed": "# T\n\n- ## Inside\n",
    "indented": "# T\n\n- a\n\n  ```\n## b\n  ```\n",
    "quoted": "# T\n\n> ## Inside\n",
    "open fence": "# T\n\n```\n## b\n",
    "mathematics": "# T\n\n$$\na\n## b\n$$\n",
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_where_lines_are_not_what_they_seem_the_page_is_read(name: str) -> None:
    one = source.source("knowledge/a.md", DOUBTFUL[name].encode())
    assert isinstance(one, Source)
    assert glance.headings(one) is None


def test_headings_in_a_fence_are_none() -> None:
    one = source.source("knowledge/a.md", b"# T\n\n````python\n# no\n```\n## no\n````\n\n## Yes [a](b.md)\n")
    assert isinstance(one, Source)
    seen = glance.headings(one)
    assert seen
    assert [(heading.line, heading.slug) for heading in seen.headings] == [(1, "t"), (9, "yes-a")]
