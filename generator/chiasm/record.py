"""`@record(frozen=True, slots=True)`: a frozen dataclass to whoever reads or checks the code, quick to make.

A frozen dataclass writes every field through `object.__setattr__`, which takes three times as long, and a page is a
thousand values. mypy, which sees the true one below, refuses an assignment to a field as before; only at run time
nothing stops it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool) -> Callable[[type], Any]:
        """A dataclass that is compared and hashed by its fields, as a frozen one is."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
