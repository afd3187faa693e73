"""Drafts: a page that was made where it was judged is the page that is made later, or it is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from chiasm import study
from chiasm.drafts import Maker
from chiasm.graph import Graph
from chiasm.knowledge import Knowledge, judged, understood
from chiasm.site.book import Book
from chiasm.site.build import build
from chiasm.site.draft import drafting
from chiasm.site.pages import site_pages
from chiasm.site.stage import Stage
from chiasm.source import Source, source
from tests.back.test_again import base
from tests.site.conftest import THEME

LATE = "# Late\n\nViTar-B reads [12 tokens](vitar.md#encoder), and 27 layers of [CLIP](../models/clip.md).\n"
PLAIN = "# Plain\n\nWords on [layers](../models/clip.md#encoder) and [more](more.md) [@radford2021clip].\n"
VITAR = """# Systems

### ViTar-B

#### Encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| layers | 12 | [@zhai2023siglip] |
"""


def known(monkeypatch: pytest.MonkeyPatch, count: int = 1, *, late: bool = False) -> Knowledge:
    """A base of which every page that can be is drafted."""
    monkeypatch.setattr(study, "MANY", 1)
    texts = base() | {"knowledge/surveys/plain.md": PLAIN}
    if late:
        texts |= {"knowledge/surveys/late.md": LATE, "knowledge/surveys/vitar.md": VITAR}
    read = [source(path, text.encode()) for path, text in texts.items()]
    files = {one.path: one for one in read if isinstance(one, Source)}
    others = {path: one for path, one in files.items() if not path.endswith(".md")}
    pages = [one for path, one in files.items() if path.endswith(".md")]
    return judged(understood(pages, others, count=count, drafting=partial(drafting, theme=THEME)), others)


@pytest.mark.parametrize("count", [1, 3])
def test_a_draft_is_the_page(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    made = known(monkeypatch, count)
    assert "knowledge/surveys/plain.md" in made.drafts
    drafted = site_pages(Book(made.graph, {}, {}, made.rests, drafts=made.drafts), THEME)
    assert drafted == site_pages(Book(made.graph, {}, {}, made.rests), THEME)


def test_no_draft_of_what_rests_on_generated_code(monkeypatch: pytest.MonkeyPatch) -> None:
    made = known(monkeypatch)
    make = drafting(made.graph, [*made.graph.faces], THEME)
    assert make("knowledge/surveys/plain.md")
    assert not make("knowledge/models/clip.md")
    assert not make("knowledge/surveys/notes.md")  # it states facts, which code may carry


def test_a_page_that_is_judged_again_loses_its_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, original = list[str](), drafting

    def recorded(graph: Graph, paths: Sequence[str], theme: Path) -> Maker:
        make = original(graph, paths, theme)

        def made(path: str) -> tuple[str, bytes] | None:
            begun.append(path)
            return make(path)

        return made

    monkeypatch.setattr("tests.site.test_draft.drafting", recorded)
    assert known(monkeypatch).drafts.keys() >= {"knowledge/surveys/plain.md"}
    assert known(monkeypatch, late=True).drafts == {}  # there is a system more than was known
    assert begun.count("knowledge/surveys/plain.md") == 2


def test_a_stage_that_was_left_half_done_heals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    made = known(monkeypatch)
    for work in (whole, torn):
        build("one", lambda: made, THEME, work, html=False)
    put, left = Stage.put, 5

    def killed(self: Stage, path: str, parts: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        put(self, path, (b"another text",))

    monkeypatch.setattr(Stage, "put", killed)
    monkeypatch.setattr("chiasm.cache.compiler", lambda: "another compiler")
    with pytest.raises(KeyboardInterrupt):
        build("two", lambda: made, THEME, torn, html=False)
    monkeypatch.undo()
    build("one", lambda: made, THEME, torn, html=False)
    assert tree(torn) == tree(whole)


def test_what_the_stage_remembers_is_of_this_stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = known(monkeypatch)
    build("one", lambda: made, THEME, tmp_path, html=False)
    before = tree(tmp_path)
    page = tmp_path / "site-src/docs/surveys/more.md"
    page.write_text("torn", encoding="utf-8")
    build("two", lambda: made, THEME, tmp_path, html=False)
    assert tree(tmp_path) == before


def tree(work: Path) -> dict[str, bytes]:
    """What MkDocs reads."""
    docs = work / "site-src/docs"
    return {path.relative_to(docs).as_posix(): path.read_bytes() for path in docs.rglob("*") if path.is_file()}
