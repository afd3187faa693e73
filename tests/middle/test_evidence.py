"""Excerpts are read strictly, and their values reach the verdicts."""

from __future__ import annotations

import pytest

from chiasm.evidence import excerpts
from chiasm.judging.released import comparisons, sizes
from chiasm.source import Source
from tests.middle.base import run_shipped

PATH = "knowledge/evidence/x.json"
HEAD = '"origin": "https://example.org", "accessed": "2026-11-21", "system": "demo"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "this is no JSON object"),
        ('{"origin": "x", "accessed": "2026-11-21"}', "the excerpt does not say its `system`"),
        (f'{{{HEAD}, "config": {{"dim": 1, "dim": 2}}}}', "key 'dim' twice"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_excerpt_is_reported(text: str, message: str) -> None:
    found, wrong = excerpts({PATH: Source(PATH, text, "")})
    assert not found
    assert [(item.rule, message in item.message) for item in wrong] == [("bad-evidence", True)]


def test_nested_keys_become_dotted_and_keep_their_line() -> None:
    index = '"index": {"total_size": 8, "tensors": {"w": [2, 2]}}'
    text = f'{{{HEAD},\n"config": {{"a": {{"b": 1}},\n"c.d": [1, 2]}},\n{index}}}'
    (excerpt,), wrong = excerpts({PATH: Source(PATH, text, "")})
    assert not wrong
    assert dict(excerpt.config) == {"a.b": 1, "c.d": [1, 2]}
    assert (excerpt.span("a.b").line, excerpt.span("c.d").line, excerpt.span("total_size").line) == (2, 3, 4)
    assert (excerpt.total_size, excerpt.tensors["w"]) == (8, (2, 2))


def test_the_shipped_excerpts_agree() -> None:
    graph = run_shipped().graph
    compared = [item for spec in graph.specs.values() for item in comparisons(graph, spec)]
    agreed = [item for item in compared if item.agrees]
    assert len(agreed) > 50
    assert len(agreed) == len(compared)
    fits = [size for spec in graph.specs.values() for size in sizes(graph, spec) if size.agrees]
    assert {(size.spec.system, size.variant) for size in fits} >= {("qwen3-vl", "8b")}
