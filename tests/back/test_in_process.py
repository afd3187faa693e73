"""A process that asks again and again hears what one that asks first hears, and reads only what changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chiasm import again, pipeline, views
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
