"""What is measured: a workload names its figures and goals, and prepares the contestants that compete in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

Side = Literal["transformers", "chiasm", "floor"]
DTYPES: dict[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to be: `must` is the floor, `target` what the project is for; None: there is no such goal."""

    figure: str
    must: float | None
    target: float | None
    at_least: bool = True
    dtypes: tuple[str, ...] = ("fp32", "bf16")
    rests_on: str = ""
    """A flag of the processor without which the figure is reported, not claimed."""

    def verdict(self, value: float) -> str:
        """`target`, `must` or `missed`."""
        sign = 1 if self.at_least else -1
        goals = {"target": self.target, "must": self.must}
        return next(
            (name for name, goal in goals.items() if goal is not None and sign * value >= sign * goal), "missed"
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure of two contestants: the median over the rounds of what `over` took by what `under` took.

    A name with a star is the fastest of those whose names begin so. With `minus` the difference is taken.
    """

    figure: str
    over: str
    under: str
    metric: str = "wall"
    minus: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A figure of one contestant: the median of a metric."""

    figure: str
    of: str
    metric: str = "wall"
    scale: float = 1.0


VERSUS = (
    Ratio("× eager", "transformers", "chiasm*"),
    Ratio("× best", "transformers*", "chiasm*"),
    Ratio("eager × eager", "transformers", "chiasm"),
    Ratio("× eager, processor time", "transformers", "chiasm*", "cpu"),
    Ratio("× best, processor time", "transformers*", "chiasm*", "cpu"),
)
"""Figures of every race between models. Processor time says the same where the machine was busy with something else."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One timed run: seconds on the wall and of the process, and what else was measured."""

    wall: float
    cpu: float
    extra: Mapping[str, float] = field(default_factory=dict)

    def metric(self, name: str) -> float:
        """A measured number by name."""
        if name in ("wall", "cpu"):
            return self.wall if name == "wall" else self.cpu
        return self.extra[name]


def nothing() -> None:
    """The reset of a contestant that keeps no state."""


@dataclass(frozen=True)
class Contestant:
    """One way of doing the work. `run` is timed; with `own_clock` it times itself and returns a Sample."""

    name: str
    side: Side
    run: Callable[[], Any]
    reset: Callable[[], None] = nothing
    output: Callable[[Any], Tensor] | None = None
    """What is compared with the others, from what `run` returned; None: nothing to compare."""
    calls: int = 1
    """Units of work in a run: seconds are divided by it."""
    own_clock: bool = False


@dataclass(frozen=True)
class Contest:
    """Prepared contestants. The first is the reference that outputs are compared with."""

    contestants: Sequence[Contestant]
    exact: Callable[[], Tensor] | None = None
    """What the reference gives in double precision: judges contestants of half precision."""
    counts: Callable[[], Mapping[str, float]] | None = None
    """Figures that are counted, not timed."""
    ratios: Sequence[Ratio] = VERSUS
    values: Sequence[Value] = ()
    slow: bool = False
    """A call takes seconds, or a process of its own: comparing outputs is all the warm-up there is."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run was asked for."""

    dtype: str
    threads: int
    quick: bool
    compiled: bool
    folder: Path
    """Where references are saved; emptied at the end."""

    @property
    def torch_dtype(self) -> torch.dtype:
        """The precision of weights and activations."""
        return DTYPES[self.dtype]


@dataclass(frozen=True, slots=True)
class Workload:
    """Something a user does, at realistic widths."""

    name: str
    title: str
    prepare: Callable[[Any], Contest]
    """From the setting, or what extends it."""
    goals: tuple[Goal, ...] = ()
    dtypes: tuple[str, ...] = ("fp32", "bf16")
    quick: bool = False
    rounds: int | None = None
    """At most so many rounds, where one takes long."""
    unit: str = "ms"


@dataclass(frozen=True, slots=True)
class Missing:
    """A goal that nothing can be measured for yet, and why."""

    name: str
    reason: str
