"""Does the same for many things at once: a function and how many in, its results in order out.

Processes are forked, so what the function reads is shared and only its results are sent; where that is not possible,
or there is little to do, it runs here. The results are the same for any number of processes.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
FEWEST = 48
"""Below so many, starting processes takes longer than they save."""
SHARE = 16
"""How many a process takes at a time."""

_function: Callable[[int], Any] = int


def mapped(function: Callable[[int], T], count: int, workers: int = 0) -> list[T]:
    """`function(0)` to `function(count - 1)`, by so many processes; 0: one a processor."""
    global _function  # noqa: PLW0603, what forked processes inherit
    processes = min(workers or available(), -(-count // SHARE))
    if processes < 2 or count < FEWEST or not sys.platform.startswith("linux"):
        return [function(number) for number in range(count)]
    from multiprocessing import get_context  # noqa: PLC0415, only many pages need it

    _function = function
    try:
        with get_context("fork").Pool(processes) as pool:
            return pool.map(_called, range(count), SHARE)
    finally:
        _function = int


def available() -> int:
    """Processors that this process may use."""
    given = os.environ.get("CHIASM_WORKERS", "")
    if given.isdigit() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is looked for in the memory that a whole base fills: what is made meanwhile has no cycles worth it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _called(number: int) -> Any:
    return _function(number)
