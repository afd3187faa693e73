"""Answers `--help` as typer answered it before: arguments in, the kept text out, without importing typer again.

The text is never written here: it is what typer printed when the same was asked under the same circumstances, by the
same modules, on an equal terminal. Whatever of these is new is asked of typer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TYPE_CHECKING, Any

from chiasm import beside, console

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "help"
ASKING = ("--help", "-h")
DECIDING = (
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_",
    "LANGUAGE",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "TYPER",
    "_TYPER",
    "PYTHON",
)
"""Beginnings of the names of variables on which the words or their width may depend."""
MOST = 32
"""Answers that are kept."""


def is_asked(arguments: Sequence[str]) -> bool:
    """Whether all that is asked for is help: of the command, or of one verb."""
    *verb, last = arguments or ("",)
    return last in ASKING and len(verb) < 2 and not any(one.startswith("-") for one in verb)


def help_(arguments: Sequence[str], ask: Callable[[], Any]) -> None:
    """Prints the help that was asked for; `ask` has typer say it."""
    state, found = _state(), beside.kept(NAME)
    kept = found[1] if isinstance(found, tuple) and len(found) == 2 and found[0] == state else {}
    key = _circumstances(arguments)
    if isinstance(kept, dict) and isinstance(text := kept.get(key), str):
        sys.stdout.write(text)
        sys.stdout.flush()
        raise SystemExit(0)
    with _heard() as said:
        try:
            ask()
        except SystemExit as end:
            if end.code == 0 and (text := said.getvalue()):
                beside.keep(NAME, (state, {**dict(list(kept.items())[-MOST:]), key: text}))
            raise


def _circumstances(arguments: Sequence[str]) -> tuple[Any, ...]:
    """All that may make the same modules say it otherwise."""
    out = sys.stdout
    size = None
    with suppress(OSError, ValueError, AttributeError):
        size = tuple(os.get_terminal_size(sys.__stdout__.fileno()))  # type: ignore[union-attr]
    variables = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith(DECIDING)))
    module = getattr(sys.modules["__main__"], "__package__", None)
    return (
        tuple(arguments),
        sys.argv[0],
        module,
        size,
        out.isatty(),
        console.is_coloured(out),
        out.encoding,
        variables,
    )


def _state() -> tuple[Any, ...]:
    """What the modules look like that say it, ours and those that are installed: sizes and times."""
    own = os.path.dirname(__file__)  # noqa: PTH120, pathlib takes longer to import than this takes
    seen = [_looks(f"{own}/{name}.py") for name in ("verbs", "console", "exits", "__init__")]
    for library in ("typer", "click"):
        places = (_looks(f"{folder or '.'}/{library}/__init__.py") for folder in sys.path)
        seen.append(next(filter(None, places), None))
    return tuple(seen)


def _looks(path: str) -> tuple[str, int, int] | None:
    with suppress(OSError):
        state = os.stat(path)  # noqa: PTH116, likewise
        return path, state.st_size, state.st_mtime_ns
    return None


@contextmanager
def _heard() -> Iterator[StringIO]:
    """What is written to standard output meanwhile, while it is written."""
    said, out = StringIO(), sys.stdout
    write = out.write

    def both(text: str) -> int:
        said.write(text)
        return write(text)

    out.write = both  # type: ignore[method-assign]
    try:
        yield said
    finally:
        del out.write
