"""Refuses contestants whose outputs differ: speed counts only for the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.workload import Contest, Contestant

RELATIVE, ABSOLUTE = 2e-5, 1e-5
"""Single precision: largest difference from the reference, of the reference's largest value, and besides."""
WORSE = 1.1
"""Half precision: error against double precision, in errors of the reference."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a contestant's output is from what it should be, and how far it may be."""

    name: str
    error: float
    allowed: float
    said: str = ""
    """What it raised instead of giving an output."""

    @property
    def passed(self) -> bool:
        """False also where there is no number."""
        return not self.said and self.error <= self.allowed


def check(contest: Contest, *, half: bool) -> list[Checked]:
    """Runs every contestant once and compares what can be compared with the first of them.

    Raises:
        ValueError: in half precision, where the contest has no exact output to judge by.
    """
    racing = [one for one in contest.contestants if one.output is not None]
    if not racing:
        return []
    if half and contest.exact is None:
        raise ValueError("half precision is judged by double precision, and this contest has no exact output")
    reference = output(racing[0])
    exact = contest.exact().detach() if half and contest.exact else None
    return [_compared(one, reference, exact) for one in racing[1:]]


def output(contestant: Contestant) -> Tensor:
    """What it gives, as a detached tensor of its own."""
    assert contestant.output is not None
    contestant.reset()
    return contestant.output(contestant.run()).detach().clone()


def refused(checked: Sequence[Checked]) -> set[str]:
    """Names of contestants that may not race."""
    return {one.name for one in checked if not one.passed}


def _compared(contestant: Contestant, reference: Tensor, exact: Tensor | None) -> Checked:
    try:
        given = output(contestant)
        if given.shape != reference.shape:
            shapes = f"{tuple(given.shape)}, the reference {tuple(reference.shape)}"
            return Checked(contestant.name, float("inf"), 0.0, f"its output is {shapes}")
    except Exception as error:  # noqa: BLE001 - whatever a contestant raises, the others still race
        return Checked(contestant.name, float("inf"), 0.0, f"{type(error).__name__}: {error}"[:300])
    if exact is None:
        allowed = RELATIVE * float(reference.abs().max()) + ABSOLUTE
        return Checked(contestant.name, float((given - reference).abs().max()), allowed)
    ours, theirs = (float(torch.linalg.vector_norm(x.double() - exact.double())) for x in (given, reference))
    return Checked(contestant.name, ours, WORSE * theirs)
