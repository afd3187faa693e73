"""`@record(frozen=True, slots=True)`: a frozen dataclass to whoever reads or checks the code, quick to make.

A frozen dataclass writes every field through `object.__setattr__`, which takes three times as long, and a page is a
thousand values. Its methods are compiled from text when a module is imported, and there are 150 such classes: here only
`__init__` is. mypy, which sees the true one below, refuses an assignment to a field as before; only at run time nothing
stops it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool) -> Callable[[type], Any]:
        """A dataclass that is compared, hashed and shown by its fields, as a frozen one is."""

        def made(cls: type) -> type:
            whole = dataclasses.dataclass(cls, eq=False, repr=False, slots=slots)
            shown = [field.name for field in dataclasses.fields(whole) if field.repr]
            key = attrgetter(*[field.name for field in dataclasses.fields(whole) if field.compare])

            def same(self: object, other: object) -> bool:
                return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

            def hashed(self: object) -> int:
                return hash(key(self))

            def said(self: object) -> str:
                words = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
                return f"{self.__class__.__qualname__}({words})"

            methods = {"__eq__": same, "__repr__": said} | ({"__hash__": hashed} if frozen else {})
            for name, method in methods.items():
                if name not in cls.__dict__:
                    setattr(whole, name, method)
            return whole

        return made


__all__ = ["record"]
