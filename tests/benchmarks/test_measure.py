"""Statistics of rounds, the order of turns, which contestant is the fastest."""

from __future__ import annotations

import gc

import pytest
from benchmarks.measure import chosen, interleaved, metrics, pairwise, sample, spread
from benchmarks.workload import Contestant, Goal, Sample


def clocked(name: str, seconds: list[float], log: list[str] | None = None) -> Contestant:
    """A contestant whose runs take the given seconds, by its own clock."""
    left = iter(seconds)

    def run() -> Sample:
        if log is not None:
            log.append(name)
        return Sample(next(left), 0.0)

    return Contestant(name, "chiasm", run, own_clock=True)


def test_spread_of_known_numbers() -> None:
    found = spread([3.0, 1.0, 2.0, 5.0, 4.0])
    assert (found.median, found.least) == (3.0, 1.0)
    assert (found.p10, found.p90) == pytest.approx((1.4, 4.6))
    assert spread([7.0]) == spread([7.0, 7.0])
    assert spread([7.0]).p10 == spread([7.0]).p90 == 7.0


def test_a_slow_round_slows_both_and_changes_no_ratio() -> None:
    over, under = [2.0, 20.0, 2.2], [1.0, 10.0, 1.1]
    assert pairwise(over, under).median == pairwise(over, under).p90 == pytest.approx(2.0)
    assert pairwise(over, under, minus=True).median == pytest.approx(1.1)


def test_turns_are_taken_and_each_begins_a_round() -> None:
    log: list[str] = []
    racing = [clocked(name, [1.0] * 9, log) for name in "abc"]
    samples = interleaved(racing, rounds=3, warmups=1)
    assert "".join(log) == "abc" + "abc" + "bca" + "cab"
    assert {name: len(found) for name, found in samples.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_star_is_the_fastest_of_those_that_begin_so() -> None:
    samples = {
        "transformers": [Sample(2.0, 0.0)],
        "transformers static": [Sample(1.0, 0.0)],
        "chiasm": [Sample(0.5, 0.0)],
    }
    assert chosen("transformers*", samples) == "transformers static"
    assert chosen("transformers", samples) == "transformers"
    assert chosen("floor", samples) is None
    assert chosen("floor*", samples) is None


def test_a_run_is_reset_before_and_divided_by_its_calls() -> None:
    log: list[str] = []
    runner = Contestant("x", "chiasm", lambda: log.append("run"), lambda: log.append("reset"), calls=4)
    found = sample(runner)
    assert log == ["reset", "run"]
    assert gc.isenabled()
    assert 0 <= found.wall < 60


def test_metrics_are_the_clocks_and_what_else_was_measured() -> None:
    samples = [Sample(1.0, 2.0, {"MB": 3.0})]
    assert [metrics(samples, name) for name in ("wall", "cpu", "MB")] == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (2.0, True, "target"),
        (1.9, True, "must"),
        (1.4, True, "missed"),
        (1.5, True, "must"),
        (1.0, False, "target"),
        (1.5, False, "target"),
        (1.9, False, "must"),
        (2.1, False, "missed"),
    ],
)
def test_a_goal_is_held_from_its_side(value: float, at_least: bool, verdict: str) -> None:
    goal = Goal("x", 1.5, 2.0) if at_least else Goal("x", 2.0, 1.5, at_least=False)
    assert goal.verdict(value) == verdict


def test_a_goal_may_have_no_target_or_no_floor() -> None:
    assert [Goal("x", 1.5, None).verdict(value) for value in (9.0, 1.4)] == ["must", "missed"]
    assert [Goal("x", None, 2.0).verdict(value) for value in (2.0, 1.9)] == ["target", "missed"]
