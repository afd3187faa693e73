"""The device that is measured: its own rates, a clock of events, and what is counted on it. With `dry`, the host."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchmarks.measure import sample
from benchmarks.workload import Contestant, Sample, Setting

CUDA, HOST = torch.device("cuda"), torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Site(Setting):
    """How a run was asked for, and where."""

    device: torch.device = HOST
    dry: bool = False
    """Tiny sizes on the host: every workload is run, nothing is measured."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Of this device in this run: `product`, FLOP a second; `copy`, bytes read and written a second."""

    def sized(self, real: Any, tiny: Any) -> Any:
        """A size, or its stand-in on the host."""
        return tiny if self.dry else real

    def randn(self, *shape: int) -> Tensor:
        """Values that no kernel is quicker with than with a user's."""
        return torch.randn(*shape, device=self.device, dtype=self.torch_dtype)

    def ids(self, vocabulary: int, *shape: int) -> Tensor:
        """Random tokens."""
        return torch.randint(3, vocabulary - 8, shape, device=self.device)


@dataclass(frozen=True)
class Timed(Contestant):
    """A contestant whose seconds are also given as shares of what the device could do."""

    ideal: Mapping[str, float] = field(default_factory=dict)
    """Metric (`MFU`, `HBM`) → seconds that one call would take at the device's own rate."""


def synchronize(device: torch.device) -> None:
    """Waits for the device; the host is never behind."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def clock(device: torch.device) -> Callable[..., dict[str, list[Sample]]]:
    """Times contestants round by round, in turns, by the device's events."""

    def timer(contestants: Sequence[Contestant], *, rounds: int, warmups: int = 1) -> dict[str, list[Sample]]:
        for contestant in contestants:
            for _ in range(max(warmups, 1) + 1):
                _sample(contestant, device)
        samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
        for index in range(rounds):
            first = index % max(len(contestants), 1)
            for contestant in (*contestants[first:], *contestants[:first]):
                samples[contestant.name].append(_sample(contestant, device))
        return samples

    return timer


def _sample(contestant: Contestant, device: torch.device) -> Sample:
    if device.type != "cuda":
        made = sample(contestant)
        return Sample(made.wall, made.cpu, _shares(contestant, made.wall) | {"peak GB": 1.0})
    contestant.reset()
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    host = time.process_time()
    start.record()
    result = contestant.run()
    end.record()
    end.synchronize()
    host = (time.process_time() - host) / contestant.calls
    del result
    seconds = start.elapsed_time(end) / 1e3 / contestant.calls
    peak = (torch.cuda.max_memory_allocated(device) - before) / 1e9
    return Sample(seconds, host, _shares(contestant, seconds) | {"peak GB": peak})


def _shares(contestant: Contestant, seconds: float) -> dict[str, float]:
    ideal = contestant.ideal if isinstance(contestant, Timed) else {}
    return {name: least / seconds for name, least in ideal.items()}


def rates(site: Site) -> dict[str, float]:
    """FLOP a second of a matrix product of random numbers, and bytes a second of a large copy."""
    size, elements = site.sized((8192, 2**31), (64, 2**16))
    a, b = site.randn(size, size), site.randn(size, size)
    source = torch.zeros(elements, dtype=torch.int8, device=site.device).random_(-8, 8)
    target = torch.empty_like(source)
    racing = [
        Contestant("product", "floor", lambda: a @ b),
        Contestant("copy", "floor", lambda: target.copy_(source)),
    ]
    samples = clock(site.device)(racing, rounds=10)
    work = {"product": 2 * size**3, "copy": 2 * elements}
    # The median: a share of it can be above one, a share of the best never says what is usual.
    return {name: work[name] / sorted(one.wall for one in found)[5] for name, found in samples.items()}


def kernels(call: Callable[[], Any], device: torch.device) -> Counter[str]:
    """Kernels (copies and fills among them) that a call launches, graphs' among them; nothing on the host."""
    found: Counter[str] = Counter()
    if device.type != "cuda":
        call()
        return found
    synchronize(device)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as run:
        call()
        synchronize(device)
    assert run.profiler is not None
    assert run.profiler.kineto_results is not None
    for event in run.profiler.kineto_results.events():
        if event.device_type().name == "CUDA":
            found[event.name()] += 1
    return found


def waits(call: Callable[[], Any], device: torch.device) -> int:
    """How often a call makes the host wait for the device."""
    if device.type != "cuda":
        call()
        return 0
    synchronize(device)
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            call()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(one.message) for one in said)
