"""A process that asks again and again hears what one that asks first hears, and reads only what changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chiasm import again, pipeline, views
from chiasm.claiming.claim import Claims, Number
from chiasm.graph import Graph
from chiasm.judging import prose
from chiasm.judging.verdict import Verdict
from chiasm.source import Source
from tests.back.test_again import base, edited, run, told


def put(root: Path, texts: dict[str, str]) -> None:
    known = {path.relative_to(root).as_posix(): path for path in (root / "knowledge").rglob("*") if path.is_file()}
    for path in known.keys() - texts.keys():
        known[path].unlink()
    for path, text in texts.items():
        target = root / path
        if path not in known or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)


@pytest.mark.parametrize("seed", range(3))
def test_asking_again_changes_nothing(seed: int, tmp_path: Path) -> None:
    again.base.cache_clear()
    chance, texts, done = random.Random(seed), base(), []
    put(tmp_path, texts)
    for _ in range(5):
        made = pipeline.check(tmp_path).knowledge
        assert made
        assert told(made) == told(run(texts, None)), done
        done += [edited(texts, chance) for _ in range(chance.randint(0, 2))]
        put(tmp_path, texts)


def test_only_what_changed_is_read_and_judged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again.base.cache_clear()
    pipeline.check(project)
    parsed: list[str] = []
    real = views.parse

    def counted(one: Source):  # type: ignore[no-untyped-def]
        parsed.append(one.path)
        return real(one)

    monkeypatch.setattr(views, "parse", counted)
    page = project / "knowledge/models/fuyu.md"
    for number in range(3):
        page.write_text(page.read_text() + f"\nIt reads {number} words.\n")
        outcome = pipeline.check(project)
        assert outcome.tallies["knowledge/models/fuyu.md"].not_judged
        assert parsed == ["knowledge/models/fuyu.md"] or number == 0
        parsed.clear()


def test_only_passages_that_changed_are_judged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sentence is read with the few passages that stand above it, and nothing else is judged again."""
    again.base.cache_clear()
    page = project / "knowledge/models/fuyu.md"
    pipeline.check(project)
    judged: list[str] = []
    real = prose.number_verdict

    def counted(graph: Graph, claims: Claims, number: Number) -> Verdict:
        judged.append(number.quantity.text)
        return real(graph, claims, number)

    monkeypatch.setattr(prose, "number_verdict", counted)
    page.write_text(page.read_text() + "\nIt reads 4711 words.\n")
    pipeline.check(project)
    several = len(judged)
    judged.clear()
    page.write_text(page.read_text().replace("4711", "4712"))
    pipeline.check(project)
    assert judged == ["4712"]
    assert several > 1
