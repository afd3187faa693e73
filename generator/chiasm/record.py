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
            whole = dataclasses.dataclass(cls, init=False, eq=False, repr=False, slots=slots)

            def first(self: object, *values: object, **named: object) -> None:
                # Most classes of a run make nothing: only those that do have their `__init__` compiled.
                whole.__init__ = _init(whole)
                whole.__init__(self, *values, **named)

            whole.__init__ = first
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

    def _init(cls: type) -> Callable[..., None]:
        """What takes the fields of a class in their order, or by name."""
        known: dict[str, object] = {"MISSING": dataclasses.MISSING}
        given, body = ["self"], []
        for one in dataclasses.fields(cls):
            name = one.name
            if one.default_factory is not dataclasses.MISSING:
                known[f"new_{name}"] = one.default_factory
                value = f"new_{name}() if {name} is MISSING else {name}" if one.init else f"new_{name}()"
                given += [f"{name}=MISSING"] if one.init else []
            elif one.default is not dataclasses.MISSING:
                known[f"default_{name}"] = one.default
                value = name if one.init else f"default_{name}"
                given += [f"{name}=default_{name}"] if one.init else []
            elif one.init:
                value = name
                given.append(name)
            else:
                continue
            body.append(f"    self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append("    self.__post_init__()")
        exec(f"def __init__({', '.join(given)}):\n" + "\n".join(body or ["    pass"]), known)  # noqa: S102, as dataclasses do
        made: Callable[..., None] = known["__init__"]
        made.__qualname__ = f"{cls.__qualname__}.__init__"
        return made


__all__ = ["record"]
