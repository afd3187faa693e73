"""Specs that were kept are the specs that resolving gives, and a damaged line is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chiasm import knowledge as front
from chiasm import recording, study
from chiasm.cache import Cache
from chiasm.packing import packed, unpacked
from chiasm.resolve import Resolution
from chiasm.span import Span
from chiasm.spec.model import KindSpec, ModelSpec, NameRow
from tests.back.test_again import base, run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def specs() -> tuple[ModelSpec, ...]:
    graph = front.knowledge(ROOT).graph
    return tuple(graph.specs[system] for system in graph.specs)


def test_a_spec_is_read_as_it_was_written(specs: tuple[ModelSpec, ...]) -> None:
    kinds: dict[tuple[str, str], KindSpec] = {}

    def apart(kind: KindSpec) -> tuple[str, str]:
        kinds[kind.slot, kind.name] = kind
        return kind.slot, kind.name

    for spec in specs:
        bare = replace(spec, names={})
        assert unpacked(packed(bare), ModelSpec) == bare
        short = packed(bare, {KindSpec: apart})
        assert unpacked(short, ModelSpec, {KindSpec: lambda *key: kinds[key]}) == bare
        assert len(short) < len(packed(bare))
    assert kinds


def test_what_several_own_is_written_once() -> None:
    span = Span("knowledge/models/clip.md", 3, 5, 9)
    assert packed((span, Span(*span))).count("clip.md") == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "[[0]]",
        "[[0,[1]]]",
        "[[99],[0,[0]]]",
        "[[3],[0,[0]]]",
        '[[3,"a",1,1,1],[0,[0]]]',
        "[[1,1],[0,[0]]]",
        "7",
    ],
)
def test_a_line_that_holds_no_spec_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        unpacked(line, ModelSpec)


def test_what_stands_is_not_resolved_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept, texts = Cache(tmp_path), base()
    first = run(texts, kept).graph

    def fails(*_: object) -> Resolution:
        raise AssertionError

    monkeypatch.setattr(study.Study, "_resolved", fails)
    monkeypatch.setattr(study.Study, "_read_names", fails)
    texts["knowledge/surveys/notes.md"] += "\nCLIP reads 257 tokens.\n"
    again = run(texts, kept).graph
    assert [*first.specs] == [*again.specs]
    rows: list[NameRow] = []
    for system, spec in first.specs.items():
        assert again.specs[system] == replace(spec, names=again.specs[system].names)
        assert dict(again.specs[system].names) == dict(spec.names)
        rows += [row for names in spec.names.values() for some in names.tensors.values() for row in some]
    assert rows


def test_a_spec_whose_entry_is_gone_is_resolved_again(tmp_path: Path) -> None:
    kept, texts = Cache(tmp_path), base()
    first = run(texts, kept).graph.specs["siglip"]
    records = tmp_path / kept.key(recording.RECORDS)
    for entry in tmp_path.iterdir():
        if entry != records:
            entry.unlink()
    again = run(texts, kept).graph.specs["siglip"]
    assert again == replace(first, names=again.names)
    assert dict(again.names) == dict(first.names)
