"""Times contestants: callables in, samples of interleaved rounds out, and the statistics of rounds."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.workload import Contestant, Sample

Samples = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, 10th and 90th percentile, and least of some numbers."""

    median: float
    p10: float
    p90: float
    least: float


def spread(numbers: Sequence[float]) -> Spread:
    """The statistics of at least one number."""
    return Spread(statistics.median(numbers), _percentile(numbers, 0.1), _percentile(numbers, 0.9), min(numbers))


def pairwise(over: Sequence[float], under: Sequence[float], *, minus: bool = False) -> Spread:
    """The ratio (or difference) of two contestants, round by round: what slows a whole round slows both."""
    return spread([a - b if minus else a / b for a, b in zip(over, under, strict=True)])


def _percentile(numbers: Sequence[float], share: float) -> float:
    """Linear between the two nearest ranks."""
    ordered = sorted(numbers)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def timed_call(call: Callable[[], Any]) -> Sample:
    """Seconds of a call, for contestants with their own clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Sample(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


def sample(contestant: Contestant) -> Sample:
    """One run, timed; garbage is collected before, never during."""
    contestant.reset()
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        result = contestant.run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    finally:
        gc.enable()
    if contestant.own_clock:
        assert isinstance(result, Sample)
        return result
    return Sample(wall / contestant.calls, cpu / contestant.calls)


def interleaved(contestants: Sequence[Contestant], *, rounds: int, warmups: int = 1) -> dict[str, list[Sample]]:
    """Samples of every contestant; each round runs all of them, and begins with another one."""
    for contestant in contestants:
        for _ in range(warmups):
            sample(contestant)
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
    for index in range(rounds):
        first = index % max(1, len(contestants))
        for contestant in (*contestants[first:], *contestants[:first]):
            samples[contestant.name].append(sample(contestant))
    return samples


def metrics(samples: Sequence[Sample], name: str) -> list[float]:
    """One metric of each sample."""
    return [one.metric(name) for one in samples]


def chosen(name: str, samples: Samples) -> str | None:
    """The contestant of that name; with a star the fastest of those whose names begin so; None: there is none."""
    if not name.endswith("*"):
        return name if name in samples else None
    found = [one for one in samples if one.startswith(name[:-1])]
    return min(found, key=lambda one: statistics.median(metrics(samples[one], "wall")), default=None)
