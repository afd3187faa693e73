"""Shares work between processes: items and what makes bytes of some of them in, the bytes out, in the order of items.

Children are forked, so that all that is known by then costs nothing to hand over. Each process takes the next few items
when it has done its last ones, and puts what it made into a file of its own that has no name.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MOST = 8
"""Processes beyond which nothing is gained."""
NUMBER = 4
"""Bytes of a number between processes."""


class Spool:
    """Bytes that wait in a file without a name until they are asked for."""

    def __init__(self) -> None:
        import tempfile  # noqa: PLC0415, takes 7 ms, and few runs share anything out

        self._file, name = tempfile.mkstemp(prefix="chiasm-")
        Path(name).unlink()
        self._end = 0
        weakref.finalize(self, os.close, self._file)

    def put(self, data: bytes) -> tuple[int, int]:
        """Where these bytes are."""
        start, rest = self._end, memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._end += len(data)
        return start, len(data)

    def get(self, start: int, size: int) -> bytes:
        """The bytes of a place, as far as they were written."""
        return os.pread(self._file, size, start)


class Made(NamedTuple):
    """Where the bytes are that came of some items, in the file in which their maker may have put more."""

    spool: Spool
    start: int
    size: int

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.spool.get(self.start, self.size)


Work = Callable[[Sequence[str], Spool], bytes]


def workers() -> int:
    """Processes that may run side by side; 1 where the system cannot fork safely."""
    given = os.environ.get("CHIASM_WORKERS", "")
    if sys.platform != "linux":
        return 1
    return int(given) if given.isdigit() and int(given) else min(len(os.sched_getaffinity(0)), MOST)


def shared(work: Work, items: Sequence[str], count: int, *, size: int = 8, own: Spool | None = None) -> Iterator[Made]:
    """What `work` makes of every `size` items; this process takes part, and does what a child could not finish.

    What it makes itself goes into `own`, if one is given.
    """
    if not items:
        return
    blocks = [items[start : start + size] for start in range(0, len(items), size)]
    own, made = own or Spool(), dict[int, Made]()
    if count > 1 and len(blocks) > 1:
        queue = _queue(len(blocks))
        children = [_child(work, blocks, queue) for _ in range(min(count, len(blocks)) - 1)]
        made = {number: Made(own, *own.put(work(blocks[number], own))) for number in _taken(queue)}
        os.close(queue)
        for child, spool, index in children:
            os.waitpid(child, 0)
            made |= {number: Made(spool, *place) for number, place in _places(index)}
    for number, block in enumerate(blocks):
        yield made[number] if number in made else Made(own, *own.put(work(block, own)))


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is looked for in the memory that a whole base fills: what is made meanwhile has no cycles worth it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _queue(count: int) -> int:
    """The reading end of a pipe that holds these numbers; whoever reads one has it to himself."""
    source, target = os.pipe()
    numbers = b"".join(number.to_bytes(NUMBER, "little") for number in range(count))
    os.set_blocking(target, False)
    with contextlib.suppress(BlockingIOError):  # what a pipe cannot hold is done by this process in the end
        while numbers:
            numbers = numbers[os.write(target, numbers[:NUMBER]) :]
    os.close(target)
    return source


def _taken(queue: int) -> Iterator[int]:
    while data := os.read(queue, NUMBER):
        yield int.from_bytes(data, "little")


def _child(work: Work, blocks: Sequence[Sequence[str]], queue: int) -> tuple[int, Spool, Spool]:
    """A forked process that works on blocks: its id, what it made, and where there each block's bytes are."""
    spool, index = Spool(), Spool()
    child = os.fork()
    if child:
        return child, spool, index
    code = 1
    with contextlib.suppress(BaseException):
        for number in _taken(queue):
            start, size = spool.put(work(blocks[number], spool))
            index.put(b"".join(one.to_bytes(8, "little") for one in (number, start, size)))
        code = 0
    os._exit(code)


def _places(index: Spool) -> Iterator[tuple[int, tuple[int, int]]]:
    """The blocks that a child has finished, and where their bytes are."""
    data = index.get(0, 1 << 30)
    for at in range(0, len(data) - 23, 24):
        number, start, size = (int.from_bytes(data[at + place : at + place + 8], "little") for place in (0, 8, 16))
        yield number, (start, size)
