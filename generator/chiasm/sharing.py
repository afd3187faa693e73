"""Shares work between processes: items and what makes a text of some of them in, the texts out, in the order of items.

Children are forked, so that all that is known by then costs nothing to hand over; texts come back through pipes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence

MOST = 8
"""Processes beyond which nothing is gained."""


def workers() -> int:
    """Processes that may run side by side; 1 where the system cannot fork safely."""
    return min(len(os.sched_getaffinity(0)), MOST) if sys.platform == "linux" else 1


def shared(work: Callable[[Sequence[str]], str], items: Sequence[str], count: int) -> list[str]:
    """What `work` makes of every share; this process does the first one, and those that a child could not finish."""
    size = -(-len(items) // max(count, 1))
    shares = [items[start : start + size] for start in range(0, len(items), size)]
    children = [_child(work, share) for share in shares[1:]]
    made = [work(shares[0])] if shares else []
    for (child, pipe), share in zip(children, shares[1:], strict=True):
        with os.fdopen(pipe, "rb") as file:
            data = file.read()
        done = os.waitpid(child, 0)[1] == 0
        made.append(data.decode() if done else work(share))
    return made


def _child(work: Callable[[Sequence[str]], str], share: Sequence[str]) -> tuple[int, int]:
    """A forked process that works on a share: its id and the pipe that it writes to."""
    source, target = os.pipe()
    child = os.fork()
    if child:
        os.close(target)
        return child, source
    code = 1
    with contextlib.suppress(BaseException):
        os.close(source)
        with os.fdopen(target, "wb") as file:
            file.write(work(share).encode())
        code = 0
    os._exit(code)
