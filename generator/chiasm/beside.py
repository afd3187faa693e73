"""Keeps what follows from this package's code alone beside its bytecode: a name in, the plain value kept for it out.

Python compiles a module once and keeps that in `__pycache__`; here the same is done with what a module makes when it is
first used. The same holds, too: another interpreter keeps its own, a folder that cannot be written keeps nothing,
`PYTHONDONTWRITEBYTECODE` and `PYTHONPYCACHEPREFIX` are heard, and who may write there could as well write the bytecode.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from pathlib import Path
from typing import Any

MARK = f"chiasm {sys.version}\n".encode()
"""What a kept file begins with: another build of the interpreter may compile otherwise."""


def kept(name: str) -> object:
    """The value kept under a name; None where there is none, or it is damaged."""
    place = _place(name)
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        text = place.read_bytes() if place else b""
        return marshal.loads(text[len(MARK) :]) if text.startswith(MARK) else None  # noqa: S302, see above
    return None


def keep(name: str, value: Any) -> None:
    """Keep a value that is made of plain ones; where that cannot be, nothing is kept."""
    place = _place(name)
    if place is None or sys.dont_write_bytecode:
        return
    with contextlib.suppress(OSError, ValueError):
        partial = place.with_suffix(f".{os.getpid()}")
        partial.write_bytes(MARK + marshal.dumps(value))
        partial.replace(place)


def announces(group: str) -> bool:
    """Whether an installed package may have entry points of a group; importlib.metadata takes 30 ms to say so."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208, pathlib makes a path of each
        except NotADirectoryError:
            return True  # an archive: only importlib reads those
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                with contextlib.suppress(OSError):
                    if group.encode() in Path(folder, name, "entry_points.txt").read_bytes():
                        return True
    return False


def _place(name: str) -> Path | None:
    bytecode = __spec__.cached
    return Path(bytecode).with_name(f"{name}.{sys.implementation.cache_tag}.kept") if bytecode else None
