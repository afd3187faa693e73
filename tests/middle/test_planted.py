"""A wrong digit planted in any number that was proved is found; what is anchored is really held in place."""

from __future__ import annotations

import re

import pytest

from chiasm import anchors
from chiasm.judging.verdict import Verdict
from chiasm.span import Span
from chiasm.verdicts import judge
from tests.middle.base import run, run_shipped, shipped

JUDGED = ("statement", "parameters", "formula", "cell")


def proved() -> list[Verdict]:
    """Proved numbers of linked prose, parameter rows, formulas and comparison cells, as far as they are digits."""
    return [
        verdict
        for verdict in judge(run_shipped().graph)
        if verdict.outcome == "proved" and verdict.subject in JUDGED and re.search(r"\d", marked(verdict.span))
    ]


def marked(span: Span) -> str:
    return shipped()[span.path].split("\n")[span.line - 1][span.column - 1 : span.end - 1]


def planted(span: Span) -> dict[str, str]:
    """The shipped base with the first digit at a place changed."""
    lines = shipped()[span.path].split("\n")
    line = lines[span.line - 1]
    at = span.column - 1 + next(i for i, character in enumerate(line[span.column - 1 :]) if character.isdigit())
    lines[span.line - 1] = line[:at] + str((int(line[at]) + 3) % 9 + 1) + line[at + 1 :]
    return {**shipped(), span.path: "\n".join(lines)}


def findings_of(span: Span) -> list[str]:
    """New errors in the page where the digit was changed."""
    before = {(item.rule, item.span.path, item.message) for item in run_shipped().found}
    return [
        f"{item.rule} {item.span}"
        for item in run(planted(span)).found
        if item.severity == "error" and (item.rule, item.span.path, item.message) not in before
    ]


def missed(spans: list[Span]) -> list[str]:
    return [f"{span} {marked(span)}" for span in spans if not findings_of(span)]


def test_a_wrong_digit_is_found() -> None:
    spans = [verdict.span for verdict in proved()]
    assert len(spans) > 100
    assert not missed(spans[::29])


@pytest.mark.slow
def test_a_wrong_digit_is_found_anywhere() -> None:
    assert not missed([verdict.span for verdict in proved()])


def anchored() -> list[Span]:
    """Cells of anchored whole numbers; words and epsilons are changed by other tests."""
    return [
        base.fact.cell.span
        for base in anchors.bases(run_shipped().graph)
        if base.anchored and re.fullmatch(r"\d[\d,]*", base.fact.cell.text)
    ]


def test_an_anchored_value_is_held() -> None:
    spans = anchored()
    assert len(spans) > 50
    assert not missed(spans[::17])


@pytest.mark.slow
def test_every_anchored_value_is_held() -> None:
    assert not missed(anchored())


def test_the_share_of_anchored_values_counts_each_value_once() -> None:
    graph = run_shipped().graph
    held, total = anchors.share(graph)
    assert 0 < held < total == len({base.fact.cell.span for base in anchors.bases(graph)})
