"""Regular expressions that are compiled when they are first used: what `re.compile` takes in, what it returns out.

Compiling one takes up to milliseconds, there are hundreds, and a page meets a part of them. So a pattern is written
where it belongs, at the top of its module, and costs nothing until a text asks for it; what was compiled is kept beside
the package's bytecode, so the next process need not compile it again.
"""

from __future__ import annotations

import atexit
import re
from array import array
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from chiasm import beside

try:
    import _sre  # type: ignore[import-not-found]
    from re import _compiler, _parser  # type: ignore[attr-defined]
except ImportError:  # another interpreter: what is public does
    _sre = None

NAME = "patterns"
MOST = 4_000
"""Patterns that are kept; when there are more, some are of modules that have changed."""

Code = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
"""What the compiler makes of a pattern: flags, code, groups, names of groups both ways."""


class _Lazily:
    """A pattern not compiled yet; whatever is asked of it first compiles it."""

    def __init__(self, source: str, flags: int) -> None:
        self.pattern, self._flags = source, flags
        self._made: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._made = self._made or _compiled(self.pattern, self._flags)
        made = getattr(self._made, name)
        # From now on the attribute is found without coming here.
        setattr(self, name, made)
        return made


def regex(source: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, but compiled when it is first used.

    For patterns that the code itself spells out, since they are kept; what is made from a page's words is none.
    """
    return cast("re.Pattern[str]", _Lazily(source, int(flags)))


def _compiled(source: str, flags: int) -> re.Pattern[str]:
    """The pattern, from what was kept where the interpreter takes that."""
    if _sre is None:
        return re.compile(source, flags)
    known = _known()
    try:
        if (source, flags) not in known:
            known[source, flags] = _code(source, flags)
        whole, code, groups, names, indices = known[source, flags]
        return cast("re.Pattern[str]", _sre.compile(source, whole, array("I", code).tolist(), groups, names, indices))
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError, OverflowError):
        # Nothing of this is public; what is, does the same.
        return re.compile(source, flags)


def _code(source: str, flags: int) -> Code:
    """What `re` makes of a pattern, before it becomes an object."""
    tree = _parser.parse(source, flags)
    code = array("I", _compiler._code(tree, flags))  # noqa: SLF001
    names: Mapping[str, int] = tree.state.groupdict
    indices: list[str | None] = [None] * tree.state.groups
    for name, index in names.items():
        indices[index] = name
    return int(flags | tree.state.flags), code.tobytes(), tree.state.groups - 1, dict(names), tuple(indices)


@cache
def _known() -> dict[tuple[str, int], Code]:
    """What is known of every pattern; what is new when the process ends is kept."""
    found = beside.kept(NAME)
    known: dict[tuple[str, int], Code] = found if isinstance(found, dict) else {}
    before = set(known)

    def keep() -> None:
        new = {key: code for key, code in known.items() if key not in before}
        if new:
            beside.keep(NAME, known if len(known) <= MOST else new)

    atexit.register(keep)
    return known
