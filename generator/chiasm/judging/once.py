"""Remembers what follows from a value that cannot be hashed, by the value itself: as long as it is the same object."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
MOST = 512
"""Values of which something is remembered; beyond them it begins anew."""


def of_one(make: Callable[[S], T]) -> Callable[[S], T]:
    """The function, asked once for every object."""
    known: dict[int, tuple[S, T]] = {}

    @wraps(make)
    def once(value: S) -> T:
        # Holding the value keeps its number from being another's.
        if (found := known.get(id(value))) is not None:
            return found[1]
        if len(known) >= MOST:
            known.clear()
        made = make(value)
        known[id(value)] = (value, made)
        return made

    return once
