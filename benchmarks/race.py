"""Runs one workload: prepares it, refuses who is wrong, times the others, judges the figures."""

from __future__ import annotations

import gc
import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch

from benchmarks import gate
from benchmarks.measure import Samples, chosen, interleaved, metrics, pairwise, spread
from benchmarks.result import Figure, Line, Result
from benchmarks.workload import Contest, Contestant, Goal, Setting, Workload


def race(
    workload: Workload,
    setting: Setting,
    *,
    rounds: int,
    flags: Sequence[str],
    timer: Callable[..., Samples] = interleaved,
) -> Result:
    """The workload's result; what goes wrong while preparing it is said in `failed`."""
    contest: Contest | None = None
    try:
        contest = workload.prepare(setting)
        return _result(workload, contest, setting, rounds, flags, timer)
    except Exception as error:  # noqa: BLE001 - one workload that cannot run must not end the suite
        traceback.print_exc()
        said = f"{type(error).__name__}: {error}"
        return Result(workload.name, workload.title, setting.dtype, 0, workload.unit, failed=said)
    finally:
        del contest
        torch._dynamo.reset()
        gc.collect()


def _result(
    workload: Workload,
    contest: Contest,
    setting: Setting,
    rounds: int,
    flags: Sequence[str],
    timer: Callable[..., Samples],
) -> Result:
    checked = gate.check(contest, half=setting.dtype == "bf16")
    out = gate.refused(checked)
    racing = [one for one in contest.contestants if one.name not in out]
    # Comparing outputs ran every contestant once: that, and one more call of what is quick, is the warm-up.
    samples = timer(racing, rounds=rounds, warmups=0 if contest.slow else 1)
    counted = contest.counts() if contest.counts else {}
    by_name = {one.name: one for one in checked}
    lines = [_line(one, samples, contest.contestants[0].name, by_name.get(one.name)) for one in contest.contestants]
    figures = [*_figures(contest, samples), *_counted(counted)]
    done = rounds if racing else 0
    result = Result(
        workload.name, workload.title, setting.dtype, done, workload.unit, lines, figures, note=contest.note
    )  # fmt: skip
    return judged(workload.goals, result, flags)


def _line(contestant: Contestant, samples: Samples, first: str, checked: gate.Checked | None) -> Line:
    error, allowed = (checked.error, checked.allowed) if checked else (None, None)
    error = None if error is None or math.isinf(error) else error
    if contestant.name not in samples:
        assert checked is not None
        said = checked.said or f"its output is wrong by {checked.error:.2g}, allowed are {checked.allowed:.2g}"
        return Line(contestant.name, contestant.side, error=error, allowed=allowed, refused=said)
    own = samples[contestant.name]
    wall, cpu = spread(metrics(own, "wall")), spread(metrics(own, "cpu"))
    ratio = pairwise(metrics(samples[first], "wall"), metrics(own, "wall")).median if first in samples else math.nan
    return Line(
        contestant.name, contestant.side, wall.median, wall.p10, wall.p90, wall.least, cpu.median, ratio, error, allowed
    )


def _figures(contest: Contest, samples: Samples) -> list[Figure]:
    figures = []
    for ratio in contest.ratios:
        over, under = chosen(ratio.over, samples), chosen(ratio.under, samples)
        if over is None or under is None:
            continue
        found = pairwise(metrics(samples[over], ratio.metric), metrics(samples[under], ratio.metric), minus=ratio.minus)
        figures.append(Figure(ratio.figure, found.median, found.p10, found.p90, f"{over} / {under}"))
    for value in contest.values:
        if (name := chosen(value.of, samples)) is not None:
            found = spread([value.scale * one for one in metrics(samples[name], value.metric)])
            figures.append(Figure(value.figure, found.median, found.p10, found.p90, name))
    return figures


def _counted(counted: Mapping[str, float]) -> list[Figure]:
    return [Figure(name, float(value)) for name, value in counted.items()]


def judged(goals: Sequence[Goal], result: Result, flags: Sequence[str]) -> Result:
    """The result with its figures held against these goals, whatever they were held against before."""
    wanted = {goal.figure: goal for goal in goals if result.dtype in goal.dtypes}
    return replace(result, figures=[_held(figure, wanted.get(figure.name), flags) for figure in result.figures])


def _held(figure: Figure, goal: Goal | None, flags: Sequence[str]) -> Figure:
    if goal is None:
        return replace(figure, must=None, target=None, at_least=True, verdict="", why="")
    lacks = goal.rests_on and goal.rests_on not in flags
    return replace(
        figure, must=goal.must, target=goal.target, at_least=goal.at_least,
        verdict="reported" if lacks else goal.verdict(figure.value),
        why=f"this processor has no {goal.rests_on}" if lacks else "",
    )  # fmt: skip


def together(name: str, results: Sequence[Result], goal: Goal, flags: Sequence[str]) -> list[Result]:
    """The geometric mean of `× eager` over the results whose names begin so: one result a precision, held to a goal."""
    made = []
    for dtype in dict.fromkeys(result.dtype for result in results):
        found = [r for r in results if r.dtype == dtype and r.name.startswith(f"{name}-")]
        values = [f.value for r in found for f in r.figures if f.name == "× eager"]
        if len(values) > 1:
            mean = Figure(goal.figure, math.exp(sum(math.log(value) for value in values) / len(values)))
            title = f"{len(values)} workloads together"
            made.append(judged([goal], Result(name, title, dtype, 0, "", figures=[mean]), flags))
    return made
